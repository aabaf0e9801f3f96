"""Growth of a school: its percentile with the interval, by year, by grade and by student group."""

from __future__ import annotations

import altair as alt

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import haloed, named_rows, two_lines
from kit.charts.palette import LIGHT
from kit.charts.words import count, grade_order, year
from kit.language import _, cached_by_language
from kit.measures.registry import Measure, group_name

__all__ = ["AVERAGE", "growth"]

# A percentile of 50 is the average of the schools in the figures (kit.growth.school_percentiles).
AVERAGE = 50
_STEP = 28


@cached_by_language
def _form() -> dict:
    colour = alt.condition("datum.clear", alt.value(LIGHT["ours"]), alt.value(LIGHT["district"]))
    span = alt.Scale(domain=[0, 100], nice=False)
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=named_rows("row"),
        tooltip=[
            alt.Tooltip("name:N", title=_("Who")),
            alt.Tooltip("text:N", title=_("Percentile")),
            alt.Tooltip("interval:N", title=_("95 % interval")),
            alt.Tooltip("n:N", title=_("Students")),
        ],
    )
    middle = (
        alt.Chart(alt.NamedData("average"))
        .mark_rule(strokeWidth=1.5, color=LIGHT["ink"])
        .encode(x=alt.X("value:Q", scale=span))
    )
    interval = base.mark_rule(strokeWidth=3, opacity=0.45).encode(
        x=alt.X("low:Q", scale=span), x2="high:Q", color=colour
    )
    dots = base.mark_point(filled=True, size=75, opacity=1).encode(
        x=alt.X(
            "value:Q",
            scale=span,
            title=_("percentile among schools"),
            axis=alt.Axis(values=[0, 25, 50, 75, 100], grid=True, titleAnchor="middle"),
        ),
        color=colour,
    )
    place = base.encode(x=alt.X("value:Q", scale=span))
    surround, words = haloed(place, "text:N", LIGHT["ink"], dy=-10, fontSize=11)
    return (
        (middle + interval + dots + surround + words)
        .properties(width="container", height=_STEP)
        .to_dict(validate=False)
    )


def growth(figures: Derived | Rows, measure: Measure, school_year: int) -> Display | None:
    """Draw a school's growth percentiles.

    Parameters
    ----------
    figures : Derived or Rows
        Of one school and measure: ``school_year``, ``student_group``, ``grade``, ``n``, ``value``, ``low``, ``high``
        (95 %, empty where it is not known).
    measure : Measure
    school_year : int
        All students are drawn for every year up to it, grades and groups for this one.

    Returns
    -------
    Display or None
        None where the school has no figure of the year.
    """
    found = [(*_place(r, school_year), r) for r in rows(figures) if r["value"] is not None]
    found = sorted(((order, name, r) for order, name, r in found if order), key=lambda row: row[0])
    if not found or found[0][0] != (0, 0, ""):
        return None
    data, table = [], []
    for _order, name, r in found:
        known = r["low"] is not None and r["high"] is not None
        low, high = (r["low"], r["high"]) if known else (r["value"], r["value"])
        ends = {"low": measure.write(low), "high": measure.write(high)}
        interval = _("{low} to {high}").format(**ends) if known else "–"
        item = {"row": two_lines(name), "name": name, "value": round(r["value"], 2), "text": measure.write(r["value"])}
        item |= {"low": round(low, 2), "high": round(high, 2), "interval": interval, "n": count(r["n"])}
        item |= {"clear": known and (low > AVERAGE or high < AVERAGE)}
        data.append(item)
        table.append((name, item["text"], interval, item["n"]))
    spec = {**_form(), "height": _STEP * len(data)}
    spec["datasets"] = {"rows": data, "average": [{"value": AVERAGE}]}
    title = _title(data[0], measure, found[0][2]["school_year"])
    told, told_interval = _("{who}: {value} ({n} students)."), _("{who}: {value}, from {interval} ({n} students).")
    return Display(
        spec=spec,
        title=title,
        how_to_read=_(
            "Each dot is a percentile among schools; the line is their average, 50. The bar is the 95 % interval: blue "
            "where it does not touch 50. A grade or group is placed among the same at other schools."
        ),
        alternative_text=" ".join(
            [
                f"{title}.",
                *(
                    (told if interval == "–" else told_interval).format(who=name, value=text, interval=interval, n=n)
                    for name, text, interval, n in table
                ),
            ]
        ),
        table=Table(
            _("{measure}, percentiles").format(measure=measure.name),
            (_("Who"), _("Percentile"), _("95 % interval"), _("Students")),
            tuple(table),
        ),
        measures=(measure.id,),
        kind="growth",
        height=_STEP * len(data) + 50,
    )


def _title(ours: dict, measure: Measure, ending: int) -> str:
    words = {"measure": measure.short, "year": year(ending), "value": ours["text"], "interval": ours["interval"]}
    if ours["interval"] == "–":
        text = _("{measure} in {year}: {value} of 100; how sure it is, is not known here")
    elif not ours["clear"]:
        text = _(
            "{measure} in {year}: {value} of 100; from {interval}, so not clearly different from the average school"
        )
    elif ours["low"] > AVERAGE:
        text = _("{measure} in {year}: {value} of 100; from {interval}, clearly above the average school")
    else:
        text = _("{measure} in {year}: {value} of 100; from {interval}, clearly below the average school")
    return text.format(**words)


def _place(row: dict, school_year: int) -> tuple[tuple | None, str]:
    """Return where a row stands (years, then grades, then groups) and its name."""
    whole = row["student_group"] == "all" and row["grade"] == "all"
    if whole and row["school_year"] <= school_year:
        return (0, school_year - row["school_year"], ""), _("All students, {year}").format(
            year=year(row["school_year"])
        )
    if whole or row["school_year"] != school_year:
        return None, ""
    if row["grade"] != "all":
        known = row["student_group"] == "all"
        return ((1, grade_order(row["grade"]), row["grade"]) if known else None), _("Grade {grade}").format(
            grade=row["grade"]
        )
    name = group_name(row["student_group"])
    return (2, 0, name), name
