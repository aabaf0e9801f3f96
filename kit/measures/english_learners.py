"""Redesignation of English learners."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import pupils
from kit.records.records import Records
from kit.records.years import school_year_of, year_end

__all__ = ["el_redesignation", "learner_facts", "learners"]

FULL_YEARS = 5  # CORE: not reclassified after five years (Marsh et al. 2016, table 1)


def learner_facts(records: Records) -> ir.Table:
    """Return one row per student and year, from which every definition of redesignation is read.

    ``now``: reclassified in the school year. ``still``: English learner not reclassified by 30 June. ``years``:
    whole years complete by then as an English learner (of one who still is); empty where the first is not known.
    """
    s = records.table("students")
    s = s.filter(s.student_id.notnull() & s.school_year.notnull())
    now = (school_year_of(s.reclassified_on) == s.school_year).coalesce(False)
    still = s.english_learner.coalesce(False) & (s.reclassified_on > year_end(s.school_year)).coalesce(True)
    rows = s.select("student_id", "school_year", now=now, still=still, years=s.school_year - school_year_of(s.el_since))
    return rows.group_by("student_id", "school_year").agg(
        now=rows.now.any(), still=rows.still.any(), years=rows.years.max(where=rows.still)
    )


def learners(records: Records) -> ir.Table:
    """Return one row per student and year: reclassified in the year, and long-term (fifth year complete)."""
    t = learner_facts(records)
    long_term = t.still & (t.years >= FULL_YEARS).coalesce(False)
    return t.select("student_id", "school_year", "now", long_term=long_term)


def el_redesignation(records: Records) -> ir.Table:
    """Return pupils reclassified in the school year (true) and English learners after five full years (false)."""
    here = pupils(records).inner_join(learners(records), ["student_id", "school_year"])
    here = here.filter(here.now | here.long_term)
    return here.select("school_year", "unit_type", "unit_id", "student_id", "grade", value=ibis._.now)
