"""The timeline of a project's cycles: when each ran, what it led to, and what followed from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kit.charts.boards.sheet import Board, Sheet, wrap
from kit.charts.display import Table

__all__ = ["Cycle", "draw_cycle_timeline"]

_LEFT, _RIGHT, _ROW, _WIDTH = 270.0, 150.0, 52.0, 1120.0
_SHAPES = {"adopt": "✔ adopt", "adapt": "↻ adapt", "abandon": "✕ abandon"}


@dataclass(frozen=True)
class Cycle:
    """One cycle; ``follows`` is the key of the cycle from which it came."""

    key: str
    title: str
    start: date | None = None
    end: date | None = None
    act: str = ""
    follows: str = ""
    learned: str = ""


def draw_cycle_timeline(cycles: Sequence[Cycle]) -> Board:
    """Draw cycles on one axis of days; a cycle without dates stands in the list below the axis only."""
    dated = [c for c in cycles if c.start]
    sheet = Sheet(_WIDTH)
    if dated:
        _draw(sheet, dated)
    undated = len(cycles) - len(dated)
    said = f"{len(cycles)} cycles" + (f", {undated} of them without dates" if undated else "") + "."
    ends = [f"{c.title}: {c.act or 'still open'}" for c in cycles]
    said = said + (f" {'; '.join(ends)}." if ends else "")
    if not cycles:
        said = "No cycle is planned yet."
    sheet.reach(40)
    rows = tuple(
        (
            c.title,
            c.start.isoformat() if c.start else "",
            c.end.isoformat() if c.end else "",
            c.act or "open",
            c.learned,
        )
        for c in cycles
    )
    return Board("Cycles", said, sheet.svg(said), Table("Cycles", ("Cycle", "From", "To", "Act", "Learned"), rows))


def _draw(sheet: Sheet, cycles: Sequence[Cycle]) -> None:
    first = min(c.start for c in cycles)
    last = max(c.end or c.start + timedelta(days=7) for c in cycles)
    days = max(1, (last - first).days)

    def at(day: date) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (day - first).days / days

    bottom = 34 + len(cycles) * _ROW
    for month in _months(first, last):
        sheet.path([(at(month), 26), (at(month), bottom)], look="line", dashed=True)
        sheet.text(at(month) + 4, 4, [f"{month:%b} {month.year}" if month.month == 1 else f"{month:%b}"], size=12,
                   look="muted")  # fmt: skip
    rows: dict[str, tuple[float, float]] = {}
    for i, cycle in enumerate(cycles):
        y = 34 + i * _ROW
        x1, x2 = at(cycle.start), max(at(cycle.end or last), at(cycle.start) + 14)
        sheet.text(4, y + 2, wrap(cycle.title, _LEFT - 20, 14, bold=True)[:2], size=14, bold=True)
        sheet.box(x1, y + 8, x2 - x1, 22, look="soft", dashed=cycle.end is None)
        sheet.text(
            x2 + 8, y + 8, [_SHAPES.get(cycle.act, "still open")], size=13, look="ours" if cycle.act else "muted"
        )
        if cycle.follows in rows:
            px, py = rows[cycle.follows]
            sheet.path([(px, py), (px, y + 19), (x1, y + 19)] if px <= x1 else [(px, py), (x1 + 6, y + 8)], arrow=True)
        rows[cycle.key] = (x2 - 6, y + 30)
    sheet.reach(bottom)


def _months(first: date, last: date) -> list[date]:
    """Return the first days of the months between two days, at most about twelve of them."""
    month = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    every = []
    while month <= last:
        every.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return every[:: max(1, len(every) // 12 + (len(every) % 12 > 0))] if len(every) > 12 else every
