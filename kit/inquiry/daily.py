"""A measure of a project from the daily records, week by week: a school, or some of its grades or classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from kit.errors import KitError
from kit.measures.population import spells
from kit.records.records import Records
from kit.records.typed import DECIMAL

__all__ = ["FEWEST_STUDENTS", "WEEKLY", "weekly"]

# As in reports: a week with fewer students is a gap.
FEWEST_STUDENTS = 20
# rules.md section 0: compared as whole numbers, 10 · absent ≥ enrolled.
CHRONIC_TIMES = 10
SEVERAL_DAYS = 2
# Parts of a day are decimals: three of 0.1 are 0.3. Rounding here takes away what binary sums add.
EXACT = 6

WEEKLY: dict[str, str] = {
    "absence": "days missed, of the days enrolled, in percent",
    "tardy": "days begun late, of the days enrolled, in percent",
    "absences": "days with an absence of any part, of the days enrolled, in percent",
    "several_days": f"students who missed {SEVERAL_DAYS} days or more that week, in percent of those enrolled",
    "chronic_absence": "students who by the end of the week had missed a tenth of their days or more, in percent",
}


def weekly(
    records: Records,
    school_id: str,
    school_year: int,
    of: str = "absence",
    *,
    grades: Sequence[str] = (),
    sections: Sequence[str] = (),
    fewest: int = FEWEST_STUDENTS,
) -> pd.DataFrame:
    """Return a weekly series from the daily records.

    A student's days are the school's instructional days within the spell there, as for ``attendance_rate`` (records.md,
    «Settled»); sections count from the day a student came in to the day of leaving.

    Parameters
    ----------
    records : Records
        Needs ``schools``, ``enrollments``, ``attendance`` and ``calendar``; ``sections`` where they are named.
    school_id : str
    school_year : int
    of : str
        One of ``WEEKLY``, which says what each counts.
    grades, sections : sequence of str
        Only these, where any is named. Never single pupils: they would stand in the store.
    fewest : int
        Weeks with fewer students are left out.

    Returns
    -------
    DataFrame
        A row a week with school: ``date`` (its Monday), ``numerator``, ``denominator``, ``value`` (percent) and
        ``students``.

    Raises
    ------
    KitError
        If a table is missing, or ``of`` is not known.
    """
    if of not in WEEKLY:
        raise KitError(f"'{of}' is not a weekly measure", mend=f"Use one of: {', '.join(WEEKLY)}.")
    for table in ("schools", "enrollments", "attendance", "calendar", *(["sections"] if sections else [])):
        if not records.has(table):
            raise KitError(f"There is no table '{table}'", where=records.label, mend=f"Add {table}.csv.")
    days = _student_weeks(records, school_id, school_year, tuple(grades), tuple(sections))
    weeks = _COUNTED[of](days)
    weeks["students"] = days.groupby("date").student_id.nunique()
    weeks = weeks[weeks.students >= fewest].reset_index()
    weeks["value"] = 100 * weeks.numerator / weeks.denominator
    return weeks[["date", "numerator", "denominator", "value", "students"]]


def _student_weeks(records: Records, school_id: str, year: int, grades: tuple, sections: tuple) -> pd.DataFrame:
    """Return a row a student and week: days enrolled, and the days missed, late, and with any absence."""
    c = records.table("calendar")
    school_days = c.filter((c.school_id == school_id) & c.instructional & c.date.notnull()).select("date").distinct()
    s = spells(records)
    s = s.filter((s.school_id == school_id) & (s.school_year == year))
    if grades:
        s = s.filter(s.grade.isin(list(grades)))
    enrolled = school_days.inner_join(s, [school_days.date >= s.first_day, school_days.date <= s.last_day])
    enrolled = enrolled.select("student_id", "date").distinct()
    if sections:
        k = records.table("sections")
        k = k.filter((k.school_id == school_id) & (k.school_year == year) & k.section_id.isin(list(sections)))
        k = k.select(member=k.student_id, since=k.from_date, until=k.to_date)
        inside = enrolled.inner_join(k, enrolled.student_id == k.member)
        inside = inside.filter(inside.since.isnull() | (inside.date >= inside.since))
        enrolled = (
            inside.filter(inside.until.isnull() | (inside.date <= inside.until)).select("student_id", "date").distinct()
        )
    days = enrolled.left_join(_rows(records, school_id), ["student_id", "date"])
    week = days.date.truncate("W")
    grouped = days.select("student_id", "missed", "late", "any", week=week).group_by("student_id", "week")
    out = grouped.agg(
        enrolled=ibis._.count(),
        missed=ibis._.missed.sum().coalesce(0).cast("float64"),
        late=ibis._.late.sum().coalesce(0),
        any=ibis._.any.sum().coalesce(0),
    )
    frame = records.con.to_pandas(out)
    frame["date"] = pd.to_datetime(frame.pop("week")).astype("datetime64[s]")
    return frame.sort_values(["student_id", "date"], ignore_index=True)


def _rows(records: Records, school_id: str) -> ir.Table:
    a = records.table("attendance")
    a = a.filter((a.school_id == school_id) & a.date.notnull())
    absent = a.status == "absent"
    part = absent.cast(DECIMAL)
    missed = a.absent_portion.coalesce(part) if records.given("attendance", "absent_portion") else part
    rows = a.select(
        "student_id", "date", missed=missed, late=(a.status == "tardy").cast("int64"), any=absent.cast("int64")
    )
    return rows.group_by("student_id", "date").agg(
        missed=rows.missed.max(), late=rows.late.max(), any=rows["any"].max()
    )


def _share(numerator: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def count(days: pd.DataFrame) -> pd.DataFrame:
        weeks = days.groupby("date")[[numerator, "enrolled"]].sum().round(EXACT)
        return weeks.rename(columns={numerator: "numerator", "enrolled": "denominator"})

    return count


def _students_with(flag: Callable[[pd.DataFrame], pd.Series]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def count(days: pd.DataFrame) -> pd.DataFrame:
        return days.assign(flag=flag(days)).groupby("date").flag.agg(numerator="sum", denominator="size")

    return count


def _chronic(days: pd.DataFrame) -> pd.Series:
    so_far = days.groupby("student_id")[["missed", "enrolled"]].cumsum()
    return (CHRONIC_TIMES * so_far.missed).round(EXACT) >= so_far.enrolled


_COUNTED: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "absence": _share("missed"),
    "tardy": _share("late"),
    "absences": _share("any"),
    "several_days": _students_with(lambda days: days.missed >= SEVERAL_DAYS),
    "chronic_absence": _students_with(_chronic),
}
