"""The form that each person fills in alone: a spreadsheet with drop-downs, locked but for the answers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kit.errors import KitError
from kit.needs.answers import DONT_KNOW
from kit.needs.cells import put
from kit.needs.instrument import SCORES, TO_FILL, Instrument

__all__ = ["COLUMNS", "SHEET", "form_bytes", "write_form", "write_forms"]

SHEET = "My ratings"
COLUMNS = ("Code", "What is rated", "Described under 1", "Described under 4", "My score", "Evidence")
NAME, ROLE = "Your name", "Your part in the work"
_WIDTHS = (8, 46, 34, 34, 13, 60)
_HEAD = PatternFill("solid", fgColor="DCE8F2")
_ANSWER = PatternFill("solid", fgColor="FFF8DC")
_LINE = Border(*(Side("thin", color="B0B8C0"),) * 4)
_TEXT = Alignment(wrap_text=True, vertical="top")
LONGEST_EVIDENCE = 4000  # characters; a page of text is about half of it


def form_bytes(instrument: Instrument, rater: str = "", *, anonymous: bool = False) -> bytes:
    """Return the form as an XLSX file.

    Parameters
    ----------
    instrument : Instrument
    rater : str
        Whose it is; empty: the person writes the name.
    anonymous : bool
        Says on the form that names are not kept.
    """
    book = Workbook()
    _how_to(book.active, instrument, anonymous)
    _ratings(book.create_sheet(SHEET), instrument, rater, anonymous)
    book.active = 1
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == SHEET
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _how_to(sheet: Worksheet, instrument: Instrument, anonymous: bool) -> None:
    sheet.title = "How to rate"
    levels = [f"{s} {instrument.levels[s].name}: {instrument.levels[s].text}" for s in SCORES]
    who = (
        "Names are not kept: ratings are stored under a number. Do not write in the evidence who you are."
        if anonymous
        else "Your name stays with your ratings, so that you can be asked what you saw."
    )
    lines = [
        instrument.title,
        f"Rate alone, on the sheet «{SHEET}». Only the yellow cells can be filled in.",
        "Rate what is, not what is planned, and write what you saw: a report, a meeting, a number.",
        *levels,
        f"Choose «{DONT_KNOW}» where you do not know: it counts as a 1 with that comment. A cell left blank counts "
        "as nothing; on paper, blank means that you do not know.",
        who,
        "Never write a pupil's name or number.",
        *instrument.gaps(),
        f"Source: {instrument.source}",
    ]
    for row, text in enumerate(lines, start=1):
        put(sheet.cell(row, 1), text).alignment = _TEXT
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 110
    sheet.protection.sheet = True


def _ratings(sheet: Worksheet, instrument: Instrument, rater: str, anonymous: bool) -> None:
    put(sheet["A1"], instrument.title).font = Font(bold=True, size=14)
    for row, (label, value) in enumerate(((NAME, rater), (ROLE, "")), start=2):
        put(sheet.cell(row, 1), label).font = Font(bold=True)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=2)
        _open(put(sheet.cell(row, 3), value or None))
    if anonymous:
        put(sheet["D2"], "Used to see who has answered; it is not kept.").alignment = _TEXT
    top = 5
    for column, (label, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True), start=1):
        cell = put(sheet.cell(top, column), label)
        cell.font, cell.fill, cell.alignment, cell.border = Font(bold=True), _HEAD, _TEXT, _LINE
        sheet.column_dimensions[cell.column_letter].width = width
    row = top
    for element in instrument.elements:
        items = [i for i in instrument.items if i.element == element.code]
        if items != [element]:
            row += 1
            sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(COLUMNS))
            put(sheet.cell(row, 1), f"{element.code}  {element.text}").font = Font(bold=True)
        for item in items:
            row += 1
            words = (item.code, item.text, item.one or TO_FILL, item.four or TO_FILL)
            for column, text in enumerate(words, start=1):
                cell = put(sheet.cell(row, column), text)
                cell.alignment, cell.border = _TEXT, _LINE
            for column in (5, 6):
                _open(sheet.cell(row, column))
    _choices(sheet, f"E{top + 1}:E{row}", f"F{top + 1}:F{row}")
    sheet.freeze_panes = f"C{top + 1}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _open(cell) -> None:
    cell.protection = Protection(locked=False)
    cell.fill, cell.alignment, cell.border = _ANSWER, _TEXT, _LINE


def _choices(sheet: Worksheet, scores: str, evidence: str) -> None:
    listed = ",".join([*map(str, SCORES), DONT_KNOW])
    choose = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
    choose.errorTitle, choose.error = "No score", f"Choose 1, 2, 3, 4 or {DONT_KNOW}."
    choose.promptTitle, choose.prompt, choose.showInputMessage = "My score", "1, 2, 3, 4 or don't know", True
    choose.add(scores)
    short = DataValidation(type="textLength", operator="lessThanOrEqual", formula1=str(LONGEST_EVIDENCE))
    short.errorTitle, short.error = "Too long", f"Write at most {LONGEST_EVIDENCE} characters."
    short.showErrorMessage = True
    short.add(evidence)
    sheet.add_data_validation(choose)
    sheet.add_data_validation(short)


def write_form(path: str | Path, instrument: Instrument, rater: str = "", *, anonymous: bool = False) -> Path:
    """Write one form, whole or not at all.

    Raises
    ------
    KitError
        If there is a file already (it may be somebody's answers), or it cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise KitError("The form is an .xlsx file", where=path.name, mend="Give it that ending.")
    if path.exists():
        raise KitError(
            "There is such a file already", where=str(path), mend="It may hold answers: choose another name."
        )
    beside = path.with_name(path.name + ".unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(form_bytes(instrument, rater, anonymous=anonymous))
        os.replace(beside, path)
    except OSError as error:
        raise KitError(f"The form cannot be written ({error.strerror})", where=str(path)) from None
    return path


def write_forms(
    folder: str | Path, instrument: Instrument, raters: Iterable[str], *, anonymous: bool = False
) -> tuple[list[Path], list[str]]:
    """Write a form for each person; return the files, and the names of those whose form is there already."""
    made, there = [], []
    taken: set[str] = set()
    for n, rater in enumerate(raters, start=1):
        stem = re.sub(r"[^\w]+", "-", rater.lower()).strip("-")[:60] or f"rater-{n}"
        stem = stem if stem not in taken else f"{stem}-{n}"
        taken.add(stem)
        path = Path(folder) / f"{stem}.xlsx"
        if path.exists():
            there.append(rater)
        else:
            made.append(write_form(path, instrument, rater, anonymous=anonymous))
    return made, there
