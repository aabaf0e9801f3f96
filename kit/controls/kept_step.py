"""A step of a session whose words are kept: what was expected, noticed, wondered and decided, with the display."""

from __future__ import annotations

import json
from collections.abc import Callable

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import guarded
from kit.controls.step import Prompts, Step
from kit.inquiry import Entry
from kit.reports.section import Section

__all__ = ["KeptStep"]

# The box of a step, and the kind of entry that its text is.
_KINDS = {"prediction": "expectation", "notice": "notice", "wonder": "wondering", "decide": "decision"}


class KeptStep(Step):
    """A step that saves each box in the open project when the box is left.

    Parameters are those of :class:`kit.controls.step.Step`, with the desk in place of the choice.
    """

    def __init__(
        self,
        desk: Desk,
        prompts: Prompts,
        draw: Callable[..., Section],
        follows: tuple[str, ...],
        pickers: tuple[w.Widget, ...] = (),
    ):
        self.desk, self._kept = desk, {}
        super().__init__(desk.choice, prompts, draw, follows, pickers)
        for name, box in (("prediction", self.prediction), *self.boxes.items()):
            box.observe(guarded(self.message, lambda n=name, b=box: self._keep(n, b)), "value")
        desk.observe(guarded(self.message, self._another_project), "project")

    def hide(self) -> None:
        """Hide the display for the next prediction; what was written is kept as it is."""
        self._kept = {}
        super().hide()

    def reveal(self) -> None:
        """Show the display; numbers that were not read yet are read first."""
        if self.choice.opened is None:
            self.message.say("Reading the numbers. This happens once; a large folder takes a minute or two.")
            self.desk.numbers(self.message.say)
        super().reveal()

    def view(self) -> str:
        """Return the picks that draw the display again, as JSON."""
        picks = {name: getattr(self.choice, name) for name in ("school_id", "school_year", *self._follows)
                 if name != "opened"}  # fmt: skip
        return json.dumps(dict(sorted(picks.items())), ensure_ascii=False)

    def _keep(self, name: str, box: w.Textarea) -> None:
        text, entry = box.value.strip(), self._kept.get(name)
        if self.desk.project is None:
            if text:
                self.message.say("No project is open, so this is not kept. Choose a project above.")
            return
        if entry is None and text:
            where = {"display": self._display(), "view": self.view()}
            self._kept[name] = self.desk.add(_KINDS[name], text=text, **where)
        elif entry is not None and text:
            self._kept[name] = self.desk.update(self._as_it_is(entry), text=text)
        elif entry is not None and self.prediction.value != "":
            self.desk.delete(self._as_it_is(entry))
            self._kept.pop(name)

    def _as_it_is(self, entry: Entry) -> Entry:
        return self.desk.require_project().get(entry.id)

    def _display(self) -> str:
        return f"{self.prompts.title}: {self.choice.words()}" if self.choice.ready else self.prompts.title

    def _another_project(self) -> None:
        self._kept = {}
        for box in (self.prediction, *self.boxes.values()):
            box.value = ""
