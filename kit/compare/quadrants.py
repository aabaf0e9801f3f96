"""Any two measures or shares of students, school by school, cut into quadrants; the corners are named in words.

Form: CORE's scatter of named schools with bright spots and double concerns (Hough, Byun and Mulfinger 2018, figure 5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from kit.compare.composition import PREFERRED, composition_wide
from kit.measures.registry import measures

__all__ = ["CUTS", "SIZE", "axes", "corners", "points", "quadrants", "school_values"]

# Where the lines are drawn. Quarters make the corners rarer; which of the two is a choice of the team.
CUTS = ("median", "quarter")
SIZE = "size"
_SHARES = ("disadvantaged", "english_learner", "disability", "homeless", "foster")


def axes(there: Collection[str]) -> list[str]:
    """Return what an axis can show of what there is: ids of measures, groups whose share is known, and size."""
    return [m for m in measures() if m in there] + [g for g in _SHARES if g in there] + [SIZE]


def school_values(released: pd.DataFrame, *, school_year: int, student_group: str = "all") -> pd.DataFrame:
    """Give every school what an axis can show of it, so that many pairs can be drawn of one reading.

    Returns
    -------
    DataFrame
        Indexed by ``unit_id``: a column a measure (the value of ``student_group`` where it is shown), a column a
        student group (its share in percent) and ``size``; no column where no school has one.
    """
    t = released[released["school_year"].eq(school_year).to_numpy(dtype=bool)]
    t = t[(t["unit_type"].eq("school") & t["grade"].eq("all")).to_numpy(dtype=bool)]
    shown = t[(t["status"].eq("shown") & t["student_group"].eq(student_group)).to_numpy(dtype=bool)]
    values = shown.pivot(index="unit_id", columns="measure", values="value")
    shares = composition_wide(_of_who_stands_for_all(t), school_year=school_year).drop(columns="log_size")
    out = values.join(shares, how="outer").astype(float).dropna(axis="columns", how="all")
    out.columns.name = None
    return out


def _of_who_stands_for_all(t: pd.DataFrame) -> pd.DataFrame:
    """Leave out what the composition does not look at: of a large network that is nearly everything."""
    whole, preferred = t["student_group"].eq("all"), t["measure"].isin(PREFERRED)
    has = t.loc[whole & preferred & t["status"].eq("shown") & t["n"].gt(0), "unit_id"].unique()
    return t[(whole | preferred | ~t["unit_id"].isin(has)).to_numpy(dtype=bool)]


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
    values = school_values(released, school_year=school_year, student_group=student_group)
    return points(values, schools, across, upward)


def points(values: pd.DataFrame, schools: pd.DataFrame, across: str, upward: str) -> pd.DataFrame:
    """Give each school its two values of :func:`school_values`; the columns are those of :func:`quadrants`."""
    columns = [c for c in ("school_id", "school_name", "district_id", "district_name", "level") if c in schools]
    out = schools[columns].drop_duplicates("school_id").set_index("school_id")
    nothing = pd.Series(dtype=float)
    for name, axis in (("size", SIZE), ("x", across), ("y", upward)):
        out = out.join(values.get(axis, nothing).rename(name))
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
