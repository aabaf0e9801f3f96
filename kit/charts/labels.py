"""Words inside a chart: row labels in at most two lines, and values where they cover no other mark."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

import altair as alt

from kit.charts.palette import LIGHT
from kit.language import _

__all__ = ["NO_LABEL", "axis_unit", "named_rows", "place_label", "two_lines", "value_words"]

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


def place_label(text: str, value: float, beside: Sequence[float]) -> dict[str, str]:
    """Put a value's words above its mark, or below it where the marks beside it are higher."""
    higher = bool(beside) and sum(beside) / len(beside) > value
    return {"over": "", "under": text} if higher else {"over": text, "under": ""}


def value_words(base: alt.Chart, colour: str) -> tuple[alt.Chart, alt.Chart]:
    """Return the two layers that write what :func:`place_label` gives."""
    look = {"fontWeight": "bold", "color": colour}
    return tuple(
        base.mark_text(dy=dy, **look).encode(text=f"{field}:N", color=alt.value(colour))
        for field, dy in (("over", -13), ("under", 14))
    )


def named_rows(field: str) -> alt.Y:
    """Return the axis of a display with a row a name, in the order given, names of up to two lines."""
    axis = alt.Axis(
        labelLimit=185,
        labelOffset=_TWO_LINES,
        labelExpr="split(datum.label, '\\n')",
        domain=False,
        ticks=False,
        labelColor=LIGHT["ink"],
    )
    return alt.Y(f"{field}:N", sort=None, title=None, axis=axis)
