"""The report's displays for what is picked, and how a widget shows them in JupyterLab."""

from __future__ import annotations

import re
from html import escape

from kit.charts.derived import rows_at
from kit.charts.display import Display, Html
from kit.charts.groups import groups
from kit.charts.scatter import FEWEST_SCHOOLS, scatter
from kit.charts.trend import trend
from kit.charts.words import year
from kit.controls.choice import Choice
from kit.measures.registry import Measure, measure, measures
from kit.reports.school import SchoolReport
from kit.reports.section import Section

__all__ = ["among_schools", "glance", "limits", "one_measure", "outputs", "says"]

# On the page these lead to another part of it; a notebook's cell has no such part.
# One at the end of a paragraph only points there; the others are words of their sentence.
_POINTER = re.compile(r'\s*<a (?:class="more" [^>]*|href="#[^"]*")>[^<]*</a>(?=</p>|</li>)')
_LINK = re.compile(r'<a (?:class="more" )?href="#[^"]*"[^>]*>(.*?)</a>', re.S)
# A measure's heading in a theme; the report's own links lead to it.
_HEADING = re.compile(r'<h3 id="m-([^"]*)"')
# Pixels that a cell has on a tablet held upright (768 wide).
_WIDTH = 590
# The page's grid; in a cell the displays follow one another.
_GRID = re.compile(r"</?div[^>]*>")


def outputs(section: Section) -> tuple[dict, ...]:
    """Return a section as the outputs of an ``ipywidgets.Output``: words, chart and table of each display."""
    bundles: list[dict] = []
    for part in section.parts:
        if isinstance(part, Display):
            bundles.append(_html(part.live_words().html))
            bundles.append({k: _narrow(v) for k, v in part._repr_mimebundle_().items() if k != "text/html"})
            note = f'<p class="note">{escape(part.note)}</p>' if part.note else ""
            bundles.append(_html(f'<div class="kit">{note}</div>{part.live_table().html}'))
        elif not _GRID.fullmatch(part.html.strip()):
            bundles.append(_html(f'<div class="kit">{_without_links(part.html)}</div>'))
    return tuple({"output_type": "display_data", "data": b, "metadata": {}} for b in bundles)


def _narrow(value):
    """Fit a chart with its labels into a tablet's width; words stay as they are."""
    if not isinstance(value, dict):
        return value
    return {**value, "width": _WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}}


def _html(html: str) -> dict:
    return {"text/html": html, "text/plain": "(a part of the report)"}


def _without_links(html: str) -> str:
    return _LINK.sub(lambda link: link.group(1), _POINTER.sub("", html))


def says(text: str, *, live: bool) -> Section:
    """Return a sentence in place of a display."""
    return Section((Html(f'<p class="nothing">{escape(text)}</p>'),), live)


def glance(choice: Choice, *, live: bool) -> Section:
    """Return the school, every measure at a glance, and the strengths and questions in words."""
    report = choice.report(live=live)
    heads = Html("<h3>Every measure at a glance</h3>"), Html("<h3>Strengths and questions, in words</h3>")
    parts = (*report.header().parts, heads[0], *report.at_a_glance().parts)
    return Section((*parts, heads[1], *report.strengths_and_questions().parts), live)


def one_measure(choice: Choice, *, live: bool) -> Section:
    """Return the trend, the student groups with their gaps and the grades of the measure; or of its whole theme."""
    report = choice.report(live=live)
    if not choice.measure and not choice.theme:
        return says(choice.lacks or "No measure is picked.", live=live)
    if not choice.measure:
        return report.theme(choice.theme)
    found, prepared = measure(choice.measure), report.prepared
    parts = _block(report.theme(found.theme).parts, found) or _of_survey(report, found)
    if not parts:
        return says(
            f"No number of «{found.name}» can be shown for {choice.words()}: its grades or the records do not give "
            f"one, or it rests on fewer than {prepared.minimum} {found.counts}.",
            live=live,
        )
    return Section((*parts, _counted(found)), live)


def _block(parts: tuple[Html | Display, ...], found: Measure) -> list[Html | Display]:
    """Return the parts of a theme from this measure's heading to the next one."""
    block: list[Html | Display] = []
    ours = False
    for part in parts:
        if isinstance(part, Html) and (heading := _HEADING.search(part.html)):
            ours = heading.group(1) == found.id
        if ours:
            block.append(part)
    return block


def _of_survey(report: SchoolReport, found: Measure) -> list[Html | Display]:
    """Return the displays of one construct; the report draws all of a survey in one and gives none a heading."""
    prepared = report.prepared
    keys = (
        ("school", report.school_id),
        ("district", report.school.get("district_id", "")),
        ("network", "network"),
    )
    near = rows_at(prepared.released, [p for key in keys for p in prepared.units.get(key, ())])
    gaps = rows_at(prepared.gaps, prepared.gaps_at.get(report.school_id, [])).where(
        measure=found.id, school_year=prepared.school_year
    )
    drawn = [trend(near.where(measure=found.id), found), groups(gaps, found) if gaps.items else None]
    shown = [d for d in drawn if d is not None]
    return [Html(f"<h3>{escape(found.name)}</h3>"), *shown] if shown else []


def _counted(found: Measure) -> Html:
    better = "Lower is better." if found.better == "down" else "Higher is better."
    plain = (found.definition, better, f"Who is counted: {found.population}", f"Source: {found.source}")
    lines = "".join(f"<p>{escape(text)}</p>" for text in plain)
    return Html(f"<details><summary>How it is counted, and where that comes from</summary>{lines}</details>")


def among_schools(choice: Choice, *, live: bool) -> Section:
    """Return the schools of the picked school's level on two measures, each a dot with its name."""
    report = choice.report(live=live)
    prepared, known = report.prepared, measures()
    across, upward = known[choice.across], known[choice.upward]
    if across.id == upward.id:
        return says(
            "Choose two different measures. A folder with numbers of one measure only has nothing to compare.",
            live=live,
        )
    level = report.school.get("level", "")
    drawn = scatter(
        prepared.level_rows(level, across.id) + prepared.level_rows(level, upward.id),
        {i: (r["school_name"], r["district_name"]) for i, r in prepared.school_rows.items()},
        across,
        upward,
        school_id=choice.school_id,
        school_year=prepared.school_year,
        level=level,
    )
    if drawn is None:
        return says(
            f"«{across.short}» and «{upward.short}» cannot be drawn together here: this school lacks one of them in "
            f"{year(prepared.school_year)}, or fewer than {FEWEST_SCHOOLS} schools of its level have both. "
            "Choose another measure.",
            live=live,
        )
    # Near in who its students are: whom to ask, after the dots have shown who stands where.
    return Section((drawn, *report.schools_like_ours().parts), live)


def limits(choice: Choice, *, live: bool) -> Section:
    """Return what is not shown of this school, and what the numbers cannot tell."""
    return choice.report(live=live).not_shown()
