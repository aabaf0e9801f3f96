"""A sheet to draw a board on: boxes of wrapped text, lines and marks as SVG, readable on a wall and on paper.

A board's words are a team's own, so every text is escaped; what the board shows stands as well in words (its text
alternative) and as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

from kit.charts.display import Html, Table

__all__ = ["Board", "Sheet", "wrap"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif"
# Mean widths of characters in ems; wrapping errs on the wide side, so text does not leave its box.
_NARROW, _WIDE, _USUAL, _FULL = 0.34, 0.86, 0.57, 1.05
_NARROW_LETTERS = frozenset("iljtfr.,:;'|!()[] ")
_WIDE_LETTERS = frozenset("mwMW@%—")
LINE = 1.3


_BOLD = 1.13


def _width(text: str, size: float) -> float:
    ems = 0.0
    for letter in text:
        if letter in _NARROW_LETTERS:
            ems += _NARROW
        elif letter in _WIDE_LETTERS:
            ems += _WIDE
        elif east_asian_width(letter) in "WF" or ord(letter) > 0x1F000:
            ems += _FULL
        else:
            ems += 0.68 if letter.isupper() else _USUAL
    return ems * size


def _pieces(word: str, room: float, size: float) -> list[str]:
    """Split a word that is wider than the line."""
    out, piece = [], ""
    for letter in word:
        if piece and _width(piece + letter, size) > room:
            out.append(piece)
            piece = ""
        piece += letter
    return [*out, piece]


def wrap(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """Break text into lines no wider than ``room`` pixels at a size in pixels; line breaks in it stay."""
    room = room / _BOLD if bold else room
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            for piece in _pieces(word, room, size):
                if line and _width(f"{line} {piece}", size) > room:
                    lines.append(line)
                    line = piece
                else:
                    line = f"{line} {piece}".strip()
        if line:
            lines.append(line)
    return lines


class Sheet:
    """Collects shapes; coordinates are pixels from the upper left corner."""

    def __init__(self, width: float):
        self.width, self.height = width, 0.0
        self._parts: list[str] = []

    def reach(self, y: float) -> None:
        """Make the sheet at least so high."""
        self.height = max(self.height, y)

    def text(
        self, x: float, y: float, lines: list[str], *, size: float = 14, look: str = "ink", anchor: str = "start",
        bold: bool = False, italic: bool = False,
    ) -> float:  # fmt: skip
        """Write lines from a top edge down; return the bottom edge."""
        for line in lines:
            y += size * LINE
            style = (' font-weight="700"' if bold else "") + (' font-style="italic"' if italic else "")
            self._parts.append(
                f'<text class="{look}" x="{x:.1f}" y="{y - size * 0.3:.1f}" font-size="{size:g}" '
                f'text-anchor="{anchor}"{style}>{escape(line)}</text>'
            )
        self.reach(y)
        return y

    def box(
        self, x: float, y: float, w: float, h: float, *, look: str = "box", dashed: bool = False, round: float = 6
    ) -> None:
        """Draw a rectangle."""
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self._parts.append(
            f'<rect class="{look}" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{round:g}"{dash}/>'
        )
        self.reach(y + h)

    def path(self, points: list[tuple[float, float]], *, look: str = "line", closed: bool = False, arrow: bool = False,
             dashed: bool = False) -> None:  # fmt: skip
        """Draw a line through points; closed, a shape."""
        way = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points) + ("Z" if closed else "")
        end = ' marker-end="url(#arrow)"' if arrow else ""
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        self._parts.append(f'<path class="{look}" d="{way}"{end}{dash}/>')
        self.reach(max(y for _, y in points))

    def curve(self, x1: float, y1: float, x2: float, y2: float, *, look: str = "line") -> None:
        """Draw a smooth line from left to right."""
        half = (x1 + x2) / 2
        way = f"M{x1:.1f},{y1:.1f} C{half:.1f},{y1:.1f} {half:.1f},{y2:.1f} {x2:.1f},{y2:.1f}"
        self._parts.append(f'<path class="{look}" d="{way}"/>')

    def dots(self, x: float, y: float, number: int, *, most: int = 12) -> None:
        """Draw votes as dots, with the number in words beside them."""
        for i in range(min(number, most)):
            self._parts.append(f'<circle class="dot" cx="{x + 5 + i * 12:.1f}" cy="{y:.1f}" r="4.5"/>')
        after = x + min(number, most) * 12 + 6
        self._parts.append(f'<text class="muted" x="{after:.1f}" y="{y + 4:.1f}" font-size="12">{number}</text>')

    def svg(self, label: str) -> str:
        """Return the drawing; ``label`` is what it is called for those who do not see it."""
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" class="board" '
            f'style="max-width:{self.width:.0f}px;--least:{0.62 * self.width:.0f}px" '
            f'viewBox="0 0 {self.width:.0f} {self.height + 8:.0f}" '
            f'role="img" aria-label="{escape(label)}" font-family="{FONT}">'
            '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            'orient="auto-start-reverse"><path class="tip" d="M0,0 L10,5 L0,10Z"/></marker></defs>'
            f"{''.join(self._parts)}</svg>"
        )


_STYLE = (
    "<style>.board{display:block;width:100%;height:auto}.board-roll{overflow-x:auto}"
    "@media screen{.board{min-width:var(--least)}}"
    ".board .ink{fill:var(--ink,#17232f)}.board .muted{fill:var(--muted,#4f5d6b)}"
    ".board .ours{fill:var(--ours,#1559a8)}.board .closer{fill:var(--closer,#a84b06)}"
    ".board .on{fill:var(--paper,#fffffe)}"
    ".board .box{fill:var(--paper,#fffffe);stroke:var(--muted,#4f5d6b);stroke-width:1.25}"
    ".board .head{fill:var(--ours,#1559a8);stroke:none}"
    ".board .soft{fill:color-mix(in srgb,var(--ours,#1559a8) 10%,var(--paper,#fffffe));stroke:var(--ours,#1559a8);"
    "stroke-width:1.25}"
    ".board .warn{fill:color-mix(in srgb,var(--closer,#a84b06) 9%,var(--paper,#fffffe));stroke:var(--closer,#a84b06);"
    "stroke-width:1.5}"
    ".board .line{fill:none;stroke:var(--muted,#4f5d6b);stroke-width:1.5}"
    ".board .strong{fill:none;stroke:var(--ours,#1559a8);stroke-width:3}"
    ".board .tip{fill:var(--muted,#4f5d6b)}.board .dot{fill:var(--ours,#1559a8)}</style>"
)


@dataclass(frozen=True)
class Board:
    """A drawn board with everything a reader needs with it.

    Attributes
    ----------
    title : str
    says : str
        What it shows, in a sentence or two.
    drawing : str
        SVG.
    table : Table
        The same words, row by row.
    """

    title: str
    says: str
    drawing: str
    table: Table

    def html(self) -> str:
        """Return the board as a figure for a page or a notebook's cell."""
        return (
            f'{_STYLE}<figure class="board-figure"><h4>{escape(self.title)}</h4><p class="how">{escape(self.says)}</p>'
            f'<div class="board-roll" tabindex="0" role="region" aria-label="{escape(self.title)}">{self.drawing}</div>'
            f"<details><summary>The same in a table</summary>{self.table.html()}</details></figure>"
        )

    def part(self) -> Html:
        """Return the board as a part of a section."""
        return Html(self.html())
