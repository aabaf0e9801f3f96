"""Quantile regression against an exact linear programme."""

import numpy as np
import pytest
import scipy.sparse as sparse
from scipy.optimize import linprog

from kit.errors import KitError
from kit.growth.quantile_regression import fit_quantiles, pinball_loss

QUANTILES = np.array([0.005, 0.1, 0.25, 0.5, 0.75, 0.9, 0.995])


def exact_loss(design, outcome, quantile):
    """Smallest loss, by HiGHS on the textbook programme (positive and negative parts of the residuals)."""
    n, p = design.shape
    cost = np.concatenate([np.zeros(p), np.full(n, quantile), np.full(n, 1 - quantile)])
    equations = sparse.hstack([sparse.csr_matrix(design), sparse.eye(n), -sparse.eye(n)], format="csr")
    bounds = [(None, None)] * p + [(0, None)] * (2 * n)
    found = linprog(cost, A_eq=equations, b_eq=outcome, bounds=bounds, method="highs")
    assert found.success
    return found.fun, found.x[:p]


def sample(n, seed, rounded):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    y = 1 + 2 * x + (1 + 0.3 * np.abs(x)) * rng.standard_t(4, size=n)
    if rounded:
        x, y = np.round(x, 1), np.round(y)
    return np.column_stack([np.ones(n), x, x**2, np.maximum(x, 0)]), y


@pytest.mark.parametrize("rounded", [False, True], ids=["continuous", "many ties"])
@pytest.mark.parametrize("n", [60, 500, 2100], ids=["tiny", "full", "reduced"])
def test_the_loss_is_the_smallest_possible(n, rounded):
    design, outcome = sample(n, 11, rounded)
    quantiles = QUANTILES if n < 1000 else QUANTILES[[0, 2, 5]]
    coefficients = fit_quantiles(design, outcome, quantiles)
    for k, quantile in enumerate(quantiles):
        best, _ = exact_loss(design, outcome, quantile)
        assert pinball_loss(outcome, design @ coefficients[:, k], quantile) == pytest.approx(best, rel=1e-6)


def test_coefficients_agree_where_the_solution_is_unique():
    design, outcome = sample(2100, 12, rounded=False)
    coefficients = fit_quantiles(design, outcome, QUANTILES)
    for k in (1, 3):
        np.testing.assert_allclose(coefficients[:, k], exact_loss(design, outcome, QUANTILES[k])[1], atol=1e-4)


def test_large_tables_meet_the_condition_of_an_optimum():
    # Koenker 2005, theorem 2.1: at a solution at most p residuals are 0, and the shares follow the quantile.
    design, outcome = sample(60_000, 13, rounded=False)
    quantiles = np.arange(0.02, 1, 0.02)
    residual = outcome[:, None] - design @ fit_quantiles(design, outcome, quantiles)
    below = (residual < -1e-6).sum(axis=0)
    assert ((residual < 1e-6).sum(axis=0) >= quantiles * 60_000 - 1e-6).all()
    assert (below <= quantiles * 60_000).all()
    assert (quantiles * 60_000 - below <= design.shape[1]).all()


def test_sorted_rows_do_not_mislead_the_first_guess():
    design, outcome = sample(5000, 14, rounded=False)
    order = np.lexsort((outcome, design[:, 1]))
    mixed, sorted_ = (fit_quantiles(design[o], outcome[o], QUANTILES) for o in (np.arange(5000), order))
    np.testing.assert_allclose(design @ mixed, design @ sorted_, atol=1e-4)


def test_dependent_columns_change_nothing():
    design, outcome = sample(500, 15, rounded=False)
    twice = np.column_stack([design, design[:, 1] * 2, np.zeros(500)])
    np.testing.assert_allclose(
        twice @ fit_quantiles(twice, outcome, QUANTILES), design @ fit_quantiles(design, outcome, QUANTILES), atol=1e-5
    )


@pytest.mark.parametrize(
    ("design", "outcome", "quantiles", "words"),
    [
        (np.ones((2, 2)), np.ones(2), [0.5], "too few"),
        (np.ones((5, 1)), np.ones(4), [0.5], "different numbers of rows"),
        (np.ones((5, 1)), np.array([1, 2, np.nan, 4, 5]), [0.5], "missing"),
        (np.ones((5, 1)), np.arange(5), [0.5, 0.4], "must increase"),
        (np.ones((5, 1)), np.arange(5), [0.5, 1.0], "between 0 and 1"),
    ],
)
def test_wrong_use_is_named(design, outcome, quantiles, words):
    with pytest.raises(KitError, match=words):
        fit_quantiles(design, outcome, quantiles)
