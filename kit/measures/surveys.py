"""Social-emotional skills and school climate: a row is an answer, added up per pupil."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import UNIT_PUPIL, at_units, pupils, stayers
from kit.records.records import Records

__all__ = ["POSITIVE", "SEL_GRADES", "other_answers", "stayers_answers"]

PAIR = ["student_id", "school_id", "school_year"]
POSITIVE = 4  # an answer of 4 or 5
SEL_GRADES = ("4", "5", "6", "7", "8", "9", "10", "11", "12")  # CORE surveys grades 4 to 12
SEL = ("sel_growth_mindset", "sel_self_efficacy", "sel_self_management", "sel_social_awareness")
CLIMATE = ("climate_support", "climate_belonging", "climate_rules", "climate_safety")


def stayers_answers(records: Records) -> ir.Table:
    """Return answers (n) and positive answers (c) of pupils with one spell in the year, once, at its school.

    Columns: measure, school_id, school_year, student_id, grade, n, c. An answer about a child counts as the child's.
    """
    given = _answers(records)
    if not records.has("enrollments"):
        return given.filter(ibis.literal(False)).mutate(grade=ibis.null("string"))
    here = stayers(records)
    joined = given.inner_join(here, PAIR)
    return _asked_at_that_grade(joined.select(*given.columns, "grade"))


def other_answers(records: Records) -> ir.Table:
    """Return the answers of everybody else, at each unit: of staff, of nobody known, of pupils with several spells.

    Columns: measure, school_year, unit_type, unit_id, student_id, grade, n, c.
    """
    given = _answers(records)
    if not records.has("enrollments"):
        rows = at_units(given, records).mutate(grade=ibis.null("string"))
    else:
        here = at_units(given.anti_join(stayers(records), PAIR), records)
        rows = here.left_join(pupils(records), UNIT_PUPIL).select(*here.columns, "grade")
    return _asked_at_that_grade(rows).select("measure", *UNIT_PUPIL, "grade", "n", "c")


def _answers(records: Records) -> ir.Table:
    """Return answers and positive answers per measure, school, year and pupil (or nobody known).

    Blank or impossible answers are no answers. Social-emotional constructs count pupils' answers only. Staff
    answers belong to no student group.
    """

    def make():
        s = records.table("survey")
        s = s.filter(
            s.response.between(1, 5) & s.school_year.notnull() & s.respondent.isin(("student", "staff", "family"))
        )
        construct = ibis.cases(
            *[(s.construct.isin((c, c.split("_", 1)[1])), c) for c in (*SEL, *CLIMATE)],
            else_=ibis.null("string"),
        )
        s = s.mutate(construct=construct)
        s = s.filter(s.construct.notnull() & (s.construct.isin(CLIMATE) | (s.respondent == "student")))
        whose = ibis.ifelse(s.respondent == "staff", ibis.null("string"), s.student_id)
        s = s.mutate(
            measure=ibis.ifelse(s.construct.isin(SEL), s.construct, s.construct + "_" + s.respondent),
            student_id=whose,
        )
        return s.group_by("measure", *PAIR).agg(n=s.count(), c=(s.response >= POSITIVE).cast("int32").sum())

    return records.once("answers", make)


def _asked_at_that_grade(rows: ir.Table) -> ir.Table:
    """Leave out social-emotional answers below grade 4, where the grade is known."""
    young = rows.measure.isin(SEL) & rows.grade.notnull() & ~rows.grade.isin(SEL_GRADES)
    return rows.filter(~young)
