"""The gate: the only way from results to a chart, a table or a file.

Whatever is drawn or written takes a :class:`Released` table and nothing else; a plain DataFrame is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kit.errors import KitError
from kit.measures.results import KEY, RESULT_COLUMNS

__all__ = ["LOWEST_MINIMUM", "RELEASED_COLUMNS", "REPORT_MINIMUM", "Released", "release", "require_released"]

# CORE reported groups of 20 and more (Marsh et al. 2016); California withholds below 11.
REPORT_MINIMUM = 20
LOWEST_MINIMUM = 11

RELEASED_COLUMNS = {**RESULT_COLUMNS, "status": "str", "low": "float64", "high": "float64"}
_TOKEN = object()


@dataclass(frozen=True)
class Released:
    """Results that may leave: small groups withheld.

    Attributes
    ----------
    table : DataFrame
        The results columns plus ``status`` (shown, suppressed, banded), ``low`` and ``high`` (percent
        bounds where banded). A row that is not shown has empty ``n``, ``count`` and ``value``.
    audience : {"internal", "public"}
    minimum : int
        The smallest group that is shown.
    """

    table: pd.DataFrame
    audience: str
    minimum: int
    _made_by: object = None

    def __post_init__(self):
        if self._made_by is not _TOKEN:
            raise KitError("A released table is made by kit.privacy.release only")

    def where(self, **columns) -> Released:
        """Keep the rows whose columns equal (or are among) the values given."""
        t = self.table
        for name, value in columns.items():
            keep = t[name].isin(value) if isinstance(value, list | tuple | set) else t[name] == value
            t = t[keep]
        return Released(t, self.audience, self.minimum, _TOKEN)


def release(results: pd.DataFrame, *, audience: str = "internal", minimum: int = REPORT_MINIMUM) -> Released:
    """Withhold what must not be shown and return the rest.

    Parameters
    ----------
    results : DataFrame
        The results table (``kit.measures.results``).
    audience : {"internal", "public"}
    minimum : int
        Groups with a smaller ``n`` are withheld; 11 is the lowest allowed.

    Raises
    ------
    KitError
        If the minimum is below 11 or the audience is unknown.
    """
    if minimum < LOWEST_MINIMUM:
        raise KitError(f"The minimum is {minimum}", mend=f"The lowest that is allowed is {LOWEST_MINIMUM}.")
    if audience not in ("internal", "public"):
        raise KitError(f"'{audience}' is not an audience", mend="Use internal or public.")
    out = results[list(RESULT_COLUMNS)].copy()
    small = (out["n"] < minimum).fillna(True).astype(bool)
    out["status"] = "shown"
    out.loc[small, "status"] = "suppressed"
    out.loc[small, ["n", "count"]] = pd.NA
    out.loc[small, "value"] = float("nan")
    out["low"] = float("nan")
    out["high"] = float("nan")
    return Released(out.sort_values(list(KEY), ignore_index=True), audience, minimum, _TOKEN)


def require_released(data: object) -> Released:
    """Refuse anything that did not come through the gate."""
    if not isinstance(data, Released):
        raise TypeError(f"only released results may be drawn or written, not {type(data).__name__}")
    return data
