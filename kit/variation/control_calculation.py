"""One calculation for the control charts of one series or of ten thousand: limits, points and signals by segment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kit.errors import Fault, InputError, KitError
from kit.variation.control_limits import Limits, attribute_limits, xmr_limits
from kit.variation.control_rules import RuleSet, find_signals
from kit.variation.series import check_rates, read_numbers

__all__ = ["LOCKED_POINTS", "Control", "calculate", "read_counts", "rule_ids", "within_ends"]

# Limits from fewer points are trial limits and cannot be locked (NHSE Making Data Count; rules.md §6.4).
LOCKED_POINTS = 12


@dataclass(frozen=True)
class Control:
    """What the segments of control charts come to.

    Attributes
    ----------
    limits : Limits
    points, missing, baseline_points, useful, needed : array of int
        One a segment: points that are there, missing, that make the centre, not on the centre, and still needed
        before the rules are applied.
    signals : list of (rule, segment, positions, direction, size)
    """

    limits: Limits
    points: np.ndarray
    missing: np.ndarray
    baseline_points: np.ndarray
    useful: np.ndarray
    needed: np.ndarray
    signals: list[tuple]

    def phases(self) -> pd.DataFrame:
        """Return one row a segment."""
        return pd.DataFrame(
            {
                "phase": np.arange(1, len(self.points) + 1),
                "points": self.points,
                "missing": self.missing,
                "baseline_points": self.baseline_points,
                "useful": self.useful,
                "centre": self.limits.centre.line,
                "enough": self.needed == 0,
                "needed": self.needed,
                "limits": np.where(self.baseline_points < LOCKED_POINTS, "trial", "locked"),
            }
        )


def calculate(
    kind: str,
    numbers: np.ndarray,
    denominators: np.ndarray | None,
    segment: np.ndarray,
    used: np.ndarray,
    segments: int,
    rules: RuleSet,
    minimum_points: int,
    settings: dict,
) -> Control:
    """Calculate the control charts of every segment; parameters as in :mod:`kit.variation.control_limits`."""
    screened = settings.get("screened", False)
    if kind == "xmr":
        ends = {"lowest": settings.get("lowest"), "highest": settings.get("highest")}
        limits = xmr_limits(numbers, segment, used, segments, screened=screened, **ends)
    else:
        per = settings.get("per", 1)
        if not isinstance(per, int | np.integer) or isinstance(per, bool) or per < 1:
            raise KitError(f"a rate cannot be per {per}", mend="Give a whole number from 1: 100 for percent.")
        limits = attribute_limits(kind, numbers, denominators, segment, used, segments, per=int(per), screened=screened)
    present = ~np.isnan(limits.value)
    points = np.bincount(segment[present], minlength=segments)
    baseline_points = np.bincount(segment[present & used], minlength=segments)
    needed = np.maximum(minimum_points - baseline_points, 0)
    distance = np.where(limits.centre.side == 0, 0.0, limits.value - limits.centre.line[segment])
    found = find_signals(rules, limits.value, limits.centre.side, distance, limits.reach, segment)
    return Control(
        limits=limits,
        points=points,
        missing=np.bincount(segment, minlength=segments) - points,
        baseline_points=baseline_points,
        useful=np.bincount(segment[limits.centre.side != 0], minlength=segments),
        needed=needed,
        signals=[s for s in found if needed[s[1]] == 0],
    )


def rule_ids(rules: RuleSet) -> list[str]:
    """Return the ids of a set's rules, in the order in which they are said."""
    others = ("trend", "alternating", "within", "outside_middle")
    near = [n.id for n in rules.near]
    return ["outside", "shift", *(["trend"] if rules.trend else []), *near] + [
        name for name in others[1:] if getattr(rules, name)
    ]


def read_counts(
    counts: Sequence, denominators: Sequence | None, *, shares: bool
) -> tuple[np.ndarray, np.ndarray | None]:
    """Read counts and denominators, and refuse what cannot be (:func:`kit.variation.series.check_rates`)."""
    read = read_numbers(counts, "counts")
    below = None if denominators is None else read_numbers(denominators, "denominators")
    check_rates(read, below, shares=shares)
    return read, below


def within_ends(values: np.ndarray, lowest: float | None, highest: float | None) -> None:
    """Refuse values beyond what the measure can be."""
    faults = []
    for end, name, beyond in ((lowest, "lowest", np.less), (highest, "highest", np.greater)):
        if end is None:
            continue
        for i in np.flatnonzero(beyond(values, end)):
            problem = f"{values[i]:g} is beyond the {name} value that the measure can have, {end:g}"
            mend = f"Mend the value, or leave out `{name}`."
            faults.append(Fault("error", "series", problem, mend, row=int(i) + 1, column="values", rule="series"))
    if faults:
        raise InputError(faults, "the series")
