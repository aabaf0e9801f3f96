"""From a results table to the rows that stay: what is small, what is banded, what must go with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.disclosure.bands import band_limits
from kit.disclosure.protect import FREE, Problem, protect
from kit.disclosure.relations import Relations, build_relations, same_numbers, same_students

__all__ = ["Choice", "choose_rows"]

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
    cost = _costs(results, n)
    hidden = _hide_numbers(results, rels, n, small | unanimous, cost, minimum, near, spread, programs)
    hidden = _hide_counts(
        results, rels, n, small | unanimous, hidden, banded, low, high, cost, minimum, public, programs
    )
    primary = small | unanimous
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


def _hide_numbers(results, rels: Relations, n, primary, cost, minimum, near, spread, programs) -> np.ndarray:
    """Choose the rows whose ``n`` must go, alike for every measure that counts the same students."""
    alike = same_numbers(results)
    near_to = same_students(results, near)
    size = int(alike.max()) + 1 if len(alike) else 0
    value = np.zeros(size, np.int64)
    value[alike] = n
    tie = np.zeros(size, np.int64)
    tie[alike] = near_to
    ties = int(near_to.max()) + 1 if len(near_to) else 0
    must = np.zeros(size, bool)
    small_tie = np.zeros(ties, bool)
    small_tie[near_to[primary]] = True
    must |= small_tie[tie]
    extra = len(rels.implicit["n"])
    value = np.concatenate([value, rels.implicit["n"]])
    cell = np.concatenate([alike, size + np.arange(extra)])[rels.cell]
    rel, cell, part = _without_doubles(rels.rel, cell, rels.part, size, value, minimum)
    implicit = np.arange(len(value)) >= size
    must = np.concatenate([must, np.ones(extra, bool)])
    # Only what is small needs its number kept; the rest is withheld to keep it.
    secret = must & (value > 0) & (value < minimum)
    problem = Problem(
        value=value,
        # A row that exists has a student; an implicit cell may be empty; a source may have withheld n itself.
        lower=np.where(implicit | (value == 0), 0, 1),
        upper=np.full(len(value), FREE, np.int64),
        cost=np.concatenate([np.bincount(alike, cost, size), np.zeros(extra)]),
        hidden=must.copy(),
        keep=must,
        spread=np.where(secret, spread, 0),
        tie=np.concatenate([tie, ties + np.arange(extra)]),
        rel=rel,
        cell=cell,
        part=part,
        minimum=minimum,
    )
    return protect(problem, programs=programs).hidden[:size][alike]


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


def _hide_counts(
    results, rels: Relations, n, primary, hidden, banded, low, high, cost, minimum, public, programs
) -> np.ndarray:
    """Withhold what more is needed so that no withheld count can be worked out, measure by measure."""
    known = results["count"].notna().to_numpy()
    count = results["count"].fillna(0).to_numpy(dtype=np.int64)
    size, extra = len(n), len(rels.implicit["n"])
    totals = np.zeros(rels.rel.max() + 1 if len(rels.rel) else 0, bool)
    totals[rels.rel[~rels.part]] = known[rels.cell[~rels.part]]
    at = totals[rels.rel] if len(rels.rel) else np.array([], bool)
    rel, cell, part = rels.rel[at], rels.cell[at], rels.part[at]
    away = np.concatenate([hidden | banded | ~known, np.ones(extra, bool)])
    busy = np.bincount(rel, away[cell], len(totals)) > 0
    if not busy.any():
        return hidden
    value = np.concatenate([count, rels.implicit["count"]])
    upper = np.concatenate([n, rels.implicit["n"]])
    lower = np.zeros(size + extra, np.int64)
    bottom = np.flatnonzero(banded & (low == 0))
    upper[bottom] = np.floor(high[bottom] * n[bottom] / 100 + 1e-9)
    top = np.flatnonzero(banded & (low > 0))
    lower[top] = np.ceil(low[top] * n[top] / 100 - 1e-9)
    upper, lower = np.maximum(upper, value), np.minimum(lower, value)
    rest = rels.implicit["n"]
    # A remainder too small to show; and for the public one that is wholly 0 % or 100 %.
    tell = rest < minimum
    if public:
        tell |= (rels.implicit["count"] == 0) | (rels.implicit["count"] == rest)
    secret = np.concatenate([(primary & known) | (banded & known), tell])
    secret &= ~_said_of_all(rel, cell, part, value, np.concatenate([n, rest]), away)
    secret &= upper > lower
    problem = Problem(
        value=value,
        lower=lower,
        upper=upper,
        cost=np.concatenate([cost, np.zeros(extra)]),
        hidden=away.copy(),
        keep=away,
        spread=secret.astype(np.int64),
        tie=np.arange(size + extra),
        rel=rel,
        cell=cell,
        part=part,
    )
    return hidden | (protect(problem, programs=programs).hidden[:size] & ~banded & known)


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
