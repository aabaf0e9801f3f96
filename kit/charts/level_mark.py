"""Levels and colours of a rule set as a reader sees them: a row of marks, a number and a word."""

from __future__ import annotations

from html import escape

__all__ = ["colour_mark", "level_mark"]

_STEP, _GAP, _TALL = 5, 1, 9


def _marks(filled: int, of: int) -> str:
    """Return ``of`` small bars, the first ``filled`` of them dark; it prints, as a background would not."""
    long = of * (_STEP + _GAP) - _GAP
    dark = f'<path class="on" d="M0 {_TALL / 2}h{filled * (_STEP + _GAP) - _GAP}"/>' if filled else ""
    return (
        f'<svg class="pips" aria-hidden="true" viewBox="0 0 {long} {_TALL}" width="{long}" height="{_TALL}">'
        f'<path d="M0 {_TALL / 2}h{long}"/>{dark}</svg>'
    )


def level_mark(level: int, band: str, *, word: str = "level", top: int = 10) -> str:
    """Return a level with its band, linked to what both mean.

    Parameters
    ----------
    level : int
        1 to ``top``, the best.
    band : str
        In words: ``above average``.
    word : str
        ``Level`` where it begins a sentence.
    """
    return (
        f'<span class="mark">{_marks(int(level), top)} <a href="#def-levels">{word} {int(level)} of {top}</a>, '
        f"{escape(band)}</span>"
    )


def colour_mark(colour: int, name: str, *, top: int = 5) -> str:
    """Return a Dashboard colour: its word, and as many of five marks as it counts; 0 is no colour."""
    return f'<span class="mark">{_marks(int(colour), top)} <b>{escape(name)}</b></span>'
