"""A place over the years, its student groups, and the districts beside one another; nothing is calculated."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import Display, Table, script_json
from kit.charts.labels import axis_unit, named_rows, two_lines
from kit.charts.palette import LIGHT
from kit.charts.spans import value_span
from kit.charts.words import count, year
from kit.measures.registry import Measure, group_name

__all__ = ["draw_districts", "draw_groups_by_year", "draw_years"]

_OVER_YEARS = 250
# The latest year is the darkest; the earlier ones fade, and each bar says its year.
_YEAR_COLOURS = ("#c9d8ea", "#7fa8d6", "#1559a8")
_LINES = (LIGHT["ours"], LIGHT["closer"], LIGHT["strength"], LIGHT["network"], "#7a4fa3", "#8a6d1f")
_DASHES = ([1, 0], [6, 3], [2, 2], [5, 4], [8, 2, 2, 2], [3, 3])
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


def draw_years(data: Derived | Rows, measure: Measure, names: Sequence[str], title: str, how: str) -> Display | None:
    """Draw a line for each series over the school years.

    Parameters
    ----------
    data : Derived or Rows
        ``series``, ``school_year``, ``n``, ``value`` (None where it is not shown).
    measure : Measure
    names : sequence of str
        The series in order; the first is drawn thick.
    title, how : str

    Returns
    -------
    Display or None
        None where nothing is shown.
    """
    found = [r for r in rows(data) if r["series"] in names]
    shown = [r for r in found if r["value"] is not None]
    if not shown:
        return None
    names = [n for n in names if any(r["series"] == n for r in shown)]
    endings = sorted({r["school_year"] for r in found})
    points = [
        {"series": r["series"], "year": year(r["school_year"]), "value": r["value"], "text": measure.write(r["value"]),
         "n": count(r["n"])} for r in shown
    ]  # fmt: skip
    low, high = value_span([p["value"] for p in points], measure)
    scale = {"scale": alt.Scale(domain=names, range=list(_LINES[: len(names)]))}
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("year:O", title=None, sort=[year(e) for e in endings], axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[low, high], nice=False),
                axis=alt.Axis(tickCount=5, grid=True, labelExpr=axis_unit(measure.scale))),
        color=alt.Color("series:N", legend=alt.Legend(columns=2, labelLimit=260), **scale),
        tooltip=[alt.Tooltip("series:N", title="Who"), alt.Tooltip("year:O", title="School year"),
                 alt.Tooltip("text:N", title="Value"), alt.Tooltip("n:N", title="Counted")],
    )  # fmt: skip
    # One legend for colour, dash and shape: a legend that is off here would conflict with the one that is on.
    dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=list(_DASHES[: len(names)])))
    shape = alt.Shape("series:N", scale=alt.Scale(domain=names, range=list(_SHAPES[: len(names)])))
    first = alt.condition(f"datum.series === {script_json(names[0])}", alt.value(3.5), alt.value(1.6))
    chart = base.mark_line().encode(strokeDash=dash, strokeWidth=first)
    chart += base.mark_point(filled=True, size=60, opacity=1).encode(shape=shape)
    spec = chart.properties(width="container", height=_OVER_YEARS).to_dict(validate=False)
    spec["datasets"] = {"rows": points}
    cells = {(r["series"], r["school_year"]): r["value"] for r in shown}
    table = tuple((n, *(measure.write(cells.get((n, e))) for e in endings)) for n in names)
    said = " ".join(f"{t[0]}: " + ", ".join(f"{year(e)} {v}" for e, v in zip(endings, t[1:], strict=True)) + "."
                    for t in table)  # fmt: skip
    return Display(
        spec=spec, title=title, how_to_read=how + (" The axis does not begin at 0." if low else ""),
        alternative_text=f"{title}. {said}", table=Table(title, ("Who", *(year(e) for e in endings)), table),
        kind="trend", height=_OVER_YEARS + 80, measures=(measure.id,), heading=3,
    )  # fmt: skip


def draw_groups_by_year(data: Derived | Rows, measure: Measure, title: str, note: str = "") -> Display | None:
    """Draw a bar a student group and school year.

    Parameters
    ----------
    data : Derived or Rows
        ``student_group``, ``school_year``, ``n``, ``value``; groups in the order in which they are drawn.
    measure : Measure
    title, note : str

    Returns
    -------
    Display or None
        None where no group is shown.
    """
    shown = [r for r in rows(data) if r["value"] is not None]
    if not shown:
        return None
    endings = sorted({r["school_year"] for r in shown})[-len(_YEAR_COLOURS) :]
    groups = list(dict.fromkeys(r["student_group"] for r in rows(data)))
    groups = [g for g in groups if any(r["student_group"] == g and r["school_year"] in endings for r in shown)]
    bars = [
        {"group": two_lines(group_name(r["student_group"])), "year": year(r["school_year"]), "value": r["value"],
         "text": measure.write(r["value"]), "n": count(r["n"])}
        for r in shown if r["school_year"] in endings
    ]  # fmt: skip
    years = [year(e) for e in endings]
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("group:N", sort=[two_lines(group_name(g)) for g in groups], title=None,
                axis=alt.Axis(labelLimit=190, labelExpr="split(datum.label, '\\n')", domain=False, ticks=False)),
        yOffset=alt.YOffset("year:N", sort=years),
        x=alt.X("value:Q", title=measure.short,
                axis=alt.Axis(tickCount=5, grid=True, labelExpr=axis_unit(measure.scale))),
        tooltip=[alt.Tooltip("group:N", title="Student group"), alt.Tooltip("year:N", title="School year"),
                 alt.Tooltip("text:N", title="Value"), alt.Tooltip("n:N", title="Counted")],
    )  # fmt: skip
    colour = alt.Color("year:N", sort=years,
                       scale=alt.Scale(domain=years, range=list(_YEAR_COLOURS[-len(years) :])))  # fmt: skip
    chart = base.mark_bar().encode(color=colour)
    chart += base.mark_text(align="left", dx=4, fontSize=10).encode(text="text:N")
    height = max(1, len(groups)) * (len(years) * 15 + 8)
    spec = chart.properties(width="container", height=height).to_dict(validate=False)
    spec["datasets"] = {"rows": bars}
    cells = {(r["student_group"], r["school_year"]): measure.write(r["value"]) for r in shown}
    table = tuple((group_name(g), *(cells.get((g, e), "–") for e in endings)) for g in groups)
    return Display(
        spec=spec, title=title,
        how_to_read="One bar a school year, the latest the darkest. A missing bar is not shown or not known.",
        alternative_text=f"{title}. " + " ".join(f"{t[0]}: {', '.join(t[1:])}." for t in table),
        table=Table(title, ("Student group", *years), table),
        kind="groups", height=height + 70, measures=(measure.id,), note=note, heading=3,
    )  # fmt: skip


def draw_districts(
    data: Derived | Rows, measure: Measure, ours: str, title: str, network: float | None
) -> Display | None:
    """Draw each district's value with its interval, in alphabetical order, and the network as a line.

    Parameters
    ----------
    data : Derived or Rows
        ``unit_id``, ``name``, ``n``, ``value``, ``low``, ``high`` (95 %; None where it is not known).
    measure : Measure
    ours : str
        Id of the district to mark; empty: none.
    title : str
    network : float or None

    Returns
    -------
    Display or None
        None where no district is shown.
    """
    there = [r for r in rows(data) if r["value"] is not None]
    if not there:
        return None
    drawn = [
        {"name": two_lines(r["name"]), "value": r["value"], "text": measure.write(r["value"]), "n": count(r["n"]),
         "low": r["value"] if r["low"] is None else r["low"], "high": r["value"] if r["high"] is None else r["high"],
         "who": "our district" if r["unit_id"] == ours else "other districts"}
        for r in there
    ]  # fmt: skip
    span = alt.Scale(zero=False, nice=True, padding=12)
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=named_rows("name"),
        tooltip=[alt.Tooltip("name:N", title="District"), alt.Tooltip("text:N", title="Value"),
                 alt.Tooltip("n:N", title="Counted")],
    )  # fmt: skip
    both = ["our district", "other districts"] if ours else ["other districts"]
    who = {"scale": alt.Scale(domain=both, range=[LIGHT["ours"], LIGHT["others"]][-len(both) :])}
    x = alt.X("value:Q", scale=span, title=measure.short,
              axis=alt.Axis(tickCount=5, grid=True, labelExpr=axis_unit(measure.scale)))  # fmt: skip
    chart = base.mark_rule(strokeWidth=4, opacity=0.35).encode(
        x=alt.X("low:Q", scale=span), x2="high:Q", color=alt.Color("who:N", **who)
    )
    chart += base.mark_point(filled=True, size=90, opacity=1).encode(
        x=x, color=alt.Color("who:N", **who),
        shape=alt.Shape("who:N", scale=alt.Scale(domain=both, range=["diamond", "circle"][-len(both) :])),
    )  # fmt: skip
    chart += base.mark_text(dy=-12, fontSize=10).encode(x=x, text="text:N")
    if network is not None:
        chart += alt.Chart(alt.NamedData("network")).mark_rule(strokeDash=[5, 4], color=LIGHT["network"]).encode(
            x=alt.X("value:Q", scale=span)
        )  # fmt: skip
    spec = chart.properties(width="container", height=34 * len(drawn)).to_dict(validate=False)
    spec["datasets"] = {"rows": drawn} | ({"network": [{"value": network}]} if network is not None else {})
    table = tuple((r["name"], measure.write(r["value"]), count(r["n"]),
                   "–" if r["low"] is None else f"{measure.write(r['low'])} to {measure.write(r['high'])}")
                  for r in there)  # fmt: skip
    said = f" The network: {measure.write(network)}." if network is not None else ""
    return Display(
        spec=spec, title=title,
        how_to_read="Each dot is a district, in alphabetical order; bars are 95 % intervals, the dashed line the "
        "network. It is no ranking.",
        alternative_text=f"{title}. " + " ".join(f"{t[0]}: {t[1]}." for t in table) + said,
        table=Table(title, ("District", "Value", measure.counted.capitalize(), "95 % interval"), table),
        kind="districts", height=34 * len(drawn) + 70, measures=(measure.id,), heading=3,
        note=f"The network: {measure.write(network)}." if network is not None else "",
    )  # fmt: skip
