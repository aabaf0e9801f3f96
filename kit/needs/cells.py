"""Texts in a spreadsheet's cells: always text, whatever they look like, and read back as they were written."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell

__all__ = ["as_written", "put"]

# Excel reads _x0041_ in a text as the letter A; its own way to write the underscore that begins such is _x005F_.
_BEGINS_CODE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_WRITTEN = re.compile(r"_x005F_|_x000D_\n?")
# What a cell holds at most.
_MOST = 32_767


def put(cell: Cell, value: Any) -> Cell:
    """Write a value; a text is never a formula, here or when the cell is edited later."""
    if not isinstance(value, str):
        cell.value = value
        return cell
    cell._value = _BEGINS_CODE.sub("_x005F_", ILLEGAL_CHARACTERS_RE.sub("", value))[:_MOST]
    cell.data_type = "s"
    if value.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
    return cell


def as_written(value: Any) -> Any:
    """Return what stands in a cell, as it was typed."""
    if not isinstance(value, str):
        return value
    return _WRITTEN.sub(lambda m: "_" if m[0] == "_x005F_" else "\n", value)
