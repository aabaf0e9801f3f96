"""What an attacker may believe instead of the truth: moves of the withheld numbers that agree with every sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from kit.disclosure.protect import Problem

__all__ = ["Exposure", "Moves"]

REACH = 50  # no number needs to move further than this to be safe


@dataclass(frozen=True)
class Exposure:
    """A withheld number that all sums together give away.

    Attributes
    ----------
    cell : int
    proofs : tuple of (ndarray, ndarray)
        For the highest and the lowest value it can take: the sums that prove it, and each one's weight.
    """

    cell: int
    proofs: tuple[tuple[np.ndarray, np.ndarray], ...]


class Moves:
    """The tables that agree with everything published, as moves of the withheld cells away from the truth."""

    def __init__(self, p: Problem, m: np.ndarray, need: np.ndarray):
        from scipy.sparse import csr_array

        self.cells, cell = np.unique(p.cell[m], return_inverse=True)
        self.rels, rel = np.unique(p.rel[m], return_inverse=True)
        self.sums = csr_array((np.where(p.part[m], 1.0, -1.0), (rel, cell)), shape=(len(self.rels), len(self.cells)))
        self.need = need[self.cells]
        self.low = np.maximum(p.lower[self.cells] - p.value[self.cells], -REACH)
        self.high = np.minimum(p.upper[self.cells] - p.value[self.cells], REACH)

    def best(self, asked: np.ndarray, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Move the asked cells their way, each as far as it needs.

        Returns every cell's move, and each sum's weight in the proof that no more is possible.
        """
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, hstack

        k, a = len(self.cells), len(asked)
        # One more variable per asked cell: how far it came its way, counted up to its need.
        tie = csr_array((-way.astype(float), (np.arange(a), asked)), shape=(a, k))
        came = csr_array((np.ones(a), (np.arange(a), np.arange(a))), shape=(a, a))
        low = np.concatenate([self.low, np.full(a, -float(REACH))])
        high = np.concatenate([self.high, self.need[asked]])
        found = linprog(
            np.concatenate([np.zeros(k), -np.ones(a)]),
            A_ub=hstack([tie, came]).tocsr(),
            b_ub=np.zeros(a),
            A_eq=hstack([self.sums, csr_array((self.sums.shape[0], a))]).tocsr(),
            b_eq=np.zeros(self.sums.shape[0]),
            bounds=np.column_stack([low, high]),
            method="highs",
        )
        if found.x is None:
            return np.zeros(k), np.zeros(len(self.rels))
        return found.x[:k], found.eqlin.marginals
