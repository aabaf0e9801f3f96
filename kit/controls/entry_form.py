"""A form for one entry: each field is saved when it is left; two people's texts are shown side by side."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.fields import field_widget, read, refill, show
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.errors import InputError
from kit.inquiry import Conflict, ConflictError, Entry, kind

__all__ = ["EntryForm"]


class EntryForm(w.VBox):
    """The fields of one entry.

    A new entry is saved as soon as what it needs is there; from then on each field is saved when it is left, so that
    a browser that closes loses at most the field that is being written.

    Parameters
    ----------
    desk : Desk
    kind_id : str
    only : sequence of str, optional
        The fields to show, in this order; all that a person may fill if left out.
    fixed : dict, optional
        Fields that every new entry gets and the form does not show.
    on_saved : callable, optional
        Is given the entry after each save.
    """

    def __init__(
        self,
        desk: Desk,
        kind_id: str,
        only: tuple[str, ...] | None = None,
        fixed: dict[str, Any] | None = None,
        on_saved: Callable[[Entry], None] = lambda _: None,
    ):
        self.desk, self.kind, self.fixed, self._on_saved = desk, kind(kind_id), dict(fixed or {}), on_saved
        shown = only or tuple(n for n, f in self.kind.fields.items() if not f.kept and f.type != "time")
        self.fields = {n: self.kind.fields[n] for n in shown if n not in self.fixed}
        self.entry: Entry | None = None
        self.message, self.conflict = Message(), w.VBox()
        self._filling = False
        there = self._there()
        self.widgets = {n: field_widget(f, there) for n, f in self.fields.items()}
        for name, widget in self.widgets.items():
            widget.observe(guarded(self.message, lambda n=name: self._left(n)), "value")
        desk.observe(guarded(self.message, self._others), ["saves", "project"])
        super().__init__([look(), *self.widgets.values(), self.message, self.conflict])

    def show(self, entry: Entry | None) -> None:
        """Show an entry, or an empty form for a new one."""
        self.entry, self.conflict.children = entry, ()
        self.message.clear()
        self._fill()

    def save(self) -> None:
        """Save what stands in the form."""
        self._save(tuple(self.fields))

    def _there(self) -> dict[str, list[Entry]]:
        wanted = {k for f in self.fields.values() for k in f.of}
        if "*" in wanted:
            every: dict[str, list[Entry]] = {}
            for e in self.desk.project.entries() if self.desk.project else ():
                every.setdefault(e.kind, []).append(e)
            return every
        return {k: self.desk.entries(k) for k in wanted}

    def _fill(self) -> None:
        self._filling = True
        try:
            for name, field in self.fields.items():
                show(self.widgets[name], field, self.entry[name] if self.entry else None)
        finally:
            self._filling = False

    def _left(self, name: str) -> None:
        """A field was left: save it, or the new entry once it has what it needs."""
        if self._filling:
            return
        if self.entry is not None:
            self._save((name,))
        elif all(read(self.widgets[n], f) is not None for n, f in self.fields.items() if f.required):
            self._save(tuple(self.fields))
        else:
            needed = ", ".join(f.label for f in self.fields.values() if f.required)
            self.message.say(f"Not saved yet. Needed first: {needed}.")

    def _save(self, names: tuple[str, ...]) -> None:
        given = {n: read(self.widgets[n], self.fields[n]) for n in names}
        try:
            if self.entry is None:
                filled = {n: v for n, v in given.items() if v is not None}
                self.entry = self.desk.add(self.kind.id, **self.fixed, **filled)
            else:
                self.entry = self.desk.update(self.entry, **given)
        except ConflictError as error:
            self._both(error)
            return
        except InputError:
            if self.entry is not None and len(names) == 1:
                self.message.clear()
            raise
        self.conflict.children = ()
        self.message.say(f"Saved at {self.entry.at[11:16]} (UTC) by {self.entry.author}.")
        self._on_saved(self.entry)

    def _others(self) -> None:
        """Someone saved something: offer what is there now; a text that is not mine is taken over if I am not in it."""
        there = self._there()
        self._filling = True
        try:
            for name, field in self.fields.items():
                if field.of:
                    refill(self.widgets[name], field, there)
        finally:
            self._filling = False
        if self.desk.project is None:
            self.show(None)

    def _both(self, error: ConflictError) -> None:
        """Show both texts; nothing is saved until someone chooses."""
        self.message.fail(error)
        if error.current.deleted:
            again = w.Button(description="Bring it back", layout=button_layout("0rem"))
            again.on_click(guarded(self.message, lambda: self._take(self.desk.restore(error.current))))
            self.conflict.children = (again,)
            return
        self.conflict.children = tuple(self._choice(c, error.current) for c in error.conflicts)

    def _choice(self, conflict: Conflict, current: Entry) -> w.Widget:
        texts = [
            w.HTML(styled(f"<b>{escape(who)}</b><br>{escape(_words(text))}"))
            for who, text in ((f"{conflict.label}, yours", conflict.mine), (f"by {current.author}", conflict.theirs))
        ]
        options = [("Keep mine", conflict.mine), (f"Keep {current.author}'s", conflict.theirs)]
        if all(isinstance(v, str) for v in (conflict.mine, conflict.theirs)):
            options.append(("Put both together", f"{conflict.theirs}\n{conflict.mine}"))
        buttons = []
        for words, value in options:
            button = w.Button(description=words, layout=w.Layout(width="auto"))
            button.on_click(guarded(self.message, lambda v=value: self._resolve(conflict, current, v)))
            buttons.append(button)
        return w.VBox([w.HBox(texts, layout=w.Layout(grid_gap="2rem")), w.HBox(buttons)])

    def _resolve(self, conflict: Conflict, current: Entry, value: Any) -> None:
        self._take(self.desk.update(current, **{conflict.field: value}))
        self.message.say(f"Saved; the other text is kept among the earlier ones of this {self.kind.name}.")

    def _take(self, entry: Entry) -> None:
        self.entry, self.conflict.children = entry, ()
        self._fill()
        self._on_saved(entry)


def _words(value: Any) -> str:
    if value is None:
        return "(empty)"
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
