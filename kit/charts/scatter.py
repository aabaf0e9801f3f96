"""Schools of one level on two measures, each dot a school; ours is marked.

Where there are hundreds, not every dot has a name: :mod:`kit.charts.named_dots` says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import axis_unit
from kit.charts.named_dots import MOST_NAMED, named_dots
from kit.charts.palette import LIGHT
from kit.charts.words import year
from kit.compare.words import level_words, sentence_start
from kit.language import N_, _, cached_by_language, ngettext, number
from kit.measures.registry import Measure

__all__ = ["FEWEST_SCHOOLS", "Cloud", "cloud", "scatter", "stand_in"]

# With fewer dots than this there is no cloud to stand in.
FEWEST_SCHOOLS = 5
_HEIGHT = 400
_LABEL = 28

_SIDES = {"at": N_("at the median"), "above": N_("above the median"), "below": N_("below the median")}
_SIDES_OF = {
    "at": N_("at the median of {schools}"),
    "above": N_("above the median of {schools}"),
    "below": N_("below the median of {schools}"),
}
# Where the favourable corner is, by what is better across and upward.
_BEST = {
    ("down", "down"): N_("Far left and low is favourable on both."),
    ("down", "up"): N_("Far left and high is favourable on both."),
    ("up", "down"): N_("Far right and low is favourable on both."),
    ("up", "up"): N_("Far right and high is favourable on both."),
}


@cached_by_language
def _form(x_name: str, y_name: str, x_scale: str, y_scale: str, crowded: bool) -> dict:
    axes = {}
    for name, field, scale in ((x_name, "x", x_scale), (y_name, "y", y_scale)):
        axes[field] = alt.Axis(title=name, tickCount=6, grid=True, labelExpr=axis_unit(scale))
    span = alt.Scale(zero=False, nice=True, padding=14)
    x = alt.X("x:Q", scale=span, axis=axes["x"])
    y = alt.Y("y:Q", scale=span, axis=axes["y"])
    tooltip = [
        alt.Tooltip("name:N", title=_("School")),
        alt.Tooltip("district:N", title=_("District")),
        alt.Tooltip("x_text:N", title=x_name),
        alt.Tooltip("y_text:N", title=y_name),
    ]
    dash = {"strokeDash": [4, 4], "strokeWidth": 1, "color": LIGHT["network"]}
    medians = alt.NamedData("medians")
    across = alt.Chart(medians).mark_rule(**dash).encode(y=alt.Y("y:Q"))
    down = alt.Chart(medians).mark_rule(**dash).encode(x=alt.X("x:Q"))
    others = (
        alt.Chart(alt.NamedData("rows"))
        .mark_point(filled=True, size=70, color=LIGHT["others"], opacity=1)
        .encode(x=x, y=y, tooltip=tooltip)
    )
    ours = alt.Chart(alt.NamedData("ours")).encode(x=x, y=y, tooltip=tooltip)
    dot = ours.mark_point(filled=True, size=190, color=LIGHT["ours"], opacity=1, stroke=LIGHT["paper"], strokeWidth=2)
    label = alt.Chart(alt.NamedData("ours")).encode(x=x, y=y, text="label:N")
    # Words beside a dot near an end of the axis run inwards: the chart keeps its width.
    words = {
        "fontWeight": "bold",
        "fontSize": 13,
        "color": LIGHT["ours"],
        "dy": -16,
        "align": alt.ExprRef("datum.align"),
    }
    halo = label.mark_text(**{**words, "color": LIGHT["paper"]}, stroke=LIGHT["paper"], strokeWidth=4)
    if crowded:
        crowd = alt.Chart(alt.NamedData("crowd")).encode(x=x, y=y)
        others = crowd.mark_point(filled=True, size=26, color=LIGHT["others"], opacity=1) + others
    chart = (across + down + others + dot + halo + label.mark_text(**words)).properties(
        width="container", height=_HEIGHT - 60
    )
    return chart.to_dict(validate=False)


@dataclass(frozen=True)
class Cloud:
    """The schools of a level that have both measures; :func:`cloud` makes it.

    Attributes
    ----------
    across, upward : Measure
    school_year : int
    level : str
    medians : (float, float)
        Of the schools of the level.
    dots : tuple of dict
        ``id``, ``name``, ``district``, ``across``, ``upward`` (values), ``x``, ``y`` (to draw), ``x_text``,
        ``y_text``; by name.
    at : dict of str to int
        Place of each school in ``dots``.
    """

    across: Measure
    upward: Measure
    school_year: int
    level: str
    medians: tuple[float, float]
    dots: tuple[dict, ...]
    at: dict[str, int]


def cloud(
    glance: Derived | Rows,
    schools: Mapping[str, tuple[str, str]],
    across: Measure,
    upward: Measure,
    *,
    school_year: int,
    level: str,
) -> Cloud | None:
    """Lay out the schools of a level on two measures, once for all of them.

    Parameters
    ----------
    glance : Derived or Rows
        Rows of ``kit.compare.at_a_glance`` of these two measures for the schools of the level.
    schools : mapping
        Name and district of each school by id.
    across, upward : Measure
        What the horizontal and the vertical axis show.
    school_year : int
    level : str
        Such as ``elementary``.

    Returns
    -------
    Cloud or None
        None where fewer than five schools have both.
    """
    values: dict[str, dict[str, float]] = {}
    medians: dict[str, float] = {}
    for r in rows(glance):
        if r["school_year"] != school_year:
            continue
        if r["value"] is not None:
            values.setdefault(r["unit_id"], {})[r["measure"]] = r["value"]
        if r["level_median"] is not None:
            medians[r["measure"]] = r["level_median"]
    both = {u: v for u, v in values.items() if across.id in v and upward.id in v and u in schools}
    if len(both) < FEWEST_SCHOOLS or set(medians) != {across.id, upward.id}:
        return None
    dots = [
        {
            "id": unit,
            "name": schools[unit][0],
            "district": schools[unit][1],
            "across": v[across.id],
            "upward": v[upward.id],
            "x": round(v[across.id], 3),
            "y": round(v[upward.id], 3),
            "x_text": across.write(v[across.id]),
            "y_text": upward.write(v[upward.id]),
        }
        for unit, v in both.items()
    ]
    dots.sort(key=lambda d: (d["name"], d["id"]))
    at = {d["id"]: i for i, d in enumerate(dots)}
    return Cloud(across, upward, school_year, level, (medians[across.id], medians[upward.id]), tuple(dots), at)


def scatter(
    glance: Derived | Rows,
    schools: Mapping[str, tuple[str, str]],
    across: Measure,
    upward: Measure,
    *,
    school_id: str,
    school_year: int,
    level: str,
) -> Display | None:
    """Draw the schools of a level on two measures.

    Parameters
    ----------
    glance : Derived or Rows
        Rows of ``kit.compare.at_a_glance`` of these two measures for the schools of the level.
    schools : mapping
        Name and district of each school by id.
    across, upward : Measure
        What the horizontal and the vertical axis show.
    school_id : str
        The school to mark.
    school_year : int
    level : str
        Such as ``elementary``.

    Returns
    -------
    Display or None
        None where this school lacks one of the two, or fewer than five schools have both.
    """
    found = cloud(glance, schools, across, upward, school_year=school_year, level=level)
    return None if found is None else stand_in(found, school_id)


def stand_in(found: Cloud, school_id: str) -> Display | None:
    """Draw a cloud of schools for one of them; None where it is not in it."""
    if school_id not in found.at:
        return None
    across, upward, schools = found.across, found.upward, _schools(found.level)
    ours = found.dots[found.at[school_id]]
    named, crowd = found.dots, ()
    if len(found.dots) > MOST_NAMED:
        told = named_dots(found.dots, ours, (across.better, upward.better))
        named = tuple(d for d in found.dots if d["id"] in told)
        crowd = tuple(d for d in found.dots if d["id"] not in told)
    label = ours["name"] if len(ours["name"]) <= _LABEL else ours["name"][: _LABEL - 1] + "…"
    title = _("{first} {first_value} ({first_side}) and {second} {second_value} ({second_side})").format(
        first=across.short,
        first_value=ours["x_text"],
        first_side=_(_SIDES[_side(ours["across"], across, found.medians[0])]),
        second=upward.short,
        second_value=ours["y_text"],
        second_side=_(_SIDES_OF[_side(ours["upward"], upward, found.medians[1])]).format(schools=schools),
    )
    drawn = ("name", "district", "x", "y", "x_text", "y_text")
    spec = {**_form(across.short, upward.short, across.scale, upward.scale, bool(crowd))}
    spec["datasets"] = {
        "rows": [{k: d[k] for k in drawn} for d in named if d is not ours],
        "ours": [{k: ours[k] for k in drawn} | {"label": label, "align": _align(ours, found.dots)}],
        "medians": [{"x": found.medians[0], "y": found.medians[1]}],
    }
    caption = _("{schools} by name, {year}").format(schools=schools, year=year(found.school_year))
    first, note = _("Each dot is a school (point at it for its name); dashed lines are the medians."), ""
    if crowd:
        spec["datasets"]["crowd"] = [{k: round(d[k], 2) for k in ("x", "y")} for d in crowd]
        first = _("Each dot is a school (point at a large one for its name); dashed lines are the medians.")
        note = ngettext(
            "The large dots have a name and a row in the table: the schools of this district, the nearest to this one "
            "and the farthest out on the favourable side of both. {n} more is a small dot.",
            "The large dots have a name and a row in the table: the schools of this district, the nearest to this one "
            "and the farthest out on the favourable side of both. {n} more are small dots.",
            len(crowd),
        ).format(n=number(len(crowd)))
    how = (
        first,
        _(_BEST[across.better, upward.better]),
        _("That two measures go together does not make one the cause."),
    )
    middle = across.write(found.medians[0]), upward.write(found.medians[1])
    return Display(
        spec=spec,
        title=title,
        how_to_read=" ".join(how),
        alternative_text=_(
            "{n} {schools} in {year}. {school}: {first} {first_value}, {second} {second_value}. Medians: "
            "{first_median} and {second_median}."
        ).format(
            n=len(found.dots),
            schools=schools,
            year=year(found.school_year),
            school=ours["name"],
            first=across.short,
            first_value=ours["x_text"],
            second=upward.short,
            second_value=ours["y_text"],
            first_median=middle[0],
            second_median=middle[1],
        ),
        table=Table(
            sentence_start(caption),
            (_("School"), _("District"), across.short, upward.short),
            (*((d["name"], d["district"], d["x_text"], d["y_text"]) for d in named), (_("Median"), "", *middle)),
        ),
        note=note,
        measures=(across.id, upward.id),
        kind="scatter",
        height=_HEIGHT,
        heading=3,
    )


def _align(ours: Mapping, dots: Sequence[Mapping]) -> str:
    """Say on which side of its dot the school's name ends."""
    low, high = min(d["x"] for d in dots), max(d["x"] for d in dots)
    place = (ours["x"] - low) / (high - low) if high > low else 0.5
    return "left" if place < 0.25 else "right" if place > 0.75 else "center"


def _side(value: float, measure: Measure, median: float) -> str:
    if measure.write(value) == measure.write(median):
        return "at"
    return "above" if value > median else "below"


def _schools(level: str) -> str:
    return level_words(level) if level in ("elementary", "middle", "high") else _("schools of its kind")
