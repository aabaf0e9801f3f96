"""What a chart may draw: rows that came through the gate, and tables computed from such rows only."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.errors import KitError
from kit.privacy import Released, require_released

__all__ = ["Derived", "Rows", "derive", "derive_more", "gather", "pick", "rows", "rows_at"]

_TOKEN = object()


@dataclass(frozen=True)
class Derived:
    """A table that was computed from released rows and nothing else; :func:`derive` makes it."""

    table: pd.DataFrame
    _made_by: object = None

    def __post_init__(self):
        if self._made_by is not _TOKEN:
            raise KitError("A derived table is made by kit.charts.derived.derive only")


@dataclass(frozen=True)
class Rows:
    """Rows of a released or derived table as plain values; :func:`gather` makes it.

    A report draws some thirty displays; reading the table once for all of them is what makes it quick.
    """

    items: tuple[dict, ...]
    _made_by: object = None

    def __post_init__(self):
        if self._made_by is not _TOKEN:
            raise KitError("Rows are made by kit.charts.derived.gather only")

    def by(self, column: str) -> dict[str, Rows]:
        """Split by the values of a column."""
        parts: dict[str, list[dict]] = {}
        for item in self.items:
            parts.setdefault(item[column], []).append(item)
        return {value: Rows(tuple(some), _TOKEN) for value, some in parts.items()}

    def where(self, **columns) -> Rows:
        """Keep the rows whose columns equal the values given."""
        items = self.items
        for column, value in columns.items():
            items = [r for r in items if r[column] == value]
        return Rows(tuple(items), _TOKEN)

    def __add__(self, other: Rows) -> Rows:
        return Rows(self.items + other.items, _TOKEN)


def derive(released: Released, compute: Callable[..., pd.DataFrame], *args, **settings) -> Derived:
    """Compute a table from the released one.

    Parameters
    ----------
    released : Released
    compute : callable
        A function of ``kit.compare``; its first argument is the released table.
    *args, **settings
        Passed on to ``compute``; they hold no results but released ones.

    Raises
    ------
    TypeError
        If the data did not come through the gate.
    """
    return Derived(compute(require_released(released).table, *args, **settings), _TOKEN)


def derive_more(derived: Derived, compute: Callable[..., pd.DataFrame], *args, **settings) -> Derived:
    """Compute a table from a derived one.

    Raises
    ------
    TypeError
        If the data were not derived from released ones.
    """
    if not isinstance(derived, Derived):
        raise TypeError("Only a derived table can be derived from; make it with kit.charts.derived.derive")
    return Derived(compute(derived.table, *args, **settings), _TOKEN)


def pick(data, positions):
    """Keep the rows of a released or derived table at these positions; what is released stays released."""
    return dataclasses.replace(_gated(data), table=data.table.take(positions))


def gather(data: Released | Derived) -> Rows:
    """Read a table's rows as plain values, None where empty.

    Raises
    ------
    TypeError
        If the data did not come through the gate.
    """
    table = _gated(data).table
    columns = [[None if v is None or v is pd.NA or v != v else v for v in table[c].tolist()] for c in table.columns]
    names = list(table.columns)
    return Rows(tuple(dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)), _TOKEN)


def rows_at(data: Released | Derived, positions) -> Rows:
    """Read the rows at these positions: ``gather(pick(data, positions))``, for whoever asks many times.

    The table is laid out once and kept with it; then a row costs nothing but itself.

    Raises
    ------
    TypeError
        If the data did not come through the gate.
    """
    kept = vars(_gated(data))
    if "_laid_out" not in kept:
        kept["_laid_out"] = {name: _reader(data.table[name]) for name in data.table.columns}
    at = np.asarray(positions, dtype=np.intp)
    names = list(kept["_laid_out"])
    columns = [read(at) for read in kept["_laid_out"].values()]
    return Rows(tuple(dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)), _TOKEN)


def _reader(column: pd.Series) -> Callable[[np.ndarray], list]:
    """Return what reads a column's plain values at some positions, None where empty."""
    if isinstance(column.dtype, pd.StringDtype):
        codes, words = pd.factorize(column)
        words = [*words.tolist(), None]  # the code of what is empty is -1
        return lambda at: [words[i] for i in codes[at].tolist()]
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else ""
    if kind and kind in "iub":
        values = column.to_numpy()
        return lambda at: values[at].tolist()
    if kind == "f":
        values = column.to_numpy()
        return lambda at: [None if v != v else v for v in values[at].tolist()]
    values = np.empty(len(column), dtype=object)
    values[:] = [None if v is None or v is pd.NA or v != v else v for v in column.tolist()]
    return lambda at: values[at].tolist()


def rows(data: Rows | Released | Derived) -> tuple[dict, ...]:
    """Return the rows to draw; anything that did not come through the gate is a TypeError."""
    return (data if isinstance(data, Rows) else gather(data)).items


def _gated(data):
    return data if isinstance(data, Derived) else require_released(data)
