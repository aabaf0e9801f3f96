"""Two measures of growth side by side: value added and the median student growth percentile."""

from __future__ import annotations

import pandas as pd

from kit.errors import KitError
from kit.privacy import REPORT_MINIMUM
from kit.reports.growth_figures import growth_figures
from kit.workspace import Workspace

__all__ = ["two_growths"]


def two_growths(workspace: Workspace, *, school_year: int | None = None, minimum: int = REPORT_MINIMUM) -> pd.DataFrame:
    """Return both measures of growth for every school whose growth is shown.

    Parameters
    ----------
    workspace : Workspace
        With records: published results hold no scores.
    school_year : int, optional
        Ending year; all when left out.
    minimum : int
        The smallest group that is shown. The median is shown only where it, too, rests on so many students.

    Returns
    -------
    DataFrame
        ``school_year``, ``school_id``, ``school_name``, ``measure``, ``n``, ``value_added`` (percentile among
        schools, 50 is average) with ``value_added_low`` and ``value_added_high``, ``median_growth_percentile``
        (among students with the same earlier score) with ``median_low`` and ``median_high``; 95 % intervals.

    Raises
    ------
    KitError
        If there are no records, or no growth of the year.
    """
    if not workspace.has_records:
        raise KitError("Growth is worked out from records", where=workspace.name, mend="Give the assessments.")
    from kit.measures.growth import growth_details, median_growth_percentiles

    released = workspace.released(minimum=minimum).table
    shown = growth_figures(released, growth_details(workspace.records))
    shown = shown[shown["student_group"].eq("all") & shown["grade"].eq("all")]
    if school_year is not None:
        shown = shown[shown["school_year"].eq(school_year)]
    if shown.empty:
        raise KitError("There is no growth to show", where=workspace.name, mend="It needs scores of two years.")
    medians = median_growth_percentiles(workspace.records)
    medians = medians[medians["n"] >= minimum].drop(columns="n")
    both = shown.merge(medians, on=["school_id", "school_year", "measure"], how="left")
    both = both.merge(workspace.schools()[["school_id", "school_name"]], on="school_id", how="left")
    both = both.rename(
        columns={
            "value": "value_added",
            "low": "value_added_low",
            "high": "value_added_high",
            "median": "median_growth_percentile",
        }
    )
    columns = [
        "school_year", "school_id", "school_name", "measure", "n", "value_added", "value_added_low", "value_added_high",
        "median_growth_percentile", "median_low", "median_high",
    ]  # fmt: skip
    return both.sort_values(["school_year", "measure", "school_id"], ignore_index=True)[columns]
