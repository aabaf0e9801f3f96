"""Proficiency in English language arts and mathematics."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import at_units, spell_pairs, units
from kit.records.records import Records

__all__ = ["PROFICIENT_LEVEL", "ela_proficient", "math_proficient", "sittings"]

PROFICIENT_LEVEL = 3  # CORE: level 3 or above (Marsh et al. 2016, table 1)


def sittings(records: Records, subject: str) -> ir.Table:
    """Return each pupil's one sitting of a subject and school year at the units of its school.

    The sitting is the one with the latest date that has a level, wherever the pupil sat it: a pupil who moved
    counts where the latest was taken. Two on one date are told apart by the test's name, then the higher level.
    """
    a = records.table("assessments")
    a = a.filter((a.subject.lower() == subject) & a.achievement_level.between(1, 5))
    a = a.semi_join(spell_pairs(records), ["student_id", "school_id", "school_year"])
    a = a.semi_join(units(records), "school_id")
    latest = ibis.row_number().over(
        group_by=["school_year", "student_id"],
        order_by=[
            a.date.desc(nulls_first=False),
            a.test.desc(nulls_first=False),
            a.achievement_level.desc(),
            a.school_id.desc(),
        ],
    )
    one = a.mutate(latest=latest).filter(lambda t: t.latest == 0).drop("latest")
    return at_units(one, records)


def _proficient(records: Records, subject: str) -> ir.Table:
    t = sittings(records, subject)
    return t.select("school_year", "unit_type", "unit_id", "student_id", value=t.achievement_level >= PROFICIENT_LEVEL)


def ela_proficient(records: Records) -> ir.Table:
    """Return the pupils with a level in English language arts; true at level 3 or above."""
    return _proficient(records, "ela")


def math_proficient(records: Records) -> ir.Table:
    """Return the pupils with a level in mathematics; true at level 3 or above."""
    return _proficient(records, "math")
