"""The random-intercept model: students within schools, fitted by (restricted) maximum likelihood.

outcome = fixed part + school effect + student residual, school effects and residuals normal with their own
variances. Both variances come from the data; the school effects are the empirical-Bayes (shrunken)
predictions. The likelihood needs one sum per school, so a million students cost little more than their
schools.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from kit.errors import KitError

__all__ = ["RandomIntercept", "random_intercept"]

LARGEST_SHARE = 1 - 1e-7  # of the variance that may lie between schools


@dataclass(frozen=True)
class RandomIntercept:
    """A fitted random-intercept model.

    Attributes
    ----------
    fixed, fixed_se : array of float
        Fixed coefficients and standard errors, in the order of the design's columns.
    variance_schools, variance_students : float
        Variances between schools and between students of a school (at weight 1).
    minus_two_log_likelihood : float
        Of the full likelihood (ML) or the restricted one (REML).
    method : str
    schools : pandas.DataFrame
        One row per school, indexed by its label: `n`, `raw_effect` (mean residual), `raw_se` (its standard
        error from the students alone), `effect` (shrunken), `effect_se` (root mean square error of the
        prediction, with what is uncertain in the fixed part and in the variances), `reliability` (the share
        of `raw_effect` kept).
    """

    fixed: np.ndarray
    fixed_se: np.ndarray
    variance_schools: float
    variance_students: float
    minus_two_log_likelihood: float
    method: str
    schools: pd.DataFrame


def random_intercept(outcome, school, design=None, *, weights=None, method: str = "reml") -> RandomIntercept:
    """Fit a random-intercept model.

    Parameters
    ----------
    outcome : array of float
        One value per student.
    school : array
        The student's school.
    design : array, students × columns, optional
        Fixed part, with a constant. The default is a constant alone.
    weights : array of float, optional
        The residual variance of a student is the common one divided by the weight.
    method : {"reml", "ml"}

    Returns
    -------
    RandomIntercept

    Raises
    ------
    KitError
        Fewer than two schools, or no student more than there are fixed coefficients.

    Notes
    -----
    The standard error of an effect is Henderson's prediction error plus twice the term for the estimated
    variance (Prasad & Rao 1990, with the asymptotic variance of the REML estimate).

    Examples
    --------
    >>> fit = random_intercept([1.0, 2.0, 5.0, 6.0], ["a", "a", "b", "b"])
    >>> [round(float(x), 2) for x in fit.fixed]
    [3.5]
    """
    outcome = np.asarray(outcome, dtype=float)
    design = np.ones((len(outcome), 1)) if design is None else np.asarray(design, dtype=float)
    weights = np.ones(len(outcome)) if weights is None else np.asarray(weights, dtype=float)
    code, labels = pd.factorize(np.asarray(school), sort=True)
    if method not in ("ml", "reml"):
        raise KitError(f"unknown method '{method}'", where="random-intercept model", mend="Use 'reml' or 'ml'")
    if len(labels) < 2:
        raise KitError("at least two schools are needed", where="random-intercept model")
    if len(outcome) <= design.shape[1]:
        raise KitError("more fixed coefficients than students", where="random-intercept model")
    sums = _Sums(outcome, code, len(labels), design, weights)

    def criterion(share):
        return sums.solve(share / (1 - share), method)[0]

    best = minimize_scalar(criterion, bounds=(0, LARGEST_SHARE), method="bounded", options={"xatol": 1e-10})
    share = float(best.x) if best.fun < criterion(0.0) else 0.0
    ratio = share / (1 - share)
    deviance, fixed, fixed_variance, variance_students = sums.solve(ratio, method)
    schools = sums.effects(ratio, fixed, fixed_variance, variance_students)
    schools.index = pd.Index(labels, name="school_id")
    return RandomIntercept(
        fixed=fixed,
        fixed_se=np.sqrt(np.diag(fixed_variance)),
        variance_schools=ratio * variance_students,
        variance_students=variance_students,
        minus_two_log_likelihood=deviance,
        method=method,
        schools=schools,
    )


class _Sums:
    """The sums over each school that the likelihood needs."""

    def __init__(self, outcome, code, schools, design, weights):
        self.students, self.columns = design.shape
        self.n = np.bincount(code, minlength=schools)
        self.weight = np.bincount(code, weights, schools)
        self.outcome = np.bincount(code, weights * outcome, schools)
        self.design = np.column_stack([np.bincount(code, weights * design[:, k], schools) for k in range(self.columns)])
        weighted = design * weights[:, None]
        self.xx, self.xy = design.T @ weighted, weighted.T @ outcome
        self.yy = float(outcome @ (weights * outcome))
        self.log_weights = float(np.log(weights).sum())

    def solve(self, ratio, method):
        """Profile the likelihood at one ratio of the variances (schools over students)."""
        shrink = ratio / (1 + ratio * self.weight)
        xx = self.xx - (self.design * shrink[:, None]).T @ self.design
        xy = self.xy - self.design.T @ (shrink * self.outcome)
        yy = self.yy - float(shrink @ self.outcome**2)
        inverse = np.linalg.pinv(xx, hermitian=True)
        fixed = inverse @ xy
        rank = int(np.linalg.matrix_rank(xx, hermitian=True))
        freedom = self.students - rank * (method == "reml")
        variance = max(yy - float(xy @ fixed), 1e-300) / freedom
        deviance = freedom * (np.log(2 * np.pi * variance) + 1) - self.log_weights
        deviance += float(np.log1p(ratio * self.weight).sum())
        if method == "reml":
            values = np.linalg.eigvalsh(xx)
            deviance += float(np.log(values[values > values[-1] * 1e-12]).sum())
        return deviance, fixed, inverse * variance, variance

    def effects(self, ratio, fixed, fixed_variance, variance):
        raw = (self.outcome - self.design @ fixed) / self.weight
        reliability = ratio * self.weight / (1 + ratio * self.weight)
        sampling = variance / self.weight
        between = ratio * variance
        kept = (reliability / self.weight)[:, None] * self.design
        error = between * (1 - reliability) + np.einsum("ij,jk,ik->i", kept, fixed_variance, kept)
        spread = between + sampling
        variance_of_between = 2 / np.sum(1 / spread**2)
        error += 2 * sampling**2 / spread**3 * variance_of_between
        return pd.DataFrame(
            {
                "n": self.n,
                "raw_effect": raw,
                "raw_se": np.sqrt(sampling),
                "effect": reliability * raw,
                "effect_se": np.sqrt(error),
                "reliability": reliability,
            }
        )
