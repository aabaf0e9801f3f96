"""Student groups of a school: the gap of each to the other students, and how sure it is."""

from __future__ import annotations

import altair as alt

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import Display, Table
from kit.charts.labels import haloed, named_rows, two_lines
from kit.charts.palette import LIGHT
from kit.charts.spans import gap_span
from kit.charts.words import count, difference, listing
from kit.compare.words import group_words, sentence_start
from kit.language import N_, _, cached_by_language
from kit.measures.registry import Measure, group_name
from kit.privacy import Released

__all__ = ["GAP_WORDS", "groups", "withheld_groups"]

GAP_WORDS = {
    "favourable": N_("clearly more favourable"),
    "unfavourable": N_("clearly less favourable"),
    "no clear gap": N_("no clear gap"),
    "too small to say": N_("too few to say"),
    "not classed": N_("no interval for a mean"),
    "no other students": N_("all students are in it"),
}
_STEP = 30


@cached_by_language
def _form(scale: str) -> dict:
    unit = _("gap, in grade points") if scale == "points" else _("gap, in points")
    clear = alt.condition("datum.clear", alt.value(LIGHT["ours"]), alt.value(LIGHT["district"]))
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=named_rows("group"),
        tooltip=[
            alt.Tooltip("name:N", title=_("Group")),
            alt.Tooltip("text:N", title=_("Value")),
            alt.Tooltip("other:N", title=_("Compared with")),
            alt.Tooltip("gap_text:N", title=_("Gap")),
            alt.Tooltip("sure:N", title=_("Which says")),
            alt.Tooltip("n:N", title=_("Counted")),
        ],
    )
    span = alt.Scale(domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high"), nice=False)
    x = alt.X(
        "gap:Q",
        title=unit,
        scale=span,
        axis=alt.Axis(tickCount=5, grid=True, titleAnchor="middle"),
    )
    zero = (
        alt.Chart(alt.NamedData("zero"))
        .mark_rule(strokeWidth=1.5, color=LIGHT["ink"])
        .encode(x=alt.X("gap:Q", scale=span))
    )
    interval = base.mark_rule(strokeWidth=3, opacity=0.45).encode(
        x=alt.X("gap_low:Q", scale=span), x2="gap_high:Q", color=clear
    )
    dots = base.mark_point(filled=True, size=75, opacity=1).encode(x=x, color=clear)
    words = haloed(base.encode(x=x), "gap_text:N", LIGHT["ink"], dy=-11, fontSize=11)
    chart = alt.layer(zero, interval, dots, *words).properties(width="container", height=_STEP)
    chart = chart.add_params(alt.param("low", value=-10), alt.param("high", value=10))
    return chart.to_dict(validate=False)


def groups(gaps: Derived | Rows, measure: Measure) -> Display | None:
    """Draw each student group's gap to the other students of the school in one year.

    Parameters
    ----------
    gaps : Derived or Rows
        Rows of ``kit.compare.gaps`` for one school, year and measure.
    measure : Measure

    Returns
    -------
    Display or None
        None where no group can be compared.
    """
    found = [r for r in rows(gaps) if r["gap"] is not None and r["compared_with"] is not None]
    if not found:
        return None
    sign = -1 if measure.better == "down" else 1
    found.sort(key=lambda r: (sign * r["gap"], r["student_group"]))
    data, table = [], []
    for r in found:
        name, text, gap = group_name(r["student_group"]), measure.write(r["value"]), r["gap"]
        sure = _(GAP_WORDS.get(r["gap_class"], r["gap_class"]))
        written = difference(gap, measure)
        has_interval = r["gap_low"] is not None and r["gap_high"] is not None
        ends = {"low": difference(r["gap_low"], measure), "high": difference(r["gap_high"], measure)}
        interval = _("{low} to {high}").format(**ends) if has_interval else "–"
        other = measure.write(r["other_value"])
        clear = r["gap_class"] in ("favourable", "unfavourable")
        item = {
            "group": two_lines(_("{group}, {value}").format(group=name, value=text)),
            "name": name,
            "gap": gap,
            "gap_text": written,
            "text": text,
            "other": other,
            "sure": sure,
            "n": count(r["n"]),
            "clear": clear,
        }
        # A mean has no interval: a bar without length draws nothing.
        item |= {"gap_low": r["gap_low"] if has_interval else gap}
        item |= {"gap_high": r["gap_high"] if has_interval else gap}
        data.append(item)
        table.append((name, text, count(r["n"]), other, written, interval, sure))
    worse = [group_words(r["student_group"]) for r in found if r["gap_class"] == "unfavourable"]
    means = all(r["compared_with"] == "all" for r in found)
    if worse:
        title = _("{measure} is clearly less favourable for {groups}").format(
            measure=measure.short, groups=listing(worse, 4)
        )
    elif means:
        title = _("{measure}: how far each student group is from all students").format(measure=measure.short)
    else:
        title = _("{measure}: no student group does clearly worse than the others").format(measure=measure.short)
    ends = [v for d in data for v in (d["gap"], d["gap_low"], d["gap_high"])]
    low, high = gap_span(ends, measure)
    spec = {**_form(measure.scale), "height": _STEP * len(data)}
    spec["datasets"] = {"rows": data, "zero": [{"gap": 0}]}
    spec["params"] = [{"name": "low", "value": low}, {"name": "high", "value": high}]
    told = _("{group}: {value} ({n} {counted}) against {others}, gap {gap}, {sure}.")
    told_interval = _("{group}: {value} ({n} {counted}) against {others}, gap {gap}, from {interval}, {sure}.")
    return Display(
        spec=spec,
        title=title,
        how_to_read=_how_to_read(measure, means),
        alternative_text=" ".join(
            [
                f"{title}.",
                *(
                    (told if interval == "–" else told_interval).format(
                        group=name,
                        value=text,
                        n=n,
                        counted=measure.counted,
                        others=other,
                        gap=gap,
                        interval=interval,
                        sure=sure,
                    )
                    for name, text, n, other, gap, interval, sure in table
                ),
            ]
        ),
        table=Table(
            _("{measure} by student group").format(measure=measure.name),
            (
                _("Student group"),
                _("Value"),
                sentence_start(measure.counted),
                _("All students") if means else _("The other students"),
                _("Gap"),
                _("95 % interval"),
                _("Which says"),
            ),
            tuple(table),
        ),
        measures=(measure.id,),
        kind="groups",
        height=_STEP * len(data) + 50,
    )


def _how_to_read(measure: Measure, means: bool) -> str:
    if means:
        return (
            _("Each dot is a group’s gap to all students (the line at 0); left is better. A mean has no interval here.")
            if measure.better == "down"
            else _(
                "Each dot is a group’s gap to all students (the line at 0); right is better. A mean has no interval "
                "here."
            )
        )
    dot = (
        _("Each dot is a group’s gap to the other students (the line at 0); left is better.")
        if measure.better == "down"
        else _("Each dot is a group’s gap to the other students (the line at 0); right is better.")
    )
    return f"{dot} {_('The bar is the range that chance allows: blue where it does not touch 0.')}"


def withheld_groups(released: Released | Rows, school_year: int) -> list[str]:
    """Name the student groups whose number is withheld in a year, of one school and measure."""
    return [
        group_name(r["student_group"])
        for r in rows(released)
        if r["unit_type"] == "school"
        and r["school_year"] == school_year
        and r["grade"] == "all"
        and r["status"] != "shown"
    ]
