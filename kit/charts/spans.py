"""The ends of an axis: wide enough that noise does not look like a landslide."""

from __future__ import annotations

from collections.abc import Sequence

from kit.measures.registry import Measure

__all__ = ["gap_span", "value_span"]

# The least that an axis spans, so that a difference of a point or two looks like one.
_LEAST = {"percent": 20.0, "points": 1.0, "percentile": 40.0}
_TOP = {"percent": 100.0, "points": 4.0, "percentile": 100.0}
_STEP = {"percent": 5.0, "points": 0.25, "percentile": 10.0}


def value_span(values: Sequence[float], measure: Measure) -> tuple[float, float]:
    """Return both ends of an axis of values: from 0 where low values are the good ones.

    The headroom above the highest value is for its label.
    """
    least, top, step = (table[measure.scale] for table in (_LEAST, _TOP, _STEP))
    if measure.id == "attendance_rate":
        least, step = 10.0, 2.0
    lowest, highest = min(values), max(values)
    room = max(least, highest - lowest) * 0.22
    high = min(top + room, _up(highest + room, step))
    low = 0.0 if measure.better == "down" else max(0.0, _down(min(lowest - room, high - least), step))
    return low, max(high, low + least)


def gap_span(values: Sequence[float], measure: Measure) -> tuple[float, float]:
    """Return both ends of an axis of differences: alike on both sides of 0."""
    step = _STEP[measure.scale]
    widest = max((abs(v) for v in values), default=0.0)
    end = max(_up(widest * 1.05, step), 2 * step)
    return -end, end


def _up(value: float, step: float) -> float:
    return step * -(-value // step)


def _down(value: float, step: float) -> float:
    return step * (value // step)
