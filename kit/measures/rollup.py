"""The one roll-up: from a row per pupil to every unit, student group and grade in one pass."""

from __future__ import annotations

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
DIMENSIONS = ("grade", "race", "gender", *GROUP_FLAGS)


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
    dims = DIMENSIONS
    unit = "measure, school_year, unit_type, unit_id"
    sets = ", ".join([f"({unit})", *(f"({unit}, {d})" for d in dims)])
    keep = " OR ".join(
        [f"GROUPING({', '.join(dims)}) = {2 ** len(dims) - 1}"]
        + [f"(GROUPING({d}) = 0 AND {d} IS NOT NULL)" for d in ("grade", "race", "gender")]
        + [f"(GROUPING({d}) = 0 AND {d})" for d in GROUP_FLAGS]
    )
    group = " ".join(
        ["CASE WHEN GROUPING(race) = 0 THEN race WHEN GROUPING(gender) = 0 THEN gender"]
        + [f"WHEN GROUPING({d}) = 0 THEN '{d}'" for d in GROUP_FLAGS]
        + ["ELSE 'all' END"]
    )
    name = "kinds_of_pupils"
    summed = kinds.alias(name).sql(
        f"""
        SELECT {unit}, {group} AS student_group,
               CASE WHEN GROUPING(grade) = 0 THEN grade ELSE 'all' END AS grade,
               SUM(n) AS n, SUM(c) AS c, SUM(top) AS top, SUM(bottom) AS bottom
        FROM {name}
        GROUP BY GROUPING SETS ({sets})
        HAVING {keep}
        """
    )
    value = ibis.ifelse(summed.c.isnull(), summed.top.cast("float64") / summed.bottom.cast("float64"),
                        100 * summed.c.cast("float64") / summed.n.cast("float64"))  # fmt: skip
    return summed.select(
        "school_year", "unit_type", "unit_id", "measure", "student_group", "grade",
        n=summed.n.cast("int64"), count=summed.c.cast("int64"), value=value,
    )  # fmt: skip
