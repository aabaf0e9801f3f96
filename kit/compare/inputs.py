"""What a comparison may read: the rows of the results that are shown, and the schools."""

from __future__ import annotations

import pandas as pd

from kit.compare.settings import CompareSettings
from kit.errors import KitError
from kit.measures.registry import measure as find_measure
from kit.measures.results import KEY, RESULT_COLUMNS

__all__ = ["compared_counts", "result_rows", "school_rows", "shown_rows"]

SCHOOL_COLUMNS = ("school_id", "school_name", "district_id", "district_name", "level")


def result_rows(results: pd.DataFrame, **where) -> pd.DataFrame:
    """Filter the results and blank what is not shown.

    Parameters
    ----------
    results : DataFrame
        The results table, or a released one with a ``status`` column.
    **where
        A column and the value (or list of values) to keep; None keeps all.

    Returns
    -------
    DataFrame
        The results columns with plain dtypes (``n``, ``count`` and ``value`` as float64), ``shown`` (true or
        false), and of the measure ``direction`` (1 where up is better, -1 where down is), ``percent`` and
        ``answers`` (true where ``n`` counts answers). Sorted by the key.

    Raises
    ------
    KitError
        If a column is missing, a key comes twice, or a measure is unknown.
    """
    missing = [c for c in RESULT_COLUMNS if c not in results.columns]
    if missing:
        raise KitError(
            f"the results have no column {', '.join(repr(c) for c in missing)}",
            mend=f"The columns are {', '.join(RESULT_COLUMNS)}.",
        )
    keep = pd.Series(True, index=results.index)
    for column, value in where.items():
        if value is None:
            continue
        some = isinstance(value, list | tuple | set | frozenset)
        keep &= results[column].isin(list(value)) if some else results[column].eq(value)
    keep = keep.fillna(False).astype(bool)
    found = results[keep]
    shown = found["status"].eq("shown").fillna(False) if "status" in found else pd.Series(True, index=found.index)
    out = pd.DataFrame({c: found[c].astype("int64" if c == "school_year" else object) for c in KEY})
    for column in ("n", "count", "value"):
        out[column] = pd.to_numeric(found[column]).astype("Float64").astype("float64").where(shown.astype(bool))
    out["shown"] = shown.to_numpy(dtype=bool)
    twice = out.duplicated(list(KEY))
    if twice.any():
        first = out[twice].iloc[0]
        raise KitError(
            f"{int(twice.sum())} rows of the results come twice, the first: "
            + ", ".join(f"{c} {first[c]}" for c in KEY),
            mend="Keep one row for each key.",
        )
    facts = {m: find_measure(m) for m in out["measure"].unique()}
    out["direction"] = out["measure"].map({m: 1 if f.better == "up" else -1 for m, f in facts.items()})
    out["percent"] = out["measure"].map({m: f.unit == "percent" for m, f in facts.items()}).astype(bool)
    out["answers"] = out["measure"].map({m: f.counts == "answers" for m, f in facts.items()}).astype(bool)
    return out.sort_values(list(KEY), ignore_index=True)


def shown_rows(results: pd.DataFrame, **where) -> pd.DataFrame:
    """Keep of :func:`result_rows` those with a value that is shown."""
    rows = result_rows(results, **where)
    return rows[rows["shown"] & rows["value"].notna()].reset_index(drop=True)


def compared_counts(rows: pd.DataFrame, settings: CompareSettings) -> tuple[pd.Series, pd.Series]:
    """Return numerator and denominator as an interval counts them.

    Survey answers are divided by ``settings.answers_per_person``: a student who answers four items is one
    student, not four. The numerator is empty for a mean, which has no count.
    """
    share = pd.Series(1.0, index=rows.index).mask(rows["answers"], settings.answers_per_person)
    return (rows["count"] / share).where(rows["percent"]), rows["n"] / share


def school_rows(schools: pd.DataFrame) -> pd.DataFrame:
    """Return the schools by id, or raise an error that says what is wrong.

    Raises
    ------
    KitError
        If a required column is missing or an id is empty or comes twice.
    """
    missing = [c for c in SCHOOL_COLUMNS if c not in schools.columns]
    if missing:
        raise KitError(f"the schools have no column {', '.join(repr(c) for c in missing)}", where="schools")
    out = schools.copy()
    if out["school_id"].isna().any():
        raise KitError("a school has no id", where="schools", mend="Give each school its school_id.")
    out["school_id"] = out["school_id"].astype(str)
    twice = out["school_id"][out["school_id"].duplicated()]
    if len(twice):
        raise KitError(f"school '{twice.iloc[0]}' comes twice", where="schools", mend="Keep one row a school.")
    return out.sort_values("school_id", ignore_index=True)
