"""Redesignation of English learners."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import pupils
from kit.records.records import Records
from kit.records.years import school_year_of, year_end

__all__ = ["el_redesignation", "learners"]

FULL_YEARS = 5  # CORE: not reclassified after five years (Marsh et al. 2016, table 1)


def learners(records: Records) -> ir.Table:
    """Return one row per student and year: reclassified in the year, and long-term (fifth year complete)."""
    s = records.table("students")
    s = s.filter(s.student_id.notnull() & s.school_year.notnull())
    now = (school_year_of(s.reclassified_on) == s.school_year).coalesce(False)
    still = s.english_learner.coalesce(False) & (s.reclassified_on > year_end(s.school_year)).coalesce(True)
    five = (school_year_of(s.el_since) <= s.school_year - FULL_YEARS).coalesce(False)
    rows = s.select("student_id", "school_year", now=now, long_term=still & five)
    return rows.group_by("student_id", "school_year").agg(now=rows.now.any(), long_term=rows.long_term.any())


def el_redesignation(records: Records) -> ir.Table:
    """Return pupils reclassified in the school year (true) and English learners after five full years (false)."""
    here = pupils(records).inner_join(learners(records), ["student_id", "school_year"])
    here = here.filter(here.now | here.long_term)
    return here.select("school_year", "unit_type", "unit_id", "student_id", "grade", value=ibis._.now)
