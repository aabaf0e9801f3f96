"""School years and their days."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

__all__ = ["school_year_of", "year_end"]


def school_year_of(day: ir.DateValue) -> ir.IntegerValue:
    """Return the school year of a day: July begins a new one (records.md, "Settled: Days and spells")."""
    return (day.year() + ibis.ifelse(day.month() >= 7, 1, 0)).cast("int32")


def year_end(school_year: ir.IntegerValue) -> ir.DateValue:
    """Return 30 June of the school year."""
    return ibis.date(school_year, 6, 30)
