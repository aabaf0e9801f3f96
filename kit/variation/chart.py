"""What a run chart or a control chart is after calculation: three tables, and notes on how it was made."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

__all__ = ["PHASE_COLUMNS", "POINT_COLUMNS", "SIGNAL_COLUMNS", "Chart", "marks", "signal_table"]

POINT_COLUMNS = (
    "position", "label", "phase", "value", "count", "denominator", "centre", "low", "high", "baseline", "side",
    "moving_range", "moving_range_limit", "signal",
)  # fmt: skip
PHASE_COLUMNS = (
    "phase", "first", "last", "reason", "frozen", "points", "missing", "baseline_points", "useful", "centre",
    "longest_run", "longest_run_limit", "crossings", "crossings_limit", "runs", "runs_low", "runs_high",
    "enough", "needed", "limits",
)  # fmt: skip
SIGNAL_COLUMNS = ("rule", "phase", "first", "last", "points", "direction", "size", "low", "high")


@dataclass(frozen=True)
class Chart:
    """A calculated chart.

    Attributes
    ----------
    kind : {"run", "xmr", "p", "p_prime", "u", "c"}
    rules : str
        Name of the rule set.
    points : DataFrame
        One row a point, in order: ``position`` (from 0), ``label``, ``phase`` (from 1), ``value`` (NaN where
        missing), ``count`` and ``denominator`` (of rates), ``centre``, ``low`` and ``high`` (control limits; NaN on a
        run chart), ``baseline`` (the point helps to make the centre), ``side`` (1 above the centre, −1 below, 0 on it
        or missing), ``moving_range`` and ``moving_range_limit`` (XmR), ``signal`` (ids of the rules that the point is
        part of, with a space between).
    phases : DataFrame
        One row a phase: ``phase``, ``first`` and ``last`` (positions), ``reason``, ``frozen``, ``points``,
        ``missing``, ``baseline_points`` (points that make the centre), ``useful`` (points not on the centre),
        ``centre``; run charts: ``longest_run``, ``crossings``, ``runs`` and the limits that the rule set has for them
        (a longer run, fewer crossings, or runs outside ``runs_low`` to ``runs_high`` signal); ``enough`` (the rules
        are applied), ``needed`` (points still missing for that), ``limits`` (``trial`` or ``locked``).
    signals : DataFrame
        One row a signal: ``rule``, ``phase``, ``first`` and ``last`` (positions), ``points`` (positions concerned),
        ``direction`` (``up``, ``down`` or empty), ``size`` (points, runs or crossings found), ``low`` and ``high``
        (what chance gives, where the rule has such limits).
    notes : tuple of str
        How it was calculated where there was a choice, and what to know about the data; for printing.
    per : int
        What a rate is of: 1, 100 (percent), 1,000 …
    """

    kind: str
    rules: str
    points: pd.DataFrame
    phases: pd.DataFrame
    signals: pd.DataFrame
    notes: tuple[str, ...] = ()
    per: int = 1

    def has(self, rule: str) -> bool:
        """Return whether a rule signals anywhere in the chart."""
        return bool((self.signals["rule"] == rule).any())

    def latest(self) -> pd.Series | None:
        """Return the row of the last point that is not missing; None where all are."""
        shown = self.points[self.points["value"].notna()]
        return None if shown.empty else shown.iloc[-1]


def signal_table(rows: list[tuple]) -> pd.DataFrame:
    """Return the table of signals from its rows."""
    table = pd.DataFrame(rows, columns=list(SIGNAL_COLUMNS))
    return table.astype(dict.fromkeys(("phase", "first", "last", "size", "low", "high"), "Int64"))


def marks(signals: pd.DataFrame, n: int) -> list[str]:
    """Return for each point the ids of the rules that it is part of, with a space between."""
    names: list[list[str]] = [[] for _i in range(n)]
    for rule, positions in zip(signals["rule"], signals["points"], strict=True):
        for i in positions:
            if rule not in names[i]:
                names[i].append(rule)
    return [" ".join(found) for found in names]
