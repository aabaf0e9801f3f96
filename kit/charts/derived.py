"""Tables computed from released results: what comparisons give a chart, with the gate still by type."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from kit.errors import KitError
from kit.privacy import Released, require_released

__all__ = ["Derived", "derive", "pick", "rows"]

_TOKEN = object()


@dataclass(frozen=True)
class Derived:
    """A table that was computed from released rows and nothing else; :func:`derive` makes it."""

    table: pd.DataFrame
    _made_by: object = None

    def __post_init__(self):
        if self._made_by is not _TOKEN:
            raise KitError("A derived table is made by kit.charts.derived.derive only")


def derive(released: Released, compute: Callable[..., pd.DataFrame], *args, **settings) -> Derived:
    """Compute a table from the released one.

    Parameters
    ----------
    released : Released
    compute : callable
        A function of ``kit.compare``; its first argument is the released table.
    *args, **settings
        Passed on to ``compute``; they hold no results.

    Raises
    ------
    TypeError
        If the data did not come through the gate.
    """
    return Derived(compute(require_released(released).table, *args, **settings), _TOKEN)


def pick(data, positions):
    """Keep the rows at these positions; what is released stays released."""
    return dataclasses.replace(_gated(data), table=data.table.take(positions))


def rows(data: Released | Derived) -> list[dict]:
    """Return the rows as plain values, None where empty.

    Raises
    ------
    TypeError
        If the data did not come through the gate.
    """
    table = _gated(data).table
    columns = {c: table[c].astype(object).where(table[c].notna(), None).tolist() for c in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _gated(data):
    return data if isinstance(data, Derived) else require_released(data)
