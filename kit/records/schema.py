"""The tables of a data folder and their columns, read from ``tables.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["GRADES", "MARK_POINTS", "Column", "Table", "tables"]

# The usual four-point scale: plus and minus are 0.3, A+ counts as A (records.md, "Settled: Marks").
MARK_POINTS = {
    "A+": "4.0", "A": "4.0", "A-": "3.7",
    "B+": "3.3", "B": "3.0", "B-": "2.7",
    "C+": "2.3", "C": "2.0", "C-": "1.7",
    "D+": "1.3", "D": "1.0", "D-": "0.7",
    "F": "0.0",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column: its type, whether it must be there, and the values it may hold.

    Attributes
    ----------
    type : {"id", "text", "code", "year", "date", "bool", "decimal", "int", "mark"}
    required : bool
        The column must be in the table.
    blank : bool
        A cell may be empty.
    codes : tuple of str
        The codes allowed; empty for free text.
    low, high : float or None
        Bounds of a number, inclusive.
    others : {"error", "warning"}
        How bad a code is that is not among ``codes``.
    """

    name: str
    type: str
    required: bool
    blank: bool
    codes: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    others: str = "error"


@dataclass(frozen=True)
class Table:
    """One table: what a row is, its columns and the columns that name a row."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: dict[str, Column]

    @property
    def required(self) -> list[str]:
        return [c.name for c in self.columns.values() if c.required]


@cache
def _file() -> dict:
    return tomllib.loads((Path(__file__).parent / "tables.toml").read_text(encoding="utf-8"))


GRADES: tuple[str, ...] = tuple(_file()["grades"]["codes"])


def _column(name: str, given: dict) -> Column:
    codes = given.get("codes", ())
    optional = given.get("optional", False)
    return Column(
        name=name,
        type=given["type"],
        required=not optional,
        blank=optional or given.get("blank", False),
        codes=GRADES if codes == "grades" else tuple(codes),
        low=given.get("low"),
        high=given.get("high"),
        others=given.get("others", "error"),
    )


@cache
def tables() -> dict[str, Table]:
    """Return every table of a data folder by name, in the order of the contract."""
    return {
        name: Table(
            name=name,
            row=given["row"],
            key=tuple(given["key"]),
            columns={c: _column(c, g) for c, g in given["columns"].items()},
        )
        for name, given in _file().items()
        if name != "grades"
    }
