"""Surveys on one display: each construct and who answered, beside the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from kit.charts.derived import Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import axis_unit, haloed, named_rows, two_lines
from kit.charts.palette import LIGHT
from kit.charts.words import count, year
from kit.language import N_, _, cached_by_language
from kit.measures.registry import Measure
from kit.privacy import Released

__all__ = ["surveys"]

_WHO = {"student": N_("Students"), "staff": N_("Staff"), "family": N_("Families")}
_STEP = 30
# How many points of the axis a value's words take.
_LABEL = 18


@cached_by_language
def _form() -> dict:
    names = [_(who) for who in _WHO.values()]
    span = alt.Scale(domain=[0, 100], nice=False)
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=named_rows("row"),
        tooltip=[
            alt.Tooltip("construct:N", title=_("About")),
            alt.Tooltip("who:N", title=_("Who answered")),
            alt.Tooltip("text:N", title=_("This school")),
            alt.Tooltip("n:N", title=_("Answers")),
            alt.Tooltip("network_text:N", title=_("Network")),
        ],
    )
    x = alt.X(
        "value:Q",
        scale=span,
        title=_("positive answers"),
        axis=alt.Axis(tickCount=5, grid=True, labelExpr=axis_unit("percent")),
    )
    tick = base.mark_tick(thickness=3, size=18, color=LIGHT["network"]).encode(x=alt.X("network:Q", scale=span))
    dots = base.mark_point(filled=True, size=85, opacity=1).encode(
        x=x,
        color=alt.Color(
            "who:N",
            scale=alt.Scale(domain=names, range=[LIGHT["ours"], LIGHT["ink"], LIGHT["strength"]]),
        ),
        shape=alt.Shape("who:N", scale=alt.Scale(domain=names, range=["circle", "square", "triangle-up"])),
    )
    words = [
        layer
        for field, side in (("label", {"dx": 10, "align": "left"}), ("left_label", {"dx": -10, "align": "right"}))
        for layer in haloed(base.encode(x=x), f"{field}:N", LIGHT["ink"], fontSize=11, **side)
    ]
    chart = alt.layer(tick, dots, *words).properties(width="container", height=_STEP)
    return chart.to_dict(validate=False)


def surveys(
    released: Sequence[Released | Rows], measures: Mapping[str, Measure], school_year: int, *, title: str
) -> Display | None:
    """Draw the share of positive answers by construct and by who answered.

    Parameters
    ----------
    released : sequence of Released or Rows
        Rows of the survey measures of one school, its district and the network.
    measures : mapping
        The survey measures to draw, by id, in order.
    school_year : int
    title : str
        What the questions are about.

    Returns
    -------
    Display or None
        None where no survey of the year is shown.
    """
    by = {
        (r["unit_type"], r["measure"], r["school_year"]): r
        for part in released
        for r in rows(part)
        if r["measure"] in measures and r["student_group"] == "all" and r["grade"] == "all" and r["value"] is not None
    }
    data, table, said_of = [], [], []
    for measure in measures.values():
        ours = by.get(("school", measure.id, school_year))
        if ours is None:
            continue
        construct, who = measure.construct, _(_WHO[measure.respondent])
        text = {
            unit: measure.write(by.get((unit, measure.id, school_year), {}).get("value"))
            for unit in ("school", "district", "network")
        }
        before = measure.write(by.get(("school", measure.id, school_year - 1), {}).get("value"))
        item = {
            "row": two_lines(measure.short),
            "construct": construct,
            "who": who,
            "value": ours["value"],
            "label": text["school"],
            "left_label": "",
            "text": text["school"],
            "n": count(ours["n"]),
            "network_text": text["network"],
        }
        if ("network", measure.id, school_year) in by:
            item["network"] = by["network", measure.id, school_year]["value"]
            if 0 < item["network"] - ours["value"] < _LABEL:  # its bar would stand in the words
                item["label"], item["left_label"] = "", item["label"]
        data.append(item)
        said_of.append((ours["value"], text["school"], measure.short))
        table.append(
            (
                measure.short,
                text["school"],
                count(ours["n"]),
                before,
                text["district"],
                text["network"],
            )
        )
    if not data:
        return None
    low, high = min(said_of, key=lambda s: s[0]), max(said_of, key=lambda s: s[0])
    if high is low:
        said = _("{title}: {low} ({lowest})").format(title=title, low=low[1], lowest=low[2])
    else:
        said = _("{title}: from {low} ({lowest}) to {high} ({highest})").format(
            title=title, low=low[1], lowest=low[2], high=high[1], highest=high[2]
        )
    told = _("{row}: {value} ({n} answers), year before {before}, district {district}, network {network}.")
    return Display(
        spec={**_form(), "height": _STEP * len(data), "datasets": {"rows": data}},
        title=said,
        how_to_read=_(
            "Each mark is the share of positive answers (4 or 5 of 5); its shape says who answered, the grey bar is "
            "the network. Compare a row with its bar, not with other rows: the questions differ."
        ),
        alternative_text=" ".join(
            [
                f"{said}.",
                *(
                    told.format(row=row, value=text, n=n, before=before, district=district, network=network)
                    for row, text, n, before, district, network in table
                ),
            ]
        ),
        table=Table(
            _("{title}: positive answers, {year}").format(title=title, year=year(school_year)),
            (
                _("About, who answered"),
                _("This school"),
                _("Answers"),
                _("Year before"),
                _("District"),
                _("Network"),
            ),
            tuple(table),
        ),
        kind="surveys",
        height=_STEP * len(data) + 60,
    )
