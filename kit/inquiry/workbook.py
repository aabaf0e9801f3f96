"""A project as a spreadsheet: a sheet a kind, a row an entry, to be read, edited, added to and imported again."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from kit.errors import Fault, KitError
from kit.inquiry.contents import ABOUT
from kit.inquiry.kinds import Field, Kind, kinds
from kit.inquiry.portable import Filed, ProjectFile

__all__ = ["from_xlsx", "to_xlsx"]

READ_ME = "read me"
# The columns that the kit fills: what it needs to know which entry a row is and whether someone changed it meanwhile.
HEAD = ("id",)
TAIL = ("version", "created_by", "created_at", "author", "at", "deleted")
TAIL_WORDS = {"created_by": "written by", "created_at": "written at", "author": "changed by", "at": "changed at"}
WORDS = (
    "One sheet a kind of entry, one row an entry. Change a text, or add a row and leave its id empty.",
    "Leave the grey columns as they are: they tell who wrote what, and whether someone changed it meanwhile.",
    "Several lines in a cell are a list where the heading's note says so. Dates are year-month-day.",
    "Write yes in «deleted» to delete an entry; its texts are kept. A row that is missing is not deleted.",
    "Never write a pupil's name or number.",
    "Then: kit project import FILE. Every fault is listed at once, and nothing is imported until all are mended.",
)
SPARE_ROWS = 200  # below the entries, with their drop-downs
WIDTHS = {"text": 48, "lines": 40, "line": 26, "many": 26, "one": 20, "choice": 14, "yesno": 9, "date": 12}
GREY = PatternFill("solid", fgColor="E7E7E7")
HEADING = PatternFill("solid", fgColor="DCE8F2")
# Excel reads _x0041_ in a text as the letter A; its own way to write the underscore that begins such is _x005F_.
WRITTEN = re.compile(r"_x005F_|_x000D_\n?")  # the second is a line end that was pasted into Excel
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def to_xlsx(file: ProjectFile) -> bytes:
    """Return a project as an XLSX file; earlier texts are not in it."""
    book = Workbook()
    _read_me(book.active, file)
    for kind in kinds().values():
        entries = [f for f in file.entries if f.kind == kind.id]
        if entries:
            _sheet(book.create_sheet(kind.many), kind, entries, file.project_id)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _read_me(sheet: Worksheet, file: ProjectFile) -> None:
    sheet.title = READ_ME
    title = next((f.fields.get("title") for f in file.entries if f.id == ABOUT), file.project_id)
    private = ("Private texts were left out; it can be imported as a new project only.",) if file.shared else ()
    for number, words in enumerate((title, *WORDS, *private), start=1):
        _put(sheet.cell(number, 1), words)
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.column_dimensions["A"].width = 110
    if file.shared:
        sheet["B1"] = "shared"


def _sheet(sheet: Worksheet, kind: Kind, entries: list[Filed], project_id: str) -> None:
    columns = [*HEAD, *kind.fields, *TAIL]
    for number, name in enumerate(columns, start=1):
        cell = sheet.cell(1, number)
        field = kind.fields.get(name)
        _put(cell, field.label if field else TAIL_WORDS.get(name, name))
        cell.font = Font(bold=True)
        cell.fill = HEADING if field else GREY
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = WIDTHS.get(field.type, 12) if field else 18
        if field:
            cell.comment = Comment(_note(field), "kit", height=120, width=260)
            _drop_down(sheet, field, letter, len(entries))
    for row, f in enumerate(entries, start=2):
        head = {"id": project_id if f.id == ABOUT else f.id, "deleted": "yes" if f.deleted else None}
        for number, name in enumerate(columns, start=1):
            field = kind.fields.get(name)
            value = f.fields.get(name) if field else head.get(name, getattr(f, name))
            cell = sheet.cell(row, number)
            _put(cell, _as_cell(field, value))
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if not field:
                cell.fill = GREY
    sheet.freeze_panes = "B2"


def _note(field: Field) -> str:
    parts = [field.help, "Needed." if field.required else ""]
    if field.type in ("lines", "many"):
        parts.append("One a line." if field.type == "lines" else "Ids of other entries, one a line.")
    if field.type == "one":
        parts.append("The id of another entry.")
    if field.choices:
        parts.append("One of: " + ", ".join(field.choices) + ".")
    if field.kept:
        parts.append("The kit fills this in.")
    return " ".join(p for p in parts if p) or field.label


def _drop_down(sheet: Worksheet, field: Field, letter: str, rows: int) -> None:
    choices = field.choices or (("yes", "no") if field.type == "yesno" else ())
    if choices:
        validation = DataValidation(type="list", formula1='"' + ",".join(choices) + '"', allow_blank=True)
        validation.add(f"{letter}2:{letter}{1 + rows + SPARE_ROWS}")
        sheet.add_data_validation(validation)


def _as_cell(field: Field | None, value: Any) -> Any:
    if value is None or field is None:
        return value
    if field.type in ("lines", "many"):
        return "\n".join(value)
    if field.type == "date":
        return date.fromisoformat(value)
    if field.type == "yesno":
        return "yes" if value else "no"
    return value


def _put(cell: Cell, value: Any) -> None:
    if not isinstance(value, str):
        cell.value = value
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return
    # Set as text whatever it looks like: a text is never a formula, here or when the cell is edited.
    cell._value = ESCAPED.sub("_x005F_", value)
    cell.data_type = "s"
    if value.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True


def from_xlsx(content: bytes, name: str = "the file") -> ProjectFile:
    """Read a project from an XLSX file; sheets, headings and cells that cannot be read are in its ``faults``.

    Raises
    ------
    KitError
        If it is no XLSX file.
    """
    try:
        values, formulas = (load_workbook(io.BytesIO(content), data_only=d) for d in (True, False))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise KitError(
            f"It is not an XLSX file ({error})", where=name, mend="Save it as .xlsx and try again."
        ) from None
    file = ProjectFile("", name=name)
    by_name = {k.many.lower(): k for k in kinds().values()} | {k.id: k for k in kinds().values()}
    for sheet in values.worksheets:
        title = sheet.title.strip().lower()
        if title == READ_ME:
            file.shared = sheet["B1"].value == "shared"
            continue
        if title not in by_name:
            mend = "Delete it or move it to another file; a sheet is named for what it holds, such as «causes»"
            file.faults.append(
                Fault("error", f"{name}, sheet '{sheet.title}'", "The kit does not know this sheet", mend)
            )
            continue
        rows = _Rows(sheet, formulas[sheet.title], by_name[title], name)
        file.entries += list(rows)
        file.faults += rows.faults
    for about in (f for f in file.entries if f.kind == ABOUT):
        file.project_id, about.id = about.id, ABOUT
    return file


class _Rows:
    """The rows of a sheet as entries; what cannot be read is in ``faults``."""

    def __init__(self, sheet: Worksheet, formulas: Worksheet, kind: Kind, name: str):
        self.sheet, self.formulas, self.kind = sheet, formulas, kind
        self.where = f"{name}, sheet '{sheet.title}'"
        self.faults: list[Fault] = []

    def _columns(self) -> dict[int, str]:
        labels = {f.label.lower(): f.name for f in self.kind.fields.values()}
        labels |= {TAIL_WORDS.get(n, n): n for n in (*HEAD, *TAIL)}
        columns: dict[int, str] = {}
        for cell in self.sheet[1]:
            written = str(cell.value or "").strip()
            if not written:
                continue
            name = labels.get(written.lower(), written if written in self.kind.fields else None)
            if name is None:
                what, mend = "There is no such column", "Use the headings as they were exported, or delete the column"
                self.faults.append(Fault("error", self.where, what, mend, row=1, column=written))
            elif name in columns.values():
                self.faults.append(
                    Fault("error", self.where, "The column is there twice", "Keep one", row=1, column=written)
                )
            else:
                columns[cell.column - 1] = name
        return columns

    def __iter__(self) -> Iterator[Filed]:
        columns = self._columns()
        for number, cells in enumerate(self.sheet.iter_rows(min_row=2), start=2):
            row = {}
            for i, name in columns.items():
                if i < len(cells) and (value := self._value(cells[i], name)) is not None:
                    row[name] = value
            if row:
                yield self._filed(row, number)

    def _value(self, cell: Cell, name: str) -> Any:
        written = self.formulas.cell(cell.row, cell.column)
        value = cell.value
        fault = None
        if cell.data_type == "e" or written.data_type == "e":
            fault = f"The cell holds an error ({value})", "Correct it or empty it"
        elif written.data_type == "f" and value is None:
            fault = "The cell holds a formula without its result", "Copy it and paste it as a value"
        elif isinstance(value, int | float) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
            fault = "The cell is formatted as a percentage", "Write 12.5, not 12.5%, and format the cell as a number"
        if fault:
            self.faults.append(Fault("error", self.where, *fault, row=cell.row, column=name))
            return None
        return WRITTEN.sub(lambda m: "_" if m[0] == "_x005F_" else "\n", value) if isinstance(value, str) else value

    def _filed(self, row: dict[str, Any], number: int) -> Filed:
        fields = {n: v for n, v in row.items() if n in self.kind.fields}
        version, deleted = row.get("version"), str(row.get("deleted") or "no").strip().lower()
        problems = []
        if version is not None and not (isinstance(version, int) and 0 < version < 2**31):
            problems.append(("version", "It is not a version", "Leave it as it was exported"))
        if deleted not in ("yes", "no", "true", "false"):
            problems.append(("deleted", "It is neither yes nor no", "Write yes, or leave it empty"))
        for name in ("created_at", "at"):
            if name in row and not isinstance(row[name], str):
                problems.append((name, "It is not a time as the kit writes it", "Leave it as it was exported"))
        self.faults += [Fault("error", self.where, p, mend, row=number, column=n) for n, p, mend in problems]
        texts = {n: str(row[n]) for n in ("created_by", "created_at", "author", "at") if n in row}
        return Filed(
            id=str(row.get("id") or "").strip(), kind=self.kind.id, version=version, fields=fields,
            deleted=deleted in ("yes", "true"), where=self.where, row=number, **texts,
        )  # fmt: skip
