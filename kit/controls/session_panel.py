"""A session of a project: its clock, who is there, and its record in the store and as one page."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.entry_editor import EntryEditor
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.controls.session_clock import SessionClock
from kit.errors import KitError
from kit.inquiry import Entry
from kit.reports.session_record import record_place, session_record, write_page
from kit.sessions.agenda import Agenda, agenda

__all__ = ["Closing", "SessionPanel", "team_agenda"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")
# Who leads has a box of its own.
_LEADS = "facilitator"


def team_agenda(desk: Desk, name: str) -> Agenda:
    """Return an agenda; one of the same name in the folder ``sessions`` beside the data comes first."""
    return agenda(name, desk.workspace.folder / "sessions")


class SessionPanel(w.VBox):
    """The clock with its agenda; starting it opens a session in the project, ending it closes the session.

    A session of today that was begun and not ended (the browser or the computer stopped) can be gone on with.

    Parameters
    ----------
    desk : Desk
    found : Agenda
    """

    def __init__(self, desk: Desk, found: Agenda):
        self.desk, self.agenda, self.message, self._filling = desk, found, Message(), False
        self.clock = SessionClock(found)
        self.go_on = w.Button(button_style="primary", layout=button_layout("9rem"))
        self._found: Entry | None = None
        self.led_by = _line("Led by", "The facilitator's name", desk.author)
        self.roles = {r: _line(r.capitalize(), "Who takes it") for r in found.roles if r != _LEADS}
        self.present = _lines("Present", "Adults, or how many; one a line")
        self.notes = _lines("My own notes", "Not in the record that is sent round")
        self.clock.observe(guarded(self.message, self._moved), ["began", "ended"])
        self.clock.observe(guarded(self.message, self._turned), "view")
        boxes = [("led_by", self.led_by), ("present", self.present), ("facilitator_notes", self.notes)]
        for name, widget in (*boxes, *(("roles", box) for box in self.roles.values())):
            widget.observe(guarded(self.message, lambda n=name: self._wrote(n)), "value")
        self.go_on.on_click(guarded(self.message, self._take_up))
        desk.observe(guarded(self.message, self._look_for_one), ["project", "session"])
        super().__init__(
            [look(), self.go_on, self.clock, self.led_by, *self.roles.values(), self.present, self.notes, self.message]
        )
        self._turned()
        guarded(self.message, self._look_for_one)()

    def _turned(self) -> None:
        # What the facilitator notes is not for the shared screen.
        self.notes.layout.display = "" if self.clock.view == "facilitator" else "none"

    def _look_for_one(self) -> None:
        """Offer the session of today that was not ended, and show who is said to be there elsewhere."""
        found = self._not_ended() if self.desk.session is None and not self.clock.began else None
        self.go_on.layout.display = "none" if found is None else ""
        self._found = found
        if found is not None:
            began = datetime.fromisoformat(found["parts_began"][0]).astimezone()
            self.go_on.description = f"Go on with the session begun at {began:%H:%M}"
        if self.desk.session is not None:
            self._fill(self.desk.session)

    def _not_ended(self) -> Entry | None:
        held = [
            s for s in self.desk.entries("session", agenda=self.agenda.name, date=date.today().isoformat())
            if s["parts_began"] and not s["ended_at"]
        ]  # fmt: skip
        return held[-1] if held else None

    def _take_up(self) -> None:
        self.desk.session = self._found
        self.clock.began = [datetime.fromisoformat(at).timestamp() * 1000 for at in self.desk.session["parts_began"]]

    def _fill(self, session: Entry) -> None:
        who = dict(line.split(": ", 1) for line in session["roles"] or () if ": " in line)
        self._filling = True
        try:
            self.led_by.value = session["led_by"] or ""
            self.present.value = "\n".join(session["present"] or ())
            self.notes.value = session["facilitator_notes"] or ""
            for role, box in self.roles.items():
                box.value = who.get(role, "")
        finally:
            self._filling = False

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
        return {
            "timing": lines or None,
            "parts_began": [at.isoformat() for at in clock.began] or None,
            "started_at": clock.began[0] if clock.began else None,
            "ended_at": clock.ended,
        }

    def _written(self) -> dict:
        present = [line.strip() for line in self.present.value.split("\n") if line.strip()]
        roles = [f"{role}: {box.value.strip()}" for role, box in self.roles.items() if box.value.strip()]
        texts = {"led_by": self.led_by.value.strip(), "facilitator_notes": self.notes.value.strip()}
        return {k: v for k, v in {**texts, "present": present, "roles": roles}.items() if v}

    def _wrote(self, name: str) -> None:
        if self.desk.session is not None and not self._filling:
            self.desk.session = self.desk.update(self._now(), **{name: self._written().get(name)})

    def _now(self) -> Entry:
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


def _lines(description: str, asks: str) -> w.Textarea:
    return w.Textarea(
        description=description, placeholder=asks, rows=2, style=_STYLE, continuous_update=False,
        layout=w.Layout(width="auto", max_width="46rem"),
    )  # fmt: skip
