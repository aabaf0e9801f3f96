"""The centre and the limits of XmR, p, p′, u and c charts, for many series at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kit.variation.centre import Centre, means, rates, segment_sums, whole_numbers

__all__ = ["KINDS", "Limits", "attribute_limits", "xmr_limits"]

KINDS = ("xmr", "p", "p_prime", "u", "c")
# 2.66 = 3 / 1.128 and 3.267 are the constants of a moving range of two points (rules.md §6.3, grade A).
_INDIVIDUALS, _D2 = 2.66, 1.128
# 3.267 in thousandths, to compare whole numbers.
_RANGES = 3267


@dataclass(frozen=True)
class Limits:
    """Centre and limits.

    Attributes
    ----------
    value : array of float
        What is drawn, one a point; NaN where missing.
    centre : Centre
    reach : array of float
        From the centre to a limit (three sigma), one a point.
    low, high : array of float
        The limits, one a point, kept within what is possible.
    moving_range, moving_range_limit : array of float
        One a point; NaN for all but XmR.
    screened : array of int
        One a segment: moving ranges that were left out.
    """

    value: np.ndarray
    centre: Centre
    reach: np.ndarray
    low: np.ndarray
    high: np.ndarray
    moving_range: np.ndarray
    moving_range_limit: np.ndarray
    screened: np.ndarray


def xmr_limits(
    values: np.ndarray,
    segment: np.ndarray,
    used: np.ndarray,
    segments: int,
    *,
    screened: bool,
    lowest: float | None,
    highest: float | None,
) -> Limits:
    """Return mean ± 2.66 · mean moving range.

    A moving range needs two neighbours: across a missing point, and from one segment to the next, there is none.

    Parameters
    ----------
    values : array of float
    segment, used, segments
        As in :func:`kit.variation.centre.medians`.
    screened : bool
        Leave out moving ranges of 3.267 times their mean or more, once, and average the others (Nelson 1982).
    lowest, highest : float or None
        Limits stop here, for a measure that cannot go further.
    """
    centre = means(values, segment, used, segments)
    whole, decimals = whole_numbers(values)
    whole = whole.astype(object) if len(whole) and _spread(whole) * 4000 * len(whole) >= 2**62 else whole
    pair = _pairs(~np.isnan(values), segment)
    steps = np.zeros(len(values), dtype=whole.dtype)
    steps[1:] = abs(whole[1:] - whole[:-1])
    # The used points are the first of their segment, so that a used point's neighbour before it is used too.
    base = pair & used
    counts, sums = _sums(steps, base, segment, segments)
    dropped = np.zeros(segments, dtype="int64")
    ours = _mean(sums, counts, decimals)
    if screened:
        keep = base & ((1000 * counts[segment] * steps < _RANGES * sums[segment]) | (sums == 0)[segment])
        kept, sums = _sums(steps, keep, segment, segments)
        dropped, ours = counts - kept, _mean(sums, kept, decimals)
    reach = (_INDIVIDUALS * ours)[segment]
    line = centre.line[segment]
    return Limits(
        value=values,
        centre=centre,
        reach=reach,
        low=_stop(line - reach, lowest, np.maximum),
        high=_stop(line + reach, highest, np.minimum),
        moving_range=np.where(pair, np.array(steps / 10**decimals, dtype="float64"), np.nan),
        moving_range_limit=(_RANGES / 1000 * ours)[segment],
        screened=dropped,
    )


def attribute_limits(
    kind: str,
    counts: np.ndarray,
    denominators: np.ndarray | None,
    segment: np.ndarray,
    used: np.ndarray,
    segments: int,
    *,
    per: int,
    screened: bool,
) -> Limits:
    """Return the limits of counts and rates: binomial (p, p′) or Poisson (u, c), three sigma on either side.

    p: √(p̄(1 − p̄)/n). p′: the same times sigma z, the mean moving range of the standardised points over 1.128
    (Laney 2002). u: √(ū/n). c: √c̄. Each point has its own denominator. Limits stay within 0 and, for shares, 1.

    Parameters
    ----------
    kind : {"p", "p_prime", "u", "c"}
    counts, denominators : array of float
        A denominator of 0 makes a missing point; None for c.
    segment, used, segments
        As in :func:`kit.variation.centre.medians`.
    per : int
        The rate is of this many.
    screened : bool
        p′ only: leave out moving ranges of 3.267 times their mean or more, once.
    """
    dropped = np.zeros(segments, dtype="int64")
    if kind == "c":
        centre, value = means(counts, segment, used, segments), counts
        reach = 3 * np.sqrt(centre.line)[segment]
        return _attribute(value, centre, segment, reach, None, dropped)
    missing = np.isnan(counts) | (denominators == 0) | np.isnan(denominators)
    n = np.where(missing, np.nan, denominators)
    value = per * counts / n
    centre = rates(counts, denominators, segment, used, segments, per)
    share = centre.line[segment] / per
    if kind == "u":
        return _attribute(value, centre, segment, per * 3 * np.sqrt(share / n), None, dropped)
    sigma = np.sqrt(share * (1 - share) / n)
    if kind == "p_prime":
        z = np.zeros(len(counts))
        # On the centre to the last decimal is 0 exactly; with a rate of 0 or 1 there is no variation to compare with.
        np.divide(counts / n - share, sigma, out=z, where=(sigma > 0) & (centre.side != 0))
        between, dropped = _between(z, _pairs(~missing, segment) & used, segment, segments, screened)
        sigma = sigma * between[segment]
    return _attribute(value, centre, segment, per * 3 * sigma, float(per), dropped)


def _attribute(value, centre, segment, reach, highest, dropped) -> Limits:
    line, nothing = centre.line[segment], np.full(len(value), np.nan)
    low, high = np.maximum(line - reach, 0.0), _stop(line + reach, highest, np.minimum)
    return Limits(value, centre, reach, low, high, nothing, nothing, dropped)


def _pairs(present: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """Return which points have a neighbour before them in their segment."""
    pair = np.zeros(len(present), dtype=bool)
    pair[1:] = present[1:] & present[:-1] & (segment[1:] == segment[:-1])
    return pair


def _sums(steps: np.ndarray, keep: np.ndarray, segment: np.ndarray, segments: int) -> tuple[np.ndarray, np.ndarray]:
    counts = np.bincount(segment[keep], minlength=segments)
    return counts, segment_sums(np.where(keep, steps, 0), segment, segments)


def _mean(sums: np.ndarray, counts: np.ndarray, decimals: int) -> np.ndarray:
    pairs = zip(sums.tolist(), counts.tolist(), strict=True)
    return np.array([s / (n * 10**decimals) if n else np.nan for s, n in pairs], dtype="float64")


def _between(z, keep, segment, segments, screened) -> tuple[np.ndarray, np.ndarray]:
    """Return sigma z of each segment, and how many moving ranges were left out."""
    steps = np.zeros(len(z))
    steps[1:] = np.abs(z[1:] - z[:-1])
    counts, sums = _sums(steps, keep, segment, segments)
    mean = np.divide(sums, counts, out=np.full(segments, np.nan), where=counts > 0)
    dropped = np.zeros(segments, dtype="int64")
    if screened:
        keep = keep & ((steps < _RANGES / 1000 * mean[segment]) | (mean == 0)[segment])
        kept, sums = _sums(steps, keep, segment, segments)
        mean = np.divide(sums, kept, out=np.full(segments, np.nan), where=kept > 0)
        dropped = counts - kept
    return mean / _D2, dropped


def _stop(limit: np.ndarray, end: float | None, nearer) -> np.ndarray:
    return limit if end is None else nearer(limit, end)


def _spread(whole: np.ndarray) -> int:
    return int(whole.max()) - int(whole.min())
