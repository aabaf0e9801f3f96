"""Sums that say nothing new: what is left without them says the same with fewer sums a cell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from kit.disclosure.protect import Problem

__all__ = ["Sums", "components", "without_needless"]


@dataclass(frozen=True)
class Sums:
    """The withheld members of sums, ordered by cell.

    Attributes
    ----------
    rel, cell, sign : ndarray of int
        One entry per membership; the sign is 1 for a part and -1 for the total.
    up, down : ndarray of int
        How far each cell may move, for all that the sums left out would say.
    size : int
        Number of sums.
    follow : tuple of (ndarray, ndarray)
        Cells and, for each, one that was left out because it moves as far as that cell, in the order of leaving out.
    """

    rel: np.ndarray
    cell: np.ndarray
    sign: np.ndarray
    up: np.ndarray
    down: np.ndarray
    size: int
    follow: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    @classmethod
    def of(cls, p: Problem, m: np.ndarray) -> Sums:
        """Take the memberships of the withheld cells of a problem."""
        m = m[np.argsort(p.cell[m], kind="stable")]
        sign = np.where(p.part[m], 1, -1)
        return cls(p.rel[m], p.cell[m], sign, p.upper - p.value, p.value - p.lower, p.rels)

    def where(self, keep: np.ndarray) -> Sums:
        """Keep some memberships."""
        return replace(self, rel=self.rel[keep], cell=self.cell[keep], sign=self.sign[keep])

    def of_cells(self) -> tuple[np.ndarray, np.ndarray]:
        """Return where each cell's memberships begin, and how many it has."""
        _, first, times = np.unique(self.cell, return_index=True, return_counts=True)
        return first, times

    def times(self) -> np.ndarray:
        """Return, per membership, in how many sums its cell is."""
        first, times = self.of_cells()
        return np.repeat(times, times) if len(first) else np.zeros(0, np.int64)

    def pairs(self) -> np.ndarray:
        """Return the first membership of each cell in exactly two sums; the other follows it."""
        first, times = self.of_cells()
        return first[times == 2]

    def turned(self) -> np.ndarray:
        """Give each sum a sign so that every cell in two adds to one and takes from the other; 0 where none can."""
        one = self.pairs()
        start, end = self.rel[one], self.rel[one + 1]
        alike = self.sign[one] == self.sign[one + 1]
        # Each sum stands twice, once with each sign; what belongs together is joined.
        starts = np.where(np.tile(alike, 2), np.concatenate([start + self.size, start]),
                          np.concatenate([start, start + self.size]))  # fmt: skip
        label = components(starts, np.concatenate([end, end + self.size]), 2 * self.size)
        return np.sign(label[self.size :] - label[: self.size])


def components(starts: np.ndarray, ends: np.ndarray, size: int, directed: bool = False) -> np.ndarray:
    """Number what is joined; ``directed``: what can be reached there and back."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(starts), bool), (starts, ends)), shape=(size, size))
    return connected_components(graph, directed=directed, connection="strong")[1]


def without_needless(s: Sums) -> Sums:
    """Leave out sums that only say that a remainder moves with its cell, and those that follow from the others."""
    while (fewer := _without_remainders(s)) is not s:
        s = fewer
    return s.where(~_implied(s)[s.rel])


def _without_remainders(s: Sums) -> Sums:
    """Leave out sums of two cells of which one is in no other sum: it goes where the other does."""
    times = s.times()
    small = np.bincount(s.rel, minlength=s.size)[s.rel] == 2
    lone = np.flatnonzero(small & (times == 1))
    with_it = np.flatnonzero(small & (times > 1))
    other = np.full(s.size, -1)
    other[s.rel[with_it]] = with_it
    lone = lone[other[s.rel[lone]] >= 0]
    if not len(lone):
        return s
    with_it = other[s.rel[lone]]
    cell, follower = s.cell[with_it], s.cell[lone]
    against = s.sign[with_it] == s.sign[lone]
    up, down = s.up.copy(), s.down.copy()
    np.minimum.at(up, cell, np.where(against, s.down[follower], s.up[follower]))
    np.minimum.at(down, cell, np.where(against, s.up[follower], s.down[follower]))
    left = np.ones(len(s.rel), bool)
    left[lone] = left[with_it] = False
    return replace(s.where(left), up=up, down=down, follow=(*s.follow, (cell, follower)))


def _implied(s: Sums) -> np.ndarray:
    """Mark sums of cells in three or more sums that follow from sums elsewhere.

    Sums joined by cells in two of them add up, signs turned, to one sum over the other cells. A district's group
    totals come to what its schools' sums say together already, as long as nothing in these is open. A sum is marked
    only where the sums that it follows from stay.
    """
    turned = s.turned()
    pairs, times = s.pairs(), s.times()
    land = components(s.rel[pairs], s.rel[pairs + 1], s.size)
    open_ = np.zeros(land.max() + 1 if len(land) else 0, bool)
    open_[land[turned == 0]] = True
    open_[land[s.rel[times == 1]]] = True
    many = times > 2
    at = pd.DataFrame({"land": land[s.rel[many]], "cell": s.cell[many], "w": s.sign[many] * turned[s.rel[many]]})
    at = at.groupby(["land", "cell"], as_index=False)["w"].sum()
    at = at[(at["w"] != 0) & ~open_[at["land"]]]
    cells = np.bincount(at["land"], minlength=len(open_))
    alone = at[np.bincount(land, minlength=len(open_))[at["land"]] == 1]
    both = alone.merge(at, on="cell", suffixes=("", "_of"))
    both = both[both["land"] != both["land_of"]]
    both["way"] = both["w"] * both["w_of"]
    both = both.groupby(["land", "land_of"])["way"].agg(["size", "min", "max"]).reset_index()
    inside = both[(both["size"] == cells[both["land_of"]]) & (both["min"] == both["max"])]
    covered = inside.groupby("land")["size"].sum()
    marked = np.zeros(len(open_), bool)
    for place, said_by in inside[inside["land"].isin(covered.index[covered == cells[covered.index]])].groupby("land"):
        marked[place] = not marked[said_by["land_of"]].any()
    return marked[land]
