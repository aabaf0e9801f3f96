"""The clock of a session in a notebook: the part that runs, its time, what is next, and two views."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import anywidget
import traitlets as t

from kit.charts.palette import LIGHT
from kit.sessions.agenda import Agenda
from kit.sessions.clock import Clock

__all__ = ["SessionClock"]

_HERE = Path(__file__).parent


_WORDS = {
    "session": "Session clock",
    "start": "Start the session",
    "next": "Next part",
    "back": "One step back",
    "end": "End the session",
    "to_participants": "Show what participants see",
    "to_facilitator": "Show the facilitator's notes",
    "sound_on": "Sound is on",
    "sound_off": "Sound is off",
    "on_time": "On time",
    "late": "Running {n} min late",
    "early": "{n} min ahead",
    "over": "The session has ended.",
    "before": "Not begun yet; {n} minutes in all.",
    "materials": "Materials",
    "notes": "For the facilitator",
    "then": "Next",
    "last": "This is the last part.",
}


class SessionClock(anywidget.AnyWidget):
    """Leads a group through an agenda.

    Parameters
    ----------
    agenda : Agenda

    Attributes
    ----------
    view : {"participant", "facilitator"}
        Participants do not see the notes; a notebook opens on their view, since its screen is shared.
    began : list of float
        When each part so far began, in milliseconds since 1970.
    ended : float
        When the session ended; 0 while it runs.
    sound : bool
        A gentle sound one minute before a part ends, and when it does.
    """

    _esm = _HERE / "session_clock.js"
    _css = (
        ".kit-session{"
        + "".join(f"--{name}:{value};" for name, value in LIGHT.items())
        + "}"
        + (_HERE / "session_clock.css").read_text(encoding="utf-8")
    )

    title = t.Unicode().tag(sync=True)
    parts = t.List().tag(sync=True)
    began = t.List(t.Float()).tag(sync=True)
    ended = t.Float(0).tag(sync=True)
    view = t.Enum(["participant", "facilitator"], "participant").tag(sync=True)
    sound = t.Bool(True).tag(sync=True)
    words = t.Dict().tag(sync=True)

    def __init__(self, agenda: Agenda, **traits):
        self.agenda = agenda
        parts = [
            {
                "name": p.name,
                "minutes": p.minutes,
                "activity": p.activity,
                "asks": list(p.asks),
                "materials": list(p.materials),
                "notes": p.notes,
            }
            for p in agenda.parts
        ]
        super().__init__(title=agenda.title, parts=parts, words=_WORDS, **traits)

    def clock(self) -> Clock:
        """Return what was held so far."""
        began = [datetime.fromtimestamp(b / 1000, UTC) for b in self.began]
        return Clock(self.agenda, began, datetime.fromtimestamp(self.ended / 1000, UTC) if self.ended else None)
