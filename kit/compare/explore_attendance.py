"""Chronic absence looked at more closely: bands, days from the line, weekdays, months, day by day."""

from __future__ import annotations

from fractions import Fraction

import ibis
import ibis.expr.types as ir
import pandas as pd

from kit.compare.explore_cells import count_parts
from kit.errors import KitError
from kit.measures.attendance import days_at_units
from kit.measures.population import spells, units
from kit.measures.results import finish_results
from kit.records.records import Records
from kit.records.typed import DECIMAL
from kit.records.years import school_year_of
from kit.rules.assumptions import rule_file

__all__ = [
    "ASSUMPTIONS", "BANDS", "DISTANCES", "MONTHS", "WEEKDAYS", "attendance_parts", "by_day",
    "daily_series", "day_rates", "unit_homes",
]  # fmt: skip

# The line: 10 · days absent >= days enrolled (records.md, «Settled»; CORE and California).
LINE = 10
# No source: how far from the line a group is asked to look.
DISTANCES = {"1": "1 or 2 days", "2": "3 to 5 days", "3": "6 to 10 days", "4": "more than 10 days"}
_ENDS = (2, 5, 10)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
MONTHS = dict(
    zip(
        ("08", "09", "10", "11", "12", "01", "02", "03", "04", "05", "06", "07"),
        ("August", "September", "October", "November", "December", "January", "February", "March", "April", "May",
         "June", "July"),
        strict=True,
    )
)  # fmt: skip
BANDS = {str(i): b["name"] for i, b in enumerate(rule_file("absence.toml")["bands"]["band"])}
ASSUMPTIONS = (
    "Days from the line are counted with the days enrolled as they stood at the end of the year.",
    "1 to 2, 3 to 5, 6 to 10 and more than 10 days are steps of this kit; no source sets them.",
    "A school whose students were fewer than the minimum on a day is left out of that day.",
)


def attendance_parts(records: Records) -> pd.DataFrame:
    """Count students by band of absence and by days from the line of 10 %.

    The bands are those of ``absence.toml`` (Attendance Works). Both are split at the line: how many students lie on
    each side of it is the measure itself.

    Returns
    -------
    DataFrame
        The results columns; measures ``bands_under``, ``bands_over``, ``days_under`` and ``days_over``, their parts in
        ``grade``: keys of :data:`BANDS` and :data:`DISTANCES`.

    Raises
    ------
    KitError
        If there is no table of attendance.
    """
    if not (records.has("attendance") or records.has("attendance_totals")):
        raise KitError("There is no table 'attendance' and no 'attendance_totals'", where=records.label)
    d = days_at_units(records)
    over = LINE * d.absent >= d.days
    shares = [Fraction(b["at_least"]) for b in rule_file("absence.toml")["bands"]["band"]]
    band = ibis.cases(
        *[(s.denominator * d.absent >= s.numerator * d.days, str(i)) for i, s in reversed(list(enumerate(shares)))],
        else_=ibis.null("string"),
    )
    # Tenths of a day from the line; whole days of absence more to reach it, or fewer to be under it again.
    gap = (d.days - LINE * d.absent).cast("float64") / LINE
    more = ibis.ifelse(over, (-gap).floor() + 1, gap.ceil())
    steps = [(more <= end, str(i)) for i, end in enumerate(_ENDS, 1)]
    far = ibis.cases(*steps, else_=str(len(_ENDS) + 1))
    key = ["school_year", "unit_type", "unit_id"]
    side = ibis.ifelse(over, "over", "under")
    rows = ibis.union(
        d.select(*key, measure=ibis.literal("bands_") + side, part=band),
        d.select(*key, measure=ibis.literal("days_") + side, part=far),
    )
    return count_parts(rows, records.con.to_pandas)


def by_day(records: Records, school_year: int) -> pd.DataFrame:
    """Add up each school's day: students enrolled and days missed (parts of a day count as such).

    Returns
    -------
    DataFrame
        school_id, date, enrolled, missed; instructional days of the calendar with a student, in years with daily rows.

    Raises
    ------
    KitError
        If a table is missing.
    """
    for table in ("attendance", "calendar"):
        if not records.has(table):
            raise KitError(f"There is no table '{table}'", where=records.label, mend=f"Add {table}.csv.")
    c = records.table("calendar")
    c = c.filter(c.instructional & c.date.notnull() & (school_year_of(c.date) == school_year))
    c = c.select("school_id", "date").distinct()
    s = spells(records)
    s = s.filter(s.school_year == school_year).select("student_id", "school_id", "first_day", "last_day")
    here = c.inner_join(s, ["school_id", c.date >= s.first_day, c.date <= s.last_day])
    enrolled = here.group_by("school_id", "date").agg(enrolled=here.student_id.nunique())
    missed = _missed(records, school_year).semi_join(s, ["student_id", "school_id"])
    # A row on a day outside the spell is no absence there.
    inside = missed.inner_join(s, ["student_id", "school_id"])
    inside = inside.filter((inside.date >= inside.first_day) & (inside.date <= inside.last_day))
    total = inside.group_by("school_id", "date").agg(missed=inside.missed.sum())
    joined = enrolled.left_join(total, ["school_id", "date"])
    found = joined.select("school_id", "date", "enrolled", missed=joined.missed.coalesce(0).cast("float64"))
    frame = records.con.to_pandas(found)
    frame["date"] = pd.to_datetime(frame["date"])
    taken = frame.groupby("school_id")["missed"].transform("sum") > 0
    # A school without a single absence in a year took no daily attendance.
    return frame[taken].sort_values(["school_id", "date"], ignore_index=True)


def _missed(records: Records, school_year: int) -> ir.Table:
    a = records.table("attendance")
    a = a.filter(a.date.notnull() & (school_year_of(a.date) == school_year))
    part = (a.status == "absent").cast("int32").cast(DECIMAL)
    missed = a.absent_portion.coalesce(part) if records.given("attendance", "absent_portion") else part
    rows = a.select("student_id", "school_id", "date", missed=missed)
    rows = rows.filter(rows.missed > 0)
    return rows.group_by("student_id", "school_id", "date").agg(missed=rows.missed.max())


def day_rates(days: pd.DataFrame, homes: pd.DataFrame, school_year: int) -> pd.DataFrame:
    """Return the share of days missed by weekday and by month, for schools, districts and the network.

    Parameters
    ----------
    days : DataFrame
        Of :func:`by_day`.
    homes : DataFrame
        school_id, unit_type, unit_id.
    school_year : int

    Returns
    -------
    DataFrame
        The results columns; measures ``weekday_1`` (Monday) to ``weekday_5`` and ``month_08`` …; ``n`` is the students
        enrolled on an average such day, ``value`` the percent of their days missed.
    """
    t = days.merge(homes, on="school_id")
    weekday = "weekday_" + (t["date"].dt.day_of_week + 1).astype(str)
    month = "month_" + t["date"].dt.strftime("%m")
    parts = []
    for name in (weekday[t["date"].dt.day_of_week < len(WEEKDAYS)], month):
        some = t.loc[name.index].assign(measure=name)
        g = some.groupby(["unit_type", "unit_id", "measure"])
        out = g.agg(missed=("missed", "sum"), enrolled=("enrolled", "sum"), dates=("date", "nunique")).reset_index()
        parts.append(out)
    out = pd.concat(parts, ignore_index=True)
    out["n"] = (out["enrolled"] / out["dates"]).round().astype("int64")
    out["value"] = 100 * out["missed"] / out["enrolled"]
    return finish_results(out.assign(school_year=school_year, student_group="all", grade="all", count=None))


def unit_homes(records: Records) -> pd.DataFrame:
    """Return every school with itself, its district and the network: school_id, unit_type, unit_id."""
    return records.con.to_pandas(units(records))


def daily_series(days: pd.DataFrame, homes: pd.DataFrame, unit: tuple[str, str], minimum: int) -> pd.DataFrame:
    """Return a unit's days: date, enrolled, missed; only of schools with at least the minimum enrolled that day."""
    mine = homes[homes["unit_type"].eq(unit[0]) & homes["unit_id"].eq(unit[1])]["school_id"]
    t = days[days["school_id"].isin(set(mine)) & days["enrolled"].ge(minimum)]
    return t.groupby("date", as_index=False)[["enrolled", "missed"]].sum()
