"""Run charts and control charts: the points, the line in the middle, limits, phases, cycles and signals."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from kit.charts.display import Display, Table, script_json
from kit.charts.labels import axis_unit, haloed
from kit.charts.palette import LIGHT
from kit.charts.process_table import (
    MARKS,
    Cycle,
    Place,
    axis_ends,
    cycle_rows,
    digits_of,
    line_rows,
    point_rows,
    ticks,
    write,
)
from kit.charts.process_words import alternative, how_to_read, note
from kit.charts.series import Analysed
from kit.charts.words import count
from kit.language import _, cached_by_language
from kit.variation.words import chart_name, label_words, rule_name, rules_name, summary

__all__ = ["process_chart"]

_HEIGHT = 260
_INSIDE = 200
# The words at the right end have this many pixels, however wide the page is.
_WORDS = 118
_TO = f"from + (stop - from) * width / max(width - {_WORDS}, 40)"
# Room for the labels of the axis of values, so that charts under each other have one axis of time.
_LABELS = 44
# A given span has this share of itself free at both ends, so that no mark is cut.
_ROOM = 0.02
# Labels at the right end are this many pixels apart at the least.
_APART = 14


@cached_by_language
def _form(unit: str) -> dict:
    """Build the chart once; its rows, its ends and the names of its axis are put in for each series."""
    axis = alt.Axis(
        labelAngle=0,
        values=alt.ExprRef("ticks"),
        labelExpr="names[indexof(ticks, datum.value)]",
        labelOverlap=True,
        grid=False,
    )
    scale = alt.Scale(domainMin=alt.ExprRef("from"), domainMax=alt.ExprRef("to"), nice=False, zero=False)
    span = alt.Scale(domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high"), nice=False, zero=False)
    y_axis = alt.Axis(tickCount=5, minExtent=_LABELS, labelExpr=axis_unit("percent" if unit == "percent" else "number"))

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=scale, axis=axis, title=None)

    def up(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=span, title=None, axis=y_axis)

    cycles = alt.Chart(alt.NamedData("cycles")).encode(x=across("x"))
    tests = (
        cycles.mark_rule(strokeDash=[2, 3], color=LIGHT["district"], strokeWidth=1),
        cycles.mark_rect(color=LIGHT["ours-soft"], opacity=0.55, cornerRadius=2).encode(
            x2="x2", y=alt.value(0), y2=alt.value(15), tooltip=[alt.Tooltip("title:N", title=_("Cycle"))]
        ),
        cycles.mark_text(align="left", dx=4, fontSize=11, fontWeight="bold", color=LIGHT["ink"]).encode(
            y=alt.value(8), text="number:N"
        ),
    )
    phases = (
        alt.Chart(alt.NamedData("phases"))
        .mark_rule(color=LIGHT["ink"], strokeWidth=1, strokeDash=[1, 2])
        .encode(x=across("x"))
    )
    looks = ["centre", "carried", "limit", "trial"]
    lines = (
        alt.Chart(alt.NamedData("lines"))
        .mark_line(strokeWidth=1.5, clip=True)
        .encode(
            x=across("x"),
            y=up("y"),
            detail="part:N",
            color=alt.Color(
                "look:N",
                scale=alt.Scale(domain=looks, range=[LIGHT["ink"], LIGHT["ink"], LIGHT["network"], LIGHT["network"]]),
                legend=None,
            ),
            strokeDash=alt.StrokeDash(
                "look:N", scale=alt.Scale(domain=looks, range=[[1, 0], [7, 4], [4, 3], [1, 3]]), legend=None
            ),
        )
    )
    target = (
        alt.Chart(alt.NamedData("target")).mark_rule(color=LIGHT["strength"], strokeWidth=1.5, strokeDash=[10, 3, 2, 3])
    ).encode(x=across("x"), x2="x2", y=up("y"))
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=across("x"),
        y=up("value"),
        tooltip=[
            alt.Tooltip("when:N", title=_("When")),
            alt.Tooltip("text:N", title=_("Value")),
            alt.Tooltip("rules:N", title=_("Signal")),
        ],
    )
    path = base.mark_line(strokeWidth=1.6, color=LIGHT["ours"], opacity=0.7).encode(detail="stretch:N")
    names = [_(word) for word, _shape, _colour in MARKS.values()]
    shapes, colours = ([row[k] for row in MARKS.values()] for k in (1, 2))
    dots = base.mark_point(filled=True, opacity=1, stroke=LIGHT["paper"], strokeWidth=0.8).encode(
        shape=alt.Shape("mark:N", scale=alt.Scale(domain=names, range=shapes), legend=None),
        color=alt.Color("mark:N", scale=alt.Scale(domain=names, range=[LIGHT[c] for c in colours]), legend=None),
        size=alt.condition(f"datum.mark === {script_json(names[0])}", alt.value(45), alt.value(110)),
    )
    ring = (
        alt.Chart(alt.NamedData("unusual"))
        .mark_point(shape="circle", size=260, color=LIGHT["ink"], strokeWidth=1.4)
        .encode(x=across("x"), y=up("value"))
    )
    place = alt.Chart(alt.NamedData("words")).encode(x=across("x"), y=up("y"))
    surround, words = haloed(place, "text:N", LIGHT["ink"], align="left", dx=6, fontSize=11)
    chart = alt.layer(*tests, phases, lines, target, path, dots, ring, surround, words).resolve_scale(
        color="independent"
    )
    chart = chart.properties(width="container", height=_INSIDE)
    given = {"from": 0, "stop": 1, "low": 0, "high": 1, "ticks": [], "names": []}
    params = [alt.param(name, value=value) for name, value in given.items()]
    return chart.add_params(*params, alt.param("to", expr=_TO)).to_dict(validate=False)


def process_chart(
    analysed: Analysed,
    *,
    target: float | None = None,
    cycles: Sequence[Cycle] = (),
    span: tuple | None = None,
) -> Display | None:
    """Draw a run chart or a control chart.

    Parameters
    ----------
    analysed : Analysed
    target : float, optional
    cycles : sequence of Cycle
        Tests of change ideas, numbered on the axis in this order.
    span : (date, date), optional
        Both ends of the axis, for charts that stand under each other; the series' own otherwise.

    Returns
    -------
    Display or None
        None where no point is shown.

    Raises
    ------
    TypeError
        If the chart did not come from :func:`kit.charts.series.analyse`.
    """
    if not isinstance(analysed, Analysed):
        raise TypeError(f"only an analysed series is drawn, not {type(analysed).__name__}")
    series, chart = analysed.series, analysed.chart
    place = Place.of(series.labels)
    rows, lines = point_rows(analysed, place), line_rows(analysed, place)
    if not rows:
        return None
    tests = cycle_rows(cycles, place)
    goal = [] if target is None else [float(target)]
    low, high = axis_ends([r["value"] for r in rows] + [r["y"] for r in lines] + goal, series.unit)
    start, stop = place.edges[0], place.edges[-1]
    if span and place.dates:
        start, stop = (place.find(end) for end in span)
        room = (stop - start) * _ROOM
        start, stop = start - room, stop + room
    datasets = {
        "rows": [{k: v for k, v in r.items() if k != "unusual"} for r in rows],
        "lines": lines,
        "phases": [{"x": place.edges[int(first)]} for first in chart.phases["first"].iloc[1:]],
        "cycles": tests,
        "target": [{"x": start, "x2": stop, "y": y} for y in goal],
        "unusual": [{"x": r["x"], "value": r["value"]} for r in rows if r["unusual"]],
        "words": _beside(analysed, goal, stop, low, high),
    }
    form = _form(series.unit)
    # A layer without rows would make Vega complain of an axis without ends.
    spec = {**form, "layer": [layer for layer in form["layer"] if datasets[layer["data"]["name"]]]}
    spec["datasets"] = {name: data for name, data in datasets.items() if data}
    named = ticks(place, start, stop)
    params = {"from": start, "stop": stop, "low": low, "high": high}
    params |= {"ticks": [x for x, _name in named], "names": [name for _x, name in named]}
    given = [{"name": name, "value": value} for name, value in params.items()]
    spec["params"] = [*given, {"name": "to", "expr": _TO}]
    said = summary(chart)
    table = _table(analysed, target, cycles)
    return Display(
        spec=spec,
        title=f"{series.name}. {said}".rstrip("."),
        how_to_read=how_to_read(analysed, bool(goal), bool(tests)),
        alternative_text=alternative(analysed, said, table, cycles, target),
        table=table,
        kind="process",
        height=_HEIGHT,
        note=note(analysed),
    )


def _beside(analysed: Analysed, goal: list[float], x: float, low: float, high: float) -> list[dict]:
    """Return the words at the right end, moved apart where they would cover each other."""
    chart, unit, digits = analysed.chart, analysed.series.unit, digits_of(analysed.series.values)
    shown = chart.points[chart.points["centre"].notna()]
    if shown.empty:
        return []
    now = shown.iloc[-1]
    middle = _("Median {value}") if chart.kind == "run" else _("Average {value}")
    found = [(now["centre"], middle)]
    found += [(now["high"], _("Upper limit {value}")), (now["low"], _("Lower limit {value}"))]
    found += [(y, _("Target {value}")) for y in goal]
    words = [(float(y), text.format(value=write(y, unit, digits))) for y, text in found if y == y]
    words.sort()
    step = (high - low) / _INSIDE * _APART
    rows, below = [], None
    for y, text in words:
        at = y if below is None else max(y, below + step)
        rows.append({"x": x, "y": round(min(at, high), 6), "text": text})
        below = at
    return rows


def _table(analysed: Analysed, target: float | None, cycles: Sequence[Cycle]) -> Table:
    """Return one row a point, missing ones too."""
    series, chart = analysed.series, analysed.chart
    run, unit, digits = chart.kind == "run", series.unit, digits_of(series.values)
    rates = any(n == n for n in series.denominators)
    columns = [_("When"), _("Value"), *([_("Counted")] if rates else []), _("Median") if run else _("Average")]
    columns += [] if run else [_("Lower limit"), _("Upper limit")]
    columns += [_("Signal"), _("Note")]
    rows = []
    starts = {int(first): reason for first, reason in zip(chart.phases["first"], chart.phases["reason"], strict=True)}
    for p in chart.points.to_dict("records"):
        i = p["position"]
        missing = _("not shown") if series.withheld[i] else _("missing")
        cells = [label_words(p["label"]), missing if p["value"] != p["value"] else write(p["value"], unit, digits)]
        cells += [count(series.denominators[i])] if rates else []
        cells += [write(p["centre"], unit, digits)] + (
            [] if run else [write(p["low"], unit, digits), write(p["high"], unit, digits)]
        )
        notes = [series.notes[i], _("out of the ordinary, as the team judged") if series.unusual[i] else ""]
        if starts.get(i):
            notes.append(_("new baseline: {reason}").format(reason=starts[i]))
        notes += [
            _("cycle {n} begins: {title}").format(n=k, title=c.title)
            for k, c in enumerate(cycles, start=1)
            if c.start == p["label"]
        ]
        signal = ", ".join(rule_name(r) for r in p["signal"].split())
        rows.append((*cells, signal or "–", "; ".join(n for n in notes if n) or "–"))
    caption = _("{name}: {chart}, rules {rules}").format(
        name=series.name, chart=chart_name(chart.kind), rules=rules_name(chart)
    )
    if target is not None:
        caption += _("; target {value}").format(value=write(target, unit))
    return Table(caption, tuple(columns), tuple(rows))
