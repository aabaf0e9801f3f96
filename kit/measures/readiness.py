"""Grade-point average and high school readiness."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.attendance import attendance_years, days_at_units
from kit.measures.discipline import discipline_years, suspended
from kit.measures.population import UNIT_PUPIL, at_units, pupils, spell_pairs
from kit.records.records import Records
from kit.records.schema import MARK_POINTS, tables
from kit.records.typed import DECIMAL

__all__ = ["criteria", "gpa", "hs_readiness"]

LOW_MARKS = ("D+", "D", "D-", "F")  # D+ and D- count as D (records.md, "Settled: Marks")
CORE_SUBJECTS = ("ela", "math")


def _final_marks(records: Records) -> ir.Table:
    m = records.table("marks")
    m = m.filter(m.final.coalesce(True) & m.subject.isin(tables()["marks"].columns["subject"].codes))
    m = m.semi_join(spell_pairs(records), ["student_id", "school_id", "school_year"])
    points = ibis.cases(*[(m.mark == mark, ibis.literal(p).cast(DECIMAL)) for mark, p in MARK_POINTS.items()])
    return at_units(m.mutate(points=points), records)


def _averages(records: Records) -> ir.Table:
    """Return each pupil's points × credits and credits at a unit, for those with any."""

    def make():
        m = _final_marks(records)
        m = m.filter(m.points.notnull() & (m.credits > 0))
        # Exact decimals: a third of a credit (0.33333) must weigh as it was written.
        total = m.mutate(earned=m.points.cast("decimal(4, 1)") * m.credits, tried=m.credits)
        return total.group_by(UNIT_PUPIL).agg(earned=total.earned.sum(), tried=total.tried.sum())

    return records.once("averages", make)


def gpa(records: Records) -> ir.Table:
    """Return the pupils with a final mark that carries points and credits, with their average (top, bottom 1)."""
    t = _averages(records)
    return t.select(*UNIT_PUPIL, top=t.earned.cast("float64") / t.tried.cast("float64"), bottom=ibis.literal(1.0))


def criteria(records: Records) -> ir.Table:
    """Return every grade-8 pupil of a unit with the four criteria of high school readiness.

    Columns: gpa_met (average of 2.5 or more), attendance_met (25 × absent ≤ enrolled), marks_met (no final D or F
    in ELA or mathematics), behavior_met (no suspension); an unknown average or attendance is not met.
    Source: CORE (Marsh et al. 2016, table 1).
    """
    marks = _final_marks(records)
    low = marks.filter(marks.mark.isin(LOW_MARKS) & marks.subject.isin(CORE_SUBJECTS)).select(UNIT_PUPIL).distinct()
    averages = _averages(records).select(*UNIT_PUPIL, gpa_met=2 * ibis._.earned >= 5 * ibis._.tried)
    days = days_at_units(records).select(*UNIT_PUPIL, attendance_met=25 * ibis._.absent <= ibis._.days)

    everyone = pupils(records).filter(lambda t: t.grade == "8")
    for years in (_years(records, "marks"), attendance_years(records), discipline_years(records)):
        everyone = everyone.semi_join(years, "school_year")
    t = _look_up(everyone, averages, "gpa_met", False)
    t = _look_up(t, days, "attendance_met", False)
    t = _look_up(t, low.mutate(low=ibis.literal(True)), "low", False)
    t = _look_up(t, suspended(records).mutate(out=ibis.literal(True)), "out", False)
    return t.select(*UNIT_PUPIL, "grade", "gpa_met", "attendance_met", marks_met=~t.low, behavior_met=~t.out)


def _years(records: Records, table: str) -> ir.Table:
    t = records.table(table)
    return t.filter(t.school_year.notnull()).select("school_year").distinct()


def _look_up(left: ir.Table, right: ir.Table, column: str, otherwise: bool) -> ir.Table:
    joined = left.left_join(right, UNIT_PUPIL)
    return joined.select(*left.columns, **{column: joined[column].coalesce(otherwise)})


def hs_readiness(records: Records) -> ir.Table:
    """Return every grade-8 pupil; true where all four criteria are met."""
    t = criteria(records)
    return t.select(*UNIT_PUPIL, "grade", value=t.gpa_met & t.attendance_met & t.marks_met & t.behavior_met)
