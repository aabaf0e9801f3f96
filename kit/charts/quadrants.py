"""Schools on any two measures or shares, with lines that cut the field into quadrants and the corners named."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from kit.charts.derived import Derived
from kit.charts.display import Display, Table
from kit.charts.labels import axis_unit
from kit.charts.palette import LIGHT
from kit.charts.words import year
from kit.compare.quadrants import SIZE, corners
from kit.compare.words import group_words
from kit.measures.registry import measures

__all__ = ["axis_name", "draw_quadrants"]

_HEIGHT = 430
# More names in a corner than this are not written in the title; the table has them all.
_MOST_NAMED = 8


def axis_name(axis: str) -> str:
    """Return what an axis shows, in words."""
    if axis in measures():
        return measures()[axis].short
    return "Students enrolled" if axis == SIZE else f"Share of students: {group_words(axis)}"


def _write(axis: str, value: float) -> str:
    if axis in measures():
        return measures()[axis].write(value)
    return f"{value:,.0f}" if axis == SIZE else f"{value:.0f} %"


def draw_quadrants(
    points: Derived, across: str, upward: str, *, school_year: int, cut: str = "median", ours: str = ""
) -> Display | None:
    """Draw the schools of ``kit.compare.quadrants.quadrants``.

    Parameters
    ----------
    points : Derived
    across, upward : str
        What the axes show.
    school_year : int
    cut : {"median", "quarter"}
    ours : str
        Id of a school to mark.

    Returns
    -------
    Display or None
        None without a school.
    """
    table = points.table
    if table.empty:
        return None
    known = measures()
    better = {a: known[axis].better for a, axis in (("x", across), ("y", upward)) if axis in known}
    lines, named = corners(table, better, cut)
    kind = dict.fromkeys(named["bright"], "bright spot") | dict.fromkeys(named["concern"], "double concern")
    data = [
        {"name": r.school_name, "district": r.district_name, "x": round(r.x, 3), "y": round(r.y, 3),
         "x_text": _write(across, r.x), "y_text": _write(upward, r.y),
         "kind": "our school" if r.school_id == ours else kind.get(r.school_id, "other schools")}
        for r in table.itertuples()
    ]  # fmt: skip
    spec = _form(across, upward, {d["kind"] for d in data})
    spec["datasets"] = {"rows": data, "xs": [{"v": v} for v in sorted(set(lines["x"]))],
                        "ys": [{"v": v} for v in sorted(set(lines["y"]))]}  # fmt: skip
    names = dict(zip(table["school_id"], table["school_name"], strict=True))
    said = [_named(named["bright"], names, "Bright spots"), _named(named["concern"], names, "Double concerns")]
    lined = "medians" if cut == "median" else "quarters"
    n = len(data)
    return Display(
        spec=spec,
        title=f"{axis_name(across)} and {axis_name(upward)}, {n} school{'' if n == 1 else 's'}, {year(school_year)}",
        how_to_read=(
            f"Each dot is a school (point at it for its name); dashed lines are the {lined} of the schools shown. "
            + ("Diamonds are better on both, squares worse on both. " if better.keys() == {"x", "y"} else "")
            + "That two things go together does not make one the cause."
        ),
        alternative_text=f"{n} schools. " + " ".join(s for s in said if s),
        table=Table(
            f"Schools by name, {year(school_year)}",
            ("School", "District", axis_name(across), axis_name(upward), "Corner"),
            tuple((d["name"], d["district"] or "", d["x_text"], d["y_text"],
                   "" if d["kind"] == "other schools" else d["kind"]) for d in data),
        ),
        note=" ".join(s for s in said if s),
        kind="scatter",
        height=_HEIGHT,
        measures=tuple(a for a in (across, upward) if a in known),
        heading=3,
    )  # fmt: skip


def _named(ids: list[str], names: Mapping[str, str], words: str) -> str:
    if not ids:
        return ""
    first = sorted(names[i] for i in ids)
    more = f" and {len(first) - _MOST_NAMED} more (see the table)" if len(first) > _MOST_NAMED else ""
    return f"{words}: {', '.join(first[:_MOST_NAMED])}{more}."


def _form(across: str, upward: str, shown: set[str]) -> dict:
    def axis(name: str) -> alt.Axis:
        unit = measures()[name].scale if name in measures() else "count" if name == SIZE else "percent"
        labels = {"labelExpr": axis_unit(unit)} if name in measures() else {}
        return alt.Axis(title=axis_name(name), tickCount=6, grid=True, **labels)

    span = alt.Scale(zero=False, nice=True, padding=14)
    shapes = ["circle", "diamond", "square", "triangle-up"]
    kinds = ["other schools", "bright spot", "double concern", "our school"]
    dots = (
        alt.Chart(alt.NamedData("rows"))
        .mark_point(filled=True, opacity=1)
        .encode(
            x=alt.X("x:Q", scale=span, axis=axis(across)),
            y=alt.Y("y:Q", scale=span, axis=axis(upward)),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=shapes),
                            legend=alt.Legend(title=None, orient="top", values=[k for k in kinds if k in shown])),
            color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[LIGHT["others"], LIGHT["strength"],
                                                                            LIGHT["closer"], LIGHT["ours"]])),
            size=alt.condition("datum.kind == 'other schools'", alt.value(55), alt.value(130)),
            tooltip=[alt.Tooltip("name:N", title="School"), alt.Tooltip("district:N", title="District"),
                     alt.Tooltip("x_text:N", title=axis_name(across)),
                     alt.Tooltip("y_text:N", title=axis_name(upward))],
        )
    )  # fmt: skip
    dash = {"strokeDash": [4, 4], "strokeWidth": 1, "color": LIGHT["network"]}
    down = alt.Chart(alt.NamedData("xs")).mark_rule(**dash).encode(x=alt.X("v:Q"))
    level = alt.Chart(alt.NamedData("ys")).mark_rule(**dash).encode(y=alt.Y("v:Q"))
    return (down + level + dots).properties(width="container", height=_HEIGHT - 90).to_dict(validate=False)
