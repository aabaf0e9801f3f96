"""A project to a file and from one: the ending says whether it is JSON or a spreadsheet."""

from __future__ import annotations

from pathlib import Path

from kit.errors import KitError
from kit.inquiry.contents import ABOUT
from kit.inquiry.portable import ProjectFile, collect, from_json, to_json, write_whole
from kit.inquiry.project import Project
from kit.inquiry.workbook import from_xlsx, to_xlsx

__all__ = ["export_project", "read_project_file"]


def export_project(project: Project, path: Path, *, shared: bool = False) -> int:
    """Write a project to ``.json`` (with every earlier text) or ``.xlsx`` (as it stands); return how many entries.

    Raises
    ------
    KitError
        If the file is there already, or has another ending.
    """
    path, file = Path(path), collect(project, shared=shared)
    if path.suffix.lower() == ".json":
        write_whole(path, to_json(file).encode())
    elif path.suffix.lower() == ".xlsx":
        write_whole(path, to_xlsx(file))
    else:
        raise KitError("A project is written as .json or .xlsx", where=str(path), mend="Name the file so.")
    return sum(not f.deleted for f in file.entries if f.id != ABOUT)


def read_project_file(path: Path) -> ProjectFile:
    """Read a ``.json`` or ``.xlsx`` file that holds a project.

    Raises
    ------
    KitError
        If it cannot be read; with all faults where there are several.
    """
    path = Path(path)
    content = path.read_bytes()
    if path.suffix.lower() == ".xlsx":
        return from_xlsx(content, path.name)
    try:
        return from_json(content.decode("utf-8-sig"), path.name)
    except UnicodeDecodeError:
        raise KitError("It is not a JSON file", where=path.name, mend="Name a .json or .xlsx file.") from None
