"""Faults within one table: columns, empty cells, types, codes, bounds and keys."""

from __future__ import annotations

from collections.abc import Iterator

import ibis

from kit.errors import Fault
from kit.records.listing import LISTED, listed, with_row
from kit.records.records import Records
from kit.records.schema import GRADES, MARK_POINTS, Column, Table, tables
from kit.records.typed import typed

__all__ = ["ONCE_EACH", "blank_and_wrong", "cell_faults", "repeated"]

ONCE_EACH = ("schools", "students")  # given twice, they make every number ambiguous
NO_POINTS = ("P", "NP", "I", "CR", "NC", "W", "S", "U", "N", "INC", "PASS")


def cell_faults(records: Records, name: str) -> Iterator[Fault]:
    """Yield every fault within one table."""
    yield from _extra_columns(records, name)
    yield from blank_and_wrong(records, name)
    yield from _codes(records, name)
    yield from _bounds(records, name)
    yield from repeated(records, name)


def _extra_columns(records: Records, name: str) -> list[Fault]:
    extra = [c for c in records.extra.get(name, []) if c.strip()]
    if not extra:
        return []
    listed = ", ".join(f"'{c}'" for c in extra[:12]) + (" …" if len(extra) > 12 else "")
    return [
        Fault(
            "note",
            records.name_of(name),
            f"Columns that the kit does not use: {listed}",
            "They are ignored",
            rule="extra-columns",
            count=len(extra),
        )
    ]


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
_KIND_NAMES = {
    "year": "a school year",
    "int": "a whole number",
    "decimal": "a number",
    "date": "a date",
    "bool": "true or false",
}


def blank_and_wrong(records: Records, name: str, *, blanks: bool = True) -> Iterator[Fault]:
    """Yield cells that are not of their column's type (these stop) and, if asked, required cells left empty."""
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
        if column.blank or not blanks:
            tally.pop("blank")
        if not tally:
            continue
        found = records.con.to_pyarrow(raw.aggregate(**tally)).to_pylist()[0]
        if found.get("blank"):
            yield from listed(
                records,
                raw.filter(blank).select(**with_row(raw), what=ibis.literal("")),
                table=name,
                column=column.name,
                severity="error",
                rule="blank",
                problem=lambda _: "The cell is empty",
                mend=_TYPE_MENDS[column.type],
            )
        if found.get("wrong"):
            yield from listed(
                records,
                raw.filter(wrong).select(**with_row(raw), what=held.cast("string")),
                table=name,
                column=column.name,
                severity="error",
                rule="wrong-type",
                stops=True,
                problem=lambda v, c=column: f"'{v}' is not {_KIND_NAMES[c.type]}",
                mend=_TYPE_MENDS[column.type],
            )


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
        known, severity = _known_codes(column)
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
            yield from listed(
                records,
                rows.select(**with_row(t), what=value),
                table=name,
                column=column.name,
                severity=severity,
                rule="unknown-code",
                problem=lambda v, c=column: f"'{v}' is not a known {_what(c)}; {_effect(c)}",
                mend=_near(code, known),
            )
        if len(unknown) > LISTED:
            yield Fault(
                severity,
                records.name_of(name),
                f"{len(unknown) - LISTED} more unknown codes",
                _near("", known),
                column=records.column_in_file(name, column.name),
                rule="unknown-code",
            )


def _what(column: Column) -> str:
    return "construct" if column.name == "construct" else f"code for {column.name}"


def _effect(column: Column) -> str:
    return (
        "it counts as not known"
        if column.name in ("grade", "level", "low_grade", "high_grade")
        else "the row is left out"
    )


def _known_codes(column: Column) -> tuple[tuple[str, ...], str]:
    """Return the codes a column may hold, and how bad another one is."""
    if column.codes:
        return column.codes, column.others
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
        if not records.given(name, column.name) or (
            column.low is None and column.high is None and column.type != "year"
        ):
            continue
        low, high = (1900, 2200) if column.type == "year" else (column.low, column.high)
        value = t[column.name]
        wrong = t.filter((value < low) | (value > high))
        yield from listed(
            records,
            wrong.select(**with_row(t), what=wrong[column.name].cast("string")),
            table=name,
            column=column.name,
            severity="error",
            rule="out-of-range",
            problem=lambda v, lo=low, hi=high: f"{_plain(v)} is not between {lo:g} and {hi:g}",
            mend=_TYPE_MENDS["year"] if column.type == "year" else "Correct the number",
        )


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def repeated(records: Records, name: str) -> Iterator[Fault]:
    """Yield rows whose key was there before."""
    table: Table = tables()[name]
    if not table.key or not all(records.given(name, c) for c in table.key):
        return
    t = records.table(name)
    key = [t[c] for c in table.key]
    whole = t.filter([k.notnull() for k in key])
    seen = whole.group_by(list(table.key)).agg(
        times=whole.count(), _first=whole["_row"].min() if "_row" in whole.columns else ibis.literal(0)
    )
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
    yield from listed(
        records,
        again.select(**with_row(again), what=what),
        table=name,
        column=table.key[-1] if len(table.key) == 1 else None,
        severity="error",
        rule="duplicate-key",
        stops=name in ONCE_EACH,
        problem=lambda v: f"A second row for the same {table.row}: {v}",
        mend="Keep one of the rows",
    )
