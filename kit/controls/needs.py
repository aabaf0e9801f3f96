"""What the notebooks of the needs assessment hold: kickoff, rating alone, calibration, goals, check-in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import ipywidgets as w

from kit.controls import needs_boards as boards
from kit.controls import system_boards
from kit.controls.cycle import CycleNotebook
from kit.controls.desk import Desk
from kit.controls.dot_votes import DotVotes
from kit.controls.messages import Message, guarded, look, paragraph, styled
from kit.controls.needs_answers import ReadAnswers, WriteForms
from kit.controls.needs_decide import Decide
from kit.controls.needs_export import SendRound, assessment_page
from kit.controls.needs_rating import RateAlone
from kit.controls.project_picker import ProjectPicker
from kit.errors import KitError
from kit.inquiry import Entry
from kit.needs.due import forms_due
from kit.needs.instrument import Instrument, instrument_for
from kit.reports.section import Section

__all__ = ["Needs", "open_needs"]

# rules.md section 4.2 [A]: two votes each.
STRATEGY_DOTS = 2

PURPOSE = "needs assessment"


class Needs(CycleNotebook):
    """One meeting of the needs assessment.

    Parameters
    ----------
    data, project, live
        As for :class:`kit.controls.cycle.CycleNotebook`.
    agenda : str
        Name of the meeting's agenda.
    """

    def __init__(self, data: str, project: str = "", live: bool = True, *, agenda: str):
        super().__init__(data, project, live, agenda=agenda)
        self.problem = ""
        try:
            self.instrument: Instrument | None = instrument_for(self.desk.workspace.folder)
        except KitError as error:
            self.instrument, self.problem = None, str(error)

    def project(self) -> w.Widget | Section:
        """Choose the needs assessment; one that is begun here has that purpose."""
        return ProjectPicker(self.desk, PURPOSE) if self.live else super().project()

    def team(self) -> w.Widget | Section:
        """Who is in the team, with roles."""
        return self.together("The team", self.entries("member"))

    def dates(self) -> w.Widget | Section:
        """When the forms are due, and who does what before then."""
        own = (Dates(),) if self.live else ()
        return self.together("Dates", *own, self.entries("action", ("text", "owner", "due", "status"), title=_action))

    def vision(self) -> w.Widget | Section:
        """Notes in silence, grouped by theme, with headings."""
        parts = (self.entries("note", ("text", "group"), {"wall": "Vision"}, title=lambda e: e.title),)
        parts += (self.entries("note_group", ("title",), {"wall": "Vision"}),)
        return self.together("Vision", *parts, self.board(system_boards.affinity))

    def how_to_rate(self) -> w.Widget | Section:
        """The instrument as it is, with what is still to be filled in."""
        if self.instrument is None:
            return self._faulty()
        drawn = boards.how_to_rate(self.instrument)
        return w.HTML(styled(drawn)) if self.live else self.html(drawn)

    def forms(self) -> w.Widget | Section:
        """Write everybody's form."""
        if not self.live:
            return Section(())
        return self._using(lambda i: WriteForms(self.desk, i))

    def rate(self) -> w.Widget | Section:
        """Rate alone; in a batch, the blank form to print."""
        return self._using(lambda i: RateAlone(self.desk, i)) if self.live else self.how_to_rate()

    def answers(self) -> w.Widget | Section:
        """Read the answers; who has not answered."""
        parts = (self._using(lambda i: ReadAnswers(self.desk, i)),) if self.live else ()
        return self.together("Answers", *parts, self.board(boards.answered))

    def overview(self) -> w.Widget | Section:
        """Every element with its average, colour and spread."""
        return self._drawn(boards.overview)

    def contested(self) -> w.Widget | Section:
        """The most contested first, with the evidence."""
        return self._drawn(partial(boards.contested, shared=not self.live))

    def decide(self) -> w.Widget | Section:
        """The group's score with its reason."""
        if self.live:
            return self._using(lambda i: Decide(self.desk, i))
        return self.entries("consensus", ("element", "score", "proposed", "reason"))

    def findings(self) -> w.Widget | Section:
        """Strengths and challenges, three to five each."""
        parts = (self.entries("finding", ("text", "sort", "element", "place"), title=_finding),) if self.live else ()
        return self.together("Strengths and challenges", *parts, self.board(boards.findings))

    def strategies(self) -> w.Widget | Section:
        """Strategies, two votes each."""
        parts: tuple = ()
        if self.live:
            fields = ("text", "causes", "research", "element", "measure", "kept")
            parts = (self.entries("strategy", fields), DotVotes(self.desk, ("strategy",), dots=STRATEGY_DOTS))
        return self.together("Strategies", *parts, self.board(boards.strategies))

    def goals(self) -> w.Widget | Section:
        """SMART goals, checked letter by letter."""
        parts = (self.entries("goal"),) if self.live else ()
        return self.together("Goals", *parts, self.board(boards.goals))

    def actions(self) -> w.Widget | Section:
        """The action plan: who does what by when, for which goal."""
        fields = ("text", "owner", "due", "status", "about", "outcome")
        parts = (self.entries("action", fields, title=_action),) if self.live else ()
        return self.together("Action plan", *parts, self.board(boards.actions))

    def check_ins(self) -> w.Widget | Section:
        """What is due, and a look at each goal."""
        parts = (self.entries("check_in", title=lambda e: f"{e['date']}: {e['state'] or 'no word yet'}"),)
        return self.together("Check-ins", self.board(boards.due), *(parts if self.live else ()))

    def send_round(self) -> w.Widget | Section:
        """One page and one workbook; in a batch the page itself."""
        if self.live:
            return self._using(lambda i: SendRound(self.desk, i))
        return self._drawn(lambda desk, instrument: assessment_page(desk, instrument))

    def _drawn(self, draw: Callable[[Desk, Instrument], str]) -> w.Widget | Section:
        if self.instrument is None:
            return self._faulty()
        return self.board(lambda desk: draw(desk, self.instrument))

    def _using(self, make: Callable[[Instrument], w.Widget]) -> w.Widget:
        return make(self.instrument) if self.instrument is not None else self._faulty()

    def _faulty(self) -> w.Widget | Section:
        if not self.live:
            return self.says(self.problem)
        message = Message()
        message.fail(KitError(self.problem))
        return w.VBox([look(), message])


class Dates(w.VBox):
    """When the forms are due: one full week before they are calibrated."""

    def __init__(self):
        self.message = Message()
        self.calibration = w.DatePicker(
            value=date.today() + timedelta(weeks=4), description="We calibrate on", style={"description_width": "9rem"},
            layout=w.Layout(width="auto", max_width="24rem"),
        )  # fmt: skip
        self.due = w.HTML()
        self.calibration.observe(guarded(self.message, self.show), "value")
        super().__init__([look(), self.calibration, self.due, self.message])
        self.show()

    def show(self) -> None:
        """Say when the forms are due for the date that is chosen."""
        day = self.calibration.value
        words = f"Forms are due on {forms_due(day)}, one full week before." if day else "Choose the date."
        self.due.value = styled(paragraph(f"{words} Write it as an action, with an owner."))


def _action(entry: Entry) -> str:
    who = ", ".join(p for p in (entry["owner"], entry["due"]) if p)
    return f"{entry.title}{f' ({who})' if who else ' (no owner, no date)'}"


def _finding(entry: Entry) -> str:
    return f"{(entry['sort'] or '').capitalize()}: {entry.title}"


def open_needs(data: str, project: str = "", live: bool = True, *, meeting: str) -> Needs:
    """Begin a meeting's notebook: kickoff, calibration, goals or check-in."""
    return Needs(data, project, live, agenda=f"needs-{meeting}")
