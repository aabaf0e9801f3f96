"""Phases: where a chart's centre begins anew, and the points that it is frozen on. Neither without a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kit.errors import Fault, InputError

__all__ = ["Phase", "Split", "split"]


@dataclass(frozen=True)
class Phase:
    """A new baseline: from here on the centre and the limits are calculated anew.

    Attributes
    ----------
    start : int, date or str
        Where it begins: the position of its first point (0 is the series' first), or that point's label.
    reason : str
        Why the process is taken to be another one from here on. A chart that is set anew whenever it signals
        would never signal.
    baseline : int, date or str, optional
        Freeze the centre and the limits: on this many of its first points, or on those up to a date or to the
        point with this label; on all of them otherwise.
    """

    start: int | dt.date | str
    reason: str
    baseline: int | dt.date | str | None = None


@dataclass(frozen=True)
class Split:
    """A series cut into its phases.

    Attributes
    ----------
    segment : array of int
        The phase of each point, from 0.
    used : array of bool
        The points that make the centre of their phase.
    starts : tuple of int
        The position at which each phase begins.
    reasons : tuple of str
        Empty for the first phase.
    frozen : tuple of bool
        Whether the centre of a phase rests on its first points only.
    """

    segment: np.ndarray
    used: np.ndarray
    starts: tuple[int, ...]
    reasons: tuple[str, ...]
    frozen: tuple[bool, ...]


def split(labels: Sequence, phases: Sequence[Phase], baseline: int | dt.date | str | None) -> Split:
    """Cut a series where its phases begin.

    Parameters
    ----------
    labels : sequence
        One a point.
    phases : sequence of Phase
        In any order; the first phase begins with the series and is not named.
    baseline : int, date or str, optional
        Freeze the first phase, as :attr:`Phase.baseline` freezes another; missing points are counted.

    Raises
    ------
    InputError
        Every phase without a reason, with a start that is not in the series or is its beginning, or that begins
        where another does; every baseline that is longer than its phase or has less than 2 points.
    """
    n, faults = len(labels), []
    places = []
    for phase in phases:
        place = _place(phase.start, labels)
        if not str(phase.reason or "").strip():
            faults.append((f"the phase from {phase.start} has no reason", "Say why the baseline is set anew here"))
        if place is None or not 0 < place < n:
            faults.append(
                (f"a phase cannot begin at {phase.start}", "Give the position or the label of a point after the first")
            )
        else:
            places.append((place, phase))
    places.sort(key=lambda pair: pair[0])
    for (one, _phase), (other, phase) in pairwise(places):
        if one == other:
            faults.append((f"two phases begin at {phase.start}", "Keep one of them"))
    starts = (0, *(place for place, _phase in places))
    frozen = (baseline, *(phase.baseline for _place, phase in places))
    lengths = np.diff(starts, append=n)
    spans = zip(starts, lengths.tolist(), frozen, strict=True)
    frozen = [_points(until, labels[start : start + length]) for start, length, until in spans]
    for start, length, points in zip(starts, lengths.tolist(), frozen, strict=True):
        if points is not None and not 2 <= points <= length:
            problem = f"the phase from point {start + 1} has {length} points and its baseline {points}"
            faults.append((problem, "Freeze the baseline on 2 points or more of the phase"))
    if faults:
        raise InputError([Fault("error", "phases", p, f"{m}.", rule="phase") for p, m in faults], "the phases")
    segment = np.repeat(np.arange(len(starts)), lengths)
    position = np.arange(n) - np.array(starts)[segment]
    last = np.array([length if points is None else points for length, points in zip(lengths, frozen, strict=True)])
    used = position < last[segment]
    reasons = ("", *(str(phase.reason).strip() for _place, phase in places))
    return Split(segment, used, starts, reasons, tuple(points is not None for points in frozen))


def _place(start: int | dt.date | str, labels: Sequence) -> int | None:
    if isinstance(start, int | np.integer) and not isinstance(start, bool):
        return int(start)
    wanted = start.date() if isinstance(start, dt.datetime) else start
    return next((i for i, label in enumerate(labels) if label == wanted), None)


def _points(until: int | dt.date | str | None, labels: Sequence) -> int | None:
    """Return how many first points a baseline has; 0 where it names none of them."""
    if until is None or (isinstance(until, int | np.integer) and not isinstance(until, bool)):
        return until
    if isinstance(until, dt.date):
        last = until.date() if isinstance(until, dt.datetime) else until
        return sum(isinstance(label, dt.date) and label <= last for label in labels)
    return next((i + 1 for i, label in enumerate(labels) if label == until), 0)
