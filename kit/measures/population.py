"""Who is where: units, spells, the pupils of a unit and the student groups they belong to."""

from __future__ import annotations

import re

import ibis
import ibis.expr.types as ir

from kit.records.records import Records
from kit.records.schema import GRADES
from kit.records.years import year_end

__all__ = [
    "FLAGS", "UNIT_PUPIL", "at_units", "groups", "latest_groups", "moved_pupils", "pupils", "spell_pairs", "spells",
    "stayers", "units",
]  # fmt: skip

UNIT_PUPIL = ["school_year", "unit_type", "unit_id", "student_id"]
FLAGS = ("english_learner", "disability", "disadvantaged", "homeless", "foster")


def units(records: Records) -> ir.Table:
    """Return one row per school and unit it belongs to: itself, its district, the network."""

    def make():
        s = records.table("schools")
        s = s.filter(s.school_id.notnull()).group_by("school_id").agg(district_id=s.district_id.min())
        school = s.select("school_id", unit_type=ibis.literal("school"), unit_id=s.school_id)
        district = s.filter(s.district_id.notnull()).select(
            "school_id", unit_type=ibis.literal("district"), unit_id=s.district_id
        )
        network = s.select("school_id", unit_type=ibis.literal("network"), unit_id=ibis.literal("network"))
        return ibis.union(school, district, network)

    return records.once("units", make)


def spells(records: Records) -> ir.Table:
    """Return the spells at known schools: student_id, school_id, school_year, grade, first and last day."""

    def make():
        e = records.table("enrollments")
        known = units(records).filter(lambda u: u.unit_type == "school")
        e = e.semi_join(known, "school_id").filter(lambda t: t.student_id.notnull() & t.school_year.notnull())
        return e.select(
            "student_id",
            "school_id",
            "school_year",
            grade=ibis.ifelse(e.grade.isin(GRADES), e.grade, ibis.null("string")),
            first_day=e.entry_date.coalesce(ibis.date(e.school_year - 1, 7, 1)),
            last_day=e.exit_date.coalesce(year_end(e.school_year)),
        )

    return records.once("spells", make)


def spell_pairs(records: Records) -> ir.Table:
    """Return the distinct (student_id, school_id, school_year) with a spell: whose records count there."""
    return spells(records).select("student_id", "school_id", "school_year").distinct()


def at_units(rows: ir.Table, records: Records) -> ir.Table:
    """Repeat rows that have a school_id for each unit of that school."""
    return rows.inner_join(units(records), "school_id")


def stayers(records: Records) -> ir.Table:
    """Return the pupils with one spell in a school year: student_id, school_id, school_year and grade.

    They are the same at their school, its district and the network, so they can be added up once, by school.
    """

    def make():
        every = spells(records)
        return every.anti_join(_movers(records), ["student_id", "school_year"]).select(
            "student_id", "school_id", "school_year", "grade"
        )

    return records.once("stayers", make)


def _movers(records: Records) -> ir.Table:
    """Return the (student_id, school_year) with more than one spell."""

    def make():
        every = spells(records)
        spelled = every.group_by("student_id", "school_year").agg(spells=every.count())
        return spelled.filter(spelled.spells > 1).drop("spells")

    return records.once("movers", make)


def moved_pupils(records: Records) -> ir.Table:
    """Return one row per school year, unit and pupil with several spells, with the grade of the latest there.

    The latest spell is the one with the latest entry date; then the latest exit, then the last school id.
    """

    def make():
        moved = at_units(spells(records).semi_join(_movers(records), ["student_id", "school_year"]), records)
        latest = ibis.row_number().over(
            group_by=UNIT_PUPIL, order_by=[moved.first_day.desc(), moved.last_day.desc(), moved.school_id.desc()]
        )
        return moved.mutate(latest=latest).filter(lambda t: t.latest == 0).select(*UNIT_PUPIL, "grade")

    return records.once("moved_pupils", make)


def pupils(records: Records) -> ir.Table:
    """Return one row per school year, unit and pupil, with the grade of the latest spell there."""

    def make():
        stayed = at_units(stayers(records), records).select(*UNIT_PUPIL, "grade")
        return ibis.union(stayed, moved_pupils(records))

    return records.once("pupils", make)


def _slug(text: str, prefix: str) -> str | None:
    """Return the id of a student group: lower case, letters and digits, ``_`` between (records.md, "Groups")."""
    plain = "_".join(filter(None, re.split(r"[\W_]+", text.lower())))
    return prefix + plain if plain else None


def _slugs(records: Records, column: str, prefix: str) -> ir.Table:
    """Return the slug of each different text of a column of ``students``: few texts, and engines' patterns differ."""
    texts = records.con.to_pyarrow(records.table("students").select(column).distinct())[column].to_pylist()
    slugs = {text: _slug(text, prefix) for text in texts if text is not None}
    rows = [{column: text, f"{column}_slug": slug} for text, slug in slugs.items()]
    return ibis.memtable(rows, schema={column: "string", f"{column}_slug": "string"})


def groups(records: Records) -> ir.Table:
    """Return one row per student and school year with race, gender, flags and the day of reclassification."""

    def make():
        if not records.has("students"):
            return _no_students()
        s = records.table("students")
        s = s.filter(s.student_id.notnull() & s.school_year.notnull())
        for column, prefix in (("race_ethnicity", "race_"), ("gender", "gender_")):
            s = s.left_join(_slugs(records, column, prefix), column).drop(f"{column}_right")
        s = s.select(
            "student_id",
            "school_year",
            race=s.race_ethnicity_slug,
            gender=s.gender_slug,
            **{f: s[f].coalesce(False) for f in FLAGS},
            reclassified_on=s.reclassified_on,
        )
        # The check reports a student and year given twice; a measure must not count the student twice.
        return s.group_by("student_id", "school_year").agg(
            race=s.race.min(),
            gender=s.gender.min(),
            **{f: s[f].any() for f in FLAGS},
            reclassified_on=s.reclassified_on.min(),
        )

    return records.once("groups", make)


def _no_students() -> ir.Table:
    schema = {"student_id": "string", "school_year": "int32", "race": "string", "gender": "string"}
    schema |= dict.fromkeys(FLAGS, "boolean") | {"reclassified_on": "date"}
    return ibis.memtable([], schema=schema)


def latest_groups(rows: ir.Table, records: Records) -> ir.Table:
    """Give each (student_id, school_year) of ``rows`` the year of its latest row in ``students`` up to then.

    Graduates and completers without a row for the year take their latest earlier one (records.md, "Groups").
    """
    known = groups(records).select("student_id", group_year="school_year")
    wanted = rows.select("student_id", "school_year").distinct()
    best = (
        wanted.inner_join(known, "student_id")
        .filter(lambda t: t.group_year <= t.school_year)
        .group_by("student_id", "school_year")
        .agg(group_year=ibis._.group_year.max())
    )
    return rows.left_join(best, ["student_id", "school_year"]).drop("student_id_right", "school_year_right")
