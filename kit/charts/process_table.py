"""Where everything of a run chart or control chart stands, worked out before it is drawn: a chart never calculates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from babel.dates import format_skeleton

from kit.charts.series import Analysed
from kit.language import N_, _, number, percent, the_language
from kit.variation.words import label_words, rule_name

__all__ = [
    "BEYOND",
    "MARKS",
    "Cycle",
    "Place",
    "axis_ends",
    "cycle_rows",
    "digits_of",
    "line_rows",
    "point_rows",
    "ticks",
    "write",
]

_DAY = 24 * 60 * 60 * 1000
# The most labels on the axis.
_TICKS = 8
# Shorter axes than this are labelled by days.
_FEW_DAYS = 100
# Signals of these rules are about the whole line: they are said, and no point is marked for them.
BEYOND = ("too_few_runs", "too_many_runs", "few_crossings", "alternating", "within", "outside_middle")
# Marks of points: id, word, shape of Vega, colour; a signal differs by its shape as well as by its colour.
MARKS = {
    "usual": (N_("No signal"), "circle", "ours"),
    "better": (N_("Signal, for the better"), "triangle-up", "strength"),
    "worse": (N_("Signal, for the worse"), "diamond", "closer"),
    "signal": (N_("Signal"), "square", "ink"),
}


@dataclass(frozen=True)
class Cycle:
    """A test of a change idea on the axis.

    Attributes
    ----------
    title : str
    start : date or str
        A label of the series, or any date.
    end : date or str, optional
    """

    title: str
    start: dt.date | str
    end: dt.date | str | None = None


@dataclass(frozen=True)
class Place:
    """Where labels stand on the axis: dates by time, other labels one beside the other.

    Attributes
    ----------
    dates : bool
    at : tuple of float
        One a label: milliseconds since 1970 (UTC), or 0, 1, 2 …
    edges : tuple of float
        Half way between neighbours, and as far out at both ends; one more than labels.
    labels : tuple
    """

    dates: bool
    at: tuple[float, ...]
    edges: tuple[float, ...]
    labels: tuple

    @classmethod
    def of(cls, labels: Sequence) -> Place:
        """Place the labels of a series."""
        dates = bool(labels) and all(isinstance(x, dt.date) for x in labels)
        at = tuple(_moment(x) for x in labels) if dates else tuple(float(i) for i in range(len(labels)))
        middles = [(a + b) / 2 for a, b in pairwise(at)]
        step = _DAY * 7.0 if dates else 1.0
        before = at[0] - (middles[0] - at[0] if middles else step / 2) if at else 0.0
        after = at[-1] + (at[-1] - middles[-1] if middles else step / 2) if at else step
        return cls(dates, at, (before, *middles, after) if at else (before, after), tuple(labels))

    def find(self, label: object) -> float | None:
        """Return where a label (or, between dates, any date) stands; None where it is not on the axis."""
        if self.dates and isinstance(label, dt.date):
            return float(_moment(label))
        return self.at[self.labels.index(label)] if label in self.labels else None


def _moment(day: dt.date) -> float:
    return (day - dt.date(1970, 1, 1)).days * float(_DAY)


def ticks(place: Place, start: float, stop: float) -> list[tuple[float, str]]:
    """Return where the axis has a label, and the label: the first days of months, days, or every so many-th label."""
    if not place.dates:
        every = max(1, -(-len(place.at) // _TICKS))
        return [(place.at[i], label_words(place.labels[i])) for i in range(0, len(place.at), every)]
    first, last = (dt.date(1970, 1, 1) + dt.timedelta(days=x / _DAY) for x in (start, stop))
    days = (last - first).days
    if days < _FEW_DAYS:
        every = max(1, -(-days // _TICKS))
        shown = [first + dt.timedelta(days=k) for k in range(0, days + 1, every)]
        return [(_moment(day), _short(day, "MMMd")) for day in shown if _moment(day) >= start]
    months = [dt.date(first.year + m // 12, m % 12 + 1, 1) for m in range(first.month, first.month + days // 28 + 2)]
    months = [day for day in months if day <= last]
    every = next((k for k in (1, 2, 3, 6, 12, 24, 60, 120) if len(months) / k <= _TICKS), 240)
    # Longer steps begin in January, April, July or October.
    shown = [day for day in months if ((day.year * 12 + day.month - 1) % every == 0)]
    years = [day.year for day in shown]
    return [
        (
            _moment(day),
            str(day.year) if every >= 12 else _short(day, "MMM" if i and years[i - 1] == day.year else "yMMM"),
        )
        for i, day in enumerate(shown)
    ]


def _short(day: dt.date, form: str) -> str:
    return format_skeleton(form, day, locale=the_language().locale)


def write(value: float | None, unit: str, digits: int = 1) -> str:
    """Write a value as a reader sees it; unknown is a dash, a whole number has no decimals."""
    if value is None or value != value:
        return "–"
    if unit == "percent":
        return percent(value, 1)
    return number(value, 0 if float(value).is_integer() else digits)


def digits_of(values: Sequence[float]) -> int:
    """Return the decimals of a series' numbers: two where all are below 10."""
    return 1 if any(abs(v) >= 10 for v in values if v == v) else 2


def axis_ends(values: Sequence[float], unit: str) -> tuple[float, float]:
    """Return both ends of the axis of values: from 0 where that does not press the line flat."""
    known = [v for v in values if v == v]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    room = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    bottom = 0.0 if 0 <= low <= 0.6 * high else low - room
    # Cycles stand in the headroom.
    return (max(0.0, bottom) if low >= 0 else bottom), high + 1.8 * room


def point_rows(analysed: Analysed, place: Place) -> list[dict]:
    """Return one row a point that is shown, with its mark, its words and the stretch of the line that it is on."""
    series, rows, stretch = analysed.series, [], 0
    better = {"up": "better", "down": "worse"} if series.better == "up" else {"up": "worse", "down": "better"}
    directions = _directions(analysed)
    for p in analysed.chart.points.to_dict("records"):
        i = p["position"]
        if p["value"] != p["value"]:
            stretch += 1
            continue
        if i and analysed.chart.points["phase"].iloc[i - 1] != p["phase"]:
            stretch += 1
        way = directions.get(i)
        mark = "usual" if way is None else better.get(way, "signal") if series.better else "signal"
        rules = ", ".join(rule_name(r) for r in p["signal"].split() if r not in BEYOND)
        rows.append(
            {
                "x": place.at[i],
                "value": round(p["value"], 6),
                "text": write(p["value"], series.unit, digits_of(series.values)),
                "when": label_words(p["label"]),
                "mark": _(MARKS[mark][0]),
                "rules": rules or "–",
                "stretch": stretch,
                "unusual": bool(series.unusual[i]),
            }
        )
    return rows


def _directions(analysed: Analysed) -> dict[int, str]:
    """Return the direction of the signals of each point; where it lies goes before where a trend goes."""
    found: dict[int, str] = {}
    signals = analysed.chart.signals.to_dict("records")
    for s in sorted(signals, key=lambda s: s["rule"] == "trend"):
        if s["rule"] not in BEYOND:
            for i in s["points"]:
                found.setdefault(i, s["direction"])
    return found


def line_rows(analysed: Analysed, place: Place) -> list[dict]:
    """Return the corners of the centre and of both limits: level over each point, stepping between points.

    The centre is ``centre`` over the points that make it and ``carried`` beyond them (a frozen baseline).
    """
    points = analysed.chart.points.to_dict("records")
    trial = set(analysed.chart.phases.loc[analysed.chart.phases["limits"] == "trial", "phase"])
    frozen = set(analysed.chart.phases.loc[analysed.chart.phases["frozen"], "phase"])
    ends = {
        phase: max((p["position"] for p in points if p["phase"] == phase and p["baseline"]), default=-1)
        for phase in frozen
    }
    rows, gaps = [], 0
    for p in points:
        i, phase = p["position"], p["phase"]
        gaps += p["high"] != p["high"]
        carried = phase in frozen and i > ends.get(phase, -1)
        limit = "trial" if phase in trial else "limit"
        lines = (
            ("centre", "carried" if carried else "centre", p["centre"]),
            ("low", limit, p["low"]),
            ("high", limit, p["high"]),
        )
        for line, look, y in lines:
            if y == y:
                # Limits stop at a point without a denominator; the centre goes on.
                part = f"{line} {phase} {look} {0 if line == 'centre' else gaps}"
                rows += [{"x": x, "y": round(y, 6), "part": part, "look": look} for x in place.edges[i : i + 2]]
    return _corners(rows)


def _corners(rows: list[dict]) -> list[dict]:
    """Leave out what lies on a level line between two of its corners."""
    kept: list[dict] = []
    parts: dict[str, list[dict]] = {}
    for row in rows:
        parts.setdefault(row["part"], []).append(row)
    for part in parts.values():
        for i, row in enumerate(part):
            inside = 0 < i < len(part) - 1 and part[i - 1]["y"] == row["y"] == part[i + 1]["y"]
            if not inside:
                kept.append(row)
    return kept


def cycle_rows(cycles: Sequence[Cycle], place: Place) -> list[dict]:
    """Return one row a cycle that is on the axis, numbered in their order."""
    rows = []
    for k, cycle in enumerate(cycles, start=1):
        start = place.find(cycle.start)
        if start is None or not place.at:
            continue
        end = None if cycle.end is None else place.find(cycle.end)
        least = (place.edges[-1] - place.edges[0]) * 0.03
        rows.append({"x": start, "x2": max(end or start, start + least), "number": str(k), "title": cycle.title})
    return rows
