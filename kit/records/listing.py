"""Lists the rows that have a fault: the first one by one, the rest counted.

A row of a file is named by its number, a row of a database by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import ibis
import ibis.expr.types as ir

from kit.errors import Fault
from kit.records.records import Records
from kit.records.schema import tables

__all__ = ["LISTED", "first_of_each", "listed", "with_row"]

_LONGEST_KEY = 160
LISTED = 20  # rows listed one by one for each rule and column; the rest are counted


def listed(
    records: Records,
    wrong: ir.Table,
    *,
    table: str,
    column: str | None,
    severity: str,
    rule: str,
    problem: Callable[[str], str],
    mend: str | Callable[[str], str],
    stops: bool = False,
) -> Iterator[Fault]:
    """Yield a fault for each of the first rows of ``wrong`` (columns of with_row, and what) and one for the rest.

    Every different ``what`` is listed before any is listed twice.
    """
    first = wrong
    by = [c for c in ("_row", "_key", "what") if c in wrong.columns]
    if "what" in wrong.columns:
        nth = ibis.row_number().over(group_by="what", order_by=by)
        first, by = wrong.mutate(_nth=nth), ["_nth", *by]
    rows = records.con.to_pyarrow(first.order_by(by).limit(LISTED + 1)).to_pylist()
    file, shown = records.name_of(table), records.column_in_file(table, column) if column else None

    def fault(row: dict, problem_of: str, count: int = 1) -> Fault:
        what = _short(row.get("what"))
        return Fault(
            severity,
            file,
            problem_of + problem(what),
            mend(what) if callable(mend) else mend,
            row=row.get("_row"),
            key=_short(row.get("_key"), _LONGEST_KEY),
            column=shown,
            rule=rule,
            count=count,
            stops=stops,
        )

    for row in rows[:LISTED]:
        yield fault(row, "")
    if len(rows) > LISTED:
        rest = int(wrong.count().execute()) - LISTED
        yield fault(rows[-1], f"{rest:,} more rows like this: ", rest)


def _short(value: object, longest: int = 60) -> str:
    text = "" if value is None else str(value)
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 3] + "…"


def with_row(t: ir.Table, name: str) -> dict[str, ir.Value]:
    """Return the columns by which a row of the table ``name`` is found: its number, or its key as ``_key``."""
    if "_row" in t.columns:
        return {"_row": t["_row"]}
    table = tables()[name]
    names = [c for c in table.key or table.required if c in t.columns]
    if not names:
        return {}
    # What cannot be read as the contract's type is shown as it is held.
    held = [_written(t[f"raw_{c}" if f"raw_{c}" in t.columns else c]) for c in names]
    key = ibis.literal(f"{names[0]} ").concat(held[0])
    for c, value in zip(names[1:], held[1:], strict=True):
        key = key.concat(f", {c} ", value)
    return {"_key": key}


def _written(value: ir.Value) -> ir.StringValue:
    plain = value.cast("float64") if value.type().is_decimal() else value  # without its many zeros
    return plain.cast("string").nullif("").fill_null("(empty)")


def first_of_each(t: ir.Table, keys: list[str]) -> ir.Table:
    if "_row" not in t.columns:
        return t.select(keys).distinct()
    return t.group_by(keys).agg(_row=t["_row"].min())
