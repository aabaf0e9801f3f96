"""The one roll-up: from a row per pupil to every unit, student group and grade in one pass."""

from __future__ import annotations

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from kit.measures.population import FLAGS

__all__ = ["ROW_COLUMNS", "alike", "roll_up"]

ROW_COLUMNS = (
    "measure", "school_year", "unit_type", "unit_id", "grade", "race", "gender", *FLAGS, "reclassified",
    "n", "c", "top", "bottom",
)  # fmt: skip
GROUP_FLAGS = (*FLAGS, "reclassified")
UNIT = ("school_year", "unit_type", "unit_id")
NAMED = ("grade", "race", "gender")
DIMENSIONS = (*NAMED, *GROUP_FLAGS)


def alike(rows: ir.Table) -> ir.Table:
    """Add up the pupils of a unit who are alike in everything: the grouping sets then run over far fewer rows.

    Parameters
    ----------
    rows : ibis Table
        One row per measure, unit and pupil with the grade, race and gender slugs and flags of the pupil, ``n``
        (1, or answers), ``c`` (1 where true; null for a mean) and, for a mean, ``top`` and ``bottom``.

    Returns
    -------
    ibis Table
        The same columns, one row per kind of pupil.
    """
    return rows.group_by("measure", *UNIT, *DIMENSIONS).agg(
        n=rows.n.sum(), c=rows.c.sum(), top=rows.top.sum(), bottom=rows.bottom.sum()
    )


def roll_up(kinds: ir.Table) -> ir.Table:
    """Add up kinds of pupils (from :func:`alike`) by unit, student group and grade, in one pass.

    Returns
    -------
    ibis Table
        The results table of records.md; a group or grade without a pupil has no row.
    """
    unit = ", ".join(("measure", *UNIT))
    sets = ", ".join([f"({unit})", *(f"({unit}, {d})" for d in DIMENSIONS)])
    summed = kinds.alias("kinds_of_pupils").sql(
        f"""
        SELECT {unit}, {", ".join(DIMENSIONS)}, {", ".join(f"GROUPING({d}) AS over_{d}" for d in DIMENSIONS)},
               SUM(n) AS n, SUM(c) AS c, SUM(top) AS top, SUM(bottom) AS bottom
        FROM kinds_of_pupils
        GROUP BY GROUPING SETS ({sets})
        """
    )
    # GROUPING is 0 where a row is of one value of the column, 1 where it is over all of them.
    of = {d: summed[f"over_{d}"] == 0 for d in DIMENSIONS}
    named = [of[d] & summed[d].notnull() for d in NAMED] + [of[d] & summed[d].fill_null(False) for d in GROUP_FLAGS]
    everyone = ~reduce(or_, of.values())
    summed = summed.filter(reduce(or_, named, everyone))
    of = {d: summed[f"over_{d}"] == 0 for d in DIMENSIONS}
    group = ibis.cases(
        (of["race"], summed.race), (of["gender"], summed.gender), *((of[d], d) for d in GROUP_FLAGS), else_="all"
    )
    value = ibis.ifelse(summed.c.isnull(), summed.top.cast("float64") / summed.bottom.cast("float64"),
                        100 * summed.c.cast("float64") / summed.n.cast("float64"))  # fmt: skip
    return summed.select(
        "school_year", "unit_type", "unit_id", "measure",
        student_group=group, grade=ibis.ifelse(of["grade"], summed.grade, "all"),
        n=summed.n.cast("int64"), count=summed.c.cast("int64"), value=value,
    )  # fmt: skip
