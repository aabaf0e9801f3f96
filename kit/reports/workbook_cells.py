"""The cells of a workbook's tables: a text, a number with its form, or the word for what is withheld."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kit.language import _
from kit.measures.registry import Measure
from kit.privacy import shown_as

__all__ = [
    "Number",
    "Sheet",
    "count_cell",
    "difference_cell",
    "direction_word",
    "row_cells",
    "unit_word",
    "value_cell",
]


@dataclass(frozen=True)
class Number:
    """A number and how it is written: a measure's scale, ``difference``, ``count`` or ``whole``."""

    value: float
    form: str


@dataclass(frozen=True)
class Sheet:
    """One sheet: a table with named columns, or text in two columns where ``columns`` is empty.

    A cell is text, a :class:`Number`, or None where there is nothing.
    """

    name: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | Number | None, ...], ...]


def row_cells(row: Mapping, m: Measure) -> tuple:
    """Value, counted and, of a rate, how many of them."""
    of_them = None if row["count"] is None else Number(row["count"], "count")
    return value_cell(row, m), count_cell(row), of_them if row["status"] == "shown" else _("withheld")


def value_cell(row: Mapping | None, m: Measure) -> str | Number | None:
    """The value, or why there is none."""
    if row is None:
        return None
    if row["status"] == "banded":
        return shown_as(row, m.id)
    if row["status"] != "shown":
        return _("withheld")
    return None if row["value"] is None else Number(row["value"], m.scale)


def count_cell(row: Mapping | None) -> str | Number | None:
    """How many the value rests on, or that it is withheld."""
    if row is None:
        return None
    if row["status"] != "shown":
        return _("withheld")
    return None if row["n"] is None else Number(row["n"], "count")


def difference_cell(value: float | None) -> Number | None:
    """A difference with its sign; nothing where there is none."""
    return None if value is None else Number(value, "difference")


def direction_word(m: Measure) -> str:
    """Which way is better, in a word."""
    return _("lower") if m.better == "down" else _("higher")


def unit_word(m: Measure) -> str:
    """What the values are, in words."""
    if m.scale == "points":
        return _("grade points")
    return _("percentile") if m.scale == "percentile" else _("percent")
