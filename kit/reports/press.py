"""Prints pages on one Chromium that stays open: a tab that draws charts, and a tab that is laid out for paper."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from functools import cache

from kit import home
from kit.charts.palette import CONFIG
from kit.errors import KitError
from kit.language import _
from kit.reports.chromium import Browser
from kit.reports.packed import unpack

__all__ = ["PAPERS", "Press", "Printed"]

# Width and height in inches.
PAPERS = {"letter": (8.5, 11.0), "a4": (8.2677, 11.6929)}
# The page's style sheet leaves so much on the left and on the right (templates/html/page.css, @page).
_MARGINS = 2 * 12 / 25.4
_DOTS = 96
# A chart's words are as tall as the screen's text; the paper's are smaller.
_CHART_SIZE = 0.88
_CHART = re.compile(r'(<div class="chart"[^>]*)>\s*<script type="application/json">(.*?)</script>\s*</div>', re.DOTALL)
_FORMS = re.compile(r'<script type="application/json" id="forms">(.*?)</script>', re.DOTALL)
_LIBRARY = re.compile(r'<script type="text/plain" id="drawing"[^>]*>(.*?)</script>', re.DOTALL)
# What paper does not show: the style sheet hides tables that unfold, and nothing on paper runs.
_LEFT_OUT = re.compile(
    r'<script\b.*?</script>|<noscript>.*?</noscript>|<details\b.*?</details>|<nav class="contents".*?</nav>', re.DOTALL
)


@dataclass(frozen=True)
class Printed:
    """A page on paper, as Chromium makes it, and the words that it leaves out or writes badly.

    Attributes
    ----------
    pdf : bytes
    title, language : str
    headings : tuple of str
        The text of each heading that is on the paper, in order.
    """

    pdf: bytes
    title: str
    language: str
    headings: tuple[str, ...]


@cache
def _asset(name: str) -> str:
    return (home() / "templates" / "print" / name).read_text(encoding="utf-8")


class Press:
    """A browser with both tabs ready; :meth:`print` pages, and :meth:`close` it.

    Parameters
    ----------
    paper : {"letter", "a4"}
    seconds : float
        How long the browser may take over one answer.

    Raises
    ------
    KitError
        If there is no Chromium, or it does not start.
    """

    def __init__(self, paper: str = "letter", *, seconds: float = 60.0):
        if paper not in PAPERS:
            raise KitError(f"'{paper}' is not a paper", mend=f"Papers: {', '.join(PAPERS)}.")
        self._width, self._height = PAPERS[paper]
        self.browser = Browser(seconds)
        self._drawing: str | None = None
        self._library = ""
        ask = self.browser.ask
        self._paper = self.browser.tab()
        # The page is laid out once, as it will be printed, and runs nothing.
        ask("Emulation.setScriptExecutionDisabled", self._paper, value=True)
        ask("Emulation.setEmulatedMedia", self._paper, media="print")
        # As wide as the paper, so that charts are drawn for it; low, as nobody looks at the tab.
        wide = round((self._width - _MARGINS) * _DOTS)
        screen = {"width": wide, "height": 16, "deviceScaleFactor": 1, "mobile": False}
        ask("Emulation.setDeviceMetricsOverride", self._paper, **screen)
        self._frame = ask("Page.getFrameTree", self._paper)["frameTree"]["frame"]["id"]

    def print(self, html: str) -> Printed:
        """Print a report's page.

        Raises
        ------
        BrowserEnded
            If the browser is gone or takes too long.
        KitError
            If the page cannot be printed.
        """
        charts = [json.loads(found[2]) for found in _CHART.finditer(html)]
        forms = json.loads(found[1]) if (found := _FORMS.search(html)) else []
        still = _LEFT_OUT.sub("", _CHART.sub(r"\1 data-press></div>", html)).replace('class="no-script"', "", 1)
        self.browser.ask("Page.setDocumentContent", self._paper, frameId=self._frame, html=still)
        read = self._call("read")
        if len(read["widths"]) != len(charts):
            raise KitError(f"the page has {len(charts)} charts, and {len(read['widths'])} places for them")
        self._set_head(read)
        if charts:
            self._fill(html, forms, charts, read["widths"])
        printed = self.browser.ask(
            "Page.printToPDF",
            self._paper,
            paperWidth=self._width,
            paperHeight=self._height,
            preferCSSPageSize=True,
            printBackground=True,
            generateTaggedPDF=True,
            generateDocumentOutline=True,
        )
        return Printed(base64.b64decode(printed["data"]), read["title"], read["language"], tuple(read["headings"]))

    def _fill(self, html: str, forms: list, charts: list[dict], widths: list[int]) -> None:
        """Draw the charts at the width that they have on the paper, and put them there."""
        tab = self._drawing_tab(html)
        sized = [{**chart, "width": round(wide / _CHART_SIZE)} for chart, wide in zip(charts, widths, strict=True)]
        given = ",".join(json.dumps(part, ensure_ascii=False) for part in (forms, sized, CONFIG))
        self._call("fill", self.browser.evaluate(tab, f"drawCharts({given})"))

    def _drawing_tab(self, html: str) -> str:
        """Return the tab with the drawing library that the pages bring; it is read once."""
        library = found[1] if (found := _LIBRARY.search(html)) else ""
        if self._drawing is None or library != self._library:
            if not library:
                raise KitError("the page brings no library to draw its charts")
            self._drawing, self._library = self.browser.tab(), library
            source = unpack(library)
            self.browser.evaluate(self._drawing, f"(()=>{{{source}}})(),0")
            self.browser.evaluate(self._drawing, f"{_asset('draw.js')};0")
        return self._drawing

    def _call(self, name: str, *given):
        arguments = ",".join(json.dumps(value, ensure_ascii=False) for value in given)
        return self.browser.evaluate(self._paper, f"{_asset('page.js')}.{name}({arguments})")

    def _set_head(self, read: dict) -> None:
        """Put name and year at the head of each page but the first, which says both large, and its number below."""
        start, end = ("right", "left") if read["direction"] == "rtl" else ("left", "right")
        numbers = re.split(r"\{(page|pages)\}", _("{page} of {pages}"))
        number = " ".join(_text(part) if i % 2 == 0 else f"counter({part})" for i, part in enumerate(numbers) if part)
        rules = (
            f"@page{{@top-{start}{{content:{_text(read['name'])}}}@top-{end}{{content:{_text(read['about'])}}}"
            f"@bottom-{end}{{content:{number}}}}}"
            "@page:first{@top-left{content:none}@top-right{content:none}}"
        )
        add = "{const s=document.createElement('style');s.textContent=%s;document.head.append(s)}"
        self.browser.evaluate(self._paper, add % json.dumps(rules))

    def close(self) -> None:
        """End the browser."""
        self.browser.close()


def _text(words: str) -> str:
    """Write words as a string of a style sheet, whatever they hold."""
    return '"' + re.sub(r'["\\<&\x00-\x1f\x7f]', lambda m: f"\\{ord(m[0]):x} ", words) + '"'
