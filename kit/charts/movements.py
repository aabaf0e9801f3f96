"""How many schools moved clearly on each measure: a table whose cells are bars, so that it is its own table twin."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.words import count
from kit.language import _
from kit.measures.registry import measures

__all__ = ["movements"]

_SAID = ("improved", "worsened", "no clear change", "too small to say")


def movements(glance: Derived | Rows, *, caption: str) -> str:
    """Return for each measure how many schools are clearly better, clearly worse, unclear, or too small to say.

    Measures without an interval (means, percentiles) and those without an earlier year are left out.

    Parameters
    ----------
    glance : Derived or Rows
        Rows of ``kit.compare.at_a_glance`` of the schools.
    caption : str

    Returns
    -------
    str
        HTML; empty where no measure can be compared.
    """
    tally: dict[str, dict[str, int]] = {}
    for r in rows(glance):
        if r["change_class"] in _SAID:
            of = tally.setdefault(r["measure"], {})
            of[r["change_class"]] = of.get(r["change_class"], 0) + 1
    found = [m for m in measures().values() if m.id in tally and set(tally[m.id]) - {"too small to say"}]
    if not found:
        return ""
    heads = (_("Measure"), _("Clearly better"), _("Clearly worse"), _("No clear change"), _("Too few to say"))
    most = max(max(tally[m.id].get(k, 0) for k in _SAID[:2]) for m in found) or 1
    body = "".join(
        f'<tr role="row"><th role="rowheader" scope="row"><a href="#def-{m.id}">{escape(m.short)}</a></th>'
        + "".join(_cell(tally[m.id], kind, most, head) for kind, head in zip(_SAID, heads[1:], strict=True))
        + "</tr>"
        for m in found
    )
    head = "".join(f'<th role="columnheader" scope="col">{escape(text)}</th>' for text in heads)
    return (
        f'<table role="table" class="movements"><caption>{escape(caption)}</caption><thead role="rowgroup">'
        f'<tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )


def _cell(of: Mapping[str, int], kind: str, most: int, head: str) -> str:
    number_of = of.get(kind, 0)
    bar = ""
    if kind in ("improved", "worsened") and number_of:
        bar = f'<span class="bar {kind}" style="width:{5 * number_of / most:.2f}rem"></span> '
    return f'<td role="cell" data-label="{escape(head)}">{bar}{count(number_of)}</td>'
