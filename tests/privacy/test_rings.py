"""Whatever a ring is said to move, an integer program moves too; in tables of rows and columns rings find all."""

from __future__ import annotations

import numpy as np
import pytest
from privacy_network import pupils, roll_up
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from kit.disclosure.choice import count_problem, number_problem
from kit.disclosure.protect import FREE, Problem
from kit.disclosure.relations import build_relations
from kit.disclosure.rings import moved_by_rings
from kit.measures.results import KEY


def problem(value, hidden, sums, *, upper=FREE, lower=0):
    """State a problem: ``sums`` lists for each sum its parts' cells and its total's, or None."""
    rel, cell, part = [], [], []
    for number, (parts, total) in enumerate(sums):
        members = [*parts, *([] if total is None else [total])]
        rel += [number] * len(members)
        cell += members
        part += [True] * len(parts) + [False] * (total is not None)
    value, hidden = np.array(value), np.array(hidden, bool)
    return Problem(
        value=value, lower=np.full(len(value), lower), upper=np.full(len(value), upper), cost=np.ones(len(value)),
        hidden=hidden, keep=hidden, spread=hidden.astype(int), tie=np.arange(len(value)),
        rel=np.array(rel), cell=np.array(cell), part=np.array(part, bool),
    )  # fmt: skip


def marked(p, need):
    return moved_by_rings(p, np.flatnonzero(p.hidden[p.cell]), need)


class Attacker:
    """What whole numbers an attacker may believe in, by integer program over all sums."""

    def __init__(self, p):
        h = p.hidden[p.cell]
        sums = csr_array((np.where(p.part[h], 1.0, -1.0), (p.rel[h], p.cell[h])), shape=(p.rels, len(p.value)))
        self.size, self.sums = len(p.value), LinearConstraint(sums, 0, 0)
        down = np.maximum(p.lower - p.value, -60) * p.hidden
        self.bounds = Bounds(down, np.minimum(p.upper - p.value, 60) * p.hidden)

    def range_of(self, cell: int) -> int:
        cost = np.zeros(self.size)
        cost[cell] = 1.0
        ends = [
            milp(way * cost, constraints=self.sums, bounds=self.bounds, integrality=np.ones(self.size))
            for way in (1, -1)
        ]
        return round(-ends[1].fun - ends[0].fun)


def test_in_rows_and_columns_rings_find_every_cell_that_can_move():
    rng = np.random.default_rng(4)
    at = np.arange(42).reshape(6, 7)
    found = []
    for _ in range(25):
        p = problem(rng.integers(0, 3, 42), rng.random(42) < 0.4, [(r, None) for r in [*at, *at.T]], upper=2)
        attacker, hidden = Attacker(p), np.flatnonzero(p.hidden)
        can = [attacker.range_of(c) >= 1 for c in hidden]
        assert marked(p, p.hidden.astype(int))[hidden].tolist() == can
        found += can
    assert min(sum(found), len(found) - sum(found)) > 60


def test_a_road_is_not_its_own_way_back():
    # One row and one column share a cell; each has one more that can move, in no other sum.
    p = problem([5, 5, 5], [True] * 3, [([0, 1], None), ([0, 2], None)], upper=9)
    assert marked(p, np.ones(3, int)).tolist() == [True, True, True]
    # Without the second column's cell nothing makes up for it.
    p = problem([5, 5, 5], [True, True, False], [([0, 1], None), ([0, 2], None)], upper=9)
    assert marked(p, np.ones(3, int)).tolist() == [False, False, False]


def test_a_cell_that_may_only_rise_needs_another_that_may_fall():
    square = [([0, 1], None), ([2, 3], None), ([0, 2], None), ([1, 3], None)]
    assert marked(problem([0, 4, 4, 0], [True] * 4, square), np.ones(4, int)).all()
    assert not marked(problem([0, 0, 4, 4], [True] * 4, square), np.ones(4, int)).any()


def test_a_range_of_three_needs_room_for_three():
    square = [([0, 1], None), ([2, 3], None), ([0, 2], None), ([1, 3], None)]
    assert marked(problem([3, 9, 9, 3], [True] * 4, square), np.full(4, 3)).all()
    assert not marked(problem([2, 2, 2, 2], [True] * 4, square, upper=4), np.full(4, 3)).any()


def test_group_totals_of_districts_move_with_their_schools():
    # Cells: two districts' groups a and b (0 to 3), the one withheld school of each (4 to 7).
    schools = [([4], 0), ([5], 1), ([6], 2), ([7], 3)]
    across = [([4, 5], None), ([6, 7], None), ([0, 1], None), ([2, 3], None)]
    network = [([0, 2], None), ([1, 3], None)]
    p = problem([5] * 8, [True] * 8, [*schools, *across, *network], upper=9)
    assert marked(p, np.full(8, 3)).all()
    # A second sum over the same districts stands in the way: one total cannot move without the other.
    p = problem([5] * 8, [True] * 8, [*schools, *across, *network, ([0], None)], upper=9)
    assert not marked(p, np.full(8, 3)).any()


def test_who_is_not_in_a_group_moves_with_the_group():
    # A flagged group and its rest (0 and 1; 2 and 3) at two schools, and the district's group total, which is shown.
    p = problem([5, 3, 5, 9], [True] * 4, [([0, 1], None), ([2, 3], None), ([0, 2], None)])
    assert marked(p, np.array([3, 3, 3, 3])).all()
    # Where nobody can be more than there are, nobody can be fewer.
    p.upper[:] = p.value
    assert not marked(p, np.array([3, 3, 3, 3])).any()


@pytest.mark.parametrize("seed", [2, 8])
@pytest.mark.parametrize("what", ["n", "count"])
def test_what_a_ring_moves_an_integer_program_moves(seed, what):
    spells, home = pupils(schools=5, years=1, size=60, seed=seed, districts=2)
    t = roll_up(spells, home, drop_race=0.02).sort_values(list(KEY), ignore_index=True)
    t = t[t["measure"].isin(["suspension", "ela_proficient"])].reset_index(drop=True)
    small = (t["n"] < 20).to_numpy(bool)
    rels = build_relations(t, home, 20)
    rng = np.random.default_rng(seed)
    withheld = small | (rng.random(len(t)) < 0.25)
    if what == "n":
        p, cells = number_problem(t, rels, small, minimum=20, near=2, spread=3)
        p.hidden[cells[withheld]] = True
        need = np.where(p.hidden, 3, 0)
    else:
        none = np.full(len(t), np.nan)
        p = count_problem(t, rels, small, withheld, none, none, minimum=20, public=False)
        need = np.where(p.hidden, 1, 0)
    found = np.flatnonzero(marked(p, need) & (need > 0))
    assert len(found) > 30
    attacker = Attacker(p)
    for cell in rng.choice(found, min(80, len(found)), replace=False):
        assert attacker.range_of(cell) >= need[cell]
