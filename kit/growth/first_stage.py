"""The first stage of value added: slopes on prior scores and characteristics, per grade, within schools."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.growth.errors_in_variables import fit_within_schools

__all__ = ["FITS", "GradeFit", "SubjectData", "fit_grades", "read_subject"]

FITS = {"both": ("own", "other"), "own": ("own",), "other": ("other",)}
OTHER = {"ela": "math", "math": "ela"}


@dataclass(frozen=True)
class SubjectData:
    """The rows of one subject and year as arrays.

    `own` is the prior score in the same subject, `other` the one in the other subject. `school` and `grade`
    are codes into `school_ids` and `grades`; `flags` has one column per covariate.
    """

    outcome: np.ndarray
    priors: dict
    prior_se: dict
    covariates: tuple
    flags: np.ndarray
    school: np.ndarray
    school_ids: np.ndarray
    grade: np.ndarray
    grades: np.ndarray

    def known(self, prior: str) -> np.ndarray:
        """Say which students have this prior score."""
        return np.isfinite(self.priors[prior])


@dataclass(frozen=True)
class GradeFit:
    """One fit of one grade, in standard deviations of the grade's scores.

    `rows` are positions in the data; `centre` and `deviation` (keys `score`, `own`, `other`) lead back to
    scale points; `composite` is the standardised score less what prior scores and characteristics predict;
    `weight` is one over the residual variance.
    """

    grade: str
    fit: str
    rows: np.ndarray
    centre: dict
    deviation: dict
    slopes: np.ndarray
    slopes_se: np.ndarray
    weight: float
    composite: np.ndarray

    @property
    def priors(self) -> tuple:
        """Names of the prior scores that the fit uses."""
        return FITS[self.fit]


def read_subject(rows: pd.DataFrame, subject: str, covariates: tuple, notes: list) -> SubjectData:
    """Turn the rows of one subject and year into arrays; an empty covariate is false, and noted."""
    flags = np.zeros((len(rows), len(covariates)))
    for k, name in enumerate(covariates):
        empty = rows[name].isna()
        if empty.any():
            notes.append({"grade": "all", "n": int(empty.sum()), "note": f"{name} is empty: taken as false"})
        flags[:, k] = rows[name].fillna(False).to_numpy(dtype=bool)
    column = {"own": f"prior_{subject}", "other": f"prior_{OTHER[subject]}"}
    school, school_ids = pd.factorize(rows["school_id"], sort=True)
    grade, grades = pd.factorize(rows["grade"].astype(str), sort=True)
    return SubjectData(
        outcome=rows["scale_score"].to_numpy(float),
        priors={name: rows[c].to_numpy(float) for name, c in column.items()},
        prior_se={name: rows[f"{c}_se"].to_numpy(float) for name, c in column.items()},
        covariates=covariates,
        flags=flags,
        school=school,
        school_ids=np.asarray(school_ids),
        grade=grade,
        grades=np.asarray(grades),
    )


def fit_grades(data: SubjectData, minimum_students: int, notes: list) -> list[GradeFit]:
    """Fit each grade once for each set of prior scores that students have (`both`, `own`, `other`).

    Who is left out, and why, is added to `notes`.
    """
    tested = np.isfinite(data.outcome)
    own, other = data.known("own"), data.known("other")
    _count(data, tested & ~own & ~other, "left out: no prior score in either subject", notes)
    _count(data, ~tested, "left out: no score this year", notes)
    fits = []
    for code, grade in enumerate(data.grades):
        in_grade = (data.grade == code) & tested & (own | other)
        centre, deviation = _scale(data, in_grade)
        for fit, priors in FITS.items():
            rows = np.flatnonzero(in_grade & (own == ("own" in priors)) & (other == ("other" in priors)))
            if len(rows) >= minimum_students:
                fits.append(_fit(data, grade, fit, rows, centre, deviation, notes))
            elif len(rows):
                reason = f"left out: fewer than {minimum_students} students with these prior scores ({fit})"
                notes.append({"grade": grade, "n": len(rows), "note": reason})
    return fits


def _count(data, left_out, reason, notes):
    for code, n in enumerate(np.bincount(data.grade[left_out], minlength=len(data.grades))):
        if n:
            notes.append({"grade": data.grades[code], "n": int(n), "note": reason})


def _scale(data, members):
    """Return the means and standard deviations of this year's and the prior scores in a grade."""
    centre, deviation = {}, {}
    for name, value in {"score": data.outcome, **data.priors}.items():
        some = value[members & np.isfinite(value)]
        centre[name] = float(some.mean()) if len(some) else 0.0
        deviation[name] = (float(some.std()) if len(some) else 0.0) or 1.0
    return centre, deviation


def _fit(data, grade, fit, rows, centre, deviation, notes):
    priors = FITS[fit]
    columns = [(data.priors[p][rows] - centre[p]) / deviation[p] for p in priors]
    columns = np.column_stack([*columns, data.flags[rows]])
    error_variance = np.zeros(columns.shape)
    for k, prior in enumerate(priors):
        error_variance[:, k] = _error_variance(data.prior_se[prior][rows] / deviation[prior], grade, prior, notes)
    school = np.unique(data.school[rows], return_inverse=True)[1]
    score = (data.outcome[rows] - centre["score"]) / deviation["score"]
    found = fit_within_schools(score, columns, school, error_variance)
    if found.correction < 1:
        share = f"{100 * found.correction:.0f} % of the correction is made"
        reason = f"the stated standard errors are larger than the scores allow: {share}"
        notes.append({"grade": grade, "n": len(rows), "note": reason})
    return GradeFit(
        grade=grade,
        fit=fit,
        rows=rows,
        centre=centre,
        deviation=deviation,
        slopes=found.slopes,
        slopes_se=found.slopes_se,
        weight=1 / max(found.residual_variance, 1e-9),
        composite=score - columns @ found.slopes,
    )


def _error_variance(standard_error, grade, prior, notes):
    """Square the standard errors; an unknown one takes the mean of the known ones of the fit."""
    squared = standard_error**2
    known = np.isfinite(squared)
    if known.all():
        return squared
    instead = float(squared[known].mean()) if known.any() else 0.0
    words = "the mean of the known ones is used" if known.any() else "its slope is not corrected"
    reason = f"standard error of the prior score ({prior} subject) is unknown: {words}"
    notes.append({"grade": grade, "n": int((~known).sum()), "note": reason})
    return np.where(known, squared, instead)
