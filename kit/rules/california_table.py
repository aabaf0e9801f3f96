"""A table of Dashboard rows in, the same rows with levels and colours out."""

from __future__ import annotations

import pandas as pd

from kit.errors import Fault, InputError, KitError
from kit.rules.assumptions import assumption_texts
from kit.rules.california import dashboard

__all__ = ["DASHBOARD_COLUMNS", "dashboard_table"]

REQUIRED = ("indicator", "denominator")
OPTIONAL = (
    "kind",
    "unit",
    "group",
    "year",
    "numerator",
    "prior_numerator",
    "prior_denominator",
    "value",
    "prior_value",
    "change",
    "withheld",
)
DASHBOARD_COLUMNS = (
    "rate",
    "prior_rate",
    "change",
    "status_level",
    "change_level",
    "change_used",
    "colour",
    "colour_name",
    "box",
    "small_denominator",
    "suppressed",
    "prior_suppressed",
    "notes",
)
WHOLE = {"denominator", "numerator", "prior_numerator", "prior_denominator", "year"}


def dashboard_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Compute every row of a table as :func:`kit.rules.california.dashboard` does one.

    Parameters
    ----------
    rows : DataFrame
        ``indicator`` and ``denominator``; and, where known, ``kind``, ``unit``, ``group``, ``year``,
        ``numerator``, ``prior_numerator``, ``prior_denominator``, ``value``, ``prior_value``, ``change``,
        ``withheld``. Other columns (a school's id) are kept.

    Returns
    -------
    DataFrame
        The rows with ``rate``, ``prior_rate``, ``change``, ``status_level``, ``change_level``,
        ``change_used``, ``colour`` (5 Blue … 1 Red, 0 none), ``colour_name``, ``box``,
        ``small_denominator``, ``suppressed``, ``prior_suppressed`` and ``notes``. ``attrs["assumptions"]``
        holds the lines to print.

    Raises
    ------
    InputError
        With every row that cannot be computed, each with its reason.
    """
    missing = [c for c in REQUIRED if c not in rows]
    if missing:
        raise KitError(f"column '{missing[0]}' is missing", where="Dashboard rows", mend="Add it.")
    names = [c for c in REQUIRED + OPTIONAL if c in rows]
    out, faults, assumptions = [], [], {}
    for position, record in enumerate(rows[names].to_dict("records")):
        given = {k: int(v) if k in WHOLE else v for k, v in record.items() if not pd.isna(v)}
        given.setdefault("denominator", None)
        try:
            row = dashboard(given.pop("indicator", ""), **given)
        except KitError as e:
            faults.append(Fault("error", "Dashboard rows", e.problem, e.mend, row=position + 2, stops=True))
            continue
        assumptions |= {a.id: a for a in row.assumptions}
        out.append([getattr(row, c) for c in DASHBOARD_COLUMNS[:-1]] + ["; ".join(row.notes)])
    if faults:
        raise InputError(faults, "the Dashboard rows")
    levels = pd.DataFrame(out, columns=list(DASHBOARD_COLUMNS), index=rows.index)
    for column in ("rate", "prior_rate", "change"):
        levels[column] = levels[column].astype("float64")
    table = pd.concat([rows.drop(columns=[c for c in DASHBOARD_COLUMNS if c in rows]), levels], axis=1)
    table.attrs["assumptions"] = assumption_texts(assumptions.values())
    return table
