"""Faults of time and number: spells that overlap, dates outside the year, more than all."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from kit.errors import Fault
from kit.records.listing import first_of_each, listed, with_row
from kit.records.records import Records
from kit.records.years import school_year_of, year_end

__all__ = ["date_faults", "number_faults", "spell_faults"]


def spell_faults(records: Records) -> Iterator[Fault]:
    """Yield spells that overlap at one school or end before they begin."""
    if not records.has("enrollments"):
        return
    e = records.table("enrollments")
    e = e.filter(e.student_id.notnull() & e.school_id.notnull() & e.school_year.notnull() & e.entry_date.notnull())
    backward = e.filter(e.exit_date < e.entry_date)
    yield from listed(
        records,
        backward.select(
            **with_row(backward, "enrollments"),
            what=backward.exit_date.cast("string").concat(" is before ", backward.entry_date.cast("string")),
        ),
        table="enrollments",
        column="exit_date",
        severity="error",
        rule="exit-before-entry",
        problem=lambda v: f"The exit {v}",
        mend="Correct one of the dates",
    )
    # Two spells are one pair whichever of them is named: in a database, the one that comes later.
    later = ibis.row_number().over(group_by=e.student_id, order_by=[e.entry_date, e.exit_date, e.school_id, e.grade])
    e = e.mutate(
        last=e.exit_date.coalesce(year_end(e.school_year)),
        order=e["_row"] if "_row" in e.columns else later,
        place=ibis.literal("row ").concat(e["_row"].cast("string"))
        if "_row" in e.columns
        else ibis.literal("from ").concat(e.entry_date.cast("string")),
    )
    other = e.view()
    same_days = [
        e.student_id == other.student_id,
        e.school_year == other.school_year,
        e.order > other.order,
        e.entry_date <= other["last"],
        other.entry_date <= e["last"],
    ]
    both = e.inner_join(other, same_days, rname="{name}_before")
    shared = ibis.least(both["last"], both["last_before"]).delta(
        ibis.greatest(both.entry_date, both.entry_date_before), unit="day"
    )
    what = both.student_id.concat(
        " at ",
        both.school_id,
        " overlaps the one at ",
        both.school_id_before,
        " (",
        both.place_before,
        ")",
    )
    both = both.mutate(what=what, one_day=(both.school_id != both.school_id_before) & (shared == 0))
    # The day of a transfer may be a day at both schools; more than that, or any shared day at one school, may not.
    for one_day, severity in ((False, "error"), (True, "note")):
        hit = both.filter(both.one_day == one_day)
        yield from listed(
            records,
            hit.select(**with_row(hit, "enrollments"), what=hit.what),
            table="enrollments",
            column="entry_date",
            severity=severity,
            rule="overlapping-spells" if severity == "error" else "shared-day",
            problem=lambda v: f"The spell of {v}",
            mend="Correct the entry or exit date",
        )


def date_faults(records: Records) -> Iterator[Fault]:
    """Yield dates outside their school year (July to June) and daily records on days off."""
    dated = (
        ("enrollments", "entry_date", "error"),
        ("enrollments", "exit_date", "error"),
        ("discipline", "action_date", "error"),
        ("assessments", "date", "error"),
        ("sections", "from_date", "error"),
        ("sections", "to_date", "error"),
    )
    for name, column, severity in dated:
        if not records.has(name) or not records.given(name, column):
            continue
        t = records.table(name)
        day = t[column]
        wrong = t.filter(day.notnull() & t.school_year.notnull() & (school_year_of(day) != t.school_year))
        what = wrong[column].cast("string").concat(" is outside the school year ", wrong.school_year.cast("string"))
        yield from listed(
            records,
            wrong.select(**with_row(wrong, name), what=what),
            table=name,
            column=column,
            severity=severity,
            rule="date-outside-year",
            problem=lambda v: f"The date {v}",
            mend="A school year runs from 1 July to 30 June, named by its ending year; correct the date or the year",
        )
    if not records.has("enrollments"):
        return
    years = records.table("enrollments").select("school_year").distinct()
    for name in ("attendance", "calendar"):
        if not records.has(name):
            continue
        t = records.table(name)
        t = t.filter(t.date.notnull()).mutate(school_year=school_year_of(t.date))
        lost = first_of_each(t.anti_join(years, "school_year"), ["date"])
        yield from listed(
            records,
            lost.select(**with_row(lost, name), what=lost.date.cast("string")),
            table=name,
            column="date",
            severity="error" if name == "attendance" else "warning",
            rule="date-outside-year",
            problem=lambda v: f"The date {v} is in no school year that enrollments has",
            mend="Correct the date or add the year's enrollments",
        )
    if records.has("attendance") and records.has("calendar"):
        c = records.table("calendar")
        a = records.table("attendance")
        a = a.filter(a.date.notnull() & a.school_id.notnull()).semi_join(c, "school_id")
        off = first_of_each(a.anti_join(c.filter(c.instructional), ["school_id", "date"]), ["school_id", "date"])
        what = off.school_id.concat(" on ", off.date.cast("string"))
        yield from listed(
            records,
            off.select(**with_row(off, "attendance"), what=what),
            table="attendance",
            column="date",
            severity="warning",
            rule="day-off",
            problem=lambda v: f"The calendar has no school day for {v}; the rows do not count",
            mend="Correct the date or the calendar",
        )


def number_faults(records: Records) -> Iterator[Fault]:
    """Yield numbers that cannot be: more days absent than enrolled, more points than possible."""
    for name, part, whole, what in (
        ("attendance_totals", "days_absent", "days_enrolled", "days absent of"),
        ("items", "points", "points_possible", "points of"),
    ):
        if not records.has(name) or not (records.given(name, part) and records.given(name, whole)):
            continue
        t = records.table(name)
        wrong = t.filter(t[part] > t[whole])
        numbers = (
            wrong[part].cast("float64").cast("string").concat(f" {what} ", wrong[whole].cast("float64").cast("string"))
        )
        yield from listed(
            records,
            wrong.select(**with_row(wrong, name), what=numbers),
            table=name,
            column=part,
            severity="error",
            rule="more-than-all",
            problem=lambda v: f"{v} is more than 100 %",
            mend="Correct one of the two numbers",
        )
    if records.has("attendance_totals"):
        t = records.table("attendance_totals")
        none = t.filter((t.days_enrolled == 0) & (t.days_absent == 0))
        yield from listed(
            records,
            none.select(**with_row(none, "attendance_totals"), what=none.student_id),
            table="attendance_totals",
            column="days_enrolled",
            severity="note",
            rule="no-days",
            problem=lambda v: f"The pupil {v} has no day enrolled and is in no attendance measure",
            mend="Nothing to do if it is so",
        )
