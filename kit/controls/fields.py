"""A widget for each type of a form's field, and the words in it as the store keeps them."""

from __future__ import annotations

from datetime import date

import ipywidgets as w

from kit.errors import KitError
from kit.inquiry import Entry, Field

__all__ = ["field_widget", "read", "refill", "show"]

_LABEL = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")
_EMPTY = ("–", None)


def field_widget(field: Field, entries: dict[str, list[Entry]]) -> w.Widget:
    """Return the widget of a field.

    Parameters
    ----------
    field : Field
    entries : dict of str to list of Entry
        The entries of the project by kind, for a field that points to some.
    """
    about = {"description": field.label + (" *" if field.required else ""), "style": _LABEL, "layout": _WIDE}
    about |= {"tooltip": field.help or field.label}
    writing = {"placeholder": field.help, "continuous_update": False}
    if field.type in ("text", "lines"):
        return w.Textarea(rows=2 if field.type == "text" else 3, **about, **writing)
    if field.type == "date":
        return w.DatePicker(**about)
    if field.type == "yesno":
        return w.Dropdown(options=[_EMPTY, ("yes", True), ("no", False)], value=None, **about)
    if field.type == "choice":
        return w.Dropdown(options=[_EMPTY, *((c, c) for c in field.choices)], value=None, **about)
    if field.type == "one":
        return w.Dropdown(options=[_EMPTY, *_options(field, entries)], value=None, **about)
    if field.type == "many":
        options = _options(field, entries)
        return w.SelectMultiple(options=options, rows=min(5, max(2, len(options))), **about)
    return w.Text(**about, **writing)


def _options(field: Field, entries: dict[str, list[Entry]]) -> list[tuple[str, str]]:
    kinds = entries if "*" in field.of else field.of
    return [(e.title, e.id) for k in kinds for e in entries.get(k, ())]


def refill(widget: w.Widget, field: Field, entries: dict[str, list[Entry]]) -> None:
    """Offer the entries that are there now, keeping what is chosen."""
    options = _options(field, entries)
    if field.type == "one":
        if list(widget.options) != (new := [_EMPTY, *options]):
            held = widget.value
            widget.options = new
            widget.value = held if held in [v for _, v in new] else None
    elif field.type == "many" and list(widget.options) != options:
        held = [v for v in widget.value if v in [i for _, i in options]]
        widget.options, widget.value = options, held


def read(widget: w.Widget, field: Field) -> object:
    """Return what stands in a widget as the store takes it; None where it is empty.

    Raises
    ------
    KitError
        If a number is none.
    """
    value = widget.value
    if field.type in ("number", "count"):
        text = str(value).strip().replace(",", "" if field.type == "count" else ".")
        if not text:
            return None
        try:
            return int(text) if field.type == "count" else float(text.rstrip("%").strip())
        except ValueError:
            raise KitError(
                f"«{value}» is not a number", where=field.label, mend="Write digits, such as 12.5."
            ) from None
    if field.type == "lines":
        return [line.strip() for line in value.split("\n") if line.strip()] or None
    if field.type == "many":
        return list(value) or None
    if field.type == "date":
        return value.isoformat() if value else None
    if isinstance(value, str):
        return value.strip() or None
    return value


def show(widget: w.Widget, field: Field, value: object) -> None:
    """Put what the store holds into a widget."""
    if field.type == "lines":
        widget.value = "\n".join(value or ())
    elif field.type == "many":
        there = [v for _, v in widget.options]
        widget.value = [v for v in value or () if v in there]
    elif field.type == "date":
        widget.value = date.fromisoformat(value) if value else None
    elif field.type == "one":
        widget.value = value if value in [v for _, v in widget.options] else None
    elif field.type in ("yesno", "choice"):
        widget.value = value
    elif field.type in ("number", "count"):
        widget.value = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    else:
        widget.value = "" if value is None else str(value)
