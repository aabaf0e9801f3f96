"""English learners looked at more closely: years to redesignation, and long-term learners."""

from __future__ import annotations

import ibis
import pandas as pd

from kit.compare.explore_cells import count_parts
from kit.errors import KitError
from kit.measures.english_learners import FULL_YEARS, learner_facts
from kit.measures.population import pupils
from kit.records.records import Records
from kit.records.years import school_year_of

__all__ = ["YEARS", "learner_parts"]

# By whole: students redesignated this year; learners before their fifth year is complete; long-term learners.
YEARS = {
    "el_now": {"0": "2 years or fewer", "1": "3 or 4 years", "2": "5 or 6 years", "3": "7 years or more",
               "9": "First year not known"},
    "el_short": {"0": "2 years or fewer", "1": "3 or 4 years", "9": "First year not known"},
    "el_long": {"2": "5 or 6 years", "3": "7 years or more"},
}  # fmt: skip


def learner_parts(records: Records) -> pd.DataFrame:
    """Count students by whole school years as an English learner.

    Long-term: the fifth year is complete by 30 June (records.md, «Settled: English learners»).

    Returns
    -------
    DataFrame
        The results columns; measures and parts are those of :data:`YEARS`.

    Raises
    ------
    KitError
        If there is no table of students.
    """
    if not records.has("students") or not records.has("enrollments"):
        raise KitError("There is no table 'students' or 'enrollments'", where=records.label)
    s = records.table("students")
    s = s.filter(s.student_id.notnull() & s.school_year.notnull())
    since = s.select("student_id", "school_year", since=school_year_of(s.el_since))
    since = since.group_by("student_id", "school_year").agg(since=since.since.min())
    facts = learner_facts(records).left_join(since, ["student_id", "school_year"])
    facts = facts.select("student_id", "school_year", "now", "still", spent=facts.school_year - facts.since)
    here = pupils(records).inner_join(facts, ["student_id", "school_year"])
    here = here.filter(here.now | here.still)
    long_term = (here.spent >= FULL_YEARS).fill_null(False)
    whole = ibis.ifelse(here.now, "el_now", ibis.ifelse(long_term, "el_long", "el_short"))
    part = ibis.cases(
        (here.spent.isnull(), "9"), (here.spent < 3, "0"), (here.spent < FULL_YEARS, "1"), (here.spent < 7, "2"),
        else_="3",
    )  # fmt: skip
    rows = here.select("school_year", "unit_type", "unit_id", measure=whole, part=part)
    return count_parts(rows, records.con.to_pandas)
