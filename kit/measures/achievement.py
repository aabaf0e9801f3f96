"""Proficiency in English language arts and mathematics."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import at_units, spell_pairs
from kit.records.records import Records

__all__ = ["PROFICIENT_LEVEL", "ela_proficient", "math_proficient", "sittings"]

PROFICIENT_LEVEL = 3  # CORE: level 3 or above (Marsh et al. 2016, table 1)


def sittings(records: Records, subject: str) -> ir.Table:
    """Return one sitting per unit, school year and pupil: the latest date with a level.

    Two sittings on one date are told apart by the test's name, then by the higher level.
    """
    a = records.table("assessments")
    a = a.filter((a.subject.lower() == subject) & a.achievement_level.between(1, 5))
    a = at_units(a.semi_join(spell_pairs(records), ["student_id", "school_id", "school_year"]), records)
    latest = ibis.row_number().over(
        group_by=["school_year", "unit_type", "unit_id", "student_id"],
        order_by=[a.date.desc(nulls_first=False), a.test.desc(nulls_first=False), a.achievement_level.desc()],
    )
    return a.mutate(latest=latest).filter(lambda t: t.latest == 0)


def _proficient(records: Records, subject: str) -> ir.Table:
    t = sittings(records, subject)
    return t.select("school_year", "unit_type", "unit_id", "student_id", value=t.achievement_level >= PROFICIENT_LEVEL)


def ela_proficient(records: Records) -> ir.Table:
    """Return the pupils with a level in English language arts; true at level 3 or above."""
    return _proficient(records, "ela")


def math_proficient(records: Records) -> ir.Table:
    """Return the pupils with a level in mathematics; true at level 3 or above."""
    return _proficient(records, "math")
