"""Missing weeks are gaps: the times at which a measure should have a point and has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from kit.errors import KitError
from kit.variation.series import read_labels

__all__ = ["EVERY", "fill_gaps"]

EVERY = ("day", "week", "two weeks", "month")
_WEEK = dt.timedelta(weeks=1)


def fill_gaps(dates: Sequence[dt.date], every: str, *columns: Sequence) -> tuple[list[dt.date], list[list]]:
    """Put a missing point where a day, week, two weeks or month has none.

    Parameters
    ----------
    dates : sequence of date
        Of the points that there are, the earliest first.
    every : {"day", "week", "two weeks", "month"}
        School days are Monday to Friday. Weeks begin on Monday; two weeks are counted from the first point's.
    *columns : sequence
        Values, counts, notes …, one item a date.

    Returns
    -------
    (dates, columns)
        Longer by the gaps, which hold None. A gap stands at the first day of its time.

    Raises
    ------
    KitError
        For an unknown step.
    InputError
        For dates that do not rise, or a column of another length.
    """
    if every not in EVERY:
        raise KitError(f"'{every}' is no step between points", mend=f"Use {', '.join(EVERY)}.")
    known = read_labels(dates, len(dates))
    for column in columns:
        read_labels(known, len(column))
    if not known:
        return [], [list(c) for c in columns]
    starts = [_start(day, every, known[0]) for day in known]
    there, wanted = set(starts), starts[0]
    rows = list(zip(known, *columns, strict=True))
    while wanted < starts[-1]:
        if wanted not in there:
            rows.append((wanted, *(None for _column in columns)))
        wanted = _next(wanted, every)
    rows.sort(key=lambda row: row[0])
    filled, *others = (list(column) for column in zip(*rows, strict=True))
    return filled, others


def _start(day: dt.date, every: str, first: dt.date) -> dt.date:
    """Return the first day of the time that a day belongs to."""
    if every == "month":
        return day.replace(day=1)
    if every == "day":
        return day
    monday = day - dt.timedelta(days=day.weekday())
    if every == "week":
        return monday
    begin = first - dt.timedelta(days=first.weekday())
    return begin + (monday - begin) // (2 * _WEEK) * (2 * _WEEK)


def _next(start: dt.date, every: str) -> dt.date:
    if every == "month":
        return (start + dt.timedelta(days=31)).replace(day=1)
    if every == "day":
        # From Friday or Saturday on to Monday.
        return start + dt.timedelta(days=max(1, 7 - start.weekday()) if start.weekday() >= 4 else 1)
    return start + (_WEEK if every == "week" else 2 * _WEEK)
