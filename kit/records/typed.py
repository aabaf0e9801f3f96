"""From what a file or database holds to the contract's types, as Ibis expressions: text is trimmed, nothing guessed.

DuckDB has a cast that gives null where it fails. Other engines stop the whole query, or read more into a text than
is in it; there a text is looked at before it is cast, so that the same cell is the same value everywhere.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from kit.records.schema import GRADES, Column

__all__ = ["DECIMAL", "YEARS", "empty", "trimmed", "typed"]

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
# The largest number of each type that is cast to, short of which a cast does not fail.
_BELOW = {"int32": 2.0**31, "int64": 2.0**63, _WHOLE: 1e10, DECIMAL: 1e6}
# Without backslashes, which engines read in different ways.
_NUMBER = "^[+-]?([0-9]{1,40}[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$"
_DATE = "^([0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,4}/[0-9]{1,2}/[0-9]{1,2})([^0-9].*)?$"
_TRUE = ("true", "1", "y", "yes", "t")
_FALSE = ("false", "0", "n", "no", "f")


def empty(column: Column) -> ir.Value:
    """Return the typed null that stands for a column that the file does not have."""
    return ibis.null(IBIS_TYPES[column.type])


def trimmed(value: ir.StringValue, engine: str) -> ir.StringValue:
    """Return a text without the white space around it."""
    # Spark reads the list of white space that Ibis gives it as holding the letters v and f.
    return value.strip() if engine in ("duckdb", "postgres") else value.re_replace(r"^\s+|\s+$", "")


def _text(value: ir.StringValue, engine: str) -> ir.StringValue:
    return trimmed(value, engine).nullif("")


def _cast(value: ir.Value, into: str, engine: str) -> ir.Value:
    """Cast a text or number to a number, null where the cast fails."""
    if engine == "duckdb":
        return value.try_cast(into)
    if value.type().is_string():
        value = ibis.ifelse(value.re_search(_NUMBER), value, ibis.null("string"))
        if engine == "pyspark":
            return value.try_cast(into)
    # NaN and infinity are beyond every bound. A condition within a case is looked at before the cast.
    fits = value.cast("float64").abs() < _BELOW[into]
    return ibis.ifelse(fits, value, ibis.null(value.type())).cast(into)


def _number(value: ir.Value, into: str, engine: str) -> ir.Value:
    """Cast to a number, null where the cast fails; a whole number must be whole."""
    if value.type().is_string():
        value = _cast(_text(value, engine), _WHOLE if into != DECIMAL else DECIMAL, engine)
    if into == DECIMAL:
        return _cast(value, DECIMAL, engine)
    if value.type().is_integer():
        return _cast(value, into, engine)
    whole = _cast(value, into, engine)
    return ibis.ifelse(whole == value, whole, ibis.null(into))


def _date(text: ir.StringValue, engine: str) -> ir.DateValue:
    """Read a date from text: year, month and day in that order, with - or /; a time after it is left out."""
    if engine == "duckdb":
        return text.try_cast("date")
    text = ibis.ifelse(text.re_search(_DATE), text, ibis.null("string"))
    year = text.re_extract("^([0-9]+)", 1).cast("int32")
    month = text.re_extract("^[0-9]+[-/]([0-9]+)", 1).cast("int32")
    day = text.re_extract("^[0-9]+[-/][0-9]+[-/]([0-9]+)", 1).cast("int32")
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = ibis.cases((month == 2, ibis.ifelse(leap, 29, 28)), (month.isin((4, 6, 9, 11)), 30), else_=31)
    there = (year >= 1) & month.between(1, 12) & (day >= 1) & (day <= last)
    return ibis.ifelse(there, ibis.date(year, month, day), ibis.null("date"))


def _day(value: ir.Value, engine: str) -> ir.DateValue:
    day = value.cast("date")
    if engine != "postgres":
        return day
    # PostgreSQL has the days infinity and -infinity: «to this day» for an exit date, which is an empty cell here.
    return ibis.ifelse(day.between(ibis.date(1, 1, 1), ibis.date(9999, 12, 31)), day, ibis.null("date"))


def _whole_text(value: ir.Value, engine: str) -> ir.StringValue:
    """Write an id that a spreadsheet made a number without its decimals."""
    if value.type().is_floating():
        whole = _cast(value, "int64", engine)
        return ibis.ifelse(whole == value, whole.cast("string"), value.cast("string"))
    return value.cast("string")


def typed(value: ir.Value, column: Column, *, loose: bool, engine: str = "duckdb") -> ir.Value:
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
    engine : str
        Ibis's name of the engine that will run it.
    """
    kind = column.type
    if kind in ("id", "text"):
        if value.type().is_string():
            if loose or kind == "text":
                return _text(value, engine)
            return value if engine == "duckdb" else value.nullif("")
        return _whole_text(value, engine)
    if kind == "code":
        word = value if value.type().is_string() else _whole_text(value, engine)
        if column.codes == GRADES:
            grade = _text(word, engine).upper()
            return ibis.ifelse(grade.re_search("^0+[1-9]"), grade.re_replace("^0+", ""), grade)
        return _text(word, engine).lower()
    if kind == "mark":
        return _text(value.cast("string"), engine).upper().replace("−", "-")
    if kind == "year":
        year = _number(value, "int32", engine)
        return ibis.ifelse(year.between(*YEARS), year, ibis.null("int32"))
    if kind == "int":
        return _number(value, "int32", engine)
    if kind == "decimal":
        return _number(value, DECIMAL, engine)
    if kind == "date":
        if value.type().is_string():
            return _date(_text(value, engine), engine)
        return _day(value, engine) if value.type().is_date() or value.type().is_timestamp() else ibis.null("date")
    if value.type().is_boolean():
        return value
    if value.type().is_string():
        word = _text(value, engine).lower()
        return ibis.cases((word.isin(_TRUE), True), (word.isin(_FALSE), False), else_=ibis.null("boolean"))
    return ibis.cases((value == 1, True), (value == 0, False), else_=ibis.null("boolean"))
