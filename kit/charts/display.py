"""A display: a chart with its title, how to read it, what it shows in words, and the same numbers as a table.

On a report's page a display is HTML that a small script draws. In JupyterLab the same chart is drawn by
Lab's own Vega renderer, which understands Vega-Lite 5 and needs no network.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape

from kit.charts.palette import CONFIG
from kit.language import _
from kit.measures.registry import measure

__all__ = ["LIVE_ONLY", "Display", "Html", "Table", "script_json", "unbroken"]

_LAB_MIME = "application/vnd.vegalite.v5+json"
_LAB_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
_LAB_WIDTH = 560
_SCHOOL_YEAR = re.compile(r"\b(\d{4})-(\d{2})\b")
# The page's template leaves out outputs with this mark; JupyterLab shows them.
LIVE_ONLY = {"kit": {"live_only": True}}


def script_json(data: object) -> str:
    """Write data as JSON that stays inert inside a script element, whatever text it holds."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def unbroken(text: str) -> str:
    """Escape text; a number keeps its percent sign on its line, and a school year its two halves."""
    return _SCHOOL_YEAR.sub("\\1\u2011\\2", escape(text).replace(" %", "\u00a0%"))


@dataclass(frozen=True)
class Html:
    """A piece of a page that is already escaped."""

    html: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html, "text/plain": "(a part of the report)"}


@dataclass(frozen=True)
class Table:
    """The numbers of a display, ready to read: every cell is text; the first column names its row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def html(self) -> str:
        """Return the table with a caption and headers with scope; all text is escaped."""
        head = "".join(f'<th scope="col">{escape(c)}</th>' for c in self.columns)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in rest) + "</tr>"
            for first, *rest in self.rows
        )
        return (
            f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(self.caption)}"><table>'
            f"<caption>{escape(self.caption)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table></div>"
        )


@dataclass(frozen=True)
class Display:
    """One chart and everything that a reader needs with it.

    Attributes
    ----------
    spec : dict
        Vega-Lite with its data inside.
    title : str
        What the chart shows, in words.
    how_to_read : str
        Two lines at most.
    alternative_text : str
        The numbers that the chart shows, for a reader who does not see it.
    table : Table
        The same numbers as rows.
    kind : str
        The form: trend, groups, grades, scatter, surveys.
    height : int
        Pixels kept free for the chart until it is drawn.
    note : str
        What is left out, if anything.
    measures : tuple of str
        Ids of the measures that it shows; the page links to their definitions.
    heading : int
        Level of the title's heading.
    """

    spec: dict
    title: str
    how_to_read: str
    alternative_text: str
    table: Table
    kind: str
    height: int = 180
    note: str = ""
    measures: tuple[str, ...] = ()
    heading: int = 4

    def html(self) -> str:
        """Return the figure for the page."""
        h = f"h{self.heading}"
        note = f'<p class="note">{escape(self.note)}</p>' if self.note else ""
        return (
            f'<figure class="display {self.kind}"><figcaption><{h}>{unbroken(self.title)}</{h}>'
            f'<p class="how"><span>{escape(_("How to read this."))}</span> '
            f"{escape(self.how_to_read)}{self._links()}</p>"
            f'</figcaption><div class="chart" role="img" aria-label="{escape(self.alternative_text)}" '
            f'style="min-height:{self.height}px">'
            f'<script type="application/json">{script_json(self.spec)}</script></div>{note}'
            f"<details><summary>{escape(_('The numbers as a table'))}</summary>{self.table.html()}</details></figure>"
        )

    def _links(self) -> str:
        """Link to how each number is counted."""
        if not self.measures:
            return ""
        found = [measure(m) for m in self.measures]
        one = len(found) == 1
        return " " + " ".join(
            f'<a href="#def-{m.id}">{escape(_("How it is counted") if one else m.short)}</a>' for m in found
        )

    def live_spec(self) -> dict:
        """Return the chart as JupyterLab's renderer takes it: Vega-Lite 5, a fixed width, the kit's look."""
        spec = {**self.spec, "$schema": _LAB_SCHEMA, "config": {**CONFIG, "background": "#ffffff"}}
        if spec.get("width") == "container":
            spec["width"] = _LAB_WIDTH
        spec["autosize"] = {"type": "pad"}
        spec["usermeta"] = {"embedOptions": {"actions": False}}
        return spec

    def live_words(self) -> Html:
        """Return the title and how to read it, which JupyterLab shows above the chart."""
        return Html(
            f'<div class="kit"><h4>{unbroken(self.title)}</h4>'
            f'<p class="how"><span>{escape(_("How to read this."))}</span> {escape(self.how_to_read)}</p></div>'
        )

    def live_table(self) -> Html:
        """Return the table twin, which JupyterLab shows under the chart."""
        return Html(
            f'<div class="kit"><details><summary>{escape(_("The numbers as a table"))}</summary>'
            f"{self.table.html()}</details></div>"
        )

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {
            _LAB_MIME: self.live_spec(),
            "text/html": self.html(),
            "text/plain": f"{self.title}. {self.alternative_text}",
        }
