"""The end of a school's report: what is not shown and why, and how every measure is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Rows
from kit.charts.glance_table import THEMES
from kit.charts.groups import withheld_groups
from kit.charts.words import listing, year
from kit.compare.concern import CANNOT_TELL as LEVELS_CANNOT_TELL
from kit.compare.gaps import CANNOT_TELL as GAPS_CANNOT_TELL
from kit.compare.settings import CompareSettings
from kit.measures.registry import Measure, measures
from kit.reports.prepared import Prepared

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
    says = "".join(f"<li>{escape(a.removeprefix('ASSUMPTION: '))}</li>" for a in CompareSettings().assumptions())
    source = f" of {escape(prepared.notes.network)}" if prepared.notes.network else ""
    return (
        "".join(parts) + "<h3>Choices behind the comparisons</h3><p>None of these has an official source; each is a "
        f'setting of the kit.</p><ul class="choices columns">{says}</ul><p class="note">Made from the records{source} '
        f"up to the school year {year(prepared.school_year)}, by the Improvement Inquiry Kit.</p>"
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
