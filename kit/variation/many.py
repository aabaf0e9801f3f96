"""Many series in one column: each put together, in its own order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kit.errors import KitError

__all__ = ["group_series"]


def group_series(series: Sequence, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, pd.Index]:
    """Return an order that puts each series together, and in it the segment and position of each point, and the ids.

    Raises
    ------
    KitError
        Where there is not one id a value.
    """
    if len(series) != n:
        raise KitError(f"there are {n} values and {len(series)} ids of series", mend="Give one id for each value.")
    codes, ids = pd.factorize(pd.Series(series), use_na_sentinel=False)
    order = np.argsort(codes, kind="stable")
    segment = codes[order]
    starts = np.flatnonzero(np.diff(segment, prepend=-1))
    return order, segment, np.arange(n) - starts[segment] if n else segment, ids
