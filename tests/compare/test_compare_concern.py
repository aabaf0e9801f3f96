"""Levels of concern and changes on tables small enough to check by hand."""

import numpy as np
import pandas as pd
import pytest

from kit.compare import CompareSettings, at_a_glance
from kit.compare.concern import position
from kit.errors import KitError

EIGHT = [f"s{i}" for i in range(1, 9)]


def _one(glance, unit, measure="chronic_absence"):
    row = glance[glance["unit_id"].eq(unit) & glance["measure"].eq(measure)]
    assert len(row) == 1
    return row.iloc[0]


def _eight(table, counts, measure="chronic_absence", n=100, year=2026):
    return table([(s, measure, "all", year, c, n) for s, c in zip(EIGHT, counts, strict=True)])


@pytest.mark.parametrize(
    ("measure", "best", "worst"), [("chronic_absence", "low", "high"), ("ela_proficient", "high", "low")]
)
def test_the_best_and_last_two_of_eight_schools_by_the_direction_of_improvement(
    table, school_table, measure, best, worst
):
    glance = at_a_glance(
        _eight(table, [10, 20, 30, 40, 50, 60, 70, 80], measure), school_table(EIGHT), school_year=2026
    )
    ends = {"low": ["s1", "s2"], "high": ["s7", "s8"]}
    said = glance.set_index("unit_id")["concern"]
    assert list(said[said.eq("strength")].index) == ends[best]
    assert list(said[said.eq("look closer")].index) == ends[worst]
    assert said.eq("typical").sum() == 4
    quarters = glance.set_index("unit_id")["quarter"]
    assert quarters[ends[best]].eq("best").all()
    assert quarters[ends[worst]].eq("last").all()
    # Median of 10 … 80 is 45; quartiles by linear interpolation 27.5 and 62.5.
    assert _one(glance, "s1", measure)[["level_low", "level_median", "level_high"]].tolist() == [
        27.5,
        45,
        62.5,
    ]


def test_equal_schools_are_treated_alike_whatever_the_order_of_rows(table, school_table):
    results = _eight(table, [10, 10, 10, 30, 40, 50, 50, 60])
    first = at_a_glance(results, school_table(EIGHT), school_year=2026)
    again = at_a_glance(results.sample(frac=1, random_state=3), school_table(EIGHT).iloc[::-1], school_year=2026)
    pd.testing.assert_frame_equal(first, again)
    said = first.set_index("unit_id")["concern"]
    # Places by hand: three at 10 %: (0 + 1.5) / 8 from the favourable end = 0.8125 > 0.75.
    assert said[["s1", "s2", "s3"]].tolist() == ["strength"] * 3
    # Two at 50 %: (1 + 1) / 8 = 0.25 from the other end: not below a quarter.
    assert said[["s6", "s7", "s8"]].tolist() == ["typical", "typical", "look closer"]


def test_position_is_the_middle_place_of_equal_values():
    got = position(pd.Series([3.0, 1.0, 1.0, np.nan, 2.0]), [pd.Series(["a"] * 5)])
    assert got.tolist()[:3] == [0.875, 0.25, 0.25]
    assert np.isnan(got[3])
    assert got[4] == 0.625


def test_schools_that_are_all_equal_have_no_quarter_and_no_concern(table, school_table):
    glance = at_a_glance(_eight(table, [25] * 8), school_table(EIGHT), school_year=2026)
    assert glance["concern"].eq("typical").all()
    assert glance["quarter"].isna().all()
    assert glance["concern_why"].eq("All schools of its level have the same value.").all()


def test_seven_schools_are_too_few_and_the_message_takes_the_number_from_the_setting(table, school_table):
    results = _eight(table, range(10, 90, 10)).iloc[:7]
    schools = school_table(EIGHT)
    glance = at_a_glance(results, schools, school_year=2026)
    assert glance["concern"].eq("too few to say").all()
    assert glance["concern_why"].str.contains("Fewer than 8 schools").all()
    assert glance["level_median"].isna().all()
    wider = at_a_glance(results, schools, school_year=2026, settings=CompareSettings(minimum_schools=7))
    assert wider["concern"].ne("too few to say").all()


def test_a_small_school_is_not_classed_and_does_not_count_among_the_others(table, school_table):
    results = pd.concat([_eight(table, range(10, 90, 10)), table([("s9", "chronic_absence", "all", 2026, 19, 19)])])
    row = _one(at_a_glance(results, school_table([*EIGHT, "s9"]), school_year=2026), "s9")
    assert (row["concern"], row["schools_compared"]) == ("too few to say", 8)
    assert row["concern_why"].startswith("Fewer than 20 students")


def test_levels_are_not_mixed_and_an_unknown_school_is_not_compared(table, school_table):
    results = _eight(table, range(10, 90, 10))
    schools = school_table(EIGHT[:7], level=["high"] * 3 + ["middle"] * 4)
    glance = at_a_glance(results, schools, school_year=2026, settings=CompareSettings(minimum_schools=3))
    assert _one(glance, "s1")["schools_compared"] == 3
    assert _one(glance, "s4")["level_median"] == 55
    assert _one(glance, "s8")["concern_why"] == "The level of the school is not known."


def test_a_fall_that_is_more_than_chance(table, school_table):
    results = table([("s1", "chronic_absence", "all", 2025, 48, 80), ("s1", "chronic_absence", "all", 2026, 56, 70)])
    row = _one(at_a_glance(results, school_table(["s1"]), school_year=2026), "s1")
    # Newcombe 1998, method 10, example (a): 56/70 less 48/80 is 20 points, 5.24 to 33.39.
    assert row["change"] == pytest.approx(20.0)
    assert (round(row["change_low"], 2), round(row["change_high"], 2)) == (5.24, 33.39)
    assert row["change_class"] == "worsened"
    row = _one(
        at_a_glance(results.assign(measure="ela_proficient"), school_table(["s1"]), school_year=2026),
        "s1",
        "ela_proficient",
    )
    assert row["change_class"] == "improved"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ((100, 400), (104, 400), "no clear change"),
        ((15, 30), (16, 30), "too small to say"),  # interval about ±24 points: says nothing
        ((19, 19), (0, 400), "too small to say"),  # too few students before
        ((0, 400), (19, 19), "too small to say"),
        ((0, 20), (20, 20), "worsened"),
        ((0, 100), (0, 100), "no clear change"),
        ((0, 0), (50, 100), "no earlier year"),
    ],
)
def test_the_class_of_a_change(table, school_table, before, now, said):
    results = table([("s1", "chronic_absence", "all", 2025, *before), ("s1", "chronic_absence", "all", 2026, *now)])
    assert _one(at_a_glance(results, school_table(["s1"]), school_year=2026), "s1")["change_class"] == said


def test_a_gap_in_the_years_is_not_bridged(table, school_table):
    results = table([("s1", "suspension", "all", 2024, 50, 100), ("s1", "suspension", "all", 2026, 5, 100)])
    row = _one(at_a_glance(results, school_table(["s1"]), school_year=2026), "s1", "suspension")
    assert row["change_class"] == "no earlier year"
    assert np.isnan(row["change"])


def test_a_mean_has_its_change_but_no_class_beyond_a_setting(table, school_table):
    results = table(
        [
            ("s1", "attendance_rate", "all", 2025, pd.NA, 400, 93.0),
            ("s1", "attendance_rate", "all", 2026, pd.NA, 400, 94.5),
        ]
    )
    row = _one(at_a_glance(results, school_table(["s1"]), school_year=2026), "s1", "attendance_rate")
    assert row["change"] == pytest.approx(1.5)
    assert np.isnan(row["change_low"])
    assert row["change_class"] == "not classed"
    assert "cannot be said" in row["change_why"]
    for least, said in ((1.0, "improved"), (2.0, "no clear change")):
        setting = CompareSettings(notable_change={"attendance_rate": least})
        row = _one(
            at_a_glance(results, school_table(["s1"]), school_year=2026, settings=setting),
            "s1",
            "attendance_rate",
        )
        assert row["change_class"] == said
        assert f"attendance_rate: {least:g}" in " ".join(setting.assumptions())


def test_survey_answers_are_counted_as_persons(table, school_table):
    rows = [(100, 200), (122, 200)]
    as_students = table(
        [("s1", "ela_proficient", "all", y, c, n) for y, (c, n) in zip((2025, 2026), rows, strict=True)]
    )
    as_answers = as_students.assign(measure="climate_safety_student")
    schools = school_table(["s1"])
    students = _one(at_a_glance(as_students, schools, school_year=2026), "s1", "ela_proficient")
    answers = _one(at_a_glance(as_answers, schools, school_year=2026), "s1", "climate_safety_student")
    assert students["change_class"] == "improved"
    assert answers["change_class"] != "improved"
    # 200 answers at four a person are 50 persons, at ten they are 20, at eleven fewer than 20.
    few = at_a_glance(as_answers, schools, school_year=2026, settings=CompareSettings(answers_per_person=11))
    assert _one(few, "s1", "climate_safety_student")["change_class"] == "too small to say"


def test_what_is_not_shown_is_not_used_and_not_given(table, school_table):
    results = pd.concat([_eight(table, range(10, 90, 10), year=y) for y in (2025, 2026)], ignore_index=True)
    results["status"] = "shown"
    hidden_now = results["unit_id"].eq("s8") & results["school_year"].eq(2026)
    hidden_before = results["unit_id"].eq("s1") & results["school_year"].eq(2025)
    # The numbers are left in on purpose: a status that is not shown must be enough to keep them out.
    results.loc[hidden_now, "status"] = "suppressed"
    results.loc[hidden_before, "status"] = "banded"
    glance = at_a_glance(results, school_table(EIGHT), school_year=2026, settings=CompareSettings(minimum_schools=7))
    row = _one(glance, "s8")
    assert row[["n", "count", "value", "value_low", "change", "quarter"]].isna().all()
    assert (row["concern"], row["concern_why"]) == ("too few to say", "The number is not shown.")
    assert row["schools_compared"] == 7
    row = _one(glance, "s1")
    assert row[["previous_value", "previous_n", "change", "change_low"]].isna().all()
    assert row["change_class"] in ("too small to say", "no earlier year")
    assert row["change_why"] == "One of the two years is not shown."
    assert row["value"] == 10


def test_all_withheld_gives_a_row_each_and_no_number(table, school_table):
    results = _eight(table, range(10, 90, 10)).assign(status="suppressed")
    glance = at_a_glance(results, school_table(EIGHT), school_year=2026)
    assert len(glance) == 8
    assert glance["concern"].eq("too few to say").all()
    assert glance[["value", "level_median", "n"]].isna().all().all()


def test_a_year_without_rows_gives_an_empty_table_with_its_columns(table, school_table):
    glance = at_a_glance(_eight(table, range(10, 90, 10)), school_table(EIGHT), school_year=2030)
    assert glance.empty
    assert {"concern", "change_class", "level_median"} <= set(glance.columns)


def test_the_argument_is_left_as_it_was(table, school_table):
    results, schools = _eight(table, range(10, 90, 10)), school_table(EIGHT)
    copies = results.copy(), schools.copy()
    at_a_glance(results, schools, school_year=2026)
    pd.testing.assert_frame_equal(results, copies[0])
    pd.testing.assert_frame_equal(schools, copies[1])


def test_wrong_input_is_named(table, school_table):
    results = _eight(table, range(10, 90, 10))
    with pytest.raises(KitError, match="no column 'value'"):
        at_a_glance(results.drop(columns="value"), school_table(EIGHT), school_year=2026)
    with pytest.raises(KitError, match="come twice"):
        at_a_glance(pd.concat([results, results]), school_table(EIGHT), school_year=2026)
    with pytest.raises(KitError, match="chronic_absence"):
        at_a_glance(results.assign(measure="chronic_absense"), school_table(EIGHT), school_year=2026)
    with pytest.raises(KitError, match="comes twice"):
        at_a_glance(results, school_table([*EIGHT, "s1"]), school_year=2026)
    with pytest.raises(KitError, match="no column 'level'"):
        at_a_glance(results, school_table(EIGHT).drop(columns="level"), school_year=2026)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quarter": 0.5},
        {"minimum_schools": 1},
        {"confidence": 1},
        {"notable_change": {"gpa": 0}},
        {"sizes": ()},
    ],
)
def test_a_setting_outside_its_range_is_refused(wrong):
    with pytest.raises(KitError, match=next(iter(wrong))):
        CompareSettings(**wrong)


def test_every_setting_is_said_as_an_assumption():
    said = CompareSettings(
        quarter=0.2,
        minimum_schools=31,
        minimum_students=37,
        confidence=0.9,
        widest_interval=41,
        neighbours=43,
        shown_neighbours=47,
        minimum_correlated=53,
        longest_lead=59,
        outlying=6.1,
        schools_per_predictor=67,
        most_strengths=71,
        most_questions=73,
        answers_per_person=7.9,
    ).assumptions()
    assert all(line.startswith("ASSUMPTION: ") for line in said)
    for number in ("20 %", "31", "37", "90 %", "41", "43", "47", "53", "59", "6.1", "67", "71", "73", "7.9"):
        assert number in " ".join(said)
