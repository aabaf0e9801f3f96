"""The end of a school's report: what is not shown and why, and how every measure is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.glance_table import THEMES
from kit.charts.groups import withheld_groups
from kit.charts.words import listing, year
from kit.compare.concern import CANNOT_TELL as LEVELS_CANNOT_TELL
from kit.compare.gaps import CANNOT_TELL as GAPS_CANNOT_TELL
from kit.compare.settings import CompareSettings
from kit.measures.registry import Measure, measures
from kit.privacy import Released
from kit.reports.prepared import Prepared

__all__ = ["definitions", "not_shown"]


def not_shown(rows_of: Mapping[str, Released], prepared: Prepared) -> str:
    """Return the withheld groups, the measures that the records do not give, and what the numbers cannot tell."""
    known = measures()
    by_groups: dict[str, list[str]] = {}
    for measure_id, released in rows_of.items():
        hidden = withheld_groups(released, prepared.school_year)
        if hidden:
            by_groups.setdefault(listing(hidden), []).append(known[measure_id].short)
    items = "".join(
        f"<li><b>{escape(groups)}</b>: {escape(listing(names))}</li>" for groups, names in by_groups.items()
    )
    small = (
        f"<p>A number that rests on fewer than {prepared.minimum} students or answers is not shown: it could tell "
        "of a single student, and it swings by chance. Now and then a larger group is left out too, because the "
        "small one could be worked out from it. In this report:</p>"
        + (f"<ul>{items}</ul>" if items else "<p>No student group is withheld.</p>")
    )
    absent = [m.short for m in known.values() if m.id not in rows_of and m.theme != "surveys"]
    lacks = "".join(
        f"<li><b>{escape(table)}</b> is not in the records: {escape(listing([known[i].short for i in ids if i in known], 8))}</li>"
        for table, ids in prepared.notes.missing
    )
    missing = (
        f"<p>No number of this school, because its grades or the records do not give it: {escape(listing(absent))}.</p>"
        if absent
        else ""
    )
    tell = "".join(f"<li>{escape(text)}</li>" for text in (*LEVELS_CANNOT_TELL, *GAPS_CANNOT_TELL[:2]))
    return (
        f"<h3>Small groups</h3>{small}<h3>What the records do not hold</h3>{missing}"
        + (f"<ul>{lacks}</ul>" if lacks else "")
        + f"<h3>What these numbers cannot tell</h3><ul>{tell}</ul>"
    )


def definitions(shown: Sequence[Measure], prepared: Prepared) -> str:
    """Return each measure's definition, population and source, with an anchor, by theme."""
    parts = []
    for theme, name in THEMES.items():
        some = [m for m in shown if m.theme == theme]
        if some:
            entries = "".join(_entry(m) for m in some)
            parts.append(f'<h3>{name}</h3><dl class="definitions">{entries}</dl>')
    says = "".join(f"<li>{escape(a.removeprefix('ASSUMPTION: '))}</li>" for a in CompareSettings().assumptions())
    source = f" of {escape(prepared.notes.network)}" if prepared.notes.network else ""
    return (
        "".join(parts)
        + "<h3>Choices behind the comparisons</h3><p>None of these has an official source; each is a setting of the "
        f'kit.</p><ul class="choices">{says}</ul><p class="note">Made from the records{source} up to the school year '
        f"{year(prepared.school_year)}, by the Improvement Inquiry Kit.</p>"
    )


def _entry(measure: Measure) -> str:
    better = "Lower is better." if measure.better == "down" else "Higher is better."
    return (
        f'<div id="def-{measure.id}"><dt>{escape(measure.name)}</dt>'
        f"<dd>{escape(measure.definition)} {better}</dd>"
        f"<dd><b>Who is counted:</b> {escape(measure.population)}</dd>"
        f"<dd><b>Source:</b> {escape(measure.source)}</dd></div>"
    )
