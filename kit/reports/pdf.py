"""A report as PDF: the same page on paper, tagged, with an outline, a head and a number on each page.

Why Chromium, and how it became quick
-------------------------------------
The engines were measured side by side on the school report, warm, one worker (``tests/bench/bench_pdf.py`` prints
today's figures; processor seconds a file):

===========================  =====  ==========================================================================
the kit's press on Chromium   0.65  the page as browsers show it; tidy tags, every picture with its words
Chromium on the same page     2.1   the same layout; four times the tags, half of the figures without words
WeasyPrint                    7.5   cannot draw the charts (0.2 more, elsewhere); its layout differs in the grids
Typst                         0.1   the quickest by far, without the charts (0.2 more), but it knows no HTML: every
                                    template would have to be written twice and kept alike
===========================  =====  ==========================================================================

What Chromium takes on the page as it is goes into unpacking the drawing library and drawing each chart anew. The
press keeps one Chromium a worker with two tabs: one draws the charts, with every form translated once for all
reports; the other is laid out for paper, runs no script and prints pictures. Tags and outline are then tidied
(:mod:`kit.reports.pdf_tags`), and the same page gives the same bytes.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from kit.errors import KitError
from kit.reports.chromium import BrowserEnded
from kit.reports.pdf_finish import finish
from kit.reports.press import Press

__all__ = ["PdfWriter"]

# A tab grows with every page that it has held; a fresh browser costs a second.
_FILES_A_BROWSER = 200
_TRIES = 2


class PdfWriter:
    """Writes PDF files from finished pages, on one browser that it starts at the first and ends when closed.

    Parameters
    ----------
    prepared : str
        Folder of the prepared numbers; the page holds all that is printed, so nothing is read from it.
    paper : {"letter", "a4"}
        A page whose style sheet names a size or turns the paper is printed so.
    seconds : float
        How long the browser may take over one step.
    """

    def __init__(self, prepared: str = "", *, paper: str = "letter", seconds: float = 60.0):
        self._paper, self._seconds = paper, seconds
        self._press: Press | None = None
        self._printed = 0

    def write(self, task_id: str, html: Path, out: Path) -> None:
        """Write a page as PDF, whole or not at all.

        Where the browser dies, it is started again once.

        Parameters
        ----------
        task_id : str
            Of the school, the district or the network; named in errors.
        html : Path
            The report's page.
        out : Path
            The file to write.

        Raises
        ------
        KitError
            If there is no Chromium, or the page cannot be printed.
        """
        page = Path(html).read_text(encoding="utf-8")
        for left in reversed(range(_TRIES)):
            try:
                printed = self._ready().print(page)
                break
            except BrowserEnded as error:
                self.close()
                if not left:
                    raise KitError(
                        f"the browser ended twice while it printed the page of '{task_id}' ({error})",
                        where=str(html),
                        mend="Run it again; more memory may help.",
                    ) from None
            except BaseException:
                self.close()  # half an answer may still be on its way
                raise
        self._printed += 1
        content = finish(printed)
        out = Path(out)
        descriptor, beside = tempfile.mkstemp(prefix=".unfinished-", dir=out.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.chmod(beside, 0o644)
            os.replace(beside, out)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    def _ready(self) -> Press:
        if self._printed >= _FILES_A_BROWSER:
            self.close()
        if self._press is None:
            self._press, self._printed = Press(self._paper, seconds=self._seconds), 0
        return self._press

    def close(self) -> None:
        """End the browser; it may be used again."""
        press, self._press = self._press, None
        if press is not None:
            press.close()
