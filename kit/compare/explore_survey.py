"""Surveys question by question, and how many answered."""

from __future__ import annotations

import ibis
import pandas as pd

from kit.errors import KitError
from kit.measures.population import at_units, pupils
from kit.measures.results import finish_results
from kit.measures.surveys import POSITIVE, SEL_GRADES
from kit.records.records import Records

__all__ = ["item_rates", "response_rates"]

_UNIT = ["school_year", "unit_type", "unit_id"]


def _answers(records: Records):
    if not records.has("survey"):
        raise KitError("There is no table 'survey'", where=records.label)
    s = records.table("survey")
    known = s.respondent.isin(("student", "staff", "family"))
    return s.filter(s.response.between(1, 5) & s.school_year.notnull() & known)


def item_rates(records: Records) -> pd.DataFrame:
    """Return the share of positive answers (4 or 5) to each question.

    Returns
    -------
    DataFrame
        The results columns: ``measure`` is ``survey_`` and who answered, the construct as the survey writes it; the
        question stands in ``grade``; grade ``all`` is the construct. Every answer of the table counts, also of grades
        that a measure leaves out.

    Raises
    ------
    KitError
        If there is no survey.
    """
    s = _answers(records)
    s = s.filter(s.item.notnull() & (s.item != "") & (s.item != "all") & s.construct.notnull())
    here = at_units(s.select("school_id", "school_year", "respondent", "construct", "item", "response"), records)
    good = (here.response >= POSITIVE).cast("int64")
    key = [*_UNIT, "respondent", "construct"]
    counted = here.group_by([*key, "item"]).agg(n=here.count(), count=good.sum())
    items = records.con.to_pandas(counted).rename(columns={"item": "grade"})
    whole = items.groupby(key, as_index=False)[["n", "count"]].sum().assign(grade="all")
    out = pd.concat([items, whole], ignore_index=True)
    out["measure"] = "survey_" + out["respondent"] + "_" + out["construct"]
    out["value"] = 100 * out["count"] / out["n"]
    return finish_results(out.assign(student_group="all"))


def response_rates(records: Records) -> pd.DataFrame:
    """Return the share of students in grades 4 to 12 who answered at least one question.

    Returns
    -------
    DataFrame
        The results columns, measure ``survey_response``. Without ids of the students who answered there is no row.

    Raises
    ------
    KitError
        If a table is missing.
    """
    s = _answers(records)
    if not records.has("enrollments") or not records.given("survey", "student_id"):
        raise KitError("The survey names no students, so how many answered cannot be set beside how many could have")
    s = s.filter((s.respondent == "student") & s.student_id.notnull())
    told = s.select("school_id", "school_year", "student_id").distinct()
    answered = at_units(told, records).select(*_UNIT, "student_id").distinct().mutate(told=ibis.literal(1))
    everyone = pupils(records).filter(lambda t: t.grade.isin(SEL_GRADES))
    everyone = everyone.semi_join(told.select("school_year").distinct(), "school_year")
    both = everyone.left_join(answered, [*_UNIT, "student_id"])
    both = both.select(*_UNIT, told=both.told.fill_null(0))
    out = records.con.to_pandas(both.group_by(_UNIT).agg(n=both.count(), count=both.told.sum()))
    out["value"] = 100 * out["count"] / out["n"]
    return finish_results(out.assign(measure="survey_response", student_group="all", grade="all"))
