"""The growth of a school: its percentiles with their intervals, what 50 means, and what growth cannot tell."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from kit.charts.derived import Rows
from kit.charts.display import Display, Html
from kit.charts.growth import growth
from kit.growth.limits import limits
from kit.language import _
from kit.measures.registry import Measure
from kit.reports.themes import measure_title

__all__ = ["growth_block"]


def growth_block(
    mine: Mapping[str, Measure],
    figures: Mapping[str, Rows],
    glance: Mapping[str, dict],
    lines: Mapping[str, str],
    latest: Mapping[str, int],
) -> list[Html | Display]:
    """Return one display a subject, side by side, under what 50 means and the first limits."""
    parts: list[Html | Display] = []
    for measure in mine.values():
        drawn = growth(figures[measure.id], measure, latest[measure.id]) if measure.id in figures else None
        if drawn is not None:
            title, line = measure_title(measure, glance.get(measure.id)), Html(lines.get(measure.id, ""))
            parts += [Html("<div>"), title, line, drawn, Html("</div>")]
    if not parts:
        return []
    said = "".join(f"<li>{escape(text)}</li>" for text in limits()[:3])
    average = _("50 is the average of these schools, and about half of all schools are below it; it is no standard.")
    words = (
        f'<p>{escape(average)} <a href="#def-growth">{escape(_("What growth is, and what it cannot tell"))}</a></p>'
        f'<ul class="limits">{said}</ul>'
    )
    return [Html(words), Html('<div class="pair growth">'), *parts, Html("</div>")]
