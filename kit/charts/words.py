"""How years, numbers, changes and lists are written, the same everywhere on a page."""

from __future__ import annotations

from collections.abc import Sequence

from kit.language import _, left_to_right, ngettext, number
from kit.measures.registry import Measure

__all__ = ["change", "count", "difference", "grade_order", "listing", "year", "years"]

MINUS = "−"
_GRADES = ("TK", "PK", "K", *map(str, range(1, 13)))


def year(ending: int) -> str:
    """Write a school year by its two calendar years: 2026 is ``2025-26``."""
    return left_to_right(f"{int(ending) - 1}-{int(ending) % 100:02d}")


def years(endings: Sequence[int]) -> str:
    """Write a span of school years: ``2023-24 to 2025-26``."""
    first, last = year(min(endings)), year(max(endings))
    return first if first == last else _("{first} to {last}").format(first=first, last=last)


def count(n: float | None) -> str:
    """Write a number of students or answers; unknown is a dash."""
    return "–" if n is None or n != n else number(int(n))


def difference(value: float | None, measure: Measure) -> str:
    """Write a difference with its sign: ``+2.1`` (percentage points), ``−0.12`` (grade points), ``+4``."""
    if value is None or value != value:
        return "–"
    digits = {"points": 2, "percentile": 0}.get(measure.scale, 1)
    size = number(abs(value), digits)
    if not any(c in "123456789" for c in size):
        return size
    return left_to_right((MINUS if value < 0 else "+") + size)


def change(value: float | None, measure: Measure) -> str:
    """Write a difference with its unit: ``+2.1 points``."""
    text = difference(value, measure)
    if text == "–":
        return text
    if measure.scale == "points":
        return _("{difference} grade points").format(difference=text)
    if measure.scale == "percentile":
        return _("{difference} percentiles").format(difference=text)
    return _("{difference} points").format(difference=text)


def listing(items: Sequence[str], limit: int = 12) -> str:
    """Join names as a sentence does: ``a, b and c``; beyond the limit the rest are counted."""
    items = list(items)
    if len(items) > limit:
        rest = len(items) - limit + 1
        items = [*items[: limit - 1], ngettext("{n} more", "{n} more", rest).format(n=rest)]
    if len(items) < 2:
        return "".join(items)
    return _("{items} and {last}").format(items=_(", ").join(items[:-1]), last=items[-1])


def grade_order(grade: str) -> int:
    """Return where a grade stands from TK to 12; unknown grades come last."""
    return _GRADES.index(grade) if grade in _GRADES else len(_GRADES)
