"""Control charts: a centre with limits on both sides, and the rules that tell a signal from chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from kit.language import _, ngettext
from kit.variation.chart import PHASE_COLUMNS, POINT_COLUMNS, Chart, marks, signal_table
from kit.variation.control_calculation import (
    LOCKED_POINTS,
    Control,
    calculate,
    read_counts,
    rule_ids,
    within_ends,
)
from kit.variation.control_rules import rule_set
from kit.variation.phases import Phase, split
from kit.variation.series import read_labels, read_numbers

__all__ = ["c_chart", "p_chart", "p_prime_chart", "u_chart", "xmr_chart"]

# Largest denominators for which a p or u chart is not suspected of limits that are too narrow; no source: a setting.
_LARGE_DENOMINATOR = 500


def xmr_chart(
    values: Sequence,
    labels: Sequence | None = None,
    *,
    rules: str = "nhse",
    screened: bool = False,
    lowest: float | None = None,
    highest: float | None = None,
    baseline: int | dt.date | str | None = None,
    phases: Sequence[Phase] = (),
    minimum_points: int = LOCKED_POINTS,
) -> Chart:
    """Calculate a chart of individual values: mean ± 2.66 times the mean moving range.

    Parameters
    ----------
    values, labels, baseline, phases
        As in :func:`kit.variation.run_chart.run_chart`; a frozen baseline freezes the limits too.
    rules : {"nhse", "western_electric", "nelson", "ihi"}
        ``rule_sets.toml`` has the rules of each, with its source.
    screened : bool
        Leave moving ranges of 3.267 times their mean or more out of it, once. A note says so.
    lowest, highest : float, optional
        The limits stop here, for a measure that cannot be lower or higher (0 for a count, 100 for a percent).
    minimum_points : int
        With fewer points to make the centre the limits are trial limits, and the rules are not applied.

    Raises
    ------
    InputError
        For values, labels or phases that cannot be, or values beyond ``lowest`` or ``highest``.
    KitError
        For an unknown rule set.

    Examples
    --------
    >>> chart = xmr_chart([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    >>> chart.points[["low", "high"]].iloc[0].round(2).tolist(), chart.signals["rule"].tolist()
    ([-3.06, 6.95], ['outside'])
    """
    numbers = read_numbers(values)
    within_ends(numbers, lowest, highest)
    settings = {"screened": screened, "lowest": lowest, "highest": highest}
    return _chart("xmr", numbers, None, labels, rules, baseline, phases, minimum_points, settings)


def p_chart(
    counts: Sequence,
    denominators: Sequence,
    labels: Sequence | None = None,
    *,
    per: int = 1,
    rules: str = "nhse",
    baseline: int | dt.date | str | None = None,
    phases: Sequence[Phase] = (),
    minimum_points: int = LOCKED_POINTS,
) -> Chart:
    """Calculate a chart of shares (p): p̄ ± 3 √(p̄ (1 − p̄) / n), n of each point.

    Parameters
    ----------
    counts, denominators : sequence
        Of each point; a missing one, or a denominator of 0, is a missing point.
    labels, rules, baseline, phases, minimum_points
        As in :func:`xmr_chart`.
    per : int
        100 for percent.

    Raises
    ------
    InputError
        For counts above their denominators or below 0, and as :func:`xmr_chart`.
    """
    given = read_counts(counts, denominators, shares=True)
    return _chart("p", *given, labels, rules, baseline, phases, minimum_points, {"per": per})


def p_prime_chart(
    counts: Sequence,
    denominators: Sequence,
    labels: Sequence | None = None,
    *,
    per: int = 1,
    screened: bool = False,
    rules: str = "nhse",
    baseline: int | dt.date | str | None = None,
    phases: Sequence[Phase] = (),
    minimum_points: int = LOCKED_POINTS,
) -> Chart:
    """Calculate Laney's p′ chart: a p chart whose limits also hold the variation from point to point.

    For large denominators, such as a day's attendance of a district, for which the limits of a p chart are too
    narrow. Parameters and errors are those of :func:`p_chart`; ``screened`` as in :func:`xmr_chart`, of the
    standardised points. Source: Laney 2002, as qicharts2 calculates it.
    """
    given = read_counts(counts, denominators, shares=True)
    settings = {"per": per, "screened": screened}
    return _chart("p_prime", *given, labels, rules, baseline, phases, minimum_points, settings)


def u_chart(
    counts: Sequence,
    denominators: Sequence,
    labels: Sequence | None = None,
    *,
    per: int = 1,
    rules: str = "nhse",
    baseline: int | dt.date | str | None = None,
    phases: Sequence[Phase] = (),
    minimum_points: int = LOCKED_POINTS,
) -> Chart:
    """Calculate a chart of events per so many (u): ū ± 3 √(ū / n), n of each point.

    A count may be larger than its denominator. Parameters and errors are otherwise those of :func:`p_chart`.
    """
    given = read_counts(counts, denominators, shares=False)
    return _chart("u", *given, labels, rules, baseline, phases, minimum_points, {"per": per})


def c_chart(
    counts: Sequence,
    labels: Sequence | None = None,
    *,
    rules: str = "nhse",
    baseline: int | dt.date | str | None = None,
    phases: Sequence[Phase] = (),
    minimum_points: int = LOCKED_POINTS,
) -> Chart:
    """Calculate a chart of counts of events (c): c̄ ± 3 √c̄, where each point had the same chance of them."""
    given = read_counts(counts, None, shares=False)
    return _chart("c", *given, labels, rules, baseline, phases, minimum_points, {})


def _chart(kind, numbers, denominators, labels, rules, baseline, phases, minimum_points, settings) -> Chart:
    chosen = rule_set(rules)
    names = read_labels(labels, len(numbers))
    cut = split(names, phases, baseline)
    segments = len(cut.starts)
    found = calculate(kind, numbers, denominators, cut.segment, cut.used, segments, chosen, minimum_points, settings)
    limits = found.limits
    order = {rule: i for i, rule in enumerate(rule_ids(chosen))}
    rows = sorted(
        (
            (rule, of + 1, int(where[0]), int(where[-1]), tuple(where.tolist()), way, size, None, None)
            for rule, of, where, way, size in found.signals
        ),
        key=lambda row: (row[1], order[row[0]], row[2]),
    )
    signals = signal_table(rows)
    points = pd.DataFrame(
        {
            "position": np.arange(len(numbers)),
            "label": pd.Series(names, dtype=object),
            "phase": cut.segment + 1,
            "value": limits.value,
            "count": np.nan if kind == "xmr" else numbers,
            "denominator": np.nan if denominators is None else denominators,
            "centre": limits.centre.line[cut.segment],
            "low": limits.low,
            "high": limits.high,
            "baseline": cut.used & ~np.isnan(limits.value),
            "side": limits.centre.side,
            "moving_range": limits.moving_range,
            "moving_range_limit": limits.moving_range_limit,
            "signal": marks(signals, len(numbers)),
        }
    )[list(POINT_COLUMNS)]
    table = found.phases()
    table["first"] = list(cut.starts)
    table["last"] = [*(s - 1 for s in cut.starts[1:]), len(numbers) - 1]
    table["reason"], table["frozen"] = list(cut.reasons), list(cut.frozen)
    table = table.reindex(columns=list(PHASE_COLUMNS))
    notes = tuple(_notes(kind, found, settings, denominators))
    return Chart(kind, rules, points, table, signals, notes, settings.get("per", 1))


def _notes(kind: str, found: Control, settings: dict, denominators: np.ndarray | None) -> list[str]:
    notes = []
    if kind in ("xmr", "p_prime"):
        if settings.get("screened"):
            n = int(found.limits.screened.sum())
            notes.append(
                ngettext(
                    "Screened: {n} moving range of 3.267 times their mean or more was left out of the limits.",
                    "Screened: {n} moving ranges of 3.267 times their mean or more were left out of the limits.",
                    n,
                ).format(n=n)
            )
        else:
            notes.append(_("Moving ranges are not screened: all of them count for the limits."))
    if (found.baseline_points < LOCKED_POINTS).any():
        notes.append(_("Trial limits: with fewer than {n} points the limits will still move.").format(n=LOCKED_POINTS))
    if kind in ("p", "u") and denominators is not None and np.nanmax(denominators, initial=0) >= _LARGE_DENOMINATOR:
        notes.append(
            _(
                "With denominators of {n} and more these limits are often too narrow: compare p′ or XmR. "
                "(The {n} is an assumption of this kit.)"
            ).format(n=_LARGE_DENOMINATOR)
        )
    return notes
