"""The grades of a school in one year, each beside the same grade of the network."""

from __future__ import annotations

import altair as alt

from kit.charts.derived import Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import axis_unit, place_label, value_words
from kit.charts.palette import LIGHT
from kit.charts.spans import value_span
from kit.charts.words import count, grade_order, year
from kit.compare.words import sentence_start
from kit.language import _, cached_by_language
from kit.measures.registry import Measure
from kit.privacy import Released

__all__ = ["grades"]

_HEIGHT = 170


@cached_by_language
def _form(scale: str) -> dict:
    span = alt.Scale(domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high"), nice=False)
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("grade:N", sort=None, title=_("grade"), axis=alt.Axis(labelAngle=0), scale=alt.Scale(padding=0.5)),
        tooltip=[
            alt.Tooltip("grade:N", title=_("Grade")),
            alt.Tooltip("text:N", title=_("This school")),
            alt.Tooltip("n:N", title=_("Counted")),
            alt.Tooltip("network_text:N", title=_("Network")),
        ],
    )
    y = alt.Y("value:Q", title=None, scale=span, axis=alt.Axis(tickCount=4, labelExpr=axis_unit(scale)))
    tick = base.mark_tick(thickness=3, size=26, orient="horizontal", color=LIGHT["network"]).encode(
        y=alt.Y("network:Q", scale=span, title=None)
    )
    dots = base.mark_point(filled=True, size=80, opacity=1, color=LIGHT["ours"]).encode(y=y)
    words = value_words(base.encode(y=y), LIGHT["ours"])
    chart = alt.layer(tick, dots, *words).properties(width="container", height=_HEIGHT - 60)
    chart = chart.add_params(alt.param("low", value=0), alt.param("high", value=100))
    return chart.to_dict(validate=False)


def grades(released: Released | Rows, measure: Measure, school_year: int) -> Display | None:
    """Draw a measure by grade in one year.

    Parameters
    ----------
    released : Released or Rows
        Rows of this measure of one school and the network.
    measure : Measure
    school_year : int
        Ending year.

    Returns
    -------
    Display or None
        None where fewer than two grades are shown: one grade is the whole school.
    """
    found = [
        r for r in rows(released) if r["grade"] != "all" and r["school_year"] == school_year and r["value"] is not None
    ]
    ours = sorted((r for r in found if r["unit_type"] == "school"), key=lambda r: grade_order(r["grade"]))
    if len(ours) < 2:
        return None
    network = {r["grade"]: r["value"] for r in found if r["unit_type"] == "network"}
    beside_ours = [network[r["grade"]] for r in ours if r["grade"] in network]
    low, high = value_span([*(r["value"] for r in ours), *beside_ours], measure)
    data, table = [], []
    crowded = len(ours) > 7
    for r in ours:
        text, beside = measure.write(r["value"]), network.get(r["grade"])
        item = {"grade": r["grade"], "value": r["value"], "text": text, "n": count(r["n"])}
        short = measure.write(r["value"], sign=False) if crowded else text
        item |= place_label(short, r["value"], [] if beside is None else [beside], (low, high), _HEIGHT - 60)
        item["network_text"] = measure.write(beside)
        if beside is not None:
            item["network"] = beside
        data.append(item)
        table.append((_("Grade {grade}").format(grade=r["grade"]), text, count(r["n"]), measure.write(beside)))
    top, bottom = max(ours, key=lambda r: r["value"]), min(ours, key=lambda r: r["value"])
    words = {"measure": measure.short, "high": measure.write(top["value"]), "low": measure.write(bottom["value"])}
    if words["high"] == words["low"]:
        title = _("{measure}: {high} in every grade").format(**words)
    else:
        title = _("{measure}: highest in grade {top} ({high}), lowest in grade {bottom} ({low})").format(
            **words, top=top["grade"], bottom=bottom["grade"]
        )
    spec = {**_form(measure.scale), "datasets": {"rows": data}}
    spec["params"] = [{"name": "low", "value": low}, {"name": "high", "value": high}]
    said = _("{grade}: {value} ({n} {counted}), network {network}.")
    return Display(
        spec=spec,
        title=title,
        how_to_read=_(
            "Blue dots are this school’s grades, grey bars the same grade in the network. Grades are different "
            "students: a step is not a change over time."
        ),
        alternative_text=" ".join(
            [
                f"{title}.",
                *(
                    said.format(grade=grade, value=text, n=n, counted=measure.counted, network=beside)
                    for grade, text, n, beside in table
                ),
            ]
        ),
        table=Table(
            _("{measure} by grade, {year}").format(measure=measure.name, year=year(school_year)),
            (_("Grade"), _("This school"), sentence_start(measure.counted), _("Network")),
            tuple(table),
        ),
        measures=(measure.id,),
        kind="grades",
        height=_HEIGHT,
    )
