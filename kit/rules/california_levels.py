"""The California Dashboard's tables: cut points, colour grids, and what each year gives."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from kit.errors import KitError
from kit.rules.assumptions import rule_table
from kit.rules.rounding import Number, half_up

__all__ = ["colour_grids", "colour_level", "cut_points", "level_of", "years_given"]


@cache
def cut_points() -> dict:
    """Return (level, low, high) spans by indicator, kind, part and year."""
    cuts: dict = {}
    for r in rule_table("california_cuts.csv").itertuples():
        span = (
            int(r.level),
            Decimal(r.low) if r.low else Decimal("-Infinity"),
            Decimal(r.high) if r.high else Decimal("Infinity"),
        )
        for year in range(int(r.first_year), int(r.last_year) + 1):
            cuts.setdefault((r.indicator, r.kind, r.part, year), []).append(span)
    return cuts


@cache
def colour_grids() -> dict[tuple[str, str, int, int], int | None]:
    """Return the colour by indicator, kind, status level and change level; None for N/A."""
    cells = {}
    for r in rule_table("california_grids.csv").to_dict("records"):
        for change in range(1, 6):
            cell = r[f"change_{change}"]
            cells[r["indicator"], r["kind"], int(r["status_level"]), change] = None if cell == "NA" else int(cell)
    return cells


@cache
def years_given() -> dict[tuple[int, str], tuple[bool, bool, bool, str]]:
    """Return (status, change, colour, note) by year and indicator; ``*`` for the others."""
    rows = rule_table("california_years.csv").itertuples()
    return {(int(r.year), r.indicator): (r.status == "Y", r.change == "Y", r.colour == "Y", r.note) for r in rows}


def level_of(indicator: str, part: str, value: Number, *, kind: str = "", year: int = 2025) -> int:
    """Return the level, 5 (best) to 1, of a status or a change.

    Parameters
    ----------
    indicator : {"CHRO", "SUSP", "GRAD", "ELPI", "CCI", "ELA", "MATH", "SCIENCE"}
    part : {"status", "change"}
    value : number
        Rounded to one decimal before it is read: cut points have one decimal.
    kind : str
        SUSP: ED, HD, UD, ES, MS, HS (the state's ``type``). ELA and MATH: ``3-8`` or ``11``.
    year : int
        Year of the Dashboard.

    Raises
    ------
    KitError
        Where no cut points are held for the indicator, kind and year.
    """
    spans = cut_points().get((indicator, kind, part, year))
    if spans is None:
        raise KitError(
            f"no {part} cut points for {indicator} {kind} in {year}".replace("  ", " "),
            where="california_cuts.csv",
            mend="Add them with their source; cut points of another year are not assumed.",
        )
    rounded = half_up(value, 1)
    return next(level for level, low, high in spans if low <= rounded <= high)


def colour_level(indicator: str, status_level: int, change_level: int, *, kind: str = "") -> int | None:
    """Return the colour, 5 Blue to 1 Red, of a cell of the grid; None where the state marks it N/A."""
    cell = (indicator, kind, status_level, change_level)
    if cell not in colour_grids():
        raise KitError(f"no colour for {indicator} {kind} at {status_level}, {change_level}", mend="Levels: 1 to 5.")
    return colour_grids()[cell]
