"""An attacker written apart from the kit: integer programs on everything that a released table says.

He has the table, knows which school is in which district, how many students moved (by how much the parts of a sum
exceed its total) and that a listed row has at least one student. He does not know which rows are small.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_array

TOP = 100_000


class Program:
    """Rows of a linear program over integer unknowns; a number is a dict of unknowns plus a constant."""

    def __init__(self):
        self.low, self.high, self.rows = [], [], []
        self.matrix = None

    def unknown(self, low, high):
        self.low.append(low)
        self.high.append(high)
        return {len(self.low) - 1: 1.0, "one": 0.0}

    def between(self, number, low, high):
        self.rows.append((number, low, high))

    def _matrix(self):
        if self.matrix is None:
            a = lil_array((len(self.rows), len(self.low)))
            for i, (row, _, _) in enumerate(self.rows):
                for k, v in row.items():
                    if k != "one":
                        a[i, k] = v
            low = np.array([least - row["one"] for row, least, _ in self.rows])
            high = np.array([most - row["one"] for row, _, most in self.rows])
            self.matrix = a.tocsr(), low, high
        return self.matrix

    def bounds(self, number):
        """Return the least and the greatest whole value that the number can have."""
        cost = np.zeros(len(self.low))
        for k, v in number.items():
            if k != "one":
                cost[k] = v
        if not cost.any():
            return number["one"], number["one"]
        a, low, high = self._matrix()
        out = []
        for way in (1, -1):
            found = milp(
                way * cost,
                constraints=LinearConstraint(a, low, high),
                integrality=np.ones(len(cost)),
                bounds=Bounds(self.low, self.high),
            )
            assert found.status == 0, found.message
            out.append(round(way * found.fun + number["one"]))
        return tuple(out)


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
        n, c = p.unknown(1, TOP), p.unknown(0, TOP)
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

    lines = []
    for place, n, c, n_true, c_true, why in secrets:
        if why != "banded":
            low, high = p.bounds(n)
            assert low <= n_true <= high, (place, low, n_true, high)
            if high - low < 3:
                lines.append(f"{place} {why}: n={n_true} is within {low}..{high}")
        if counted and 0 <= c_true <= n_true:
            low, high = p.bounds(c)
            assert low <= c_true <= high, (place, low, c_true, high)
            if low == high and not (c_true in (0, n_true) and said_of_all(place, c_true == 0)):
                lines.append(f"{place} {why}: count={c_true} of {n_true} is known")
    return lines
