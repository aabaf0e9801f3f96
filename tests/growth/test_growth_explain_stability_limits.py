"""The arithmetic a coach says aloud, the stability between years, percentiles of effects, and the limits."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from simulated_schools import simulate

from kit.errors import KitError
from kit.growth import explain, limits, school_percentiles, stability, value_added


def core_slide():
    """CORE's slide of October 2016 (domain rules, 1.3)."""
    terms = [
        "average_growth",
        "disadvantaged",
        "disability",
        "english_learner",
        "homeless",
        "foster",
        "school_averages",
    ]
    return pd.DataFrame({"term": terms, "points": [35, -3, -4, 2, -1, 1, 2], "reference": 0.0})


def test_core_slide_adds_to_32_points_of_growth():
    student = dict.fromkeys(core_slide()["term"][1:], True)
    parts = explain(core_slide(), student)
    assert parts["points"].tolist() == [35, -3, -4, 2, -1, 1, 2]
    assert parts["growth"].tolist() == [35, 32, 28, 30, 29, 30, 32]


def test_a_characteristic_that_is_false_adds_nothing():
    student = {**dict.fromkeys(core_slide()["term"][1:], False), "disability": True}
    assert explain(core_slide(), student)["growth"].iloc[-1] == 31


def test_a_value_counts_from_its_reference():
    terms = pd.DataFrame({"term": ["average_growth", "prior_own"], "points": [30, -0.25], "reference": [0, 2500]})
    assert explain(terms, {"prior_own": 2460})["growth"].tolist() == [30, 40]


def test_forgotten_and_unknown_parts_are_named():
    student = dict.fromkeys(core_slide()["term"][1:], True)
    del student["foster"]
    with pytest.raises(KitError, match=r"no value for 'foster'; 'migrant' is not a part"):
        explain(core_slide(), {**student, "migrant": True})


def years(seed, correlation, schools=60, students=40):
    rng = np.random.default_rng(seed)
    first = rng.normal(0, 12, schools)
    second = correlation * first + np.sqrt(1 - correlation**2) * rng.normal(0, 12, schools)
    tables = [
        simulate(seed * 10 + k, schools, students, grades=("4",), year=2025 + k, effects=e)[0]
        for k, e in enumerate((first, second))
    ]
    return value_added(pd.concat(tables), grades=False)


def test_the_corrected_correlation_recovers_the_true_one():
    found = pd.concat([stability(years(seed, 0.6).schools) for seed in range(12)])
    assert (found["school_year"] == 2025).all()
    assert (found["schools"] == 60).all()
    error = found["disattenuated"].std() / np.sqrt(12)
    assert abs(found["disattenuated"].mean() - 0.6) < 3 * error
    assert found["correlation"].mean() < found["disattenuated"].mean()
    assert (found["correlation_low"] < found["correlation"]).all()


def test_stability_needs_neighbouring_years_and_enough_schools():
    effects = pd.DataFrame(
        {
            "school_id": list("abcabc"), "school_year": [2024] * 3 + [2025] * 3, "subject": "ela",
            "student_group": "all", "grade": "all", "raw_effect": [0.1, 0.0, -0.1] * 2, "raw_se": 0.05,
        }
    )  # fmt: skip
    row = stability(effects).iloc[0]
    assert row["schools"] == 3
    assert np.isnan(row["correlation"])
    assert "too few to say" in row["note"]
    assert stability(effects[effects["school_year"] == 2024]).empty
    assert stability(effects.replace({"school_year": {2025: 2026}})).empty


def test_the_correlation_and_its_interval_are_fishers():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 20))
    effects = pd.DataFrame(
        {
            "school_id": [*range(20)] * 2, "school_year": [2024] * 20 + [2025] * 20, "subject": "math",
            "student_group": "all", "grade": "all", "raw_effect": [*x, *y], "raw_se": 0.1,
        }
    )  # fmt: skip
    row = stability(effects).iloc[0]
    expected = pd.Series(x).corr(pd.Series(y))
    assert row["correlation"] == pytest.approx(expected)
    assert row["correlation_high"] == pytest.approx(np.tanh(np.arctanh(expected) + 1.959964 / np.sqrt(17)))
    reliability = (x.var(ddof=1) - 0.01) / x.var(ddof=1)
    assert row["reliability"] == pytest.approx(reliability)


def test_percentiles_on_the_normal_scale():
    places = school_percentiles([0.0, 0.1, -0.2], [0.05, 0.05, 0.05], 0.01)
    assert places["percentile"].tolist() == pytest.approx([50, 100 * norm.cdf(1), 100 * norm.cdf(-2)])
    assert places["effect_low"].iloc[0] == pytest.approx(-0.05 * 1.959964)
    assert places["percentile_high"].iloc[0] == pytest.approx(100 * norm.cdf(0.5 * 1.959964))
    # Posterior spread of Φ(Z/2) for a standard normal Z, by plain integration.
    z = np.linspace(-9, 9, 20_001)
    density = norm.pdf(z) * (z[1] - z[0])
    spread = 100 * np.sqrt((norm.cdf(z / 2) ** 2) @ density - 0.25)
    assert places["percentile_se"].iloc[0] == pytest.approx(spread, rel=1e-4)


def test_mid_ranks_share_ties_and_centre_on_50():
    places = school_percentiles([3.0, 1.0, 1.0, 2.0], [1.0] * 4, 4.0, method="rank")
    assert places["percentile"].tolist() == [87.5, 25, 25, 62.5]
    assert places["percentile"].mean() == 50
    assert (places["percentile_low"] <= places["percentile"]).all()
    assert (places["percentile_high"] >= places["percentile"]).all()


def test_the_interval_of_a_rank_covers_the_true_rank():
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(40):
        truth = rng.normal(0, 1, 100)
        raw = truth + rng.normal(0, 0.7, 100)
        keep = 1 / 1.49
        places = school_percentiles(keep * raw, np.full(100, np.sqrt(1 - keep)), 1.0, method="rank")
        rank = 100 * (truth.argsort().argsort() + 0.5) / 100
        covered.append(((places["percentile_low"] <= rank) & (rank <= places["percentile_high"])).mean())
    assert np.mean(covered) == pytest.approx(0.95, abs=3 * np.std(covered) / np.sqrt(40) + 0.01)


def test_schools_that_do_not_differ_are_all_at_50_and_nothing_is_known():
    places = school_percentiles([0.0, 0.0], [0.1, 0.1], 0.0)
    assert places["percentile"].tolist() == [50, 50]
    assert places["percentile_low"].tolist() == [0, 0]
    assert places["percentile_high"].tolist() == [100, 100]


@pytest.mark.parametrize(("method", "level"), [("median", 0.95), ("normal", 1.0), ("rank", 95)])
def test_wrong_settings_are_refused(method, level):
    with pytest.raises(KitError):
        school_percentiles([0.0, 1.0], [1.0, 1.0], 1.0, method=method, level=level)


def test_limits_say_the_three_things_that_are_most_often_missed():
    said = limits()
    assert all(isinstance(s, str) and s.endswith(".") and len(s.split()) <= 30 for s in said)
    first = " ".join(said[:3])
    assert "not why" in first
    assert "standard" in first
    assert "interval" in first
    said.clear()
    assert limits()
