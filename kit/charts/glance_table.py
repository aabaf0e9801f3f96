"""Every measure of a school in one table: value, change, level of concern, neighbours and a tiny trend."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.level_mark import level_mark
from kit.charts.palette import level
from kit.charts.words import change, count, year
from kit.compare.concern import concern_words
from kit.language import N_, _
from kit.measures.registry import Measure, measures
from kit.privacy import Released

__all__ = ["CHANGE_WORDS", "THEMES", "glance_table", "sparkline"]

THEMES = {
    "attendance": N_("Attendance"),
    "discipline": N_("Discipline"),
    "achievement": N_("Achievement"),
    "growth": N_("Growth"),
    "english_learners": N_("English learners"),
    "readiness": N_("Readiness and marks"),
    "graduation": N_("Graduation and college"),
    "surveys": N_("Surveys"),
}
CHANGE_WORDS = {
    "improved": N_("clearly better"),
    "worsened": N_("clearly worse"),
    "no clear change": N_("no clear change"),
    "too small to say": N_("too few to say"),
    "not classed": N_("no margin for a mean"),
    "no earlier year": N_("no earlier year"),
}
_WIDTH, _TALL = 84, 26


def sparkline(values: Sequence[tuple[int, float]], measure: Measure) -> str:
    """Return a tiny line of the school's years as SVG; nothing for fewer than two years.

    Parameters
    ----------
    values : sequence of (int, float)
        School year and value, in order.
    measure : Measure
    """
    if len(values) < 2:
        return ""
    lows, highs = min(v for _ending, v in values), max(v for _ending, v in values)
    # The same least span as the charts, so that a flat line looks flat.
    least = {"points": 0.4, "percentile": 20.0}.get(measure.scale, 8.0)
    middle, span = (lows + highs) / 2, max(highs - lows, least)
    first, last = values[0][0], values[-1][0]
    points = [
        (
            5 + (_WIDTH - 10) * (ending - first) / (last - first),
            _TALL / 2 - (_TALL - 10) * (value - middle) / span,
        )
        for ending, value in values
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    words = ", ".join(f"{year(e)} {measure.write(v)}" for e, v in values)
    return (
        f'<svg class="spark" role="img" aria-label="{escape(words)}" viewBox="0 0 {_WIDTH} {_TALL}" '
        f'width="{_WIDTH}" height="{_TALL}"><polyline points="{line}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/></svg>'
    )


def glance_table(
    released: Released | Rows,
    glance: Derived | Rows,
    *,
    school_year: int,
    minimum: int,
    levels: Derived | Rows | None = None,
) -> str:
    """Return the table of every measure that has a row for this school, by theme.

    Parameters
    ----------
    released : Released or Rows
        Rows of one school, its district and the network (all students, all grades).
    glance : Derived or Rows
        Rows of ``kit.compare.at_a_glance`` for this school; a row of an earlier year says so.
    school_year : int
    minimum : int
        The smallest group that is shown.
    levels : Derived or Rows, optional
        ``measure``, ``level`` (1 to 10) and ``band`` of this school, to stand beside the level of concern.

    Returns
    -------
    str
        HTML; all text is escaped.
    """
    near: dict[tuple[str, str], dict[int, float]] = {}
    for r in rows(released):
        if r["student_group"] == "all" and r["grade"] == "all" and r["value"] is not None:
            near.setdefault((r["unit_type"], r["measure"]), {})[r["school_year"]] = r["value"]
    by = {r["measure"]: r for r in rows(glance)}
    marks = {r["measure"]: level_mark(r["level"], r["band"]) for r in rows(levels)} if levels is not None else {}
    bodies = []
    for theme, theme_name in THEMES.items():
        lines = [
            _line(m, by[m.id], near, school_year, minimum, marks.get(m.id, ""))
            for m in measures().values()
            if m.theme == theme and m.id in by
        ]
        if lines:
            bodies.append(
                '<tbody role="rowgroup"><tr role="row" class="theme"><th role="rowheader" scope="rowgroup" '
                f'colspan="7">{escape(_(theme_name))}</th></tr>' + "".join(lines) + "</tbody>"
            )
    before = year(school_year - 1)
    head = "".join(
        f'<th role="columnheader" scope="col">{escape(c)}</th>'
        for c in (
            _("Measure"),
            _("This school, {year}").format(year=year(school_year)),
            _("Change from {year}").format(year=before),
            _("Concern, and level 1 to 10") if marks else _("Level of concern"),
            _("District"),
            _("Network"),
            _("Trend"),
        )
    )
    return (
        '<table role="table" class="glance"><caption>'
        + escape(_("Every measure of the school. Changes are worked out before rounding."))
        + "</caption>"
        f'<thead><tr role="row">{head}</tr></thead>{"".join(bodies)}</table>'
    )


def _line(m: Measure, row: dict, near: dict, school_year: int, minimum: int, mark_of_level: str) -> str:
    own_year = row["school_year"]

    def cell(label: str, inner: str, kind: str = "") -> str:
        return f'<td role="cell" data-label="{escape(label)}"{kind and f" class={kind!r}"}>{inner}</td>'

    def beside(unit: str) -> str:
        return m.write(near.get((unit, m.id), {}).get(own_year)).replace(" %", "\u00a0%")

    arrow = _("lower is better") if m.better == "down" else _("higher is better")
    if own_year != school_year:
        arrow = _("latest is {year}; {direction}").format(year=year(own_year), direction=arrow)
    name = f'<a href="#def-{m.id}">{escape(m.name)}</a> <small>{escape(arrow)}</small>'
    if row["value"] is None:
        hidden = _("not shown: fewer than {n}, or protects a group that small").format(n=minimum)
        value = f"<small>{escape(hidden)}</small>"
        moved = "<small>–</small>"
    else:
        value = f"<b>{m.write(row['value'])}</b> <small>{count(row['n'])} {escape(m.counted)}</small>"
        says = _(CHANGE_WORDS.get(row["change_class"], row["change_class"]))
        if m.unit == "percentile" and row["change_class"] == "not classed":
            says = _("its interval is under Growth")
        moved = f"<small>{escape(says)}</small>"
        if row["change"] is not None:
            was = _("{says}; was {value}").format(says=says, value=m.write(row["previous_value"]))
            moved = f"{escape(change(row['change'], m))} <small>{escape(was)}</small>"
    mark = level(row["concern"] if row["value"] is not None else "too few to say")
    why = escape(concern_words(row["concern_reason"]))
    badge = (
        f'<span class="level {mark.id}" title="{why}"><i aria-hidden="true">{mark.shape}</i> {escape(mark.word)}</span>'
    )
    ours = sorted(near.get(("school", m.id), {}).items())
    trend = sparkline(ours, m) or f"<small>{escape(_('one year'))}</small>"
    sure = row["change_class"] in ("improved", "worsened") and row["value"] is not None
    # A number and its percent sign stay on one line.
    return (
        f'<tr role="row"><th role="rowheader" scope="row">{name}</th>'
        + cell(_("This school"), value.replace(" %", "\u00a0%"))
        + cell(_("Change"), moved.replace(" %", "\u00a0%"), row["change_class"] if sure else "")
        + cell(_("Level"), badge + mark_of_level)
        + cell(_("District"), beside("district"))
        + cell(_("Network"), beside("network"))
        + cell(_("Trend"), trend)
        + "</tr>"
    )
