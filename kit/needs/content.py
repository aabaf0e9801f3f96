"""What is in the file of an answer: a workbook's sheets or a table's rows, or in words why there are none."""

from __future__ import annotations

import csv
import zipfile
from io import BytesIO, StringIO

from openpyxl import Workbook, load_workbook

from kit.errors import KitError

__all__ = ["LARGEST_FILE", "MOST_ROWS", "open_workbook", "table_rows"]

# A filled-in form has some 20 kB; far larger files are something else. Settings without a source.
LARGEST_FILE, LARGEST_UNPACKED = 5_000_000, 50_000_000
MOST_ROWS = 2000


def open_workbook(content: bytes) -> Workbook:
    """Open a filled-in form.

    Raises
    ------
    KitError
        If it is far too large, damaged, or has no sheet.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as packed:
            if sum(i.file_size for i in packed.infolist()) > LARGEST_UNPACKED:
                raise KitError("It is far too large for a form", mend="Look whether it is the right file")
        book = load_workbook(BytesIO(content))
    except KitError:
        raise
    except Exception:
        # Whatever is wrong inside a damaged file, its owner has to save it again.
        raise KitError("It is not a spreadsheet that can be read", mend="Save it as .xlsx without a password") from None
    if not book.worksheets:
        raise KitError("It has no sheet", mend="Ask for the form again")
    return book


def table_rows(content: bytes) -> list:
    """Return the heading of an online form's export, then (row number, cells) of each row that is not empty.

    Raises
    ------
    KitError
        If it is no text, no table, empty, or has too many rows.
    """
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise KitError("It is not UTF-8 text", mend="Save it as «CSV UTF-8»") from None
    first = text.splitlines()[0] if text.strip() else ""
    mark = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True))
    except csv.Error as error:
        raise KitError(f"It is not a table ({error})", mend="Export it again as CSV") from None
    filled = [(n, row) for n, row in enumerate(rows, start=1) if any(c.strip() for c in row)]
    if len(filled) < 2:
        raise KitError("It holds no answer", mend="Export the form's answers again")
    if len(filled) > MOST_ROWS:
        raise KitError(f"It has more than {MOST_ROWS} rows", mend="Look whether it is the right file")
    return [filled[0][1], *filled[1:]]
