"""The trend of a measure: the school against its district and the network."""

from __future__ import annotations

from functools import cache

import altair as alt

from kit.charts.derived import Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import NO_LABEL, place_label, value_words
from kit.charts.palette import LIGHT
from kit.charts.spans import value_span
from kit.charts.words import count, year
from kit.measures.registry import Measure
from kit.privacy import Released

__all__ = ["SERIES", "trend"]

SERIES = ("This school", "District", "Network")
_UNITS = dict(zip(("school", "district", "network"), SERIES, strict=True))
_HEIGHT = 190


@cache
def _form(scale: str) -> dict:
    """Build the chart once for a scale; its rows and the ends of its axis are put in for each school."""
    colours = [LIGHT["ours"], LIGHT["district"], LIGHT["network"]]
    unit = " + ' %'" if scale == "percent" else ""
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high"), nice=False),
            axis=alt.Axis(tickCount=4, labelExpr=f"datum.label{unit}"),
        ),
        color=alt.Color("series:N", scale=alt.Scale(domain=SERIES, range=colours), legend=alt.Legend()),
        tooltip=[
            alt.Tooltip("series:N", title="Who"),
            alt.Tooltip("year:O", title="School year"),
            alt.Tooltip("text:N", title="Value"),
            alt.Tooltip("n:N", title="Counted"),
        ],
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=SERIES, range=[[1, 0], [1, 0], [5, 4]])),
        strokeWidth=alt.condition(f"datum.series === '{SERIES[0]}'", alt.value(3), alt.value(1.6)),
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        shape=alt.Shape(
            "series:N",
            scale=alt.Scale(domain=SERIES, range=["circle", "square", "triangle-up"]),
        )
    )
    words = value_words(base, LIGHT["ours"])
    chart = alt.layer(lines, points, *words).properties(width="container", height=_HEIGHT - 70)
    chart = chart.add_params(alt.param("low", value=0), alt.param("high", value=100))
    return chart.to_dict(validate=False)


def trend(released: Released | Rows, measure: Measure) -> Display | None:
    """Draw a measure over the school years.

    Parameters
    ----------
    released : Released or Rows
        Rows of this measure of one school, its district and the network.
    measure : Measure

    Returns
    -------
    Display or None
        None where no year of the school is shown.
    """
    found = [
        r for r in rows(released) if r["student_group"] == "all" and r["grade"] == "all" and r["value"] is not None
    ]
    by = {(r["unit_type"], r["school_year"]): r for r in found}
    ours = sorted(y for unit, y in by if unit == "school")
    if not ours:
        return None
    endings = sorted({y for _, y in by})
    data, table = [], []
    for ending in endings:
        cells = [year(ending)]
        for unit, series in _UNITS.items():
            row = by.get((unit, ending))
            text = measure.write(row["value"]) if row else "–"
            n = count(row["n"]) if row else "–"
            if row:
                data.append(
                    {
                        "year": year(ending),
                        "series": series,
                        "value": row["value"],
                        "text": text,
                        "n": n,
                    }
                    | (place_label(text, row["value"], _beside(by, ending)) if unit == "school" else NO_LABEL)
                )
            cells += [text, n] if unit == "school" else [text]
        table.append(tuple(cells))
    first, last = by["school", ours[0]], by["school", ours[-1]]
    title = f"{measure.short}: {measure.write(last['value'])} in {year(ours[-1])}"
    if len(ours) > 1:
        title = (
            f"{measure.short}: from {measure.write(first['value'])} in {year(ours[0])} "
            f"to {measure.write(last['value'])} in {year(ours[-1])}"
        )
    low, high = value_span([d["value"] for d in data], measure)
    form = _form(measure.scale)
    spec = {**form, "datasets": {"rows": data}}
    spec["params"] = [{"name": "low", "value": low}, {"name": "high", "value": high}]
    direction = "lower" if measure.better == "down" else "higher"
    axis = "" if low == 0 else " The axis does not begin at 0."
    return Display(
        spec=spec,
        title=title,
        how_to_read=f"Each mark is one school year; blue is this school. For this measure {direction} is better.{axis}",
        alternative_text=f"{title}. "
        + " ".join(
            f"{cells[0]}: this school {cells[1]} ({cells[2]} {measure.counts}), district {cells[3]}, "
            f"network {cells[4]}."
            for cells in table
        ),
        table=Table(
            f"{measure.name} by school year",
            ("School year", "This school", measure.counts.capitalize(), "District", "Network"),
            tuple(table),
        ),
        measures=(measure.id,),
        kind="trend",
        height=_HEIGHT,
    )


def _beside(by: dict, ending: int) -> list[float]:
    return [by[unit, ending]["value"] for unit in ("district", "network") if (unit, ending) in by]
