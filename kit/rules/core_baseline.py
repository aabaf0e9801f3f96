"""CORE's cut points: made from a baseline year and kept, so that every school can rise."""

from __future__ import annotations

import os
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

import pandas as pd

from kit.errors import Fault, InputError, KitError
from kit.measures.registry import measure as measure_definition
from kit.rules.assumptions import assumed, assumption_texts, rule_file
from kit.rules.rounding import exact

__all__ = ["CUT_COLUMNS", "TOP", "make_baseline", "read_baseline", "school_rows", "write_baseline"]

FILE = "core.toml"
CUT_COLUMNS = ("school_level", "measure", "level", "cut", "schools", "baseline_year", "source")
TOP = rule_file(FILE)["levels"]["top"]
HUNDREDTHS = 10 ** rule_file(FILE)["baseline"]["cut_decimals"]


def school_rows(results: pd.DataFrame, schools: pd.DataFrame, school_year: int | None) -> pd.DataFrame:
    """Return the results of whole schools with ``school_level`` and the value as the counts give it."""
    for column in ("school_id", "level"):
        if column not in schools:
            raise KitError(f"column '{column}' is missing", where="schools", mend="Pass the table of schools.")
    rows = results[(results["unit_type"] == "school") & (results["grade"] == "all")]
    if school_year is not None:
        rows = rows[rows["school_year"] == school_year]
    school_level = schools.drop_duplicates("school_id").set_index("school_id")["level"]
    rows = rows.assign(school_level=rows["unit_id"].map(school_level))
    counted = rows["count"].notna() & (rows["n"] > 0)
    # 100·count is whole, so the one division gives the float nearest to the rate (29 of 100 is 29).
    quotient = 100 * rows["count"].astype("float64") / rows["n"].astype("float64")
    return rows.assign(value=rows["value"].where(~counted, quotient).astype("float64"))


def _cut_of(row: pd.Series, better: str) -> float:
    exact_value = (
        Fraction(100 * int(row["count"]), int(row["n"])) if pd.notna(row["count"]) else exact(float(row["value"]))
    )
    units = exact_value * HUNDREDTHS
    return (floor(units) if better == "up" else ceil(units)) / HUNDREDTHS


def make_baseline(
    results: pd.DataFrame, schools: pd.DataFrame, *, school_year: int, minimum_n: int | None = None
) -> pd.DataFrame:
    """Make the cut points of levels 2 to 10 from a year's results.

    Parameters
    ----------
    results : DataFrame
        The results table.
    schools : DataFrame
        ``school_id`` and ``level``.
    school_year : int
        The baseline year.
    minimum_n : int, optional
        Schools with fewer students on a measure are left out (default 20).

    Returns
    -------
    DataFrame
        ``school_level``, ``measure``, ``level`` (2 to 10), ``cut`` (the value at which the level begins, in
        the measure's unit), ``schools``, ``baseline_year``, ``source``. Growth measures have their own map
        and no rows. ``attrs["assumptions"]`` holds the lines to print, ``attrs["left_out"]`` the measures
        with too few schools.

    Raises
    ------
    KitError
        Where the year has no school with enough students.
    """
    least = rule_file(FILE)["index"]["minimum_n"] if minimum_n is None else minimum_n
    fewest = rule_file(FILE)["baseline"]["minimum_schools"]
    rows = school_rows(results, schools, school_year)
    rows = rows[(rows["student_group"] == "all") & (rows["n"] >= least) & rows["value"].notna()]
    if rows.empty:
        raise KitError(f"no school has {least} students on any measure in {school_year}", mend="Choose another year.")
    cuts, left_out = [], []
    for (school_level, name), part in rows.groupby(["school_level", "measure"], sort=True):
        definition = measure_definition(name)
        if definition.unit == "percentile":
            continue
        if len(part) < fewest:
            left_out.append(f"{name}, {school_level}: {len(part)} schools")
            continue
        ordered = part.sort_values("value", ascending=definition.better == "up", kind="stable")
        for lv in range(2, TOP + 1):
            start = ordered.iloc[(lv - 1) * len(part) // TOP]
            cut = _cut_of(start, definition.better)
            cuts.append((school_level, name, lv, cut, len(part), school_year, f"tenths of {len(part)} schools"))
    table = pd.DataFrame(cuts, columns=list(CUT_COLUMNS))
    table.attrs["assumptions"] = assumption_texts(assumed(FILE, "deciles", "cut-rounding", "same-cuts", "few-schools"))
    table.attrs["left_out"] = left_out
    return table


def write_baseline(cuts: pd.DataFrame, path: str | Path) -> Path:
    """Write cut points as CSV: beside first, then in place, so that nothing is half written."""
    path = Path(path)
    beside = path.with_name(path.name + ".part")
    cuts[list(CUT_COLUMNS)].to_csv(beside, index=False, lineterminator="\n")
    os.replace(beside, path)
    return path


def read_baseline(path: str | Path) -> pd.DataFrame:
    """Read cut points from CSV.

    Raises
    ------
    InputError
        With every fault: columns, levels outside 2 to 10, cut points that do not rise with the level.
    """
    path = Path(path)
    if not path.exists():
        raise KitError("no such file", where=str(path), mend="Make it with `kit levels baseline`.")
    table = pd.read_csv(path, dtype={"school_level": str, "measure": str, "source": str})
    faults = [
        Fault(
            "error",
            path.name,
            "the column is missing",
            "Add it.",
            column=c,
            rule="missing-column",
            stops=True,
        )
        for c in CUT_COLUMNS
        if c not in table
    ]
    if not faults:
        cut = pd.to_numeric(table["cut"], errors="coerce")
        for i in table.index[cut.isna()]:
            faults.append(Fault("error", path.name, "no number", "Give the cut point.", row=i + 2, column="cut"))
        table["cut"] = cut
        for (school_level, name), part in table.groupby(["school_level", "measure"]):
            where = f"{name}, {school_level}"
            if sorted(part["level"]) != list(range(2, TOP + 1)):
                faults.append(Fault("error", path.name, f"{where}: levels are not 2 to {TOP}", "Give each once."))
                continue
            steps = part.sort_values("level")["cut"].diff().dropna()
            if (steps < 0).any() if measure_definition(name).better == "up" else (steps > 0).any():
                faults.append(
                    Fault("error", path.name, f"{where}: cut points go back", "A better level, a better cut.")
                )
    if faults:
        raise InputError(faults, path.name)
    return table[list(CUT_COLUMNS)]
