"""The measures of a theme: for each its level, its trend, its student groups and its grades."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from kit.charts.derived import Rows
from kit.charts.display import Display, Html, unbroken
from kit.charts.grades import grades
from kit.charts.groups import groups, withheld_groups
from kit.charts.palette import level
from kit.charts.surveys import surveys
from kit.charts.trend import trend
from kit.charts.words import listing
from kit.language import N_, _
from kit.measures.registry import Measure
from kit.reports.prepared import Prepared

__all__ = ["measure_blocks", "measure_title", "survey_block"]

_SURVEYS = (
    ("sel_", N_("Social-emotional skills"), N_("What students say of themselves")),
    ("climate_", N_("Culture and climate"), N_("What students, staff and families say of the school")),
)


def measure_title(measure: Measure, row: dict | None) -> Html:
    """Return a measure's heading with its level of concern and its value; the value leads to its definition."""
    badge = ""
    if row is not None and row["value"] is not None:
        mark = level(row["concern"])
        badge = (
            f' <span class="level {mark.id}"><i aria-hidden="true">{mark.shape}</i> {escape(mark.word)}</span>'
            f' <small><a href="#def-{measure.id}">{unbroken(measure.write(row["value"]))}</a></small>'
        )
    return Html(f'<h3 id="m-{measure.id}">{escape(measure.name)}{badge}</h3>')


def measure_blocks(
    mine: Mapping[str, Measure],
    rows_of: Mapping[str, Rows],
    glance: Mapping[str, dict],
    gaps_of: Mapping[str, Rows],
    prepared: Prepared,
    lines: Mapping[str, str],
) -> list[Html | Display]:
    """Return the displays of each measure that has any, one block a measure, with its line under the heading."""
    parts: list[Html | Display] = []
    for measure in mine.values():
        released = rows_of[measure.id]
        latest = prepared.latest.get(measure.id, prepared.school_year)
        found = [
            trend(released, measure),
            groups(gaps_of[measure.id], measure) if measure.id in gaps_of else None,
            grades(released, measure, latest),
        ]
        drawn = [d for d in found if d is not None]
        if not drawn:
            continue
        hidden = withheld_groups(released, latest)
        parts += [measure_title(measure, glance.get(measure.id)), Html(lines.get(measure.id, ""))]
        parts += [Html('<div class="displays">'), *drawn]
        parts.append(Html("</div>"))
        if hidden:
            text = _("Not shown (fewer than {n} {counted}, or to protect a group that small): {groups}.").format(
                n=prepared.minimum, counted=measure.counted, groups=listing(hidden)
            )
            parts.append(Html(f'<p class="note">{escape(text)}</p>'))
    return parts


def survey_block(
    mine: Mapping[str, Measure],
    rows_of: Mapping[str, Rows],
    prepared: Prepared,
) -> list[Html | Display]:
    """Return one display a kind of survey, with each construct in plain words."""
    parts: list[Html | Display] = []
    for prefix, name, title in _SURVEYS:
        some = {m: found for m, found in mine.items() if m.startswith(prefix)}
        drawn = surveys([rows_of[m] for m in some], some, prepared.school_year, title=_(title))
        if drawn is None:
            continue
        plain = {m.construct: m.plain for m in some.values()}
        words = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in plain.items())
        anchors = "".join(f'<span id="m-{m}"></span>' for m in some)
        parts += [
            Html(f'<h3>{anchors}{escape(_(name))}</h3><div class="displays survey">'),
            drawn,
            Html(f'<dl class="constructs">{words}</dl></div>'),
        ]
    return parts
