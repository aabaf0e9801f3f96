"""Tables of one theme made from pupils' records: how many students fall into each part of a whole.

They have the columns of the results table, so that the gate (:func:`kit.privacy.release`) protects them as it does
the measures: the parts of a whole stand in the column ``grade``, ``n`` counts the students of a part, and ``value`` is
its share of the whole. The gate withholds a part of fewer students than its minimum, then whatever would give it away
in the sums of parts to their whole, of schools to their district and of districts to the network. A whole that a shown
measure would split (students on either side of a line) is two wholes here, so that nothing is left to subtract.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from kit.measures.results import finish_results

__all__ = ["count_parts", "whole_rows"]

_UNIT = ["school_year", "unit_type", "unit_id"]


def count_parts(rows: ir.Table, to_pandas) -> pd.DataFrame:
    """Count the students of each part.

    Parameters
    ----------
    rows : ibis Table
        A row a student of a unit: ``school_year``, ``unit_type``, ``unit_id``, ``measure`` (the whole that it belongs
        to) and ``part``; rows without a part are left out.
    to_pandas : callable
        Of the connection.

    Returns
    -------
    DataFrame
        The results columns: a row a part (``grade``), and one a whole (``grade`` all).
    """
    counted = rows.filter(rows.part.notnull()).group_by([*_UNIT, "measure", "part"]).agg(n=ibis._.count())
    parts = to_pandas(counted).rename(columns={"part": "grade"})
    return whole_rows(parts)


def whole_rows(parts: pd.DataFrame) -> pd.DataFrame:
    """Add the row of each whole to its parts, and each part's share of it in percent.

    Parameters
    ----------
    parts : DataFrame
        school_year, unit_type, unit_id, measure, grade (the part) and n.
    """
    key = [*_UNIT, "measure"]
    whole = parts.groupby(key, as_index=False, sort=True)["n"].sum()
    share = parts.merge(whole, on=key, suffixes=("", "_whole"))
    share["value"] = 100 * share["n"] / share["n_whole"]
    both = pd.concat([share, whole.assign(grade="all", value=100.0)], ignore_index=True)
    return finish_results(both.assign(student_group="all", count=None))
