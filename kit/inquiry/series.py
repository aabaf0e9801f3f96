"""A measure of the project over time, as charts and rules take it: one row a date, gaps where a value is missing."""

from __future__ import annotations

import pandas as pd

from kit.inquiry.entries import Entry
from kit.inquiry.project import Project

__all__ = ["COLUMNS", "series"]

COLUMNS = ["date", "numerator", "denominator", "value", "note", "astronomical", "phase"]
PERIODS = {"day": "B", "week": "7D", "two weeks": "14D", "month": "MS"}


def series(project: Project, measure: Entry | str) -> pd.DataFrame:
    """Return a measure's values by date.

    Returns
    -------
    DataFrame
        ``date``; ``numerator``, ``denominator``; ``value``: as entered, else 100·numerator/denominator where the unit
        is percent and numerator/denominator otherwise (missing where the denominator is 0); ``note``; ``astronomical``;
        ``phase``: name of the phase that the date lies in. A week (month …) without a value that lies between others is
        a row with missing values, where all dates keep the measure's rhythm.
    """
    measure = project.get(measure) if isinstance(measure, str) else measure
    table = project.table("value").query("measure == @measure.id")
    table = table.sort_values("date", ignore_index=True)
    computed = table.numerator / table.denominator.where(table.denominator != 0)
    if (measure["unit"] or "").lower() in ("percent", "%"):
        computed = 100 * computed
    table["value"] = table.value.fillna(computed)
    table["astronomical"] = table.astronomical.eq(True)
    if len(table) and (rhythm := PERIODS.get(measure["every"] or "")):
        all_dates = pd.date_range(table.date.iloc[0], table.date.iloc[-1], freq=rhythm)
        if table.date.isin(all_dates).all():
            table = table.set_index("date").reindex(all_dates).rename_axis("date").reset_index()
            table["astronomical"] = table.astronomical.eq(True)
    table["phase"] = None
    for number, phase in enumerate(project.entries("phase", measure=measure), start=1):
        table.loc[table.date >= pd.Timestamp(phase["start"]), "phase"] = phase["label"] or str(number)
    return table[COLUMNS]
