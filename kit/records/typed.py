"""From what a file holds to the contract's types, as Ibis expressions: text is trimmed, nothing is guessed."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.records.schema import GRADES, Column

__all__ = ["DECIMAL", "YEARS", "empty", "typed"]

# Wide enough to hold a portion of a day as it was written; sums are exact (records.md, "Attendance").
DECIMAL = "decimal(18, 12)"
# Wide enough for every int32; DuckDB reads text into a decimal of more than 18 digits 200 times more slowly.
_WHOLE = "decimal(18, 8)"
# 20252026 is no school year, and has no 30 June that a database could hold.
YEARS = (1900, 2200)

IBIS_TYPES = {
    "id": "string",
    "text": "string",
    "code": "string",
    "mark": "string",
    "year": "int32",
    "int": "int32",
    "date": "date",
    "bool": "boolean",
    "decimal": DECIMAL,
}
_TRUE = ("true", "1", "y", "yes", "t")
_FALSE = ("false", "0", "n", "no", "f")


def empty(column: Column) -> ir.Value:
    """Return the typed null that stands for a column that the file does not have."""
    return ibis.null(IBIS_TYPES[column.type])


def _text(value: ir.StringValue) -> ir.StringValue:
    return value.strip().nullif("")


def _number(value: ir.Value, into: str) -> ir.Value:
    """Cast to a number, null where the cast fails; a whole number must be whole."""
    if value.type().is_string():
        value = _text(value).try_cast(_WHOLE if into != DECIMAL else DECIMAL)
    if into == DECIMAL:
        return value.try_cast(DECIMAL)
    if value.type().is_integer():
        return value.try_cast(into)
    whole = value.try_cast(into)
    return ibis.ifelse(whole == value, whole, ibis.null(into))


def _whole_text(value: ir.Value) -> ir.StringValue:
    """Write an id that a spreadsheet made a number without its decimals."""
    if value.type().is_floating():
        whole = value.try_cast("int64")
        return ibis.ifelse(whole == value, whole.cast("string"), value.cast("string"))
    return value.cast("string")


def typed(value: ir.Value, column: Column, *, loose: bool) -> ir.Value:
    """Return a raw column as the contract's type; what does not fit becomes null.

    Parameters
    ----------
    value : ibis value
        The raw column.
    column : Column
        What the contract says of it.
    loose : bool
        The file is text typed by people (CSV, XLSX): ids are trimmed. In Parquet files and databases they are
        taken as they are. Codes may be in capitals and grades may have leading zeros anywhere.
    """
    kind = column.type
    if kind in ("id", "text"):
        if value.type().is_string():
            return _text(value) if loose or kind == "text" else value
        return _whole_text(value)
    if kind == "code":
        word = value if value.type().is_string() else _whole_text(value)
        if column.codes == GRADES:
            return _text(word).upper().re_replace("^0+([1-9])", r"\1")
        return _text(word).lower()
    if kind == "mark":
        return _text(value.cast("string")).upper().replace("−", "-")
    if kind == "year":
        year = _number(value, "int32")
        return ibis.ifelse(year.between(*YEARS), year, ibis.null("int32"))
    if kind == "int":
        return _number(value, "int32")
    if kind == "decimal":
        return _number(value, DECIMAL)
    if kind == "date":
        if value.type().is_string():
            return _text(value).try_cast("date")
        return value.cast("date") if value.type().is_date() or value.type().is_timestamp() else ibis.null("date")
    if value.type().is_boolean():
        return value
    if value.type().is_string():
        word = _text(value).lower()
        return ibis.cases((word.isin(_TRUE), True), (word.isin(_FALSE), False), else_=ibis.null("boolean"))
    return ibis.cases((value == 1, True), (value == 0, False), else_=ibis.null("boolean"))
