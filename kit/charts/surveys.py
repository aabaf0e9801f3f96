"""Surveys on one display: each construct and who answered, beside the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import altair as alt

from kit.charts.derived import Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import named_rows, two_lines
from kit.charts.palette import LIGHT
from kit.charts.words import count, year
from kit.measures.registry import Measure
from kit.privacy import Released

__all__ = ["surveys"]

_WHO = {"student": "Students", "staff": "Staff", "family": "Families"}
_STEP = 30


@cache
def _form() -> dict:
    names = list(_WHO.values())
    span = alt.Scale(domain=[0, 100], nice=False)
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=named_rows("row"),
        tooltip=[
            alt.Tooltip("construct:N", title="About"),
            alt.Tooltip("who:N", title="Who answered"),
            alt.Tooltip("text:N", title="This school"),
            alt.Tooltip("n:N", title="Answers"),
            alt.Tooltip("network_text:N", title="Network"),
        ],
    )
    x = alt.X(
        "value:Q",
        scale=span,
        title="positive answers",
        axis=alt.Axis(tickCount=5, grid=True, labelExpr="datum.label + ' %'"),
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
    words = base.mark_text(dx=10, align="left", fontSize=11).encode(x=x, text="label:N")
    chart = (tick + dots + words).properties(width="container", height=_STEP)
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
    data, table = [], []
    for measure in measures.values():
        ours = by.get(("school", measure.id, school_year))
        if ours is None:
            continue
        construct = measure.name.rsplit(" (", 1)[0]
        who = _WHO[measure.respondent]
        text = {
            unit: measure.write(by.get((unit, measure.id, school_year), {}).get("value"))
            for unit in ("school", "district", "network")
        }
        before = measure.write(by.get(("school", measure.id, school_year - 1), {}).get("value"))
        item = {
            "row": two_lines(f"{construct}, {who.lower()}"),
            "construct": construct,
            "who": who,
            "value": ours["value"],
            "label": text["school"],
            "text": text["school"],
            "n": count(ours["n"]),
            "network_text": text["network"],
        }
        if ("network", measure.id, school_year) in by:
            item["network"] = by["network", measure.id, school_year]["value"]
        data.append(item)
        table.append(
            (
                f"{construct}, {who.lower()}",
                text["school"],
                count(ours["n"]),
                before,
                text["district"],
                text["network"],
            )
        )
    if not data:
        return None
    low, high = min(data, key=lambda d: d["value"]), max(data, key=lambda d: d["value"])
    said = f"{title}: {low['text']} ({_named(low)})"
    if high is not low:
        said = f"{title}: from {low['text']} ({_named(low)}) to {high['text']} ({_named(high)})"
    return Display(
        spec={**_form(), "height": _STEP * len(data), "datasets": {"rows": data}},
        title=said,
        how_to_read="Each mark is the share of positive answers (4 or 5 of 5); its shape says who answered, the grey "
        "bar is the network. Compare a row with its bar, not with other rows: the questions differ.",
        alternative_text=f"{said}. "
        + " ".join(
            f"{row}: {text} ({n} answers), year before {before}, district {district}, network {network}."
            for row, text, n, before, district, network in table
        ),
        table=Table(
            f"{title}: positive answers, {year(school_year)}",
            ("About, who answered", "This school", "Answers", "Year before", "District", "Network"),
            tuple(table),
        ),
        kind="surveys",
        height=_STEP * len(data) + 60,
    )


def _named(item: dict) -> str:
    return f"{item['construct']}, {item['who'].lower()}"
