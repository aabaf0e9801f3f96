"""A plain series as it comes: numbers in order, empty where nothing was measured; every fault said at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from numbers import Real

import numpy as np
import pandas as pd

from kit.errors import Fault, InputError

__all__ = ["LARGEST", "check_rates", "read_labels", "read_numbers"]

# Larger numbers are a slip of the pen; below it, whole numbers are exact. The team's store has the same end.
LARGEST = 1e15


def read_numbers(values: Sequence, name: str = "values") -> np.ndarray:
    """Read a series as floats, NaN where there is no value.

    Parameters
    ----------
    values : sequence
        Numbers (decimals and fractions too); None, NaN, NA and empty text are missing.
    name : str
        What the series is called in an error.

    Raises
    ------
    InputError
        Every value that is no number, or one beyond ± 1e15, with its place in the series (the first is 1).
    """
    if isinstance(getattr(values, "dtype", None), np.dtype) and values.dtype.kind in "fiu":
        read = np.array(values, dtype="float64")
        wrong = np.flatnonzero(np.abs(read) > LARGEST).tolist()
    else:
        read, wrong = np.empty(len(values)), []
        for i, value in enumerate(values):
            number = _number(value)
            read[i] = np.nan if number is None else number
            if number is None:
                wrong.append(i)
    _refuse(
        (
            name,
            i,
            f"'{_at(values, i)}' is not a number",
            "Give a finite number, or leave it empty if nothing was measured",
        )
        for i in wrong
    )
    return read


def _number(value) -> float | None:
    """Return the float of a value, NaN where it is missing and None where it is no number."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, str) and not value.strip()):
        return float("nan")
    if isinstance(value, bool | np.bool_) or (not isinstance(value, Real | str) and not hasattr(value, "as_tuple")):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    if abs(number) > LARGEST or (isinstance(value, str) and number != number):
        return None
    return number


def check_rates(counts: np.ndarray, denominators: np.ndarray | None, *, shares: bool) -> None:
    """Refuse counts and denominators that cannot be.

    Parameters
    ----------
    counts : array
    denominators : array or None
        As long as ``counts``. A denominator of 0 is no fault where the count is 0: the point is missing.
    shares : bool
        True where the count is a part of the denominator and cannot be larger.

    Raises
    ------
    InputError
    """
    faults = [("counts", i, f"{counts[i]:g} is below 0", "A count is 0 or more") for i in np.flatnonzero(counts < 0)]
    if denominators is not None:
        if len(denominators) != len(counts):
            problem = f"there are {len(counts)} counts and {len(denominators)} denominators"
            raise InputError([Fault("error", "series", problem, "Give one denominator for each count")], "the series")
        for i in np.flatnonzero(denominators < 0):
            faults.append(("denominators", i, f"{denominators[i]:g} is below 0", "A denominator is 0 or more"))
        too_many = (counts > denominators) if shares else (counts > 0) & (denominators == 0)
        for i in np.flatnonzero(too_many):
            problem = f"{counts[i]:g} is more than its denominator {denominators[i]:g}"
            faults.append(("counts", i, problem, "Check both numbers of this point"))
    _refuse(faults)


def read_labels(labels: Sequence | None, n: int) -> list:
    """Return one label a point (1, 2, 3 … where none are given); dates must rise.

    Raises
    ------
    InputError
        Where there are more or fewer labels than points, or dates that do not rise.
    """
    if labels is None:
        return list(range(1, n + 1))
    read = [x.date() if isinstance(x, dt.datetime) else x for x in labels]
    if len(read) != n:
        problem = f"there are {n} values and {len(read)} labels"
        raise InputError([Fault("error", "series", problem, "Give one label for each value")], "the series")
    if any(isinstance(x, dt.date) for x in read):
        _refuse(
            ("labels", i, f"'{later}' does not come after '{earlier}'", "Give each date once, the earliest first")
            for i, (earlier, later) in enumerate(pairwise(read), start=1)
            if not (isinstance(earlier, dt.date) and isinstance(later, dt.date) and earlier < later)
        )
    return read


def _at(values: Sequence, i: int):
    return values.iloc[i] if isinstance(values, pd.Series) else values[i]


def _refuse(faults) -> None:
    found = [
        Fault("error", "series", problem, f"{mend}.", row=int(i) + 1, column=name, rule="series")
        for name, i, problem, mend in faults
    ]
    if found:
        raise InputError(found, "the series")
