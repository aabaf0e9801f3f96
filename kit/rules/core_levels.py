"""CORE's levels 1 to 10, read on the cut points of a baseline year, and the way to the next ones."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np
import pandas as pd

from kit.errors import KitError
from kit.measures.registry import measure as measure_definition
from kit.rules.assumptions import assumed, assumption_texts, rule_file
from kit.rules.core_baseline import TOP, school_rows
from kit.rules.rounding import Number, exact

__all__ = [
    "NextLevel",
    "band",
    "growth_level",
    "level",
    "levels",
    "next_levels",
    "students_to_next_levels",
]

FILE = "core.toml"


def growth_level(percentile: Number) -> int:
    """Return the level of a growth percentile: 0–9 is 1, 10–19 is 2, … 90–100 is 10 (CORE slides, 2016)."""
    p = exact(percentile)
    if not 0 <= p <= 100:
        raise KitError(f"{percentile} is not a percentile", mend="0 to 100.")
    return min(TOP, int(p // 10) + 1)


def band(lv: int) -> str:
    """Return ``above average`` (8 to 10), ``average`` (4 to 7) or ``below average`` (1 to 3)."""
    if not 1 <= lv <= TOP:
        raise KitError(f"{lv} is not a level", mend=f"1 to {TOP}.")
    return next(b["name"] for b in rule_file(FILE)["levels"]["bands"] if lv >= b["at_least"])


def _cuts_for(cuts: pd.DataFrame, name: str, school_level: str | None) -> list[Fraction]:
    part = cuts[cuts["measure"] == name]
    if school_level is not None:
        part = part[part["school_level"] == school_level]
    if part["school_level"].nunique() > 1:
        raise KitError(f"cut points of several school levels for {name}", mend="Pass those of one school level.")
    if len(part) != TOP - 1:
        raise KitError(
            f"no cut points for {name} at school level '{school_level or ''}'",
            mend="Make a baseline from a year with at least ten such schools, or give the cut points.",
        )
    return [exact(float(c)) for c in part.sort_values("level")["cut"]]


def level(measure: str, school_level: str, value: Number, cuts: pd.DataFrame) -> int:
    """Return the level, 1 to 10, of one value; growth measures have their own map.

    Parameters
    ----------
    measure, school_level : str
    value : number
        In the measure's unit: percent, points or percentile. An exact fraction where one is at hand.
    cuts : DataFrame
        See :func:`make_baseline`.

    Raises
    ------
    KitError
        Where no cut points are held.
    """
    definition = measure_definition(measure)
    if definition.unit == "percentile":
        return growth_level(value)
    v = exact(value)
    return 1 + sum(v >= c if definition.better == "up" else v <= c for c in _cuts_for(cuts, measure, school_level))


def levels(
    results: pd.DataFrame, schools: pd.DataFrame, cuts: pd.DataFrame, *, school_year: int | None = None
) -> pd.DataFrame:
    """Return the results of schools (every group, all grades) with ``school_level``, ``level`` and ``band``.

    The level is missing where no cut points are held. No minimum of students is applied here.
    ``attrs["assumptions"]`` holds the lines to print.
    """
    rows = school_rows(results, schools, school_year)
    got = np.full(len(rows), np.nan)
    tables = {k: p.sort_values("level")["cut"].to_numpy() for k, p in cuts.groupby(["school_level", "measure"])}
    value = rows["value"].to_numpy()
    for (school_level, name), at in rows.groupby(["school_level", "measure"]).indices.items():
        definition, v = measure_definition(name), value[at]
        if definition.unit == "percentile":
            lv = np.minimum(TOP, np.floor_divide(v, 10) + 1)
        elif (school_level, name) in tables:
            sign = 1 if definition.better == "up" else -1
            lv = 1.0 + np.searchsorted(sign * tables[school_level, name], sign * v, side="right")
        else:
            continue
        got[at] = np.where(np.isnan(v), np.nan, lv)
    bands = {lv: band(lv) for lv in range(1, TOP + 1)}
    out = rows.assign(level=pd.array(got, dtype="Float64").astype("Int64"))
    out["band"] = out["level"].map(bands)
    out = out.reset_index(drop=True)
    out.attrs["assumptions"] = assumption_texts(assumed(FILE, "deciles", "cut-rounding", "same-cuts", "growth-whole"))
    return out


@dataclass(frozen=True)
class NextLevel:
    """A level above, the count that reaches it, and how many students' status would have to change."""

    level: int
    count: int
    students: int


def students_to_next_levels(
    n: int, count: int, measure: str, cuts: pd.DataFrame, steps: int = 3, *, school_level: str | None = None
) -> tuple[NextLevel, ...]:
    """Return the fewest students whose status would have to change to reach the next levels.

    Parameters
    ----------
    n, count : int
        Denominator, which stays, and numerator.
    measure : str
        A rate. For chronic absence and suspension the count has to fall.
    cuts : DataFrame
        Cut points of one school level, or of several with ``school_level``.
    steps : int
        How many levels up; fewer come back near the top, none at level 10.

    Returns
    -------
    tuple of NextLevel
        Where two levels begin at one cut point, both take the same students.
    """
    definition = measure_definition(measure)
    if definition.unit != "percent":
        raise KitError(
            f"{measure} is no share of students",
            mend="Only rates have a number of students to the next level.",
        )
    if not 0 <= count <= n or n == 0:
        raise KitError(f"{count} of {n} students", mend="0 ≤ count ≤ n, at least one student.")
    begins = _cuts_for(cuts, measure, school_level)
    if definition.better == "up":
        needed = [ceil(c * n / 100) for c in begins]
        now = 1 + sum(count >= k for k in needed)
    else:
        needed = [floor(c * n / 100) for c in begins]
        now = 1 + sum(count <= k for k in needed)
    ahead = range(now + 1, min(now + steps, TOP) + 1)
    return tuple(NextLevel(lv, needed[lv - 2], abs(needed[lv - 2] - count)) for lv in ahead)


def next_levels(levelled: pd.DataFrame, cuts: pd.DataFrame, steps: int = 3) -> pd.DataFrame:
    """Return rows of :func:`levels` with the students to the next one, two, three levels.

    In ``to_next_1`` … ``to_next_3``; missing for measures that are no rates, without cut points, and above
    level 10.
    """
    out = np.full((len(levelled), steps), np.nan)
    usable = (levelled["count"].notna() & (levelled["n"] > 0)).to_numpy(dtype=bool)
    n_all, count_all = (levelled[c].fillna(0).to_numpy(dtype="int64") for c in ("n", "count"))
    held = set(zip(cuts["school_level"], cuts["measure"], strict=True))
    for (school_level, name), at in levelled.groupby(["school_level", "measure"]).indices.items():
        definition, at = measure_definition(name), at[usable[at]]
        if (school_level, name) not in held or definition.unit != "percent" or not len(at):
            continue
        n, count = n_all[at], count_all[at]
        begins = _cuts_for(cuts, name, school_level)
        if definition.better == "up":
            needed = np.array([-(-c.numerator * n // (100 * c.denominator)) for c in begins])
            now = 1 + (count >= needed).sum(axis=0)
        else:
            needed = np.array([c.numerator * n // (100 * c.denominator) for c in begins])
            now = 1 + (count <= needed).sum(axis=0)
        for step in range(steps):
            ahead = now + step + 1 <= TOP
            row = np.minimum(now + step + 1, TOP) - 2
            students = abs(needed[row, np.arange(len(at))] - count)
            out[at, step] = np.where(ahead, students, np.nan)
    names = [f"to_next_{s}" for s in range(1, steps + 1)]
    added = pd.DataFrame(out, columns=names, index=levelled.index).astype("Int64")
    return pd.concat([levelled, added], axis=1)
