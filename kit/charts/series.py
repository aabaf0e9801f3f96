"""A series over time that may be drawn: a team's own numbers under their small-number rule, or released results.

The control charts and run charts of the kit take nothing else. What is withheld is gone before anything is calculated,
so no median, limit or signal gives it away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kit.charts.words import year
from kit.errors import KitError
from kit.measures.registry import measure as find_measure
from kit.privacy import LOWEST_MINIMUM, REPORT_MINIMUM, Released, require_released
from kit.variation import Chart, c_chart, p_chart, p_prime_chart, run_chart, u_chart, xmr_chart
from kit.variation.series import check_rates, read_labels, read_numbers

__all__ = ["CHARTS", "Analysed", "TimeSeries", "analyse", "released_series", "team_series"]

_TOKEN = object()
# By kind; each takes the values of a series, or its numerators and denominators.
CHARTS = ("run", "xmr", "p", "p_prime", "u", "c")


@dataclass(frozen=True)
class TimeSeries:
    """Points over time that may be drawn; :func:`team_series` and :func:`released_series` make it.

    Attributes
    ----------
    name : str
    labels : tuple
        Dates or texts, one a point, in order.
    values, numerators, denominators : tuple of float
        NaN where missing or withheld; a rate's value is ``per`` times numerator over denominator.
    per : int
        100 for percent.
    unit : {"percent", "number"}
        How a value is written.
    better : {"up", "down", None}
    withheld : tuple of bool
        Points that are not shown because they rest on too few students.
    minimum : int
        The fewest students that a point rests on; 0 where points do not count students.
    audience : {"internal", "team"}
        ``team``: small numbers stand in it; it stays with the team.
    notes : tuple of str
        One a point, empty mostly: a flu week, a strike.
    unusual : tuple of bool
        Points that the team judged plainly out of the ordinary; never a rule of the kit.
    """

    name: str
    labels: tuple
    values: tuple[float, ...]
    numerators: tuple[float, ...]
    denominators: tuple[float, ...]
    per: int
    unit: str
    better: str | None
    withheld: tuple[bool, ...]
    minimum: int
    audience: str
    notes: tuple[str, ...]
    unusual: tuple[bool, ...]
    _made_by: object = None

    def __post_init__(self):
        if self._made_by is not _TOKEN:
            raise KitError("A series to draw is made by kit.charts.series.team_series or released_series only")


def team_series(
    name: str,
    labels: Sequence,
    values: Sequence | None = None,
    *,
    numerators: Sequence | None = None,
    denominators: Sequence | None = None,
    per: int = 100,
    better: str | None = None,
    counts_students: bool = True,
    audience: str = "internal",
    minimum: int = REPORT_MINIMUM,
    notes: Sequence[str] = (),
    unusual: Sequence[bool] = (),
) -> TimeSeries:
    """Make a series of a team's own measure, from the store, a spreadsheet or a query on the daily records.

    Parameters
    ----------
    name : str
    labels : sequence of date or str
    values : sequence, optional
        The values as they are; left out, they are ``per`` times numerator over denominator.
    numerators, denominators : sequence, optional
    per : int
        100 for percent; used where values are left out.
    better : {"up", "down", None}
    counts_students : bool
        Whether a point says something about students. Then it needs the number of students it rests on (its
        denominator), and a point of fewer than ``minimum`` is withheld. A tally of calls made, or of minutes, does not.
    audience : {"internal", "team"}
        ``team`` withholds nothing, and every display says that it stays with the team.
    minimum : int
        11 at the least.
    notes : sequence of str, optional
    unusual : sequence of bool, optional

    Raises
    ------
    KitError
        Where students are counted and their number is not given, or a setting is unknown.
    InputError
        For numbers or dates that cannot be.
    """
    if audience not in ("internal", "team"):
        raise KitError(f"'{audience}' is not an audience of a team's series", mend="Use internal or team.")
    if minimum < LOWEST_MINIMUM:
        raise KitError(f"The minimum is {minimum}", mend=f"The lowest that is allowed is {LOWEST_MINIMUM}.")
    if better not in ("up", "down", None):
        raise KitError(f"'{better}' is no direction", mend="Use up, down or None.")
    names = read_labels(labels, len(labels))
    nothing = np.full(len(names), np.nan)
    top = nothing if numerators is None else read_numbers(numerators, "numerators")
    bottom = nothing if denominators is None else read_numbers(denominators, "denominators")
    rate = values is None
    if rate and (numerators is None or denominators is None):
        raise KitError(f"the series '{name}' has no values", mend="Give values, or numerators and denominators.")
    if rate:
        check_rates(top, bottom, shares=False)
        shown = np.divide(per * top, bottom, out=nothing.copy(), where=bottom > 0)
    else:
        shown = read_numbers(values)
    for column in (top, bottom, shown):
        read_labels(names, len(column))
    withheld = np.zeros(len(names), dtype=bool)
    if counts_students and audience == "internal":
        if (np.isnan(bottom) & ~np.isnan(shown)).any():
            raise KitError(
                f"'{name}' counts students, and points do not say how many they rest on",
                mend="Give the denominators, say that it does not count students, or show it to the team only.",
            )
        withheld = ~np.isnan(bottom) & (bottom < minimum)
        top, bottom, shown = (np.where(withheld, np.nan, column) for column in (top, bottom, shown))
    return TimeSeries(
        name=name,
        labels=tuple(names),
        values=tuple(shown.tolist()),
        numerators=tuple(top.tolist()),
        denominators=tuple(bottom.tolist()),
        per=per if rate else 1,
        unit="percent" if rate and per == 100 else "number",
        better=better,
        withheld=tuple(withheld.tolist()),
        minimum=minimum if counts_students and audience == "internal" else 0,
        audience=audience,
        notes=_one_each(notes, len(names), ""),
        unusual=_one_each(unusual, len(names), False),
        _made_by=_TOKEN,
    )


def released_series(
    released: Released, measure: str, unit_type: str, unit_id: str, *, student_group: str = "all", grade: str = "all"
) -> TimeSeries:
    """Make a series over the school years from released results; a year that is not shown is withheld.

    Raises
    ------
    TypeError
        If the data did not come through the gate.
    """
    known = find_measure(measure)
    table = (
        require_released(released)
        .where(measure=measure, unit_type=unit_type, unit_id=unit_id, student_group=student_group, grade=grade)
        .table.sort_values("school_year")
    )
    rows = {int(r["school_year"]): r for r in table.to_dict("records")}
    span = range(min(rows), max(rows) + 1) if rows else ()
    shown = {y: rows[y] for y in span if y in rows and rows[y]["status"] == "shown"}
    percent = known.scale == "percent"

    return TimeSeries(
        name=known.short,
        labels=tuple(year(y) for y in span),
        values=_known(shown, span, "value"),
        numerators=_known(shown, span, "count"),
        denominators=_known(shown, span, "n"),
        per=100 if percent else 1,
        unit="percent" if percent else "number",
        better=known.better,
        withheld=tuple(y in rows and y not in shown for y in span),
        minimum=released.minimum,
        audience="internal",
        notes=("",) * len(span),
        unusual=(False,) * len(span),
        _made_by=_TOKEN,
    )


def _known(shown: dict, span, name: str) -> tuple[float, ...]:
    found = (shown[y][name] if y in shown else None for y in span)
    return tuple(np.nan if v is None or pd.isna(v) else float(v) for v in found)


def _one_each(given: Sequence, n: int, nothing) -> tuple:
    if len(given) not in (0, n):
        raise KitError(f"there are {n} points and {len(given)} notes or marks", mend="Give one for each point.")
    return tuple(given) or (nothing,) * n


@dataclass(frozen=True)
class Analysed:
    """A series with its chart calculated; :func:`analyse` makes it."""

    series: TimeSeries
    chart: Chart
    _made_by: object = None

    def __post_init__(self):
        if self._made_by is not _TOKEN:
            raise KitError("A chart to draw is made by kit.charts.series.analyse only")


def analyse(series: TimeSeries, kind: str = "run", **settings) -> Analysed:
    """Calculate a run chart or a control chart of a series.

    Parameters
    ----------
    series : TimeSeries
    kind : {"run", "xmr", "p", "p_prime", "u", "c"}
        Run and XmR charts take the values; p, p′ and u the numerators and denominators; c the numerators, or the
        values where there are none.
    **settings
        Of the function in :mod:`kit.variation`.

    Raises
    ------
    TypeError
        If the series did not come from :func:`team_series` or :func:`released_series`.
    KitError
        For an unknown kind.
    """
    if not isinstance(series, TimeSeries):
        raise TypeError(f"only a series that may be drawn is analysed, not {type(series).__name__}")
    if kind not in CHARTS:
        raise KitError(f"'{kind}' is no chart", mend=f"Use one of {', '.join(CHARTS)}.")
    labels = list(series.labels)
    if kind in ("run", "xmr"):
        make = run_chart if kind == "run" else xmr_chart
        return Analysed(series, make(np.array(series.values), labels, **settings), _TOKEN)
    counts = np.array(series.numerators)
    if kind == "c":
        counts = np.array(series.values) if np.isnan(counts).all() else counts
        return Analysed(replace(series, unit="number"), c_chart(counts, labels, **settings), _TOKEN)
    make = {"p": p_chart, "p_prime": p_prime_chart, "u": u_chart}[kind]
    chart = make(counts, np.array(series.denominators), labels, per=series.per, **settings)
    return Analysed(series, chart, _TOKEN)
