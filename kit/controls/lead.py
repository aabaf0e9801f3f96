"""What the notebook «lead-a-session» holds: any agenda, its clock, a carousel's groups and walls, the record."""

from __future__ import annotations

from html import escape
from pathlib import Path

import ipywidgets as w

from kit.controls.carousel_boards import facts_by_station, patterns
from kit.controls.carousel_plan import CarouselPlan, printed_plan
from kit.controls.cycle import CycleNotebook
from kit.controls.desk import Desk
from kit.controls.dot_votes import DotVotes
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.controls.pickers import SchoolPicker
from kit.controls.session_panel import SessionPanel, team_agenda
from kit.errors import KitError
from kit.inquiry import Entry
from kit.reports.section import Section
from kit.reports.session_record import record_folder
from kit.reports.station_sheets import station_sheets
from kit.sessions.agenda import Agenda, agenda, agenda_files

__all__ = ["Lead", "agenda_page", "open_session"]

CAROUSEL = "data-carousel"


class Lead(CycleNotebook):
    """Runs any session; coaches edit the agendas in ``templates/sessions`` or add their own beside the data."""

    def __init__(self, data: str, project: str = "", live: bool = True, *, agenda: str = CAROUSEL):
        super().__init__(data, project, live, agenda=agenda)

    def session(self) -> w.Widget | Section:
        """Choose an agenda and run it; in a batch, the agenda to print."""
        return AnySession(self.desk, self.agenda.name) if self.live else self.html(agenda_page(self.agenda))

    def carousel(self) -> w.Widget | Section:
        """Groups, turns and station sheets of a data carousel."""
        if self.live:
            plan = CarouselPlan(self.desk)
            return self.together("Data carousel", plan, StationSheets(self.desk, plan))
        return self.html(printed_plan(self.desk)) if self.agenda.name == CAROUSEL else Section(())

    def seen(self) -> w.Widget | Section:
        """Facts by station, and apart from them what they may mean; strengths and challenges with dots."""
        parts = [
            self.entries("notice", ("station", "text", "figure", "by_whom"), title=_at_station),
            self.entries("inference", ("text", "check")),
            self.board(facts_by_station),
            self.entries("finding", ("sort", "text"), title=_sorted),
        ]
        if self.live:
            parts.append(DotVotes(self.desk, ("finding",)))
        return self.together("What we see", *parts, self.board(patterns))


def _at_station(notice: Entry) -> str:
    return f"{notice['station']}: {notice.title}" if notice["station"] else notice.title


def _sorted(finding: Entry) -> str:
    return f"{(finding['sort'] or '').capitalize()}: {finding.title}"


class AnySession(w.VBox):
    """A list of agendas, and the clock of the one that is chosen."""

    def __init__(self, desk: Desk, first: str):
        self.desk, self.message, self.panel = desk, Message(), w.VBox()
        own = desk.workspace.folder / "sessions"
        names = list(agenda_files(own))
        self.choose = w.Dropdown(
            options=[(_called(name, own), name) for name in names], value=first if first in names else None,
            description="Agenda",
            style={"description_width": "9rem"}, layout=w.Layout(width="auto", max_width="46rem"),
        )  # fmt: skip
        self.about = w.HTML()
        self.choose.observe(guarded(self.message, self._chosen), "value")
        super().__init__([look(), self.choose, self.about, self.message, self.panel])
        guarded(self.message, self._chosen)()

    def _chosen(self) -> None:
        self.panel.children, self.about.value = (), ""
        if self.choose.value:
            self.desk.session = None
            found = team_agenda(self.desk, self.choose.value)
            self.about.value = styled(_about(found))
            self.panel.children = (SessionPanel(self.desk, found),)
            self.message.clear()


def _called(name: str, own: Path) -> str:
    """Return what an agenda is called in the list; one with faults is there by its name, and says them when chosen."""
    try:
        found = agenda(name, own)
    except KitError:
        return f"{name} (has faults)"
    return f"{found.title} ({found.minutes} min)"


def _about(found: Agenda) -> str:
    named = (("For", found.for_whom), ("Roles", ", ".join(found.roles)), ("Materials", ", ".join(found.everything)))
    rest = "".join(f"<p><b>{k}:</b> {escape(v)}</p>" for k, v in named if v)
    return f"<p>{escape(found.purpose)}</p>{rest}"


class StationSheets(w.VBox):
    """Writes a printable sheet for each station of the plan from the picked school's displays."""

    def __init__(self, desk: Desk, plan: CarouselPlan):
        self.desk, self.plan, self.message = desk, plan, Message()
        self.read = w.Button(description="Read the numbers", layout=button_layout("9rem"))
        self.school = SchoolPicker(desk.choice)
        self.button = w.Button(
            description="Make the station sheets", button_style="primary", layout=button_layout("9rem")
        )
        self.read.on_click(guarded(self.message, self._read))
        self.button.on_click(guarded(self.message, self.make))
        super().__init__([look(), self.read, self.school, self.button, self.message])

    def _read(self) -> None:
        self.desk.numbers(self.message.say)
        self.message.say("Ready. Choose the school.")

    def make(self) -> list[Path]:
        """Write the sheets and say where they are."""
        if not self.desk.choice.ready:
            raise KitError("There are no numbers yet", mend="Press «Read the numbers», then choose a school.")
        folder = record_folder(self.desk.workspace) / "stations"
        made = station_sheets(self.desk.choice.report(live=False), self.plan.names(), folder)
        named = ", ".join(p.name for p in made)
        self.message.say(f"{len(made)} sheets are in {folder}: {named}. Open them in a browser and print them.")
        return made


def agenda_page(found: Agenda) -> str:
    """Return an agenda to print for the room: minutes, activity, questions and materials; no facilitator's notes."""
    parts = [f"<p><b>{escape(found.title)}, {found.minutes} minutes.</b></p>{_about(found)}"]
    for part in found.parts:
        asks = "".join(f"<li>{escape(a)}</li>" for a in part.asks)
        text = "".join(f"<p>{escape(p)}</p>" for p in part.activity.split("\n\n") if p)
        parts.append(f"<h3>{escape(part.name)} ({part.minutes} min)</h3>{text}<ul>{asks}</ul>")
    return styled("".join(parts))


def open_session(data: str, project: str = "", live: bool = True, agenda: str = CAROUSEL) -> Lead:
    """Begin the notebook; see :class:`kit.controls.cycle.CycleNotebook`."""
    return Lead(data, project, live, agenda=agenda)
