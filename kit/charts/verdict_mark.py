"""The marks of the variation and assurance verdicts: shapes of our own, each with its name beside it."""

from __future__ import annotations

from html import escape

from kit.variation import Verdict

__all__ = ["verdict_mark"]

_SIZE = 26
# Paths in a square of 24; «up» shapes are turned over for «down». F is filled, S is a line.
_SHAPES = {
    "improvement": ("F", "M12 3l9 17H3z"),
    "concern": ("F", "M12 10l7 6-7 6-7-6zM10.8 10V5H8l4-4 4 4h-2.8v5z"),
    "change": ("S", "M6 12h12v10H6zM12 12V3M8.5 6.5L12 3l3.5 3.5"),
    "common_cause": ("S", "M2 4h20M2 20h20M2 12c2.5-6 4.5-6 6.7 0s4.2 6 6.6 0 4.2-6 6.7 0"),
    "not_enough_points": ("S", "M4 12h.01M9 12h.01M14 12h.01M18 12a2 2 0 1 0 4 0 2 2 0 1 0-4 0"),
    "passes": ("S", "M3 4h18v9H3zM8.5 8.5l2.5 2.5 4.5-5M2 19h3m3 0h3m3 0h3m3 0h2"),
    "fails": ("S", "M3 11h18v9H3zM9.5 13l5 5m0-5l-5 5M2 5h3m3 0h3m3 0h3m3 0h2"),
    "inconsistent": ("S", "M3 6h18v12H3zM1 12h4m3 0h3m3 0h3m3 0h4"),
    "no_target": ("S", "M6 12h12"),
}
_COLOURS = {"improvement": "strength", "passes": "strength", "concern": "closer", "fails": "closer"}


def verdict_mark(verdict: Verdict) -> str:
    """Return a verdict's shape with its name as HTML; the shape is described in its title."""
    kind, path = _SHAPES[verdict.id]
    turn = ' transform="rotate(180 12 12)"' if verdict.direction == "down" else ""
    look = (
        'fill="currentColor"'
        if kind == "F"
        else 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    )
    colour = _COLOURS.get(verdict.id, "ink")
    return (
        f'<span class="verdict" style="white-space:nowrap"><svg role="img" viewBox="0 0 24 24" width="{_SIZE}" '
        f'height="{_SIZE}" style="color:var(--{colour});vertical-align:middle"><title>{escape(verdict.shape)}</title>'
        f'<path d="{path}"{turn} {look}/></svg> <b>{escape(verdict.name)}</b></span>'
    )
