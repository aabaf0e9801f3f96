"""An attacker written apart from the kit: integer programs on everything that a released table says.

He has the table, knows which school is in which district, how many students moved (by how much the parts of a sum
exceed its total) and that a listed row has at least one student. He does not know which rows are small.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import bmat, csr_array
from scipy.sparse.csgraph import connected_components

TOP = 100_000
SHAKES = 24  # programs that push all numbers of a part at once, before each is asked about alone


class Program:
    """Rows of a linear program over integer unknowns; a number is a dict of unknowns plus a constant."""

    def __init__(self):
        self.low, self.high, self.truth, self.rows = [], [], [], []

    def unknown(self, low, high, truth):
        self.low.append(low)
        self.high.append(high)
        self.truth.append(truth)
        return {len(self.low) - 1: 1.0, "one": 0.0}

    def between(self, number, low, high):
        self.rows.append((number, low, high))

    def ranges(self, numbers, enough):
        """Return the least and the greatest whole value of each number, as far as it matters.

        The truth and every other table that agrees with all rows say of every number how far it can go at least; a
        number that they show to vary by ``enough`` is left at that. What is not shown to is settled exactly.
        Unknowns that no row joins are asked about apart.
        """
        rows, ones = self._matrix([row for row, _, _ in self.rows])
        least, most = (np.array([r[i] for r in self.rows], float) - ones for i in (1, 2))
        truth = np.array(self.truth, float)
        assert (rows @ truth >= least).all(), "the truth itself breaks a row"
        assert (rows @ truth <= most).all(), "the truth itself breaks a row"
        asked, constant = self._matrix(numbers)
        part_of = connected_components(bmat([[None, rows.T], [rows, None]]), directed=False)[1]
        of_row, part_of = part_of[len(truth) :], part_of[: len(truth)]
        low = high = asked @ truth + constant
        rng = np.random.default_rng(1)
        for part in np.unique(part_of[asked.indices]):
            here, mine = np.flatnonzero(part_of == part), of_row == part
            among = asked[:, here]
            own = np.flatnonzero(np.diff(among.indptr))
            among = among[own]
            assert np.array_equal(np.diff(among.indptr), np.diff(asked.indptr)[own]), "a number of two parts"
            held = LinearConstraint(rows[mine][:, here], least[mine], most[mine])
            within = Bounds(np.array(self.low, float)[here], np.array(self.high, float)[here])

            def go(cost, own=own, among=among, held=held, within=within):
                nonlocal low, high
                found = milp(cost, constraints=held, integrality=np.ones(len(cost)), bounds=within)
                assert found.status == 0, found.message
                value = among @ np.round(found.x) + constant[own]
                low, high = low.copy(), high.copy()
                low[own], high[own] = np.minimum(low[own], value), np.maximum(high[own], value)

            for _ in range(SHAKES):
                narrow = high[own] - low[own] < enough[own]
                if narrow.sum() > 2:
                    go(among.T @ (rng.choice([-1.0, 1.0], len(own)) * narrow))
            for i, number in enumerate(own):
                for way in (1, -1):
                    if high[number] - low[number] < enough[number]:
                        go(way * among[[i]].toarray()[0])
        return low, high

    def _matrix(self, numbers):
        at = [(i, k, v) for i, number in enumerate(numbers) for k, v in number.items() if k != "one" and v]
        i, k, v = zip(*at, strict=True) if at else ((), (), ())
        ones = np.array([number["one"] for number in numbers], float)
        return csr_array((v, (i, k)), shape=(len(numbers), len(self.low))), ones


def total(terms):
    out = {"one": 0.0}
    for sign, number in terms:
        for k, v in number.items():
            out[k] = out.get(k, 0.0) + sign * v
    return out


def attack(released: pd.DataFrame, truth: pd.DataFrame, home: pd.DataFrame | None, minimum: int) -> list[str]:
    """Return a line for every withheld number that he works out."""
    key = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]
    both = truth.merge(released, on=key, suffixes=("", "_out"), validate="1:1")
    assert len(both) == len(truth)
    lines = []
    for (year, measure), t in both.groupby(["school_year", "measure"]):
        lines += [f"{year} {measure} {x}" for x in attack_measure(t, home, minimum)]
    return lines


def attack_measure(t, home, minimum):
    p = Program()
    rows, secrets = {}, []
    for r in t.itertuples():
        place = (r.unit_type, r.unit_id, r.student_group, r.grade)
        n_true, c_true = int(r.n), 0 if pd.isna(r.count) else int(r.count)
        if r.status == "shown":
            rows[place] = ({"one": float(n_true)}, {"one": float(c_true)}, n_true, c_true, True)
            continue
        n, c = p.unknown(1, TOP, n_true), p.unknown(0, TOP, c_true)
        p.between(total([(1, n), (-1, c)]), 0, np.inf)
        if r.status == "banded":
            p.between(n, minimum, np.inf)
            p.between(total([(100, c), (-r.low, n)]), 0, np.inf)
            p.between(total([(100, c), (-r.high, n)]), -np.inf, 0)
        rows[place] = (n, c, n_true, c_true, False)
        if n_true < minimum or r.status == "banded":
            secrets.append((place, n, c, n_true, c_true, r.status))
    counted = bool(t["count"].notna().any())

    def add_sum(name, whole, parts, slack):
        gap_n = whole[2] - sum(x[2] for x in parts)
        gap_c = whole[3] - sum(x[3] for x in parts)
        if slack and gap_n <= -minimum:
            return
        n, c = (total([(1, whole[i]), *((-1, x[i]) for x in parts)]) for i in (0, 1))
        if gap_n > 0:  # someone is in the whole and in no part: unknown to him, and worth knowing
            p.between(n, 0, np.inf)
            if 0 <= gap_c <= gap_n:
                p.between(c, 0, np.inf)
                p.between(total([(1, n), (-1, c)]), 0, np.inf)
            if gap_n < minimum:
                secrets.append((name, n, c, gap_n, gap_c, "implied"))
        else:
            p.between(n, gap_n, gap_n)
            p.between(c, gap_c, gap_c)

    units = sorted({k[:2] for k in rows})
    for unit in units:
        whole = rows.get((*unit, "all", "all"))
        if whole is None:
            continue
        inside = {k: v for k, v in rows.items() if k[:2] == unit and k[2:] != ("all", "all")}
        cuts = {}
        for k, v in inside.items():
            cut = "grade" if k[3] != "all" else k[2].split("_")[0] if k[2].startswith(("race_", "gender_")) else k[2]
            cuts.setdefault(cut, []).append(v)
        for cut, parts in cuts.items():
            add_sum((*unit, "rest of", cut), whole, parts, False)
    of = dict(zip(home["school_id"], home["district_id"], strict=True)) if home is not None else {}
    for place, whole in list(rows.items()):
        if place[0] == "school":
            continue
        below = "district" if place[0] == "network" else "school"
        for level in {below, "school"} if place[0] == "network" and not of else {below}:
            parts = [
                v
                for k, v in rows.items()
                if k[0] == level and k[2:] == place[2:] and (place[0] == "network" or of.get(k[1]) == place[1])
            ]
            if parts:
                add_sum((*place, "less", level), whole, parts, True)

    said = set()
    for place, (_, _, n_true, c_true, shown) in rows.items():
        if shown and counted and c_true in (0, n_true):
            said.add((place, c_true == 0))

    def said_of_all(place, none):
        unit, group = place[:2], place[2:]
        ups = (
            [unit]
            + ([("district", of[unit[1]])] if unit[0] == "school" and unit[1] in of else [])
            + [("network", "network")]
        )
        return any((((*u, *g), none) in said) for u in ups for g in (group, ("all", "all")))

    asked = []
    for place, n, c, n_true, c_true, why in secrets:
        if why != "banded":
            asked.append((n, 3, place, why, "n", n_true, ""))
        if counted and 0 <= c_true <= n_true and not (c_true in (0, n_true) and said_of_all(place, c_true == 0)):
            asked.append((c, 1, place, why, "count", c_true, f" of {n_true}"))
    low, high = p.ranges([a[0] for a in asked], np.array([a[1] for a in asked]))
    return [
        f"{place} {why}: {what}={true}{of_all} is within {least:.0f}..{most:.0f}"
        for (_, enough, place, why, what, true, of_all), least, most in zip(asked, low, high, strict=True)
        if most - least < enough
    ]
