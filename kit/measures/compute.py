"""From records to the results table: which measures can be had, and their rows."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir
import pandas as pd

from kit.errors import KitError
from kit.measures import achievement, attendance, discipline, english_learners, graduation, growth, readiness, surveys
from kit.measures.population import FLAGS, UNIT_PUPIL, at_units, groups, pupils
from kit.measures.registry import Measure, measure, measures
from kit.measures.results import finish_results
from kit.measures.rollup import ROW_COLUMNS, alike, roll_up
from kit.records.records import Records
from kit.records.years import year_end

__all__ = ["FUNCTIONS", "compute", "student_rows", "switched_off"]

# Sums of decimals do not depend on the order in which threads add them: the same records, the same bytes.
EXACT = "decimal(38, 12)"

FUNCTIONS: dict[str, Callable[[Records], ir.Table]] = {
    "chronic_absence": attendance.attendance,
    "attendance_rate": attendance.attendance,
} | {
    f.__name__: f
    for f in (
        discipline.suspension,
        achievement.ela_proficient,
        achievement.math_proficient,
        graduation.graduation_4,
        graduation.graduation_5,
        graduation.graduation_6,
        readiness.hs_readiness,
        english_learners.el_redesignation,
        graduation.college_going,
        readiness.gpa,
    )
}

# Daily records are many: pupils who stay at one school are added up there, and only kinds of them at every unit.
BY_SCHOOL = {attendance.attendance: (attendance.stayers_attendance, attendance.movers_attendance)}

# Columns that the contract does not require but without which a measure says nothing true.
NEEDS_COLUMNS = {"el_redesignation": (("students", "el_since"), ("students", "reclassified_on"))}


# What a measure of days needs; absences alone need the calendar too.
_DAYS = "attendance|attendance_totals"


def _missing(records: Records, m: Measure) -> list[str]:
    """Return what a measure lacks: tables, each ``a or b``, and columns."""
    lacks = [
        " or ".join(either.split("|"))
        for either in ("schools", *m.needs)
        if not any(records.has(t) for t in either.split("|"))
    ]
    if not lacks and _DAYS in m.needs and attendance.days_are_unknown(records):
        lacks = ["calendar"]
    if not lacks:
        lacks = [f"{t}.{c}" for t, c in NEEDS_COLUMNS.get(m.id, ()) if not records.given(t, c)]
    return lacks


def switched_off(records: Records) -> dict[str, list[str]]:
    """Return the measures that cannot be had, with the tables or columns each lacks."""
    known = [m for m in measures().values() if m.theme == "surveys" or m.id in FUNCTIONS or m.id in growth.GROWTH]
    return {m.id: lacks for m in known if (lacks := _missing(records, m))}


def student_rows(records: Records, measure_id: str) -> ir.Table:
    """Return a measure's one row per unit and pupil.

    Columns: school_year, unit_type, unit_id, student_id, grade, and ``value`` (true or false) or ``top`` and
    ``bottom`` of a mean.

    Raises
    ------
    KitError
        If the measure is unknown, has no row per pupil, or its tables are missing.
    """
    m = measure(measure_id)
    if measure_id not in FUNCTIONS:
        raise KitError(f"'{m.name}' has no row per student", mend=f"Choose one of: {', '.join(FUNCTIONS)}.")
    lacks = _missing(records, m)
    if lacks:
        raise KitError(f"'{m.name}' needs {' and '.join(lacks)}", where=records.label, mend="Add the table.")
    rows = FUNCTIONS[measure_id](records)
    # Two measures may come from the same rows: each takes what is its own.
    others = ("top", "bottom") if m.unit == "percent" else ("value",)
    return _with_grade(rows.drop(*(c for c in others if c in rows.columns)), records)


def _with_grade(rows: ir.Table, records: Records) -> ir.Table:
    """Give each row the grade of its pupil's latest spell at the unit."""
    if "grade" in rows.columns:
        return rows
    if not records.has("enrollments"):
        return rows.mutate(grade=ibis.null("string"))
    joined = rows.left_join(pupils(records), UNIT_PUPIL)
    grade = joined.grade
    if "group_year" in rows.columns:
        # Graduates and completers without a row in `students` for the year have no grade.
        grade = ibis.ifelse((joined.group_year == joined.school_year).coalesce(False), grade, ibis.null("string"))
    return joined.select(*rows.columns, grade=grade)


def _with_groups(rows: ir.Table, records: Records) -> ir.Table:
    """Give each row its pupil's student groups of the year (or of ``group_year``)."""
    if "group_year" not in rows.columns:
        rows = rows.mutate(group_year=rows.school_year)
    g = groups(records).rename(group_student="student_id", of_year="school_year")
    joined = rows.left_join(g, [rows.student_id == g.group_student, rows.group_year == g.of_year])
    flags = {f: joined[f].coalesce(False) for f in FLAGS}
    # A graduate may be in an earlier year's row: what counts is 30 June of the year of the result.
    by_then = (joined.reclassified_on <= year_end(joined.school_year)).coalesce(False)
    return joined.mutate(**flags, reclassified=by_then)


def _kinds(records: Records, measure_id: str) -> ir.Table:
    """Return a measure's pupils added up by kind; measures that share their rows share the work."""
    made = FUNCTIONS[measure_id]

    def make():
        if made not in BY_SCHOOL:
            return alike(_rows(made(records), records))
        stayed, moved = BY_SCHOOL[made]
        return _by_school(stayed(records), moved(records), records, _rows)

    kinds = records.once(f"kinds of {made.__module__}.{made.__name__}", make)
    if measure(measure_id).unit == "percent":
        return kinds.mutate(measure=ibis.literal(measure_id), top=ibis.null(EXACT), bottom=ibis.null(EXACT))
    return kinds.mutate(measure=ibis.literal(measure_id), c=ibis.null("int64"))


def _survey_kinds(records: Records, wanted: list[str]) -> ir.Table:
    """Return the answers of the survey measures wanted, added up by kind of pupil."""

    def shaped(rows: ir.Table, records: Records) -> ir.Table:
        rows = _with_groups(rows, records)
        return rows.mutate(top=ibis.null(EXACT), bottom=ibis.null(EXACT)).select(ROW_COLUMNS)

    answers = (f(records).filter(ibis._.measure.isin(wanted)) for f in (surveys.stayers_answers, surveys.other_answers))
    return records.kept(_by_school(*answers, records, shaped)).cast({"top": EXACT, "bottom": EXACT})


def _by_school(stayed: ir.Table, moved: ir.Table, records: Records, shaped: Callable) -> ir.Table:
    """Add up pupils by kind: those who are the same at every unit once, by school; the others unit by unit."""
    at_school = stayed.mutate(unit_type=ibis.literal("school"), unit_id=ibis._.school_id)
    schools = records.kept(alike(shaped(at_school, records)))
    everywhere = at_units(schools.rename(school_id="unit_id").drop("unit_type"), records).select(schools.columns)
    return ibis.union(everywhere, alike(shaped(moved, records)))


def _rows(rows: ir.Table, records: Records) -> ir.Table:
    """Return a measure's rows with grade, groups and what the roll-up adds up."""
    rows = _with_groups(_with_grade(rows, records), records)
    has = rows.columns
    return rows.mutate(
        measure=ibis.literal(""),
        n=ibis.literal(1, "int64"),
        c=rows.value.cast("int32").cast("int64") if "value" in has else ibis.null("int64"),
        top=rows.top.cast(EXACT) if "top" in has else ibis.null(EXACT),
        bottom=rows.bottom.cast(EXACT) if "bottom" in has else ibis.null(EXACT),
    ).select(ROW_COLUMNS)


def compute(records: Records, *, only: list[str] | None = None) -> pd.DataFrame:
    """Compute the results table.

    Parameters
    ----------
    records : Records
    only : list of str, optional
        Measure ids; all that the records allow when left out.

    Returns
    -------
    DataFrame
        The columns of records.md in order, sorted by them.

    Raises
    ------
    InputError
        If something in the records stops every measure: all such faults together.
    """
    records.require_sound()
    wanted = list(measures()) if only is None else [measure(m).id for m in only]
    off = switched_off(records)
    parts = []
    for measure_id in wanted:
        if measure_id in FUNCTIONS and measure_id not in off:
            parts.append(_kinds(records, measure_id).select(ROW_COLUMNS))
    asked = [m for m in wanted if measures()[m].theme == "surveys" and m not in off]
    if asked:
        parts.append(_survey_kinds(records, asked).select(ROW_COLUMNS))
    frames = []
    if parts:
        rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
        frames.append(finish_results(records.con.to_pandas(roll_up(rows))))
    grown = [m for m in wanted if m in growth.GROWTH and m not in off]
    if grown:
        # A model's figure, not a sum over pupils: it comes with its rows made.
        frames.append(finish_results(growth.growth_rows(records, grown)))
    return finish_results(pd.concat(frames, ignore_index=True) if frames else pd.DataFrame())
