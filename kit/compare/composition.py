"""Size and student groups of a school, taken from the results themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.compare.inputs import result_rows
from kit.language import N_
from kit.measures.registry import measures

__all__ = ["CANNOT_TELL", "composition", "composition_wide"]

CANNOT_TELL = (
    N_(
        "The shares are of the students whom a measure counts (suspension where there is one: everyone enrolled "
        "at any time), not of a census day."
    ),
    N_("A group that is not shown has no share, and a group without a row counts as no student."),
)

# Suspension counts every student enrolled; chronic absence all with a known day.
PREFERRED = ("suspension", "chronic_absence")


def _base_measure(whole: pd.DataFrame) -> pd.DataFrame:
    """Choose for each school and year the measure whose students stand for the school."""
    order = {m: i for i, m in enumerate(measures())}
    t = whole[whole["n"].gt(0) & ~whole["answers"]].copy()
    t["_preferred"] = t["measure"].map({m: i for i, m in enumerate(PREFERRED)}).fillna(len(PREFERRED))
    t["_order"] = t["measure"].map(order)
    t["_n"] = -t["n"]
    t = t.sort_values(["school_year", "unit_id", "_preferred", "_n", "_order"])
    return t.drop_duplicates(["school_year", "unit_id"])


def composition(results: pd.DataFrame, *, school_year: int | list[int] | None = None) -> pd.DataFrame:
    """Give each school's size and the share of each student group in it.

    The students are those of ``suspension`` where the school has it, else of ``chronic_absence``, else of the
    measure (not a survey, which counts answers) with most students, so a folder that holds only published
    results has a composition too.

    Returns
    -------
    DataFrame
        One row per ``school_year``, ``unit_id`` and ``student_group`` (never ``all``), sorted by these:
        ``n`` in the group, ``size`` (all students), ``share`` (percent) and ``from_measure``. A group that is
        not shown has empty ``n`` and ``share``; a group that the year knows elsewhere and the school has no
        row for has 0, if the school has any group at all; otherwise the school has no rows.
    """
    rows = result_rows(results, school_year=school_year, unit_type="school", grade="all")
    base = _base_measure(rows[rows["student_group"].eq("all")])
    base = base[["school_year", "unit_id", "measure", "n"]].rename(columns={"n": "size"})
    groups = rows[rows["student_group"].ne("all")].merge(base, on=["school_year", "unit_id", "measure"])
    columns = ["school_year", "unit_id", "student_group", "n", "size", "share", "from_measure"]
    if groups.empty:
        return pd.DataFrame(columns=columns).astype({"n": float, "size": float, "share": float})
    key = ["school_year", "unit_id"]
    known = groups[["school_year", "student_group"]].drop_duplicates()
    with_groups = base.merge(groups[key].drop_duplicates(), on=key)
    full = with_groups.merge(known, on="school_year")
    full = full.merge(groups[[*key, "student_group", "n", "shown"]], on=[*key, "student_group"], how="left")
    full["n"] = full["n"].where(full["shown"].notna(), 0.0)
    full["share"] = (100 * full["n"] / full["size"]).where(full["n"] <= full["size"])
    full = full.rename(columns={"measure": "from_measure"})
    return full[columns].sort_values([*key, "student_group"], ignore_index=True)


def composition_wide(results: pd.DataFrame, *, school_year: int) -> pd.DataFrame:
    """Give one row a school: ``size``, ``log_size`` and a column of percents for each student group.

    Indexed by ``unit_id``. Schools without any group row have their size alone.
    """
    rows = result_rows(results, school_year=school_year, unit_type="school", student_group="all", grade="all")
    base = _base_measure(rows).set_index("unit_id")
    shares = composition(results, school_year=school_year).pivot(
        index="unit_id", columns="student_group", values="share"
    )
    out = pd.DataFrame({"size": base["n"], "log_size": np.log(base["n"].astype(float))}, index=base.index)
    out = out.join(shares.astype(float), how="left")
    out.columns.name = None
    return out.sort_index()
