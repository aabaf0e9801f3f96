"""Medians, means and rates of many series at once, and on which side of them a point lies: exact.

A point is on the line only if the decimals that were supplied say so: 0.1, 0.2 and 0.3 have the mean 0.2, which
floats do not give. Values are therefore taken as whole numbers of their last decimal place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Centre", "means", "medians", "rates", "segment_sums", "whole_numbers"]

# The largest whole numbers that a float holds exactly, and that an int64 holds.
_EXACT_FLOAT, _LARGEST = 2**53, 2**62
_MOST_DECIMALS = 15


@dataclass(frozen=True)
class Centre:
    """The centre of each segment, and the side of each point.

    Attributes
    ----------
    line : array of float
        One a segment; NaN where it has no point.
    side : array of int8
        One a point: 1 above, −1 below, 0 on the line or missing.
    """

    line: np.ndarray
    side: np.ndarray


def whole_numbers(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return values as whole numbers of 10 to the power −d, and d; missing values are 0.

    Parameters
    ----------
    values : array of float
        Each is read as the shortest decimal that gives this float.
    """
    known = np.where(np.isnan(values), 0.0, values)
    largest = float(np.abs(known).max(initial=0.0))
    for decimals in range(_MOST_DECIMALS + 1):
        if largest * 10**decimals >= _EXACT_FLOAT:
            break
        scaled = np.rint(known * 10**decimals)
        # Dividing whole numbers rounds once, so equality proves that the float was written with these decimals.
        if (scaled / 10**decimals == known).all():
            return scaled.astype("int64"), decimals
    written = [_digits(v) for v in known.tolist()]
    decimals = max(0, *(d for _digits, d in written))
    powers = [10**k for k in range(decimals - min(d for _digits, d in written) + 1)]
    return np.array([digits * powers[decimals - d] for digits, d in written], dtype=object), decimals


def _digits(value: float) -> tuple[int, int]:
    """Return the digits of the shortest decimal that gives a float, and how many of them are decimals."""
    mantissa, _e, exponent = repr(value).partition("e")
    whole, _point, fraction = mantissa.partition(".")
    return int(whole + fraction), len(fraction) - int(exponent or 0)


def medians(values: np.ndarray, segment: np.ndarray, used: np.ndarray, segments: int) -> Centre:
    """Return the median of the used points of each segment.

    Parameters
    ----------
    values : array of float
        NaN where missing.
    segment : array of int
        The segment of each point, 0 to ``segments`` − 1, never falling.
    used : array of bool
        Which points make the centre; missing ones never do.
    segments : int
    """
    whole, decimals = whole_numbers(values)
    whole = _roomy(whole, 2)
    used = used & ~np.isnan(values)
    order = np.lexsort((values[used], segment[used]))
    ordered = whole[used][order]
    counts = np.bincount(segment[used], minlength=segments)
    starts = np.cumsum(counts) - counts
    some = counts > 0
    twice = np.zeros(segments, dtype=whole.dtype)
    twice[some] = ordered[(starts + (counts - 1) // 2)[some]] + ordered[(starts + counts // 2)[some]]
    line = _divide(twice, np.full(segments, 2), decimals, some)
    return Centre(line, _sides(2 * whole, twice[segment], values, some[segment]))


def means(values: np.ndarray, segment: np.ndarray, used: np.ndarray, segments: int) -> Centre:
    """Return the mean of the used points of each segment; parameters as in :func:`medians`."""
    whole, decimals = whole_numbers(values)
    used = used & ~np.isnan(values)
    counts = np.bincount(segment[used], minlength=segments)
    whole = _roomy(whole, 2 * int(counts.max(initial=1)) + 2)
    sums = segment_sums(np.where(used, whole, 0), segment, segments)
    line = _divide(sums, counts, decimals, counts > 0)
    return Centre(line, _sides(counts[segment] * whole, sums[segment], values, (counts > 0)[segment]))


def rates(
    counts: np.ndarray, denominators: np.ndarray, segment: np.ndarray, used: np.ndarray, segments: int, per: int = 1
) -> Centre:
    """Return the sum of counts over the sum of denominators of each segment, times ``per``.

    A point is missing where its count or denominator is, or the denominator is 0.
    """
    missing = np.isnan(counts) | np.isnan(denominators) | (denominators == 0)
    x, x_decimals = whole_numbers(np.where(missing, np.nan, counts))
    n, n_decimals = whole_numbers(np.where(missing, np.nan, denominators))
    room = int(np.bincount(segment, minlength=1).max()) * max(_size(x), _size(n), 1)
    x, n = _roomy(x, room), _roomy(n, room)
    use = used & ~missing
    x_sum = segment_sums(np.where(use, x, 0), segment, segments)
    n_sum = segment_sums(np.where(use, n, 0), segment, segments)
    some = n_sum > 0
    top = [int(a) * per * 10**n_decimals for a in x_sum]
    line = _divide(np.array(top, dtype=object), n_sum, x_decimals, some)
    side = _sides(x * n_sum[segment], x_sum[segment] * n, np.where(missing, np.nan, 0.0), some[segment])
    return Centre(line, side)


def segment_sums(numbers: np.ndarray, segment: np.ndarray, segments: int) -> np.ndarray:
    """Return the sum of each segment in the numbers' own type, 0 for a segment without points."""
    sums = np.zeros(segments, dtype=numbers.dtype)
    if len(numbers):
        starts = np.flatnonzero(np.diff(segment, prepend=-1))
        sums[segment[starts]] = np.add.reduceat(numbers, starts)
    return sums


def _size(whole: np.ndarray) -> int:
    return max(int(whole.max(initial=0)), -int(whole.min(initial=0)))


def _roomy(whole: np.ndarray, times: int) -> np.ndarray:
    """Return numbers that can be multiplied this many times over: without limit where 64 bits are too few."""
    return whole if whole.dtype == object or _size(whole) * times < _LARGEST else whole.astype(object)


def _divide(top: np.ndarray, bottom: np.ndarray, decimals: int, some: np.ndarray) -> np.ndarray:
    # Python's division of whole numbers rounds once, so a mean of decimals is the float nearest to it.
    pairs = zip(top.tolist(), bottom.tolist(), some.tolist(), strict=True)
    return np.array([_quotient(a, b * 10**decimals) if ok else np.nan for a, b, ok in pairs], dtype="float64")


def _quotient(top: int, bottom: int) -> float:
    return top / bottom


def _sides(point: np.ndarray, line: np.ndarray, values: np.ndarray, some: np.ndarray) -> np.ndarray:
    side = np.asarray(point > line, dtype="int8") - np.asarray(point < line, dtype="int8")
    return np.where(np.isnan(values) | ~some, 0, side).astype("int8")
