"""Weekly measures from the daily records: counted by hand on a small school."""

from __future__ import annotations

import pandas as pd
import pytest

from kit.errors import KitError
from kit.inquiry.daily import WEEKLY, weekly
from kit.workspace import open_workspace

# Two weeks (5 and 4 days; Wednesday 14 January is no school day), four pupils.
WEEK_1 = ["2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"]
WEEK_2 = ["2026-01-12", "2026-01-13", "2026-01-15", "2026-01-16"]


@pytest.fixture
def records(write_folder):
    """Return the records of the small school."""
    calendar = "".join(f"1,{d},Y\n" for d in [*WEEK_1, *WEEK_2]) + "1,2026-01-14,N\n2,2026-01-14,Y\n"
    folder = write_folder(
        schools="school_id,school_name,district_id,district_name,level\n1,One,1,D,middle\n2,Two,1,D,middle",
        students="student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged\n"
        + "\n".join(f"{p},2026,white,male,N,N,N" for p in "abcd"),
        enrollments="""student_id,school_id,school_year,grade,entry_date,exit_date
            a,1,2026,6,2026-01-05,
            b,1,2026,6,2026-01-05,2026-01-12
            c,1,2026,7,2026-01-08,
            d,1,2026,7,2026-01-05,
            d,2,2026,7,2026-01-05,""",
        calendar="school_id,date,instructional\n" + calendar,
        attendance="""student_id,school_id,date,status,absent_portion
            a,1,2026-01-05,absent,
            a,1,2026-01-06,absent,0.5
            a,1,2026-01-14,absent,1
            b,1,2026-01-12,absent,1
            b,1,2026-01-13,absent,1
            c,1,2026-01-07,absent,1
            c,1,2026-01-08,tardy,0.25
            c,1,2026-01-12,tardy,
            d,2,2026-01-05,absent,1
            d,1,2026-01-16,absent,1""",
        sections="""student_id,school_id,school_year,section_id,from_date,to_date
            a,1,2026,6A,,
            b,1,2026,6A,2026-01-07,
            c,1,2026,7A,,2026-01-12""",
    )
    return open_workspace(folder).records


def _rows(records, of="absence", **settings) -> list[tuple]:
    table = weekly(records, "1", 2026, of, **{"fewest": 1, **settings})
    assert table.date.tolist() == [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-12")][: len(table)]
    assert (table.value - 100 * table.numerator / table.denominator).abs().max() < 1e-9
    return list(table[["numerator", "denominator", "students"]].itertuples(index=False, name=None))


def test_days_missed_within_the_spell_on_instructional_days(records):
    # Week 1: a 5, b 5, c 2 (from Thursday), d 5 days; a missed 1.5, c came late and missed 0.25.
    # Week 2: a 4, b 1 (left on Monday), c 4, d 4; b missed Monday, d Friday; Wednesday is no school day.
    assert _rows(records) == [(1.75, 17, 4), (2, 13, 4)]


def test_late_arrivals_and_absences(records):
    assert _rows(records, "tardy") == [(1, 17, 4), (1, 13, 4)]
    assert _rows(records, "absences") == [(2, 17, 4), (2, 13, 4)]


def test_students_who_missed_several_days(records, write_folder):
    assert _rows(records, "several_days") == [(0, 4, 4), (0, 4, 4)]


def test_chronic_absence_so_far_counts_whole_numbers(records):
    # End of week 1: a 1.5 of 5, c 0.25 of 2 (12.5 percent): two.
    # End of week 2: a 1.5 of 9, b 1 of 6, d 1 of 9; c 0.25 of 6 no longer.
    assert _rows(records, "chronic_absence") == [(2, 4, 4), (3, 4, 4)]


def test_a_tenth_made_of_tenths_is_a_tenth(write_folder):
    days = pd.bdate_range("2026-01-05", periods=3).strftime("%Y-%m-%d")
    folder = write_folder(
        schools="school_id,school_name,district_id,district_name,level\n1,One,1,D,middle",
        enrollments="student_id,school_id,school_year,grade,entry_date,exit_date\na,1,2026,6,2026-01-05,",
        calendar="school_id,date,instructional\n" + "\n".join(f"1,{d},Y" for d in days),
        attendance="student_id,school_id,date,status,absent_portion\n" + "\n".join(f"a,1,{d},absent,0.1" for d in days),
    )
    table = weekly(open_workspace(folder).records, "1", 2026, fewest=1)
    assert table.numerator.tolist() == [0.3]
    chronic = weekly(open_workspace(folder).records, "1", 2026, "chronic_absence", fewest=1)
    assert chronic.numerator.tolist() == [1]


def test_grades_and_sections(records):
    assert _rows(records, grades=["6"]) == [(1.5, 10, 2), (1, 5, 2)]
    # b came into the class on Wednesday.
    assert _rows(records, sections=["6A"]) == [(1.5, 8, 2), (1, 5, 2)]
    assert _rows(records, sections=["7A"]) == [(0.25, 2, 1), (0, 1, 1)]


def test_weeks_with_few_students_are_left_out(records):
    assert weekly(records, "1", 2026, fewest=5).empty
    assert len(weekly(records, "1", 2026, fewest=4)) == 2
    assert weekly(records, "1", 2026).empty


def test_what_is_missing_is_told(records, write_folder):
    with pytest.raises(KitError, match="not a weekly measure"):
        weekly(records, "1", 2026, "colour")
    assert set(WEEKLY) == {"absence", "tardy", "absences", "several_days", "chronic_absence"}
    assert weekly(records, "nowhere", 2026).empty


def test_without_daily_records_it_says_which_table(write_folder):
    folder = write_folder(schools="school_id,school_name,district_id,district_name,level\n1,One,1,D,middle")
    with pytest.raises(KitError, match="no table 'enrollments'"):
        weekly(open_workspace(folder).records, "1", 2026)
