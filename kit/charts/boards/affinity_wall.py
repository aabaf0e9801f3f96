"""The affinity wall: notes written in silence, grouped under headings, with dot votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kit.charts.boards.sheet import LINE, Board, Sheet, wrap
from kit.charts.display import Table

__all__ = ["Group", "Note", "draw_affinity_wall"]

_COLUMN, _GAP, _MOST_COLUMNS = 264.0, 22.0, 4
LOOSE = "Not yet grouped"


@dataclass(frozen=True)
class Note:
    """A note and the dots it got."""

    text: str
    votes: int = 0


@dataclass(frozen=True)
class Group:
    """Notes that belong together; without a title, those that belong nowhere yet."""

    title: str
    notes: tuple[Note, ...] = ()
    votes: int = 0


def _tall(note: Note) -> float:
    return len(wrap(note.text, _COLUMN - 28, 14)) * 14 * LINE + 18 + (16 if note.votes else 0)


def _group_tall(group: Group) -> float:
    head = len(wrap(group.title or LOOSE, _COLUMN - 20, 15, bold=True)) * 15 * LINE + 14 + (18 if group.votes else 0)
    return head + sum(_tall(n) + 8 for n in group.notes) + 10


def draw_affinity_wall(wall: str, groups: Sequence[Group]) -> Board:
    """Draw a wall; each group goes into the column that is shortest so far, in their order."""
    columns = max(1, min(_MOST_COLUMNS, len(groups)))
    sheet = Sheet(columns * (_COLUMN + _GAP) - _GAP + 8)
    bottoms = [8.0] * columns
    for group in groups:
        column = bottoms.index(min(bottoms))
        x, y = 4 + column * (_COLUMN + _GAP), bottoms[column]
        sheet.box(x, y, _COLUMN, _group_tall(group), look="box", dashed=not group.title)
        at = wrap(group.title or LOOSE, _COLUMN - 20, 15, bold=True)
        inner = sheet.text(x + 10, y + 4, at, size=15, bold=True, look="ours" if group.title else "muted") + 4
        if group.votes:
            sheet.dots(x + 10, inner + 6, group.votes)
            inner += 18
        for note in group.notes:
            sheet.box(x + 6, inner, _COLUMN - 12, _tall(note), look="soft", round=3)
            end = sheet.text(x + 14, inner + 5, wrap(note.text, _COLUMN - 28, 14), size=14)
            if note.votes:
                sheet.dots(x + 14, end + 8, note.votes)
            inner += _tall(note) + 8
        bottoms[column] = y + _group_tall(group) + _GAP
    sheet.reach(max(bottoms) - _GAP)
    notes = sum(len(g.notes) for g in groups)
    named = [f"{g.title} ({len(g.notes)})" for g in groups if g.title]
    said = f"{notes} notes." + (f" Groups: {', '.join(named)}." if named else " Not yet grouped.") if notes else (
        "No note is on this wall yet.")  # fmt: skip
    rows = tuple((n.text, g.title or LOOSE, str(n.votes), str(g.votes)) for g in groups for n in g.notes)
    table = Table("Notes", ("Note", "Group", "Dots", "Dots of the group"), rows)
    return Board(wall or "Affinity wall", said, sheet.svg(said), table)
