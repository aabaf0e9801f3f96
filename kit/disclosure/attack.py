"""The attacker: what subtraction and bounds tell about the numbers that a released table withholds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kit.disclosure.moves import Exposure, Moves
from kit.disclosure.rings import moved_by_rings
from kit.disclosure.surroundings import exposed_in_large

if TYPE_CHECKING:
    from kit.disclosure.protect import Problem

__all__ = ["Exposure", "exposed_cells"]

BATCH = 20_000  # memberships in one linear program
ROUNDS = 12  # programs that ask about many cells at once, before each is asked about alone
LARGE = 5_000  # memberships from which a group of joined sums is taken apart (kit.disclosure.surroundings)


def exposed_cells(problem: Problem, but: np.ndarray | None = None) -> list[Exposure]:
    """Return the cells that must stay unknown and that all sums together give away.

    For groups of sums that share withheld cells, tables are sought that agree with everything published and
    in which many withheld cells at once are higher or lower than they are; a cell that no such table moves
    far enough is exposed. Sums that share no withheld cell are settled by
    :meth:`kit.disclosure.protect.Problem.failures`.

    Parameters
    ----------
    problem : Problem
    but : ndarray of bool, optional
        Cells not to ask about.
    """
    p = problem
    need = np.where(p.keep, p.spread, 0)
    if but is not None:
        need[but] = 0
    m = np.flatnonzero(p.hidden[p.cell])
    if not len(m):
        return []
    group = _groups(p.rel[m], p.cell[m])
    groups = group.max() + 1
    size = np.bincount(group, minlength=groups)
    pairs = np.unique(np.column_stack([group, p.rel[m]]), axis=0)
    sums = np.bincount(pairs[:, 0], minlength=groups)
    need[_loose(p, m, need)] = 0
    need[moved_by_rings(p, m, need)] = 0
    asks = np.bincount(group, need[p.cell[m]] > 0, groups) > 0
    wanted = np.flatnonzero((sums > 1) & asks)
    batch_of = np.full(groups, -1)
    batch_of[wanted] = np.cumsum(size[wanted]) // BATCH
    batch = batch_of[group]
    return [e for b in np.unique(batch[batch >= 0]) for e in _still(p, m[batch == b], need)]


def _loose(p: Problem, m: np.ndarray, need: np.ndarray) -> np.ndarray:
    """Mark the cells that can certainly move: each of their sums has a cell of its own to make up for it.

    A sum in which some withheld cell is in no other sum holds nothing back: that cell takes up any change;
    set aside, it frees further cells. ``load`` counts the changes that follow from moving a cell by one, and
    ``room`` is the least room among the cells that take them up.
    """
    rel, cell = p.rel[m], p.cell[m]
    room_of = np.minimum(p.value - p.lower, p.upper - p.value).astype(float)
    load, room = np.zeros(len(p.value)), np.full(len(p.value), np.inf)
    open_ = np.ones(len(m), bool)
    bound = np.bincount(cell, minlength=len(p.value))
    while True:
        free = np.flatnonzero(open_ & (bound[cell] == 1) & (room_of[cell] >= 1))
        if not len(free):
            break
        # Of several, the one whose changes stay smallest for their room takes up the change.
        reach = np.minimum(room[cell[free]], room_of[cell[free]]) / (1 + load[cell[free]])
        order = np.lexsort((-reach, rel[free]))
        first = np.unique(rel[free][order], return_index=True)[1]
        taker = np.full(p.rels, -1)
        taker[rel[free][order][first]] = cell[free][order][first]
        done = open_ & (taker[rel] >= 0)
        t = taker[rel[done]]
        others = t != cell[done]
        add_load, add_room = 1 + load[t], np.minimum(room[t], room_of[t])
        np.add.at(load, cell[done][others], add_load[others])
        np.minimum.at(room, cell[done][others], add_room[others])
        # The taker itself is made up for by any other member; that is left to the sum's own check.
        np.add.at(load, t[~others], np.inf)
        np.subtract.at(bound, cell[done], 1)
        open_ &= ~done
    return (bound == 0) & np.isfinite(load) & (need * np.where(np.isfinite(load), load, 0) <= room)


def _groups(rel: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """Number the memberships so that those joined through sums and cells have one number."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rel = np.unique(rel, return_inverse=True)[1]
    cell = np.unique(cell, return_inverse=True)[1] + rel.max() + 1
    size = cell.max() + 1
    graph = coo_array((np.ones(len(rel), bool), (rel, cell)), shape=(size, size))
    return connected_components(graph, directed=False)[1][rel]


def _still(p: Problem, m: np.ndarray, need: np.ndarray) -> list[Exposure]:
    """Return the protected cells of these memberships that no table consistent with the sums moves enough."""
    group = _groups(p.rel[m], p.cell[m])
    large = np.bincount(group)[group] > LARGE
    exposed = exposed_in_large(Moves(p, m[large], need)) if large.any() else []
    m, group = m[~large], group[~large]
    rng = np.random.default_rng(5)
    up, down = np.zeros(len(p.value)), np.zeros(len(p.value))
    left = np.unique(p.cell[m[need[p.cell[m]] > 0]])
    for _ in range(ROUNDS):
        concerned = np.isin(group, group[np.isin(p.cell[m], left)])
        m, group = m[concerned], group[concerned]
        if len(left) < 4:
            break
        moves = Moves(p, m, need)
        asked = np.searchsorted(moves.cells, left)
        # In one table some cells rise and others fall: the ways are drawn, then turned about.
        way = rng.choice([-1, 1], len(left))
        for turn in (way, -way):
            can = np.where(turn > 0, moves.high[asked] > 0, moves.low[asked] < 0)
            if not can.any():
                continue
            move, _ = moves.best(asked[can], turn[can])
            up[moves.cells] = np.maximum(up[moves.cells], move)
            down[moves.cells] = np.maximum(down[moves.cells], -move)
        before = len(left)
        left = left[up[left] + down[left] < need[left] - 1e-6]
        if len(left) > 0.8 * before:
            break
    while len(left):
        # Groups do not touch each other, so one program answers for one cell of every group.
        concerned = np.isin(group, group[np.isin(p.cell[m], left)])
        m, group = m[concerned], group[concerned]
        moves = Moves(p, m, need)
        group_of = np.empty(len(moves.cells), np.int64)
        group_of[np.searchsorted(moves.cells, p.cell[m])] = group
        of_sum = np.empty(len(moves.rels), np.int64)
        of_sum[np.searchsorted(moves.rels, p.rel[m])] = group
        asked = np.searchsorted(moves.cells, left)
        asked = asked[np.unique(group_of[asked], return_index=True)[1]]
        high, why_high = moves.best(asked, np.ones(len(asked)))
        low, why_low = moves.best(asked, -np.ones(len(asked)))
        for at in asked[high[asked] - low[asked] < moves.need[asked] - 1e-6]:
            mine = of_sum == group_of[at]
            proofs = tuple((moves.rels[mine & (w != 0)], w[mine & (w != 0)]) for w in (why_high, why_low))
            exposed.append(Exposure(int(moves.cells[at]), proofs))
        left = np.setdiff1d(left, moves.cells[asked])
    return exposed
