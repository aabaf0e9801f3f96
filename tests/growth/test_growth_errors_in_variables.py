"""Slopes on scores with measurement error."""

import numpy as np
import pytest
from simulated_schools import OTHER_SLOPE, OWN_SLOPE, simulate

from kit.growth.errors_in_variables import fit_within_schools


def slopes(seed, corrected):
    table, _ = simulate(seed, schools=40, students_per_grade=60, grades=("4",))
    school = np.unique(table["school_id"], return_inverse=True)[1]
    columns = table[["prior_ela", "prior_math"]].to_numpy()
    error = np.full(columns.shape, 35.0**2 if corrected else 0.0)
    return fit_within_schools(table["scale_score"].to_numpy(), columns, school, error)


def test_the_corrected_slope_is_unbiased_where_least_squares_is_attenuated():
    corrected = np.array([slopes(seed, True).slopes for seed in range(40)])
    plain = np.array([slopes(seed, False).slopes for seed in range(40)])
    error = corrected.std(axis=0, ddof=1) / np.sqrt(40)
    truth = np.array([OWN_SLOPE, OTHER_SLOPE])
    assert (np.abs(corrected.mean(axis=0) - truth) < 4 * error).all()
    assert plain[:, 0].mean() < OWN_SLOPE - 0.08
    assert (plain[:, 0] < OWN_SLOPE).all()


def test_the_standard_error_is_the_spread_over_repetitions():
    fits = [slopes(seed, True) for seed in range(100, 150)]
    spread = np.std([f.slopes[0] for f in fits], ddof=1)
    stated = np.mean([f.slopes_se[0] for f in fits])
    # The spread of 50 draws is known to about 1/√100 = 10 %; three of them.
    assert stated == pytest.approx(spread, rel=0.3)


def test_without_error_it_is_least_squares_with_a_constant_per_school():
    rng = np.random.default_rng(5)
    school = np.repeat(np.arange(6), 10)
    x = rng.normal(size=(60, 2)) + school[:, None]
    y = x @ [1.5, -0.5] + 3 * school + rng.normal(size=60)
    dummies = np.eye(6)[school]
    expected = np.linalg.lstsq(np.hstack([x, dummies]), y, rcond=None)[0]
    fit = fit_within_schools(y, x, school, np.zeros((60, 2)))
    np.testing.assert_allclose(fit.slopes, expected[:2])
    residual = y - np.hstack([x, dummies]) @ expected
    assert fit.residual_variance == pytest.approx(residual @ residual / (60 - 8))


def test_an_error_larger_than_the_variation_is_cut_and_said():
    rng = np.random.default_rng(6)
    x = rng.normal(size=(200, 1))
    fit = fit_within_schools(x[:, 0] + rng.normal(size=200), x, np.repeat(np.arange(10), 20), np.full((200, 1), 9.0))
    assert 0 < fit.correction < 0.2
    assert np.isfinite(fit.slopes).all()


def test_a_column_that_does_not_vary_within_schools_gets_no_slope():
    rng = np.random.default_rng(7)
    school = np.repeat(np.arange(10), 20)
    columns = np.column_stack([rng.normal(size=200), school % 2, np.zeros(200)])
    fit = fit_within_schools(columns[:, 0] * 2, columns, school, np.zeros((200, 3)))
    np.testing.assert_allclose(fit.slopes, [2, 0, 0], atol=1e-12)
