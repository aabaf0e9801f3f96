"""What changed for whom between two releases: the numbers of every school, district and the network.

Only released numbers are compared. Where a number is no longer shown, or was not shown before, that is said and no
number is given for the side that is withheld; of one that is no longer shown the earlier number is not repeated either.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kit.measures.results import KEY
from kit.privacy import Released, require_released

__all__ = ["KINDS", "Change", "changed_numbers", "new_and_gone"]

# changed: shown before and now; shown: newly shown; withheld: no longer shown; new, gone: the number itself.
KINDS = ("changed", "shown", "withheld", "new", "gone")
_NUMBERS = ("n", "count", "value", "low", "high")
# Computed twice from the same records a number differs by less than this.
_SAME = 1e-9


@dataclass(frozen=True)
class Change:
    """One number that changed; ``before`` and ``now`` are released rows' numbers, or None where none is given.

    Attributes
    ----------
    unit_type, unit_id, measure, student_group, grade : str
    school_year : int
    kind : str
        One of :data:`KINDS`.
    before, now : dict or None
        ``n``, ``value`` and, where the number is a band, ``low`` and ``high``.
    """

    unit_type: str
    unit_id: str
    school_year: int
    measure: str
    student_group: str
    grade: str
    kind: str
    before: dict | None = None
    now: dict | None = None


def changed_numbers(before: Released, now: Released) -> list[Change]:
    """Compare two releases row by row.

    Of what is wholly new or gone (a measure in a school year of which a unit had no row) only the number of all
    students is listed: its groups and grades came or went with it.

    Parameters
    ----------
    before, now : Released

    Returns
    -------
    list of Change
        In the order of the results' key.
    """
    old, new = require_released(before).table, require_released(now).table
    sides = (_unlike(old, new), _unlike(new, old))
    both = pd.merge(*sides, on=list(KEY), how="outer", suffixes=("_old", "_new"), indicator="found")
    both = both[(both["found"] != "both") | _differs(both)].sort_values(list(KEY), ignore_index=True)
    had, has = _wholes(old), _wholes(new)
    out = []
    for row in both.to_dict("records"):
        whole = (row["school_year"], row["unit_type"], row["unit_id"], row["measure"])
        main = row["student_group"] == "all" and row["grade"] == "all"
        shown_before, shown_now = (_shown(row, side) for side in ("old", "new"))
        if row["found"] == "right_only":
            if not main and whole not in had:
                continue
            change = ("new", None, shown_now)
        elif row["found"] == "left_only":
            if not main and whole not in has:
                continue
            change = ("gone", None, None)
        elif shown_before is None or shown_now is None:
            change = ("withheld", None, None) if shown_now is None else ("shown", None, shown_now)
        else:
            change = ("changed", shown_before, shown_now)
        key = {name: row[name] for name in KEY} | {"school_year": int(row["school_year"])}
        out.append(Change(**key, kind=change[0], before=change[1], now=change[2]))
    return out


def new_and_gone(before: pd.DataFrame, now: pd.DataFrame) -> tuple[list[dict], list[dict]]:
    """Return the schools that were not there before, and those that are no longer there.

    Parameters
    ----------
    before, now : DataFrame
        Schools tables: ``school_id``, ``school_name``, ``district_id``, ``district_name``.
    """
    new, gone = (
        some[~some["school_id"].isin(others["school_id"])].to_dict("records")
        for some, others in ((now, before), (before, now))
    )
    return new, gone


def _unlike(table: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Leave out the rows that the other table has just so: most of a network."""
    columns = [*KEY, "status", *_NUMBERS]
    types = {name: "float64" if name in _NUMBERS else "str" for name in columns}
    marks, others = (pd.util.hash_pandas_object(t[columns].astype(types), index=False) for t in (table, other))
    return table.loc[~marks.isin(set(others)).to_numpy(), columns]


def _differs(both: pd.DataFrame) -> pd.Series:
    """Find the rows whose status or numbers are not the same on both sides."""
    differs = both["status_old"].ne(both["status_new"])
    for name in _NUMBERS:
        a, b = (pd.to_numeric(both[f"{name}_{side}"]).astype("float64") for side in ("old", "new"))
        differs |= a.isna().ne(b.isna()) | (a - b).abs().gt(_SAME)
    return differs.astype(bool)


def _wholes(table: pd.DataFrame) -> set[tuple]:
    rows = table.drop_duplicates(["school_year", "unit_type", "unit_id", "measure"])
    return set(zip(rows["school_year"], rows["unit_type"], rows["unit_id"], rows["measure"], strict=True))


def _shown(row: dict, side: str) -> dict | None:
    """Return the numbers that a side shows, or None where it shows none."""
    status = row[f"status_{side}"]
    if status not in ("shown", "banded"):
        return None
    names = ("n", "value") if status == "shown" else ("low", "high")
    numbers = {name: row[f"{name}_{side}"] for name in names}
    whole = {name: None if pd.isna(v) else int(v) if name == "n" else float(v) for name, v in numbers.items()}
    return {"status": status, **whole}
