"""Growth percentiles that are shown, with the interval that the results table has no column for."""

from __future__ import annotations

import pandas as pd

from kit.measures.registry import measures
from kit.measures.results import KEY

__all__ = ["growth_figures"]

COLUMNS = ["school_id", "school_year", "measure", "student_group", "grade", "n", "value", "low", "high"]


def growth_figures(released: pd.DataFrame, details: pd.DataFrame | None) -> pd.DataFrame:
    """Return the growth percentiles that are shown, with their intervals.

    Parameters
    ----------
    released : DataFrame
        A released table.
    details : DataFrame or None
        ``kit.measures.growth.growth_details`` of the same records; only its rows whose key is shown are used. None
        where there are published results only: then no interval is known.

    Returns
    -------
    DataFrame
        ``school_id``, ``school_year``, ``measure``, ``student_group``, ``grade``, ``n``, ``value``, ``low``, ``high``.
    """
    mine = [m.id for m in measures().values() if m.unit == "percentile"]
    rows = released[
        released["unit_type"].eq("school") & released["measure"].isin(mine) & released["status"].eq("shown")
    ]
    rows = rows.loc[rows["value"].notna(), [*KEY, "n", "value"]]
    if details is None or details.empty:
        rows = rows.assign(low=float("nan"), high=float("nan"))
    else:
        ends = details[[*KEY, "percentile_low", "percentile_high"]]
        ends = ends.rename(columns={"percentile_low": "low", "percentile_high": "high"})
        rows = rows.merge(ends, on=list(KEY), how="left", validate="one_to_one")
    return rows.rename(columns={"unit_id": "school_id"})[COLUMNS].reset_index(drop=True)
