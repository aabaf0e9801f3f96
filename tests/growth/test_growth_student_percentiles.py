"""Student growth percentiles on simulated students and on a real district's published file."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kstest, norm
from simulated_schools import simulate

from kit.errors import KitError
from kit.growth import growth_percentiles, summarize_percentiles

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
real = pytest.mark.skipif(not DATA.exists(), reason="the published data are not beside the project")


@pytest.fixture(scope="module")
def students():
    table, _ = simulate(1, schools=40, students_per_grade=70, grades=("4",), school_effect=0.0)
    return table


@pytest.fixture(scope="module")
def percentiles(students):
    return growth_percentiles(students, priors=("own", "other")).students


def test_percentiles_are_uniform_at_every_level_of_the_prior_score(students, percentiles):
    value = percentiles["growth_percentile"]
    assert value.between(1, 99).all()
    assert value.mean() == pytest.approx(50, abs=0.5)
    # The percentile is in whole numbers, which moves the distance by up to 0.01 beside chance.
    assert kstest((value - 0.5) / 99, "uniform").statistic < 0.01 + 1.36 / np.sqrt(len(value))
    fifth = pd.qcut(students["prior_ela"], 5, labels=False).to_numpy()
    means = value.groupby(fifth).mean()
    assert (means - 50).abs().max() < 3 * 28.9 / np.sqrt(len(value) / 5)


def test_percentiles_follow_the_true_conditional_distribution():
    rng = np.random.default_rng(2)
    prior = rng.normal(500, 50, 20_000)
    spread = 10 + 0.1 * np.abs(prior - 500)
    z = rng.normal(size=20_000)
    table = pd.DataFrame(
        {
            "student_id": np.arange(20_000).astype(str), "school_id": "s", "school_year": 2026, "subject": "ela",
            "grade": "5", "prior_ela": prior, "scale_score": 520 + 0.8 * (prior - 500) + spread * z,
        }
    )  # fmt: skip
    found = growth_percentiles(table).students["growth_percentile"]
    assert np.abs(found - 100 * norm.cdf(z)).mean() < 1.5
    assert np.abs(found - 100 * norm.cdf(z)).quantile(0.99) < 6


def test_only_the_order_and_spacing_of_this_years_score_matters_not_its_units(students, percentiles):
    rescaled = students.assign(scale_score=students["scale_score"] * 7 - 3000)
    again = growth_percentiles(rescaled, priors=("own", "other")).students
    assert (again["growth_percentile"] == percentiles["growth_percentile"]).mean() > 0.999


def test_a_monotone_transform_of_this_years_score_hardly_moves_percentiles():
    # Quantiles commute with monotone transforms; splines approximate both, so agreement is close, not exact.
    table, _ = simulate(3, schools=100, students_per_grade=80, grades=("4",))
    plain = growth_percentiles(table).students["growth_percentile"]
    bent = table.assign(scale_score=np.exp((table["scale_score"] - 2500) / 150))
    moved = (growth_percentiles(bent).students["growth_percentile"] - plain).abs()
    assert moved.mean() < 1
    assert moved.quantile(0.99) <= 5


def test_a_second_score_is_used_where_it_is_known(students):
    part = students.copy()
    part.loc[part.index[:300], "prior_math"] = np.nan
    part.loc[part.index[300:310], "prior_ela"] = np.nan
    found = growth_percentiles(part, priors=("own", "other"))
    assert found.students["priors"].value_counts().to_dict() == {2: len(part) - 310, 1: 300}
    assert found.notes["n"].tolist() == [10]
    alone = growth_percentiles(part).students.set_index("student_id")["growth_percentile"]
    ones = found.students.query("priors == 1").set_index("student_id")["growth_percentile"]
    assert (alone.reindex(ones.index) == ones).all()


def test_a_small_grade_gets_none_and_says_so(students):
    few = students.head(499)
    found = growth_percentiles(few)
    assert found.students.empty
    assert found.notes["n"].tolist() == [499]
    assert "fewer than 500 students" in found.notes["note"].iloc[0]
    assert len(growth_percentiles(students.head(500)).students) == 500


@pytest.mark.parametrize("priors", [(), ("own", "own"), ("own", "last"), ("own", "other", "own_2")])
def test_unknown_priors_are_refused(students, priors):
    with pytest.raises(KitError, match="are not one or two of own, other, own_2"):
        growth_percentiles(students, priors=priors)


def test_missing_columns_are_named(students):
    with pytest.raises(KitError, match="columns are missing: prior_ela"):
        growth_percentiles(students.drop(columns="prior_ela"))


def test_the_summary_has_the_median_and_an_interval_that_covers():
    few = pd.DataFrame({"school_id": ["a"] * 5 + ["b"] * 7, "growth_percentile": [10, 20, 30, 40, 90, *range(1, 8)]})
    summary = summarize_percentiles(few, ["school_id"]).set_index("school_id")
    assert summary["n"].to_dict() == {"a": 5, "b": 7}
    assert summary["median"].to_dict() == {"a": 30, "b": 4}
    assert summary["mean"].to_dict() == {"a": 38, "b": 4}
    # Seven students: rank floor(4 − 1.96·√7/2) = 1, so from the lowest to the highest. Five: beyond the lowest.
    assert summary.loc["b", ["median_low", "median_high"]].tolist() == [1, 7]
    assert summary.loc["b", "median_se"] == pytest.approx(6 / (2 * 1.959964))
    assert summary.loc["a", ["median_low", "median_high", "median_se", "mean_se"]].isna().all()

    rng = np.random.default_rng(4)
    draws = pd.DataFrame(
        {"school_id": np.repeat(np.arange(2000), 40), "growth_percentile": rng.integers(1, 100, 80_000)}
    )
    found = summarize_percentiles(draws, ["school_id"])
    covered = found["median_low"].le(50) & found["median_high"].ge(50)
    assert 0.95 - 3 * np.sqrt(0.95 * 0.05 / 2000) < covered.mean() < 0.985
    assert found["median_se"].mean() == pytest.approx(found["median"].std(), rel=0.1)


@pytest.fixture(scope="module")
def district():
    raw = pd.read_csv(DATA / "growth" / "sgpData_LONG_district2690.csv.gz", dtype={"ID": str, "SCHOOL_NUMBER": str})
    table = pd.DataFrame(
        {
            "student_id": raw["ID"],
            "school_id": raw["SCHOOL_NUMBER"],
            "school_year": raw["YEAR"].str[-4:].astype(int),
            "subject": raw["CONTENT_AREA"].map({"READING": "ela", "MATHEMATICS": "math"}),
            "grade": raw["GRADE"].astype(str),
            "scale_score": raw["SCALE_SCORE"],
        }
    )
    prior = table.pivot_table(index=["student_id", "school_year"], columns="subject", values="scale_score")
    prior = prior.add_prefix("prior_").reset_index().assign(school_year=lambda t: t["school_year"] + 1)
    table = table.merge(prior, on=["student_id", "school_year"], how="left").query("school_year == 2025")
    return table.assign(own=np.where(table["subject"] == "ela", table["prior_ela"], table["prior_math"]))


@pytest.mark.real_data
@real
def test_the_real_districts_percentiles_are_uniform_in_every_grade(district):
    found = growth_percentiles(district)
    grades = found.students.groupby(["subject", "grade"])["growth_percentile"]
    assert sorted(found.students["grade"].unique(), key=int) == ["4", "5", "6", "7", "8", "9", "10"]
    assert len(grades) == 14
    assert grades.median().between(49, 51).all()
    assert grades.mean().between(49.5, 50.5).all()
    shares = np.histogram(found.students["growth_percentile"], [1, 20, 40, 60, 80, 100])[0] / len(found.students)
    assert shares[1:4] == pytest.approx(0.2, abs=0.01)
    # Everyone with this year's and last year's score has one, but for a few who repeat grade 3.
    both = district.dropna(subset=["scale_score", "own"])
    assert len(found.students) == (both["grade"] != "3").sum()
    few = found.notes[found.notes["note"].str.contains("fewer than 500")]
    assert few["grade"].eq("3").all()
    assert few["n"].sum() == (both["grade"] == "3").sum() > 0
    schools = summarize_percentiles(found.students, ["school_id", "subject"]).query("n >= 100")
    assert schools["median"].between(15, 85).all()
    assert schools["median"].std() > schools["median_se"].mean()


@pytest.mark.real_data
@real
def test_the_synthetic_state_file_gives_uniform_percentiles():
    raw = pd.read_csv(DATA / "student_level" / "opensdp_synth_texas.csv.gz", dtype=str)
    table = pd.DataFrame(
        {
            "student_id": raw["sid"], "school_id": raw["school_code"], "school_year": raw["year"].astype(int),
            "subject": "math", "grade": raw["grade_level"], "scale_score": pd.to_numeric(raw["math_ss"]),
        }
    ).drop_duplicates(["student_id", "school_year"])  # fmt: skip
    prior = table[["student_id", "school_year", "scale_score"]].rename(columns={"scale_score": "prior_math"})
    prior = prior.assign(school_year=prior["school_year"] + 1)
    table = table.merge(prior, on=["student_id", "school_year"], how="left")
    found = growth_percentiles(table[table["grade"].isin(["5", "8"])]).students
    assert len(found) > 2000
    assert found["growth_percentile"].mean() == pytest.approx(50, abs=0.5)
