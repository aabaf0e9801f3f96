"""From a results table to the rows that stay: what is small, what is banded, what must go with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.disclosure.bands import band_limits
from kit.disclosure.protect import FREE, Problem, protect
from kit.disclosure.relations import Relations, build_relations, same_numbers, same_students

__all__ = ["Choice", "choose_rows", "count_problem", "number_problem"]

# What a withheld row costs, as a factor of log(1 + n): a district stands for many schools, all students for
# every group. No source: a choice of this kit.
LEVEL_COST = {"school": 1.0, "district": 4.0, "network": 12.0}
ALL_STUDENTS_COST = 10.0
# California gives no colour to groups below 30 (rules.md §2); where a profile has no bands, 0 % and 100 % of
# groups below it are withheld from the public. The use of 30 here is a choice of this kit.
UNANIMOUS_BELOW = 30


@dataclass(frozen=True)
class Choice:
    """What happens to each row of a results table.

    Attributes
    ----------
    primary, complementary, banded : ndarray of bool
        Withheld because small (or, for the public, unanimous); withheld to protect others; shown as a band.
    low, high : ndarray of float
        Percent bounds of the banded rows.
    """

    primary: np.ndarray
    complementary: np.ndarray
    banded: np.ndarray
    low: np.ndarray
    high: np.ndarray


def choose_rows(
    results: pd.DataFrame,
    *,
    public: bool,
    minimum: int,
    schools: pd.DataFrame | None,
    profile: str,
    near: int,
    spread: int,
    programs: int,
) -> Choice:
    """Choose the rows to withhold or to band.

    Parameters
    ----------
    results : DataFrame
        The results table with a 0-based index.
    public : bool
        Band what tells about nearly every student of a group.
    minimum, near, spread : int
        See :func:`kit.privacy.release`.
    schools : DataFrame or None
    profile : str
    programs : int
        See :func:`kit.privacy.release`.
    """
    n = results["n"].fillna(0).to_numpy(dtype=np.int64)
    small = n < minimum
    low, high, unanimous = _bands(results, n, small, profile) if public else _no_bands(len(n))
    banded = ~np.isnan(low)
    rels = build_relations(results, schools, minimum)
    primary = small | unanimous
    problem, cells = number_problem(results, rels, primary, minimum=minimum, near=near, spread=spread)
    hidden = protect(problem, programs=programs).hidden[cells]
    rules = {"minimum": minimum, "public": public}
    problem, settled = count_problem(results, rels, primary, hidden, low, high, **rules), None
    while problem is not None:
        away = protect(problem, programs=programs, settled=settled).hidden
        again = count_problem(results, rels, primary, hidden, low, high, **rules, away=away)
        # What a group at 0 % says of its parts is said no more once that group is withheld itself.
        if not (again.spread > problem.spread).any():
            known = results["count"].notna().to_numpy()
            hidden |= away[: len(n)] & ~banded & known
            break
        # Withholding more never narrows what was wide enough.
        settled, problem = problem.spread > 0, again
    banded &= ~hidden
    low[~banded] = high[~banded] = np.nan
    return Choice(primary, hidden & ~primary, banded, low, high)


def _no_bands(size: int):
    return np.full(size, np.nan), np.full(size, np.nan), np.zeros(size, bool)


def _bands(results: pd.DataFrame, n: np.ndarray, small: np.ndarray, profile: str):
    from kit.measures.registry import measures

    rates = {m for m, d in measures().items() if d.unit == "percent"}
    rate = (results["count"].notna() | results["measure"].isin(rates)).to_numpy() & ~small
    bottom, top = band_limits(n, profile)
    value = results["value"].to_numpy(dtype=float)
    count = results["count"].fillna(-1).to_numpy(dtype=np.int64)
    # Whole numbers where there are any: 2 of 40 is exactly 5 %.
    at_top = np.where(count >= 0, 100 * count >= top * n, value >= top) & rate
    at_bottom = np.where(count >= 0, 100 * count <= bottom * n, value <= bottom) & rate & ~at_top
    low, high, unanimous = _no_bands(len(n))
    low[at_bottom], high[at_bottom] = 0.0, bottom[at_bottom]
    low[at_top], high[at_top] = top[at_top], 100.0
    if (bottom < 0).any():
        extreme = np.where(count >= 0, (count == 0) | (count == n), (value == 0) | (value == 100)) & rate
        unanimous = extreme & (bottom < 0) & (n < UNANIMOUS_BELOW)
    return low, high, unanimous


def _costs(results: pd.DataFrame, n: np.ndarray) -> np.ndarray:
    level = results["unit_type"].map(LEVEL_COST).fillna(1.0).to_numpy(dtype=float)
    whole = ((results["student_group"] == "all") & (results["grade"] == "all")).to_numpy()
    return np.log1p(n) * level * np.where(whole, ALL_STUDENTS_COST, 1.0)


def number_problem(results, rels: Relations, primary, *, minimum, near, spread) -> tuple[Problem, np.ndarray]:
    """State the problem of keeping every small ``n`` unknown, with only the small rows withheld.

    Measures that count the same students are withheld alike.

    Returns
    -------
    problem : Problem
    cells : ndarray of int
        The cell of each row; rows whose numbers are the same by definition share one.
    """
    n = results["n"].fillna(0).to_numpy(dtype=np.int64)
    alike, near_to = same_numbers(results), same_students(results, near)
    size = int(alike.max()) + 1 if len(alike) else 0
    ties = int(near_to.max()) + 1 if len(near_to) else 0
    extra = len(rels.implicit["n"])
    value, tie = np.zeros(size, np.int64), np.zeros(size, np.int64)
    value[alike], tie[alike] = n, near_to
    small_tie = np.zeros(ties, bool)
    small_tie[near_to[primary]] = True
    must = np.concatenate([small_tie[tie], np.ones(extra, bool)])
    value = np.concatenate([value, rels.implicit["n"]])
    cell = np.concatenate([alike, size + np.arange(extra)])[rels.cell]
    rel, cell, part = _without_doubles(rels.rel, cell, rels.part, size, value, minimum)
    implicit = np.arange(size + extra) >= size
    # Only what is small needs its number kept; the rest is withheld to keep it.
    secret = must & (value > 0) & (value < minimum)
    problem = Problem(
        value=value,
        # A row that exists has a student; an implicit cell may be empty; a source may have withheld n itself.
        lower=np.where(implicit | (value == 0), 0, 1),
        upper=np.full(size + extra, FREE, np.int64),
        cost=np.concatenate([np.bincount(alike, _costs(results, n), size), np.zeros(extra)]),
        hidden=must.copy(),
        keep=must,
        spread=np.where(secret, spread, 0),
        tie=np.concatenate([tie, ties + np.arange(extra)]),
        rel=rel,
        cell=cell,
        part=part,
        minimum=minimum,
    )
    return problem, alike


def _without_doubles(rel, cell, part, size, value, minimum):
    """Keep one of the sums that several measures share: the same cells and the same remainder."""
    if not len(rel):
        return rel, cell, part
    mark = np.random.default_rng(11).integers(1, 2**62, size=(2, size + minimum + 1), dtype=np.uint64)
    # What is missing from a sum counts by its size only, up to the minimum.
    like = np.where(cell < size, cell, size + np.minimum(value[cell], minimum))
    rels = rel.max() + 1
    name = np.zeros(rels, np.uint64)
    with np.errstate(over="ignore"):
        np.add.at(name, rel, np.where(part, mark[0][like], mark[1][like]))
    first = np.unique(name, return_index=True)[1]
    kept = np.full(rels, -1)
    kept[first] = np.arange(len(first))
    at = kept[rel] >= 0
    return kept[rel[at]], cell[at], part[at]


def count_problem(
    results, rels: Relations, primary, withheld, low, high, *, minimum, public, away=None
) -> Problem | None:
    """State the problem of keeping the counts of small and of banded rows unknown, measure by measure.

    The attacker is taken to know every ``n``.

    Parameters
    ----------
    primary, withheld : ndarray of bool
        Rows too small to show; rows withheld in all, without the banded ones.
    low, high : ndarray of float
        Percent bounds of the banded rows, empty elsewhere.
    away : ndarray of bool, optional
        Cells withheld, if more than these.

    Returns
    -------
    Problem or None
        None where nothing is withheld from any sum.
    """
    known = results["count"].notna().to_numpy()
    n = results["n"].fillna(0).to_numpy(dtype=np.int64)
    count = results["count"].fillna(0).to_numpy(dtype=np.int64)
    banded = ~np.isnan(low)
    rest = rels.implicit["n"]
    totals = np.zeros(rels.rel.max() + 1 if len(rels.rel) else 0, bool)
    totals[rels.rel[~rels.part]] = known[rels.cell[~rels.part]]
    at = totals[rels.rel] if len(rels.rel) else np.array([], bool)
    rel, cell, part = rels.rel[at], rels.cell[at], rels.part[at]
    if away is None:
        away = np.concatenate([withheld | banded | ~known, np.ones(len(rest), bool)])
    if not away[cell].any():
        return None
    value = np.concatenate([count, rels.implicit["count"]])
    whole = np.concatenate([n, rest])
    upper, lower = whole.copy(), np.zeros(len(whole), np.int64)
    bottom = np.flatnonzero(banded & (low == 0))
    upper[bottom] = np.floor(high[bottom] * n[bottom] / 100 + 1e-9)
    top = np.flatnonzero(banded & (low > 0))
    lower[top] = np.ceil(low[top] * n[top] / 100 - 1e-9)
    upper, lower = np.maximum(upper, value), np.minimum(lower, value)
    # A remainder too small to show; and for the public one that is wholly 0 % or 100 %.
    tell = rest < minimum
    if public:
        tell |= (rels.implicit["count"] == 0) | (rels.implicit["count"] == rest)
    secret = np.concatenate([(primary | banded) & known, tell]) & (upper > lower)
    secret &= ~_said_of_all(rel, cell, part, value, whole, away)
    return Problem(
        value=value,
        lower=lower,
        upper=upper,
        cost=np.concatenate([_costs(results, n), np.zeros(len(rest))]),
        hidden=away.copy(),
        keep=away,
        spread=secret.astype(np.int64),
        tie=np.arange(len(whole)),
        rel=rel,
        cell=cell,
        part=part,
    )


def _said_of_all(rel, cell, part, value, n, away) -> np.ndarray:
    """Mark the cells at 0 % or 100 % inside a shown group at 0 % or 100 %, which says it of all."""
    none = (value == 0) & ~away
    every = (value == n) & ~away
    total = np.zeros(rel.max() + 1, np.int64)
    total[rel[~part]] = cell[~part]
    child, parent = cell[part], total[rel[part]]
    for _ in range(4):  # network, district, school, all students, group
        none[child[(none[parent]) & (value[child] == 0)]] = True
        every[child[(every[parent]) & (value[child] == n[child])]] = True
    return none | every
