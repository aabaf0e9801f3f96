"""Linear quantile regression at many quantiles of one table, exact and fast.

An interior-point solution of the linear programme (Portnoy & Koenker 1997), on a reduced table: the fit at
one quantile says which rows will lie far above or far below the fit at the next, and those rows enter only
as two sums (Chernozhukov, Fernández-Val & Melly 2020). Every answer is checked against the whole table: it
is accepted only when no left-out row lies on the wrong side, which makes it a solution of the full problem.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, qr

from kit.errors import KitError

__all__ = ["fit_quantiles", "pinball_loss"]

STEP = 0.99995  # share of the way to the boundary (Portnoy & Koenker 1997)
GAP = 1e-9  # duality gap at which the solver stops, relative to the size of the objective
LOOSE_GAP = 1e-6
MOST_STEPS = 80
FEWEST_TO_REDUCE = 2_000  # below this the full problem is cheaper than checking a reduced one


def pinball_loss(outcome: np.ndarray, fitted: np.ndarray, quantile: float) -> float:
    """Sum the loss that quantile regression minimises.

    Parameters
    ----------
    outcome, fitted : array of float, same length
    quantile : float
        Between 0 and 1.

    Returns
    -------
    float
    """
    residual = np.asarray(outcome) - np.asarray(fitted)
    return float(np.sum(residual * (quantile - (residual < 0))))


def fit_quantiles(design: np.ndarray, outcome: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Fit one linear quantile regression for each quantile asked for.

    Parameters
    ----------
    design : array, rows × columns
        Include a constant (or columns that add to one). Columns that depend on the others get 0.
    outcome : array of float
    quantiles : array of float
        Each strictly between 0 and 1, increasing.

    Returns
    -------
    array, columns × quantiles
        Coefficients on the columns of `design`.

    Raises
    ------
    KitError
        Fewer rows than columns, values that are not finite, or quantiles that are not increasing in (0, 1).
    """
    design = np.asarray(design, dtype=float)
    outcome = np.asarray(outcome, dtype=float)
    quantiles = np.asarray(quantiles, dtype=float)
    _check(design, outcome, quantiles)
    basis, back = _independent_columns(design)
    centre, scale = outcome.mean(), outcome.std() or 1.0
    scaled = (outcome - centre) / scale
    problem = _Problem(basis, scaled)
    middle = int(np.argmin(np.abs(quantiles - 0.5)))
    found = np.empty((basis.shape[1], len(quantiles)))
    first = problem.solve(quantiles[middle], problem.first_guess(quantiles[middle]))
    found[:, middle] = first[0]
    for order in (range(middle + 1, len(quantiles)), range(middle - 1, -1, -1)):
        latest = first
        for k in order:
            latest = problem.solve(quantiles[k], latest)
            found[:, k] = latest[0]
    constant = np.linalg.lstsq(basis, np.ones(len(outcome)), rcond=None)[0]
    return back @ (found * scale + centre * constant[:, None])


def _check(design, outcome, quantiles):
    if design.ndim != 2 or len(design) != len(outcome):
        raise KitError("the design and the outcome have different numbers of rows", where="quantile regression")
    if len(outcome) <= design.shape[1]:
        raise KitError(
            f"{len(outcome)} rows are too few for {design.shape[1]} columns",
            where="quantile regression",
            mend="Use fewer prior scores or join cohorts",
        )
    if not (np.isfinite(design).all() and np.isfinite(outcome).all()):
        raise KitError("a value is missing or infinite", where="quantile regression", mend="Leave such rows out")
    if not (len(quantiles) and (np.diff(quantiles) > 0).all() and quantiles[0] > 0 and quantiles[-1] < 1):
        raise KitError("quantiles must increase and lie between 0 and 1", where="quantile regression")


def _independent_columns(design):
    """Return orthogonal columns with mean square 1, and the matrix that leads coefficients back."""
    _, triangle, order = qr(design, mode="economic", pivoting=True)
    size = np.abs(np.diag(triangle))
    rank = int(np.sum(size > size[0] * 1e-9))
    kept = order[:rank]
    inverse = np.linalg.inv(triangle[:rank, :rank]) * np.sqrt(len(design))
    back = np.zeros((design.shape[1], rank))
    back[kept] = inverse
    return np.ascontiguousarray(design @ back), back


class _Problem:
    """One table to fit; a guess or answer is the pair of coefficients and the residuals they leave."""

    def __init__(self, basis, outcome):
        self.basis, self.outcome = basis, outcome
        self.spread = np.sqrt(np.einsum("ij,ij->i", basis, basis))
        self.sums = basis.sum(axis=0), outcome.sum()

    def first_guess(self, quantile):
        """Fit a systematic part of the rows: enough to say which rows lie far from the answer."""
        every = max(1, int(len(self.outcome) ** (1 / 3) / 4))
        rows, values = self.basis[::every], self.outcome[::every]
        least_squares = np.linalg.lstsq(rows, values, rcond=None)[0]
        answer, _ = _interior_point(rows, values, quantile, least_squares)
        return answer, self.outcome - self.basis @ answer

    def solve(self, quantile, guess):
        """Solve for one quantile from a guess nearby."""
        n, p = self.basis.shape
        keep_about = int((n * (np.log(p) + 1)) ** (2 / 3))
        while n >= FEWEST_TO_REDUCE and keep_about < n / 2:
            guess, solved = self._solve_reduced(quantile, guess, keep_about)
            if solved:
                return guess
            keep_about *= 2
        answer, converged = _interior_point(self.basis, self.outcome, quantile, guess[0])
        if not converged:
            raise KitError(f"no solution was found at quantile {quantile:g}", where="quantile regression")
        return answer, self.outcome - self.basis @ answer

    def _solve_reduced(self, quantile, guess, keep_about, attempts=5):
        """Solve with the far rows as two sums; take back rows that turn out to be on the wrong side."""
        distance = guess[1] / self.spread
        low = int(max(quantile * len(distance) - keep_about / 2, 0))
        high = int(min(quantile * len(distance) + keep_about / 2, len(distance) - 1))
        edges = np.partition(distance, (low, high))[[low, high]]
        below, above = distance < edges[0], distance > edges[1]
        for _ in range(attempts):
            kept = np.flatnonzero(~(below | above))
            rows, values = self.basis[kept], self.outcome[kept]
            far_below = below.astype(float)
            low_rows, low_values = far_below @ self.basis, far_below @ self.outcome
            high_rows = self.sums[0] - low_rows - rows.sum(axis=0)
            high_values = self.sums[1] - low_values - values.sum()
            answer, converged = _interior_point(
                np.vstack([rows, low_rows, high_rows]),
                np.append(values, [low_values, high_values]),
                quantile,
                guess[0],
            )
            guess = answer, self.outcome - self.basis @ answer
            wrong_below, wrong_above = below & (guess[1] > 0), above & (guess[1] < 0)
            wrong = np.count_nonzero(wrong_below) + np.count_nonzero(wrong_above)
            if wrong == 0 or wrong > 0.1 * len(kept):
                break
            below, above = below & ~wrong_below, above & ~wrong_above
        return guess, wrong == 0 and converged


def _interior_point(rows, values, quantile, answer):
    """Solve max values·a, rowsᵀa = (1 − quantile)·rowsᵀ1, 0 ≤ a ≤ 1; the multipliers are the coefficients.

    Mehrotra's predictor and corrector on the bounded dual, as in Portnoy & Koenker (1997, section 3).
    Notation: `a` the dual weights, `s` = 1 − a, `z` and `w` the slacks of a ≥ 0 and a ≤ 1 (w − z =
    residual).
    """
    n = len(values)
    a = np.full(n, 1.0 - quantile)
    s = np.full(n, quantile)
    residual = values - rows @ answer
    floor = 1e-3 * max(float(np.abs(residual).mean()), 1e-8)
    w = np.maximum(residual, 0) + floor
    z = np.maximum(-residual, 0) + floor
    size = 1.0 + float(np.abs(residual).sum())
    for _ in range(MOST_STEPS):
        gap = float(a @ z + s @ w)
        if gap < GAP * size:
            return answer, True
        weight = 1.0 / (z / a + w / s)
        try:
            factor = cho_factor(rows.T @ (rows * weight[:, None]), check_finite=False)
        except LinAlgError:
            break
        slack = values - rows @ answer - w + z
        step, da, dz, dw = _direction(rows, factor, weight, a, s, z, w, slack - z + w)
        primal = _reach(a, da, s, -da)
        dual = _reach(z, dz, w, dw)
        if min(primal, dual) < 1:
            after = float((a + primal * da) @ (z + dual * dz) + (s - primal * da) @ (w + dual * dw))
            target = gap * (after / gap) ** 3 / (2 * n)
            extra_z = (target - da * dz) / a
            extra_w = (target + da * dw) / s
            step, da, dz, dw = _direction(
                rows, factor, weight, a, s, z, w, slack - z + w + extra_z - extra_w, extra_z, extra_w
            )
            primal = _reach(a, da, s, -da)
            dual = _reach(z, dz, w, dw)
        a, s = a + primal * da, s - primal * da
        answer, z, w = answer + dual * step, z + dual * dz, w + dual * dw
    # Rounding can stop the last steps on a table with many ties; the answer is then as good as it gets.
    return answer, gap < LOOSE_GAP * size


def _direction(rows, factor, weight, a, s, z, w, right, extra_z=0.0, extra_w=0.0):
    """Solve the Newton equations: rowsᵀ·da = 0, rows·step + dw − dz = slack, complementarity linearised."""
    step = cho_solve(factor, rows.T @ (weight * right), check_finite=False)
    da = weight * (right - rows @ step)
    dz = -z - z / a * da + extra_z
    dw = -w + w / s * da + extra_w
    return step, da, dz, dw


def _reach(*pairs):
    """Longest step, up to 1, that keeps every value positive."""
    most = 1.0
    for value, change in zip(pairs[::2], pairs[1::2], strict=True):
        lowest = float((change / value).min())
        if lowest < 0:
            most = min(most, -STEP / lowest)
    return most
