"""What the quick explorations show of a place (network, district or school): tables made from the released one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from kit.compare.birds_eye import BANDS
from kit.compare.proportions import wilson_interval

__all__ = ["bands_of_schools", "district_rows", "group_years", "series_years", "theme_signals"]

_SHOWN = ["school_year", "n", "value"]


def _of(released: pd.DataFrame, unit: tuple[str, str], measure: str) -> pd.DataFrame:
    t = released
    return t[t["unit_type"].eq(unit[0]) & t["unit_id"].eq(unit[1]) & t["measure"].eq(measure) & t["grade"].eq("all")]


def series_years(
    released: pd.DataFrame, measure: str, series: Sequence[tuple[str, tuple[str, str], str]], until: int
) -> pd.DataFrame:
    """Return series over the school years.

    Parameters
    ----------
    released : DataFrame
    measure : str
    series : sequence of (name, (unit type, unit id), student group)
    until : int
        The latest school year.

    Returns
    -------
    DataFrame
        series, school_year, n, value (empty where it is not shown).
    """
    parts = []
    for name, unit, group in series:
        t = _of(released, unit, measure)
        t = t[t["student_group"].eq(group) & t["school_year"].le(until)]
        parts.append(t[_SHOWN].assign(series=name))
    return pd.concat(parts, ignore_index=True).sort_values(["series", "school_year"], ignore_index=True)


def group_years(released: pd.DataFrame, unit: tuple[str, str], measure: str, until: int) -> pd.DataFrame:
    """Return every student group of a place over the years: student_group, school_year, n, value."""
    t = _of(released, unit, measure)
    t = t[t["school_year"].le(until)]
    first = t["student_group"].ne("all")
    return (
        t.assign(_first=first)
        .sort_values(["_first", "student_group", "school_year"])[["student_group", *_SHOWN]]
        .reset_index(drop=True)
    )


def district_rows(
    released: pd.DataFrame, schools: pd.DataFrame, measure: str, group: str, school_year: int
) -> pd.DataFrame:
    """Return every district's value, in alphabetical order: unit_id, name, n, value, low, high (95 %, rates only).

    The intervals are Wilson's.
    """
    t = released[
        released["unit_type"].eq("district") & released["measure"].eq(measure) & released["grade"].eq("all")
        & released["student_group"].eq(group) & released["school_year"].eq(school_year)
        & released["status"].eq("shown")
    ]  # fmt: skip
    names = dict(zip(schools["district_id"], schools["district_name"], strict=True))
    name = t["unit_id"].map(names).fillna("")
    t = t.assign(name=name.where(name.ne(""), t["unit_id"]))
    low, high = wilson_interval(t["count"].astype("Float64").to_numpy(dtype=float, na_value=float("nan")),
                                t["n"].to_numpy(dtype=float, na_value=float("nan")))  # fmt: skip
    t = t.assign(low=100 * low, high=100 * high, _key=t["name"].str.casefold())
    return t.sort_values(["_key", "unit_id"])[["unit_id", "name", "n", "value", "low", "high"]].reset_index(drop=True)


def bands_of_schools(levels: pd.DataFrame, among: Collection[str], measures: Sequence[str]) -> pd.DataFrame:
    """Count the schools of a place by their level, 1 to 10 in pairs, on each measure: measure, band, schools.

    Parameters
    ----------
    levels : DataFrame
        ``school_id``, ``measure``, ``level``.
    among : collection of str
        Ids of the schools.
    measures : sequence of str
    """
    t = levels[levels["school_id"].isin(set(among)) & levels["measure"].isin(list(measures)) & levels["level"].notna()]
    band = ((t["level"].astype(int) - 1) // 2).map(dict(enumerate(BANDS)))
    counted = t.assign(band=band).groupby(["measure", "band"], observed=True).size().rename("schools").reset_index()
    return counted.astype({"schools": "int64"})


def theme_signals(glance: pd.DataFrame, widening: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """Return what stands out in a theme: unit_id, measure, student_group, why.

    Parameters
    ----------
    glance : DataFrame
        ``kit.compare.at_a_glance``: ``concern`` and ``change_class`` of each school and measure.
    widening : DataFrame
        Gaps that are clearly unfavourable and clearly wider than the year before.
    measures : sequence of str
    """
    g = glance[glance["measure"].isin(list(measures)) & glance["student_group"].eq("all")]
    low = g["concern"].eq("look closer")
    worse = g["change_class"].eq("worsened")
    why = pd.Series("", index=g.index, dtype=object)
    why[low] = "among the least favourable quarter of its level"
    why[worse] = "clearly worse than the year before"
    why[low & worse] = "among the least favourable quarter of its level, and clearly worse than the year before"
    first = g[low | worse].assign(why=why[low | worse])[["unit_id", "measure", "student_group", "why"]]
    w = widening[widening["measure"].isin(list(measures))] if len(widening) else widening
    if not len(w):
        return first.sort_values(["unit_id", "measure"], ignore_index=True)
    second = pd.DataFrame(
        {"unit_id": w["school_id"], "measure": w["measure"], "student_group": w["student_group"],
         "why": "a gap that is clearly unfavourable and wider than the year before"}
    )  # fmt: skip
    both = pd.concat([first, second], ignore_index=True)
    return both.sort_values(["unit_id", "measure", "student_group"], ignore_index=True)
