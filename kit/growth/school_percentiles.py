"""A school effect as a percentile among schools, 50 being average, with its standard error and interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from kit.errors import KitError

__all__ = ["METHODS", "school_percentiles"]

METHODS = ("normal", "rank")
NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(41)


def school_percentiles(
    effect, effect_se, variance_schools: float, *, method: str = "normal", level: float = 0.95
) -> pd.DataFrame:
    """Place each school's effect among schools.

    Parameters
    ----------
    effect, effect_se : array of float
        Shrunken effects and their standard errors, one per school.
    variance_schools : float
        Variance of the true effects of schools.
    method : {"normal", "rank"}
        `normal` reads the percentile from the normal distribution of true effects: an effect of zero is 50
        and a trifling difference stays trifling, however few the schools. `rank` is the mid-rank of the
        effects among the schools given, in equal steps whether the differences are large or not.
    level : float
        Of the intervals.

    Returns
    -------
    pandas.DataFrame
        `effect_low`, `effect_high`, `percentile`, `percentile_se`, `percentile_low`, `percentile_high`, in
        the order given. Where schools do not differ beyond chance (variance 0) every percentile is 50 with
        the interval 0 to 100.

    Raises
    ------
    KitError
        Unknown method, or a level outside 0 to 1.

    Examples
    --------
    >>> school_percentiles([0.0, 1.0], [0.5, 0.5], 1.0)["percentile"].round(1).tolist()
    [50.0, 84.1]
    """
    if method not in METHODS:
        raise KitError(f"unknown percentile method '{method}'", mend=f"Use one of {', '.join(METHODS)}")
    if not 0 < level < 1:
        raise KitError(f"the level {level} is not between 0 and 1", where="school percentiles")
    effect, effect_se = np.asarray(effect, float), np.asarray(effect_se, float)
    reach = norm.ppf(0.5 + level / 2) * effect_se
    out = pd.DataFrame({"effect_low": effect - reach, "effect_high": effect + reach})
    if variance_schools <= 0:
        # The percentile of a school about which nothing is known is uniform: standard deviation 100 / √12.
        return out.assign(percentile=50.0, percentile_se=100 / np.sqrt(12), percentile_low=0.0, percentile_high=100.0)
    if method == "normal":
        place = _among_normal(np.sqrt(variance_schools))
        percentile = place(effect)
    else:
        place = _among_these(effect, effect_se)
        percentile = 100 * (rankdata(effect) - 0.5) / len(effect)
    return out.assign(
        percentile=percentile,
        percentile_se=_spread(place, effect, effect_se),
        # Shrunken effects are less spread than true ones, so a mid-rank can lie outside: the interval holds
        # it.
        percentile_low=np.minimum(place(effect - reach), percentile),
        percentile_high=np.maximum(place(effect + reach), percentile),
    )


def _among_normal(deviation):
    return lambda value: 100 * norm.cdf(value / deviation)


def _among_these(effect, effect_se):
    """Share of these schools whose true effect is below a value, each uncertain by its standard error."""
    reach = 6 * float(effect_se.max())
    grid = np.linspace(effect.min() - reach, effect.max() + reach, 801)
    share = np.zeros(len(grid))
    for some in np.array_split(np.arange(len(effect)), max(1, len(effect) // 500)):
        share += norm.cdf((grid[:, None] - effect[some]) / effect_se[some]).sum(axis=1)
    return lambda value: 100 * np.interp(value, grid, share / len(effect))


def _spread(place, effect, effect_se):
    """Standard deviation of the percentile of a normally uncertain effect, by Gauss-Hermite quadrature."""
    weights = NODE_WEIGHTS / NODE_WEIGHTS.sum()
    values = place(effect[:, None] + effect_se[:, None] * NODES)
    mean = values @ weights
    return np.sqrt(np.maximum((values - mean[:, None]) ** 2 @ weights, 0))
