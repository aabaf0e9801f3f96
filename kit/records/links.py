"""Faults between tables: unknown schools, pupils in no school, records without a spell."""

from __future__ import annotations

from collections.abc import Iterator

from kit.errors import Fault
from kit.records.listing import first_of_each, listed, with_row
from kit.records.records import Records
from kit.records.years import school_year_of

__all__ = ["PAIR", "link_faults"]

PAIR = ["student_id", "school_id", "school_year"]


def link_faults(records: Records) -> Iterator[Fault]:
    """Yield records at unknown schools, pupils in no school, and records where the pupil has no spell."""
    if records.has("schools"):
        known = records.table("schools").select("school_id").distinct()
        for name in records.found():
            if name == "schools" or not records.given(name, "school_id"):
                continue
            t = records.table(name)
            lost = t.filter(t.school_id.notnull()).anti_join(known, "school_id")
            if name in ("attendance", "calendar", "survey", "items"):
                lost = first_of_each(lost, ["school_id"])
            yield from listed(
                records,
                lost.select(**with_row(lost, name), what=lost.school_id),
                table=name,
                column="school_id",
                severity="error",
                rule="unknown-school",
                problem=lambda v: f"The school '{v}' is not in schools; its records are left out",
                mend="Add the school or correct the id",
            )
    if not records.has("enrollments"):
        return
    spells = records.table("enrollments")
    pairs = spells.select(PAIR).distinct()
    if records.has("students"):
        s = records.table("students")
        nowhere = s.filter(s.student_id.notnull() & s.school_year.notnull()).anti_join(
            pairs, ["student_id", "school_year"]
        )
        yield from listed(
            records,
            nowhere.select(
                **with_row(nowhere, "students"),
                what=nowhere.student_id.concat(", ", nowhere.school_year.cast("string")),
            ),
            table="students",
            column="student_id",
            severity="error",
            rule="pupil-in-no-school",
            problem=lambda v: f"The pupil {v} has no spell at a school in that year",
            mend="Add the enrollment or take the row out",
        )
        unknown = first_of_each(
            spells.filter(spells.student_id.notnull() & spells.school_year.notnull()).anti_join(
                s, ["student_id", "school_year"]
            ),
            ["student_id", "school_year"],
        )
        yield from listed(
            records,
            unknown.select(
                **with_row(unknown, "enrollments"),
                what=unknown.student_id.concat(", ", unknown.school_year.cast("string")),
            ),
            table="enrollments",
            column="student_id",
            severity="warning",
            rule="pupil-without-groups",
            problem=lambda v: f"The pupil {v} has no row in students; counted in «all» only",
            mend="Add the pupil's row for the year",
        )
    for name in ("attendance", "attendance_totals", "discipline", "marks", "assessments"):
        if not records.has(name):
            continue
        t = records.table(name)
        if name == "attendance":
            t = t.mutate(school_year=school_year_of(t.date))
        t = t.filter(t.student_id.notnull() & t.school_id.notnull() & t.school_year.notnull())
        lost = first_of_each(t.anti_join(pairs, PAIR), PAIR)
        what = lost.student_id.concat(" at ", lost.school_id, ", ", lost.school_year.cast("string"))
        yield from listed(
            records,
            lost.select(**with_row(lost, name), what=what),
            table=name,
            column="student_id",
            severity="warning",
            rule="no-spell",
            problem=lambda v: f"No spell for {v}; the records are left out of every measure",
            mend="Add the enrollment or correct the school",
        )
