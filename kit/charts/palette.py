"""The colours, shapes and words that every display shares: one accent for the school, greys for the others.

Teal against orange and blue against grey stay apart for the common kinds of colour blindness, and nothing is
said by colour alone: a level has a shape and a word, a line has a dash.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kit.language import N_, _, cached_by_language

__all__ = ["CONFIG", "DARK", "LEVELS", "LIGHT", "Level", "level"]

# Text colours reach 4.5:1 on their ground, marks 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
LIGHT = {
    "ink": "#17232f",
    "muted": "#4f5d6b",
    "rule": "#d3dae1",
    "ours": "#1559a8",
    "ours-soft": "#9dbfe6",
    "district": "#5a6672",
    "network": "#7a8693",
    "others": "#838e9a",
    "strength": "#00716a",
    "closer": "#a84b06",
    "paper": "#fffffe",
}
DARK = {
    "ink": "#e7ecf1",
    "muted": "#aeb9c4",
    "rule": "#33404d",
    "ours": "#74b6f7",
    "ours-soft": "#35618f",
    "district": "#b4bec8",
    "network": "#8e9aa6",
    "others": "#7d8995",
    "strength": "#53c8bb",
    "closer": "#f2a65a",
    "paper": "#141b22",
}

_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'

CONFIG = {
    "background": None,
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelColor": LIGHT["muted"],
        "labelFontSize": 12,
        "titleColor": LIGHT["muted"],
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": LIGHT["rule"],
        "domainColor": LIGHT["rule"],
        "tickColor": LIGHT["rule"],
        "labelPadding": 6,
        "titlePadding": 8,
    },
    "axisX": {"grid": False},
    "legend": {
        "labelColor": LIGHT["ink"],
        "labelFontSize": 12,
        "symbolSize": 70,
        "symbolStrokeWidth": 2,
        "orient": "top",
        "title": None,
        "offset": 6,
    },
    "text": {"fontSize": 12, "color": LIGHT["ink"]},
}


@dataclass(frozen=True)
class Level:
    """A level of concern as a reader sees it: a shape, a word and the name of a colour."""

    id: str
    shape: str
    word: str
    colour: str


LEVELS = {
    "strength": Level("strength", "▲", N_("Strength"), "strength"),
    "typical": Level("typical", "●", N_("Typical"), "muted"),
    "look_closer": Level("look_closer", "◆", N_("Look closer"), "closer"),
    "too_few_to_say": Level("too_few_to_say", "○", N_("Too few to say"), "muted"),
}


@cached_by_language
def level(name: str) -> Level:
    """Return the level by its id, its word in the language of the moment.

    A name with spaces or dashes, or an unknown one, is read kindly.
    """
    found = LEVELS.get(str(name).strip().lower().replace(" ", "_").replace("-", "_"), LEVELS["too_few_to_say"])
    return replace(found, word=_(found.word))
