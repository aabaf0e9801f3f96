"""The bird's-eye view: schools that stand alike on one measure, and how they spread over the bands of every other.

Form: CORE's display of a measure's colours against the others (Hough, Byun and Mulfinger 2018, figure 6). The five
bands are the levels 1 to 10 in pairs, which are fixed by cut points (rules.md §1), so they are no ranks.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

__all__ = ["BANDS", "birds_eye"]

BANDS = ("1 and 2", "3 and 4", "5 and 6", "7 and 8", "9 and 10")


def birds_eye(levels: pd.DataFrame, measure: str, among: Collection[str] | None = None) -> pd.DataFrame:
    """Count schools by their band on a chosen measure and on every other.

    Parameters
    ----------
    levels : DataFrame
        A row per school and measure with ``school_id``, ``measure`` and ``level`` (1 to 10), as
        ``kit.reports.school_levels`` gives them from released rows.
    measure : str
        The chosen measure.
    among : collection of str, optional
        Ids of the schools to count; all by default.

    Returns
    -------
    DataFrame
        chosen (the band on the chosen measure), measure, band, schools (how many), of (schools of that chosen band
        with a level on the measure). Empty where no school has a level on the chosen measure.
    """
    known = levels[levels["level"].notna()]
    if among is not None:
        known = known[known["school_id"].isin(set(among))]
    band = ((known["level"].astype(int) - 1) // 2).map(dict(enumerate(BANDS)))
    known = known.assign(band=band)[["school_id", "measure", "band"]]
    mine = known.loc[known["measure"].eq(measure), ["school_id", "band"]].rename(columns={"band": "chosen"})
    both = known[known["measure"].ne(measure)].merge(mine, on="school_id")
    counted = both.groupby(["chosen", "measure", "band"], observed=True).size().rename("schools").reset_index()
    counted["of"] = counted.groupby(["chosen", "measure"])["schools"].transform("sum")
    return counted.astype({"schools": "int64", "of": "int64"})
