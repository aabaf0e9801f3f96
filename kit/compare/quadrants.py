"""Any two measures or shares of students, school by school, cut into quadrants; the corners are named in words.

Form: CORE's scatter of named schools with bright spots and double concerns (Hough, Byun and Mulfinger 2018, figure 5).
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kit.compare.composition import composition_wide
from kit.measures.registry import measures

__all__ = ["CUTS", "SIZE", "axes", "corners", "quadrants"]

# Where the lines are drawn. Quarters make the corners rarer; which of the two is a choice of the team.
CUTS = ("median", "quarter")
SIZE = "size"
_SHARES = ("disadvantaged", "english_learner", "disability", "homeless", "foster")


def axes(released: pd.DataFrame) -> list[str]:
    """Return what an axis can show: ids of measures that schools have, groups whose share is known, and size."""
    schools = released[released["unit_type"].eq("school") & released["status"].eq("shown")]
    there = set(schools["measure"])
    groups = set(schools["student_group"])
    return [m for m in measures() if m in there] + [g for g in _SHARES if g in groups] + [SIZE]


def quadrants(
    released: pd.DataFrame, schools: pd.DataFrame, across: str, upward: str, *, school_year: int,
    student_group: str = "all",
) -> pd.DataFrame:  # fmt: skip
    """Give each school its two values.

    Parameters
    ----------
    released : DataFrame
        The released table.
    schools : DataFrame
    across, upward : str
        A measure's id, a student group's (its share in percent), or ``size``.
    school_year : int
    student_group : str
        Whose values a measure takes.

    Returns
    -------
    DataFrame
        school_id, school_name, district_id, district_name, level, size (students), x, y; schools with both values.
    """
    wide = composition_wide(released, school_year=school_year)
    t = released[
        released["unit_type"].eq("school") & released["grade"].eq("all") & released["status"].eq("shown")
        & released["school_year"].eq(school_year) & released["student_group"].eq(student_group)
    ]  # fmt: skip
    values: dict[str, pd.Series] = {}
    for name, axis in (("x", across), ("y", upward)):
        if axis in measures():
            values[name] = t[t["measure"].eq(axis)].set_index("unit_id")["value"]
        else:
            values[name] = wide[axis] if axis in wide else pd.Series(dtype=float)
    columns = [c for c in ("school_id", "school_name", "district_id", "district_name", "level") if c in schools]
    out = schools[columns].drop_duplicates("school_id").set_index("school_id")
    out = out.join(wide["size"]).join(values["x"].rename("x")).join(values["y"].rename("y"))
    out = out.dropna(subset=["x", "y"]).reset_index()
    return out.astype({"x": float, "y": float}).sort_values(["school_name", "school_id"], ignore_index=True)


def corners(
    points: pd.DataFrame, better: Mapping[str, str], cut: str = "median"
) -> tuple[dict[str, tuple[float, float]], dict[str, list[str]]]:
    """Return the lines of the quadrants, and the schools in the two telling corners.

    Parameters
    ----------
    points : DataFrame
        Of :func:`quadrants`, filtered as the team likes; the lines are those of the schools that are left.
    better : mapping
        ``x`` and ``y`` to ``up`` or ``down``; an axis that is no measure is left out, and then no corner is named.
    cut : {"median", "quarter"}

    Returns
    -------
    lines : dict
        ``x`` and ``y`` to the lower and the upper line (the same for the median).
    named : dict
        ``bright`` and ``concern`` to ids, in the order of ``points``.
    """
    low, high = (0.5, 0.5) if cut == "median" else (0.25, 0.75)
    lines = {a: (float(points[a].quantile(low)), float(points[a].quantile(high))) for a in ("x", "y")}
    if not {"x", "y"} <= set(better):
        return lines, {"bright": [], "concern": []}
    good, bad = pd.Series(True, points.index), pd.Series(True, points.index)
    for a in ("x", "y"):
        above, below = points[a] > lines[a][1], points[a] < lines[a][0]
        good &= above if better[a] == "up" else below
        bad &= below if better[a] == "up" else above
    return lines, {"bright": points.loc[good, "school_id"].tolist(), "concern": points.loc[bad, "school_id"].tolist()}
