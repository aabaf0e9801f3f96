"""A project outside the store: one JSON file that holds every entry with all its earlier texts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from kit.errors import Fault, InputError, KitError
from kit.inquiry.entries import Revision
from kit.inquiry.kinds import kinds
from kit.inquiry.project import Project
from kit.inquiry.tables import entry as entries_table
from kit.inquiry.tables import revision as revisions_table
from kit.inquiry.typed import ID, TIME

__all__ = ["Filed", "ProjectFile", "collect", "from_json", "to_json", "write_whole"]

FORMAT = "improvement-inquiry project"
FORMAT_VERSION = 1


@dataclass
class Filed:
    """An entry as a file has it.

    Attributes
    ----------
    id, kind : str
        The id is empty for a row that someone added to a sheet.
    version : int or None
        The version that it is, or that the row was exported at; None for a new row.
    fields : dict
    deleted : bool
    created_by, created_at, author, at : str or None
    earlier : tuple of Revision or None
        Its earlier texts; None where the file does not hold them (a spreadsheet).
    where : str
        Sheet, or entry, for messages.
    row : int or None
    """

    id: str
    kind: str
    version: int | None
    fields: dict[str, Any]
    deleted: bool = False
    created_by: str | None = None
    created_at: str | None = None
    author: str | None = None
    at: str | None = None
    earlier: tuple[Revision, ...] | None = None
    where: str = ""
    row: int | None = None


@dataclass
class ProjectFile:
    """What a file holds.

    Attributes
    ----------
    project_id : str
        Empty for a sheet that someone began by hand.
    entries : list of Filed
    shared : bool
        Whether private texts were left out.
    name : str
        The file's name, for messages.
    faults : list of Fault
        What could not be read; an import lists it with everything else.
    """

    project_id: str
    entries: list[Filed] = field(default_factory=list)
    shared: bool = False
    name: str = "the file"
    faults: list[Fault] = field(default_factory=list)


def place_of(kind_id: str) -> int:
    """Return where a kind stands in ``kinds.toml``; kinds of another kit come last."""
    return list(kinds()).index(kind_id) if kind_id in kinds() else len(kinds())


def collect(project: Project, *, shared: bool = False) -> ProjectFile:
    """Return a project with its history, as of one moment.

    Parameters
    ----------
    project : Project
    shared : bool
        Leave out the private texts (a facilitator's notes).
    """

    def open_fields(kind_id: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        known = kinds()[kind_id].fields if shared and kind_id in kinds() else {}
        return {n: v for n, v in fields.items() if not (n in known and known[n].private)}

    e, r = entries_table, revisions_table
    # One statement sees one moment, in SQLite and in PostgreSQL, whoever is writing.
    both = e.join(r, (r.c.project_id == e.c.project_id) & (r.c.id == e.c.id))
    columns = [
        e.c.id,
        e.c.kind,
        e.c.created_by,
        e.c.created_at,
        r.c.version,
        r.c.fields,
        r.c.deleted,
        r.c.author,
        r.c.at,
    ]
    query = sa.select(*columns).select_from(both).where(e.c.project_id == project.id).order_by(e.c.id, r.c.version)
    with project.store.database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    filed: dict[str, Filed] = {}
    for row in rows:
        before = filed.get(row["id"])
        earlier = ()
        if before:
            earlier = (
                *before.earlier,
                Revision(before.version, before.fields, before.author, before.at, before.deleted),
            )
        fields = open_fields(row["kind"], row["fields"])
        filed[row["id"]] = Filed(**{**row, "fields": fields}, earlier=earlier)
    entries = sorted(filed.values(), key=lambda f: (place_of(f.kind), f.created_at, f.id))
    return ProjectFile(project.id, entries, shared=shared)


def to_json(file: ProjectFile) -> str:
    """Return a project as JSON text: the same project gives the same bytes."""

    def one(f: Filed) -> dict[str, Any]:
        earlier = [{name: getattr(x, name) for name in _REVISION} for x in f.earlier]
        return {name: getattr(f, name) for name in _HEAD} | {"earlier": earlier}

    whole = {"format": FORMAT, "format_version": FORMAT_VERSION, "project": file.project_id, "shared": file.shared}
    whole["entries"] = [one(f) for f in file.entries]
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"


def from_json(text: str, name: str = "the file") -> ProjectFile:
    """Read a project from JSON text.

    Raises
    ------
    KitError
        If it is no such file, or a newer kit's.
    InputError
        With everything in it that is not as a project file has it.
    """
    try:
        whole = json.loads(text)
    except ValueError as error:
        raise KitError(
            f"It is not JSON ({error})", where=name, mend="Name a file that «kit project export» wrote."
        ) from None
    if not isinstance(whole, dict) or whole.get("format") != FORMAT or not isinstance(whole.get("entries"), list):
        raise KitError("It is not a project", where=name, mend="Name a file that «kit project export» wrote.")
    if whole.get("format_version") != FORMAT_VERSION:
        raise KitError("It was written by a newer kit", where=name, mend="Update the kit.")
    faults: list[Fault] = []
    file = ProjectFile(str(whole.get("project") or ""), shared=whole.get("shared") is True, name=name)
    for number, given in enumerate(whole["entries"], start=1):
        where = f"{name}, entry {number}"
        problems = list(_entry_problems(given))
        if problems:
            faults += [Fault("error", where, p, "Leave it as it was exported", column=c) for c, p in problems]
            continue
        earlier = tuple(
            Revision(r["version"], r["fields"], r["author"], r["at"], r["deleted"])
            for r in sorted(given["earlier"], key=lambda r: r["version"])
        )
        known = {k: given[k] for k in _HEAD}
        file.entries.append(Filed(**known, earlier=earlier, where=f"{name}, {given['kind']} {given['id']}"))
    if faults:
        raise InputError(faults, name)
    return file


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and bool(TIME.fullmatch(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200


def _is_version(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31


_REVISION: dict[str, Callable[[Any], bool]] = {
    "version": _is_version,
    "fields": lambda v: isinstance(v, dict),
    "deleted": lambda v: isinstance(v, bool),
    "author": _is_text,
    "at": _is_time,
}
_HEAD: dict[str, Callable[[Any], bool]] = {
    "id": lambda v: isinstance(v, str) and bool(ID.fullmatch(v)),
    "kind": _is_text,
    "created_by": _is_text,
    "created_at": _is_time,
    **_REVISION,
}


def _entry_problems(given: Any):
    if not isinstance(given, dict):
        yield None, "it is not an entry"
        return
    for name, fits in _HEAD.items():
        if not fits(given.get(name)):
            yield name, f"it is missing or not a {name.replace('_', ' ')} as the kit writes it"
    earlier = given.get("earlier")
    if not isinstance(earlier, list):
        yield "earlier", "it is not a list of earlier texts"
        return
    for r in earlier:
        if not isinstance(r, dict) or not all(fits(r.get(n)) for n, fits in _REVISION.items()):
            yield "earlier", "an earlier text is not as the kit writes it"
            return
    versions = sorted(r["version"] for r in earlier)
    if len(set(versions)) < len(versions) or (versions and versions[-1] >= (given.get("version") or 0)):
        yield "earlier", "the versions are not in order"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; one that is there is not replaced.

    Raises
    ------
    KitError
        If it is there already: a team may have worked in it.
    """
    if path.exists():
        raise KitError("The file is there already", where=str(path), mend="Name another, or move it away.")
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(content)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
