"""Bright spots by two measures and by prediction, the latter against statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from kit.compare import better_than_predicted, bright_spots, cannot_tell, composition_wide
from kit.errors import KitError

EIGHT = [f"s{i}" for i in range(1, 9)]


@pytest.fixture
def two(table, school_table):
    absent = [10, 20, 30, 40, 50, 60, 70, 80]
    met = [80, 30, 40, 50, 35, 45, 20, 10]
    rows = [(s, "chronic_absence", "all", 2026, c, 100) for s, c in zip(EIGHT, absent, strict=True)]
    rows += [(s, "math_proficient", "all", 2026, c, 100) for s, c in zip(EIGHT, met, strict=True)]
    names = ["<b>One</b>", *"ABCDEFG"]
    return table(rows), school_table(EIGHT, "high", school_name=names)


def test_the_best_on_both_and_the_last_on_both_are_named_and_no_other(two):
    t = bright_spots(*two, "chronic_absence", "math_proficient", school_year=2026)
    found = t.set_index("school_id")["found"]
    assert found.to_dict() == {"s1": "bright spot", "s7": "double concern", "s8": "double concern"}
    assert t.loc[t["school_id"].eq("s1"), "sentence"].item() == (
        "<b>One</b> (District One) is among the best quarter of high schools on both: chronic absence 10.0 % "
        "(100 students) and the share of students who met the standard in mathematics 80.0 % (100 students)."
    )
    assert list(t["school_name"]) == sorted(t["school_name"])


def test_for_a_group_and_with_one_measure_not_shown(two):
    results, schools = two
    group = results.assign(student_group="english_learner")
    t = bright_spots(
        group,
        schools,
        "chronic_absence",
        "math_proficient",
        school_year=2026,
        student_group="english_learner",
    )
    assert t["sentence"].str.contains("for English learners").all()
    hidden = results["unit_id"].eq("s1") & results["measure"].eq("math_proficient")
    shown = results.assign(status=np.where(hidden, "suppressed", "shown"))
    assert bright_spots(shown, schools, "chronic_absence", "math_proficient", school_year=2026).empty
    with pytest.raises(KitError, match="both measures"):
        bright_spots(results, schools, "gpa", "gpa", school_year=2026)


@pytest.fixture
def predicted(table, school_table):
    rng = np.random.default_rng(21)
    ids = [f"s{i:02d}" for i in range(40)]
    rows = []
    for i, s in enumerate(ids):
        size = int(rng.integers(150, 900))
        poor, el, dis = (int(rng.integers(20, size // 2)) for _ in range(3))
        share = 0.1 + 0.3 * poor / size + rng.normal(0, 0.02) + (0.2 if i == 5 else -0.18 if i == 9 else 0)
        rows += [
            (s, "suspension", g, 2026, 1, n)
            for g, n in (("all", size), ("disadvantaged", poor), ("english_learner", el), ("disability", dis))
        ]
        rows.append((s, "chronic_absence", "all", 2026, int(size * share), size))
    return table(rows), school_table(ids, "high")


def test_the_residuals_are_the_leave_one_out_ones_of_statsmodels(predicted):
    results, schools = predicted
    t = better_than_predicted(results, schools, "chronic_absence", school_year=2026, level="high")
    wide = composition_wide(results, school_year=2026)
    t = t.set_index("school_id").sort_index()
    x = sm.add_constant(wide[["disadvantaged", "english_learner", "disability", "log_size"]])
    fit = sm.OLS(t["value"], x.loc[t.index]).fit()
    assert t["predicted"].to_numpy() == pytest.approx(fit.fittedvalues.to_numpy())
    assert t["standardised"].to_numpy() == pytest.approx(fit.get_influence().resid_studentized_external)
    assert t.loc["s05", "found"] == "worse than predicted"
    assert t.loc["s09", "found"] == "better than predicted"
    assert t.loc["s09", "sentence"].startswith("At School s09 (District One), chronic absence is ")
    assert t.loc[t["found"].eq("as predicted"), "sentence"].eq("").all()


def test_few_schools_or_nothing_shown_say_so(predicted):
    results, schools = predicted
    few = better_than_predicted(results, schools.head(19), "chronic_absence", school_year=2026, level="high")
    assert len(few) == 19
    assert few["found"].eq("too few to say").all()
    assert few["predicted"].isna().all()
    hidden = results.assign(status="suppressed")
    assert better_than_predicted(hidden, schools, "chronic_absence", school_year=2026, level="high").empty


def test_a_constant_measure_and_a_constant_composition_find_no_one(predicted):
    results, schools = predicted
    flat = results.assign(value=results["value"].where(results["measure"].ne("chronic_absence"), 25.0))
    t = better_than_predicted(flat, schools, "chronic_absence", school_year=2026, level="high")
    assert not t["found"].isin(["better than predicted", "worse than predicted"]).any()
    same = results.copy()
    suspended = same["measure"].eq("suspension")
    same.loc[suspended, "n"] = same.loc[suspended, "student_group"].map(
        {"all": 500, "disadvantaged": 250, "english_learner": 50, "disability": 60}
    )
    t = better_than_predicted(same, schools, "chronic_absence", school_year=2026, level="high")
    assert t["predicted"].to_numpy() == pytest.approx(np.repeat(t["value"].mean(), len(t)))


def test_the_order_of_rows_does_not_matter(predicted):
    results, schools = predicted
    pd.testing.assert_frame_equal(
        better_than_predicted(results, schools, "chronic_absence", school_year=2026, level="high"),
        better_than_predicted(
            results.iloc[::-1], schools.iloc[::-1], "chronic_absence", school_year=2026, level="high"
        ),
    )


def test_every_comparison_says_what_it_cannot_tell():
    import kit.compare

    for name in kit.compare.__all__:
        if name not in ("CompareSettings", "cannot_tell"):
            assert len(cannot_tell(name)) >= 2
    with pytest.raises(KitError, match="not a comparison"):
        cannot_tell("ranking")
