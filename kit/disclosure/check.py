"""A second look at a released table: the attacker is given it, and the rows that he works out are listed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.disclosure.attack import exposed_cells
from kit.disclosure.choice import count_problem, number_problem
from kit.disclosure.relations import build_relations
from kit.measures.results import KEY

__all__ = ["find_leaks"]


def find_leaks(
    results: pd.DataFrame,
    released: pd.DataFrame,
    *,
    minimum: int,
    schools: pd.DataFrame | None = None,
    near: int = 2,
    spread: int = 3,
) -> pd.DataFrame:
    """List the withheld rows whose numbers follow from the rows that are shown.

    Parameters
    ----------
    results : DataFrame
        The results table that was released, whole.
    released : DataFrame
        The table of a :class:`kit.privacy.Released`.
    minimum, schools, near, spread
        As for :func:`kit.privacy.release`.

    Returns
    -------
    DataFrame
        The key columns and ``leak``: ``n`` or ``count``; a row named «rest» stands for students who are in
        a total and in none of its parts. Empty when nothing leaks.
    """
    t = results.merge(released[[*KEY, "status", "low", "high"]], on=list(KEY), validate="1:1")
    t = t.sort_values(list(KEY), ignore_index=True)
    rels = build_relations(t, schools, minimum)
    small = (t["n"].fillna(0) < minimum).to_numpy(dtype=bool)
    withheld = (t["status"] == "suppressed").to_numpy()
    low, high = t["low"].to_numpy(dtype=float), t["high"].to_numpy(dtype=float)
    found = []

    problem, cells = number_problem(t, rels, small, minimum=minimum, near=near, spread=spread)
    # A number is known as soon as one measure that counts the same students shows it.
    shown = np.zeros(len(problem.value), bool)
    shown[cells[~withheld]] = True
    problem.hidden = ~shown
    secret = np.flatnonzero(problem.spread[: cells.max() + 1] > 0) if len(cells) else np.array([], int)
    found.append((np.concatenate([_exposed(problem), secret[shown[secret]]]), cells, "n"))

    problem = count_problem(t, rels, small, withheld, low, high, minimum=minimum, public=(low >= 0).any())
    if problem is not None:
        found.append((_exposed(problem), np.arange(len(t)), "count"))
    frames = []
    for exposed, cell_of, leak in found:
        rows = np.flatnonzero(np.isin(cell_of, exposed))
        frames.append(t.loc[rows, list(KEY)].assign(leak=leak))
        of_rows = cell_of.max() + 1 if len(cell_of) else 0
        if (rest := exposed[exposed >= of_rows] - of_rows).size:
            frames.append(_whose_rest(t, rels, rest).assign(leak=leak))
    return pd.concat(frames, ignore_index=True)


def _exposed(problem) -> np.ndarray:
    alone = problem.failures()[0] & (problem.spread[problem.cell] > 0)
    return np.union1d(problem.cell[alone], [e.cell for e in exposed_cells(problem)]).astype(int)


def _whose_rest(t: pd.DataFrame, rels, rest: np.ndarray) -> pd.DataFrame:
    sums = rels.rel[np.isin(rels.cell, rels.size + rest)]
    totals = rels.cell[np.isin(rels.rel, sums) & ~rels.part]
    return t.loc[totals, list(KEY)].assign(student_group="rest")
