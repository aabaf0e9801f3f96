"""Faults within one table: columns, empty cells, types, codes, bounds and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from kit.errors import Fault
from kit.records.listing import listed, with_row
from kit.records.records import Records
from kit.records.schema import GRADES, MARK_POINTS, Column, Table, tables
from kit.records.typed import trimmed

__all__ = ["ONCE_EACH", "cell_faults", "repeated", "wrong_cells"]

ONCE_EACH = ("schools", "students")  # given twice, they make every number ambiguous
NO_POINTS = ("P", "NP", "I", "CR", "NC", "W", "S", "U", "N", "INC", "PASS")


def cell_faults(records: Records, name: str) -> Iterator[Fault]:
    """Yield every fault within one table."""
    yield from _extra_columns(records, name)
    yield from wrong_cells(records, name)
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


def wrong_cells(records: Records, name: str, *, types_only: bool = False) -> Iterator[Fault]:
    """Yield cells of the wrong type (these stop), required cells left empty, unknown codes and impossible numbers.

    One pass over the table counts every kind of fault in every column; only what was found is listed.
    """
    looks = list(_looks(records, name, types_only))
    if not looks:
        return
    t = records.both(name)
    tally = {f"look_{i}": look.wrong(t).sum() for i, look in enumerate(looks)}
    found = records.con.to_pyarrow(t.aggregate(**tally)).to_pylist()[0]
    for i, look in enumerate(looks):
        if not found[f"look_{i}"]:
            continue
        hit = t.filter(look.wrong(t))
        what = look.shown(hit) if look.shown else ibis.literal("")
        yield from listed(
            records,
            hit.select(**with_row(hit, name), what=what),
            table=name,
            column=look.column.name,
            severity=look.severity,
            rule=look.rule,
            problem=look.problem,
            mend=look.mend,
            stops=look.rule == "wrong-type",
        )


@dataclass(frozen=True)
class _Look:
    """One thing to look for in one column: which rows are wrong, what to show of them and what to say."""

    column: Column
    rule: str
    wrong: Callable[[ir.Table], ir.BooleanValue]
    problem: Callable[[str], str]
    mend: str | Callable[[str], str]
    shown: Callable[[ir.Table], ir.StringValue] | None = None
    severity: str = "error"


def _looks(records: Records, name: str, types_only: bool) -> Iterator[_Look]:
    raw, engine = records.raw(name), records.con.name
    for column in tables()[name].columns.values():
        if not records.given(name, column.name):
            continue
        c = column.name
        held = f"raw_{c}"
        if column.type in _KIND_NAMES and not _surely(raw[c].type(), column.type):
            yield _Look(
                column,
                "wrong-type",
                lambda t, c=c, held=held: ~_blank(t[held], engine) & t[c].isnull(),
                lambda v, kind=column.type: f"'{v}' is not {_KIND_NAMES[kind]}",
                _TYPE_MENDS[column.type],
                lambda t, held=held: t[held].cast("string"),
            )
        if types_only:
            continue
        if not column.blank:
            yield _Look(
                column,
                "blank",
                lambda t, held=held: _blank(t[held], engine),
                lambda _: "The cell is empty",
                _TYPE_MENDS[column.type],
            )
        known, severity = _known_codes(column)
        if known:
            yield _Look(
                column,
                "unknown-code",
                lambda t, c=c, known=known: t[c].notnull() & ~t[c].isin(known),
                lambda v, column=column: f"'{v}' is not a known {_what(column)}; {_effect(column)}",
                lambda v, known=known: _near(v, known),
                lambda t, c=c: t[c],
                severity,
            )
        low, high = column.low, column.high
        if low is not None:
            yield _Look(
                column,
                "out-of-range",
                lambda t, c=c, low=low, high=high: (t[c] < low) | (t[c] > high),
                lambda v, low=low, high=high: f"{_plain(v)} is not between {low:g} and {high:g}",
                "Correct the number",
                lambda t, c=c: t[c].cast("string"),
            )


def _blank(held: ir.Value, engine: str) -> ir.BooleanValue:
    return held.isnull() | (trimmed(held, engine) == "") if held.type().is_string() else held.isnull()


def _surely(dtype, kind: str) -> bool:
    """Return whether a column's type in the file already is the contract's; a year must be one as well."""
    return (
        (kind == "date" and (dtype.is_date() or dtype.is_timestamp()))
        or (kind == "int" and dtype.is_integer())
        or (kind == "decimal" and (dtype.is_integer() or dtype.is_decimal() or dtype.is_floating()))
        or (kind == "bool" and dtype.is_boolean())
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
    numbered = "_row" in whole.columns
    first = {"_first": whole["_row"].min()} if numbered else {}
    seen = whole.group_by(list(table.key)).agg(times=whole.count(), **first)
    again = seen.filter(seen.times > 1)
    if not int(again.count().execute()):
        return
    if numbered:
        again = whole.inner_join(again, list(table.key))
        again = again.filter(again["_row"] != again["_first"])
    what = ibis.literal("").concat(again[table.key[0]].cast("string"))
    for c in table.key[1:]:
        what = what.concat(", ", again[c].cast("string"))
    if numbered:
        what = what.concat(" (first in row ", again["_first"].cast("string"), ")")
    else:
        what = what.concat(" (", again["times"].cast("string"), " rows)")
    yield from listed(
        records,
        again.select(**with_row(again, name), what=what),
        table=name,
        column=table.key[-1] if len(table.key) == 1 else None,
        severity="error",
        rule="duplicate-key",
        stops=name in ONCE_EACH,
        problem=lambda v: f"A second row for the same {table.row}: {v}",
        mend="Keep one of the rows",
    )
