"""How years, numbers, changes and lists are written, the same everywhere on a page."""

from __future__ import annotations

from collections.abc import Sequence

from kit.measures.registry import Measure

__all__ = ["change", "count", "difference", "grade_order", "listing", "year", "years"]

MINUS = "−"
_GRADES = ("TK", "PK", "K", *map(str, range(1, 13)))


def year(ending: int) -> str:
    """Write a school year by its two calendar years: 2026 is ``2025-26``."""
    return f"{int(ending) - 1}-{int(ending) % 100:02d}"


def years(endings: Sequence[int]) -> str:
    """Write a span of school years: ``2023-24 to 2025-26``."""
    first, last = year(min(endings)), year(max(endings))
    return first if first == last else f"{first} to {last}"


def count(n: float | None) -> str:
    """Write a number of students or answers; unknown is a dash."""
    return "–" if n is None or n != n else f"{int(n):,}"


def difference(value: float | None, measure: Measure) -> str:
    """Write a difference with its sign: ``+2.1`` (percentage points), ``−0.12`` (grade points), ``+4``."""
    if value is None or value != value:
        return "–"
    digits = {"points": 2, "percentile": 0}.get(measure.scale, 1)
    size = f"{abs(value):.{digits}f}"
    if float(size) == 0:
        return "0" if digits == 0 else size
    return (MINUS if value < 0 else "+") + size


def change(value: float | None, measure: Measure) -> str:
    """Write a difference with its unit: ``+2.1 points``."""
    text = difference(value, measure)
    if text == "–":
        return text
    unit = {"points": "grade points", "percentile": "percentiles"}.get(measure.scale, "points")
    return f"{text} {unit}"


def listing(items: Sequence[str], limit: int = 12) -> str:
    """Join names as a sentence does: ``a, b and c``; beyond the limit the rest are counted."""
    items = list(items)
    if len(items) > limit:
        items = [*items[: limit - 1], f"{len(items) - limit + 1} more"]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def grade_order(grade: str) -> int:
    """Return where a grade stands from TK to 12; unknown grades come last."""
    return _GRADES.index(grade) if grade in _GRADES else len(_GRADES)
