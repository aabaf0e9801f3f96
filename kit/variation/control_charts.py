"""The control charts of many series at once: one row a series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kit.errors import KitError
from kit.variation.chart import PHASE_COLUMNS
from kit.variation.control_calculation import LOCKED_POINTS, calculate, read_counts, rule_ids, within_ends
from kit.variation.control_limits import KINDS
from kit.variation.control_rules import rule_set
from kit.variation.many import group_series
from kit.variation.series import read_numbers

__all__ = ["control_charts"]


def control_charts(
    kind: str,
    values: Sequence,
    series: Sequence,
    denominators: Sequence | None = None,
    *,
    rules: str = "nhse",
    per: int = 1,
    screened: bool = False,
    lowest: float | None = None,
    highest: float | None = None,
    baseline: int | None = None,
    minimum_points: int = LOCKED_POINTS,
) -> pd.DataFrame:
    """Calculate the control charts of many series at once.

    Parameters
    ----------
    kind : {"xmr", "p", "p_prime", "u", "c"}
    values : sequence
        The values (XmR) or counts of all series, each in the order of time.
    series : sequence
        The id of the series of each value; the values of one need not stand together.
    denominators : sequence, optional
        For p, p′ and u.
    rules, per, screened, lowest, highest, minimum_points
        As in the function for one series.
    baseline : int, optional
        Freeze the centre and the limits on this many first points (missing ones counted).

    Returns
    -------
    DataFrame
        One row a series, in the order in which they first appear: ``series``, the columns of
        :attr:`Chart.phases <kit.variation.chart.Chart>` that apply, ``low`` and ``high`` (limits of the last point
        that has some) and one true or false column for each rule of the set.
    """
    if kind not in KINDS:
        raise KitError(f"'{kind}' is no control chart", mend=f"Use one of {', '.join(KINDS)}.")
    if (denominators is None) != (kind in ("xmr", "c")):
        raise KitError(f"a chart of the kind '{kind}' takes {'no' if denominators is not None else 'its'} denominators")
    chosen = rule_set(rules)
    if kind == "xmr":
        numbers, below = read_numbers(values), None
        within_ends(numbers, lowest, highest)
    else:
        numbers, below = read_counts(values, denominators, shares=kind in ("p", "p_prime"))
    order, segment, position, ids = group_series(series, len(numbers))
    used = np.ones(len(numbers), dtype=bool) if baseline is None else position < baseline
    settings = {"screened": screened, "lowest": lowest, "highest": highest, "per": per}
    below = None if below is None else below[order]
    found = calculate(kind, numbers[order], below, segment, used, len(ids), chosen, minimum_points, settings)
    table = found.phases()
    table = table[[name for name in PHASE_COLUMNS if name in table and name != "phase"]].copy()
    for name in ("low", "high"):
        limit = getattr(found.limits, name)
        known = np.flatnonzero(~np.isnan(limit))
        table[name] = np.nan
        # The later of two assignments to one row stands: that of the last point.
        column = table[name].to_numpy(copy=True)
        column[segment[known]] = limit[known]
        table[name] = column
    signal = {rule: np.zeros(len(ids), dtype=bool) for rule in rule_ids(chosen)}
    for rule, of, *_rest in found.signals:
        signal[rule][of] = True
    return pd.concat([pd.DataFrame({"series": ids}), table, pd.DataFrame(signal)], axis=1)
