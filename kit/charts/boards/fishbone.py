"""The fishbone: causes by category along a spine that leads to the problem.

Form: rules.md §7 (the head is the problem statement, four to seven bones, three whys or more under a cause, every
cause says how it is known, causes outside the team's control apart).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kit.charts.boards.sheet import LINE, Board, Sheet, wrap
from kit.charts.display import Table

__all__ = ["Cause", "draw_fishbone"]

_COLUMN, _SIDE, _HEAD = 340.0, 24.0, 280.0
_NO_CATEGORY = "Other causes"
_KNOWN = {"": "nothing shows it yet", "hunch": "a hunch so far"}


@dataclass(frozen=True)
class Cause:
    """A possible cause.

    Attributes
    ----------
    text, category : str
    whys : tuple of str
        Each answers the one before.
    known_from : str
        Data, interview, observation, student work or hunch; empty where nobody said.
    evidence_for, evidence_against, votes : int
    in_control : bool or None
    kept : bool
        Whether the team keeps it as a root cause.
    """

    text: str
    category: str = ""
    whys: tuple[str, ...] = ()
    known_from: str = ""
    evidence_for: int = 0
    evidence_against: int = 0
    votes: int = 0
    in_control: bool | None = None
    kept: bool = False

    def tag(self) -> str:
        """Return how it is known, in a few words."""
        parts = [_KNOWN.get(self.known_from, f"known from {self.known_from}")]
        if self.evidence_for or self.evidence_against:
            parts.append(f"{self.evidence_for} for, {self.evidence_against} against")
        if self.in_control is False:
            parts.append("outside our control")
        if self.kept:
            parts.append("kept as a root cause")
        return " · ".join(parts)


def _height(cause: Cause, room: float) -> float:
    lines = len(wrap(cause.text, room, 15, bold=True)) * 15 + len(wrap(cause.tag(), room, 12)) * 12
    lines += sum(len(wrap(why, room - 18, 13)) for why in cause.whys) * 13
    return lines * LINE + (18 if cause.votes else 0) + 16


def _write(sheet: Sheet, cause: Cause, x: float, y: float, room: float) -> None:
    look = "ours" if cause.kept else "ink"
    y = sheet.text(
        x, y, wrap(cause.text, room, 15, bold=True), size=15, bold=True, look=look, italic=cause.in_control is False
    )
    y = sheet.text(x, y, wrap(cause.tag(), room, 12), size=12, look="muted" if cause.known_from else "closer")
    if cause.votes:
        sheet.dots(x, y + 9, cause.votes)
        y += 18
    for why in cause.whys:
        sheet.text(x, y, ["↳"], size=13, look="muted")
        y = sheet.text(x + 18, y, wrap(why, room - 18, 13), size=13)


def draw_fishbone(problem: str, causes: Sequence[Cause]) -> Board:
    """Draw a fishbone.

    Parameters
    ----------
    problem : str
        The problem statement; the fish's head.
    causes : sequence of Cause
        In the order in which they are drawn; bones follow the order in which their categories first appear.
    """
    bones: dict[str, list[Cause]] = {}
    for cause in causes:
        bones.setdefault(cause.category.strip() or _NO_CATEGORY, []).append(cause)
    names = list(bones)
    columns = max(1, (len(names) + 1) // 2)
    sheet = Sheet(_SIDE + columns * _COLUMN + _HEAD + _SIDE)
    room = _COLUMN - 62
    heights = {n: sum(_height(c, room) for c in bones[n]) + 52 for n in names}
    above = max([heights[n] for n in names[0::2]], default=60)
    below = max([heights[n] for n in names[1::2]], default=60)
    spine = 16 + above
    end = _SIDE + columns * _COLUMN
    sheet.path([(_SIDE, spine), (end, spine)], look="strong")
    for place, name in enumerate(names):
        x, up = _SIDE + (place // 2) * _COLUMN, place % 2 == 0
        outer = spine - above if up else spine + below
        foot = x + _COLUMN - 12
        sheet.path([(foot - 34, outer), (foot, spine)], look="strong")
        label = wrap(name, room, 15, bold=True)[:2]
        top = outer - 4 if up else outer - 30
        sheet.box(x, top, room + 16, 12 + 20 * len(label), look="head")
        sheet.text(x + 10, top + 4, label, size=15, look="on", bold=True)
        y = outer + 40 if up else spine + 14
        for cause in bones[name]:
            _write(sheet, cause, x + 4, y, room)
            y += _height(cause, room)
    lines = wrap(problem or "No problem statement yet", _HEAD - 36, 17, bold=True)
    tall = max(90.0, len(lines) * 17 * LINE + 36)
    top = spine - tall / 2
    sheet.path([(end, top), (end + _HEAD, top + 12), (end + _HEAD, top + tall - 12), (end, top + tall)], look="soft",
               closed=True)  # fmt: skip
    sheet.text(end + 16, top + (tall - len(lines) * 17 * LINE) / 2, lines, size=17, bold=True)
    sheet.reach(spine + below)
    return Board("Fishbone", _says(bones), sheet.svg(_says(bones)), _table(causes))


def _says(bones: dict[str, list[Cause]]) -> str:
    every = [c for cs in bones.values() for c in cs]
    if not every:
        return "No cause is written yet."
    named = ", ".join(f"{n} ({len(cs)})" for n, cs in bones.items())
    hunches = sum(1 for c in every if c.known_from in ("", "hunch"))
    tail = f" {hunches} of them so far a hunch." if hunches else ""
    return f"{len(every)} possible causes of the problem, by category: {named}.{tail}"


def _table(causes: Sequence[Cause]) -> Table:
    return Table(
        "Causes",
        ("Cause", "Category", "Whys", "How it is known", "Votes"),
        tuple((c.text, c.category or _NO_CATEGORY, " → ".join(c.whys), c.tag(), str(c.votes)) for c in causes),
    )
