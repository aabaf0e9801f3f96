"""The rules of control charts by the name of their set, applied to many series at once.

A missing point is passed over: the rules look at the points that there are, in their order.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kit.errors import KitError
from kit.variation.run_rules import find_trends
from kit.variation.stretches import find_stretches, windows

__all__ = ["CONTROL_RULES", "Near", "RuleSet", "find_signals", "rule_set"]

# A point this near to a limit (as a part of its distance from the centre) is on it, not beyond: what floats can tell.
_ON_THE_LINE = 1e-9


@dataclass(frozen=True)
class Near:
    """k of m neighbours beyond so many sigma on one side; ``side`` "all": all m of them on that side."""

    id: str
    k: int
    m: int
    sigma: int
    side: str


@dataclass(frozen=True)
class RuleSet:
    """Rules for control charts.

    Attributes
    ----------
    id, name, source, grade : str
    shift : int
        Points in a row on one side of the centre; one on it breaks the row.
    trend : int or None
        Points in a row, each above (or each below) the one before; equal ones break the row.
    near : tuple of Near
    alternating, within, outside_middle : int or None
        Points in a row that go up and down by turns; that are all within one sigma; of which none is.
    """

    id: str
    name: str
    source: str
    grade: str
    shift: int
    trend: int | None = None
    near: tuple[Near, ...] = ()
    alternating: int | None = None
    within: int | None = None
    outside_middle: int | None = None


@cache
def _sets() -> dict[str, RuleSet]:
    text = (Path(__file__).parent / "rule_sets.toml").read_text(encoding="utf-8")
    return {
        name: RuleSet(id=name, **{**row, "near": tuple(Near(**near) for near in row.get("near", ()))})
        for name, row in tomllib.loads(text).items()
    }


CONTROL_RULES = tuple(_sets())


def rule_set(name: str) -> RuleSet:
    """Return a rule set by its name.

    Raises
    ------
    KitError
        Where there is none of this name.
    """
    if name not in _sets():
        raise KitError(f"'{name}' is no rule set of control charts", mend=f"Use one of {', '.join(_sets())}.")
    return _sets()[name]


def find_signals(
    rules: RuleSet, value: np.ndarray, side: np.ndarray, distance: np.ndarray, reach: np.ndarray, segment: np.ndarray
) -> list[tuple[str, int, np.ndarray, str, int]]:
    """Find every signal.

    Parameters
    ----------
    rules : RuleSet
    value : array of float
        NaN where missing.
    side : array of int
        1 above the centre, −1 below, 0 on it.
    distance, reach : array of float
        Of each point from the centre, and of its limits (three sigma); NaN where there are no limits.
    segment : array of int
        Never falling.

    Returns
    -------
    list of (rule, segment, positions, direction, size)
        Positions are those of the points concerned; direction is ``up``, ``down`` or empty; size counts the points.
    """
    at = np.flatnonzero(~np.isnan(value))
    seg, sides = segment[at], side[at]
    distance, reach = np.abs(distance[at]), reach[at]

    def beyond(sigma: int) -> np.ndarray:
        return distance > sigma / 3 * reach * (1 + _ON_THE_LINE)

    found = [("outside", i, i + 1, "up" if sides[i] > 0 else "down") for i in np.flatnonzero(beyond(3))]
    rows = find_stretches(sides, seg)
    keep = (rows.length >= rules.shift) & (rows.key != 0)
    found += [("shift", i, i + k, "up" if way > 0 else "down") for i, k, _seg, way in rows.where(keep)]
    signals = [(rule, int(seg[i]), at[i:j], way, int(j - i)) for rule, i, j, way in found]
    if rules.trend:
        trends = find_trends(value, segment, skip_ties=False).at_least(rules.trend)
        signals += [("trend", int(of), where, "up" if way > 0 else "down", len(where)) for where, of, way in trends]
    for near in rules.near:
        for way in (1, -1):
            signals += _near(near, beyond(near.sigma) & (sides == way), sides == way, seg, at, way)
    limits = ~np.isnan(reach) & (reach > 0)
    if rules.alternating:
        signals += _alternating(rules.alternating, value[at], seg, at)
    for rule, points, marked in (
        ("within", rules.within, limits & ~beyond(1)),
        ("outside_middle", rules.outside_middle, limits & beyond(1)),
    ):
        if points:
            rows = find_stretches(marked.astype("int8"), seg)
            keep = (rows.key == 1) & (rows.length >= points)
            signals += [(rule, s, at[i : i + k], "", k) for i, k, s, _key in rows.where(keep)]
    return signals


def _near(near: Near, marked, same_side, seg, at, way) -> list[tuple]:
    """Return one signal for each stretch of windows that fulfil the rule and overlap."""
    hit = windows(marked, seg, near.m) >= near.k
    if near.side == "all":
        hit &= windows(same_side, seg, near.m) == near.m
    part = np.zeros(len(marked), dtype=bool)
    for i in range(min(near.m, len(hit))):
        part[i:] |= hit[: len(hit) - i]
    rows = find_stretches(part.astype("int8"), seg)
    found = [(s, at[i : i + k][marked[i : i + k]]) for i, k, s, _key in rows.where(rows.key == 1)]
    return [(near.id, s, where, "up" if way > 0 else "down", len(where)) for s, where in found]


def _alternating(points: int, value, seg, at) -> list[tuple]:
    """Return each stretch of points that go up and down by turns."""
    steps = np.where(seg[1:] == seg[:-1], np.sign(value[1:] - value[:-1]), 0)
    # A step that turns back the one before; the first step of a stretch turns nothing back.
    turns = (steps[1:] * steps[:-1] < 0).astype("int8")
    rows = find_stretches(turns, seg[2:])
    keep = (rows.key == 1) & (rows.length >= points - 2)
    return [("alternating", s, at[i : i + k + 2], "", k + 2) for i, k, s, _key in rows.where(keep)]
