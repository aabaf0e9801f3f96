"""The entries of one kind: a list, the form of the one that is chosen, and its earlier texts."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.entry_form import EntryForm
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.inquiry import Entry, kind

__all__ = ["EntryEditor"]

_NEW = "new"


class EntryEditor(w.VBox):
    """Write, change, delete and bring back the entries of a kind.

    Parameters
    ----------
    desk : Desk
    kind_id : str
    only : sequence of str, optional
        Fields of the form.
    fixed : dict, optional
        Fields that new entries get and that choose which entries are listed.
    title : callable, optional
        What an entry is called in the list.
    """

    def __init__(
        self,
        desk: Desk,
        kind_id: str,
        only: tuple[str, ...] | None = None,
        fixed: dict[str, Any] | None = None,
        title: Callable[[Entry], str] = lambda e: e.title,
    ):
        self.desk, self.kind, self.fixed, self._title = desk, kind(kind_id), dict(fixed or {}), title
        self.message, self._filling, self._gone = Message(), False, None
        self.list = w.Select(
            description=self.kind.many[:1].upper() + self.kind.many[1:],
            style={"description_width": "9rem"},
            layout=w.Layout(width="auto", max_width="46rem"),
        )
        self.form = EntryForm(desk, kind_id, only, fixed, self._after_save)
        self.delete = w.Button(description="Delete", layout=w.Layout(width="auto"))
        self.undo = w.Button(description="Bring back what was deleted", layout=w.Layout(width="auto", display="none"))
        self.new = w.Button(description=f"New {self.kind.name}", button_style="primary", layout=button_layout("9rem"))
        self.earlier = w.Button(description="Earlier texts", layout=w.Layout(width="auto"))
        self.texts = w.HTML()
        for button, action in (
            (self.delete, self._delete),
            (self.undo, self._undo),
            (self.new, self._begin),
            (self.earlier, self._show_earlier),
        ):
            button.on_click(guarded(self.message, action))
        self.list.observe(guarded(self.message, self._chosen), "value")
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        buttons = w.HBox([self.new, self.delete, self.earlier, self.undo], layout=w.Layout(flex_flow="row wrap"))
        super().__init__([look(), self.list, buttons, self.message, self.form, self.texts])
        self.refresh()

    def refresh(self) -> None:
        """List what is there now, keeping what is chosen."""
        options = [(self._title(e), e.id) for e in self.desk.entries(self.kind.id, **self.fixed)]
        options.append((f"+ new {self.kind.name}", _NEW))
        if list(self.list.options) == options:
            return
        chosen = self.form.entry.id if self.form.entry else _NEW
        self._filling = True
        try:
            self.list.options = options
            self.list.rows = min(8, max(2, len(options)))
            self.list.value = chosen if chosen in [v for _, v in options] else _NEW
        finally:
            self._filling = False
        if self.list.value == _NEW and self.form.entry is not None:
            self.form.show(None)

    def choose(self, entry: Entry) -> None:
        """Choose an entry of the list."""
        self.refresh()
        self.list.value = entry.id

    def _after_save(self, entry: Entry) -> None:
        self.refresh()
        self._filling = True
        try:
            if entry.id in [v for _, v in self.list.options]:
                self.list.value = entry.id
        finally:
            self._filling = False

    def _chosen(self) -> None:
        if self._filling:
            return
        self.message.clear()
        self.texts.value = ""
        self.form.show(None if self.list.value in (_NEW, None) else self.desk.require_project().get(self.list.value))

    def _begin(self) -> None:
        self.desk.require_project()
        self.list.value = _NEW
        self.form.show(None)
        self.texts.value = ""

    def _delete(self) -> None:
        if self.form.entry is None:
            self.message.say(f"Choose a {self.kind.name} in the list first.")
            return
        entry = self.desk.require_project().get(self.form.entry.id)
        self._gone = self.desk.delete(entry)
        self.undo.layout.display = ""
        self.message.say(f"Deleted: {entry.title}. Its texts are kept.")

    def _undo(self) -> None:
        if self._gone is not None:
            entry = self.desk.restore(self._gone)
            self._gone, self.undo.layout.display = None, "none"
            self.choose(entry)

    def _show_earlier(self) -> None:
        if self.form.entry is None:
            self.message.say(f"Choose a {self.kind.name} in the list first.")
            return
        lines = []
        for r in reversed(self.desk.require_project().history(self.form.entry)):
            said = "; ".join(f"{self.kind.fields[n].label}: {_words(v)}" for n, v in r.fields.items()
                             if n in self.kind.fields)  # fmt: skip
            deed = "deleted by" if r.deleted else "written by"
            lines.append(f"<li><b>{escape(r.at[:16].replace('T', ' '))}</b>, {deed} {escape(r.author)}: "
                         f"{escape(said)}</li>")  # fmt: skip
        self.texts.value = styled(f"<p>Earlier texts, the latest first (times in UTC):</p><ol>{''.join(lines)}</ol>")


def _words(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
