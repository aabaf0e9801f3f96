"""Run charts: the median of a series, and the rules that tell a signal from chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from kit.language import _, ngettext
from kit.variation.chart import PHASE_COLUMNS, POINT_COLUMNS, Chart, marks, signal_table
from kit.variation.many import group_series
from kit.variation.phases import Phase, split
from kit.variation.run_calculation import RunResult, calculate_runs, check_rules
from kit.variation.run_limits import FEWEST_USEFUL
from kit.variation.series import read_labels, read_numbers

__all__ = ["FEWEST_POINTS", "run_chart", "run_charts"]

# Fewer points make a chart but no rules (Perla, Provost and Murray 2011; rules.md §6.1 and §6.2).
FEWEST_POINTS = 10


def run_chart(
    values: Sequence,
    labels: Sequence | None = None,
    *,
    rules: str = "ihi",
    runs_limits: str = "table",
    baseline: int | dt.date | str | None = None,
    phases: Sequence[Phase] = (),
    minimum_points: int = FEWEST_POINTS,
) -> Chart:
    """Calculate a run chart.

    Parameters
    ----------
    values : sequence
        In the order of time; None, NaN or an empty text where nothing was measured.
    labels : sequence, optional
        Dates or texts, one a value.
    rules : {"ihi", "anhoej"}
        ``ihi``: shift (6 points on one side of the median; one on it is passed over), trend (5 points rising or
        falling; of equal neighbours only the first counts), too few or too many runs. ``anhoej``: an unusually
        long run, unusually few crossings. Sources: rules.md §6.1 (grade C) and §6.2 (grade A).
    runs_limits : {"table", "exact"}
        Where ``ihi`` takes the limits of the runs from (:func:`kit.variation.run_rules.run_limits`).
    baseline : int, date or str, optional
        Freeze the median of the first phase on this many of its first points, or on those up to a date or label; the
        rules look at all points.
    phases : sequence of Phase
        Where the median is calculated anew, each with a reason.
    minimum_points : int
        The rules of a phase with fewer points are not applied.

    Raises
    ------
    InputError
        For values, labels or phases that cannot be.
    KitError
        For an unknown rule set.

    Examples
    --------
    >>> chart = run_chart([78, 80, 80, 79, 82, 84, 80, 85, 86, 88, 87, 90, 84, 80, 89])
    >>> chart.phases["centre"].item(), chart.signals["rule"].tolist()
    (84.0, ['shift'])
    """
    check_rules(rules, runs_limits)
    numbers = read_numbers(values)
    names = read_labels(labels, len(numbers))
    cut = split(names, phases, baseline)
    count = len(cut.starts)
    found = calculate_runs(numbers, cut.segment, cut.used, count, rules, runs_limits, minimum_points)
    signals = signal_table(found.signals())
    points = pd.DataFrame(
        {
            "position": np.arange(len(numbers)),
            "label": pd.Series(names, dtype=object),
            "phase": cut.segment + 1,
            "value": numbers,
            "centre": found.centre.line[cut.segment],
            "baseline": cut.used & ~np.isnan(numbers),
            "side": found.centre.side,
            "signal": marks(signals, len(numbers)),
        }
    ).reindex(columns=list(POINT_COLUMNS))
    table = found.phases()
    table["first"] = list(cut.starts)
    table["last"] = [*(s - 1 for s in cut.starts[1:]), len(numbers) - 1]
    table["reason"], table["frozen"], table["limits"] = list(cut.reasons), list(cut.frozen), ""
    return Chart("run", rules, points, table[list(PHASE_COLUMNS)], signals, tuple(_notes(found)))


def run_charts(
    values: Sequence,
    series: Sequence,
    *,
    rules: str = "ihi",
    runs_limits: str = "table",
    baseline: int | None = None,
    minimum_points: int = FEWEST_POINTS,
) -> pd.DataFrame:
    """Calculate the run charts of many series at once.

    Parameters
    ----------
    values : sequence
        The values of all series, each in the order of time; missing ones as in :func:`run_chart`.
    series : sequence
        The id of the series of each value; the values of one need not stand together.
    rules, runs_limits, minimum_points
        As in :func:`run_chart`.
    baseline : int, optional
        Freeze each median on this many first points (missing ones counted).

    Returns
    -------
    DataFrame
        One row a series, in the order in which they first appear: ``series``, the columns of
        :attr:`Chart.phases <kit.variation.chart.Chart>` that apply, and one true or false column for each rule.
    """
    check_rules(rules, runs_limits)
    numbers = read_numbers(values)
    order, segment, position, ids = group_series(series, len(numbers))
    numbers = numbers[order]
    used = np.ones(len(numbers), dtype=bool) if baseline is None else position < baseline
    found = calculate_runs(numbers, segment, used, len(ids), rules, runs_limits, minimum_points)
    table = found.phases()
    table = table[[name for name in PHASE_COLUMNS if name in table and name != "phase"]]
    return pd.concat([pd.DataFrame({"series": ids}), table, pd.DataFrame(found.signal)], axis=1)


def _notes(found: RunResult) -> list[str]:
    notes = []
    if (found.source == "exact").any():
        notes.append(
            _("The limits of the number of runs are calculated (Wald and Wolfowitz); the published table is not used.")
        )
    useful = found.runs.above + found.runs.below
    for off, enough in zip(useful.tolist(), found.enough.tolist(), strict=True):
        if enough and off < FEWEST_USEFUL:
            notes.append(
                ngettext(
                    "Only {n} point does not lie on the median: the rules about runs need {fewest}.",
                    "Only {n} points do not lie on the median: the rules about runs need {fewest}.",
                    off,
                ).format(n=off, fewest=FEWEST_USEFUL)
            )
    return notes
