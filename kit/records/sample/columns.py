"""The columns of a sample network's tables: type, unit and values, for the files and for the dictionary."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from kit.errors import KitError

__all__ = ["TABLES", "Coded", "Column", "arrow_column"]

DAY = pa.date32()
SMALL = pa.int16()
PORTION = pa.decimal128(3, 2)


@dataclass(frozen=True)
class Coded:
    """A text (or decimal) column as whole numbers and what they stand for (all distinct); -1 is empty."""

    codes: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Column:
    """Arrow type, unit, and the values in words."""

    type: pa.DataType
    unit: str
    values: str


def _text(values: str) -> Column:
    return Column(pa.string(), "", values)


def _day(values: str) -> Column:
    return Column(DAY, "date", values)


def _yes(values: str) -> Column:
    return Column(pa.bool_(), "", f"true, false; {values}")


STUDENT = _text("text of seven digits, zeros kept; the same pupil in every table and year")
SCHOOL = _text("text of four digits, zeros kept: district, then school")
YEAR = Column(SMALL, "year", "the year in which the school year ends (2026 is 2025-26)")
GRADE = _text("TK, K, 1 … 12")

# Table: (what one row is, a remark for the dictionary, columns).
TABLES: dict[str, tuple[str, str, dict[str, Column]]] = {
    "schools": (
        "school",
        "Names are invented. Six districts of unequal size; a few schools are tiny.",
        {
            "school_id": SCHOOL,
            "school_name": _text("invented"),
            "district_id": _text("text of two digits"),
            "district_name": _text("invented"),
            "level": _text("elementary, middle, high, other (kindergarten to grade 12)"),
            "low_grade": GRADE,
            "high_grade": GRADE,
            "county": _text("Sample County"),
            "charter": _yes(""),
            "title_i": _yes("where half of the pupils or more are expected to be disadvantaged"),
            "contact_name": _text("invented"),
            "contact_email": _text("an address at example.org, which receives no mail"),
        },
    ),
    "students": (
        "student and school year",
        "No pupil has a name. A learner who is redesignated in a year is not an English learner in that year's row.",
        {
            "student_id": STUDENT,
            "school_year": YEAR,
            "race_ethnicity": _text("seven groups in words"),
            "gender": _text("female, male, nonbinary"),
            "english_learner": _yes("at the end of the school year"),
            "disability": _yes("has a special education plan"),
            "disadvantaged": _yes("socioeconomically"),
            "homeless": _yes(""),
            "foster": _yes(""),
            "el_since": _day("first day as an English learner; empty: never one"),
            "reclassified_on": _day("day of redesignation, once it has happened; empty: not yet, or never a learner"),
        },
    ),
    "enrollments": (
        "spell at a school",
        "Spells of a pupil never overlap. Some pupils come late, move, leave, or leave and return.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "school_year": YEAR,
            "grade": GRADE,
            "entry_date": _day("first day enrolled"),
            "exit_date": _day("last day enrolled; empty: to the year's end"),
            "exit_reason": _text("in words; empty where there is no exit date"),
        },
    ),
    "calendar": (
        "school and day",
        "Weekdays from the first to the last day of school; weekends are left out.",
        {"school_id": SCHOOL, "date": _day("a weekday"), "instructional": _yes("a day of school")},
    ),
    "attendance": (
        "student and day",
        "Absences and tardies only: a day of school in `calendar` without a row here was attended.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "date": _day("a day of school"),
            "status": _text("absent, tardy"),
            "absent_portion": Column(PORTION, "share of the day", "0.25, 0.50, 1.00; empty where tardy"),
            "excused": _yes("empty where tardy"),
        },
    ),
    "attendance_totals": (
        "student, school and school year",
        "Only the first year of one district (in a network of one district: of one school), which has no "
        "daily rows in that year.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "school_year": YEAR,
            "days_enrolled": Column(SMALL, "days", "0 to 180"),
            "days_absent": Column(pa.decimal128(5, 2), "days", "0 to 180, in quarters"),
        },
    ),
    "discipline": (
        "action",
        "At most one action a pupil and day.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "school_year": YEAR,
            "action_date": _day("a day of school"),
            "action": _text("suspension_out, suspension_in, expulsion, other"),
            "days": Column(SMALL, "days", "1 to 5; empty for expulsion and other"),
        },
    ),
    "marks": (
        "student, course and term",
        "Grades 6 to 12, two terms a year. Final marks at the end of each term; in grades 6 to 8 also ELA "
        "and math at mid-term of the first, which are not final.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "school_year": YEAR,
            "term": _text("S1, S2; Q1 at mid-term"),
            "subject": _text("ela, math, science, social_studies, other"),
            "mark": _text("A+, A, A-, B+ … D-, F"),
            "credits": Column(pa.decimal128(3, 1), "credits", "2.5, 5.0"),
            "final": _yes("false at mid-term"),
        },
    ),
    "assessments": (
        "student and test",
        "An invented test on an invented vertical scale: a score means the same in every grade. Grades 3 to "
        "8 and 11, in April and May.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "school_year": YEAR,
            "test": _text("spring_summative"),
            "subject": _text("ela, math"),
            "grade": GRADE,
            "scale_score": Column(SMALL, "scale points", "200 to 900"),
            "achievement_level": Column(pa.int8(), "level", "1 to 4; 3 and 4 met the standard"),
            "date": _day("day of the test"),
            "standard_error": Column(SMALL, "scale points", "of the score; larger at both ends"),
            "distance_from_standard": Column(SMALL, "scale points", "score less the lowest score of level 3"),
        },
    ),
    "items": (
        "student, interim test, item",
        "An interim math test of ten items in grades 3 and 6, in autumn and winter of the last year.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "test": _text("interim_math_autumn, interim_math_winter"),
            "date": _day("day of the test"),
            "item": _text("01 to 10"),
            "standard": _text("counting, operations, fractions, measurement, data (invented)"),
            "points": Column(pa.int8(), "points", "0 to the points possible"),
            "points_possible": Column(pa.int8(), "points", "1 or 2"),
        },
    ),
    "survey": (
        "answer",
        "Students of grades 4 to 12, staff and families in February; families and staff answer on climate "
        "only. Some answers are empty. How many answer differs between schools.",
        {
            "school_id": SCHOOL,
            "school_year": YEAR,
            "respondent": _text("student, staff, family"),
            "construct": _text("ids such as sel_self_efficacy, climate_safety"),
            "item": _text("the construct's id and a number"),
            "response": Column(pa.int8(), "1 to 5", "5 is the most positive; empty: no answer"),
            "respondent_id": _text("a student's is the student's id; others are not kept from year to year"),
            "student_id": _text("the student, or the child of a family; empty for staff"),
        },
    ),
    "sections": (
        "student in a class",
        "A homeroom to grade 5, an ELA and a math class from grade 6.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "school_year": YEAR,
            "section_id": _text("school, year, grade and class"),
            "section_name": _text("grade, subject and class"),
            "subject": _text("ela, math, other (homeroom)"),
            "from_date": _day("first day in the class"),
            "to_date": _day("last day in the class; empty: to the year's end"),
        },
    ),
    "cohorts": (
        "student in a graduation cohort",
        "The first cohort is followed for as many years as the network has (six at most), the last for four. "
        "Who left before the network's first year is not in any cohort.",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "cohort_year": Column(SMALL, "year", "the fourth year of high school, by its ending year"),
            "outcome": _text("graduated, still_enrolled, dropped_out, transferred_out, other"),
            "years": Column(pa.int8(), "years", "since the start of grade 9: 4, 5, 6"),
        },
    ),
    "college": (
        "high-school completer",
        "Completers of the last year are not followed yet (in a network of one year they are).",
        {
            "student_id": STUDENT,
            "school_id": SCHOOL,
            "completion_year": Column(SMALL, "year", "school year of completion"),
            "enrolled": _yes("enrolled in college within 16 months"),
            "institution_type": _text("two_year, four_year; empty where not enrolled"),
        },
    ),
}


def arrow_column(column: Column, values) -> pa.Array:
    """Return a column as Arrow: text from :class:`Coded`, the rest from NumPy; masked and day 0 are empty."""
    if isinstance(values, Coded):
        codes = pa.array(values.codes.astype("int32"), mask=values.codes < 0)
        kept = pa.array(list(values.values), type=column.type)
        if pa.types.is_string(column.type):
            return pa.DictionaryArray.from_arrays(codes, kept)
        return kept.take(codes)
    mask = np.ma.getmaskarray(values) if isinstance(values, np.ma.MaskedArray) else None
    plain = np.asarray(values)
    if column.type == DAY:
        return pa.array(plain.astype("int32"), mask=plain == 0).cast(DAY)
    if pa.types.is_string(column.type):
        raise KitError("a text column of the sample network must be coded")
    return pa.array(plain, mask=mask).cast(column.type)
