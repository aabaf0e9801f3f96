"""The rules of run charts, applied to many series at once.

A missing point, like one on the median, neither adds to a run nor breaks it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kit.variation.run_limits import (
    FEWEST_USEFUL,
    anhoej_crossings,
    anhoej_longest,
    exact_runs,
    table_runs,
)
from kit.variation.stretches import Stretches, find_stretches, longest

__all__ = [
    "RUN_RULES",
    "SHIFT_POINTS",
    "TREND_POINTS",
    "Runs",
    "Trends",
    "anhoej_limits",
    "find_runs",
    "find_trends",
    "run_limits",
]

# Perla, Provost and Murray 2011, as IHI's pages give it (rules.md §6.1).
SHIFT_POINTS, TREND_POINTS = 6, 5
# Rule sets by name, and the rules of each in the order in which they are said.
RUN_RULES = {
    "ihi": ("shift", "trend", "too_few_runs", "too_many_runs"),
    "anhoej": ("long_run", "few_crossings"),
}


@dataclass(frozen=True)
class Runs:
    """Runs on one side of the centre.

    Attributes
    ----------
    useful : array of int
        Positions of the points that are not on the centre.
    stretches : Stretches
        The runs, over the useful points; ``key`` is the side.
    count, longest, above, below : array of int
        One a segment: runs, points of the longest, useful points on each side.
    """

    useful: np.ndarray
    stretches: Stretches
    count: np.ndarray
    longest: np.ndarray
    above: np.ndarray
    below: np.ndarray


def find_runs(side: np.ndarray, segment: np.ndarray, segments: int) -> Runs:
    """Find the runs of each segment.

    Parameters
    ----------
    side : array of int
        1 above the centre, −1 below, 0 on it or missing.
    segment : array of int
        Never falling.
    segments : int
    """
    useful = np.flatnonzero(side)
    stretches = find_stretches(side[useful], segment[useful])
    above, below = (np.bincount(segment[side == way], minlength=segments) for way in (1, -1))
    count = np.bincount(stretches.segment, minlength=segments)
    return Runs(useful, stretches, count, longest(stretches, segments), above, below)


@dataclass(frozen=True)
class Trends:
    """Stretches of rising or falling points; of equal neighbours only the first counts.

    Attributes
    ----------
    counted : array of int
        Positions of the points that count.
    steps : Stretches
        Over the steps from one counted point to the next; ``key`` is 1 rising, −1 falling, 0 from one segment to
        the next. A stretch of k steps is a trend of k + 1 points.
    """

    counted: np.ndarray
    steps: Stretches

    def at_least(self, points: int) -> list[tuple[np.ndarray, int, int]]:
        """Return positions, segment and direction of each trend of this many points or more."""
        keep = (self.steps.length >= points - 1) & (self.steps.key != 0)
        return [
            (self.counted[start : start + length + 1], segment, way)
            for start, length, segment, way in self.steps.where(keep)
        ]


def find_trends(values: np.ndarray, segment: np.ndarray, *, skip_ties: bool = True) -> Trends:
    """Find the rising and the falling stretches.

    Parameters
    ----------
    values : array of float
        NaN where missing.
    segment : array of int
        Never falling.
    skip_ties : bool
        True: a value equal to the one before is passed over. False: it ends the trend.
    """
    counted = np.flatnonzero(~np.isnan(values))
    if skip_ties and len(counted):
        v, s = values[counted], segment[counted]
        counted = counted[np.concatenate([[True], (v[1:] != v[:-1]) | (s[1:] != s[:-1])])]
    v, s = values[counted], segment[counted]
    steps = np.where(s[1:] == s[:-1], np.sign(v[1:] - v[:-1]), 0).astype("int64")
    # A step belongs to the segment of its later point; a step between segments is 0 and is no trend.
    return Trends(counted, find_stretches(steps, s[1:]))


def run_limits(above: int, below: int, limits: str) -> tuple[int, int, str] | None:
    """Return the lowest and highest number of runs that are no signal, and where they come from.

    Parameters
    ----------
    above, below : int
        Useful points on each side.
    limits : {"table", "exact"}
        The published table, with the exact calculation where it ends (more than 40 useful points); or the exact
        calculation throughout.

    Returns
    -------
    (int, int, {"table", "exact"}) or None
        None with fewer than 10 useful points, or none on one side.
    """
    useful = above + below
    if useful < FEWEST_USEFUL:
        return None
    if limits == "table" and (found := table_runs(useful)):
        return (*found, "table")
    return (*exact_runs(above, below), "exact") if above and below else None


def anhoej_limits(useful: int) -> tuple[int, int] | None:
    """Return the longest run and the fewest crossings that are no signal; None with fewer than 10 useful points."""
    return (anhoej_longest(useful), anhoej_crossings(useful)) if useful >= FEWEST_USEFUL else None
