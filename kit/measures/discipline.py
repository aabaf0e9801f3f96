"""Suspension: pupils suspended or expelled at least once, over every pupil with a spell."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import UNIT_PUPIL, at_units, pupils, spell_pairs
from kit.records.records import Records

__all__ = ["discipline_years", "suspended", "suspension"]

COUNTED = ("suspension_out", "suspension_in", "expulsion")


def discipline_years(records: Records) -> ir.Table:
    """Return the school years with at least one row in ``discipline``: other years have no rate, not zero."""
    d = records.table("discipline")
    return d.filter(d.school_year.notnull()).select("school_year").distinct()


def suspended(records: Records) -> ir.Table:
    """Return the pupils of each unit with a suspension or an expulsion at one of its schools."""
    d = records.table("discipline")
    d = d.filter(d.action.isin(COUNTED)).semi_join(spell_pairs(records), ["student_id", "school_id", "school_year"])
    return (
        at_units(d.select("student_id", "school_id", "school_year").distinct(), records).select(UNIT_PUPIL).distinct()
    )


def suspension(records: Records) -> ir.Table:
    """Return every pupil of a unit; true where suspended (in or out of school) or expelled in the year."""
    everyone = pupils(records).semi_join(discipline_years(records), "school_year")
    hit = suspended(records).mutate(hit=ibis.literal(True))
    return everyone.left_join(hit, UNIT_PUPIL).select(*UNIT_PUPIL, "grade", value=ibis._.hit.coalesce(False))
