"""The driver diagram: aim, primary drivers, secondary drivers and change ideas, each leading to what it moves.

Form: rules.md §7 (aim → primary → secondary drivers → change ideas; every change idea hangs on a driver).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kit.charts.boards.sheet import LINE, Board, Sheet, wrap
from kit.charts.display import Table

__all__ = ["Box", "draw_driver_diagram"]

_W, _GAP, _TOP = 262.0, 58.0, 46.0
_HEADS = ("Aim", "Primary drivers", "Secondary drivers", "Change ideas")


@dataclass(frozen=True)
class Box:
    """A driver or a change idea.

    Attributes
    ----------
    key : str
    text : str
    to : tuple of str
        Keys of what it moves: of a primary driver nothing (it moves the aim), of a secondary driver primary ones,
        of a change idea drivers.
    status : str
        Of a change idea: idea, testing, adopted or abandoned.
    """

    key: str
    text: str
    to: tuple[str, ...] = ()
    status: str = ""


def _tall(box: Box) -> float:
    return len(wrap(box.text, _W - 24, 14)) * 14 * LINE + (18 if box.status else 0) + 20


def _middle(keys: Sequence[str], centre: Mapping[str, float]) -> float:
    found = [centre[k] for k in keys if k in centre]
    return sum(found) / len(found) if found else float("inf")


def draw_driver_diagram(aim: str, primary: Sequence[Box], secondary: Sequence[Box], ideas: Sequence[Box]) -> Board:
    """Draw a driver diagram; boxes of a column stand in the order of what they lead to."""
    sheet = Sheet(4 * _W + 3 * _GAP + 8)
    lefts = [4 + i * (_W + _GAP) for i in range(4)]
    for left, head in zip(lefts, _HEADS, strict=True):
        sheet.text(left, 8, [head], size=14, bold=True, look="muted")
    known = {b.key for b in (*primary, *secondary)}
    centre: dict[str, float] = {}
    right_of: dict[str, float] = {}
    bottom = _TOP
    for column, boxes in ((1, primary), (2, secondary), (3, ideas)):
        y = _TOP
        for box in sorted(boxes, key=lambda b: _middle(b.to, centre)) if column > 1 else boxes:
            tall = _tall(box)
            loose = column > 1 and not any(k in known for k in box.to)
            look = "warn" if loose else "soft" if box.status in ("testing", "adopted") else "box"
            sheet.box(lefts[column], y, _W, tall, look=look, dashed=box.status == "abandoned")
            end = sheet.text(lefts[column] + 12, y + 8, wrap(box.text, _W - 24, 14), size=14)
            if box.status:
                sheet.text(lefts[column] + 12, end, [box.status], size=12, look="muted", italic=True)
            centre[box.key], right_of[box.key] = y + tall / 2, lefts[column] + _W
            for key in box.to:
                if key in right_of:
                    sheet.curve(right_of[key], centre[key], lefts[column], y + tall / 2)
            y += tall + 14
        bottom = max(bottom, y)
    lines = wrap(aim or "No aim yet", _W - 28, 16, bold=True)
    tall = max(80.0, len(lines) * 16 * LINE + 28)
    top = max(_TOP, (_TOP + bottom - tall) / 2)
    sheet.box(lefts[0], top, _W, tall, look="head")
    sheet.text(lefts[0] + 14, top + 12, lines, size=16, bold=True, look="on")
    for box in primary:
        sheet.curve(lefts[0] + _W, top + tall / 2, lefts[1], centre[box.key])
    sheet.reach(bottom)
    said = _says(primary, secondary, ideas, known)
    return Board("Driver diagram", said, sheet.svg(said), _table(aim, primary, secondary, ideas))


def _says(primary, secondary, ideas, known: set[str]) -> str:
    counted = f"{len(primary)} primary drivers, {len(secondary)} secondary drivers, {len(ideas)} change ideas."
    loose = [b.text for b in (*secondary, *ideas) if not any(k in known for k in b.to)]
    return counted + (f" Leading nowhere yet: {'; '.join(loose)}." if loose else "")


def _table(aim, primary, secondary, ideas) -> Table:
    names = {b.key: b.text for b in (*primary, *secondary)}
    kinds = [("Aim", [Box("", aim or "No aim yet")]), *zip(_HEADS[1:], (primary, secondary, ideas), strict=True)]
    rows = [
        (b.text, kind, "; ".join(names.get(k, "") for k in b.to if k in names) or ("aim" if kind == _HEADS[1] else ""),
         b.status)
        for kind, boxes in kinds
        for b in boxes
    ]  # fmt: skip
    return Table("Aim, drivers and change ideas", ("Text", "Kind", "Leads to", "Status"), tuple(rows))
