"""Exact numbers and rounding: every published figure of every rule set goes through here.

Rates are compared and rounded as fractions of whole numbers. A float enters only as the decimal that it was
written as (0.1 is one tenth), so that three absences of 0.1 day are 0.3 day.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from kit.errors import KitError
from kit.language import N_
from kit.rules.assumptions import Assumption

__all__ = ["HALF_UP", "Number", "exact", "half_up", "rate", "round_rates"]

Number = int | float | str | Decimal | Fraction

HALF_UP = Assumption(
    id="half-up",
    text=N_("An exact tie is rounded away from zero (2.25 to 2.3, −2.25 to −2.3), on exact fractions."),
    alternative=N_("Half to even. No Dashboard row at hand holds a tie; the 49 and 26 below are rounded up."),
    source="rules.md §0; 49 ties in New York rates 2021-22, 26 in California truancy rates 2012-15",
    grade="D",
)


def exact(value: Number) -> Fraction:
    """Return a number as the fraction that it was written as.

    Parameters
    ----------
    value : int, float, str, Decimal or Fraction
        A float is taken as its shortest decimal: 0.1 is 1/10, not the nearest binary number.

    Raises
    ------
    KitError
        Where it is no finite number.

    Examples
    --------
    >>> exact(0.1) + exact("0.2") == exact(0.3)
    True
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    try:
        return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, TypeError, OverflowError) as e:
        raise KitError(f"'{value}' is not a number", mend="Give a whole number or a decimal.") from e


def half_up(value: Number, decimals: int = 1) -> Decimal:
    """Round to a number of decimals, ties away from zero.

    Examples
    --------
    >>> half_up(Fraction(9, 4)), half_up("-2.25")
    (Decimal('2.3'), Decimal('-2.3'))
    """
    scaled = exact(value) * 10**decimals
    units = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(units if scaled >= 0 else -units).scaleb(-decimals)


def rate(count: int, n: int, decimals: int | None = 1) -> Decimal | Fraction | None:
    """Return 100·count/n, rounded half-up; the exact fraction with ``decimals=None``; None where ``n`` is 0.

    Examples
    --------
    >>> rate(7, 350)
    Decimal('2.0')
    """
    if n == 0:
        return None
    percent = Fraction(100 * int(count), int(n))
    return percent if decimals is None else half_up(percent, decimals)


def round_rates(count: pd.Series, n: pd.Series, decimals: int = 1) -> pd.Series:
    """Return 100·count/n for a whole column, rounded half-up in whole numbers.

    Parameters
    ----------
    count, n : Series of whole numbers
        Missing values and a denominator of 0 give a missing rate.
    decimals : int

    Returns
    -------
    Series of float64
        The float nearest to the rounded decimal.
    """
    known = count.notna() & n.notna() & (n != 0)
    # int64 is exact here while 200·10^decimals·count stays below 9·10^18.
    c = count.where(known, 0).astype("int64").to_numpy()
    d = n.where(known, 1).astype("int64").to_numpy()
    if (c < 0).any() or (d < 0).any():
        raise KitError("a count below 0 cannot be a rate", mend="Counts are whole numbers from 0.")
    units = (2 * 100 * 10**decimals * c + d) // (2 * d)
    return pd.Series(units / 10**decimals, index=count.index).where(known)
