"""Graduation within four, five and six years, and college-going."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import UNIT_PUPIL, at_units, latest_groups
from kit.records.records import Records

__all__ = ["college_going", "graduation_4", "graduation_5", "graduation_6"]

STAYS = ("graduated", "still_enrolled", "dropped_out", "other")


def _graduation(records: Records, years: int) -> ir.Table:
    """Return a cohort's pupils; true where any row in the unit says graduated.

    A pupil whose only rows in the unit are ``transferred_out`` leaves the denominator.
    """
    c = records.table("cohorts")
    c = c.filter((c.years == years) & c.outcome.isin(STAYS) & c.student_id.notnull() & c.cohort_year.notnull())
    here = at_units(c.select("student_id", "school_id", "outcome", school_year=c.cohort_year), records)
    rows = here.group_by(UNIT_PUPIL).agg(value=(here.outcome == "graduated").any())
    return latest_groups(rows, records)


def graduation_4(records: Records) -> ir.Table:
    """Return the four-year cohort without transfers out; true where graduated."""
    return _graduation(records, 4)


def graduation_5(records: Records) -> ir.Table:
    """Return the five-year cohort without transfers out; true where graduated."""
    return _graduation(records, 5)


def graduation_6(records: Records) -> ir.Table:
    """Return the six-year cohort without transfers out; true where graduated."""
    return _graduation(records, 6)


def college_going(records: Records) -> ir.Table:
    """Return the year's high school completers; true where enrolled in college within 16 months."""
    c = records.table("college")
    c = c.filter(c.enrolled.notnull() & c.student_id.notnull() & c.completion_year.notnull())
    here = at_units(c.select("student_id", "school_id", "enrolled", school_year=c.completion_year), records)
    rows = here.group_by(UNIT_PUPIL).agg(value=ibis._.enrolled.any())
    return latest_groups(rows, records)
