"""Intervals against published worked values and an independent implementation."""

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from kit.compare.proportions import difference_interval, subtract_intervals, wilson_interval

# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3 (Wilson without correction).
WILSON = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
# Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("count", "n", "low", "high"), WILSON)
def test_wilson_gives_the_published_interval(count, n, low, high):
    got = wilson_interval([count], [n])
    assert (round(float(got[0][0]), 4), round(float(got[1][0]), 4)) == (low, high)


@pytest.mark.parametrize(("a", "n_a", "b", "n_b", "low", "high"), NEWCOMBE)
def test_newcombe_gives_the_published_interval(a, n_a, b, n_b, low, high):
    got = difference_interval([a], [n_a], [b], [n_b])
    assert (round(float(got[0][0]), 4), round(float(got[1][0]), 4)) == (low, high)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_intervals_agree_with_statsmodels_over_a_grid(confidence):
    grid = [
        (a, n_a, b, n_b)
        for n_a in (1, 7, 40, 900)
        for n_b in (3, 25, 400)
        for a in {0, n_a // 3, n_a}
        for b in {0, n_b // 2, n_b}
    ]
    a, n_a, b, n_b = np.array(sorted(grid)).T
    low, high = difference_interval(a, n_a, b, n_b, confidence)
    one_low, one_high = wilson_interval(a, n_a, confidence)
    for i in range(len(a)):
        theirs = confint_proportions_2indep(a[i], n_a[i], b[i], n_b[i], method="newcomb", alpha=1 - confidence)
        assert (low[i], high[i]) == pytest.approx(theirs, abs=1e-12)
        theirs = proportion_confint(a[i], n_a[i], alpha=1 - confidence, method="wilson")
        assert (one_low[i], one_high[i]) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(("count", "n"), [(0, 0), (np.nan, 10), (5, np.nan), (11, 10), (-1, 10)])
def test_what_is_no_proportion_has_no_interval(count, n):
    low, high = wilson_interval([count], [n])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    low, high = difference_interval([count], [n], [5], [10])
    assert np.isnan(low[0])
    assert np.isnan(high[0])


def test_a_difference_of_differences_adds_the_near_and_far_distances_as_squares():
    # By hand: lower distance hypot(5-2, 4-1) = 3√2, upper hypot(9-5, 1-(-2)) = 5; difference 4.
    low, high = subtract_intervals(([5], [2], [9]), ([1], [-2], [4]))
    assert low[0] == pytest.approx(4 - 3 * 2**0.5)
    assert high[0] == pytest.approx(9)


def test_turning_the_difference_round_turns_the_interval_round():
    low, high = difference_interval([56], [70], [48], [80])
    back_low, back_high = difference_interval([48], [80], [56], [70])
    assert (low[0], high[0]) == pytest.approx((-back_high[0], -back_low[0]))
