"""Social-emotional skills and school climate: a row is an answer, added up per pupil."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import at_units, pupils
from kit.records.records import Records

__all__ = ["POSITIVE", "SEL_GRADES", "survey_answers"]

POSITIVE = 4  # an answer of 4 or 5
SEL_GRADES = ("4", "5", "6", "7", "8", "9", "10", "11", "12")  # CORE surveys grades 4 to 12
SEL = ("sel_growth_mindset", "sel_self_efficacy", "sel_self_management", "sel_social_awareness")
CLIMATE = ("climate_support", "climate_belonging", "climate_rules", "climate_safety")


def survey_answers(records: Records) -> ir.Table:
    """Return answers (n) and positive answers (c) per measure, unit and pupil (or nobody known).

    Blank or impossible answers are no answers. Social-emotional constructs count pupils' answers only, and
    leave out grades below 4 where the grade is known. Staff answers belong to no student group.
    """
    s = records.table("survey")
    s = s.filter(s.response.between(1, 5) & s.school_year.notnull() & s.respondent.isin(("student", "staff", "family")))
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
    each = s.group_by("measure", "school_id", "school_year", "student_id").agg(
        n=s.count(), c=(s.response >= POSITIVE).cast("int32").sum()
    )
    here = at_units(each, records)
    keys = ["school_year", "unit_type", "unit_id", "student_id"]
    grade = pupils(records) if records.has("enrollments") else None
    if grade is None:
        rows = here.mutate(grade=ibis.null("string"))
    else:
        joined = here.left_join(grade, keys)
        rows = joined.select(*here.columns, "grade")
    young = rows.measure.isin(SEL) & rows.grade.notnull() & ~rows.grade.isin(SEL_GRADES)
    return rows.filter(~young).select("measure", *keys, "grade", "n", "c")
