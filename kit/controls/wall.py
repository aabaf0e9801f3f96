"""The affinity wall as a room uses it: a note with Enter, a note to its group with one click."""

from __future__ import annotations

from html import escape

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, guarded, look, styled
from kit.inquiry import Entry

__all__ = ["Wall"]

_LABEL = {"style": {"description_width": "9rem"}, "layout": w.Layout(width="auto", max_width="46rem")}
_LOOSE = "Not yet grouped"


class Wall(w.VBox):
    """Write notes and headings one after another, and put each note under a heading.

    Parameters
    ----------
    desk : Desk
    """

    def __init__(self, desk: Desk):
        self.desk, self.message, self._filling = desk, Message(), False
        held = {"continuous_update": False, **_LABEL}
        self.wall = w.Combobox(
            description="Wall", placeholder="The question that the notes answer; may be left empty", **held
        )
        self.note = w.Text(description="New note", placeholder="Write it and press Enter", **held)
        self.heading = w.Text(description="New heading", placeholder="Write it and press Enter", **held)
        self.rows = w.VBox()
        self._rows: dict[str, tuple[w.HTML, w.ToggleButtons, w.HBox]] = {}
        self.note.observe(guarded(self.message, lambda: self._add(self.note, "note", "text")), "value")
        self.heading.observe(guarded(self.message, lambda: self._add(self.heading, "note_group", "title")), "value")
        self.wall.observe(guarded(self.message, self.refresh), "value")
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        super().__init__([look(), self.wall, self.note, self.heading, self.message, self.rows])
        guarded(self.message, self.refresh)()

    def refresh(self) -> None:
        """Show the notes of the wall that is named (all where none is), each with its group."""
        notes, groups = self.desk.entries("note"), self.desk.entries("note_group")
        self.wall.options = tuple(dict.fromkeys(e["wall"] for e in (*notes, *groups) if e["wall"]))
        named = self.wall.value.strip()
        here = [n for n in notes if not named or n["wall"] == named]
        headings = [(g["title"], g.id) for g in groups if not named or g["wall"] == named]
        self._filling = True
        try:
            self._rows = {n.id: self._row(n, headings) for n in here}
        finally:
            self._filling = False
        self.rows.children = [row for _, _, row in self._rows.values()]

    def move(self, note_id: str, group_id: str | None) -> None:
        """Put a note under a heading, or under none."""
        note = self.desk.require_project().get(note_id)
        if note["group"] != group_id:
            self.desk.update(note, group=group_id)

    def _row(self, note: Entry, headings: list[tuple[str, str]]) -> tuple[w.HTML, w.ToggleButtons, w.HBox]:
        options = [(_LOOSE, ""), *headings]
        held = note["group"] if note["group"] in [v for _, v in headings] else ""
        if note.id not in self._rows:
            text = w.HTML(layout=w.Layout(width="18rem", min_width="12rem"))
            buttons = w.ToggleButtons(options=options, value=held, style={"button_width": "auto"})
            buttons.observe(guarded(self.message, lambda i=note.id, b=buttons: self._picked(i, b)), "value")
            row = w.HBox([text, buttons], layout=w.Layout(flex_flow="row wrap", align_items="center"))
        else:
            text, buttons, row = self._rows[note.id]
            if list(buttons.options) != options:
                buttons.options = options
            buttons.value = held
        text.value = styled(escape(note["text"] or ""))
        buttons.tooltips = [f"Put «{note.title}» under «{title}»" for title, _ in options]
        return text, buttons, row

    def _picked(self, note_id: str, buttons: w.ToggleButtons) -> None:
        if not self._filling:
            self.move(note_id, buttons.value or None)

    def _add(self, box: w.Text, kind_id: str, field: str) -> None:
        text = box.value.strip()
        if not text:
            return
        wall = {"wall": self.wall.value.strip()} if self.wall.value.strip() else {}
        self.desk.add(kind_id, **{field: text}, **wall)
        box.value = ""  # kept where it was refused
        self.message.say("Saved. Write the next one.")
