"""A share as a picture: a hundred dots, those that are meant filled; for readers who do not read charts."""

from __future__ import annotations

from html import escape

from kit.language import _, number

__all__ = ["hundred", "of_hundred"]

_ROWS, _COLUMNS = 5, 20
_STEP, _DOT = 9, 6.5


def of_hundred(value: float) -> int:
    """Return how many of a hundred dots a percentage fills: never none and never all, unless it is.

    Examples
    --------
    >>> [of_hundred(v) for v in (0, 0.2, 12.5, 99.8, 100)]
    [0, 1, 13, 99, 100]
    """
    if value <= 0 or value >= 100:
        return 0 if value <= 0 else 100
    return min(99, max(1, int(value + 0.5)))


def hundred(value: float, what: str) -> str:
    """Return the picture as SVG, with its text alternative; all text is escaped.

    Parameters
    ----------
    value : float
        A percentage.
    what : str
        What the dots stand for, such as ``students``.
    """
    filled = of_hundred(value)
    words = _("A picture of 100 dots for 100 {what}: {n} are filled.").format(what=what, n=number(filled))
    wide, tall = _COLUMNS * _STEP, _ROWS * _STEP
    rings, holes, dots = [], [], []
    for row in range(_ROWS):
        here = min(max(filled - row * _COLUMNS, 0), _COLUMNS)
        y = (row + 0.5) * _STEP
        if here:
            dots.append(_line(0, here, y))
        if here < _COLUMNS:
            rings.append(_line(here, _COLUMNS, y))
            holes.append(_line(here, _COLUMNS, y))
    paths = "".join(
        f'<path class="{name}" d="{"".join(lines)}"/>'
        for name, lines in (("ring", rings), ("hole", holes), ("dot", dots))
        if lines
    )
    return f'<svg class="hundred" role="img" aria-label="{escape(words)}" viewBox="0 0 {wide} {tall}">{paths}</svg>'


def _line(first: int, last: int, y: float) -> str:
    """Return a line from the middle of one dot to that of the last; its round dashes are the dots."""
    start, length = (first + 0.5) * _STEP, (last - first - 1) * _STEP
    return f"M{start:g} {y:g}h{length + 0.01:g}"
