"""Regression on scores that carry measurement error, within schools.

A test score is a true score plus an error of known size (the test's standard error of measurement).
Regression on the observed score takes the slope too low. The method of moments subtracts the known error
from the sums of squares (Fuller 1987, chapter 2), which gives the slope on the true score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["WithinFit", "fit_within_schools"]


@dataclass(frozen=True)
class WithinFit:
    """Slopes within schools.

    Attributes
    ----------
    slopes, slopes_se : array of float
        One per column; 0 for a column without variation within schools.
    residual_variance : float
        Of the observed outcome about the prediction from the observed columns, within schools.
    correction : float
        Share of the stated error variance that could be subtracted: 1 unless the stated errors are larger
        than the data allow.
    """

    slopes: np.ndarray
    slopes_se: np.ndarray
    residual_variance: float
    correction: float


def fit_within_schools(outcome, columns, school, error_variance) -> WithinFit:
    """Regress an outcome on columns within schools, corrected for the columns' measurement error.

    Parameters
    ----------
    outcome : array of float
    columns : array, students × columns
        No constant: each school has its own.
    school : array of int
        School codes 0, 1, 2, …
    error_variance : array, students × columns
        Known variance of each value's measurement error; 0 where a column has none. Errors of different
        columns are taken to be unrelated.

    Returns
    -------
    WithinFit

    Notes
    -----
    Subtracting a school's mean leaves (1 − 1/n) of a value's error variance, and that is what is subtracted.
    Where the corrected sums are not those of any possible true scores, the correction is reduced to Fuller's
    largest admissible share. Standard errors are the sandwich of the corrected equations, by student.
    """
    outcome, columns = np.asarray(outcome, float), np.asarray(columns, float)
    n, p = columns.shape
    size = np.bincount(school)
    schools = int((size > 0).sum())
    x, y = _less_school_mean(columns, school, size), _less_school_mean(outcome[:, None], school, size)[:, 0]
    left = 1 - 1 / size[school]
    errors = np.einsum("ij,i->j", error_variance, left)
    raw, moment = x.T @ x, x.T @ y
    usable = np.diag(raw) > 1e-9 * np.maximum(np.einsum("ij,ij->j", columns, columns), 1e-12)
    slopes, slopes_se, correction = np.zeros(p), np.zeros(p), 1.0
    if usable.any():
        pick = np.flatnonzero(usable)
        correction = _admissible_share(raw[np.ix_(pick, pick)], errors[pick], n)
        inverse = np.linalg.pinv(raw[np.ix_(pick, pick)] - correction * np.diag(errors[pick]), hermitian=True)
        slopes[pick] = inverse @ moment[pick]
        residual = y - x[:, pick] @ slopes[pick]
        score = x[:, pick] * residual[:, None]
        score += correction * error_variance[:, pick] * left[:, None] * slopes[pick]
        slopes_se[pick] = np.sqrt(np.diag(inverse @ (score.T @ score) @ inverse))
    residual = y - x @ slopes
    freedom = max(n - schools - int(usable.sum()), 1)
    return WithinFit(slopes, slopes_se, float(residual @ residual) / freedom, correction)


def _less_school_mean(columns, school, size):
    means = np.column_stack([np.bincount(school, column, len(size)) / np.maximum(size, 1) for column in columns.T])
    return columns - means[school]


def _admissible_share(raw, errors, n):
    """Largest share of the error sums that leaves a positive definite matrix (Fuller 1987, section 2.5)."""
    if not errors.any():
        return 1.0
    scale = np.sqrt(np.diag(raw))
    largest = np.linalg.eigvals(np.linalg.pinv(raw / np.outer(scale, scale), hermitian=True) * (errors / scale**2))
    root = 1 / max(float(largest.real.max()), 1e-300)
    return 1.0 if root > 1 + 1 / n else max(root - 1 / n, 0.0)
