"""Intervals for one proportion, a difference of two, and a difference of two differences.

Everything is on proportions from 0 to 1, on arrays, and by closed formulas: nothing is drawn at random.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

__all__ = ["difference_interval", "normal_quantile", "subtract_intervals", "wilson_interval"]


def normal_quantile(confidence: float) -> float:
    """Return z for a two-sided interval: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson_interval(count, n, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's score interval for a proportion, without continuity correction.

    Where ``n`` is 0 or empty, or ``count`` is not from 0 to ``n``, both ends are empty. It never leaves 0 to
    1 and has a width above zero at 0 % and 100 %, unlike estimate plus or minus two standard errors.
    Source: Wilson 1927, J. Am. Statistical Association 22, 209-212; Newcombe 1998, Statistics in Medicine 17,
    857-872, method 3.

    Examples
    --------
    >>> low, high = wilson_interval([15], [148])
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0624, 0.1605)
    """
    x, n = np.asarray(count, dtype=float), np.asarray(n, dtype=float)
    fits = (n > 0) & (x >= 0) & (x <= n)
    x, n = np.where(fits, x, np.nan), np.where(fits, n, np.nan)
    z = normal_quantile(confidence)
    middle = (x + z * z / 2) / (n + z * z)
    half = z * np.sqrt(x * (n - x) / n + z * z / 4) / (n + z * z)
    # At 0 and n the formula gives exactly 0 and 1 but for the last bit.
    return np.where(x == 0, 0.0, middle - half), np.where(x == n, 1.0, middle + half)


def subtract_intervals(first, second) -> tuple[np.ndarray, np.ndarray]:
    """Interval for a difference of two independent quantities from the interval of each.

    Parameters
    ----------
    first, second : (estimate, low, high)

    Returns
    -------
    low, high : ndarray
        Distances to the nearer and farther ends are added as squares, which keeps the skew of each part.
        Source: Newcombe 1998, Statistics in Medicine 17, 873-890 (method 10 where the parts are Wilson
        intervals); Zou and Donner 2008, Statistics in Medicine 27, 1693-1702, for any two estimates.
    """
    (a, a_low, a_high), (b, b_low, b_high) = (
        tuple(np.asarray(v, dtype=float) for v in part) for part in (first, second)
    )
    difference = a - b
    return difference - np.hypot(a - a_low, b_high - b), difference + np.hypot(a_high - a, b - b_low)


def difference_interval(count_a, n_a, count_b, n_b, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Newcombe's interval for the difference of two independent proportions, a minus b.

    Source: Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.

    Examples
    --------
    >>> low, high = difference_interval([56], [70], [48], [80])
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0524, 0.3339)
    """
    parts = []
    for x, n in ((count_a, n_a), (count_b, n_b)):
        x, n = np.asarray(x, dtype=float), np.asarray(n, dtype=float)
        share = np.divide(x, n, out=np.full(np.broadcast(x, n).shape, np.nan), where=n > 0)
        parts.append((share, *wilson_interval(x, n, confidence)))
    return subtract_intervals(*parts)
