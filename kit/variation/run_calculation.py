"""One calculation for the run charts of one series or of ten thousand: median, runs, trends and signals by segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.errors import KitError
from kit.variation.centre import Centre, medians
from kit.variation.run_rules import (
    RUN_RULES,
    SHIFT_POINTS,
    TREND_POINTS,
    Runs,
    Trends,
    anhoej_limits,
    find_runs,
    find_trends,
    run_limits,
)

__all__ = ["RunResult", "calculate_runs", "check_rules"]


@dataclass(frozen=True)
class RunResult:
    """What the segments of run charts come to; one item a segment unless it is said otherwise."""

    rules: str
    centre: Centre
    runs: Runs
    trends: Trends
    points: np.ndarray
    missing: np.ndarray
    baseline_points: np.ndarray
    enough: np.ndarray
    needed: np.ndarray
    limits: dict[str, np.ndarray]
    source: np.ndarray
    signal: dict[str, np.ndarray]
    segment: np.ndarray

    def phases(self) -> pd.DataFrame:
        """Return one row a segment."""
        limits = {name: pd.array(column, dtype="Int64") for name, column in self.limits.items()}
        found = {
            "phase": np.arange(1, len(self.points) + 1),
            "points": self.points,
            "missing": self.missing,
            "baseline_points": self.baseline_points,
            "useful": self.runs.above + self.runs.below,
            "centre": self.centre.line,
            "longest_run": self.runs.longest,
            "crossings": np.maximum(self.runs.count - 1, 0),
            "runs": self.runs.count,
            "enough": self.enough,
            "needed": self.needed,
        }
        return pd.DataFrame(found | limits)

    def signals(self) -> list[tuple]:
        """Return one row a signal, by phase and then by the order of the rules."""
        rows = []
        for rule in RUN_RULES[self.rules]:
            for segment in np.flatnonzero(self.signal[rule]).tolist():
                rows += self._signals_of(rule, segment)
        order = {rule: i for i, rule in enumerate(RUN_RULES[self.rules])}
        return sorted(rows, key=lambda row: (row[1], order[row[0]], row[2]))

    def _signals_of(self, rule: str, segment: int) -> list[tuple]:
        low, high = self._chance(rule, segment)
        if rule == "trend":
            return [
                _signal(rule, segment, where, "up" if way > 0 else "down", len(where), low, high)
                for where, of, way in self.trends.at_least(TREND_POINTS)
                if of == segment
            ]
        stretches, useful = self.runs.stretches, self.runs.useful
        if rule in ("shift", "long_run"):
            fewest = SHIFT_POINTS if rule == "shift" else high + 1
            keep = (stretches.segment == segment) & (stretches.length >= fewest)
            return [
                _signal(rule, segment, useful[i : i + k], "up" if side > 0 else "down", k, low, high)
                for i, k, _segment, side in stretches.where(keep)
            ]
        everyone = useful[self.segment[useful] == segment]
        size = int(self.runs.count[segment]) - (rule == "few_crossings")
        return [_signal(rule, segment, everyone, "", size, low, high)]

    def _chance(self, rule: str, segment: int) -> tuple:
        names = {
            "too_few_runs": ("runs_low", "runs_high"),
            "too_many_runs": ("runs_low", "runs_high"),
            "long_run": (None, "longest_run_limit"),
            "few_crossings": ("crossings_limit", None),
        }.get(rule, (None, None))
        return tuple(None if name is None else int(self.limits[name][segment]) for name in names)


def _signal(rule, segment, positions, direction, size, low, high) -> tuple:
    where = tuple(int(p) for p in positions)
    return rule, segment + 1, where[0], where[-1], where, direction, size, low, high


def calculate_runs(
    values: np.ndarray,
    segment: np.ndarray,
    used: np.ndarray,
    segments: int,
    rules: str,
    runs_limits: str,
    minimum_points: int,
) -> RunResult:
    """Calculate the run charts of every segment; parameters as in :func:`kit.variation.run_chart.run_chart`."""
    present = ~np.isnan(values)
    points = np.bincount(segment[present], minlength=segments)
    enough = points >= minimum_points
    centre = medians(values, segment, used, segments)
    runs, trends = find_runs(centre.side, segment, segments), find_trends(values, segment)
    limits, source = _limits(runs, rules, runs_limits)
    if rules == "ihi":
        trending = np.zeros(segments, dtype=bool)
        trending[[of for _where, of, _way in trends.at_least(TREND_POINTS)]] = True
        low, high = limits["runs_low"], limits["runs_high"]
        signal = {
            "shift": enough & (runs.longest >= SHIFT_POINTS),
            "trend": enough & trending,
            "too_few_runs": enough & _below(runs.count, low),
            "too_many_runs": enough & _below(-runs.count, [None if h is None else -h for h in high]),
        }
    else:
        longest = [None if k is None else -k for k in limits["longest_run_limit"]]
        signal = {
            "long_run": enough & _below(-runs.longest, longest),
            "few_crossings": enough & _below(np.maximum(runs.count - 1, 0), limits["crossings_limit"]),
        }
    return RunResult(
        rules=rules,
        centre=centre,
        runs=runs,
        trends=trends,
        points=points,
        missing=np.bincount(segment, minlength=segments) - points,
        baseline_points=np.bincount(segment[present & used], minlength=segments),
        enough=enough,
        needed=np.maximum(minimum_points - points, 0),
        limits=limits,
        source=source,
        signal=signal,
        segment=segment,
    )


def _limits(runs: Runs, rules: str, runs_limits: str) -> tuple[dict[str, list], np.ndarray]:
    """Return the limits of each segment, None where there are none, and where those of the runs come from."""
    names = ("longest_run_limit", "crossings_limit", "runs_low", "runs_high")
    columns: dict[str, list] = {name: [] for name in names}
    source = []
    for above, below in zip(runs.above.tolist(), runs.below.tolist(), strict=True):
        ihi = run_limits(above, below, runs_limits) if rules == "ihi" else None
        anhoej = anhoej_limits(above + below) if rules == "anhoej" else None
        row = (*(anhoej or (None, None)), *((ihi or (None, None, ""))[:2]))
        for name, limit in zip(names, row, strict=True):
            columns[name].append(limit)
        source.append(ihi[2] if ihi else "")
    return columns, np.array(source, dtype=object)


def _below(found: np.ndarray, limits: Sequence[int | None]) -> np.ndarray:
    known = np.array([limit is not None for limit in limits], dtype=bool)
    limit = np.array([0 if limit is None else limit for limit in limits])
    return known & (found < limit)


def check_rules(rules: str, runs_limits: str) -> None:
    """Refuse the name of a rule set or of limits that does not exist."""
    if rules not in RUN_RULES:
        raise KitError(f"'{rules}' is no rule set of run charts", mend=f"Use {' or '.join(RUN_RULES)}.")
    if runs_limits not in ("table", "exact"):
        raise KitError(f"'{runs_limits}' are no limits of runs", mend="Use table or exact.")
