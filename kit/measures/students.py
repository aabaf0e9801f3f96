"""The pupils behind a number: restricted to those who may see them."""

from __future__ import annotations

import ibis
import pandas as pd

from kit.errors import KitError
from kit.measures.compute import student_rows, switched_off
from kit.measures.growth import GROWTH, growth_students
from kit.measures.registry import measure
from kit.records.records import Records

__all__ = ["NOTICE", "students_behind"]

NOTICE = (
    "RESTRICTED: names single pupils. For staff with a legitimate educational interest only; "
    "do not forward, print for others or keep longer than needed."
)


def students_behind(
    records: Records, measure_id: str, *, school_id: str, school_year: int | None = None
) -> pd.DataFrame:
    """Return the pupils whom a school's number counts, with what makes each count.

    Parameters
    ----------
    records : Records
    measure_id : str
        A measure with one row per student.
    school_id : str
    school_year : int, optional
        The latest year with data when left out.

    Returns
    -------
    DataFrame
        student_id, grade, ``counted`` (in the numerator; empty for a mean) and the facts behind it: days and
        days absent, the four criteria of readiness, or the pupil's own average; for growth the score, the
        predicted score and the difference.

    Raises
    ------
    KitError
        If the measure, the school or the year has no pupils.
    """
    records.require_sound()
    m = measure(measure_id)
    if measure_id in GROWTH:
        return _grown(records, measure_id, school_id, school_year)
    rows = student_rows(records, measure_id)
    here = rows.filter((rows.unit_type == "school") & (rows.unit_id == school_id))
    if school_year is None:
        latest = here.school_year.max().execute()
        school_year = None if latest is None or latest != latest else int(latest)
    elif records.has("schools"):
        schools = records.table("schools")
        if not int(schools.filter(schools.school_id == school_id).count().execute()):
            raise KitError(f"There is no school '{school_id}'", where=records.label, mend="See the ids in schools.")
    here = here.filter(here.school_year == ibis.literal(school_year, "int32"))
    here = _facts(here, records, measure_id)
    columns = [c for c in here.columns if c not in ("school_year", "unit_type", "unit_id")]
    frame = records.con.to_pandas(here.select(columns).order_by("student_id"))
    if frame.empty:
        raise _nobody(records, m.name, school_id, school_year)
    frame = frame.rename(columns={"value": "counted"})
    if {"top", "bottom"} <= set(frame.columns):
        frame["own_value"] = frame["top"].astype("float64") / frame["bottom"].astype("float64")
        frame = frame.drop(columns=["top", "bottom"])
    for column in ("days", "absent"):
        if column in frame:
            frame[column] = frame[column].astype("float64")
    frame = frame.drop(columns=[c for c in ("group_year",) if c in frame])
    frame.insert(0, "school_year", school_year)
    first = ["school_year", "student_id", "grade"]
    return frame[first + [c for c in frame.columns if c not in first]]


def _nobody(records: Records, name: str, school_id: str, school_year: int | None) -> KitError:
    return KitError(
        f"No pupil is behind '{name}' at school '{school_id}'" + (f" in {school_year}" if school_year else ""),
        where=records.label,
        mend="See the schools and years with: kit check DATA.",
    )


def _grown(records: Records, measure_id: str, school_id: str, school_year: int | None) -> pd.DataFrame:
    """Return the pupils in a school's growth: score, predicted score and the difference, in scale points."""
    lacks = switched_off(records).get(measure_id)
    if lacks:
        raise KitError(
            f"'{measure(measure_id).name}' needs {' and '.join(lacks)}", where=records.label, mend="Add the table."
        )
    pupils = growth_students(records, measure_id)
    here = pupils[pupils["school_id"] == school_id]
    if school_year is None and len(here):
        school_year = int(here["school_year"].max())
    here = here[here["school_year"] == school_year]
    if here.empty:
        raise _nobody(records, measure(measure_id).name, school_id, school_year)
    columns = ["school_year", "student_id", "grade", "scale_score", "predicted", "residual", "fit"]
    return here[columns].sort_values("student_id", ignore_index=True)


def _facts(here, records: Records, measure_id: str):
    """Add what explains the pupil's value, where the measure has more to show."""
    if measure_id != "hs_readiness":
        return here
    from kit.measures.readiness import criteria

    why = criteria(records).drop("grade")
    keys = ["school_year", "unit_type", "unit_id", "student_id"]
    joined = here.inner_join(why, keys)
    return joined
