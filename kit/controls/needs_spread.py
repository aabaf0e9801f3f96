"""How far raters are apart, drawn: a strip from 1 to 4 with a dot for each rating, and a mark at the average."""

from __future__ import annotations

from html import escape

from kit.needs.instrument import SCORES, Level
from kit.needs.scores import Score, spread_words

__all__ = ["level_mark", "strip"]

_STEP, _LEFT, _DOT, _BASE = 52, 16, 5, 20
# The names of the guide's colours as they are shown; another name in a team's own instrument is drawn grey.
_COLOURS = {"red": "#b3261e", "orange": "#d9730d", "yellow": "#d8b400", "green": "#2e7d32"}


def level_mark(level: Level | None) -> str:
    """Return a level as a block of its colour with its score, name and the colour's name."""
    if level is None:
        return '<span class="nothing">no score</span>'
    colour = _COLOURS.get(level.colour.lower(), "#7a7f85")
    return (
        f'<span style="border-inline-start:.9em solid {colour};padding-inline-start:.4em;white-space:nowrap">'
        f"<b>{level.score}</b> {escape(level.name)} ({escape(level.colour)})</span>"
    )


def strip(score: Score) -> str:
    """Return the strip as SVG: a filled dot is a rating, a hollow one a «don't know» that counts as a 1."""
    if not score.answers:
        return ""
    piles = {s: [a for a in score.answers if a.score == s] for s in SCORES}
    tall = max(len(p) for p in piles.values())
    top = tall * (2 * _DOT + 2) + 6
    width, height = 2 * _LEFT + _STEP * (len(SCORES) - 1), top + _BASE + 8
    parts = [f'<line x1="{_LEFT}" x2="{width - _LEFT}" y1="{top}" y2="{top}" stroke="var(--muted,#4f5d6b)"/>']
    for s, pile in piles.items():
        x = _LEFT + (s - SCORES[0]) * _STEP
        parts.append(f'<text x="{x}" y="{top + _BASE}" text-anchor="middle">{s}</text>')
        for n, answer in enumerate(pile):
            y = top - _DOT - 3 - n * (2 * _DOT + 2)
            fill = "none" if answer.unknown else "var(--ours,#1559a8)"
            parts.append(
                f'<circle cx="{x}" cy="{y}" r="{_DOT - 0.75}" fill="{fill}" stroke="var(--ours,#1559a8)" '
                'stroke-width="1.5"/>'
            )
    at = _LEFT + (float(score.average) - SCORES[0]) * _STEP
    parts.append(
        f'<path d="M{at - 5:.1f},{top + 7} L{at + 5:.1f},{top + 7} L{at:.1f},{top}Z" fill="var(--closer,#a84b06)"/>'
    )
    return (
        f'<svg class="strip" role="img" aria-label="{escape(spread_words(score))}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" style="min-width:{width}px" font-size="12" '
        f'fill="var(--ink,#17232f)">{"".join(parts)}</svg>'
    )
