"""High school readiness looked at more closely: which criterion fails, and how the four overlap."""

from __future__ import annotations

import ibis
import pandas as pd

from kit.compare.explore_cells import count_parts
from kit.errors import KitError
from kit.measures.readiness import criteria
from kit.measures.results import finish_results
from kit.records.records import Records

__all__ = ["CRITERIA", "OVERLAPS", "criteria_rates", "overlap_parts"]

CRITERIA = {
    "gpa": "A grade average below 2.5, or none known",
    "attendance": "Attendance below 96 %, or none known",
    "marks": "A final D or F in English or mathematics",
    "behavior": "A suspension",
}
OVERLAPS = {
    "only_gpa": "Only the grade average",
    "only_attendance": "Only attendance",
    "only_marks": "Only a D or F",
    "only_behavior": "Only a suspension",
    "two": "Two criteria",
    "more": "Three or all four",
}
_UNIT = ["school_year", "unit_type", "unit_id"]
_NEEDS = ("marks", "discipline")


def _known(records: Records):
    missing = [t for t in _NEEDS if not records.has(t)]
    if not (records.has("attendance") or records.has("attendance_totals")):
        missing.append("attendance")
    if missing:
        raise KitError(f"There is no table {' and no '.join(repr(t) for t in missing)}", where=records.label)
    t = criteria(records)
    return t.mutate(**{f"no_{c}": ~t[f"{c}_met"] for c in CRITERIA})


def criteria_rates(records: Records) -> pd.DataFrame:
    """Return the share of grade 8 students who do not meet each criterion.

    Returns
    -------
    DataFrame
        The results columns; measures ``fails_gpa`` …: ``n`` students in grade 8, ``count`` of them without it.

    Raises
    ------
    KitError
        If a table is missing.
    """
    t = _known(records)
    counted = t.group_by(_UNIT).agg(n=t.count(), **{c: t[f"no_{c}"].sum() for c in CRITERIA})
    frame = records.con.to_pandas(counted)
    parts = [frame[[*_UNIT, "n"]].assign(measure=f"fails_{c}", count=frame[c]) for c in CRITERIA]
    out = pd.concat(parts, ignore_index=True)
    out["value"] = 100 * out["count"] / out["n"]
    return finish_results(out.assign(student_group="all", grade="all"))


def overlap_parts(records: Records) -> pd.DataFrame:
    """Count the students who are not ready by how many criteria they miss: the one alone, two, or more.

    Returns
    -------
    DataFrame
        The results columns; measure ``not_ready``, parts (keys of :data:`OVERLAPS`) in ``grade``.

    Raises
    ------
    KitError
        If a table is missing.
    """
    t = _known(records)
    t = t.mutate(missed=sum((t[f"no_{c}"].cast("int32") for c in CRITERIA), ibis.literal(0)))
    alone = [((t.missed == 1) & t[f"no_{c}"], f"only_{c}") for c in CRITERIA]
    part = ibis.cases(*alone, (t.missed == 2, "two"), (t.missed > 2, "more"), else_=ibis.null("string"))
    rows = t.select(*_UNIT, measure=ibis.literal("not_ready"), part=part)
    return count_parts(rows, records.con.to_pandas)
