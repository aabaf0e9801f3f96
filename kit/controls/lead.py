"""What the notebook «lead-a-session» holds: any agenda, its clock, groups and station sheets, and the record."""

from __future__ import annotations

from html import escape
from pathlib import Path

import ipywidgets as w

from kit.controls.carousel_plan import CarouselPlan
from kit.controls.cycle import CycleNotebook
from kit.controls.desk import Desk
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.controls.pickers import SchoolPicker
from kit.controls.session_panel import SessionPanel, team_agenda
from kit.errors import KitError
from kit.reports.section import Section
from kit.reports.session_record import record_folder
from kit.reports.station_sheets import station_sheets
from kit.sessions.agenda import Agenda, agenda_files

__all__ = ["Lead", "agenda_page", "open_session"]


class Lead(CycleNotebook):
    """Runs any session; coaches edit the agendas in ``templates/sessions`` or add their own beside the data."""

    def __init__(self, data: str, project: str = "", live: bool = True, *, agenda: str = "data-carousel"):
        super().__init__(data, project, live, agenda=agenda)

    def session(self) -> w.Widget | Section:
        """Choose an agenda and run it; in a batch, the agenda to print."""
        return AnySession(self.desk, self.agenda.name) if self.live else self.html(agenda_page(self.agenda))

    def carousel(self) -> w.Widget | Section:
        """Groups, turns and station sheets of a data carousel."""
        return self.together("Data carousel", CarouselPlan(self.desk), StationSheets(self.desk)) if self.live else (
            Section(()))  # fmt: skip


class AnySession(w.VBox):
    """A list of agendas, and the clock of the one that is chosen."""

    def __init__(self, desk: Desk, first: str):
        self.desk, self.message, self.panel = desk, Message(), w.VBox()
        names = list(agenda_files(desk.workspace.folder / "sessions"))
        self.choose = w.Dropdown(
            options=names, value=first if first in names else None, description="Agenda",
            style={"description_width": "9rem"}, layout=w.Layout(width="auto", max_width="46rem"),
        )  # fmt: skip
        self.choose.observe(guarded(self.message, self._chosen), "value")
        super().__init__([look(), self.choose, self.message, self.panel])
        guarded(self.message, self._chosen)()

    def _chosen(self) -> None:
        self.panel.children = ()
        if self.choose.value:
            self.desk.session = None
            self.panel.children = (SessionPanel(self.desk, team_agenda(self.desk, self.choose.value)),)
            self.message.clear()


class StationSheets(w.VBox):
    """Writes a printable sheet for each station from the picked school's displays."""

    def __init__(self, desk: Desk):
        self.desk, self.message = desk, Message()
        self.read = w.Button(description="Read the numbers", layout=button_layout("9rem"))
        self.school = SchoolPicker(desk.choice)
        self.stations = w.Textarea(
            "Achievement\nDemographics\nPerception\nContext", description="Stations", rows=4,
            style={"description_width": "9rem"}, layout=w.Layout(width="auto", max_width="46rem"),
        )  # fmt: skip
        self.button = w.Button(
            description="Make the station sheets", button_style="primary", layout=button_layout("9rem")
        )
        self.read.on_click(guarded(self.message, self._read))
        self.button.on_click(guarded(self.message, self.make))
        super().__init__([look(), self.read, self.school, self.stations, self.button, self.message])

    def _read(self) -> None:
        self.desk.numbers(self.message.say)
        self.message.say("Ready. Choose the school.")

    def make(self) -> list[Path]:
        """Write the sheets and say where they are."""
        if not self.desk.choice.ready:
            raise KitError("There are no numbers yet", mend="Press «Read the numbers», then choose a school.")
        names = [line.strip() for line in self.stations.value.split("\n") if line.strip()]
        folder = record_folder(self.desk.workspace) / "stations"
        made = station_sheets(self.desk.choice.report(live=False), names, folder)
        self.message.say(f"{len(made)} sheets are in {folder}. Open them in a browser and print them.")
        return made


def agenda_page(agenda: Agenda) -> str:
    """Return an agenda to print for the room: minutes, activity, questions and materials; no facilitator's notes."""
    parts = [f"<p>{escape(agenda.purpose)} {agenda.minutes} minutes. Roles: {escape(', '.join(agenda.roles))}.</p>"]
    if agenda.everything:
        parts.append(f"<p>Materials: {escape(', '.join(agenda.everything))}.</p>")
    for part in agenda.parts:
        asks = "".join(f"<li>{escape(a)}</li>" for a in part.asks)
        text = "".join(f"<p>{escape(p)}</p>" for p in part.activity.split("\n\n") if p)
        parts.append(f"<h3>{escape(part.name)} ({part.minutes} min)</h3>{text}<ul>{asks}</ul>")
    return styled("".join(parts))


def open_session(data: str, project: str = "", live: bool = True, agenda: str = "data-carousel") -> Lead:
    """Begin the notebook; see :class:`kit.controls.cycle.CycleNotebook`."""
    return Lead(data, project, live, agenda=agenda)
