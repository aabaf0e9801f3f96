"""A school's change beside that of matched schools, by student group; and dose against response."""

from __future__ import annotations

import altair as alt
import pandas as pd

from kit.charts.derived import Derived, rows
from kit.charts.display import Display, Table
from kit.charts.palette import LIGHT
from kit.charts.words import year
from kit.compare.words import group_words, sentence_start
from kit.measures.registry import Measure

__all__ = ["draw_difference", "draw_dose"]

_ROW = 34


def _points(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:+.1f}".replace("-", "−")


def draw_difference(found: Derived, measure: Measure, school: str, before: int, after: int) -> Display | None:
    """Draw ``kit.compare.impact.difference_in_differences``; none where no group has both years."""
    items = rows(found)
    if not items:
        return None
    data, dots = [], []
    for r in items:
        name = sentence_start(group_words(r["student_group"])) if r["student_group"] != "all" else "All students"
        data.append(
            {"group": name, "change": round(r["change"], 3), "words": f"{_points(r['change'])} points, {_said(r)}"}
        )
        dots += [{"group": name, "change": round(c, 3)} for c in r["changes"]]
    order = [d["group"] for d in data]
    y = alt.Y("group:N", sort=order, axis=alt.Axis(title=None, labelLimit=300))
    x = alt.X("change:Q", axis=alt.Axis(title=f"Change from {year(before)} to {year(after)}, in points", grid=True))
    others = alt.Chart(alt.NamedData("others")).mark_tick(thickness=2, size=18, color=LIGHT["others"]).encode(x=x, y=y)
    ours = (
        alt.Chart(alt.NamedData("rows"))
        .mark_point(filled=True, shape="diamond", size=170, color=LIGHT["ours"], opacity=1)
        .encode(x=x, y=y, tooltip=[alt.Tooltip("group:N", title="Group"), alt.Tooltip("words:N", title=school)])
    )
    zero = alt.Chart(alt.NamedData("zero")).mark_rule(color=LIGHT["ink"]).encode(x=alt.X("change:Q"))
    spec = (zero + others + ours).properties(width="container", height=_ROW * len(data)).to_dict(validate=False)
    spec["datasets"] = {"rows": data, "others": dots, "zero": [{"change": 0}]}
    first = items[0]
    return Display(
        spec=spec,
        title=(
            f"{school}, {measure.short}: {_points(first['change'])} points; schools like it "
            f"{_points(first['matched_change'])}. {sentence_start(_said(first))}"
        ),
        how_to_read=(
            "The diamond is our change, each tick a matched school's. Inside the ticks our change is what such schools "
            "do of themselves. " + ("Left is better." if measure.better == "down" else "Right is better.")
        ),
        alternative_text="; ".join(f"{d['group']}: {d['words']}" for d in data) + ".",
        table=Table(
            f"Change from {year(before)} to {year(after)} and the difference to matched schools",
            (
                "Student group",
                "Before",
                "After",
                "Change",
                "Matched schools",
                "Their mean change",
                "Difference",
                "Interval",
            ),
            tuple(
                (
                    d["group"],
                    measure.write(r["before"]),
                    measure.write(r["after"]),
                    _points(r["change"]),
                    str(r["matched"]),
                    _points(r["matched_change"]),
                    _points(r["effect"]),
                    f"{_points(r['low'])} to {_points(r['high'])}"
                    if r["sure"] != "too few schools"
                    else "too few schools",
                )
                for d, r in zip(data, items, strict=True)
            ),
        ),
        kind="impact",
        height=_ROW * len(data) + 70,
        measures=(measure.id,),
        heading=3,
    )


def _said(r: dict) -> str:
    if r["sure"] == "too few schools":
        return f"only {r['matched']} matched schools have both years, too few to say"
    span = f"{_points(r['low'])} to {_points(r['high'])}"
    word = "more than such schools change of themselves" if r["sure"] == "clear" else "not sure"
    return f"difference {_points(r['effect'])} points ({span}): {word}"


def draw_dose(pairs: pd.DataFrame, dose: str, response: str, said: str) -> Display | None:
    """Draw dose against response, point by point, from a team's own series; none without a point.

    Parameters
    ----------
    pairs : DataFrame
        dose, response and a label of each point (a date) as index.
    dose, response : str
        Names of the two measures.
    said : str
        What the correlation says.
    """
    if pairs.empty:
        return None
    data = [
        {"x": float(r.dose), "y": float(r.response), "when": str(i)[:10]}
        for i, r in zip(pairs.index, pairs.itertuples(), strict=True)
    ]
    chart = (
        alt.Chart(alt.NamedData("rows"))
        .mark_point(filled=True, size=80, color=LIGHT["ours"], opacity=0.85)
        .encode(
            x=alt.X("x:Q", axis=alt.Axis(title=dose), scale=alt.Scale(zero=False, padding=12)),
            y=alt.Y("y:Q", axis=alt.Axis(title=response), scale=alt.Scale(zero=False, padding=12)),
            tooltip=[
                alt.Tooltip("when:N", title="When"),
                alt.Tooltip("x:Q", title=dose),
                alt.Tooltip("y:Q", title=response),
            ],
        )
        .properties(width="container", height=280)
    )
    spec = chart.to_dict(validate=False)
    spec["datasets"] = {"rows": data}
    return Display(
        spec=spec,
        title=f"{dose} and {response}: {said}",
        how_to_read="Each dot is one point in time. That they move together does not make one the cause.",
        alternative_text=f"{len(data)} points. {said}",
        table=Table(
            "Dose and response",
            ("When", dose, response),
            tuple((d["when"], f"{d['x']:g}", f"{d['y']:g}") for d in data),
        ),
        kind="scatter",
        height=330,
        heading=3,
    )
