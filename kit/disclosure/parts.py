"""Parts of a whole whose size everybody knows: which of them must not be shown.

The whole is published elsewhere (the students on one side of a measure's line), so it can stand in for nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.disclosure.protect import FREE, Problem, protect
from kit.disclosure.relations import Relations, build_relations, same_students
from kit.measures.results import KEY

__all__ = ["shown_parts"]

# Dearer than any part: a whole is known whatever is withheld.
_NEVER = 1e9


def shown_parts(
    parts: pd.DataFrame, schools: pd.DataFrame | None, *, minimum: int, near: int, spread: int
) -> pd.DataFrame:
    """Leave out the parts that are too small, and those that would give one away.

    Parameters
    ----------
    parts : DataFrame
        The results columns: parts in ``grade``, their whole with ``grade`` all.
    schools : DataFrame or None
        ``school_id`` and ``district_id``.
    minimum, near, spread : int
        See :func:`kit.privacy.release`.

    Returns
    -------
    DataFrame
        The parts that are left; the wholes are not in it. It still goes through the gate.
    """
    t = parts.sort_values(list(KEY), ignore_index=True)
    whole = t["grade"].eq("all").to_numpy()
    n = t["n"].to_numpy(dtype=np.int64)
    key = [c for c in KEY if c != "grade"]
    # A part that is all of its whole is known as that is.
    known = whole | (t.groupby(key)["grade"].transform("size").to_numpy() == 2)
    small = (n < minimum) & ~whole
    problem = _problem(t, known, small & ~known, build_relations(t, schools, minimum), near, spread, minimum)
    hidden = protect(problem).hidden[: len(t)]
    units = t.groupby(key, sort=False).ngroup().to_numpy()
    # A whole that the search would have to withhold is known all the same: then none of its parts is shown.
    hidden |= np.isin(units, units[hidden & whole]) | small
    hidden |= _too_little(units, n, hidden, whole, minimum)
    return t[~hidden & ~whole].reset_index(drop=True)


def _problem(t, known, small, rels: Relations, near, spread, minimum) -> Problem:
    """State the problem: small parts unknown; wholes, and parts that are all of their whole, known."""
    total_whole = np.zeros(rels.rel.max() + 1 if len(rels.rel) else 0, bool)
    whole = t["grade"].eq("all").to_numpy()
    own = np.flatnonzero(rels.cell < rels.size)
    sums = own[rels.part[own] & whole[rels.cell[own]]]
    # Wholes of schools that add up to a district's: all are known. So is a part that stands for its whole.
    total_whole[rels.rel[sums]] = True
    keep = ~total_whole[rels.rel] if len(rels.rel) else np.array([], bool)
    rest = rels.implicit["n"]
    n = np.concatenate([t["n"].to_numpy(dtype=np.int64), rest])
    size, extra = rels.size, len(rest)
    tie = same_students(t, near)
    tie[known] = tie.max() + 1 + np.arange(known.sum()) if len(tie) else 0
    must = np.concatenate([small | (np.isin(tie, tie[small]) & ~known), np.ones(extra, bool)])
    fixed = np.concatenate([known, np.zeros(extra, bool)])
    # What a district has beyond its schools (students who moved) is no group of anybody; the gate looks at it again.
    # A part that is withheld has no row, like one without a student: it may be 0, or all of its whole.
    room = t.groupby([c for c in KEY if c != "grade"])["n"].transform("max").to_numpy(dtype=np.int64)
    room = np.minimum(spread, np.concatenate([room, np.zeros(extra, np.int64)]))
    cost = np.concatenate([np.where(known, _NEVER, np.log1p(n[:size])), np.zeros(extra)])
    last = tie.max() + 1 if len(tie) else 0
    return Problem(
        value=n,
        lower=np.where(fixed, n, 0),
        upper=np.where(fixed, n, FREE),
        cost=cost,
        hidden=must.copy(),
        keep=must,
        spread=np.where(must & (n > 0) & (n < minimum), room, 0),
        tie=np.concatenate([tie, last + np.arange(extra)]),
        rel=pd.factorize(rels.rel[keep])[0].astype(np.int64),
        cell=rels.cell[keep],
        part=rels.part[keep],
    )


def _too_little(units, n, hidden, whole, minimum) -> np.ndarray:
    """Find the parts to withhold beside others, where what a whole hides comes to fewer than the minimum."""
    more = np.zeros(len(n), bool)
    for unit in np.unique(units[hidden]):
        mine = np.flatnonzero((units == unit) & ~whole)
        left = sorted(mine[~hidden[mine]], key=lambda i: n[i])
        total = n[mine][hidden[mine]].sum()
        while left and total < minimum:
            more[left[0]], total = True, total + n[left[0]]
            left = left[1:]
    return more
