"""Which withheld numbers can move along a ring of others: the answer for all of them at once, in one pass.

A withheld cell that is in two sums joins them, like a road between two towns: raising it means lowering another in
the one sum and raising another in the other, and so on round. A cell on such a ring can be other than it is,
whatever else is published. A cell in one sum only leads out of the town into the open, where every ring may close.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kit.disclosure.needless import Sums, components, without_needless

if TYPE_CHECKING:
    from kit.disclosure.protect import Problem

__all__ = ["moved_by_rings"]


def moved_by_rings(p: Problem, m: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Mark the cells that a ring moves as far as they need; whoever is not marked may still be able to move.

    Cells in more than two sums, needless ones left out, are kept where they are. What this finds are tables of
    whole numbers.

    Parameters
    ----------
    p : Problem
    m : ndarray of int
        Memberships of the withheld cells.
    need : ndarray of int
        Per cell, the range that must be left to whoever subtracts.
    """
    found = np.zeros(len(p.value), bool)
    sums = without_needless(Sums.of(p, m))
    cells, tail, head = _roads(sums)
    # What is in no sum that is left is held by nothing.
    free = np.setdiff1d(p.cell[m], np.concatenate([sums.cell, *(follower for _, follower in sums.follow)]))
    for step in np.unique(need[need > 0]).tolist():
        moved = np.zeros(len(p.value), bool)
        moved[cells] = _on_ring(tail, head, sums.up[cells] >= step, sums.down[cells] >= step, sums.size + 1)
        moved[free] = (sums.up[free] >= step) | (sums.down[free] >= step)
        for leader, follower in reversed(sums.follow):
            moved[follower] = moved[leader]
        found |= moved & (need <= step)
    return found


def _roads(s: Sums) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return cells in one or two sums, with the sum that falls short and the one that runs over when each is raised.

    The last number stands for the open. Some sums count with the sign turned, so that each cell adds to one side.
    """
    first, times = s.of_cells()
    two, one = first[times == 2], first[times == 1]
    turned = s.turned()
    add = s.sign * turned[s.rel]
    open_ = np.full(len(one), s.size)
    tail = np.concatenate(
        [np.where(add[two] < 0, s.rel[two], s.rel[two + 1]), np.where(add[one] < 0, s.rel[one], open_)]
    )
    head = np.concatenate(
        [np.where(add[two] < 0, s.rel[two + 1], s.rel[two]), np.where(add[one] < 0, open_, s.rel[one])]
    )
    at = np.concatenate([two, one])
    sound = turned[s.rel[at]] != 0
    return s.cell[at][sound], tail[sound], head[sound]


def _on_ring(tail: np.ndarray, head: np.ndarray, up: np.ndarray, down: np.ndarray, size: int) -> np.ndarray:
    """Say which roads lie on a ring; one that is open both ways must not be its own way back.

    A road open both ways that is no bridge can be made one-way so that all is still connected (Boesch and Tindell
    1980), so a ring leads over it.
    """
    starts, ends = np.concatenate([tail[up], head[down]]), np.concatenate([head[up], tail[down]])
    town = components(starts, ends, size, directed=True)
    inside = (town[tail] == town[head]) & (up | down)
    ring = inside.copy()
    ring[inside] = ~_bridges(tail[inside], head[inside], size)
    return ring


def _bridges(one: np.ndarray, other: np.ndarray, size: int) -> np.ndarray:
    """Mark the roads without which something would be cut off.

    Every road that is not in a spanning tree gets a random number; a road of the tree is a bridge where the numbers
    that end below it cancel out. By bad luck (one in 2^63) a road passes for a bridge, never the other way round.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    if not len(one):
        return np.zeros(0, bool)
    # One more town, joined to one of each part of the land, makes the land one.
    gates = np.unique(components(one, other, size), return_index=True)[1]
    ends = np.concatenate([one, np.full(len(gates), size)]), np.concatenate([other, gates])
    graph = coo_array((np.ones(len(ends[0]), np.int8), ends), shape=(size + 1, size + 1)).tocsr()
    order, above = breadth_first_order(graph, size, directed=False)
    above[size] = size
    # Of several roads between a town and the one above it, the first is the tree's.
    lower = np.where(above[one] == other, one, np.where(above[other] == one, other, -1))
    below, first = np.unique(lower, return_index=True)
    in_tree = np.zeros(len(one), bool)
    in_tree[first[below >= 0]] = True
    number = np.random.default_rng(13).integers(1, 2**63, len(one), dtype=np.uint64)
    crossing = np.zeros(size + 1, np.uint64)
    for end in (one, other):
        np.bitwise_xor.at(crossing, end[~in_tree], number[~in_tree])
    for layer in _layers(order, above)[:0:-1]:
        np.bitwise_xor.at(crossing, above[layer], crossing[layer])
    return in_tree & (crossing[np.where(lower >= 0, lower, 0)] == 0)


def _layers(order: np.ndarray, above: np.ndarray) -> list[np.ndarray]:
    """Cut the order of a search in breadth into towns that lie equally deep."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    upper = place[above[order]]
    layers, start, end = [order[:1]], 0, 1
    while end < len(order):
        start, end = end, int(np.searchsorted(upper, end))
        layers.append(order[start:end])
    return layers
