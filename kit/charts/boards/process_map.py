"""The process map: how something happens today, step by step, with waits, hand-offs and where it varies.

Form: rules.md §7 (start, end, step, decision, hand-off, wait; points of variation are marked).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kit.charts.boards.sheet import LINE, Board, Sheet, wrap
from kit.charts.display import Table

__all__ = ["Step", "draw_process_map"]

_W, _LANE, _STEP_GAP = 210.0, 120.0, 46.0
_KINDS = ("start", "step", "decision", "hand-off", "wait", "end")


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    key, text : str
    shape : {"start", "step", "decision", "hand-off", "wait", "end"}
    who : str
        A role; the steps of one role stand in one lane.
    next : tuple of str
        Keys of the steps that follow; empty: the next in order.
    answers : tuple of str
        For a decision, the answer that leads to each step of ``next``.
    days : float or None
        How long it waits.
    varies : bool
        Whether it differs from person to person.
    trouble : str
        Where it stalls or varies.
    """

    key: str
    text: str
    shape: str = "step"
    who: str = ""
    next: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    days: float | None = None
    varies: bool = False
    trouble: str = ""


def _words(step: Step) -> str:
    return step.text + (f" ({step.days:g} days)" if step.days is not None else "")


def _tall(step: Step) -> float:
    lines = len(wrap(_words(step), _W - 36, 14)) * 14 * LINE
    mark = len(wrap(_mark(step), _W - 12, 12)) * 12 * LINE if _mark(step) else 0
    return lines + 24 + mark


def _mark(step: Step) -> str:
    if not (step.varies or step.trouble):
        return ""
    return "⚠ " + (step.trouble or "varies from person to person")


def draw_process_map(title: str, steps: Sequence[Step]) -> Board:
    """Draw a process map from left to right, a lane for each role.

    Parameters
    ----------
    title : str
    steps : sequence of Step
        In their order.
    """
    lanes = list(dict.fromkeys(s.who for s in steps)) or [""]
    tall = {lane: max(_tall(s) for s in steps if s.who == lane) + 34 for lane in lanes} if steps else {"": 80.0}
    sheet = Sheet(_LANE + max(1, len(steps)) * (_W + _STEP_GAP) + 8)
    tops, y = {}, 8.0
    for lane in lanes:
        tops[lane] = y
        sheet.box(4, y, sheet.width - 8, tall[lane], look="box", round=0)
        sheet.text(14, y + 8, wrap(lane or "Anyone", _LANE - 20, 13, bold=True), size=13, bold=True, look="muted")
        y += tall[lane]
    place: dict[str, tuple[float, float, float]] = {}
    for i, step in enumerate(steps):
        x = _LANE + i * (_W + _STEP_GAP)
        h = len(wrap(_words(step), _W - 36, 14)) * 14 * LINE + 24
        top = tops[step.who] + 16
        place[step.key] = (x, top, h)
        _shape(sheet, step, x, top, h)
        lines = wrap(_words(step), _W - 36, 14)
        sheet.text(x + _W / 2, top + 9, lines, size=14, anchor="middle", bold=step.shape in ("start", "end"))
        if _mark(step):
            sheet.text(x + 6, top + h + 2, wrap(_mark(step), _W - 12, 12), size=12, look="closer")
    for i, step in enumerate(steps):
        follow = step.next or ((steps[i + 1].key,) if i + 1 < len(steps) and step.shape != "end" else ())
        for n, key in enumerate(follow):
            if key in place:
                _arrow(sheet, place[step.key], place[key], step.answers[n] if n < len(step.answers) else "")
    said = _says(title, steps)
    return Board(title or "Process map", said, sheet.svg(said), _table(steps))


def _shape(sheet: Sheet, step: Step, x: float, top: float, h: float) -> None:
    look = "warn" if step.varies or step.trouble else "soft" if step.shape in ("start", "end") else "box"
    if step.shape == "decision":
        mid = top + h / 2
        points = [(x, mid), (x + 18, top), (x + _W - 18, top), (x + _W, mid), (x + _W - 18, top + h), (x + 18, top + h)]
        sheet.path(points, look=look, closed=True)
    elif step.shape == "hand-off":
        points = [(x, top), (x + _W - 16, top), (x + _W, top + h / 2), (x + _W - 16, top + h), (x, top + h)]
        sheet.path(points, look=look, closed=True)
    else:
        sheet.box(x, top, _W, h, look=look, dashed=step.shape == "wait", round=h / 2 if look == "soft" else 4)


def _arrow(sheet: Sheet, start: tuple, end: tuple, answer: str) -> None:
    (x1, y1, h1), (x2, y2, h2) = start, end
    if x2 > x1:
        way = [(x1 + _W, y1 + h1 / 2), (x2 - _STEP_GAP / 2, y1 + h1 / 2), (x2 - _STEP_GAP / 2, y2 + h2 / 2),
               (x2 - 2, y2 + h2 / 2)]  # fmt: skip
    else:
        low = max(y1 + h1, y2 + h2) + 14
        way = [(x1 + _W / 2, y1 + h1), (x1 + _W / 2, low), (x2 + _W / 2, low), (x2 + _W / 2, y2 + h2 + 2)]
    sheet.path(way, arrow=True)
    if answer:
        # Two answers leave at one point; each is written where its own way turns, where its lane is free.
        turns = x2 > x1 and way[1][1] != way[2][1]
        at = (way[1][0] + 5, way[1][1] - 20) if turns else (x1 + _W + 4, y1 + h1 / 2 - 20)
        if x2 <= x1:
            at = (x1 + _W / 2 - 40, way[1][1] - 18)
        sheet.text(*at, wrap(answer, _STEP_GAP * 2, 12)[:1], size=12, look="ours", bold=True)


def _says(title: str, steps: Sequence[Step]) -> str:
    if not steps:
        return "No step is written yet."
    roles = len({s.who for s in steps if s.who})
    waits = sum(s.days for s in steps if s.days is not None)
    parts = [f"{len(steps)} step{'s' * (len(steps) != 1)}, {roles} role{'s' * (roles != 1)}"]
    if waits:
        parts.append(f"{waits:g} days of waiting in all")
    trouble = [s.text for s in steps if s.varies or s.trouble]
    parts.append(f"it stalls or varies at: {'; '.join(trouble)}" if trouble else "no step is marked as stalling")
    return ", ".join(parts) + "."


def _table(steps: Sequence[Step]) -> Table:
    names = {s.key: s.text for s in steps}
    rows = tuple(
        (s.text, s.shape if s.shape in _KINDS else "step", s.who, "; ".join(names.get(k, "") for k in s.next),
         _mark(s).removeprefix("⚠ "))
        for s in steps
    )  # fmt: skip
    return Table("Steps", ("Step", "Kind", "Who", "Then", "Where it stalls or varies"), rows)
