"""Gaps between a student group and the other students, checked by hand and by statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from kit.compare import CompareSettings, gap_over_years, gaps
from kit.errors import KitError

EL = "english_learner"


def _pair(table, group, whole, measure="chronic_absence", year=2026, unit="s1"):
    return table([(unit, measure, EL, year, *group), (unit, measure, "all", year, *whole)])


def test_the_rest_is_all_less_the_group_and_the_interval_is_the_published_one(table):
    # Newcombe 1998, method 10, example (a): 56/70 against 48/80, 5.24 to 33.39 points.
    row = gaps(_pair(table, (56, 70), (104, 150))).iloc[0]
    assert row[["compared_with", "other_n", "other_count", "other_value"]].tolist() == ["rest", 80, 48, 60.0]
    assert row["gap"] == pytest.approx(20.0)
    assert (round(row["gap_low"], 2), round(row["gap_high"], 2)) == (5.24, 33.39)
    assert row["gap_class"] == "unfavourable"
    row = gaps(_pair(table, (56, 70), (104, 150), "ela_proficient")).iloc[0]
    assert row["gap_class"] == "favourable"


def test_many_groups_at_once_agree_with_statsmodels_one_by_one(table):
    groups = {EL: (18, 58), "disability": (9, 41), "race_white": (30, 160), "gender_male": (33, 149)}
    rows = [("s1", "chronic_absence", g, 2026, *v) for g, v in groups.items()]
    got = gaps(table([*rows, ("s1", "chronic_absence", "all", 2026, 64, 312)])).set_index("student_group")
    assert set(got.index) == set(groups)
    for group, (x, n) in groups.items():
        low, high = confint_proportions_2indep(x, n, 64 - x, 312 - n, method="newcomb")
        assert got.loc[group, "gap"] == pytest.approx(100 * (x / n - (64 - x) / (312 - n)))
        assert got.loc[group, ["gap_low", "gap_high"]].tolist() == pytest.approx([100 * low, 100 * high])


@pytest.mark.parametrize(
    ("group", "whole", "said"),
    [
        ((30, 100), (60, 200), "no clear gap"),
        ((9, 19), (60, 200), "too small to say"),
        ((10, 20), (60, 119), "too small to say"),  # interval holds 0 and is wider than 30 points
        ((60, 200), (60, 200), "no other students"),
        ((30, 190), (35, 200), "too small to say"),  # ten others
        ((30, 220), (35, 200), "too small to say"),  # more in the group than in all
        ((30, 100), (20, 200), "too small to say"),  # more absent in the group than in all
        ((0, 0), (20, 200), "too small to say"),
        ((0, 100), (0, 200), "no clear gap"),
    ],
)
def test_the_class_of_a_gap(table, group, whole, said):
    assert gaps(_pair(table, group, whole)).iloc[0]["gap_class"] == said


@pytest.mark.parametrize("whole", [(35, 200), (30, 190)])
def test_few_others_are_not_given(table, whole):
    row = gaps(_pair(table, (30, 190), whole)).iloc[0]
    assert row[["other_n", "other_count", "other_value", "gap", "gap_low", "gap_high"]].isna().all()
    assert not row["enough"]


@pytest.mark.parametrize("hidden", ["all", EL])
def test_a_gap_that_rests_on_a_row_not_shown_is_not_given(table, hidden):
    results = _pair(table, (56, 70), (104, 150)).assign(status="shown")
    results.loc[results["student_group"].eq(hidden), "status"] = "suppressed"
    row = gaps(results).iloc[0]
    assert row[["other_n", "other_value", "gap", "gap_low"]].isna().all()
    assert (row["gap_class"], row["gap_why"]) == ("too small to say", "The group or the whole is not shown.")


def test_a_mean_is_compared_with_all_students_and_not_classed(table):
    results = table([("s1", "gpa", EL, 2026, pd.NA, 60, 2.4), ("s1", "gpa", "all", 2026, pd.NA, 300, 2.9)])
    row = gaps(results).iloc[0]
    assert row["compared_with"] == "all"
    assert row["gap"] == pytest.approx(-0.5)
    assert row["gap_class"] == "not classed"
    assert np.isnan(row["gap_low"])


def test_a_published_percent_without_its_count_is_compared_with_all_students(table):
    results = _pair(table, (56, 70), (104, 150)).assign(count=pd.NA)
    row = gaps(results).iloc[0]
    assert (row["compared_with"], row["gap_class"]) == ("all", "not classed")
    assert row["gap"] == pytest.approx(80 - 100 * 104 / 150)


def test_districts_have_gaps_too_and_grades_are_left_out(table):
    results = pd.concat(
        [
            _pair(table, (56, 70), (104, 150)).assign(unit_type="district", unit_id="d1"),
            _pair(table, (56, 70), (104, 150)),
            table([("s1", "chronic_absence", "all", 2026, 5, 50)], grade="3"),
        ]
    )
    assert gaps(results, unit_type="district")["unit_id"].tolist() == ["d1"]
    assert len(gaps(results)) == 1


def _two_years(table, first, last, measure="chronic_absence"):
    return gaps(
        pd.concat(
            [
                _pair(table, *first, measure=measure, year=2025),
                _pair(table, *last, measure=measure, year=2026),
            ]
        )
    )


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        # group of all: 40 % against 20 %, then 21 % against 20 %
        (((200, 500), (300, 1000)), ((105, 500), (205, 1000)), "narrowing"),
        (((105, 500), (205, 1000)), ((200, 500), (300, 1000)), "widening"),
        (((150, 500), (300, 1000)), ((200, 500), (300, 1000)), "widening"),  # from no gap at all
        (((130, 500), (230, 1000)), ((100, 500), (300, 1000)), "turned round"),
        (((150, 500), (250, 1000)), ((155, 500), (255, 1000)), "no clear change"),
        (((10, 19), (300, 1000)), ((155, 500), (255, 1000)), "too small to say"),
        (((20, 40), (36, 80)), ((18, 40), (36, 80)), "too small to say"),  # very wide
    ],
)
def test_the_trend_of_a_gap(table, first, last, said):
    got = gap_over_years(_two_years(table, first, last), last_year=2026)
    assert got["gap_trend"].tolist() == [said]


def test_the_change_of_a_gap_has_the_interval_of_zou_and_donner(table):
    table = _two_years(table, ((200, 500), (300, 1000)), ((105, 500), (205, 1000)))
    got = gap_over_years(table, last_year=2026)
    l1, u1 = (100 * v for v in confint_proportions_2indep(105, 500, 100, 500, method="newcomb"))
    l0, u0 = (100 * v for v in confint_proportions_2indep(200, 500, 100, 500, method="newcomb"))
    low = (1 - 20) - ((1 - l1) ** 2 + (u0 - 20) ** 2) ** 0.5
    high = (1 - 20) + ((u1 - 1) ** 2 + (20 - l0) ** 2) ** 0.5
    row = got.iloc[0]
    assert row["gap_change"] == pytest.approx(-19)
    assert (row["gap_change_low"], row["gap_change_high"]) == pytest.approx((low, high))


def test_a_missing_year_gives_no_trend_and_years_the_wrong_way_are_refused(table):
    t = gaps(_pair(table, (56, 70), (104, 150)))
    assert gap_over_years(t, last_year=2026).empty
    with pytest.raises(KitError, match="not before"):
        gap_over_years(t, last_year=2026, first_year=2026)


def test_the_order_of_rows_does_not_matter(table):
    results = pd.concat([_pair(table, (20, 60), (80, 400), unit=u, year=y) for u in ("b", "a") for y in (2026, 2025)])
    pd.testing.assert_frame_equal(gaps(results), gaps(results.iloc[::-1]))
    assert gaps(results)["unit_id"].tolist() == ["a", "b", "a", "b"]


def test_the_false_alarm_rate_of_a_gap_is_near_one_in_twenty(table):
    rng = np.random.default_rng(11)
    n = 4000
    group, rest = rng.binomial(60, 0.3, n), rng.binomial(240, 0.3, n)
    units = [f"s{i}" for i in range(n)]
    rows = []
    for u, g, r in zip(units, group, rest, strict=True):
        rows.append((u, "chronic_absence", EL, 2026, int(g), 60))
        rows.append((u, "chronic_absence", "all", 2026, int(g + r), 300))
    got = gaps(table(rows), settings=CompareSettings(widest_interval=100))
    alarms = got["gap_class"].isin(["favourable", "unfavourable"]).mean()
    assert 0.03 < alarms < 0.065
