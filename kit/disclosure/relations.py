"""What can be subtracted from what: the cells of a results table and the sums that join them.

Every relation is a total that equals its parts: all students and the races (genders, grades); all students
and a flagged group with the students who are not in it; a district and its schools; the network and its
districts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

__all__ = ["Relations", "build_relations", "measure_kind", "same_numbers", "same_students"]

PARTITIONS = ("race", "gender", "grade")
SURVEYS = ("sel_", "climate_")


@dataclass
class Relations:
    """Cells and sums as flat arrays.

    Attributes
    ----------
    rel, cell, part : ndarray
        One entry per membership: number of the relation, number of the cell, and whether the cell is a part
        (True) or the total (False). Cells from ``size`` on are implicit: never published, known only as
        what is missing from a sum.
    size : int
        Number of rows of the results table.
    implicit : dict of str to ndarray
        ``n`` and ``count`` of the implicit cells (total less parts).
    """

    rel: np.ndarray
    cell: np.ndarray
    part: np.ndarray
    size: int
    implicit: dict[str, np.ndarray]


def measure_kind(measure: str) -> str:
    """Name the population a measure counts; numbers of one kind may be the same students."""
    if measure.startswith(SURVEYS):
        return "survey_" + (measure.rsplit("_", 1)[1] if measure.startswith("climate_") else "student")
    if measure.startswith("graduation_"):
        return "graduation"
    if measure in ("college_going", "el_redesignation"):
        return measure
    return "students"


def _dimension(group: pd.Series, grade: pd.Series) -> pd.Series:
    kinds = group.drop_duplicates()
    named = {g: "race" if g.startswith("race_") else "gender" if g.startswith("gender_") else g for g in kinds}
    return group.map(named).where(grade == "all", "grade")


def same_students(results: pd.DataFrame, near: int) -> np.ndarray:
    """Number the rows so that rows which may count the same students have one number.

    Rows of one year, unit, group and grade whose measures are of one kind and whose ``n`` lie within ``near``
    of the next are taken for the same students; the graduation rates of a cohort always are.
    """
    kinds = results["measure"].drop_duplicates()
    kind = results["measure"].map({m: measure_kind(m) for m in kinds})
    place = _codes(results, ["school_year", "unit_type", "unit_id", "student_group", "grade"], kind)
    n = results["n"].fillna(0).to_numpy(dtype=np.int64)
    order = np.lexsort((n, place))
    step = np.diff(n[order], prepend=0) > near
    step &= (kind != "graduation").to_numpy()[order]
    moved = np.diff(place[order], prepend=-1) != 0
    number = np.empty(len(results), np.int64)
    number[order] = np.cumsum(step | moved) - 1
    return number


def same_numbers(results: pd.DataFrame) -> np.ndarray:
    """Number the rows so that measures which count the same students by definition share their numbers.

    Measures are taken to do so in a year in which every ``n`` of theirs agrees; whoever sees the table knows.
    """
    place = _codes(results, ["school_year", "unit_type", "unit_id", "student_group", "grade"])
    whole = _codes(results, ["school_year", "measure"])
    n = results["n"].fillna(0).to_numpy(dtype=np.uint64)
    mark = np.random.default_rng(7).integers(1, 2**62, place.max() + 1 if len(place) else 0, dtype=np.uint64)
    name = np.zeros(whole.max() + 1 if len(whole) else 0, np.uint64)
    with np.errstate(over="ignore"):
        np.add.at(name, whole, mark[place] * (2 * n + 1))
    return _codes(pd.DataFrame({"place": place, "name": name[whole]}), ["place", "name"])


def _codes(table: pd.DataFrame, columns: list[str], *more: pd.Series) -> np.ndarray:
    code = np.zeros(len(table), np.int64)
    for values in [*(table[c] for c in columns), *more]:
        number, names = pd.factorize(values)
        code = pd.factorize(code * (len(names) + 1) + number)[0].astype(np.int64)
    return code


def build_relations(results: pd.DataFrame, schools: pd.DataFrame | None, minimum: int) -> Relations:
    """Find every sum in a results table.

    Parameters
    ----------
    results : DataFrame
        The results table with a 0-based index.
    schools : DataFrame or None
        ``school_id`` and ``district_id``. Without it schools are summed to the network only.
    minimum : int
        A difference between a total and its parts of at least this many students hides them by itself: such a
        district or network sum is left out when the parts exceed the total (students who moved are counted
        twice), and what a total has beyond its parts becomes an implicit cell.
    """
    t = results
    dim = _dimension(t["student_group"], t["grade"])
    unit = _codes(t, ["school_year", "unit_type", "unit_id", "measure"])
    is_all = ((t["student_group"] == "all") & (t["grade"] == "all")).to_numpy()
    all_row = np.full(unit.max() + 1 if len(unit) else 0, -1)
    all_row[unit[is_all]] = np.flatnonzero(is_all)

    # Horizontal: a row's total is its unit's row for all students; one relation per unit and dimension.
    parts = np.flatnonzero(~is_all & (all_row[unit] >= 0)) if len(t) else np.array([], int)
    across = _codes(t.iloc[parts], [], pd.Series(unit[parts]), dim.iloc[parts])
    sums = [(across, parts, all_row[unit[parts]], 1)]

    # Vertical: the same group one level up.
    place = _codes(t, ["school_year", "measure", "student_group", "grade"])
    kind = t["unit_type"].to_numpy()
    rows = {k: np.flatnonzero(kind == k) for k in ("school", "district", "network")}
    top = np.full(place.max() + 1 if len(t) else 0, -1)
    top[place[rows["network"]]] = rows["network"]
    if schools is not None and "district_id" in schools and len(rows["district"]):
        of = schools.drop_duplicates("school_id").set_index("school_id")["district_id"]
        home = t["unit_id"].iloc[rows["school"]].map(of).to_numpy()
        key = pd.MultiIndex.from_arrays([place[rows["district"]], t["unit_id"].to_numpy()[rows["district"]]])
        at = key.get_indexer(pd.MultiIndex.from_arrays([place[rows["school"]], home]))
        has = at >= 0
        totals = rows["district"][at[has]]
        sums.append((totals, rows["school"][has], totals, 2))
        up = rows["district"]
        # Schools outside every district still belong to the network's sum.
        loose = rows["school"][~has]
        up = np.concatenate([up, loose])
        sums.append((top[place[up]], up, top[place[up]], 2))
    else:
        for level in ("school", "district"):
            up = rows[level]
            sums.append((top[place[up]], up, top[place[up]], 2))
    return _assemble(t, sums, minimum)


def _assemble(t: pd.DataFrame, sums: list, minimum: int) -> Relations:
    n = t["n"].fillna(0).to_numpy(dtype=np.int64)
    count = t["count"].fillna(0).to_numpy(dtype=np.int64)
    rels, cells, part, extra_n, extra_count = [], [], [], [], []
    base, extra = 0, len(t)
    for key, parts, totals, way in sums:
        keep = totals >= 0
        if not keep.any():
            continue
        key, parts, totals = pd.factorize(key[keep])[0], parts[keep], totals[keep]
        size = key.max() + 1
        total = np.empty(size, np.int64)
        total[key] = totals
        rest = n[total] - np.bincount(key, n[parts], size).astype(np.int64)
        rest_count = count[total] - np.bincount(key, count[parts], size).astype(np.int64)
        # Students who moved make the parts exceed the total: beyond the minimum, subtraction says nothing.
        use = rest > -minimum if way == 2 else np.ones(size, bool)
        m = use[key]
        rels += [base + key[m], base + np.flatnonzero(use)]
        cells += [parts[m], total[use]]
        part += [np.ones(m.sum(), bool), np.zeros(use.sum(), bool)]
        more = np.flatnonzero(use & (rest > 0))
        rels.append(base + more)
        cells.append(extra + np.arange(len(more)))
        part.append(np.ones(len(more), bool))
        extra_n.append(rest[more])
        extra_count.append(np.clip(rest_count[more], 0, rest[more]))
        base, extra = base + size, extra + len(more)

    def joined(arrays, dtype):
        return np.concatenate(arrays) if arrays else np.array([], dtype)

    return Relations(
        joined(rels, np.int64),
        joined(cells, np.int64),
        joined(part, bool),
        len(t),
        {"n": joined(extra_n, np.int64), "count": joined(extra_count, np.int64)},
    )
