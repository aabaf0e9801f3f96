"""Where a session stands: which part, how long it still has, running early or late."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kit.sessions.agenda import Agenda

__all__ = ["Clock", "Standing"]


@dataclass(frozen=True)
class Standing:
    """The state of a session at a moment.

    Attributes
    ----------
    part : int or None
        Position of the part that runs; none before the start and after the end.
    left : timedelta
        What the part still has; negative when it has run over.
    late : timedelta
        By how much everything after it will be late if the part ends when it should (or now, if that is past);
        negative when the session is ahead.
    ends : datetime or None
        When the session will end at this rate.
    """

    part: int | None
    left: timedelta
    late: timedelta
    ends: datetime | None


@dataclass
class Clock:
    """Keeps when each part began; pure, so that the time is always given to it.

    Parameters
    ----------
    agenda : Agenda
    began : list of datetime
        When each part so far began, in order.
    ended : datetime or None
    """

    agenda: Agenda
    began: list[datetime] = field(default_factory=list)
    ended: datetime | None = None

    def forward(self, now: datetime) -> None:
        """Begin the session, or its next part; after the last part, end it."""
        if self.ended is not None:
            return
        if len(self.began) < len(self.agenda.parts):
            self.began.append(now)
        else:
            self.ended = now

    def back(self) -> None:
        """Return to the part before, as if the last step had not been taken."""
        if self.ended is not None:
            self.ended = None
        elif self.began:
            self.began.pop()

    def standing(self, now: datetime) -> Standing:
        """Return where the session stands."""
        if not self.began or self.ended is not None:
            late = timedelta()
            if self.ended is not None and self.began:
                late = self.ended - self.began[0] - timedelta(minutes=self.agenda.minutes)
            return Standing(None, timedelta(), late, self.ended)
        part = len(self.began) - 1
        planned = timedelta(minutes=sum(p.minutes for p in self.agenda.parts[:part]))
        this = timedelta(minutes=self.agenda.parts[part].minutes)
        rest = timedelta(minutes=sum(p.minutes for p in self.agenda.parts[part + 1 :]))
        left = self.began[part] + this - now
        part_ends = max(self.began[part] + this, now)
        late = part_ends - self.began[0] - planned - this
        return Standing(part, left, late, part_ends + rest)

    def took(self) -> list[tuple[str, int, float | None]]:
        """Return each part's name, planned minutes and minutes it took (none where it was not held)."""
        ends = [*self.began[1:], self.ended]
        held = [
            (end - start).total_seconds() / 60 if end is not None else None
            for start, end in zip(self.began, ends, strict=False)
        ]
        held += [None] * (len(self.agenda.parts) - len(held))
        return [(p.name, p.minutes, took) for p, took in zip(self.agenda.parts, held, strict=True)]
