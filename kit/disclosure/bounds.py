"""What each sum says of the range of its numbers, handed on from sum to sum: most exposures show themselves so."""

from __future__ import annotations

import numpy as np

from kit.disclosure.moves import Exposure, Moves

__all__ = ["exposed_by_bounds"]

STEPS = 50  # sums through which a bound is handed on
LONGEST = 2_000  # sums in one proof; a longer one is left to the linear program


def exposed_by_bounds(moves: Moves) -> list[Exposure]:
    """Return cells whose number follows from bounds alone; whoever is not among them may still be exposed.

    In a sum a number is at most what is left when all others are as small as they can be. Each bound that this
    narrows may narrow others. A proof adds up the sums that were used, each as often as it was.
    """
    chain = _Chain(moves)
    chain.narrow()
    asked = np.flatnonzero((chain.high - chain.low < moves.need - 1e-6) & (moves.need > 0))
    exposed = []
    for cell in asked.tolist():
        proofs = [chain.proof(cell, side) for side in (1, -1)]
        if all(p is not None for p in proofs):
            found = tuple((moves.rels[np.array(sorted(p), int)], np.array([p[r] for r in sorted(p)])) for p in proofs)
            exposed.append(Exposure(int(moves.cells[cell]), found))
    return exposed


class _Chain:
    """The bounds of every cell, and by which sum each was narrowed last, and when."""

    def __init__(self, moves: Moves):
        sums = moves.sums.tocoo()
        self.rel, self.cell, self.sign = sums.row, sums.col, sums.data
        self.starts = moves.sums.indptr
        self.members, self.signs = moves.sums.indices, moves.sums.data
        self.low, self.high = moves.low.astype(float), moves.high.astype(float)
        # By side (1 the highest, -1 the lowest): for each cell the (step, sum) of every narrowing, in order.
        self.history: dict[int, dict[int, list[tuple[int, int]]]] = {1: {}, -1: {}}
        self._proofs: dict[tuple[int, int, int], dict[int, float] | None] = {}

    def narrow(self) -> None:
        """Hand bounds on until none is narrowed any more."""
        sums = len(self.starts) - 1
        for step in range(STEPS):
            up = self.sign > 0
            least = np.where(up, self.low[self.cell], -self.high[self.cell])
            most = np.where(up, self.high[self.cell], -self.low[self.cell])
            rest_least = np.bincount(self.rel, least, sums)[self.rel] - least
            rest_most = np.bincount(self.rel, most, sums)[self.rel] - most
            low = np.where(up, -rest_most, rest_least)
            high = np.where(up, -rest_least, rest_most)
            changed = self._take(1, -high, -self.high, step) | self._take(-1, low, self.low, step)
            if not changed:
                return

    def _take(self, side: int, found: np.ndarray, now: np.ndarray, step: int) -> bool:
        """Take over the narrowest of the bounds found, each as if it were a lowest one."""
        order = np.lexsort((self.rel, -found, self.cell))
        first = order[np.unique(self.cell[order], return_index=True)[1]]
        first = first[found[first] > now[self.cell[first]] + 1e-9]
        for cell, rel in zip(self.cell[first].tolist(), self.rel[first].tolist(), strict=True):
            self.history[side].setdefault(cell, []).append((step, rel))
        bounds = self.high if side > 0 else self.low
        bounds[self.cell[first]] = found[first] * (-1 if side > 0 else 1)
        return len(first) > 0

    def proof(self, cell: int, side: int, before: int = STEPS) -> dict[int, float] | None:
        """Return the sums, each with its weight, that prove a bound as it stood before a step; None where too many."""
        steps = [s for s in self.history[side].get(cell, ()) if s[0] < before]
        if not steps:
            return {}  # nobody believes more than that to begin with
        step, rel = steps[-1]
        key = (cell, side, step)
        if key not in self._proofs:
            self._proofs[key] = self._made(cell, side, step, rel)
        return self._proofs[key]

    def _made(self, cell: int, side: int, step: int, rel: int) -> dict[int, float] | None:
        here = slice(self.starts[rel], self.starts[rel + 1])
        members, signs = self.members[here].tolist(), self.signs[here].tolist()
        own = signs[members.index(cell)]
        weights = {rel: own}
        for other, sign in zip(members, signs, strict=True):
            if other == cell:
                continue
            share = -own * sign
            used = self.proof(other, side if share > 0 else -side, step)
            if used is None:
                return None
            for r, w in used.items():
                weights[r] = weights.get(r, 0.0) + share * w
            if len(weights) > LONGEST:
                return None
        return {r: w for r, w in weights.items() if w}
