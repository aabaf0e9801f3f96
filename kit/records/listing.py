"""Lists the rows that have a fault: the first one by one, the rest counted."""

from __future__ import annotations

from collections.abc import Iterator

import ibis.expr.types as ir

from kit.errors import Fault
from kit.records.records import Records

__all__ = ["LISTED", "first_of_each", "listed", "with_row"]

LISTED = 20  # rows listed one by one for each rule and column; the rest are counted


def listed(
    records: Records,
    wrong: ir.Table,
    *,
    table: str,
    column: str | None,
    severity: str,
    rule: str,
    problem,
    mend: str,
    stops: bool = False,
) -> Iterator[Fault]:
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
        yield Fault(
            severity,
            file,
            problem(short(what)),
            mend,
            row=row.get("_row"),
            column=shown,
            rule=rule,
            stops=stops,
        )
    if total > LISTED:
        rest = total - LISTED
        yield Fault(
            severity,
            file,
            f"{rest:,} more rows like this: {problem(short(rows[-1].get('what')))}",
            mend,
            row=rows[-1].get("_row"),
            column=shown,
            rule=rule,
            count=rest,
            stops=stops,
        )


def short(value: object) -> str:
    text = "" if value is None else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "…"


def with_row(t: ir.Table) -> dict[str, ir.Value]:
    return {"_row": t["_row"]} if "_row" in t.columns else {}


def first_of_each(t: ir.Table, keys: list[str]) -> ir.Table:
    if "_row" not in t.columns:
        return t.select(keys).distinct()
    return t.group_by(keys).agg(_row=t["_row"].min())
