"""Leading measures: correlations against scipy and a published interval's formula by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, spearmanr

from kit.compare import CompareSettings, leading_measures
from kit.compare.leading import spearman
from kit.errors import KitError

IDS = [f"s{i:02d}" for i in range(30)]


def test_spearman_agrees_with_scipy_with_ties_and_missing_values():
    rng = np.random.default_rng(2)
    x = pd.Series(rng.integers(0, 9, 60).astype(float))
    y = x + rng.integers(0, 9, 60)
    x[3] = y[7] = np.nan
    rho, low, high, m = spearman(x, y, 0.9)
    keep = x.notna() & y.notna()
    assert rho == pytest.approx(spearmanr(x[keep], y[keep]).statistic)
    assert m == 58
    # Bonett and Wright 2000: Fisher's z with standard error sqrt((1 + rho²/2) / (m - 3)).
    half = norm.ppf(0.95) * math.sqrt((1 + rho**2 / 2) / 55)
    assert (low, high) == pytest.approx((math.tanh(math.atanh(rho) - half), math.tanh(math.atanh(rho) + half)))


def test_constant_values_and_too_few_pairs_have_no_correlation():
    x = pd.Series([1.0, 2, 3, 4, 5])
    assert math.isnan(spearman(x, x * 0 + 2)[0])
    assert math.isnan(spearman(x[:3], x[:3])[0])
    rho, low, high, _ = spearman(x, x)
    assert rho == pytest.approx(1.0)
    assert -1 <= low <= high <= 1


@pytest.fixture
def network(table, school_table):
    rng = np.random.default_rng(8)
    base = rng.permutation(np.arange(30))
    noise = rng.permutation(np.arange(30))
    rows, grades = [], []
    for i, s in enumerate(IDS):
        rows.append((s, "graduation_4", "all", 2026, int(100 + 3 * base[i]), 200))
        rows.append((s, "graduation_4", "all", 2025, int(100 + 3 * base[i] + noise[i]), 200))
        rows.append((s, "chronic_absence", "all", 2025, int(120 - 3 * base[i] + 5 * (i % 3)), 200))
        rows.append((s, "suspension", "all", 2025, int(2 * noise[i]), 200))
        rows.append((s, "gpa", "all", 2024, pd.NA, 200, 3.0))
        rows.append((s, "math_proficient", "all", 2026, int(100 + 3 * base[i]), 200))
        rows.append((s, "ela_proficient", "all", 2021, int(100 + 3 * base[i]), 200))
        grades.append((s, "chronic_absence", "all", 2023, int(120 - 3 * base[i]), 200))
    results = pd.concat([table(rows), table(grades, grade="9")], ignore_index=True)
    return results, school_table(IDS, "high")


def test_the_measure_that_goes_with_the_outcome_is_found_and_the_constant_one_is_not(network):
    t = leading_measures(*network, "graduation_4", school_year=2026)
    assert t.loc[0, ["measure", "grade", "from_year", "years_before"]].tolist() == [
        "chronic_absence",
        "9",
        2023,
        3,
    ]
    assert t.loc[0, "rho"] == pytest.approx(-1.0)
    # Less absence goes with more graduation: better with better.
    assert t.loc[0, "goes_with"] == "better"
    # The outcome's year itself and years beyond the longest lead are not looked at; gpa is constant.
    assert set(t["measure"]) == {"chronic_absence", "suspension", "graduation_4"}
    assert t.loc[t["measure"].eq("graduation_4"), "same_measure"].all()
    assert t["looked_at"].eq(4).all()
    assert t["sentence"].str.endswith("An association, no cause.").all()
    assert not t["sentence"].str.contains("because|leads to|predicts").any()
    near = t["near_end"].tolist()
    assert near == sorted(near, reverse=True)


def test_an_interval_that_holds_zero_is_not_clear(network):
    row = leading_measures(*network, "graduation_4", school_year=2026).query("measure == 'suspension'").iloc[0]
    assert row["low"] < 0 < row["high"]
    assert (row["near_end"], row["size"], row["holds_for_all"]) == (0, "not clear", False)


def test_the_interval_for_all_pairs_together_is_the_stricter(table, school_table):
    rng = np.random.default_rng(5)
    names = [
        "suspension",
        "chronic_absence",
        "ela_proficient",
        "math_proficient",
        "hs_readiness",
        "college_going",
    ]
    rows = [
        (s, m, "all", y, int(rng.integers(20, 180)), 200) for s in IDS for m in names for y in (2023, 2024, 2025, 2026)
    ]
    t = leading_measures(table(rows), school_table(IDS), "suspension", school_year=2026)
    assert t["looked_at"].eq(18).all()
    z = norm.ppf(1 - 0.05 / 18 / 2)
    for r in t.itertuples():
        half = z * math.sqrt((1 + r.rho**2 / 2) / (r.schools - 3))
        assert r.holds_for_all == (abs(math.atanh(r.rho)) > half)


def test_levels_are_not_mixed_and_few_schools_have_no_correlation(network):
    results, schools = network
    schools = schools.assign(level=["high"] * 21 + ["middle"] * 9)
    t = leading_measures(results, schools, "graduation_4", school_year=2026)
    assert set(t["level"]) == {"high"}
    assert t["schools"].eq(21).all()
    assert leading_measures(results, schools, "graduation_4", school_year=2026, level="middle").empty
    strict = CompareSettings(minimum_correlated=22)
    assert leading_measures(results, schools, "graduation_4", school_year=2026, settings=strict).empty


def test_only_what_is_shown_and_large_enough_is_used(network):
    results, schools = network
    hidden = results["unit_id"].isin(IDS[:5]) & results["measure"].eq("suspension")
    t = leading_measures(
        results.assign(status=np.where(hidden, "suppressed", "shown")),
        schools,
        "graduation_4",
        school_year=2026,
    ).set_index("measure")
    assert t.loc["suspension", "schools"] == 25
    assert leading_measures(results.assign(status="banded"), schools, "graduation_4", school_year=2026).empty
    assert leading_measures(results.assign(n=19), schools, "graduation_4", school_year=2026).empty


def test_the_order_of_rows_does_not_matter_and_an_unknown_outcome_is_named(network):
    results, schools = network
    pd.testing.assert_frame_equal(
        leading_measures(results, schools, "graduation_4", school_year=2026),
        leading_measures(results.iloc[::-1], schools.iloc[::-1], "graduation_4", school_year=2026),
    )
    with pytest.raises(KitError, match="graduation_4"):
        leading_measures(results, schools, "graduation4", school_year=2026)
