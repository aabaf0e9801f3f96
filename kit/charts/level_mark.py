"""Levels and colours of a rule set as a reader sees them: a row of marks, a number and a word."""

from __future__ import annotations

from html import escape

from kit.language import _

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


def level_mark(level: int, band: str, *, starts: bool = False, top: int = 10) -> str:
    """Return a level with its band, linked to what both mean.

    Parameters
    ----------
    level : int
        1 to ``top``, the best.
    band : str
        In words: ``above average``.
    starts : bool
        True where it begins a sentence.
    """
    words = _("Level {level} of {top}") if starts else _("level {level} of {top}")
    return (
        f'<span class="mark">{_marks(int(level), top)} <a href="#def-levels">'
        f"{escape(words.format(level=int(level), top=top))}</a>, {escape(_(band))}</span>"
    )


def colour_mark(colour: int, name: str, *, top: int = 5) -> str:
    """Return a Dashboard colour: its word, and as many of five marks as it counts; 0 is no colour."""
    return f'<span class="mark">{_marks(int(colour), top)} <b>{escape(_(name))}</b></span>'
