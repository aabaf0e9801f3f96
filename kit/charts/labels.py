"""Words inside a chart: row labels in at most two lines, and values where they cover no other mark."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

import altair as alt

from kit.charts.palette import LIGHT
from kit.language import _

__all__ = ["NO_LABEL", "axis_unit", "haloed", "named_rows", "place_label", "two_lines", "value_words"]

_WIDTH = 26
_NO_BREAK = "\u00a0"
# Moves a label of two lines up by half a line, so that both stand beside their mark.
_TWO_LINES = {"condition": {"test": "indexof(datum.label, '\\n') > 0", "value": -7}, "value": 0}


def two_lines(text: str) -> str:
    """Break a label once or not at all; a number and its percent sign stay together."""
    lines = textwrap.wrap(text.replace(" %", f"{_NO_BREAK}%"), _WIDTH) or [""]
    return "\n".join(lines if len(lines) < 3 else [lines[0], " ".join(lines[1:])])


def axis_unit(scale: str) -> str:
    """Return what writes an axis's numbers, in Vega's expressions: a percentage with the language's sign and place."""
    if scale != "percent":
        return "datum.label"
    before, after = _("{number} %").split("{number}")
    parts = [json.dumps(before)] * bool(before) + ["datum.label"] + [json.dumps(after)] * bool(after)
    return " + ".join(parts)


NO_LABEL = {"over": "", "under": ""}


# How far from its mark, in pixels, a label's letters begin and end.
_NEAR, _FAR = 7, 20


def place_label(
    text: str, value: float, beside: Sequence[float], span: tuple[float, float], height: float
) -> dict[str, str]:
    """Put a value's words above its mark or below it: where fewer other marks lie, and never outside the chart.

    Parameters
    ----------
    text : str
    value : float
    beside : sequence of float
        The other marks of the same column.
    span : (float, float)
        Both ends of the axis.
    height : float
        Of the axis, in pixels.
    """
    pixels = height / (span[1] - span[0])
    away = [(other - value) * pixels for other in beside]
    over = sum(_NEAR / 2 < d < _FAR + 3 for d in away)
    under = sum(_NEAR / 2 < -d < _FAR + 3 for d in away)
    higher = bool(away) and sum(away) > 0
    below = under < over or (under == over and higher)
    if (value - span[0]) * pixels < _FAR:  # it would stand on the axis's own words
        below = False
    return {"over": "", "under": text} if below else {"over": text, "under": ""}


def value_words(base: alt.Chart, colour: str) -> tuple[alt.Chart, ...]:
    """Return the layers that write what :func:`place_label` gives."""
    bold = {"fontWeight": "bold"}
    return tuple(
        layer
        for field, dy in (("over", -13), ("under", 14))
        for layer in haloed(base, f"{field}:N", colour, dy=dy, **bold)
    )


def haloed(base: alt.Chart, field: str, colour: str, **look) -> tuple[alt.Chart, alt.Chart]:
    """Return a field's words as two layers: first their surround, so that no line runs through them."""
    words = base.encode(text=field, color=alt.value(colour))
    surround = base.mark_text(**look, stroke=LIGHT["paper"], strokeWidth=5, strokeJoin="round").encode(
        text=field, color=alt.value(LIGHT["paper"])
    )
    return surround, words.mark_text(**look)


def named_rows(field: str) -> alt.Y:
    """Return the axis of a display with a row a name, in the order given, names of up to two lines."""
    axis = alt.Axis(
        labelLimit=230,
        labelOffset=_TWO_LINES,
        labelExpr="split(datum.label, '\\n')",
        domain=False,
        ticks=False,
        labelColor=LIGHT["ink"],
    )
    return alt.Y(f"{field}:N", sort=None, title=None, axis=axis)
