"""How far a school's growth figure in one year goes with its figure in the next."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

__all__ = ["stability"]

FEWEST_SCHOOLS = 4  # Fisher's interval of a correlation needs more than three pairs


def stability(schools: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Correlate schools' effects between one year and the next.

    Parameters
    ----------
    schools : pandas.DataFrame
        `ValueAdded.schools`: `school_id`, `school_year`, `subject`, `student_group`, `grade`, `raw_effect`,
        `raw_se`. Only rows with group and grade `all` are used.
    level : float
        Of the interval.

    Returns
    -------
    pandas.DataFrame
        `subject`, `school_year`, `next_year`, `schools`, `correlation` (of the effects before shrinkage) with
        `correlation_low` and `correlation_high` (Fisher), `reliability`, `next_reliability` (share of the
        variance between schools that is not chance), `disattenuated`, `note`.

    Notes
    -----
    Chance in which students a school has pulls the correlation toward 0. Dividing by the root of the two
    reliabilities estimates the correlation between the schools' true effects of the two years (Spearman
    1904). It is cut at 1, and empty where a reliability is not above 0. A year's score is the next year's
    prior score, so its error enters both effects with opposite signs: the figure is, if anything, a little
    low.
    """
    cells = schools[(schools["student_group"] == "all") & (schools["grade"] == "all")]
    rows = []
    for subject, some in cells.groupby("subject"):
        years = dict(list(some.set_index("school_id").groupby("school_year")))
        for year in sorted(years):
            if year + 1 in years:
                rows.append({"subject": subject, **_pair(year, years[year], years[year + 1], level)})
    columns = ["subject", "school_year", "next_year", "schools", "correlation", "correlation_low"]
    columns += ["correlation_high", "reliability", "next_reliability", "disattenuated", "note"]
    return pd.DataFrame(rows, columns=columns)


def _pair(year, first, second, level):
    both = first.add_suffix("_1").join(second.add_suffix("_2"), how="inner")
    row = {"school_year": year, "next_year": year + 1, "schools": len(both), "note": ""}
    if len(both) < FEWEST_SCHOOLS:
        return {**row, "note": f"fewer than {FEWEST_SCHOOLS} schools with both years: too few to say"}
    x, y = both["raw_effect_1"].to_numpy(), both["raw_effect_2"].to_numpy()
    correlation = float(np.corrcoef(x, y)[0, 1])
    reach = norm.ppf(0.5 + level / 2) / np.sqrt(len(both) - 3)
    centre = np.arctanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12))
    one, two = _reliability(x, both["raw_se_1"]), _reliability(y, both["raw_se_2"])
    row |= {
        "correlation": correlation,
        "correlation_low": float(np.tanh(centre - reach)),
        "correlation_high": float(np.tanh(centre + reach)),
        "reliability": one,
        "next_reliability": two,
    }
    if min(one, two) <= 0:
        return {**row, "note": "schools do not differ beyond chance in one of the years"}
    corrected = correlation / np.sqrt(one * two)
    note = "the corrected correlation was above 1 and is cut at 1" if corrected > 1 else ""
    return {**row, "disattenuated": min(corrected, 1.0), "note": note}


def _reliability(effects, standard_errors):
    variance = np.var(effects, ddof=1)
    return float(max(variance - np.mean(np.square(standard_errors)), 0) / variance) if variance > 0 else 0.0
