"""The predicted score of each student in one subject and year, and the school effects that are left over."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kit.growth.first_stage import GradeFit, SubjectData, fit_grades, read_subject
from kit.growth.mixed import RandomIntercept, random_intercept

__all__ = ["Prediction", "predict_subject"]


@dataclass(frozen=True)
class Prediction:
    """What one subject and year gives.

    Attributes
    ----------
    students : pandas.DataFrame
        Rows of the input that are in the figures, with `predicted`, `residual` (scale points) and `fit`.
    left_over : array of float
        Actual less predicted, in standard deviations of the grade's scores.
    weights : array of float
        One over the residual variance of the student's fit.
    deviation : array of float
        The standard deviation of scores in the student's grade, in scale points.
    model : RandomIntercept or None
        None where there are too few schools or students.
    coefficients, school_means : pandas.DataFrame
    notes : list of dict
        `grade`, `n`, `note`.
    """

    students: pd.DataFrame = field(default_factory=pd.DataFrame)
    left_over: np.ndarray | None = None
    weights: np.ndarray | None = None
    deviation: np.ndarray | None = None
    model: RandomIntercept | None = None
    coefficients: pd.DataFrame = field(default_factory=pd.DataFrame)
    school_means: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: list = field(default_factory=list)


def predict_subject(
    rows: pd.DataFrame,
    subject: str,
    *,
    covariates: tuple,
    school_means: bool,
    minimum_students: int,
    minimum_schools: int,
    schools_per_mean: int,
) -> Prediction:
    """Fit both stages for one subject and year.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one subject and year, as `value_added` takes them.
    subject : {"ela", "math"}
    covariates, school_means, minimum_students, minimum_schools, schools_per_mean
        As in `value_added`.

    Returns
    -------
    Prediction
    """
    notes = []
    data = read_subject(rows, subject, covariates, notes)
    fits = fit_grades(data, minimum_students, notes)
    used = np.sort(np.concatenate([f.rows for f in fits])) if fits else np.array([], int)
    schools = len(np.unique(data.school[used]))
    if schools < minimum_schools:
        reason = f"no figure: {schools} schools, and {minimum_schools} are needed to tell schools from chance"
        notes.append({"grade": "all", "n": len(used), "note": reason})
        return Prediction(notes=notes)
    means = pd.DataFrame(index=pd.RangeIndex(len(data.school_ids)))
    if school_means:
        means = _as_many_as_schools_allow(_school_means(data, fits, used), schools, schools_per_mean, notes)
    return _second_stage(rows, data, fits, used, means, notes)


def _second_stage(
    rows: pd.DataFrame,
    data: SubjectData,
    fits: list[GradeFit],
    used: np.ndarray,
    means: pd.DataFrame,
    notes: list,
) -> Prediction:
    """Regress what the first stage leaves on a constant per fit and the school means, with school effects."""
    which = np.zeros(len(data.outcome), int)
    composite = np.zeros(len(data.outcome))
    for k, one in enumerate(fits):
        which[one.rows], composite[one.rows] = k, one.composite
    which, composite = which[used], composite[used]
    weights = np.array([f.weight for f in fits])[which]
    deviation = np.array([f.deviation["score"] for f in fits])[which]
    by_student = means.to_numpy(float)[data.school[used]]
    reference = by_student.mean(axis=0)
    constants = np.zeros((len(used), len(fits)))
    constants[np.arange(len(used)), which] = 1
    design = np.hstack([constants, by_student - reference])
    model = random_intercept(composite, data.school_ids[data.school[used]], design, weights=weights)
    left_over = composite - design @ model.fixed
    kept = ["student_id", "subject", "school_year", "school_id", "grade", "scale_score"]
    students = rows[kept].iloc[used]
    students = students.assign(
        grade=students["grade"].astype(str),
        predicted=data.outcome[used] - left_over * deviation,
        residual=left_over * deviation,
        fit=np.array([f.fit for f in fits])[which],
    )
    slopes = model.fixed[len(fits) :]
    terms = [
        _terms(one, constant, data.covariates, means.columns, slopes, reference)
        for one, constant in zip(fits, model.fixed, strict=False)
    ]
    return Prediction(
        students=students,
        left_over=left_over,
        weights=weights,
        deviation=deviation,
        model=model,
        coefficients=pd.concat(terms, ignore_index=True),
        school_means=means.assign(school_id=data.school_ids).loc[np.unique(data.school[used])],
        notes=notes,
    )


def _school_means(data, fits, used):
    """Average each school's students: prior scores in the grade's deviations, covariates as shares."""
    standard = {name: np.full(len(data.outcome), np.nan) for name in data.priors}
    for one in fits:
        for name in one.priors:
            value = (data.priors[name][one.rows] - one.centre[name]) / one.deviation[name]
            standard[name][one.rows] = value
    means = {"mean_prior_own": _mean_of_known(standard["own"], data)}
    for k, name in enumerate(data.covariates):
        share = np.full(len(data.outcome), np.nan)
        share[used] = data.flags[used, k]
        means[f"mean_{name}"] = _mean_of_known(share, data)
    means["mean_prior_other"] = _mean_of_known(standard["other"], data)
    return pd.DataFrame(means)


def _mean_of_known(values, data):
    known, schools = np.isfinite(values), len(data.school_ids)
    size = np.bincount(data.school[known], minlength=schools)
    return np.bincount(data.school[known], values[known], schools) / np.maximum(size, 1)


def _as_many_as_schools_allow(means, schools, schools_per_mean, notes):
    varying = [c for c in means if means[c].std() > 1e-9]
    room = (schools - 1) // schools_per_mean
    if len(varying) > room:
        left_out = ", ".join(varying[room:])
        reason = f"not adjusted for {left_out}: {schools} schools, and a school mean needs {schools_per_mean} each"
        notes.append({"grade": "all", "n": 0, "note": reason})
    return means[varying[:room]]


def _terms(one, constant, covariates, means, mean_slopes, reference):
    """Write a fit in scale points, as `explain` reads it."""
    points = one.deviation["score"]
    start = one.centre["own"] if "own" in one.priors else 0.0
    name = "average_growth" if "own" in one.priors else "average_score"
    rows = [(name, one.centre["score"] + points * constant - start, np.nan, 0.0)]
    for k, prior in enumerate(one.priors):
        unit = points / one.deviation[prior]
        # Growth is counted from the prior score itself, so a slope of 1 adds nothing.
        slope = one.slopes[k] * unit - (prior == "own")
        rows.append((f"prior_{prior}", slope, one.slopes_se[k] * unit, one.centre[prior]))
    for k, covariate in enumerate(covariates, start=len(one.priors)):
        rows.append((covariate, one.slopes[k] * points, one.slopes_se[k] * points, 0.0))
    for mean, slope, at in zip(means, mean_slopes, reference, strict=True):
        rows.append((mean, slope * points, np.nan, at))
    out = pd.DataFrame(rows, columns=["term", "points", "points_se", "reference"])
    return out.assign(grade=one.grade, fit=one.fit, n=len(one.rows))
