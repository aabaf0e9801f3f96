"""Days enrolled and absent per pupil and school, and the two attendance measures."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.measures.population import UNIT_PUPIL, at_units, moved_pupils, spell_pairs, spells, stayers
from kit.records.records import Records
from kit.records.typed import DECIMAL
from kit.records.years import school_year_of

__all__ = [
    "attendance", "attendance_years", "days_are_unknown", "days_at_units", "movers_attendance", "pupil_days",
    "stayers_attendance",
]  # fmt: skip

PAIR = ["student_id", "school_id", "school_year"]
SCHOOL_DAY = ["school_id", "date"]
STATUSES = ("present", "absent", "tardy")


def days_are_unknown(records: Records) -> bool:
    """Whether the daily rows are absences only, with no calendar and no totals to say the days: then there is no rate.

    Source: records.md, Settled, attendance: with absences only a pupil's days are the calendar's.
    """
    if not records.has("attendance") or records.has("calendar") or records.has("attendance_totals"):
        return False
    rows = records.table("attendance")
    held = rows.agg(rows=rows.count(), present=(rows.status == "present").sum())
    found = records.con.to_pyarrow(held).to_pylist()[0]
    return found["rows"] > 0 and not found["present"]


def _daily(records: Records) -> ir.Table:
    """Return the daily rows with a known status; ``absent`` is the part of the day missed, where it is written."""
    a = records.table("attendance")
    if not records.tidy("attendance", "status"):
        a = a.filter(a.status.isin(STATUSES))
    columns = {"school_year": _year_of_all(records, school_year_of(a.date)), "status": a.status}
    if records.given("attendance", "absent_portion"):
        columns["absent"] = a.absent_portion.coalesce((a.status == "absent").cast("int32").cast(DECIMAL))
    return a.select("student_id", "school_id", "date", **columns)


def _dates(records: Records) -> ir.Table:
    return records.once("attendance_dates", lambda: records.table("attendance").select("date").distinct())


def _year_of_all(records: Records, each: ir.IntegerValue) -> ir.IntegerValue:
    """Return the one school year of a table that holds one: then it need not be worked out row by row."""
    d = _dates(records)
    found = d.agg(first=school_year_of(d.date).min(), last=school_year_of(d.date).max(), blank=d.date.isnull().any())
    year = records.con.to_pyarrow(found).to_pylist()[0]
    alone = year["first"] is not None and year["first"] == year["last"] and not year["blank"]
    return ibis.literal(year["first"], "int32") if alone else each


def _counted(rows: ir.Table) -> dict[str, ir.Value]:
    whole_days = rows.count(where=rows.status == "absent")
    return {
        "days": rows.count(),
        "absent": rows.absent.sum() if "absent" in rows.columns else whole_days,
        "present": rows.count(where=rows.status == "present"),
    }


def _off_days(records: Records, daily: ir.Table) -> ir.Table | None:
    """Return the (school_id, date) with daily rows that the school's calendar does not call instructional.

    A school without a single row in the calendar of that year has no calendar: its complete rows count as they are.
    """
    if not records.has("calendar"):
        return None
    c = records.table("calendar")
    c = c.filter(c.school_id.notnull() & c.date.notnull())
    c = c.select("school_id", "date", "instructional", school_year=school_year_of(c.date))
    on = c.filter(c.instructional)
    # Most days are school days everywhere: only the rows of the other days are looked at one by one.
    schools = int(c.school_id.nunique().execute())
    everywhere = on.group_by("date").agg(schools=on.school_id.nunique()).filter(lambda t: t.schools == schools)
    if not int(_dates(records).anti_join(everywhere, "date").count().execute()):
        return None
    held = daily.anti_join(everywhere, "date").select(*SCHOOL_DAY, "school_year").distinct()
    held = held.semi_join(c, ["school_id", "school_year"])
    return records.once("off_days", lambda: held.anti_join(on, SCHOOL_DAY))


def _daily_days(records: Records) -> ir.Table:
    """Return days, absent and present rows per pair with a spell, from the daily rows.

    One pass adds up every row by pair and notes its first and last day. Only the pairs for which that is not
    enough (several spells, a row outside the spell, a day off) are counted again row by row.
    """
    daily = _daily(records)
    once = records.kept(daily.group_by(PAIR).agg(**_counted(daily), first=daily.date.min(), last=daily.date.max()))
    every = spells(records)
    whole = every.group_by(PAIR).agg(
        spells=every.count(), first_day=every.first_day.min(), last_day=every.last_day.max()
    )
    pairs = once.inner_join(whole, PAIR)
    plain = (pairs.spells == 1) & (pairs["first"] >= pairs.first_day) & (pairs["last"] <= pairs.last_day)
    off = _off_days(records, daily)
    if off is not None:
        schools_off = off.select("school_id").distinct()
        pairs = pairs.mutate(plain=plain).left_join(schools_off, "school_id")
        plain = pairs.plain & pairs.school_id_right.isnull()
    pairs = records.kept(pairs.mutate(simple=plain))
    simple = pairs.filter(pairs.simple).select(*PAIR, "days", "absent", "present")
    # `present` decides whether a school's rows are complete, so it counts every row of the pair.
    odd = pairs.filter(~pairs.simple)
    if odd.count().execute() == 0:
        return simple
    rows = daily.semi_join(odd, PAIR)
    rows = rows.semi_join(
        every,
        [
            *PAIR,
            rows.date >= every.first_day,
            rows.date <= every.last_day,
        ],
    )
    if off is not None:
        rows = rows.anti_join(off, SCHOOL_DAY)
    counted = rows.group_by(PAIR).agg(**_counted(rows)).drop("present")
    again = odd.select(*PAIR, "present").left_join(counted, PAIR)
    again = again.select(
        *PAIR,
        days=again.days.coalesce(0),
        absent=again.absent.coalesce(0).cast(simple.absent.type()),
        present=again.present,
    )
    return ibis.union(simple, again.select(*simple.columns))


def _calendar_days(records: Records, schools: ir.Table) -> ir.Table:
    """Return the instructional days within the spells of each pair, at the schools and years given."""
    c = records.table("calendar")
    c = c.filter(c.instructional).select("school_id", "date", school_year=school_year_of(c.date)).distinct()
    mine = spells(records).semi_join(schools, ["school_id", "school_year"])
    several = mine.group_by(PAIR).agg(spells=mine.count()).filter(lambda t: t.spells > 1)

    single = mine.anti_join(several, PAIR)
    kinds = single.select("school_id", "school_year", "first_day", "last_day").distinct()
    within = kinds.inner_join(c, ["school_id", "school_year", kinds.first_day <= c.date, kinds.last_day >= c.date])
    per_kind = within.group_by("school_id", "school_year", "first_day", "last_day").agg(days=within.date.nunique())
    per_pair = single.inner_join(per_kind, ["school_id", "school_year", "first_day", "last_day"]).select(*PAIR, "days")

    more = mine.semi_join(several, PAIR)
    days = more.inner_join(c, ["school_id", "school_year", more.first_day <= c.date, more.last_day >= c.date])
    per_several = days.group_by(PAIR).agg(days=days.date.nunique())
    return ibis.union(per_pair, per_several.select(*PAIR, "days"))


def _number(value: ir.Value) -> ir.Value:
    # Narrow enough to be multiplied and taken from one another without a digit lost: Spark holds 38 in all.
    return value.cast("decimal(24, 12)")


def pupil_days(records: Records) -> ir.Table:
    """Return student_id, school_id, school_year, days enrolled and days absent (exact decimals).

    Per school and year: daily rows where there are any, else totals. With at least one ``present`` row the
    rows are complete; without one they are absences, and the calendar gives the days (no calendar: no days).
    Records at a school where the pupil has no spell that year are left out (records.md, "Settled").
    """

    def make():
        parts = []
        pairs = spell_pairs(records)
        daily_years = None
        if records.has("attendance"):
            daily = records.once("daily_days", lambda: _daily_days(records))
            years = daily.group_by("school_id", "school_year").agg(complete=daily.present.sum() > 0)
            daily_years = years
            whole = daily.semi_join(years.filter(years.complete), ["school_id", "school_year"])
            parts.append(whole.select(*PAIR, days=_number(whole.days), absent=_number(whole.absent)))
            part = years.filter(~years.complete)
            if records.has("calendar") and part.count().execute():
                known = _calendar_days(records, part)
                missed = known.left_join(daily.select(*PAIR, "absent"), PAIR)
                parts.append(missed.select(*PAIR, days=_number(missed.days), absent=_number(missed.absent.coalesce(0))))
        if records.has("attendance_totals"):
            t = records.table("attendance_totals").semi_join(pairs, PAIR)
            if daily_years is not None:
                t = t.anti_join(daily_years, ["school_id", "school_year"])
            t = t.filter(t.days_enrolled.notnull() & t.days_absent.notnull())
            parts.append(t.select(*PAIR, days=_number(t.days_enrolled), absent=_number(t.days_absent)))
        return ibis.union(*parts) if len(parts) > 1 else parts[0]

    return records.once("pupil_days", make)


def days_at_units(records: Records) -> ir.Table:
    """Return each pupil's days and absences added up over a unit's own schools, where any day is known."""

    def make():
        known = pupil_days(records)
        # Most pupils have one school a year: only the others' days need adding up.
        movers = known.group_by("student_id", "school_year").agg(schools=known.count()).filter(lambda t: t.schools > 1)
        stayed = at_units(known.anti_join(movers, ["student_id", "school_year"]), records)
        moved = at_units(known.semi_join(movers, ["student_id", "school_year"]), records)
        total = moved.group_by(UNIT_PUPIL).agg(days=_number(moved.days.sum()), absent=_number(moved.absent.sum()))
        both = ibis.union(stayed.select(*UNIT_PUPIL, "days", "absent"), total)
        return both.filter(both.days > 0)

    return records.once("days_at_units", make)


def attendance_years(records: Records) -> ir.Table:
    """Return the school years with any attendance row, daily or in totals."""

    def make():
        parts = []
        if records.has("attendance"):
            a = records.table("attendance")
            parts.append(a.filter(a.date.notnull()).select(school_year=school_year_of(a.date)).distinct())
        if records.has("attendance_totals"):
            t = records.table("attendance_totals")
            parts.append(t.filter(t.school_year.notnull()).select("school_year").distinct())
        return ibis.union(*parts, distinct=True) if len(parts) > 1 else parts[0]

    return records.once("attendance_years", make)


def _judged(days: ir.Table) -> ir.Table:
    """Return days with both measures' figures: ``value`` of chronic absence, ``top`` and ``bottom`` of the rate.

    ``value`` is true where 10 × absent ≥ enrolled, compared exactly; the rate is 100 × days attended over days
    enrolled.
    """
    return days.mutate(value=10 * days.absent >= days.days, top=100 * (days.days - days.absent), bottom=days.days)


def attendance(records: Records) -> ir.Table:
    """Return every pupil of a unit with a known day, for both attendance measures."""
    return _judged(days_at_units(records))


def stayers_attendance(records: Records) -> ir.Table:
    """Return the pupils with one spell in the year and a known day, once, at their school."""
    days = pupil_days(records)
    here = days.filter(days.days > 0).inner_join(stayers(records), PAIR)
    return _judged(here.select(*PAIR, "grade", "days", "absent"))


def movers_attendance(records: Records) -> ir.Table:
    """Return the pupils with several spells in the year and a known day, at each unit."""
    mine = pupil_days(records).anti_join(stayers(records), PAIR)
    here = at_units(mine, records)
    total = here.group_by(UNIT_PUPIL).agg(days=_number(here.days.sum()), absent=_number(here.absent.sum()))
    total = total.filter(total.days > 0).left_join(moved_pupils(records), UNIT_PUPIL)
    return _judged(total.select(*UNIT_PUPIL, "grade", "days", "absent"))
