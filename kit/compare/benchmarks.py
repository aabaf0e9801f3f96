"""Where a school's measure stands: beside its district, the network, and the schools of its level."""

from __future__ import annotations

import pandas as pd

from kit.compare.concern import at_a_glance
from kit.compare.inputs import school_rows, shown_rows
from kit.compare.settings import CompareSettings
from kit.errors import KitError
from kit.language import N_
from kit.measures.registry import measure as find_measure
from kit.measures.registry import measures

__all__ = ["CANNOT_TELL", "benchmarks", "standing"]

CANNOT_TELL = (
    N_(
        "A district's own number holds the school itself, and all levels: an elementary school and its district's "
        "high schools differ for reasons of age."
    ),
    N_("The quartiles are of schools, each counted once whatever its size."),
    N_("Schools whose number is not shown are left out, so the quartiles are of the others."),
)


def standing(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    measure: str,
    school_year: int,
    level: str,
    *,
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """List the schools of a level with a measure's value and the quarter each is in, by name, never by rank.

    Returns
    -------
    DataFrame
        One row per school of the level with a number that is shown, sorted by name and id: ``school_id``,
        ``school_name``, ``district_id``, ``district_name``, ``n``, ``value``, ``quarter`` (best, second,
        third, last; empty where too few schools or students), ``concern``, ``level_low``, ``level_median``,
        ``level_high`` (quartiles), ``schools_compared``, ``district_value`` and ``network_value``.

    Raises
    ------
    KitError
        If the measure is unknown or no school has the level.
    """
    find_measure(measure)
    known = school_rows(schools)
    if not known["level"].eq(level).any():
        raise KitError(
            f"no school has the level '{level}'",
            mend=f"Levels: {', '.join(sorted(known['level'].dropna().unique()))}.",
        )
    of_level = known[known["level"].eq(level)]
    mine = results[results["measure"].eq(measure) & results["school_year"].eq(school_year)]
    glance = at_a_glance(mine, of_level, school_year=school_year, settings=settings)
    glance = glance[glance["value"].notna()].drop(columns="level")
    out = of_level.merge(glance, left_on="school_id", right_on="unit_id", how="inner", validate="one_to_one")
    wider = shown_rows(mine, unit_type=["district", "network"], student_group="all", grade="all")
    district = wider[wider["unit_type"].eq("district")].set_index("unit_id")["value"]
    network = wider.loc[wider["unit_type"].eq("network"), "value"]
    out["district_value"] = out["district_id"].astype(str).map(district).astype(float)
    out["network_value"] = float(network.iloc[0]) if len(network) else float("nan")
    return out[
        [
            "school_id",
            "school_name",
            "district_id",
            "district_name",
            "n",
            "value",
            "quarter",
            "concern",
            "level_low",
            "level_median",
            "level_high",
            "schools_compared",
            "district_value",
            "network_value",
        ]
    ].sort_values(["school_name", "school_id"], ignore_index=True)


def benchmarks(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    school_id: str,
    *,
    school_year: int,
    settings: CompareSettings | None = None,
    glance: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Set each measure of a school and year beside its district, the network and the schools of its level.

    Returns
    -------
    DataFrame
        Per measure up to four rows (``compared_with``: school, district, network, level) with ``name``, ``n``
        (students; schools for the level), ``value`` (the median for the level), and for the level ``low``
        and ``high`` (the quartiles). In the order of the registry. What is not shown is left out.
        ``glance`` is :func:`at_a_glance` of the year where it is already made.

    Raises
    ------
    KitError
        If the school is not among the schools.
    """
    known = school_rows(schools).set_index("school_id")
    if school_id not in known.index:
        raise KitError(f"'{school_id}' is not among the schools", mend="Use a school_id of the table schools.")
    school = known.loc[school_id]
    rows = shown_rows(results, school_year=school_year, student_group="all", grade="all")
    who = {
        ("school", school_id): ("school", school["school_name"]),
        ("district", str(school["district_id"])): ("district", school["district_name"]),
        ("network", "network"): ("network", "Network"),
    }
    unit = pd.Series(list(zip(rows["unit_type"], rows["unit_id"], strict=True)), index=rows.index, dtype=object)
    near = rows[unit.isin(list(who))].copy()
    near["compared_with"] = [who[u][0] for u in unit[near.index]]
    near["name"] = [who[u][1] for u in unit[near.index]]
    if glance is None:
        glance = at_a_glance(results, schools, school_year=school_year, settings=settings)
    glance = glance[glance["unit_id"].eq(school_id) & glance["level_median"].notna()]
    level = pd.DataFrame(
        {
            "measure": glance["measure"],
            "compared_with": "level",
            "name": f"Schools of the level {school['level']}",
            "n": glance["schools_compared"].astype(float),
            "value": glance["level_median"],
            "low": glance["level_low"],
            "high": glance["level_high"],
        }
    )
    columns = ["measure", "compared_with", "name", "n", "value", "low", "high"]
    parts = [p for p in (near.reindex(columns=columns), level[columns]) if len(p)]
    out = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    out[["low", "high"]] = out[["low", "high"]].astype(float)
    return _in_order(out, "compared_with", ["school", "district", "network", "level"])


def _in_order(table: pd.DataFrame, column: str, order: list[str]) -> pd.DataFrame:
    """Sort by the registry's order of measures, then by the order given for a column."""
    rank = {m: i for i, m in enumerate(measures())}
    keys = pd.DataFrame({"m": table["measure"].map(rank), "c": table[column].map({c: i for i, c in enumerate(order)})})
    return table.loc[keys.sort_values(["m", "c"]).index].reset_index(drop=True)
