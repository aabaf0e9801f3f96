"""Which dots of a crowded cloud of schools have a name, so that a page stays light and a table can be read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, pstdev

__all__ = ["MOST_NAMED", "named_dots"]

# Up to so many dots all are named: hundreds of rows are no table that anybody reads. No source: a choice of this kit.
MOST_NAMED = 100
# How many of the nearest, and of the farthest out on the favourable side of both measures.
_NEAREST = _FARTHEST = 40


def named_dots(dots: Sequence[Mapping], ours: Mapping, better: tuple[str, str]) -> set[str]:
    """Choose the schools whose name is told: of the same district, the nearest, and the farthest out.

    Parameters
    ----------
    dots : sequence of mapping
        ``id``, ``district``, ``x`` and ``y`` of each school.
    ours : mapping
        The dot of the school whose page it is.
    better : (str, str)
        ``up`` or ``down``: the favourable direction across and upward.

    Returns
    -------
    set of str
        Ids, ours among them. Distances are in standard deviations of each axis; the farthest out are those whose less
        favourable measure is most favourable, and equal ones come in the order of the dots.
    """
    axes = []
    for axis, way in zip(("x", "y"), better, strict=True):
        values = [d[axis] for d in dots]
        middle, spread = fmean(values), pstdev(values) or 1.0
        axes.append([(v - middle) / spread * (1 if way == "up" else -1) for v in values])
    places = list(zip(*axes, strict=True))
    here = places[next(i for i, d in enumerate(dots) if d["id"] == ours["id"])]
    near = sorted(range(len(dots)), key=lambda i: math.dist(places[i], here))[: _NEAREST + 1]
    far = sorted((i for i in range(len(dots)) if min(places[i]) > 0), key=lambda i: -min(places[i]))[:_FARTHEST]
    return {dots[i]["id"] for i in (*near, *far)} | {d["id"] for d in dots if d["district"] == ours["district"]}
