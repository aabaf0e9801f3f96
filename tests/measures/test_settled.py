"""One small folder for each settled clause of the records contract, with the numbers worked out by hand.

One folder costs the kit seconds and one hundred folders minutes, so all cases of a theme stand in one folder, each at
a school of its own: a case is a school, and its numbers are read from the school's rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pandas as pd
import pytest
from random_folder import TABLES, write_folder

from kit.errors import InputError
from kit.measures.compute import compute
from kit.records.records import open_records

YEAR = 2026
SEPTEMBER = [dt.date(2025, 9, 1) + dt.timedelta(n) for n in range(30)]


class Case:
    """Collects the rows of a folder; every put names only what the clause is about."""

    def __init__(self):
        self.tables: dict[str, list[dict]] = defaultdict(list)

    def put(self, table: str, **row: object) -> None:
        self.tables[table].append({k: str(v) for k, v in row.items()})

    def school(self, school: str, district: str = "") -> None:
        self.put("schools", school_id=school, school_name=school, district_id=district or f"of {school}",
                 district_name="D", level="other")  # fmt: skip

    def spell(self, pupil: str, school: str, *, grade="8", entry="2025-08-15", exit="", year=YEAR) -> None:
        self.put("enrollments", student_id=pupil, school_id=school, school_year=year, grade=grade, entry_date=entry,
                 exit_date=exit)  # fmt: skip

    def student(self, pupil: str, *, year=YEAR, race="", gender="", el=0, since="", on="") -> None:
        self.put("students", student_id=pupil, school_year=year, race_ethnicity=race, gender=gender,
                 english_learner=el, disability=0, disadvantaged=0, el_since=since, reclassified_on=on)  # fmt: skip

    def totals(self, pupil: str, school: str, enrolled: object, absent: object, year=YEAR) -> None:
        self.put("attendance_totals", student_id=pupil, school_id=school, school_year=year, days_enrolled=enrolled,
                 days_absent=absent)  # fmt: skip

    def day(self, pupil: str, school: str, day: dt.date, status: str, portion: str = "") -> None:
        self.put("attendance", student_id=pupil, school_id=school, date=day, status=status, absent_portion=portion)

    def calendar(self, school: str, days: list[dt.date], instructional: int = 1) -> None:
        for day in days:
            self.put("calendar", school_id=school, date=day, instructional=instructional)

    def mark(self, pupil: str, school: str, subject: str, mark: str, credits="1", final="1", year=YEAR) -> None:
        self.put("marks", student_id=pupil, school_id=school, school_year=year, term="T1", subject=subject,
                 mark=mark, credits=credits, final=final)  # fmt: skip

    def action(self, pupil: str, school: str, action: str, year=YEAR) -> None:
        self.put("discipline", student_id=pupil, school_id=school, school_year=year, action_date=f"{year}-02-01",
                 action=action)  # fmt: skip

    def test(self, pupil: str, school: str, level: object, date: str, subject="ela") -> None:
        self.put("assessments", student_id=pupil, school_id=school, school_year=YEAR, test="T", subject=subject,
                 grade="3", scale_score=2400, achievement_level=level, date=date)  # fmt: skip

    def cohort(self, pupil: str, school: str, outcome: str, years=4, year=YEAR) -> None:
        self.put("cohorts", student_id=pupil, school_id=school, cohort_year=year, outcome=outcome, years=years)

    def answer(self, school: str, construct: str, response: object, who="student", pupil="") -> None:
        self.put("survey", school_id=school, school_year=YEAR, respondent=who, construct=construct, item="q",
                 response=response, student_id=pupil)  # fmt: skip

    def results(self, folder):
        known = {t: self.tables[t] for t in TABLES if self.tables.get(t)}
        return Results(compute(open_records(write_folder(folder, known, kinds=("csv",)))))


class Results:
    """Looks a row up as (n, count) or (n, value); None where there is no row."""

    def __init__(self, table: pd.DataFrame):
        key = ["measure", "unit_type", "unit_id", "student_group", "grade", "school_year"]
        assert not table.duplicated(key).any()
        self.rows = {tuple(r[k] for k in key): r for r in table.to_dict("records")}

    def row(self, measure, unit, group="all", grade="all", kind="school", year=YEAR):
        return self.rows.get((measure, kind, unit, group, grade, year))

    def rate(self, measure, unit, *rest, **more):
        row = self.row(measure, unit, *rest, **more)
        if row is None:
            return None
        assert row["value"] == pytest.approx(100 * row["count"] / row["n"], abs=1e-9)
        return int(row["n"]), int(row["count"])

    def mean(self, measure, unit, *rest, **more):
        row = self.row(measure, unit, *rest, **more)
        if row is None:
            return None
        assert pd.isna(row["count"])
        return int(row["n"]), pytest.approx(row["value"], abs=1e-9)

    def groups(self, measure, unit):
        return {k[3] for k in self.rows if k[0] == measure and k[2] == unit and k[1] == "school"}


@pytest.fixture(scope="module")
def make(tmp_path_factory):
    return lambda case: case.results(tmp_path_factory.mktemp("case") / "data")


# --------------------------------------------------------------------------------------------------- attendance


@pytest.fixture(scope="module")
def attendance(make):
    c = Case()
    # The 90 % boundary (rules.md, section 0): 18, 17 and 19 days of 180.
    c.school("boundary")
    for pupil, absent in (("b18", 18), ("b17", 17), ("b19", 19)):
        c.spell(pupil, "boundary")
        c.totals(pupil, "boundary", 180, absent)
    # A pupil with two spells at one school is one student; the gap between them is no day enrolled.
    # Entry and exit dates are days enrolled: 1-10 and 16-25 September, so 20 rows of 30; absent on 10, 12, 16.
    c.school("re-entry")
    c.spell("re", "re-entry", grade="7", entry="2025-09-01", exit="2025-09-10")
    c.spell("re", "re-entry", grade="8", entry="2025-09-16", exit="2025-09-25")
    for day in SEPTEMBER:
        c.day("re", "re-entry", day, "absent" if day.day in (10, 12, 16) else "present")
    # Two schools of one district: 10 of 100 days and 0 of 20; 10 of 120 is below 10 %.
    c.school("left", "pair")
    c.school("right", "pair")
    c.spell("two", "left", grade="7", exit="2026-01-31")
    c.spell("two", "right", grade="8", entry="2026-02-01")
    c.totals("two", "left", 100, 10)
    c.totals("two", "right", 20, 0)
    # A school with neither has no data; its pupil counts in the district by the other school's days.
    c.school("silent", "half")
    c.school("speaks", "half")
    c.spell("h", "silent")
    c.spell("h", "speaks", entry="2025-10-01")
    c.totals("h", "speaks", 50, 5)
    # Absences only: days from the calendar within the spell: 20 instructional days, entry on the sixth: 15. A row
    # before the spell, and one on a day off, are no absence: 1 of 15 and, without any row, 0 of 20.
    c.school("absences")
    c.calendar("absences", SEPTEMBER[:20])
    c.calendar("absences", SEPTEMBER[20:], 0)
    c.spell("late", "absences", entry="2025-09-06")
    for day in (SEPTEMBER[0], SEPTEMBER[6], SEPTEMBER[25]):
        c.day("late", "absences", day, "absent")
    c.spell("never", "absences")
    # Absences only and no calendar: no rate.
    c.school("no calendar")
    c.spell("nc", "no calendar")
    c.day("nc", "no calendar", SEPTEMBER[0], "absent")
    # Daily rows where there are any, else totals: 1 of 4, not 0 of 180.
    c.school("both")
    c.spell("both", "both")
    c.totals("both", "both", 180, 0)
    for day, status in zip(SEPTEMBER[:4], ("absent", "present", "tardy", "present"), strict=True):
        c.day("both", "both", day, status)
    # Complete rows on an instructional day only: 5 rows, one on a day off and one on a day not in the calendar.
    c.school("days off")
    c.calendar("days off", SEPTEMBER[:3])
    c.calendar("days off", SEPTEMBER[3:4], 0)
    c.spell("off", "days off")
    for day, status in zip(SEPTEMBER[:5], ("present", "present", "absent", "absent", "absent"), strict=True):
        c.day("off", "days off", day, status)
    # Three of 0.1 are 0.3, whatever the status: 0.3 of 3 days is exactly 10 %. An empty portion is 1 where absent.
    c.school("tenths")
    c.spell("tenths", "tenths")
    for day, status in zip(SEPTEMBER[:3], ("absent", "tardy", "present"), strict=True):
        c.day("tenths", "tenths", day, status, "0.1")
    c.spell("empty", "tenths")
    for day, status in zip(SEPTEMBER[:4], ("absent", "tardy", "present", "present"), strict=True):
        c.day("empty", "tenths", day, status)
    c.spell("nothing", "tenths")  # no row at a complete school: no day known
    # 0.66666666666 three times is 1.99999999998 of 20 days, and 10 times that is less than 20: not chronic. Two thirds
    # written so that they make 2 are.
    c.school("two thirds")
    for pupil, portion, last in (
        ("below", "0.66666666666", "0.66666666666"),
        ("even", "0.66666666666", "0.66666666668"),
    ):
        c.spell(pupil, "two thirds")
        for n, day in enumerate(SEPTEMBER[:20]):
            c.day(
                pupil, "two thirds", day, "absent" if n < 3 else "present", {0: portion, 1: portion, 2: last}.get(n, "")
            )
    # A calendar of another year only: the complete rows of this year count as they are, here on four days in September.
    c.school("old calendar")
    c.calendar("old calendar", [day.replace(year=2024) for day in SEPTEMBER[:2]])
    c.spell("oc", "old calendar")
    for day, status in zip(SEPTEMBER[:4], ("present", "absent", "present", "present"), strict=True):
        c.day("oc", "old calendar", day, status)
    # A record at a school where the pupil has no spell is left out.
    c.school("stranger")
    c.spell("own", "stranger")
    c.totals("own", "stranger", 100, 0)
    c.totals("b18", "stranger", 100, 100)
    # A school year begins in July: the rows of 30 June and of 1 July are of two years.
    c.school("july")
    for year in (2025, 2026):
        c.spell("july", "july", year=year, entry=f"{year - 1}-07-01")
    c.day("july", "july", dt.date(2025, 6, 30), "present")
    c.day("july", "july", dt.date(2025, 7, 1), "absent")
    c.day("july", "july", dt.date(2025, 7, 2), "present")
    return make(c)


def test_the_ninety_percent_boundary_is_exact(attendance):
    """rules.md section 0 and section 1.5 test 3: 18 and 19 of 180 count, 17 does not; 162 of 180 days is chronic."""
    assert attendance.rate("chronic_absence", "boundary") == (3, 2)
    # (540 - 54) / 540 = 90 %
    assert attendance.mean("attendance_rate", "boundary") == (3, 90.0)


def test_two_spells_at_one_school_are_one_student(attendance):
    # Absent on the 10th and the 16th, both the edge of a spell; not on the 12th: 2 of 20 days.
    assert attendance.rate("chronic_absence", "re-entry") == (1, 1)
    assert attendance.mean("attendance_rate", "re-entry") == (1, 90.0)
    assert attendance.rate("chronic_absence", "re-entry", "all", "8") == (1, 1)
    assert attendance.rate("chronic_absence", "re-entry", "all", "7") is None


def test_each_school_by_its_own_days_and_once_in_the_district(attendance):
    assert attendance.rate("chronic_absence", "left") == (1, 1)
    assert attendance.rate("chronic_absence", "right") == (1, 0)
    assert attendance.rate("chronic_absence", "pair", kind="district") == (1, 0)
    assert attendance.mean("attendance_rate", "pair", kind="district") == (1, 100 * 110 / 120)
    # The grade is that of the latest entry at each unit.
    assert attendance.rate("chronic_absence", "left", "all", "7") == (1, 1)
    assert attendance.rate("chronic_absence", "pair", "all", "8", kind="district") == (1, 0)
    assert attendance.rate("chronic_absence", "pair", "all", "7", kind="district") is None


def test_a_school_without_data_is_not_perfect_attendance(attendance):
    assert attendance.rate("chronic_absence", "silent") is None
    assert attendance.mean("attendance_rate", "silent") is None
    assert attendance.mean("attendance_rate", "half", kind="district") == (1, 90.0)


def test_absences_only_take_their_days_from_the_calendar(attendance):
    # Days 15 + 20, absent 1 + 0.
    assert attendance.mean("attendance_rate", "absences") == (2, 100 * 34 / 35)
    assert attendance.rate("chronic_absence", "absences") == (2, 0)
    assert attendance.mean("attendance_rate", "no calendar") is None


def test_daily_rows_win_over_totals_and_tardy_is_a_day(attendance):
    assert attendance.mean("attendance_rate", "both") == (1, 75.0)


def test_complete_rows_count_on_instructional_days_only(attendance):
    # Of three instructional days one is absent.
    assert attendance.mean("attendance_rate", "days off") == (1, 100 * 2 / 3)


def test_portions_are_decimals_added_exactly_on_any_status(attendance):
    # 0.3 of 3 days is exactly 10 %; 1 of 4 is 25 %. The third pupil has no day known.
    assert attendance.rate("chronic_absence", "tenths") == (2, 2)
    assert attendance.mean("attendance_rate", "tenths") == (2, 100 * 5.7 / 7)


def test_portions_are_compared_as_they_are_written(attendance):
    """1.99999999998 of 20 days is not 10 %; 0.66666666666 + 0.66666666666 + 0.66666666668 = 2 of 20 is."""
    assert attendance.rate("chronic_absence", "two thirds") == (2, 1)


def test_a_calendar_of_another_year_is_no_calendar(attendance):
    assert attendance.mean("attendance_rate", "old calendar") == (1, 75.0)
    assert attendance.rate("chronic_absence", "old calendar") == (1, 1)


def test_records_at_a_school_without_a_spell_are_left_out(attendance):
    assert attendance.mean("attendance_rate", "stranger") == (1, 100.0)
    assert attendance.rate("chronic_absence", "boundary") == (3, 2)


def test_july_begins_a_school_year(attendance):
    assert attendance.mean("attendance_rate", "july", year=2025) == (1, 100.0)
    assert attendance.mean("attendance_rate", "july", year=2026) == (1, 50.0)


# --------------------------------------------------------------------------------------------------- groups


@pytest.fixture(scope="module")
def groups(make):
    c = Case()
    c.school("s")
    c.school("t")
    pacific = "Native Hawaiian / Pacific Islander"
    c.student("1", race=pacific, gender="Non-binary", on="2026-06-30", el=1)
    c.student("01", race=pacific, gender="F", on="2026-07-01", el=1)
    c.student("=1+1", race="", gender="", el=0)
    c.student("y", race="White", year=2025)
    for pupil in ("1", "01", "=1+1", "y"):
        c.spell(pupil, "s")
    c.action("1", "s", "other")
    c.action("y", "t", "suspension_out")  # at a school where the pupil has no spell
    # A graduate without a row for the year takes the latest earlier one, and has no grade.
    c.student("old", race="Asian", year=2024)
    c.student("old", race="White", year=2025)
    c.student("old", race="Asian", year=2027)
    c.spell("old", "t", grade="12")
    c.student("now", race="Asian")
    c.spell("now", "t", grade="12")
    c.cohort("old", "t", "graduated")
    c.cohort("now", "t", "dropped_out")
    c.put("college", student_id="old", school_id="t", completion_year=YEAR, enrolled="Y")
    # Graduates without a row for the year: reclassified is judged by 30 June of the cohort's year, not of the row's.
    for pupil, on in (("by june", "2026-06-30"), ("in july", "2026-07-01"), ("long ago", "2020-01-15")):
        c.student(pupil, year=2024, el=1, on=on)
        c.spell(pupil, "u", grade="12")
        c.cohort(pupil, "u", "graduated")
    c.school("u")
    return make(c)


def test_groups_are_slugs_and_those_of_the_year(groups):
    """«1» and «01» are two pupils; an English learner reclassified by 30 June is in both groups, on 1 July in one."""
    assert groups.groups("suspension", "s") == {
        "all", "english_learner", "reclassified", "race_native_hawaiian_pacific_islander", "gender_non_binary",
        "gender_f",
    }  # fmt: skip
    assert groups.rate("suspension", "s") == (4, 0)
    assert groups.rate("suspension", "s", "english_learner") == (2, 0)
    assert groups.rate("suspension", "s", "reclassified") == (1, 0)
    assert groups.rate("suspension", "s", "race_native_hawaiian_pacific_islander") == (2, 0)


def test_a_grade_goes_with_all_students_only(groups):
    assert {k[3] for k in groups.rows if k[4] != "all"} == {"all"}


def test_a_graduate_without_a_row_takes_the_latest_earlier_one(groups):
    assert groups.rate("graduation_4", "t") == (2, 1)
    assert groups.rate("graduation_4", "t", "race_white") == (1, 1)
    assert groups.rate("graduation_4", "t", "race_asian") == (1, 0)
    assert groups.rate("college_going", "t", "race_white") == (1, 1)
    assert groups.rate("graduation_4", "t", "all", "12") == (1, 0)
    assert groups.rate("college_going", "t", "all", "12") is None


def test_reclassified_graduates_are_those_by_june_of_the_cohort_year(groups):
    assert groups.rate("graduation_4", "u") == (3, 3)
    assert groups.rate("graduation_4", "u", "reclassified") == (2, 2)
    assert groups.rate("graduation_4", "u", "english_learner") == (3, 3)


# --------------------------------------------------------------------------------------------------- discipline


@pytest.fixture(scope="module")
def discipline(make):
    c = Case()
    c.school("s", "d")
    c.school("other", "d")
    for n in range(350):
        c.spell(f"p{n:03}", "s")
    for _ in range(4):
        c.action("p000", "s", "suspension_out")
    c.action("p000", "s", "expulsion")
    for n, action in enumerate(("suspension_in", "expulsion", "suspension_out") * 2, start=1):
        c.action(f"p{n:03}", "s", action)
    c.action("p100", "s", "other")
    c.action("p101", "other", "suspension_out")  # no spell there
    c.spell("p102", "other")
    c.action("p102", "other", "suspension_in")  # of the district, not of the school
    c.spell("p000", "s", year=2025)  # a year without any action
    return make(c)


def test_a_pupil_is_suspended_once(discipline):
    """rules.md section 1.5 test 4: four suspensions and an expulsion count once; 7 of 350 are 2.0 %."""
    assert discipline.rate("suspension", "s") == (350, 7)
    assert discipline.row("suspension", "s")["value"] == 2.0
    assert discipline.rate("suspension", "d", kind="district") == (350, 8)
    assert discipline.rate("suspension", "other") == (1, 1)


def test_a_year_without_any_action_has_no_rate(discipline):
    assert discipline.rate("suspension", "s", year=2025) is None


# --------------------------------------------------------------------------------------------------- marks


def _ready(c: Case, school: str, *, absent=4, math="C-", others=("B", "B"), action="other") -> None:
    """Put one grade-8 pupil at a school: 100 days; ELA C, a math mark, and two others."""
    c.school(school)
    c.spell(school, school)
    c.totals(school, school, 100, absent)
    c.mark(school, school, "ela", "C")
    c.mark(school, school, "math", math)
    for mark in others:
        c.mark(school, school, "other", mark)
    c.action(school, school, action)


@pytest.fixture(scope="module")
def marks(make):
    c = Case()
    # (2.0 + 1.7 + 3.3 + 3.0) / 4 = 2.5 exactly, 96 of 100 days
    _ready(c, "ready", others=("B+", "B"))
    _ready(c, "2.425", others=("B", "B"))
    _ready(c, "95.9", absent="4.1", others=("A", "A"))
    _ready(c, "D+", math="D+", others=("A", "A"))
    _ready(c, "D-", math="D-", others=("A", "A"))
    _ready(c, "suspended", others=("A", "A"), action="suspension_in")
    # No known average, and no known attendance: not ready, but a grade-8 pupil all the same.
    for school, grade in (("no marks", "8"), ("no days", "8"), ("grade 7", "7")):
        c.school(school)
        c.spell(school, school, grade=grade)
    c.totals("no marks", "no marks", 100, 0)
    c.mark("no days", "no days", "ela", "A")
    # A D that is not final, and one in science, do not count against a pupil.
    _ready(c, "interim D", others=("A", "A"))
    c.mark("interim D", "interim D", "math", "D", final="0")
    c.mark("interim D", "interim D", "science", "D")
    # 4.0 × 1 + 0.7 × 3 = 6.1 of 4 credits; P, I and the mark that is not final carry nothing; A+ is 4.
    c.school("points", "d")
    c.school("second", "d")
    c.spell("w", "points", grade="9")
    c.mark("w", "points", "ela", "A+", "1")
    c.mark("w", "points", "math", "D-", "3")
    for mark, final in (("P", "1"), ("NP", "1"), ("I", "1"), ("F", "0")):
        c.mark("w", "points", "other", mark, "5", final)
    # Over all of the unit's schools: (6.1 + 3.3 × 4) / 8 in the district, not the mean of two averages.
    c.spell("w", "second", grade="9", entry="2026-01-01")
    c.mark("w", "second", "ela", "B+", "4", final="")
    # The mean of pupils' averages, each pupil once: (1.0 + 4.0) / 2, although one has more credits.
    c.school("mean")
    for pupil, mark, credits in (("m1", "D", "1"), ("m2", "A", "30")):
        c.spell(pupil, "mean", grade="9")
        c.mark(pupil, "mean", "ela", mark, credits)
    # A third of a credit weighs as it is written.
    c.school("thirds")
    c.spell("third", "thirds", grade="9")
    c.mark("third", "thirds", "ela", "A", "0.33333")
    c.mark("third", "thirds", "math", "D", "0.5")
    # A mark in a subject that the contract does not know is left out; one in «other» is not.
    c.school("subjects")
    c.spell("sub", "subjects", grade="9")
    for subject, mark in (("ela", "A"), ("basket weaving", "F"), ("", "F"), ("other", "C")):
        c.mark("sub", "subjects", subject, mark)
    # 2025 has marks and attendance but no action at all: no readiness.
    c.spell("ready", "ready", year=2025)
    c.totals("ready", "ready", 100, 0, year=2025)
    c.mark("ready", "ready", "ela", "A", year=2025)
    return make(c)


def test_ready_for_high_school_at_the_edge_of_all_four(marks):
    """rules.md section 1.5 test 2: GPA 2.5, attendance 96.0 %, C in ELA, C− in math, no suspension."""
    assert marks.rate("hs_readiness", "ready") == (1, 1)
    assert marks.rate("hs_readiness", "interim D") == (1, 1)
    assert marks.rate("hs_readiness", "ready", "all", "8") == (1, 1)


@pytest.mark.parametrize("school", ["2.425", "95.9", "D+", "D-", "suspended", "no marks", "no days"])
def test_not_ready_when_one_of_the_four_fails_or_is_unknown(marks, school):
    assert marks.rate("hs_readiness", school) == (1, 0)


def test_only_grade_8_and_only_years_with_all_three(marks):
    assert marks.rate("hs_readiness", "grade 7") is None
    assert marks.rate("hs_readiness", "ready", year=2025) is None


def test_marks_are_weighted_by_credits_over_the_units_schools(marks):
    assert marks.mean("gpa", "points") == (1, 6.1 / 4)
    assert marks.mean("gpa", "second") == (1, 3.3)
    assert marks.mean("gpa", "d", kind="district") == (1, (6.1 + 13.2) / 8)
    assert marks.mean("gpa", "mean") == (2, 2.5)
    assert marks.mean("gpa", "thirds") == (1, (4 * 0.33333 + 0.5) / 0.83333)
    assert marks.mean("gpa", "no marks") is None


def test_a_mark_in_an_unknown_subject_is_left_out(marks):
    assert marks.mean("gpa", "subjects") == (1, (4.0 + 2.0) / 2)


# --------------------------------------------------------------------------------------------------- learners


@pytest.fixture(scope="module")
def learners(make):
    c = Case()
    c.school("forty")
    for n in range(50):
        on = "2026-03-01" if n < 40 else ""
        c.spell(f"f{n}", "forty")
        c.student(f"f{n}", el=int(n >= 40), since="2018-09-01", on=on)
    cases = {
        "last day": {"el": 0, "since": "2025-01-01", "on": "2026-06-30"},
        "first day": {"el": 1, "on": "2025-07-01"},
        "year before": {"el": 1, "since": "2010-09-01", "on": "2025-06-30"},
        "july after": {"el": 1, "since": "2010-09-01", "on": "2026-07-01"},
        "fifth year": {"el": 1, "since": "2021-06-30"},
        "fourth year": {"el": 1, "since": "2021-07-01"},
        "unknown since": {"el": 1},
        "no learner": {"el": 0, "since": "2010-09-01"},
    }
    for name, row in cases.items():
        c.school(name)
        c.spell(name, name)
        c.student(name, **row)
    return make(c)


def test_forty_of_fifty_redesignated(learners):
    """rules.md section 1.5 test 1."""
    assert learners.rate("el_redesignation", "forty") == (50, 40)
    assert learners.row("el_redesignation", "forty")["value"] == 80.0


@pytest.mark.parametrize(
    ("school", "expected"),
    [
        ("last day", (1, 1)),
        ("first day", (1, 1)),
        ("year before", None),
        ("july after", (1, 0)),
        ("fifth year", (1, 0)),
        ("fourth year", None),
        ("unknown since", None),
        ("no learner", None),
    ],
)
def test_who_is_in_the_redesignation_rate(learners, school, expected):
    assert learners.rate("el_redesignation", school) == expected


# --------------------------------------------------------------------------------------------------- tests, cohorts


@pytest.fixture(scope="module")
def outcomes(make):
    c = Case()
    c.school("levels")
    sittings = {
        "later": [(4, "2026-03-01"), (2, "2026-05-01")],  # the latest counts: not proficient
        "blank last": [(3, "2026-03-01"), ("", "2026-05-01")],  # the latest with a level
        "nine": [(9, "2026-03-01")],  # no level
        "five": [(5, "2026-03-01")],
    }
    for pupil, held in sittings.items():
        c.spell(pupil, "levels", grade="4")
        for level, date in held:
            c.test(pupil, "levels", level, date)
    c.test("five", "levels", 1, "2026-03-01", subject="math")
    c.test("elsewhere", "levels", 4, "2026-03-01")  # no spell
    # One sitting in all: a pupil who moved and sat at both schools counts where the latest was taken, also by name
    # of the schools reversed; another subject is another sitting; a later one without a level does not count.
    for first, second in (("east", "west"), ("west", "east")):
        c.school(first, "compass")
        pupil = f"from {first}"
        c.spell(pupil, first, grade="4", exit="2026-01-31")
        c.spell(pupil, second, grade="4", entry="2026-02-01")
        c.test(pupil, first, 4, "2025-12-01")
        c.test(pupil, second, 1, "2026-05-01")
        c.test(pupil, first, 3, "2025-12-01", subject="math")
        c.test(pupil, second, "", "2026-05-01", subject="math")
    c.spell("stays", "east", grade="4")
    c.test("stays", "east", 3, "2026-05-01")
    c.school("north", "d")
    c.school("south", "d")
    c.cohort("moved", "north", "transferred_out")
    c.cohort("moved", "south", "graduated")
    c.cohort("left", "north", "transferred_out")
    c.cohort("both", "north", "dropped_out")
    c.cohort("both", "south", "graduated")
    c.cohort("other", "north", "other")
    c.cohort("five", "north", "graduated", years=5)
    c.cohort("six", "north", "still_enrolled", years=6, year=2024)
    for pupil, school, enrolled in (("a", "north", "Y"), ("a", "south", "N"), ("b", "south", "N")):
        c.put("college", student_id=pupil, school_id=school, completion_year=YEAR, enrolled=enrolled)
    return make(c)


def test_one_sitting_the_latest_with_a_level(outcomes):
    assert outcomes.rate("ela_proficient", "levels") == (3, 2)
    assert outcomes.rate("math_proficient", "levels") == (1, 0)
    # The grade is the spell's (4), not the test's (3).
    assert outcomes.rate("ela_proficient", "levels", "all", "4") == (3, 2)
    assert outcomes.rate("ela_proficient", "levels", "all", "3") is None


def test_a_pupil_who_moved_counts_only_where_the_latest_sitting_was(outcomes):
    assert outcomes.rate("ela_proficient", "east") == (2, 1)  # stays, and from west with level 1
    assert outcomes.rate("ela_proficient", "west") == (1, 0)  # from east with level 1
    assert outcomes.rate("ela_proficient", "compass", kind="district") == (3, 1)
    assert outcomes.rate("math_proficient", "east") == (1, 1)
    assert outcomes.rate("math_proficient", "west") == (1, 1)
    assert outcomes.rate("math_proficient", "compass", kind="district") == (2, 2)


def test_transfers_leave_unless_another_school_of_the_unit_has_the_pupil(outcomes):
    assert outcomes.rate("graduation_4", "north") == (2, 0)  # both, other
    assert outcomes.rate("graduation_4", "south") == (2, 2)  # moved, both
    assert outcomes.rate("graduation_4", "d", kind="district") == (3, 2)  # moved, both, other
    assert outcomes.rate("graduation_4", "network", kind="network") == (3, 2)


def test_five_and_six_years_by_cohort_year(outcomes):
    assert outcomes.rate("graduation_5", "north") == (1, 1)
    assert outcomes.rate("graduation_6", "north", year=2024) == (1, 0)
    assert outcomes.rate("graduation_6", "north") is None


def test_a_completer_counts_once(outcomes):
    assert outcomes.rate("college_going", "south") == (2, 0)
    assert outcomes.rate("college_going", "d", kind="district") == (2, 1)


# --------------------------------------------------------------------------------------------------- surveys


@pytest.fixture(scope="module")
def surveys(make):
    c = Case()
    c.school("s")
    for pupil, grade in (("g3", "3"), ("g4", "4"), ("gK", "K")):
        c.spell(pupil, "s", grade=grade)
        c.student(pupil, race="White")
    for response in (5, 4, 3, "", 6, 0):
        c.answer("s", "sel_growth_mindset", response, pupil="g4")
    c.answer("s", "sel_growth_mindset", 5, pupil="g3")
    c.answer("s", "sel_growth_mindset", 5, pupil="gK")
    c.answer("s", "sel_growth_mindset", 1)  # a pupil whose grade is not known
    c.answer("s", "sel_growth_mindset", 5, who="staff")
    c.answer("s", "sel_growth_mindset", 5, who="family", pupil="g4")
    c.answer("s", "climate_safety", 4, pupil="g3")
    c.answer("s", "climate_safety", 4, who="staff", pupil="g4")
    c.answer("s", "climate_safety", 2, who="family", pupil="g3")
    c.answer("s", "climate_safety", 5, who="family")
    c.answer("s", "climate_safety", 5, who="visitor", pupil="g4")
    c.answer("s", "happiness", 5, pupil="g4")
    return make(c)


def test_skills_count_answers_of_grades_4_to_12(surveys):
    # Grade 4: 5, 4, 3; grade not known: 1. Blank, 6 and 0 are no answer.
    assert surveys.rate("sel_growth_mindset", "s") == (4, 2)
    assert surveys.rate("sel_growth_mindset", "s", "race_white") == (3, 2)
    assert surveys.rate("sel_growth_mindset", "s", "all", "4") == (3, 2)
    assert surveys.rate("sel_growth_mindset", "s", "all", "3") is None


def test_climate_answers_by_respondent(surveys):
    assert surveys.rate("climate_safety_student", "s") == (1, 1)
    assert surveys.rate("climate_safety_staff", "s") == (1, 1)
    assert surveys.groups("climate_safety_staff", "s") == {"all"}
    assert surveys.rate("climate_safety_staff", "s", "all", "4") is None
    # A family's groups and grade are the child's.
    assert surveys.rate("climate_safety_family", "s") == (2, 1)
    assert surveys.rate("climate_safety_family", "s", "race_white") == (1, 0)
    assert surveys.rate("climate_safety_family", "s", "all", "3") == (1, 0)


def test_unknown_constructs_give_no_measure(surveys):
    assert {k[0] for k in surveys.rows} == {
        "sel_growth_mindset", "climate_safety_student", "climate_safety_staff", "climate_safety_family",
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------- files


def _capitals() -> Case:
    c = Case()
    c.put("schools", school_id="S", school_name="S", district_id="D", district_name="D", level="HIGH")
    c.spell("p", "S", grade="k")
    c.spell("q", "S", grade="08")
    for n, status in enumerate(("ABSENT", "Present", "TARDY", " present ")):
        c.day("p", "S", SEPTEMBER[n], status)
        c.day("q", "S", SEPTEMBER[n], "PRESENT")
    c.action("q", "S", "Suspension_Out")
    c.mark("q", "S", "ELA", "b+")
    c.test("q", "S", 3, "2026-05-01", subject="Math")
    c.cohort("q", "S", "GRADUATED")
    c.answer("S", "CLIMATE_SAFETY", 4, who="Student", pupil="q")
    return c


def test_codes_in_capitals_are_taken_in_parquet_as_in_csv(tmp_path):
    tables = {t: rows for t, rows in _capitals().tables.items() if rows}
    found = {}
    for kind in ("csv", "parquet"):
        records = open_records(write_folder(tmp_path / kind, tables, kinds=(kind,)))
        assert {s.kind for s in records.sources.values()} == {kind}
        found[kind] = compute(records)
    pd.testing.assert_frame_equal(found["csv"], found["parquet"])
    results = Results(found["parquet"])
    assert results.mean("attendance_rate", "S") == (2, 100 * 7 / 8)
    assert results.rate("chronic_absence", "S", "all", "K") == (1, 1)
    assert results.rate("chronic_absence", "S", "all", "8") == (1, 0)
    assert results.rate("suspension", "S") == (2, 1)
    assert results.mean("gpa", "S") == (1, 3.3)
    assert results.rate("math_proficient", "S") == (1, 1)
    assert results.rate("graduation_4", "S") == (1, 1)
    assert results.rate("climate_safety_student", "S") == (1, 1)


@pytest.mark.parametrize("broken", ['"school\nname"', '"school\r\nname"'])
def test_a_header_with_a_line_break_is_a_fault(tmp_path, broken):
    header = f"school_id,{broken},school_name,district_id,district_name,level"
    (tmp_path / "schools.csv").write_bytes(f"{header}\ns,x,S,d,D,high\n".encode())
    records = open_records(tmp_path)
    assert [(f.severity, f.rule, f.row, f.stops) for f in records.faults] == [("error", "broken-header", 1, True)]
    with pytest.raises(InputError, match="line break"):
        compute(records)
