"""Size and student groups from the results, for folders that hold nothing else."""

import numpy as np
import pytest

from kit.compare import composition, composition_wide


def _row(t, unit, group):
    return t[t["unit_id"].eq(unit) & t["student_group"].eq(group)].iloc[0]


def test_suspension_goes_before_chronic_absence_and_that_before_the_largest(table):
    results = table(
        [
            ("s1", "suspension", "all", 2026, 5, 200),
            ("s1", "suspension", "disability", 2026, 1, 30),
            ("s1", "chronic_absence", "all", 2026, 5, 300),
            ("s1", "chronic_absence", "disability", 2026, 1, 60),
            ("s2", "chronic_absence", "all", 2026, 5, 100),
            ("s2", "chronic_absence", "disability", 2026, 1, 25),
            ("s2", "math_proficient", "all", 2026, 5, 400),
            ("s3", "math_proficient", "all", 2026, 5, 400),
            ("s3", "math_proficient", "disability", 2026, 5, 40),
            ("s3", "hs_readiness", "all", 2026, 5, 100),
            # A survey counts answers and stands for no one's size.
            ("s3", "climate_safety_staff", "all", 2026, 5, 9000),
        ]
    )
    t = composition(results, school_year=2026)
    assert t["from_measure"].tolist() == ["suspension", "chronic_absence", "math_proficient"]
    assert t["size"].tolist() == [200, 100, 400]
    assert t["share"].tolist() == [15.0, 25.0, 10.0]


def test_a_group_without_a_row_is_none_and_one_not_shown_is_unknown(table):
    results = table(
        [
            ("s1", "suspension", "all", 2026, 5, 200),
            ("s1", "suspension", "race_a", 2026, 1, 150),
            ("s1", "suspension", "race_b", 2026, 1, 50),
            ("s2", "suspension", "all", 2026, 5, 200),
            ("s2", "suspension", "race_a", 2026, 1, 200),
            ("s3", "suspension", "all", 2026, 5, 200),
        ]
    )
    t = composition(results, school_year=2026)
    assert _row(t, "s2", "race_b")["share"] == 0
    assert not t["unit_id"].eq("s3").any()
    hidden = results["unit_id"].eq("s1") & results["student_group"].eq("race_b")
    t = composition(results.assign(status=np.where(hidden, "suppressed", "shown")), school_year=2026)
    assert np.isnan(_row(t, "s1", "race_b")["share"])
    assert np.isnan(_row(t, "s1", "race_b")["n"])


def test_years_are_kept_apart_and_the_wide_table_has_one_row_a_school(table):
    results = table(
        [
            ("s1", "suspension", g, year, 1, n)
            for year, all_n, el in ((2025, 100, 10), (2026, 200, 50))
            for g, n in (("all", all_n), ("english_learner", el))
        ]
    )
    assert composition(results)["share"].tolist() == [10.0, 25.0]
    wide = composition_wide(results, school_year=2026)
    assert wide.loc["s1", "size"] == 200
    assert wide.loc["s1", "english_learner"] == 25.0
    assert wide.loc["s1", "log_size"] == pytest.approx(5.298317, abs=1e-6)


def test_nothing_shown_gives_empty_tables(table):
    results = table([("s1", "suspension", "all", 2026, 0, 0), ("s1", "suspension", "race_a", 2026, 0, 0)])
    assert composition(results).empty
    assert composition_wide(results, school_year=2026).empty
    assert composition(results.iloc[:0]).empty
