"""The choice of cells: withhold the least so that no withheld number can be worked out.

A sum in which something is withheld is safe when the withheld numbers can be other than they are. The search
withholds the cheapest cell wherever that is not so, takes back what turns out to be needless, improves small
groups of sums by an integer program, and asks the attacker about all sums together; it ends when he finds
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

__all__ = ["Problem", "protect"]

FREE = 10**9  # stands for «no upper bound»
EXACT_CELLS = 300  # the largest group of sums that is given to the integer program
LONGEST = 10  # rounds in which the number of cells withheld for an exposed one doubles
NODES = 200  # where the integer program stops looking; by nodes, not seconds, so that results repeat


@dataclass
class Problem:
    """Cells, sums and what must stay unknown.

    Attributes
    ----------
    value, lower, upper : ndarray of int
        What each cell is, and the least and most that the attacker would believe.
    cost : ndarray of float
        Information lost by withholding the cell.
    hidden : ndarray of bool
        Withheld already (or never published).
    keep : ndarray of bool
        Hidden cells that may never be shown.
    spread : ndarray of int
        How far apart the least and the most that can be worked out must be at the least; 0 for a cell that
        needs no protection.
    tie : ndarray of int
        Cells of one number are withheld together.
    rel, cell, part : ndarray
        Memberships, as in :class:`kit.disclosure.relations.Relations`.
    minimum : int
        What a sum hides must come to at least this many when its total is shown; 0 for no such rule.
    """

    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    cost: np.ndarray
    hidden: np.ndarray
    keep: np.ndarray
    spread: np.ndarray
    tie: np.ndarray
    rel: np.ndarray
    cell: np.ndarray
    part: np.ndarray
    minimum: int = 0
    rels: int = field(init=False)
    given_up: int = field(init=False, default=0)

    def __post_init__(self):
        self.rels = int(self.rel.max()) + 1 if len(self.rel) else 0
        down, up = self.value - self.lower, self.upper - self.value
        # Room a hidden member gives to the others: to lower or to raise the sum of parts less total.
        self.fall = np.where(self.part, down[self.cell], up[self.cell]).astype(float)
        self.rise = np.where(self.part, up[self.cell], down[self.cell]).astype(float)

        self.ties = int(self.tie.max()) + 1 if len(self.tie) else 0
        self.tie_cost = np.bincount(self.tie, self.cost, self.ties)

    def hide(self, ties: np.ndarray) -> None:
        """Withhold every cell of these ties."""
        chosen = np.zeros(self.ties, bool)
        chosen[ties] = True
        self.hidden |= chosen[self.tie]

    def failures(self) -> tuple[np.ndarray, np.ndarray]:
        """Return, per membership, whether its sum alone exposes the cell; and per sum, whether it fails."""
        h = self.hidden[self.cell]
        fall, rise = self.fall * h, self.rise * h
        all_fall = np.bincount(self.rel, fall, self.rels)
        all_rise = np.bincount(self.rel, rise, self.rels)
        other_fall, other_rise = all_fall[self.rel] - fall, all_rise[self.rel] - rise
        moves = np.minimum(self.rise, other_fall) + np.minimum(self.fall, other_rise)
        need = np.where(self.keep[self.cell], self.spread[self.cell], 1)
        exposed = h & (moves < need)
        failing = np.zeros(self.rels, bool)
        failing[self.rel[exposed]] = True
        if self.minimum:
            sums = np.bincount(self.rel, self.value[self.cell] * (h & self.part), self.rels)
            some = np.bincount(self.rel, h & self.part, self.rels) > 0
            open_total = np.bincount(self.rel, h & ~self.part, self.rels) > 0
            failing |= some & ~open_total & (sums < self.minimum) & (sums > 0)
        return exposed, failing


def protect(problem: Problem, *, programs: int = 100, settled: np.ndarray | None = None) -> Problem:
    """Withhold cells until nothing withheld can be worked out; ``problem.hidden`` is filled in.

    Cells that stay exposed with everything in their sums withheld are counted in ``problem.given_up``.

    Parameters
    ----------
    problem : Problem
    programs : int
        The most integer programs to solve for a better choice. Safety does not depend on it.
    settled : ndarray of bool, optional
        Cells that an earlier call found safe with no more withheld than now: the attacker need not be asked again.
    """
    from kit.disclosure.attack import exposed_cells

    hopeless = np.zeros(problem.rels, bool)
    given_up = np.zeros(len(problem.value), bool)
    _cover(problem, hopeless)
    _take_back(problem)
    _improve(problem, hopeless, programs)
    settled = given_up.copy() if settled is None else settled.copy()
    rounds = np.zeros(len(problem.value), np.int64)
    while broken := exposed_cells(problem, but=settled):
        rounds[[e.cell for e in broken]] += 1
        _break_proofs(problem, broken, rounds, given_up)
        _cover(problem, hopeless)
        # Withholding more never narrows what was wide enough: only the exposed cells are asked about again.
        settled[:] = True
        settled[[e.cell for e in broken]] = False
        settled |= given_up
    problem.given_up = int(given_up.sum())
    return problem


def _pick(p: Problem, at: np.ndarray, label: np.ndarray, merit: np.ndarray, most=1) -> np.ndarray:
    """Return, for each label, the ties of the ``most`` memberships (of ``at``) that are cheapest to withhold."""
    busy = np.bincount(p.rel, p.hidden[p.cell], p.rels) > 0
    wakes = np.bincount(p.tie[p.cell], ~busy[p.rel], p.ties)
    tie = p.tie[p.cell[at]]
    # A cell without room one way cannot stand in for another: it comes last.
    stiff = np.minimum(p.fall[at], p.rise[at]) < 1
    score = p.tie_cost[tie] * (1 + wakes[tie]) / merit[tie] + 1e6 * stiff
    order = np.lexsort((score, label))
    _, first, times = np.unique(label[order], return_index=True, return_counts=True)
    place = np.arange(len(order)) - np.repeat(first, times)
    return tie[order[place < np.broadcast_to(most, len(at))[order]]]


def _cover(p: Problem, hopeless: np.ndarray) -> None:
    """Withhold the cheapest cell of every failing sum, until none fails that could be mended."""
    while True:
        failing = p.failures()[1] & ~hopeless
        if not failing.any():
            return
        at = np.flatnonzero(failing[p.rel] & ~p.hidden[p.cell])
        open_ = np.zeros(p.rels, bool)
        open_[p.rel[at]] = True
        hopeless |= failing & ~open_
        if not len(at):
            continue
        merit = np.bincount(p.tie[p.cell], failing[p.rel], p.ties)
        p.hide(_pick(p, at, p.rel[at], merit))


def _break_proofs(p: Problem, broken: list, rounds: np.ndarray, given_up: np.ndarray) -> None:
    """Withhold, for every exposed cell, a shown cell that a proof of its value makes use of.

    In the second round that finds it exposed two, in the third four, and so on: where one thing gives many cells
    away, they would all choose the same cheapest cell, round after round.
    """
    at, label, index = [], [], _Index(p)
    for number, exposure in enumerate(broken):
        found = False
        for rels, weight in exposure.proofs:
            here = index.of_rels(rels)
            weights = weight[np.searchsorted(rels, p.rel[here])] * np.where(p.part[here], 1, -1)
            back = np.unique(p.cell[here], return_inverse=True)[1]
            used = np.abs(np.bincount(back, weights)) > 1e-9
            usable = here[used[back] & ~p.hidden[p.cell[here]]]
            at.append(usable)
            label.append(np.full(len(usable), number))
            found |= len(usable) > 0
        given_up[exposure.cell] |= not found
    at, label = np.concatenate(at), np.concatenate(label)
    if len(at):
        merit = np.bincount(p.tie[p.cell[at]], minlength=p.ties)
        most = 2 ** np.minimum(rounds[[e.cell for e in broken]] - 1, LONGEST)[label]
        p.hide(_pick(p, at, label, np.maximum(merit, 1), most))


class _Index:
    """Memberships by sum and by cell, for looking at one cell at a time."""

    def __init__(self, p: Problem):
        self.by_rel = np.argsort(p.rel, kind="stable")
        self.rel_at = np.searchsorted(p.rel[self.by_rel], np.arange(p.rels + 1))
        self.by_cell = np.argsort(p.cell, kind="stable")
        self.cell_at = np.searchsorted(p.cell[self.by_cell], np.arange(len(p.value) + 1))

    def of_rel(self, r: int) -> np.ndarray:
        return self.by_rel[self.rel_at[r] : self.rel_at[r + 1]]

    def of_rels(self, rels: np.ndarray) -> np.ndarray:
        return np.concatenate([np.array([], np.int64), *(self.of_rel(r) for r in rels)])

    def of_cell(self, c: int) -> np.ndarray:
        return self.by_cell[self.cell_at[c] : self.cell_at[c + 1]]


def _sum_holds(p: Problem, m: np.ndarray) -> bool:
    """Tell whether one sum, given by its memberships, is safe taken alone."""
    m = m[p.hidden[p.cell[m]]]
    if not len(m):
        return True
    c = p.cell[m]
    fall, rise, part = p.fall[m], p.rise[m], p.part[m]
    moves = np.minimum(rise, fall.sum() - fall) + np.minimum(fall, rise.sum() - rise)
    if (moves < np.where(p.keep[c], p.spread[c], 1)).any():
        return False
    hides = p.value[c][part].sum()
    return not (p.minimum and part.all() and 0 < hides < p.minimum)


def _take_back(p: Problem) -> None:
    """Show again, dearest first, whatever every one of its sums can do without."""
    per_rel = np.bincount(p.rel, p.hidden[p.cell], p.rels)
    spare = np.ones(p.ties, bool)
    spare[p.tie[p.keep]] = False
    spare[p.tie[~p.hidden]] = False
    spare[p.tie[p.cell[per_rel[p.rel] < 3]]] = False
    spare = np.flatnonzero(spare)
    if not len(spare):
        return
    index = _Index(p)
    by_tie = np.argsort(p.tie, kind="stable")
    at = np.searchsorted(p.tie[by_tie], np.arange(p.ties + 1))
    for tie in spare[np.argsort(-p.tie_cost[spare], kind="stable")]:
        cells = by_tie[at[tie] : at[tie + 1]]
        p.hidden[cells] = False
        if not all(_sum_holds(p, index.of_rel(r)) for c in cells for r in p.rel[index.of_cell(c)]):
            p.hidden[cells] = True


def _improve(p: Problem, hopeless: np.ndarray, programs: int) -> None:
    """Replace the choice by the best one, group by group of joined sums, where groups are small enough."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    busy = np.bincount(p.rel, p.hidden[p.cell] & ~p.keep[p.cell], p.rels) > 0
    m = np.flatnonzero(busy[p.rel])
    if not len(m):
        return
    # Sums are joined through any part of theirs; a total joins them only while it is withheld.
    joins = m[p.hidden[p.cell[m]] | p.part[m]]
    size = p.rels + p.ties
    graph = coo_array((np.ones(len(joins), bool), (p.rel[joins], p.rels + p.tie[p.cell[joins]])), shape=(size, size))
    label = connected_components(graph, directed=False)[1][p.rel[m]]
    order = np.argsort(label, kind="stable")
    m, label = m[order], label[order]
    ends = np.flatnonzero(np.diff(label, append=-1)) + 1
    best: dict[bytes, np.ndarray | None] = {}
    outside = np.zeros(p.ties, bool)
    outside[p.tie[p.cell[~busy[p.rel]]]] = True
    kept = np.zeros(p.ties, bool)
    kept[p.tie[p.keep]] = True
    for start, end in zip(np.concatenate([[0], ends[:-1]]), ends, strict=True):
        if len(best) >= programs:
            return
        here = m[start:end]
        ties, tie = np.unique(p.tie[p.cell[here]], return_inverse=True)
        rels, rel = np.unique(p.rel[here], return_inverse=True)
        if len(ties) > EXACT_CELLS or len(here) > 8 * EXACT_CELLS:
            continue
        if len(rels) < 2 or hopeless[rels].any():
            continue  # one sum: the cheapest cell is the best one already
        now = np.zeros(len(ties), bool)
        now[tie[p.hidden[p.cell[here]]]] = True
        # A cell that a sum outside this group holds stays as it is.
        fixed = (kept | outside)[ties] | (np.bincount(tie, ~p.part[here]) > 0)
        if not (now & ~fixed).any():
            continue
        c = p.cell[here]
        facts = [
            rel,
            tie,
            p.part[here],
            p.value[c],
            p.lower[c],
            p.upper[c],
            p.spread[c],
            p.keep[c],
            fixed,
            now & fixed,
        ]
        name = b"".join(np.ascontiguousarray(f).tobytes() for f in facts)
        if name not in best:
            best[name] = _integer_choice(p, here, rel, ties, tie, fixed, now)
        chosen = best[name]
        if chosen is not None and p.tie_cost[ties][chosen].sum() < p.tie_cost[ties][now].sum():
            before = p.hidden[c]
            p.hidden[c] = chosen[tie] | p.keep[c]
            if not all(_sum_holds(p, here[rel == r]) for r in range(len(rels))):
                p.hidden[c] = before


def _integer_choice(p: Problem, here, rel, ties, tie, fixed, now) -> np.ndarray | None:
    """Choose by integer program; None where it stopped without an answer."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    c = p.cell[here]
    need = np.where(p.keep[c], p.spread[c], 1)
    rows, cols, data, low = [], [], [], []
    row = 0
    for r in range(rel.max() + 1):
        at = np.flatnonzero(rel == r)
        for i in at[need[at] > 0]:
            others = at[at != i]
            room = np.minimum(p.fall[here[others]], p.rise[here[i]]) + np.minimum(p.rise[here[others]], p.fall[here[i]])
            # The others' room counts no further than the need, which keeps the program tight.
            rows += [row] * len(at)
            cols += [*tie[others], tie[i]]
            data += [*np.minimum(room, need[i]), -float(need[i])]
            low.append(0.0)
            row += 1
        part, total = at[p.part[here[at]]], at[~p.part[here[at]]]
        small = p.keep[c[part]] & (p.value[c[part]] > 0)
        if p.minimum and small.any():
            rows += [row] * len(at)
            cols += [*tie[part], *tie[total]]
            data += [
                *np.minimum(p.value[c[part]], p.minimum).astype(float),
                *([float(p.minimum)] * len(total)),
            ]
            low.append(float(p.minimum))
            row += 1
    if not row:
        return None
    known = now.astype(float)
    found = milp(
        p.tie_cost[ties],
        constraints=LinearConstraint(csr_array((data, (rows, cols)), shape=(row, len(ties))), np.array(low), np.inf),
        integrality=np.ones(len(ties)),
        bounds=Bounds(np.where(fixed, known, 0), np.where(fixed, known, 1)),
        options={"node_limit": NODES, "mip_rel_gap": 0.01},
    )
    return found.x > 0.5 if found.x is not None else None
