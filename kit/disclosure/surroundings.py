"""Large groups of joined sums: what is exposed shows in the bounds, or in the few sums around a cell.

The answer is that of a linear program over the whole group; only how it is found differs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kit.disclosure.bounds import exposed_by_bounds
from kit.disclosure.moves import Exposure, Moves

__all__ = ["exposed_in_large"]

AROUND, WIDER = 300, 3  # cells in the first surroundings that are asked, and how many times more in the next
ENOUGH = 2  # joint programs in a row that may find nothing
TOGETHER = 4_000  # cells of several surroundings in one linear program


def exposed_in_large(moves: Moves) -> list[Exposure]:
    """Return the cells that no table consistent with the sums moves as far as they need."""
    exposed = exposed_by_bounds(moves)
    known = np.searchsorted(moves.cells, [e.cell for e in exposed])
    left = np.setdiff1d(np.flatnonzero(moves.need > 0), known)
    up, down = np.zeros(len(moves.cells)), np.zeros(len(moves.cells))
    left = _sweep(moves, left, up, down)
    return exposed + _ask_around(moves, left, up, down)


def _sweep(moves: Moves, left: np.ndarray, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Look for tables that move many cells at once; return those that none has moved far enough.

    Cells that are asked together stand in each other's way, so those that are left are asked again, other ways.
    """
    rng = np.random.default_rng(5)
    in_vain = 0
    while len(left) and in_vain < ENOUGH:
        way, before = rng.choice([-1, 1], len(left)), len(left)
        for turn in (way, -way):
            move, _ = moves.best(left, turn)
            np.maximum(up, move, out=up)
            np.maximum(down, -move, out=down)
        left = left[~_moved(moves, left, up, down)]
        in_vain = in_vain + 1 if len(left) == before else 0
    return left


def _moved(moves: Moves, cells: np.ndarray, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Say of which cells some tables together show a range as wide as they need."""
    return up[cells] + down[cells] >= moves.need[cells] - 1e-6


def _ask_around(moves: Moves, left: np.ndarray, up: np.ndarray, down: np.ndarray) -> list[Exposure]:
    """Settle each cell by the sums around it, taken ever wider until they tell.

    With the sums around it alone a cell can move at least as far as with all sums: where that is not enough it is
    exposed, and these few sums prove it. With everything else kept as it is, it can move at most as far: where that
    is enough it is safe, and so is every cell that moved along.
    """
    exposed = []
    index = _Index(moves)
    waiting = deque((cell, index.surroundings(cell), AROUND) for cell in left)

    while waiting:
        asked, size = [], 0
        while waiting and size < TOGETHER:
            cell, wider, least = waiting.popleft()
            if not _moved(moves, cell, up, down):
                around = next(a for a in wider if len(a.cells) >= least or a.whole)
                asked.append((cell, wider, around))
                size += len(around.cells)
        if not asked:
            break
        highs, lows = (_furthest(moves, [a for _, _, a in asked], way) for way in (1, -1))
        narrow = []
        for (cell, wider, around), high, low in zip(asked, highs, lows, strict=True):
            if high.of(cell) - low.of(cell) < moves.need[cell] - 1e-6:
                exposed.append(Exposure(int(moves.cells[cell]), (high.proof(moves), low.proof(moves))))
            elif not around.whole:
                narrow.append((cell, wider, around))
        # Each way is asked with what the way before showed already taken in.
        for way in (1, -1):
            open_ = [around for cell, _, around in narrow if not _moved(moves, cell, up, down)]
            for found in _furthest(moves, open_, way, held=True) if open_ else ():
                at = found.around.cells
                up[at], down[at] = np.maximum(up[at], found.move), np.maximum(down[at], -found.move)
        waiting += [
            (cell, wider, WIDER * len(around.cells))
            for cell, wider, around in narrow
            if not _moved(moves, cell, up, down)
        ]
    return exposed


@dataclass(frozen=True)
class _Around:
    """The sums around one cell: their numbers, their cells, which of these are in no other sum, and the memberships."""

    cell: int
    rels: np.ndarray
    cells: np.ndarray
    inside: np.ndarray
    rel: np.ndarray
    at: np.ndarray
    sign: np.ndarray

    @property
    def whole(self) -> bool:
        return bool(self.inside.all())


@dataclass(frozen=True)
class _Found:
    """The furthest table for one cell: every cell's move, and each sum's weight in the proof."""

    around: _Around
    move: np.ndarray
    weight: np.ndarray

    def of(self, cell: int) -> float:
        return self.move[np.searchsorted(self.around.cells, cell)]

    def proof(self, moves: Moves) -> tuple[np.ndarray, np.ndarray]:
        used = self.weight != 0
        return moves.rels[self.around.rels[used]], self.weight[used]


def _furthest(moves: Moves, asked: list[_Around], way: int, held: bool = False) -> list[_Found]:
    """Move cells as far as they go, each in its own surroundings; ``held`` keeps what other sums hold where it is."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    rows, cols = (np.cumsum([0, *(len(getattr(a, n)) for a in asked)]) for n in ("rels", "cells"))
    sums = csr_array(
        (
            np.concatenate([a.sign for a in asked]),
            (
                np.concatenate([a.rel + r for a, r in zip(asked, rows, strict=False)]),
                np.concatenate([a.at + c for a, c in zip(asked, cols, strict=False)]),
            ),
        ),
        shape=(rows[-1], cols[-1]),
    )
    cost = np.zeros(cols[-1])
    for a, start in zip(asked, cols, strict=False):
        cost[start + np.searchsorted(a.cells, a.cell)] = -way
    keep = np.concatenate([a.inside if held else np.ones(len(a.cells)) for a in asked])
    low, high = (np.concatenate([b[a.cells] for a in asked]) * keep for b in (moves.low, moves.high))
    found = linprog(cost, A_eq=sums, b_eq=np.zeros(rows[-1]), bounds=np.column_stack([low, high]), method="highs")
    if found.x is None:
        if len(asked) > 1:  # one that the program cannot answer is not to spoil the others
            return [f for a in asked for f in _furthest(moves, [a], way, held)]
        return [_Found(asked[0], np.zeros(cols[-1]), np.zeros(rows[-1]))]
    parts = zip(asked, np.split(found.x, cols[1:-1]), np.split(found.eqlin.marginals, rows[1:-1]), strict=True)
    return [_Found(*part) for part in parts]


class _Index:
    """Which cells are in which sums, for looking around one cell."""

    def __init__(self, moves: Moves):
        self.of_rel, self.of_cell = moves.sums, moves.sums.T.tocsr()
        self.degree = np.diff(self.of_cell.indptr)

    def surroundings(self, cell: int) -> Iterator[_Around]:
        """Yield the sums around a cell, each time one step wider, until no further sum holds any of their cells."""
        cells, rels, inside = np.array([cell]), np.array([], int), np.zeros(1, bool)
        while not inside.all():
            rels = np.union1d(rels, self.of_cell.indices[_places(self.of_cell.indptr, cells[~inside])])
            places = _places(self.of_rel.indptr, rels)
            cells, at, times = np.unique(self.of_rel.indices[places], return_inverse=True, return_counts=True)
            inside = times == self.degree[cells]
            rel = np.repeat(np.arange(len(rels)), np.diff(self.of_rel.indptr)[rels])
            yield _Around(cell, rels, cells, inside, rel, at, self.of_rel.data[places])


def _places(starts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return where the members of some rows stand, one row after another."""
    sizes = starts[rows + 1] - starts[rows]
    return np.repeat(starts[rows] - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
