"""What the notebook «2-see-the-system» holds."""

from __future__ import annotations

import ipywidgets as w

from kit.controls import displays, system_boards
from kit.controls.carousel_plan import CarouselPlan, printed_plan
from kit.controls.cycle import CycleNotebook
from kit.controls.dot_votes import DotVotes
from kit.controls.pickers import MeasurePicker, SchoolPicker
from kit.controls.step import Prompts
from kit.controls.wall import Wall
from kit.reports.section import Section

__all__ = ["SeeSystem", "open_system"]

_STATION = Prompts(
    title="A station",
    predict="What do you expect to see here, before it is shown?",
    look="Two minutes of silence. Then the line over the years, the student groups, the grades.",
    notice="What can you point at? Name the number.",
    wonder="Whose experience is missing here?",
    decide="What goes on to the fishbone as evidence?",
)
_PRACTICE_NOTE = "No teacher and no pupil is named in any note."


class SeeSystem(CycleNotebook):
    """Why our system produces this result: data, voices, process, causes, drivers."""

    def __init__(self, data: str, project: str = "", live: bool = True):
        super().__init__(data, project, live, agenda="see-the-system")

    def problem(self) -> w.Widget | Section:
        """The problem and the aim, carried forward from the first notebook, to read again and to correct."""
        return self.together(
            "The problem and the aim",
            self.entries("problem", ("statement",)),
            self.entries("aim", ("statement", "by", "population", "outcome", "start_value", "target", "unit")),
        )

    def stations(self) -> w.Widget | Section:
        """Groups and turns of a data carousel, for as many people as are there."""
        return CarouselPlan(self.desk) if self.live else self.html(printed_plan(self.desk))

    def look(self) -> w.Widget | Section:
        """A station's display: a measure of a school, with what the group sees in it."""
        pickers = (SchoolPicker(self.desk.choice), MeasurePicker(self.desk.choice)) if self.live else ()
        return self.step(_STATION, displays.one_measure, ("school_id", "school_year", "theme", "measure"), pickers)

    def seen(self) -> w.Widget | Section:
        """What was seen, apart from what it may mean."""
        return self.together(
            "What we saw, and what it may mean",
            self.entries("notice", ("text", "figure", "display", "station", "by_whom")),
            self.entries("inference", ("text", "notices", "check")),
        )

    def interviews(self) -> w.Widget | Section:
        """Empathy interviews: who, quotes, themes, and the wall of quotes."""
        return self.together(
            "Empathy interviews",
            self.entries("interview", ("who", "date", "consent", "interviewer", "note_taker", "questions", "notes")),
            self.entries("theme"),
            self.entries("quote", ("text", "interview", "themes")),
            self.board(system_boards.themes),
        )

    def wall(self) -> w.Widget | Section:
        """The affinity wall: notes in silence, groups, headings, dots."""
        board = self.board(system_boards.affinity)
        editors = [self.entries("note", ("text", "wall", "group")), self.entries("note_group", ("title", "wall"))]
        if not self.live:
            return self.together("Affinity wall", *(editors if self.desk.entries("note") else ()), board)
        change = w.Accordion(editors, titles=("Change or delete a note", "Change or delete a heading"))
        votes = DotVotes(self.desk, ("note_group", "note"))
        return self.together("Affinity wall", Wall(self.desk), board, votes, change)

    def process(self) -> w.Widget | Section:
        """How it happens today."""
        fields = ("process", "text", "shape", "who", "next", "answers", "days", "varies", "trouble", "place")
        return self.together(
            "Process map", self.entries("process"), self.entries("step", fields), self.board(system_boards.processes)
        )

    def fishbone(self) -> w.Widget | Section:
        """Causes with their whys, evidence and votes."""
        fields = ("text", "category", "whys", "evidence", "in_control", "kept", "place")
        parts = [self.entries("cause", fields), self.entries("evidence", ("cause", "direction", "text", "known_from"))]
        if self.live:
            parts.append(DotVotes(self.desk, ("cause",)))
        return self.together("Fishbone", *parts, self.board(system_boards.fishbone))

    def classrooms(self) -> w.Widget | Section:
        """Walk-throughs and student work."""
        return self.together(
            f"Classrooms and student work. {_PRACTICE_NOTE}",
            self.entries("observation"),
            self.entries("work_review"),
        )

    def drivers(self) -> w.Widget | Section:
        """Drivers and change ideas, each leading somewhere."""
        return self.together(
            "Driver diagram",
            self.entries("driver", ("level", "text", "under", "causes", "place")),
            self.entries("change_idea", ("text", "practice", "drivers", "research", "status")),
            self.board(system_boards.drivers),
        )


def open_system(data: str, project: str = "", live: bool = True) -> SeeSystem:
    """Begin the notebook.

    Parameters
    ----------
    data : str
        The data folder.
    project : str
        Id of the project that is opened first.
    live : bool
        True where a team looks at it in JupyterLab; False prints what the project holds.
    """
    return SeeSystem(data, project, live)
