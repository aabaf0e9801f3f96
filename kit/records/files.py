"""Finds and opens the files of a data folder: CSV, gzipped CSV, Parquet and the sheets of one workbook."""

from __future__ import annotations

import csv
import gzip
import io
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pyarrow as pa

from kit.errors import Fault, KitError
from kit.records.schema import tables

__all__ = ["ENDINGS", "Source", "find_sources", "read_header", "sheet_as_text", "undecodable_row"]

ENDINGS = (".parquet", ".csv", ".csv.gz")
WORKBOOK = "records.xlsx"


@dataclass(frozen=True)
class Source:
    """Where one table comes from.

    Attributes
    ----------
    table : str
    path : Path
    kind : {"parquet", "csv", "xlsx"}
    sheet : str
        The sheet's name, for a workbook.
    """

    table: str
    path: Path
    kind: str
    sheet: str = ""

    @property
    def label(self) -> str:
        """The file's name as its owner knows it."""
        return f"{self.path.name} [{self.sheet}]" if self.sheet else self.path.name


def find_sources(folder: Path) -> tuple[dict[str, Source], list[Fault]]:
    """Find the file of each table, and say which files were not understood.

    Returns
    -------
    (dict of table name to Source, list of Fault)
        A table with two files is an error that stops; a file that is no table is a note.
    """
    if not folder.exists():
        raise KitError("There is no such folder", where=str(folder), mend="Give the folder that holds the tables.")
    if not folder.is_dir():
        raise KitError("This is a file, not a folder", where=str(folder), mend=f"Give its folder: {folder.parent}")
    found: dict[str, list[Source]] = {}
    faults: list[Fault] = []
    for path in sorted(folder.iterdir()):
        name = path.name
        if name.startswith((".", "~$", "_")) or path.is_dir():
            continue
        if name.lower() == WORKBOOK:
            for sheet in _sheet_names(path):
                table = sheet.strip().lower()
                if table in tables() or table == "results":
                    found.setdefault(table, []).append(Source(table, path, "xlsx", sheet))
                else:
                    faults.append(_unknown_name(f"{name} [{sheet}]", table))
            continue
        ending = next((e for e in sorted(ENDINGS, key=len, reverse=True) if name.lower().endswith(e)), None)
        if ending is None:
            continue
        table = name[: -len(ending)].lower()
        if table in tables() or table in ("results", "released"):
            kind = "parquet" if ending == ".parquet" else "csv"
            found.setdefault(table, []).append(Source(table, path, kind))
        else:
            faults.append(_unknown_name(name, table))
    for table, sources in found.items():
        if len(sources) > 1:
            faults.append(
                Fault(
                    "error",
                    ", ".join(s.label for s in sources),
                    f"The table '{table}' is there {len(sources)} times",
                    "Keep one of them in the folder",
                    rule="two-files",
                    stops=True,
                )
            )
    return {t: s[0] for t, s in found.items()}, faults


def _unknown_name(label: str, table: str) -> Fault:
    from difflib import get_close_matches

    near = get_close_matches(table, [*tables(), "results"], 1)
    hint = f"Did you mean '{near[0]}'?" if near else "It is ignored"
    return Fault(
        "warning" if near else "note",
        label,
        "This is not a table of the contract",
        hint,
        rule="unknown-table",
    )


def _sheet_names(path: Path) -> list[str]:
    import zipfile

    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True)
        names = list(book.sheetnames)
        book.close()
        return names
    except (OSError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise KitError(
            f"The workbook cannot be opened ({type(error).__name__})",
            where=path.name,
            mend="Save it again as an Excel workbook (.xlsx), without a password.",
        ) from None


def _open_bytes(path: Path) -> AbstractContextManager:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def read_header(source: Source) -> list[str]:
    """Return a CSV file's column names as they stand in the file."""
    try:
        with _open_bytes(source.path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
            return next(csv.reader(text), [])
    except UnicodeDecodeError:
        raise KitError("The file is not UTF-8 text", where=source.label, mend="Save it as «CSV UTF-8».") from None
    except (OSError, EOFError, csv.Error) as error:
        raise KitError(f"The file cannot be read ({error})", where=source.label, mend="Export it again.") from None


def undecodable_row(path: Path) -> int | None:
    """Return the first row that is not UTF-8 text, or None."""
    with _open_bytes(path) as raw:
        for number, line in enumerate(raw, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return None


def _cell(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def sheet_as_text(source: Source) -> tuple[list[str], pa.Table]:
    """Read one sheet: its header as written, and its cells as text in a table with a ``_row`` column."""
    import openpyxl

    book = openpyxl.load_workbook(source.path, read_only=True, data_only=True)
    try:
        rows = book[source.sheet].iter_rows(values_only=True)
        header = [(_cell(c) or "").strip() for c in next(rows, ())]
        while header and not header[-1]:
            header.pop()
        columns: list[list[str | None]] = [[] for _ in header]
        numbers: list[int] = []
        for number, row in enumerate(rows, start=2):
            cells = [_cell(c) for c in row[: len(header)]]
            if any(cells):
                numbers.append(number)
                for column, value in zip(columns, cells + [None] * (len(header) - len(cells)), strict=True):
                    column.append(value)
    finally:
        book.close()
    arrays = {f"c{i}": pa.array(c, pa.string()) for i, c in enumerate(columns)}
    return header, pa.table({**arrays, "_row": pa.array(numbers, pa.int64())})
