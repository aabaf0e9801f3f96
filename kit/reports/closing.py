"""The end of a school's report: what is not shown and why, and how every measure is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Rows
from kit.charts.glance_table import THEMES
from kit.charts.groups import withheld_groups
from kit.charts.words import listing, year
from kit.compare.composition import CANNOT_TELL as SHARES_CANNOT_TELL
from kit.compare.concern import CANNOT_TELL as LEVELS_CANNOT_TELL
from kit.compare.gaps import CANNOT_TELL as GAPS_CANNOT_TELL
from kit.compare.settings import CompareSettings
from kit.growth.limits import limits
from kit.measures.registry import Measure, measures
from kit.reports.prepared import Prepared
from kit.rules.assumptions import assumed

__all__ = ["definitions", "not_shown"]


def not_shown(rows_of: Mapping[str, Rows], prepared: Prepared) -> str:
    """Return the withheld groups, the measures that the records do not give, and what the numbers cannot tell."""
    known = measures()
    by_groups: dict[str, list[str]] = {}
    for measure_id, some in rows_of.items():
        hidden = withheld_groups(some, prepared.latest.get(measure_id, prepared.school_year))
        if hidden:
            named = by_groups.setdefault(listing(hidden), [])
            if _called(known[measure_id]) not in named:
                named.append(_called(known[measure_id]))
    items = "".join(
        f"<li>{escape(groups)} <small>in {escape(listing(names))}</small></li>" for groups, names in by_groups.items()
    )
    small = (
        f"<p>A number that rests on fewer than {prepared.minimum} students or answers is not shown: it could tell "
        "of a single student, and it swings by chance. Now and then a larger group is left out too, because the "
        "small one could be worked out from it. In this report:</p>"
        + (f"<ul>{items}</ul>" if items else '<p class="nothing">No student group is left out.</p>')
    )
    absent = listing([m.short for m in known.values() if m.id not in rows_of and m.theme != "surveys"])
    missing = (
        "<p>No number of this school, because of its grades or because the records do not give it: "
        f"{escape(absent)}.</p>"
        if absent
        else ""
    )
    lacks = "".join(_lack(table, ids) for table, ids in prepared.notes.missing)
    tell = "".join(f"<li>{escape(text)}</li>" for text in (*LEVELS_CANNOT_TELL, *GAPS_CANNOT_TELL[:2]))
    return (
        f"<h3>Small groups</h3>{small}<h3>What the records do not hold</h3>"
        + (missing + (f"<ul>{lacks}</ul>" if lacks else "") or '<p class="nothing">Nothing is missing.</p>')
        + f'<h3>What these numbers cannot tell</h3><ul class="columns">{tell}</ul>'
    )


def _called(measure: Measure) -> str:
    if measure.theme == "surveys":
        return {"student": "students’", "staff": "staff", "family": "families’"}[measure.respondent] + " answers"
    return measure.short


def _lack(table: str, ids: Sequence[str]) -> str:
    known = measures()
    off = listing(list(dict.fromkeys(_called(known[i]) for i in ids if i in known)), 8)
    return f"<li>There is no table <b>{escape(table)}</b>, which switches off {escape(off)}.</li>"


def definitions(shown: Sequence[Measure], prepared: Prepared) -> str:
    """Return each measure's definition, population and source, with an anchor, by theme."""
    parts = []
    for theme, name in THEMES.items():
        some = [m for m in shown if m.theme == theme]
        if some:
            entries = "".join(_survey_entries(some) if theme == "surveys" else map(_entry, some))
            parts.append(f'<h3>{name}</h3><dl class="definitions">{entries}</dl>')
    parts.append(f'<h3>Levels, growth and schools like ours</h3><dl class="definitions">{_ways(prepared)}</dl>')
    says = "".join(f"<li>{escape(a.removeprefix('ASSUMPTION: '))}</li>" for a in CompareSettings().assumptions())
    source = f" of {escape(prepared.notes.network)}" if prepared.notes.network else ""
    return (
        "".join(parts) + "<h3>Choices behind the comparisons</h3><p>None of these has an official source; each is a "
        f'setting of the kit.</p><ul class="choices columns">{says}</ul><p class="note">Made from the records{source} '
        f"up to the school year {year(prepared.school_year)}, by the Improvement Inquiry Kit.</p>"
    )


def _ways(prepared: Prepared) -> str:
    """Return how levels, next levels, colours, growth and the match of schools are made."""
    notes = prepared.notes
    levels = (
        "A level from 1 to 10 says between which cut points a number lies. The cut points stay the same from year to "
        "year, so every school can rise. 8 to 10 is above average, 4 to 7 average, 1 to 3 below, by the schools "
        f"of its level in the year of the cut points. {notes.baseline}",
        "Growth has its own levels: a percentile of 0 to 9 is level 1, of 90 to 100 level 10.",
        "How many students would reach a higher level is arithmetic on this year’s students: the fewest whose result "
        "would have to be another one. It is no target, and it names nobody.",
        *(a.text for a in assumed("core.toml", "deciles", "few-schools", "growth-whole")),
        "An index that adds the levels up to one number is left out on purpose: no school is one number.",
    )
    ways = [("levels", "Levels 1 to 10", levels, "CORE School Quality Improvement Index (Marsh et al. 2016).")]
    if notes.california:
        ways.append(
            ("california", "California Dashboard", notes.california, "Cut points and colours of the state’s tables.")
        )
    growth = "American Statistical Association 2014; Hough, Byun and Mulfinger 2018."
    ways.append(("growth", "What growth cannot tell", limits(), growth))
    matching = (
        "Schools like ours are of the same level, and nearest in the shares of economically disadvantaged students, "
        "English learners, students with disabilities and each race or ethnicity, and in size. Each is divided by its "
        "spread over the schools of the level; the race shares together weigh as much as one other. CORE’s own rule is "
        "not published: this one is an assumption.",
        "Named as improving more are those among the nearest whose number moved further in the direction of "
        "improvement than this school’s, over the years in the folder, at most three back.",
        *SHARES_CANNOT_TELL,
    )
    ways.append(
        ("matching", "Schools like ours", matching, "Choice of the kit, after the pairing of Marsh et al. 2016.")
    )
    return "".join(
        f'<div id="def-{anchor}"><dt>{name}</dt>{"".join(f"<dd>{escape(t)}</dd>" for t in texts)}'
        f"<dd><b>Source:</b> {escape(source)}</dd></div>"
        for anchor, name, texts, source in ways
    )


def _entry(measure: Measure) -> str:
    better = "Lower is better." if measure.better == "down" else "Higher is better."
    return (
        f'<div id="def-{measure.id}"><dt>{escape(measure.name)}</dt>'
        f"<dd>{escape(measure.definition)} {better}</dd>"
        f"<dd><b>Who is counted:</b> {escape(measure.population)}</dd>"
        f"<dd><b>Source:</b> {escape(measure.source)}</dd></div>"
    )


def _survey_entries(some: Sequence[Measure]) -> list[str]:
    """Return one entry a construct; the measures of its respondents share it."""
    by: dict[str, list[Measure]] = {}
    for m in some:
        by.setdefault(m.name.rsplit(" (", 1)[0], []).append(m)
    out = []
    for construct, same in by.items():
        anchors = "".join(f'<span id="def-{m.id}"></span>' for m in same)
        counted = " ".join(dict.fromkeys(m.population for m in same))
        out.append(
            f"<div><dt>{anchors}{escape(construct)}</dt><dd>{escape(same[0].plain)} The share of answers of 4 or 5 on "
            "a scale of 1 to 5, out of all answers. Higher is better.</dd>"
            f"<dd><b>Who is counted:</b> {escape(counted)}</dd>"
            f"<dd><b>Source:</b> {escape(same[0].source)}</dd></div>"
        )
    return out
