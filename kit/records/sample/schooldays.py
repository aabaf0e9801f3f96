"""School calendars: the days of a district's school year, as days since 1970 (as Parquet's date32)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

__all__ = ["SchoolYear", "day", "school_year_days"]

EPOCH = date(1970, 1, 1)
LAST_YEAR = 2026  # the newest school year of every sample network


def day(year: int, month: int, of_month: int) -> int:
    """Return a date as days since 1970."""
    return (date(year, month, of_month) - EPOCH).days


@dataclass(frozen=True)
class SchoolYear:
    """One district's days in one school year.

    Attributes
    ----------
    year : int
        The ending year.
    instructional : ndarray of int32
        Days of school, in order.
    closed : ndarray of int32
        Weekdays between the first and the last day without school.
    """

    year: int
    instructional: np.ndarray
    closed: np.ndarray

    @property
    def first(self) -> int:
        return int(self.instructional[0])

    @property
    def last(self) -> int:
        return int(self.instructional[-1])


def _nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _closed(year: int, district: int) -> set[date]:
    """Holidays and breaks of an American school year; the spring break differs between districts."""
    thanksgiving = _nth_weekday(year - 1, 11, 3, 4)
    winter = date(year - 1, 12, 20)
    spring = _nth_weekday(year, 3, 0, 4) + timedelta(weeks=district % 3)
    days = {
        _nth_weekday(year - 1, 9, 0, 1),
        date(year - 1, 11, 11),
        _nth_weekday(year, 1, 0, 3),
        _nth_weekday(year, 2, 0, 3),
        _nth_weekday(year - 1, 10, 4, 2),
        _nth_weekday(year, 5, 0, 4) + timedelta(days=7 if _nth_weekday(year, 5, 0, 4).day < 25 else 0),
    }
    days |= {thanksgiving + timedelta(days=d) for d in (-1, 0, 1)}
    days |= {winter + timedelta(days=d) for d in range(16)}
    days |= {spring + timedelta(days=d) for d in range(5)}
    return days


def school_year_days(year: int, district: int) -> SchoolYear:
    """Return a district's school year: 180 days from mid-August (178 in every fourth district)."""
    wanted = 178 if district % 4 == 3 else 180
    today = _nth_weekday(year - 1, 8, 0, 2) + timedelta(days=district % 3)
    closed_days = _closed(year, district)
    school, closed = [], []
    while len(school) < wanted:
        if today.weekday() < 5:
            (closed if today in closed_days else school).append((today - EPOCH).days)
        today += timedelta(days=1)
    return SchoolYear(year, np.array(school, "int32"), np.array(closed, "int32"))
