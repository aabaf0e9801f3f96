"""Restricted files: lists of single pupils, in a folder of their own with a notice in the folder and the file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import pandas as pd

from kit.errors import KitError
from kit.measures.students import NOTICE

__all__ = ["NOTICE_FILE", "refuse_restricted_folder", "restricted_files", "restricted_name", "write_restricted"]

NOTICE_FILE = "README-RESTRICTED.txt"
# What a folder of reports or released files holds; a list of pupils beside or below them would leave with them.
REPORT_FILES = ("manifest.json", "index.html")
_HEAD_BYTES = 4096
FORMULA = re.compile(r"^([=+\-@\t\r])")


def restricted_name(*parts: str) -> str:
    """Return a file name from ids, whatever they hold: two ids never give one name."""
    return "-".join(quote(str(p), safe="") for p in parts) + ".csv"


def write_restricted(table: pd.DataFrame, folder: str | Path, name: str, lines: Sequence[str] = ()) -> Path:
    """Write a list of pupils as CSV into a folder for restricted files, readable by its owner only.

    The file begins with the notice and ``lines``, each behind ``# ``; then header and rows (read it with
    ``comment="#"``). A text that a spreadsheet would take for a formula gets a leading apostrophe.

    Parameters
    ----------
    table : DataFrame
    folder : str or Path
        New or empty, or made by this function before.
    name : str
        Of the file.

    Raises
    ------
    KitError
        If the folder holds anything else, or it or a folder above it holds reports.
    """
    folder = Path(folder)
    _require_apart(folder)
    texts = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
    safe = table.assign(**{c: [_no_formula(v) for v in table[c]] for c in texts})
    head = [line for text in (NOTICE, *lines) for line in str(text).splitlines()]
    path = folder / name
    beside = folder / f".{name}.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / NOTICE_FILE).write_text(
            f"{NOTICE}\nNothing in this folder may be put beside reports or released files.\n", encoding="utf-8"
        )
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.writelines(f"# {line}\n" for line in head)
            safe.to_csv(file, index=False, lineterminator="\n")
        os.replace(beside, path)
    except OSError as error:
        raise KitError(f"The file cannot be written ({error.strerror or error})", where=str(path)) from None
    finally:
        beside.unlink(missing_ok=True)
    return path


def _no_formula(value: object) -> object:
    return FORMULA.sub(r"'\1", value) if isinstance(value, str) else value


def _require_apart(folder: Path) -> None:
    """Refuse a folder that holds anything but restricted files, or lies in one of reports."""
    if folder.exists() and not folder.is_dir():
        raise KitError("This is a file, not a folder", where=str(folder), mend="Name a new folder.")
    whole = folder.resolve()
    for above in (whole, *whole.parents):
        held = [f for f in REPORT_FILES if (above / f).exists()]
        if held:
            raise KitError(
                f"A list of pupils may not stand with reports: {above} holds {held[0]}",
                mend="Name a new folder of its own, outside of them.",
            )
    if folder.is_dir() and any(folder.iterdir()) and not (folder / NOTICE_FILE).is_file():
        raise KitError(
            "The folder holds other files", where=str(folder), mend="Name a new folder for restricted files only."
        )


def restricted_files(folder: str | Path) -> Iterator[Path]:
    """Find the restricted files in a folder and below it: by their name, or by the notice that they begin with."""
    begins = NOTICE.split(";")[0].encode()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            with open(path, "rb") as file:
                if path.name == NOTICE_FILE or begins in file.read(_HEAD_BYTES):
                    yield path


def refuse_restricted_folder(folder: str | Path) -> None:
    """Raise if lists of pupils lie in a folder that others are meant to get."""
    if (Path(folder) / NOTICE_FILE).is_file():
        raise KitError(
            "The folder holds restricted lists of pupils",
            where=str(folder),
            mend="Name another folder for what others get.",
        )
