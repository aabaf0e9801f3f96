"""Every fault of a data folder at once, each with file, row, column and the mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from kit.errors import Fault
from kit.records.records import Records
from kit.records.schema import GRADES, MARK_POINTS, Column, Table, tables
from kit.records.typed import typed

__all__ = ["CheckReport", "check_records", "stopping_faults"]

ONCE_EACH = ("schools", "students")  # given twice, they make every number ambiguous
LISTED = 20  # rows listed one by one for each rule and column; the rest are counted
NO_POINTS = ("P", "NP", "I", "CR", "NC", "W", "S", "U", "N", "INC", "PASS")


@dataclass(frozen=True)
class CheckReport:
    """What a check found.

    Attributes
    ----------
    faults : tuple of Fault
        Errors first, then warnings, then notes; by file and row.
    tables : dict of str to int
        Rows of each table that is there.
    switched_off : dict of str to list of str
        Measures that cannot be had, with what each lacks.
    """

    faults: tuple[Fault, ...]
    tables: dict[str, int]
    switched_off: dict[str, list[str]]

    @property
    def errors(self) -> tuple[Fault, ...]:
        return tuple(f for f in self.faults if f.severity == "error")

    @property
    def warnings(self) -> tuple[Fault, ...]:
        return tuple(f for f in self.faults if f.severity == "warning")


def check_records(records: Records) -> CheckReport:
    """Check every table that is there and the links between them.

    Parameters
    ----------
    records : Records

    Returns
    -------
    CheckReport
    """
    from kit.measures.compute import switched_off

    faults = list(records.faults) + _no_schools(records)
    counts: dict[str, int] = {}
    for name in records.found():
        counts[name] = int(records.raw(name).count().execute())
        faults += _extra_columns(records, name)
        faults += _blank_and_wrong(records, name)
        faults += _codes(records, name)
        faults += _bounds(records, name)
        faults += _repeated(records, name)
        if counts[name] == 0:
            faults.append(
                Fault("warning", records.name_of(name), "The table has no rows", "Fill it in or take it out",
                      rule="empty-table")
            )  # fmt: skip
    faults += _links(records)
    faults += _spells(records)
    faults += _dates(records)
    faults += _impossible(records)
    order = {"error": 0, "warning": 1, "note": 2}
    faults.sort(key=lambda f: (order[f.severity], f.file, f.row or 0, f.column or "", f.rule))
    return CheckReport(tuple(faults), counts, switched_off(records))


def stopping_faults(records: Records) -> list[Fault]:
    """Return the faults that stop a computation: files, columns and types, and schools or pupils given twice."""
    faults = [f for f in records.faults if f.stops] + _no_schools(records)
    for name in records.found():
        faults += [f for f in _blank_and_wrong(records, name) if f.stops]
        if name in ONCE_EACH:
            faults += _repeated(records, name)
    return faults


def _no_schools(records: Records) -> list[Fault]:
    if "schools" in records.found():
        return []
    return [
        Fault("error", "schools", "The table 'schools' is missing: no record has a place", "Add schools.csv",
              rule="missing-table", stops=True)
    ]  # fmt: skip


# --- listing -------------------------------------------------------------------------------------------------


def _listed(
    records: Records, wrong: ir.Table, *, table: str, column: str | None, severity: str, rule: str,
    problem, mend: str, stops: bool = False,
) -> Iterator[Fault]:  # fmt: skip
    """Yield a fault for each of the first rows of ``wrong`` (columns _row and what) and one for the rest."""
    total = int(wrong.count().execute())
    if not total:
        return
    file, shown = records.name_of(table), records.column_in_file(table, column) if column else None
    columns = [c for c in ("_row", "what") if c in wrong.columns]
    first = wrong.select(columns).order_by([c for c in ("_row", "what") if c in columns]).limit(LISTED + 1)
    rows = records.con.to_pyarrow(first).to_pylist()
    for row in rows[:LISTED]:
        what = row.get("what")
        yield Fault(severity, file, problem(_short(what)), mend, row=row.get("_row"), column=shown, rule=rule, stops=stops)
    if total > LISTED:
        rest = total - LISTED
        yield Fault(severity, file, f"{rest:,} more rows like this: {problem(_short(rows[-1].get('what')))}", mend,
                    row=rows[-1].get("_row"), column=shown, rule=rule, count=rest, stops=stops)  # fmt: skip


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"


# --- one table -----------------------------------------------------------------------------------------------


def _extra_columns(records: Records, name: str) -> list[Fault]:
    extra = [c for c in records.extra.get(name, []) if c.strip()]
    if not extra:
        return []
    listed = ", ".join(f"'{c}'" for c in extra[:12]) + (" …" if len(extra) > 12 else "")
    return [
        Fault("note", records.name_of(name), f"Columns that the kit does not use: {listed}", "They are ignored",
              rule="extra-columns", count=len(extra))
    ]  # fmt: skip


_TYPE_MENDS = {
    "year": "Write the ending year of the school year, such as 2026 for 2025-26",
    "int": "Write a whole number",
    "decimal": "Write a plain number with a point, such as 0.5",
    "date": "Write dates as 2026-01-31",
    "bool": "Write true or false (or 1 or 0, Y or N)",
    "id": "Write text",
    "text": "Write text",
    "code": "Write one of the codes",
    "mark": "Write a mark such as B+",
}
_KIND_NAMES = {"year": "a school year", "int": "a whole number", "decimal": "a number", "date": "a date", "bool": "true or false"}


def _with_row(t: ir.Table) -> dict[str, ir.Value]:
    return {"_row": t["_row"]} if "_row" in t.columns else {}


def _blank_and_wrong(records: Records, name: str) -> Iterator[Fault]:
    raw = records.raw(name)
    source = records.sources.get(name)
    loose = source is not None and source.kind != "parquet"
    for column in tables()[name].columns.values():
        if not records.given(name, column.name):
            continue
        held = raw[column.name]
        is_text = held.type().is_string()
        blank = held.isnull() | (held.strip() == "") if is_text else held.isnull()
        checks_type = column.type in _KIND_NAMES and not _surely(held.type(), column.type)
        value = typed(held, column, loose=loose) if checks_type else None
        tally = {"blank": blank.sum()}
        if value is not None:
            wrong = ~blank & value.isnull()
            tally["wrong"] = wrong.sum()
        if column.blank:
            tally.pop("blank")
        if not tally:
            continue
        found = records.con.to_pyarrow(raw.aggregate(**tally)).to_pylist()[0]
        if found.get("blank"):
            yield from _listed(
                records, raw.filter(blank).select(**_with_row(raw), what=ibis.literal("")),
                table=name, column=column.name, severity="error", rule="blank",
                problem=lambda _: "The cell is empty", mend=_TYPE_MENDS[column.type],
            )  # fmt: skip
        if found.get("wrong"):
            yield from _listed(
                records, raw.filter(wrong).select(**_with_row(raw), what=held.cast("string")),
                table=name, column=column.name, severity="error", rule="wrong-type", stops=True,
                problem=lambda v, c=column: f"'{v}' is not {_KIND_NAMES[c.type]}", mend=_TYPE_MENDS[column.type],
            )  # fmt: skip


def _surely(dtype, kind: str) -> bool:
    """Return whether a column's type in the file already is the contract's."""
    return (
        (kind == "date" and (dtype.is_date() or dtype.is_timestamp()))
        or (kind in ("year", "int") and dtype.is_integer())
        or (kind == "decimal" and (dtype.is_integer() or dtype.is_decimal() or dtype.is_floating()))
        or (kind == "bool" and dtype.is_boolean())
    )


def _codes(records: Records, name: str) -> Iterator[Fault]:
    t = records.table(name)
    for column in tables()[name].columns.values():
        if not records.given(name, column.name):
            continue
        known, severity = _known_codes(name, column)
        if not known:
            continue
        value = t[column.name]
        used = t.filter(value.notnull()).group_by(what=value).agg(rows=ibis._.count())
        used = used.filter(~used.what.isin(known))
        unknown = records.con.to_pyarrow(used.order_by("what")).to_pylist()
        if not unknown:
            continue
        for each in unknown[:LISTED]:
            code = each["what"]
            rows = t.filter(value == code)
            yield from _listed(
                records, rows.select(**_with_row(t), what=value), table=name, column=column.name,
                severity=severity, rule="unknown-code",
                problem=lambda v, c=column: f"'{v}' is not a known {_what(c)}; {_effect(c)}",
                mend=_near(code, known),
            )  # fmt: skip
        if len(unknown) > LISTED:
            yield Fault(severity, records.name_of(name), f"{len(unknown) - LISTED} more unknown codes", _near("", known),
                        column=records.column_in_file(name, column.name), rule="unknown-code")  # fmt: skip


def _what(column: Column) -> str:
    return "construct" if column.name == "construct" else f"code for {column.name}"


def _effect(column: Column) -> str:
    return "it counts as not known" if column.name in ("grade", "level", "low_grade", "high_grade") else "the row is left out"


def _known_codes(name: str, column: Column) -> tuple[tuple[str, ...], str]:
    """Return the codes a column may hold, and how bad another one is."""
    if column.codes:
        return column.codes, "error"
    if column.name == "construct":
        from kit.measures.surveys import known_constructs

        return known_constructs(), "warning"  # a district may ask about more than the measures use
    if column.type == "mark":
        return (*MARK_POINTS, *NO_POINTS), "warning"
    return (), "error"


def _near(code: str, known: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(code, known, 1, 0.7)
    if near:
        return f"Did you mean '{near[0]}'?"
    return "Use one of: " + ", ".join(known if len(known) <= 16 else GRADES)


def _bounds(records: Records, name: str) -> Iterator[Fault]:
    t = records.table(name)
    for column in tables()[name].columns.values():
        if not records.given(name, column.name) or (column.low is None and column.high is None and column.type != "year"):
            continue
        low, high = (1900, 2200) if column.type == "year" else (column.low, column.high)
        value = t[column.name]
        wrong = t.filter((value < low) | (value > high))
        yield from _listed(
            records, wrong.select(**_with_row(t), what=wrong[column.name].cast("string")), table=name, column=column.name,
            severity="error", rule="out-of-range",
            problem=lambda v, lo=low, hi=high: f"{_plain(v)} is not between {lo:g} and {hi:g}",
            mend=_TYPE_MENDS["year"] if column.type == "year" else "Correct the number",
        )  # fmt: skip


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _repeated(records: Records, name: str) -> Iterator[Fault]:
    table: Table = tables()[name]
    if not table.key or not all(records.given(name, c) for c in table.key):
        return
    t = records.table(name)
    key = [t[c] for c in table.key]
    whole = t.filter([k.notnull() for k in key])
    seen = whole.group_by(list(table.key)).agg(times=whole.count(), _first=whole["_row"].min() if "_row" in whole.columns else ibis.literal(0))
    twice = seen.filter(seen.times > 1)
    if not int(twice.count().execute()):
        return
    again = whole.inner_join(twice, list(table.key))
    if "_row" in whole.columns:
        again = again.filter(again["_row"] != again["_first"])
    what = ibis.literal("").concat(again[table.key[0]].cast("string"))
    for c in table.key[1:]:
        what = what.concat(", ", again[c].cast("string"))
    what = what.concat(" (first in row ", again["_first"].cast("string"), ")")
    yield from _listed(
        records, again.select(**_with_row(again), what=what), table=name, column=table.key[-1] if len(table.key) == 1 else None,
        severity="error", rule="duplicate-key", stops=name in ONCE_EACH,
        problem=lambda v: f"A second row for the same {table.row}: {v}", mend="Keep one of the rows",
    )  # fmt: skip


# --- between tables ------------------------------------------------------------------------------------------

PAIR = ["student_id", "school_id", "school_year"]


def _links(records: Records) -> Iterator[Fault]:
    """Yield records at unknown schools, pupils in no school, and records where the pupil has no spell."""
    if records.has("schools"):
        known = records.table("schools").select("school_id").distinct()
        for name in records.found():
            if name == "schools" or not records.given(name, "school_id"):
                continue
            t = records.table(name)
            lost = t.filter(t.school_id.notnull()).anti_join(known, "school_id")
            if name in ("attendance", "calendar", "survey", "items"):
                lost = _first_of_each(lost, ["school_id"])
            yield from _listed(
                records, lost.select(**_with_row(lost), what=lost.school_id), table=name, column="school_id",
                severity="error", rule="unknown-school",
                problem=lambda v: f"The school '{v}' is not in schools; its records are left out",
                mend="Add the school or correct the id",
            )  # fmt: skip
    if not records.has("enrollments"):
        return
    spells = records.table("enrollments")
    pairs = spells.select(PAIR).distinct()
    if records.has("students"):
        s = records.table("students")
        nowhere = s.filter(s.student_id.notnull() & s.school_year.notnull()).anti_join(pairs, ["student_id", "school_year"])
        yield from _listed(
            records, nowhere.select(**_with_row(nowhere), what=nowhere.student_id.concat(", ", nowhere.school_year.cast("string"))),
            table="students", column="student_id", severity="error", rule="pupil-in-no-school",
            problem=lambda v: f"The pupil {v} has no spell at a school in that year", mend="Add the enrollment or take the row out",
        )  # fmt: skip
        unknown = _first_of_each(
            spells.filter(spells.student_id.notnull() & spells.school_year.notnull()).anti_join(s, ["student_id", "school_year"]), ["student_id", "school_year"]
        )
        yield from _listed(
            records, unknown.select(**_with_row(unknown), what=unknown.student_id.concat(", ", unknown.school_year.cast("string"))),
            table="enrollments", column="student_id", severity="warning", rule="pupil-without-groups",
            problem=lambda v: f"The pupil {v} has no row in students; counted in «all» only", mend="Add the pupil's row for the year",
        )  # fmt: skip
    from kit.measures.population import school_year_of

    for name in ("attendance", "attendance_totals", "discipline", "marks", "assessments"):
        if not records.has(name):
            continue
        t = records.table(name)
        if name == "attendance":
            t = t.mutate(school_year=school_year_of(t.date))
        t = t.filter(t.student_id.notnull() & t.school_id.notnull() & t.school_year.notnull())
        lost = _first_of_each(t.anti_join(pairs, PAIR), PAIR)
        what = lost.student_id.concat(" at ", lost.school_id, ", ", lost.school_year.cast("string"))
        yield from _listed(
            records, lost.select(**_with_row(lost), what=what), table=name, column="student_id",
            severity="warning", rule="no-spell",
            problem=lambda v: f"No spell for {v}; the records are left out of every measure",
            mend="Add the enrollment or correct the school",
        )  # fmt: skip


def _first_of_each(t: ir.Table, keys: list[str]) -> ir.Table:
    if "_row" not in t.columns:
        return t.select(keys).distinct()
    return t.group_by(keys).agg(_row=t["_row"].min())


def _spells(records: Records) -> Iterator[Fault]:
    """Yield spells that overlap at one school or end before they begin."""
    if not records.has("enrollments"):
        return
    e = records.table("enrollments")
    e = e.filter(e.student_id.notnull() & e.school_id.notnull() & e.school_year.notnull() & e.entry_date.notnull())
    backward = e.filter(e.exit_date < e.entry_date)
    yield from _listed(
        records, backward.select(**_with_row(backward), what=backward.exit_date.cast("string").concat(" is before ", backward.entry_date.cast("string"))),
        table="enrollments", column="exit_date", severity="error", rule="exit-before-entry",
        problem=lambda v: f"The exit {v}", mend="Correct one of the dates",
    )  # fmt: skip
    e = e.mutate(
        last=e.exit_date.coalesce(ibis.date(e.school_year, 6, 30)),
        order=e["_row"] if "_row" in e.columns else ibis.row_number(),
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
        " at ", both.school_id, " overlaps the one at ", both.school_id_before, " (row ", both.order_before.cast("string"), ")"
    )
    both = both.mutate(what=what, one_day=(both.school_id != both.school_id_before) & (shared == 0))
    # The day of a transfer may be a day at both schools; more than that, or any shared day at one school, may not.
    for one_day, severity in ((False, "error"), (True, "note")):
        hit = both.filter(both.one_day == one_day)
        yield from _listed(
            records, hit.select(**_with_row(hit), what=hit.what), table="enrollments", column="entry_date",
            severity=severity, rule="overlapping-spells" if severity == "error" else "shared-day",
            problem=lambda v: f"The spell of {v}", mend="Correct the entry or exit date",
        )  # fmt: skip


def _dates(records: Records) -> Iterator[Fault]:
    """Yield dates outside their school year (July to June) and daily records on days off."""
    from kit.measures.population import school_year_of

    dated = (
        ("enrollments", "entry_date", "error"), ("enrollments", "exit_date", "error"),
        ("discipline", "action_date", "error"), ("assessments", "date", "error"),
        ("sections", "from_date", "error"), ("sections", "to_date", "error"),
    )  # fmt: skip
    for name, column, severity in dated:
        if not records.has(name) or not records.given(name, column):
            continue
        t = records.table(name)
        day = t[column]
        wrong = t.filter(day.notnull() & t.school_year.notnull() & (school_year_of(day) != t.school_year))
        what = wrong[column].cast("string").concat(" is outside the school year ", wrong.school_year.cast("string"))
        yield from _listed(
            records, wrong.select(**_with_row(wrong), what=what), table=name, column=column, severity=severity,
            rule="date-outside-year", problem=lambda v: f"The date {v}",
            mend="A school year runs from 1 July to 30 June and is named by its ending year; correct the date or the year",
        )  # fmt: skip
    if not records.has("enrollments"):
        return
    years = records.table("enrollments").select("school_year").distinct()
    for name in ("attendance", "calendar"):
        if not records.has(name):
            continue
        t = records.table(name)
        t = t.filter(t.date.notnull()).mutate(school_year=school_year_of(t.date))
        lost = _first_of_each(t.anti_join(years, "school_year"), ["date"])
        yield from _listed(
            records, lost.select(**_with_row(lost), what=lost.date.cast("string")), table=name, column="date",
            severity="error" if name == "attendance" else "warning", rule="date-outside-year",
            problem=lambda v: f"The date {v} is in no school year that enrollments has",
            mend="Correct the date or add the year's enrollments",
        )  # fmt: skip
    if records.has("attendance") and records.has("calendar"):
        c = records.table("calendar")
        a = records.table("attendance")
        a = a.filter(a.date.notnull() & a.school_id.notnull()).semi_join(c, "school_id")
        off = _first_of_each(a.anti_join(c.filter(c.instructional), ["school_id", "date"]), ["school_id", "date"])
        what = off.school_id.concat(" on ", off.date.cast("string"))
        yield from _listed(
            records, off.select(**_with_row(off), what=what), table="attendance", column="date", severity="warning",
            rule="day-off", problem=lambda v: f"The calendar has no school day for {v}; the rows do not count",
            mend="Correct the date or the calendar",
        )  # fmt: skip


def _impossible(records: Records) -> Iterator[Fault]:
    """Yield numbers that cannot be: more days absent than enrolled, more points than possible."""
    for name, part, whole, what in (
        ("attendance_totals", "days_absent", "days_enrolled", "days absent of"),
        ("items", "points", "points_possible", "points of"),
    ):
        if not records.has(name) or not (records.given(name, part) and records.given(name, whole)):
            continue
        t = records.table(name)
        wrong = t.filter(t[part] > t[whole])
        numbers = wrong[part].cast("float64").cast("string").concat(f" {what} ", wrong[whole].cast("float64").cast("string"))
        yield from _listed(
            records, wrong.select(**_with_row(wrong), what=numbers), table=name, column=part, severity="error",
            rule="more-than-all", problem=lambda v: f"{v} is more than 100 %", mend="Correct one of the two numbers",
        )  # fmt: skip
    if records.has("attendance_totals"):
        t = records.table("attendance_totals")
        none = t.filter((t.days_enrolled == 0) & (t.days_absent == 0))
        yield from _listed(
            records, none.select(**_with_row(none), what=none.student_id), table="attendance_totals",
            column="days_enrolled", severity="note", rule="no-days",
            problem=lambda v: f"The pupil {v} has no day enrolled and is in no attendance measure", mend="Nothing to do if it is so",
        )  # fmt: skip
