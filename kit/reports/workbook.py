"""The released numbers beside a report as an Excel workbook (XLSX), safe to open and the same bytes each time.

Every text is written as text, never guessed at: a name that begins with ``=``, ``+``, ``-`` or ``@`` stays a name and
becomes neither formula nor link. Each sheet is one table with a named header row that stays in sight.

XlsxWriter writes a workbook in about a third of the processor time that openpyxl takes (``tests/bench/bench_pdf.py``
prints both), and dates nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from datetime import datetime
from html import unescape
from pathlib import Path

from xlsxwriter import Workbook

from kit.language import _, current, direction
from kit.reports.prepared import Prepared
from kit.reports.workbook_cells import Number, Sheet
from kit.reports.workbook_sheets import workbook_sheets

__all__ = ["WorkbookWriter", "write_workbook"]

_FORMS = {
    "percent": '0.0" %"',
    "points": "0.00",
    "percentile": "0",
    "difference": "+0.0;−0.0;0.0",
    "count": "#,##0",
    "whole": "0",
}
# A workbook has to say when it was made; the first day that its container can hold says nothing.
_NO_DAY = datetime(1980, 1, 1)
_WIDEST, _NARROWEST, _LONGEST_TEXT, _LONGEST_NAME = 60, 8, 32_767, 31
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
# What XML cannot hold (XML 1.0, 2.2).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class WorkbookWriter:
    """Writes the workbook of each report.

    Parameters
    ----------
    prepared : str
        Folder of the prepared numbers; it is read once.

    Attributes
    ----------
    subject : str
        Whom the reports are about (``school``, ``district``, ``network``), which a school and a district with one id
        are told apart by; where it is empty, by the page's title.

    Raises
    ------
    KitError
        If the folder holds no prepared numbers.
    """

    def __init__(self, prepared: str):
        self._prepared = Prepared.read(prepared)
        self.subject = ""

    def write(self, task_id: str, html: Path, out: Path) -> None:
        """Write the workbook of a school, a district or the network, whole or not at all.

        Parameters
        ----------
        task_id : str
            Id of the school or the district, or ``network``.
        html : Path
            The report's page; only its title is read.
        out : Path
            The file to write.

        Raises
        ------
        KitError
            If nobody has the id.
        """
        title = _title(Path(html))
        sheets = workbook_sheets(self._prepared, task_id, title, self.subject)
        write_workbook(sheets, Path(out), title=title or sheets[0].rows[0][1])

    def close(self) -> None:
        """Let go of what it holds: nothing that needs it."""


def _title(html: Path) -> str:
    with contextlib.suppress(OSError), open(html, encoding="utf-8") as file:
        if found := _TITLE.search(file.read(1 << 16)):
            return unescape(found[1]).strip()
    return ""


def write_workbook(sheets: tuple[Sheet, ...], out: Path, *, title: str) -> None:
    """Write sheets as a workbook, whole or not at all."""
    descriptor, beside = tempfile.mkstemp(prefix=".unfinished-", suffix=".xlsx", dir=out.parent)
    os.close(descriptor)
    try:
        _write(sheets, beside, title)
        os.chmod(beside, 0o644)
        os.replace(beside, out)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _write(sheets: tuple[Sheet, ...], path: str, title: str) -> None:
    settings = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = Workbook(path, settings)
    maker = "Improvement Inquiry Kit"
    about = {"title": _clean(title), "author": maker, "company": "", "created": _NO_DAY, "category": _("School data")}
    book.set_properties({**about, "comments": _("Released numbers: small groups are withheld.")})
    book.set_custom_property("Language", current())
    looks = {form: book.add_format({"num_format": code}) for form, code in _FORMS.items()}
    looks["text"] = book.add_format({"text_wrap": True, "valign": "top"})
    looks["plain"] = book.add_format({"valign": "top"})
    looks["strong"] = book.add_format({"bold": True, "valign": "top"})
    looks["title"] = book.add_format({"bold": True, "font_size": 14})
    used: set[str] = set()
    for number, sheet in enumerate(sheets):
        page = book.add_worksheet(_sheet_name(sheet.name, used))
        page.hide_gridlines(2)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        if direction() == "rtl":
            page.right_to_left()
        if sheet.columns:
            _table(page, sheet, looks, f"Table{number}")
        else:
            _words(page, sheet, looks, title)
    book.close()


def _table(page, sheet: Sheet, looks: dict, name: str) -> None:
    """Write a table with its header row; what is long is wrapped."""
    last = len(sheet.columns) - 1
    for at, width in enumerate(_widths(sheet)):
        page.set_column(at, at, width)
    page.freeze_panes(1, 2 if last > 4 else 1)
    page.repeat_rows(0)
    if not sheet.rows:
        for at, column in enumerate(sheet.columns):
            page.write_string(0, at, _clean(column), looks["strong"])
        page.write_string(1, 0, _("There is no number of this kind."), looks["plain"])
        return
    for down, line in enumerate(sheet.rows, 1):
        for at, cell in enumerate(line):
            _cell(page, down, at, cell, looks)
    page.add_table(
        0,
        0,
        len(sheet.rows),
        last,
        {
            "name": name,
            "style": "Table Style Light 1",
            "columns": [{"header": _clean(c)} for c in sheet.columns],
            "title": _clean(sheet.name),
            "description": _clean(sheet.about),
        },
    )


def _cell(page, down: int, at: int, cell: str | Number | None, looks: dict) -> None:
    if isinstance(cell, Number):
        page.write_number(down, at, cell.value, looks[cell.form])
    elif cell:
        text = _clean(cell)
        page.write_string(down, at, text, looks["text" if len(text) > _WIDEST else "plain"])


def _words(page, sheet: Sheet, looks: dict, title: str) -> None:
    """Write a sheet of words: what something is called, and what it says."""
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 100)
    page.write_string(0, 0, _clean(title), looks["title"])
    for down, (name, says) in enumerate(sheet.rows, 2):
        page.write_string(down, 0, _clean(name), looks["strong"])
        page.write_string(down, 1, _clean(says), looks["text"])


def _widths(sheet: Sheet) -> list[int]:
    def long(cell) -> int:
        return 10 if isinstance(cell, Number) else len(cell or "")

    columns = zip(*sheet.rows, strict=True) if sheet.rows else [()] * len(sheet.columns)
    widest = [max(map(long, cells), default=0) for cells in columns]
    # Room for the button with which a reader filters.
    return [
        min(_WIDEST, max(_NARROWEST, wide + 1, len(head) + 4)) for wide, head in zip(widest, sheet.columns, strict=True)
    ]


def _sheet_name(name: str, used: set[str]) -> str:
    """Return a name that Excel takes: short, without its own signs, and once in the workbook."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", _clean(name)).strip("' ")[:_LONGEST_NAME] or "Sheet"
    number, tried = 2, plain
    while tried.casefold() in used:
        ending = f" {number}"
        number, tried = number + 1, plain[: _LONGEST_NAME - len(ending)] + ending
    used.add(tried.casefold())
    return tried


def _clean(text: str) -> str:
    text = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("\ufffd", text)[:_LONGEST_TEXT]
