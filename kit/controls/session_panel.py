"""A session of a project: its clock, who is there, and its record in the store and as one page."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.entry_editor import EntryEditor
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.controls.session_clock import SessionClock
from kit.errors import KitError
from kit.reports.session_record import record_place, session_record, write_page
from kit.sessions.agenda import Agenda, agenda

__all__ = ["Closing", "SessionPanel", "team_agenda"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")


def team_agenda(desk: Desk, name: str) -> Agenda:
    """Return an agenda; one of the same name in the folder ``sessions`` beside the data comes first."""
    return agenda(name, desk.workspace.folder / "sessions")


class SessionPanel(w.VBox):
    """The clock with its agenda; starting it opens a session in the project, ending it closes the session.

    Parameters
    ----------
    desk : Desk
    found : Agenda
    """

    def __init__(self, desk: Desk, found: Agenda):
        self.desk, self.agenda, self.message = desk, found, Message()
        self.clock = SessionClock(found)
        self.led_by = _line("Led by", "The facilitator's name", desk.author)
        self.present = w.Textarea(
            description="Present", placeholder="Adults, or how many; one a line", rows=2, style=_STYLE, layout=_WIDE,
            continuous_update=False,
        )  # fmt: skip
        self.notes = w.Textarea(
            description="My own notes", placeholder="Not in the record that is sent round", rows=2, style=_STYLE,
            layout=w.Layout(width="auto", max_width="46rem", display="none"), continuous_update=False,
        )  # fmt: skip
        self.clock.observe(guarded(self.message, self._moved), ["began", "ended"])
        self.clock.observe(guarded(self.message, self._turned), "view")
        for name, widget in (("led_by", self.led_by), ("present", self.present), ("facilitator_notes", self.notes)):
            widget.observe(guarded(self.message, lambda n=name: self._wrote(n)), "value")
        super().__init__([look(), self.clock, self.led_by, self.present, self.notes, self.message])

    def _turned(self) -> None:
        # What the facilitator notes is not for the shared screen.
        self.notes.layout.display = "" if self.clock.view == "facilitator" else "none"

    def _moved(self) -> None:
        if self.desk.project is None:
            self.message.say("No project is open, so this session is not kept. Choose a project and go on.")
            return
        kept = self._timing()
        if self.desk.session is None:
            if not self.clock.began:
                return
            self.desk.session = self.desk.add(
                "session", title=self.agenda.title, agenda=self.agenda.name, date=date.today().isoformat(),
                minutes=self.agenda.minutes, **self._written(), **kept,
            )  # fmt: skip
        else:
            self.desk.session = self.desk.update(self._now(), **kept)
        self.message.clear()

    def _timing(self) -> dict:
        clock = self.clock.clock()
        lines = [f"{name}: {took:.0f} of {planned} minutes" for name, planned, took in clock.took() if took is not None]
        first = clock.began[0] if clock.began else None
        return {
            "timing": lines or None,
            "started_at": first,
            "ended_at": clock.ended,
        }

    def _written(self) -> dict:
        present = [line.strip() for line in self.present.value.split("\n") if line.strip()]
        texts = {"led_by": self.led_by.value.strip(), "facilitator_notes": self.notes.value.strip()}
        return {k: v for k, v in {**texts, "present": present}.items() if v}

    def _wrote(self, name: str) -> None:
        if self.desk.session is not None:
            self.desk.session = self.desk.update(self._now(), **{name: self._written().get(name)})

    def _now(self):
        return self.desk.require_project().get(self.desk.session.id)


class Closing(w.VBox):
    """The end of a session: decisions, who does what by when, and one page to send round."""

    def __init__(self, desk: Desk):
        self.desk, self.message = desk, Message()
        self.decisions = EntryEditor(desk, "decision", ("text", "reason"))
        self.actions = EntryEditor(desk, "action", ("text", "owner", "due", "status"), title=_action)
        self.button = w.Button(description="Make the record", button_style="primary", layout=button_layout("0rem"))
        self.shown = w.HTML()
        self.button.on_click(guarded(self.message, self.make))
        heads = [w.HTML(styled(f"<h3>{h}</h3>")) for h in ("What we decided", "Who does what by when")]
        super().__init__(
            [look(), heads[0], self.decisions, heads[1], self.actions, self.button, self.message, self.shown]
        )

    def make(self) -> Path:
        """Write the session's record as one HTML page, show it, and return where it is."""
        project = self.desk.require_project()
        session = self.desk.session
        if session is None:
            held = project.entries("session")
            if not held:
                raise KitError("No session was held yet", mend="Start the session's clock above.")
            session = max(held, key=lambda s: s.created_at)
        session = project.get(session.id)
        record = session_record(project, session)
        place = record_place(self.desk.workspace, project, session)
        write_page(place, record, title=session.title, subtitle=project.about.title)
        without = [a.title for a in project.entries("action", session=session) if not (a["owner"] and a["due"])]
        late = f" Without an owner or a date: {'; '.join(without)}." if without else ""
        self.message.say(f"The record is in {place}. Open it in a browser, print it, or attach it to an e-mail.{late}")
        self.shown.value = styled(record)
        return place


def _action(entry) -> str:
    who = ", ".join(p for p in (entry["owner"], entry["due"]) if p)
    return f"{entry.title}{f' ({who})' if who else ' (no owner, no date)'}"


def _line(description: str, asks: str, value: str = "") -> w.Text:
    return w.Text(value, description=description, placeholder=asks, style=_STYLE, layout=_WIDE, continuous_update=False)
