"""Student growth percentiles: where a student's score stands among students with the same earlier scores.

After Betebenner (2009): for each subject, grade and year, quantile regression of the score on cubic
B-splines of the earlier scores at 100 quantiles, 0.005 to 0.995; the percentile counts the fitted quantiles
that lie below the student's score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.interpolate import BSpline
from scipy.stats import norm

from kit.errors import KitError
from kit.growth.quantile_regression import fit_quantiles

__all__ = ["QUANTILES", "GrowthPercentiles", "growth_percentiles", "summarize_percentiles"]

QUANTILES = np.arange(1, 200, 2) / 200
KNOTS = (0.2, 0.4, 0.6, 0.8)  # Betebenner 2009; the boundary knots are the smallest and largest score
TIE = 1e-6  # of the scores' standard deviation: a score so near a fitted quantile lies on it
CHUNK = 20_000


@dataclass(frozen=True)
class GrowthPercentiles:
    """Growth percentiles of students.

    Attributes
    ----------
    students : pandas.DataFrame
        `student_id`, `subject`, `school_year`, `school_id`, `grade`, `growth_percentile` (1 to 99),
        `priors` (how many earlier scores it rests on).
    notes : pandas.DataFrame
        `subject`, `school_year`, `grade`, `n`, `note`: who has none and why.
    """

    students: pd.DataFrame
    notes: pd.DataFrame


def growth_percentiles(
    table: pd.DataFrame, *, priors: Sequence[str] = ("own", "own_2"), minimum_students: int = 500
) -> GrowthPercentiles:
    """Compute a growth percentile for each student, subject and year.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per student, subject and year: `student_id`, `school_id`, `school_year`, `subject`, `grade`,
        `scale_score` and the earlier scores, `prior_ela` and `prior_math`.
    priors : sequence of str
        One or two earlier scores, the first needed of every student: `own` and `other` are the year before
        in the same and in the other subject; `own_2` is two years before in the same subject (`prior2_ela`,
        `prior2_math`). A student without the second is compared on the first alone; where no column holds
        the second, so are all.
    minimum_students : int
        A grade with fewer students who have the same earlier scores gets none: the outer quantiles would
        rest on a handful. (A grade too small for two earlier scores is compared on one.)

    Returns
    -------
    GrowthPercentiles

    Raises
    ------
    KitError
        Columns are missing, or `priors` is not one or two known names.

    Notes
    -----
    Fitted quantiles may cross. Sorting them for each student (Chernozhukov, Fernández-Val & Galichon 2010)
    does not change how many lie below the score, so the count is that of the uncrossed quantiles. A count
    of 0 becomes 1 and of 100 becomes 99, as states publish them.
    """
    names = {"own": "prior_{own}", "other": "prior_{other}", "own_2": "prior2_{own}"}
    if not 1 <= len(priors) <= 2 or len(set(priors)) != len(priors) or set(priors) - set(names):
        raise KitError(f"priors {list(priors)} are not one or two of {', '.join(names)}", where="growth percentiles")
    needed = ["student_id", "school_id", "school_year", "subject", "grade", "scale_score"]
    missing = [c for c in needed if c not in table.columns]
    pieces, notes = [], []
    keys = ["subject", "school_year", "grade"]
    if not missing:
        for (subject, year, grade), rows in table.groupby(keys, sort=True, observed=True):
            other = "math" if subject == "ela" else "ela"
            columns = [names[p].format(own=subject, other=other) for p in priors]
            if columns[0] not in table.columns:
                missing.append(columns[0])
                continue
            earlier = [rows[c].to_numpy(float) for c in columns if c in table.columns]
            percentile, used, found = _cell(rows["scale_score"].to_numpy(float), earlier, minimum_students)
            label = {"subject": subject, "school_year": year, "grade": str(grade)}
            notes += [{**label, **note} for note in found]
            have = used > 0
            pieces.append(
                rows.loc[have, ["student_id", "subject", "school_year", "school_id", "grade"]].assign(
                    growth_percentile=percentile[have], priors=used[have]
                )
            )
    if missing:
        raise KitError(f"columns are missing: {', '.join(dict.fromkeys(missing))}", where="growth percentiles")
    columns = ["student_id", "subject", "school_year", "school_id", "grade", "growth_percentile", "priors"]
    students = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=columns)
    return GrowthPercentiles(
        students.assign(grade=students["grade"].astype(str)),
        pd.DataFrame(notes, columns=["subject", "school_year", "grade", "n", "note"]),
    )


def _cell(score, earlier, minimum):
    """Compute the percentiles of one grade: on both earlier scores where known, else on the first."""
    notes = []
    percentile, used = np.zeros(len(score), int), np.zeros(len(score), int)
    first = np.isfinite(score) & np.isfinite(earlier[0])
    both = first & np.isfinite(earlier[1]) if len(earlier) == 2 else np.zeros(len(score), bool)
    if both.sum() < minimum:
        both[:] = False
    for members, count in ((both, 2), (first, 1)):
        # The fit on one score takes every student who has it; it is used for those without a second.
        wanted = members & (used == 0)
        if not wanted.any():
            continue
        if members.sum() < minimum:
            note = f"no growth percentile: fewer than {minimum} students with an earlier score"
            notes.append({"n": int(wanted.sum()), "note": note})
            continue
        design = np.hstack([_spline(e[members], k > 0) for k, e in enumerate(earlier[:count])])
        counted = _count_below(score[members], design, wanted[members])
        percentile[wanted], used[wanted] = np.clip(counted, 1, 99), count
    without = int((np.isfinite(score) & ~np.isfinite(earlier[0])).sum())
    if without:
        notes.append({"n": without, "note": "no growth percentile: no earlier score in the subject"})
    return percentile, used, notes


def _spline(score, drop_first):
    """Return cubic B-splines of a score; the columns add to one, so a second score drops its first column."""
    low, high = score.min(), score.max()
    if low == high:
        return np.ones((len(score), 0 if drop_first else 1))
    inner = np.unique(np.quantile(score, KNOTS))
    inner = inner[(inner > low) & (inner < high)]
    knots = np.concatenate([[low] * 4, inner, [high] * 4])
    return BSpline.design_matrix(score, knots, 3).toarray()[:, int(drop_first) :]


def _count_below(score, design, wanted):
    coefficients = fit_quantiles(design, score, QUANTILES)
    edge = TIE * (score.std() or 1.0)
    design, score = design[wanted], score[wanted]
    counted = np.empty(len(score), int)
    for start in range(0, len(score), CHUNK):
        some = slice(start, start + CHUNK)
        away = score[some, None] - design[some] @ coefficients
        # A score on a fitted quantile (each passes through some scores) counts half, so that the mean is 50.
        below = (away > edge).sum(axis=1) + (away >= -edge).sum(axis=1)
        counted[some] = np.rint(below / 2)
    return counted


def summarize_percentiles(students: pd.DataFrame, by: Sequence[str], *, level: float = 0.95) -> pd.DataFrame:
    """Summarize growth percentiles by school or any other columns.

    Parameters
    ----------
    students : pandas.DataFrame
        `growth_percentile` and the columns of `by`.
    by : sequence of str
        For instance `["school_id", "school_year", "subject"]`.
    level : float
        Of the median's interval.

    Returns
    -------
    pandas.DataFrame
        The columns of `by`, `n`, `median`, `median_se`, `median_low`, `median_high`, `mean`, `mean_se`.

    Notes
    -----
    The median's interval is the pair of order statistics that the binomial distribution's normal
    approximation gives, and its standard error that interval's width over twice the normal quantile (McKean
    & Schrader 1984): no resampling. Where the interval would reach beyond the outermost students (fewer
    than six at 95 %), interval and standard errors are empty.
    """
    z = float(norm.ppf(0.5 + level / 2))
    ordered = students.sort_values([*by, "growth_percentile"], kind="stable")
    value = ordered["growth_percentile"].to_numpy(float)
    groups = ordered.groupby(list(by), sort=True, observed=True)["growth_percentile"]
    out = groups.agg(n="size", median="median", mean="mean", spread="std").reset_index()
    n = out["n"].to_numpy()
    last = n.cumsum()
    rank = np.floor((n + 1) / 2 - z * np.sqrt(n) / 2).astype(int)
    known = rank >= 1
    rank = np.maximum(rank, 1)
    low = np.where(known, value[last - n + rank - 1], np.nan)
    high = np.where(known, value[last - rank], np.nan)
    out = out.assign(
        median_se=(high - low) / (2 * z),
        median_low=low,
        median_high=high,
        mean_se=np.where(known, out["spread"] / np.sqrt(n), np.nan),
    )
    return out[[*by, "n", "median", "median_se", "median_low", "median_high", "mean", "mean_se"]]
