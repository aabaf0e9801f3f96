"""CORE: the literal tests of rules.md §1.3 and §1.5, cut points, and the index of a small made-up network."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import InputError, KitError
from kit.rules.assumptions import rule_table
from kit.rules.core import (
    CoreSettings,
    band,
    core_index,
    growth_level,
    hs_ready,
    level,
    levels,
    lowest_race_ethnicity,
    make_baseline,
    measure_points,
    next_levels,
    read_baseline,
    students_to_next_levels,
    write_baseline,
)
from kit.rules.rounding import rate

THIRD_OF_FORTY = Fraction(40, 3)


def result(school, measure, group, n, count, year=2026, value=None, grade="all", unit="school"):
    return {
        "school_year": year,
        "unit_type": unit,
        "unit_id": school,
        "measure": measure,
        "student_group": group,
        "grade": grade,
        "n": n,
        "count": count,
        "value": 100 * count / n if value is None else value,
    }


def results(rows):
    return pd.DataFrame(rows).astype({"n": "Int64", "count": "Int64", "value": "float64"})


def cuts_of(measure, cuts, school_level="middle"):
    return pd.DataFrame(
        {
            "school_level": school_level,
            "measure": measure,
            "level": range(2, 11),
            "cut": cuts,
            "schools": 100,
            "baseline_year": 2025,
            "source": "test",
        }
    )


ABSENCE_CUTS = cuts_of("chronic_absence", [30, 25, 20, 15, 12, 10, 8, 5, 2.5])
ELA_CUTS = cuts_of("ela_proficient", [10, 20, 30, 40, 50, 60, 70, 80, 90])


# ---- rules.md §1.3


@pytest.mark.parametrize(
    ("percentile", "expected"),
    [(7, 1), (57, 6), (88, 9), (90, 10), (100, 10), (0, 1), (9, 1), (10, 2), (19, 2), (20, 3), (89, 9)],
)
def test_growth_has_its_own_map(percentile, expected):
    assert growth_level(percentile) == expected
    assert level("ela_growth", "middle", percentile, ELA_CUTS) == expected


def test_growth_outside_its_scale_is_refused():
    with pytest.raises(KitError, match="percentile"):
        growth_level(101)


# ---- rules.md §1.5


def test_2_high_school_readiness():
    ready = {
        "gpa": 2.5,
        "attendance_percent": "96.0",
        "ela_mark": "C",
        "math_mark": "C-",
        "suspensions": 0,
    }
    assert hs_ready(**ready)
    for change in (
        {"gpa": 2.49},
        {"attendance_percent": 95.9},
        {"math_mark": "D+"},
        {"math_mark": "D−"},
        {"ela_mark": "F"},
        {"suspensions": 1},
        {"gpa": None},
        {"attendance_percent": None},
    ):
        assert not hs_ready(**{**ready, **change}), change


def test_4_suspension_counts_a_student_once():
    actions = ["a"] * 4 + ["a"] + list("bcdefg")  # four suspensions and an expulsion of one student, six others
    assert str(rate(len(set(actions)), 350)) == "2.0"


SCHOOL = {
    "all": 7,
    "lowest_race_ethnicity": 5,
    "english_learner": 6,
    "disability": 4,
    "disadvantaged": 6,
}


def test_5_points_of_chronic_absence():
    earned, possible = measure_points(THIRD_OF_FORTY, SCHOOL, split="half")
    assert (earned, possible) == (Fraction(49, 6), THIRD_OF_FORTY)  # 8.17 of 13.33
    earned, possible = measure_points(THIRD_OF_FORTY, SCHOOL, split="fifths")
    assert (earned, possible) == (Fraction(112, 15), THIRD_OF_FORTY)  # 7.47 of 13.33
    earned, possible = measure_points(THIRD_OF_FORTY, {**SCHOOL, "disability": None}, split="half")
    assert (earned, possible) == (Fraction(15, 2), Fraction(35, 3))  # 7.50 of 11.67
    assert f"{float(100 * earned / possible):.1f}" == "64.3"


def test_redesignation_is_carried_by_all_students():
    assert measure_points(THIRD_OF_FORTY, {"all": 6}, by_group=False) == (8, THIRD_OF_FORTY)
    with pytest.raises(KitError, match="category"):
        measure_points(1, {"boys": 3})
    with pytest.raises(KitError, match="split"):
        measure_points(1, {"all": 3}, split="thirds")


@pytest.mark.parametrize("school_level", ["elementary", "middle", "high"])
@pytest.mark.parametrize("design", ["2014-15", "full"])
@pytest.mark.parametrize("split", ["half", "fifths"])
def test_6_level_ten_everywhere_is_exactly_a_hundred(school_level, design, split):
    weights = rule_table("core_weights.csv")
    names = weights[(weights["design"] == design) & (weights["school_level"] == school_level)]["measure"]
    groups = ["all", "race_white", "english_learner", "disability", "disadvantaged"]
    rows, cuts = [], []
    for name in names:
        worse = name in ("chronic_absence", "suspension")
        cuts.append(cuts_of(name, range(90, 0, -10) if worse else range(10, 100, 10), school_level))
        for group in groups:
            rows.append(result("s", name, group, 37, 0 if worse else 37))
    schools = pd.DataFrame({"school_id": ["s"], "level": [school_level]})
    got = core_index(
        results(rows),
        schools,
        pd.concat(cuts),
        school_year=2026,
        settings=CoreSettings(design=design, split=split),
    )
    assert got.schools["index"].tolist() == [100.0]
    assert got.schools["academic_possible"].iloc[0] == pytest.approx(60)
    assert got.schools["climate_possible"].iloc[0] == pytest.approx(40)


def test_weights_hold_sixty_and_forty_in_every_design():
    w = rule_table("core_weights.csv")
    w["exact"] = w["weight"].map(Fraction)
    sums = w.groupby(["design", "school_level", "domain"])["exact"].sum().unstack()
    assert (sums["academic"] == 60).all()
    assert (sums["climate"] == 40).all()
    paid = w[(w["design"] == "2014-15") & (w["domain"] == "climate")]
    assert set(paid["exact"]) == {THIRD_OF_FORTY}


# ---- levels and bands


@pytest.mark.parametrize(
    ("lv", "expected"),
    [(1, "below"), (3, "below"), (4, "average"), (7, "average"), (8, "above"), (10, "above")],
)
def test_bands(lv, expected):
    assert band(lv).startswith(expected)


def test_bands_need_a_level():
    with pytest.raises(KitError):
        band(11)


@pytest.mark.parametrize(("value", "expected"), [(30.01, 1), (30, 2), (12, 6), (11.99, 6), (10, 7), (2.5, 10), (0, 10)])
def test_lower_is_better_for_absence(value, expected):
    assert level("chronic_absence", "middle", value, ABSENCE_CUTS) == expected


def test_a_rate_on_the_cut_is_in_the_level_whatever_the_float():
    # 29 of 100 is 28.999999999999996 as 100·(29/100); the counts say 29.
    cuts = cuts_of("ela_proficient", [29, 39, 49, 59, 69, 79, 89, 94, 99])
    table = results([result("s", "ela_proficient", "all", 100, 29, value=100 * (29 / 100))])
    schools = pd.DataFrame({"school_id": ["s"], "level": ["middle"]})
    assert levels(table, schools, cuts)["level"].tolist() == [2]


def test_no_cut_points_is_said():
    with pytest.raises(KitError, match="no cut points for ela_proficient at school level 'high'"):
        level("ela_proficient", "high", 50, ELA_CUTS)


def many_schools(n_schools=40, year=2025):
    schools = pd.DataFrame({"school_id": [f"{i:03d}" for i in range(n_schools)], "level": "middle"})
    rows = [
        result(s, m, "all", 100, c, year)
        for i, s in enumerate(schools["school_id"])
        for m, c in (("ela_proficient", 10 + i), ("chronic_absence", 60 - i))
    ]
    return results(rows), schools


@pytest.mark.parametrize("measure", ["ela_proficient", "chronic_absence"])
def test_a_tenth_of_the_schools_is_at_each_level_in_the_baseline_year(measure):
    table, schools = many_schools()
    cuts = make_baseline(table, schools, school_year=2025)
    part = cuts[cuts["measure"] == measure].set_index("level")["cut"]
    expected = [14, 18, 22, 26, 30, 34, 38, 42, 46]
    assert part.loc[2:10].tolist() == (expected if measure == "ela_proficient" else [70 - c for c in expected])
    got = levels(table, schools, cuts)
    assert got[got["measure"] == measure]["level"].value_counts().to_dict() == dict.fromkeys(range(1, 11), 4)
    assert set(cuts["schools"]) == {40}


def test_everyone_can_rise_in_a_later_year():
    table, schools = many_schools()
    cuts = make_baseline(table, schools, school_year=2025)
    later, _ = many_schools(year=2026)
    later.loc[later["measure"] == "ela_proficient", "count"] += 50
    got = levels(later, schools, cuts, school_year=2026)
    assert set(got[got["measure"] == "ela_proficient"]["level"]) == {10}


def test_equal_values_share_the_higher_level():
    table, schools = many_schools()
    table.loc[(table["measure"] == "chronic_absence") & (table["count"] <= 40), "count"] = 0  # half the schools
    cuts = make_baseline(table, schools, school_year=2025)
    got = levels(table, schools, cuts)
    absence = got[got["measure"] == "chronic_absence"]
    assert (absence[absence["count"] == 0]["level"] == 10).all()
    assert (absence[absence["count"] > 0]["level"] <= 5).all()


def test_the_baseline_leaves_out_small_schools_other_years_and_few_schools():
    table, schools = many_schools()
    table.loc[table["unit_id"] == "000", "n"] = 19
    other = [
        result("000", "ela_proficient", "all", 100, 99, 2024),
        result("network", "ela_proficient", "all", 100, 99, 2025, unit="network"),
        result("001", "ela_proficient", "all", 100, 99, 2025, grade="7"),
        result("001", "gpa", "all", 100, None, 2025, value=2.5),
        result("001", "ela_growth", "all", 100, None, 2025, value=50),
    ]
    cuts = make_baseline(pd.concat([table, results(other)]), schools, school_year=2025)
    assert set(cuts["schools"]) == {39}
    assert set(cuts["measure"]) == {"ela_proficient", "chronic_absence"}
    assert cuts.attrs["left_out"] == ["gpa, middle: 1 schools"]
    with pytest.raises(KitError, match="2019"):
        make_baseline(table, schools, school_year=2019)


def test_cut_points_round_so_that_the_school_at_the_cut_keeps_its_level():
    schools = pd.DataFrame({"school_id": [str(i) for i in range(10)], "level": "high"})
    table = results(
        [result(str(i), "graduation_4", "all", 300 + i, 200 + 10 * i) for i in range(10)]
        + [result(str(i), "suspension", "all", 307, 7 * i) for i in range(10)]
    )
    cuts = make_baseline(table, schools, school_year=2026)
    assert (np.round(cuts["cut"], 2) == cuts["cut"]).all()
    got = levels(table, schools, cuts)
    assert got[got["measure"] == "graduation_4"].sort_values("value")["level"].tolist() == list(range(1, 11))
    falling = got[got["measure"] == "suspension"].sort_values("value")["level"].tolist()
    assert falling == list(range(10, 0, -1))


def test_cut_points_are_kept_in_a_file(tmp_path):
    table, schools = many_schools()
    cuts = make_baseline(table, schools, school_year=2025)
    path = write_baseline(cuts, tmp_path / "cuts.csv")
    again = read_baseline(path)
    pd.testing.assert_frame_equal(again, cuts, check_dtype=False)
    assert [p.name for p in tmp_path.iterdir()] == ["cuts.csv"]


def test_faults_of_a_file_of_cut_points_are_reported_together(tmp_path):
    bad = pd.concat([ELA_CUTS.iloc[:8], ABSENCE_CUTS.assign(cut=range(1, 10))])
    path = tmp_path / "cuts.csv"
    write_baseline(bad, path)
    with pytest.raises(InputError) as e:
        read_baseline(path)
    said = str(e.value)
    assert "ela_proficient, middle: levels are not 2 to 10" in said
    assert "chronic_absence, middle: cut points go back" in said
    path.write_text("measure,level\n")
    with pytest.raises(InputError, match="school_level"):
        read_baseline(path)
    with pytest.raises(KitError, match="no such file"):
        read_baseline(tmp_path / "none.csv")


def test_schools_need_their_level():
    table, schools = many_schools()
    with pytest.raises(KitError, match="column 'level' is missing"):
        make_baseline(table, schools[["school_id"]], school_year=2025)


def test_too_few_schools_give_an_empty_file_that_can_be_read(tmp_path):
    table, schools = many_schools(n_schools=9)
    cuts = make_baseline(table, schools, school_year=2025)
    assert cuts.empty
    assert len(cuts.attrs["left_out"]) == 2
    assert read_baseline(write_baseline(cuts, tmp_path / "cuts.csv")).empty
    assert levels(table, schools, cuts)["level"].isna().all()


# ---- students to the next levels


def test_students_to_the_next_levels_when_absence_has_to_fall():
    # 62 of 400 is 15.5 %, level 4; cuts at 15, 12 and 10 % are 60, 48 and 40 students.
    got = students_to_next_levels(400, 62, "chronic_absence", ABSENCE_CUTS)
    assert [(g.level, g.count, g.students) for g in got] == [(5, 60, 2), (6, 48, 14), (7, 40, 22)]


def test_students_to_the_next_levels_when_more_have_to_meet_the_standard():
    # 100 of 333 is 30.03 %, level 4; 40 % is 133.2, so 134 students.
    got = students_to_next_levels(333, 100, "ela_proficient", ELA_CUTS, steps=2)
    assert [(g.level, g.students) for g in got] == [(5, 34), (6, 67)]


def test_near_the_top_fewer_steps_are_left():
    assert [g.level for g in students_to_next_levels(100, 4, "chronic_absence", ABSENCE_CUTS)] == [10]
    assert students_to_next_levels(100, 95, "ela_proficient", ELA_CUTS) == ()


def test_students_need_a_rate_and_one_school_level():
    with pytest.raises(KitError, match="no share"):
        students_to_next_levels(100, 5, "gpa", ELA_CUTS)
    both = pd.concat([ELA_CUTS, ELA_CUTS.assign(school_level="high")])
    with pytest.raises(KitError, match="several school levels"):
        students_to_next_levels(100, 5, "ela_proficient", both)
    assert students_to_next_levels(100, 5, "ela_proficient", both, school_level="high")
    with pytest.raises(KitError, match="of 0 students"):
        students_to_next_levels(0, 0, "ela_proficient", ELA_CUTS)


@settings(deadline=None)
@given(st.data())
def test_the_number_of_students_is_the_smallest(data):
    """Against a search over every possible count, with the level read independently."""
    measure = data.draw(st.sampled_from(["chronic_absence", "ela_proficient"]))
    down = measure == "chronic_absence"
    hundredths = sorted(data.draw(st.lists(st.integers(0, 10_000), min_size=9, max_size=9)), reverse=down)
    cuts = cuts_of(measure, [h / 100 for h in hundredths])
    n = data.draw(st.integers(1, 80))
    count = data.draw(st.integers(0, n))

    def at(c):
        met = [10_000 * c <= h * n if down else 10_000 * c >= h * n for h in hundredths]
        return 1 + sum(met)

    assert level(measure, "middle", Fraction(100 * count, n), cuts) == at(count)
    got = students_to_next_levels(n, count, measure, cuts)
    assert [g.level for g in got] == list(range(at(count) + 1, min(at(count) + 3, 10) + 1))
    for g in got:
        assert g.students == min(abs(c - count) for c in range(n + 1) if at(c) >= g.level)


def test_next_levels_of_a_table():
    table = results(
        [
            result("s", "chronic_absence", "all", 400, 62),
            result("s", "ela_growth", "all", 400, None, value=55),
            result("t", "chronic_absence", "all", 400, 62),
        ]
    )
    schools = pd.DataFrame({"school_id": ["s", "t"], "level": ["middle", "high"]})
    got = next_levels(levels(table, schools, ABSENCE_CUTS), ABSENCE_CUTS)
    assert got.loc[0, ["to_next_1", "to_next_2", "to_next_3"]].tolist() == [2, 14, 22]
    assert got.loc[1:, "to_next_1"].isna().all()
    assert got["level"].tolist()[:2] == [4, 6]
    assert pd.isna(got["level"].iloc[2])


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 900), st.floats(0, 1)), min_size=1, max_size=20))
def test_the_table_of_next_levels_agrees_with_the_single_case(pupils):
    cuts = pd.concat([ABSENCE_CUTS, ELA_CUTS])
    table = results(
        [
            result(str(i), m, "all", n, round(n * share))
            for i, (n, share) in enumerate(pupils)
            for m in ("chronic_absence", "ela_proficient")
        ]
    )
    schools = pd.DataFrame({"school_id": table["unit_id"].unique(), "level": "middle"})
    got = next_levels(levels(table, schools, cuts), cuts)
    for r in got.to_dict("records"):
        single = [g.students for g in students_to_next_levels(r["n"], r["count"], r["measure"], cuts)]
        assert [r[f"to_next_{s}"] for s in (1, 2, 3) if not pd.isna(r[f"to_next_{s}"])] == single


# ---- the index


def small_network():
    rows = [
        # the lowest race is race_b (25 %): race_c fares worse still but has 19 students
        result("s", "chronic_absence", "all", 200, 20),  # 10 % → 7
        result("s", "chronic_absence", "race_a", 100, 9),
        result("s", "chronic_absence", "race_b", 40, 10),  # 25 % → 3
        result("s", "chronic_absence", "race_c", 19, 19),
        result("s", "chronic_absence", "english_learner", 50, 6),  # 12 % → 6
        result("s", "chronic_absence", "disability", 19, 4),
        result("s", "chronic_absence", "disadvantaged", 120, 18),  # 15 % → 5
        # ELA: another race is lowest
        result("s", "ela_proficient", "all", 180, 90),  # 50 % → 6
        result("s", "ela_proficient", "race_a", 90, 27),  # 30 % → 4
        result("s", "ela_proficient", "race_b", 40, 30),
        # no cut points
        result("s", "math_proficient", "all", 180, 90),
        # another year and a grade: neither counts
        result("s", "chronic_absence", "all", 200, 0, year=2025),
        result("s", "chronic_absence", "all", 60, 0, grade="7"),
    ]
    schools = pd.DataFrame({"school_id": ["s", "t", "u"], "level": ["middle", "middle", "other"]})
    return results(rows), schools, pd.concat([ABSENCE_CUTS, ELA_CUTS])


def test_the_index_by_hand():
    table, schools, cuts = small_network()
    got = core_index(table, schools, cuts, school_year=2026)
    # Chronic absence, 40/3: all 7, lowest race 3, learners 6, disadvantaged 5; disability has 19 students.
    climate = measure_points(
        THIRD_OF_FORTY,
        {"all": 7, "lowest_race_ethnicity": 3, "english_learner": 6, "disadvantaged": 5},
    )
    # ELA at a middle school, 15: all 6 and lowest race 4 only.
    academic = measure_points(15, {"all": 6, "lowest_race_ethnicity": 4})
    s = got.schools.set_index("school_id").loc["s"]
    assert s["climate_earned"] == pytest.approx(float(climate[0]))
    assert s["climate_possible"] == pytest.approx(float(climate[1]))
    assert s["academic_earned"] == pytest.approx(float(academic[0]))
    assert s["index"] == pytest.approx(float(100 * (climate[0] + academic[0]) / (climate[1] + academic[1])))
    why = got.schools.set_index("school_id")["why"]
    assert why.tolist() == ["", "no measure counts", "no weights for school level 'other'"]
    assert got.schools["index"].isna().tolist() == [False, True, True]


def test_the_lowest_race_is_chosen_for_each_measure():
    table, schools, cuts = small_network()
    points = core_index(table, schools, cuts, school_year=2026).points
    lowest = points[(points["category"] == "lowest_race_ethnicity") & points["counted"]]
    assert dict(zip(lowest["measure"], lowest["student_group"], strict=True)) == {
        "chronic_absence": "race_b",
        "ela_proficient": "race_a",
    }


def test_every_category_that_does_not_count_says_why():
    table, schools, cuts = small_network()
    points = core_index(table, schools, cuts, school_year=2026).points
    of = points[points["school_id"] == "s"].set_index(["measure", "category"])
    assert of.loc[("chronic_absence", "disability"), "why"] == "fewer than 20 students"
    assert of.loc[("math_proficient", "all"), "why"] == "no cut points"
    assert of.loc[("ela_proficient", "disability"), "why"] == "no data"
    assert (of.loc[of["why"] != "", "possible"] == 0).all()
    assert len(points[points["school_id"] == "s"]) == 5 * 5 + 1  # EL redesignation has all students only


def test_twenty_students_count():
    schools = pd.DataFrame({"school_id": ["s"], "level": ["middle"]})
    table = results(
        [
            result("s", "chronic_absence", "all", 20, 2),
            result("s", "chronic_absence", "race_a", 20, 2),
            result("s", "chronic_absence", "disability", 19, 2),
        ]
    )
    points = core_index(table, schools, ABSENCE_CUTS, school_year=2026).points
    assert set(points[points["counted"]]["category"]) == {"all", "lowest_race_ethnicity"}


def test_ties_of_the_lowest_race_go_to_the_larger_group():
    table = results(
        [
            result("s", "suspension", "race_a", 20, 2),
            result("s", "suspension", "race_b", 60, 6),
            result("s", "suspension", "race_c", 60, 6),
        ]
    )
    assert lowest_race_ethnicity(table, minimum_n=20)["student_group"].tolist() == ["race_b"]


def test_settings_are_printed():
    table, schools, cuts = small_network()
    got = core_index(table, schools, cuts, school_year=2026, settings=CoreSettings(split="fifths"))
    ids = {a.id for a in got.assumptions}
    assert {"split-fifths", "small-groups-leave", "academic-weights", "deciles"} <= ids
    assert "split-half" not in ids
    half = core_index(table, schools, cuts, school_year=2026)
    assert half.schools["index"].iloc[0] != got.schools["index"].iloc[0]
    with pytest.raises(KitError, match="design"):
        core_index(table, schools, cuts, school_year=2026, settings=CoreSettings(design="2031"))
    with pytest.raises(KitError, match="split"):
        core_index(table, schools, cuts, school_year=2026, settings=CoreSettings(split="thirds"))


def test_weights_that_do_not_make_a_hundred_are_refused():
    table, schools, cuts = small_network()
    weights = rule_table("core_weights.csv")
    weights.loc[weights["measure"] == "ela_proficient", "weight"] = "29"
    with pytest.raises(KitError, match="add up to"):
        core_index(table, schools, cuts, school_year=2026, settings=CoreSettings(weights=weights))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 10), min_size=5, max_size=5), st.sampled_from(["half", "fifths"]))
def test_the_table_agrees_with_the_single_case(given_levels, split):
    names = ["all", "race_a", "english_learner", "disability", "disadvantaged"]
    upper = [35, 30, 25, 20, 15, 12, 10, 8, 5, 2]  # a rate within each level of ABSENCE_CUTS
    rows = [result("s", "chronic_absence", g, 100, upper[lv - 1]) for g, lv in zip(names, given_levels, strict=True)]
    schools = pd.DataFrame({"school_id": ["s"], "level": ["middle"]})
    got = core_index(results(rows), schools, ABSENCE_CUTS, school_year=2026, settings=CoreSettings(split=split))
    categories = ["all", "lowest_race_ethnicity", *names[2:]]
    earned, possible = measure_points(THIRD_OF_FORTY, dict(zip(categories, given_levels, strict=True)), split=split)
    assert got.schools["index"].iloc[0] == pytest.approx(float(100 * earned / possible), abs=1e-9)
