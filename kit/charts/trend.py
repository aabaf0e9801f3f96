"""The trend of a measure: the school against its district and the network."""

from __future__ import annotations

import altair as alt

from kit.charts.derived import Rows, rows
from kit.charts.display import Display, Table, script_json
from kit.charts.labels import NO_LABEL, axis_unit, place_label, value_words
from kit.charts.palette import LIGHT
from kit.charts.spans import value_span
from kit.charts.words import count, year
from kit.compare.words import sentence_start
from kit.language import N_, _, cached_by_language
from kit.measures.registry import Measure
from kit.privacy import Released

__all__ = ["SERIES", "trend"]

SERIES = (N_("This school"), N_("District"), N_("Network"))
_UNITS = dict(zip(("school", "district", "network"), SERIES, strict=True))
_HEIGHT = 190


@cached_by_language
def _form(scale: str) -> dict:
    """Build the chart once for a scale; its rows and the ends of its axis are put in for each school."""
    colours = [LIGHT["ours"], LIGHT["district"], LIGHT["network"]]
    unit, names = axis_unit(scale), [_(s) for s in SERIES]
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high"), nice=False),
            axis=alt.Axis(tickCount=4, labelExpr=unit),
        ),
        color=alt.Color("series:N", scale=alt.Scale(domain=names, range=colours), legend=alt.Legend()),
        tooltip=[
            alt.Tooltip("series:N", title=_("Who")),
            alt.Tooltip("year:O", title=_("School year")),
            alt.Tooltip("text:N", title=_("Value")),
            alt.Tooltip("n:N", title=_("Counted")),
        ],
    )
    lines = base.mark_line(strokeWidth=2).encode(
        strokeDash=alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=[[1, 0], [1, 0], [5, 4]])),
        strokeWidth=alt.condition(f"datum.series === {script_json(names[0])}", alt.value(3), alt.value(1.6)),
    )
    points = base.mark_point(filled=True, size=55, opacity=1).encode(
        shape=alt.Shape(
            "series:N",
            scale=alt.Scale(domain=names, range=["circle", "square", "triangle-up"]),
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
    endings = sorted({y for unit, y in by})
    low, high = value_span([r["value"] for r in by.values()], measure)
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
                        "series": _(series),
                        "value": row["value"],
                        "text": text,
                        "n": n,
                    }
                    | (
                        place_label(text, row["value"], _beside(by, ending), (low, high), _HEIGHT - 70)
                        if unit == "school"
                        else NO_LABEL
                    )
                )
            cells += [text, n] if unit == "school" else [text]
        table.append(tuple(cells))
    first, last = by["school", ours[0]], by["school", ours[-1]]
    words = {"measure": measure.short, "last": measure.write(last["value"]), "last_year": year(ours[-1])}
    if len(ours) > 1:
        title = _("{measure}: from {first} in {first_year} to {last} in {last_year}").format(
            **words, first=measure.write(first["value"]), first_year=year(ours[0])
        )
    else:
        title = _("{measure}: {last} in {last_year}").format(**words)
    form = _form(measure.scale)
    spec = {**form, "datasets": {"rows": data}}
    spec["params"] = [{"name": "low", "value": low}, {"name": "high", "value": high}]
    how = (
        _("Each mark is one school year; blue is this school. For this measure lower is better.")
        if measure.better == "down"
        else _("Each mark is one school year; blue is this school. For this measure higher is better.")
    )
    if low != 0:
        how += " " + _("The axis does not begin at 0.")
    said = _("{year}: this school {ours} ({n} {counted}), district {district}, network {network}.")
    return Display(
        spec=spec,
        title=title,
        how_to_read=how,
        alternative_text=" ".join(
            [
                f"{title}.",
                *(
                    said.format(
                        year=cells[0],
                        ours=cells[1],
                        n=cells[2],
                        counted=measure.counted,
                        district=cells[3],
                        network=cells[4],
                    )
                    for cells in table
                ),
            ]
        ),
        table=Table(
            _("{measure} by school year").format(measure=measure.name),
            (_("School year"), _("This school"), sentence_start(measure.counted), _("District"), _("Network")),
            tuple(table),
        ),
        measures=(measure.id,),
        kind="trend",
        height=_HEIGHT,
    )


def _beside(by: dict, ending: int) -> list[float]:
    return [by[unit, ending]["value"] for unit in ("district", "network") if (unit, ending) in by]
