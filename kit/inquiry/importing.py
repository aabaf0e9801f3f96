"""A file comes into the store: everything, or nothing and the list of what stands against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from kit.errors import InputError, KitError
from kit.inquiry.contents import ABOUT, read_entry
from kit.inquiry.entries import Conflict, Entry, Revision
from kit.inquiry.import_checks import FileChecks
from kit.inquiry.kinds import kind
from kit.inquiry.portable import Filed, ProjectFile
from kit.inquiry.project import Project, new_id
from kit.inquiry.store import Store
from kit.inquiry.tables import entry as entries_table
from kit.inquiry.tables import revision as revisions_table
from kit.inquiry.typed import ID

__all__ = ["ImportConflicts", "Imported", "import_project"]


@dataclass
class Imported:
    """What an import did.

    Attributes
    ----------
    project : Project
    added, changed : int
        Entries.
    unchanged : int
        Entries that are the same in the store, or newer there.
    """

    project: Project
    added: int = 0
    changed: int = 0
    unchanged: int = 0


class ImportConflicts(KitError):
    """The file and the store hold different texts of the same entries. Nothing was imported.

    Attributes
    ----------
    conflicts : tuple of (Entry, Conflict)
        The entry as it stands in the store; ``mine`` is the file's text and ``theirs`` the store's.
    """

    def __init__(self, conflicts: tuple[tuple[Entry, Conflict], ...], name: str):
        self.conflicts = conflicts
        lines = [
            f"  {kind(e.kind).name} «{e.title}» ({e.id}), {c.label}\n"
            f"    file:  {c.mine}\n    store: {c.theirs} ({e.author})"
            for e, c in conflicts
        ]
        n = len(conflicts)
        super().__init__(
            "\n".join([f"{n} text{'s' * (n != 1)} of the store changed otherwise than in the file", *lines]),
            where=name,
            mend="Nothing was imported. Put the store's text, or one of both, into the file; or import it as new.",
        )


def import_project(store: Store, file: ProjectFile, *, as_new: bool = False) -> Imported:
    """Bring a file's project into the store.

    A project that is not there is added as the file has it, authors and times included. In one that is there, new
    entries are added; a row that was edited in a spreadsheet is saved as an edit of whoever imports; an entry that the
    store already has newer is left; nothing is deleted because it is not in the file.

    Parameters
    ----------
    store : Store
    file : ProjectFile
    as_new : bool
        Bring it in as a project of its own, whatever is there.

    Raises
    ------
    InputError
        With every fault of the file: sheet, row, column and mend. Nothing is imported.
    ImportConflicts
        If the store's texts changed otherwise meanwhile. Nothing is imported.
    """
    return _Import(store, file, as_new).run()


class _Import(FileChecks):
    def __init__(self, store: Store, file: ProjectFile, as_new: bool):
        super().__init__(store, file)
        self.as_new = as_new
        self.conflicts: list[tuple[Entry, Conflict]] = []
        self.deeds: list[Callable[[], None]] = []

    def run(self) -> Imported:
        self._name_entries()
        project_id = new_id(ABOUT) if self.as_new or not self.file.project_id else self.file.project_id
        if not ID.fullmatch(project_id):
            raise KitError(f"'{project_id[:60]}' is not a project's id", where=self.file.name, mend="Export it again.")
        self.project = Project(self.store, project_id)
        self.done = Imported(self.project)
        with self.store.database.writing() as connection:
            self.connection = connection
            self._lock()
            t, r = entries_table, revisions_table
            here = connection.execute(sa.select(t).where(t.c.project_id == project_id)).mappings()
            self.held = {row["id"]: read_entry(row) for row in here}
            query = sa.select(r).where(r.c.project_id == project_id).order_by(r.c.version)
            for row in connection.execute(query).mappings():
                revision = Revision(row["version"], row["fields"], row["author"], row["at"], row["deleted"])
                self.texts.setdefault(row["id"], []).append(revision)
            self.store.guard.read_ahead([f.fields, *(r.fields for r in f.earlier or ())] for f in self.file.entries)
            self.check_whole()
            for filed in self.file.entries:
                self._one(filed)
            self.check_unique()
            if self.faults:
                raise InputError(self.faults, self.file.name)
            if self.conflicts:
                raise ImportConflicts(tuple(self.conflicts), self.file.name)
            for deed in self.deeds:
                deed()
        return self.done

    # --- the file as a whole -----------------------------------------------------------------------------

    def _name_entries(self) -> None:
        for f in self.file.entries:
            if not f.id:
                f.id, f.version = new_id(f.kind), None

    def _lock(self) -> None:
        if not self.store.database.sqlite:
            # Two who import the same new project at once: there is no row yet that could be held.
            self.connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtext(:p))"), {"p": self.project.id})
            t = entries_table
            self.connection.execute(sa.select(t.c.id).where(t.c.project_id == self.project.id).with_for_update())

    # --- one entry ---------------------------------------------------------------------------------------

    def _one(self, f: Filed) -> None:
        """Check an entry of the file, and note what is to be done with it."""
        if not self.is_sound(f):
            return
        held = self.held.get(f.id)
        if held is None:
            self.check_lock(f, None)
            self.deeds.append(lambda: self._add(f))
        elif held.kind != f.kind:
            self.fault(
                f, f"'{f.id}' is a {kind(held.kind).name} in the store", "Empty the id of a row that is new", "id"
            )
        elif (dict(held.fields), held.deleted) == (f.fields, f.deleted) or self._is_older(f):
            self.deeds.append(self._leave)
        elif f.earlier is not None:
            self._goes_on(f, held)
        else:
            self._edited_in_a_sheet(f, held)

    def _is_older(self, f: Filed) -> bool:
        return any(
            (r.version, dict(r.fields), r.deleted) == (f.version, f.fields, f.deleted) for r in self.texts.get(f.id, ())
        )

    def _goes_on(self, f: Filed, held: Entry) -> None:
        """Take over what a copy of the project wrote since, if the store's own text is among its earlier ones."""
        same = [
            r
            for r in f.earlier
            if (r.version, dict(r.fields), r.deleted) == (held.version, dict(held.fields), held.deleted)
        ]
        if same:
            self.check_lock(f, held)
            last = Revision(f.version, f.fields, f.author, f.at, f.deleted)
            later = [r for r in (*f.earlier, last) if r.version > held.version]
            self.deeds.append(lambda: self._save(held, later))
            return
        for name in sorted(held.fields.keys() | f.fields.keys()):
            mine, theirs = f.fields.get(name), held.fields.get(name)
            if mine != theirs and name in kind(f.kind).fields:
                label = kind(f.kind).fields[name].label
                self.conflicts.append((held, Conflict(name, label, None, mine, theirs)))
        if held.deleted != f.deleted:
            self.conflicts.append((held, Conflict("deleted", "deleted", None, f.deleted, held.deleted)))

    def _edited_in_a_sheet(self, f: Filed, held: Entry) -> None:
        """Save what a row changed since it was exported, unless the store changed the same field otherwise."""
        base = next((r for r in self.texts.get(f.id, ()) if r.version == f.version), None)
        base_fields = dict(base.fields) if base else {}
        names = kind(f.kind).fields
        mine = {n for n in names if f.fields.get(n) != base_fields.get(n)}
        if base is None:
            mine = {n for n in names if f.fields.get(n) != held.fields.get(n)}
        clash = [
            n for n in mine
            if held.fields.get(n) != base_fields.get(n) and held.fields.get(n) != f.fields.get(n)
        ]  # fmt: skip
        for n in clash:
            conflict = Conflict(n, names[n].label, base_fields.get(n), f.fields.get(n), held.fields.get(n))
            self.conflicts.append((held, conflict))
        base_deleted = base.deleted if base else held.deleted
        deleted = f.deleted if f.deleted != base_deleted else held.deleted
        if deleted and not held.deleted and base and dict(held.fields) != base_fields:
            self.conflicts.append((held, Conflict("deleted", "deleted", False, True, False)))
        merged = dict(held.fields)
        for n in mine:
            merged[n] = f.fields.get(n)
        merged = {n: v for n, v in merged.items() if v is not None}
        self.check_lock(replace(f, fields=merged, deleted=deleted), held)
        if (merged, deleted) == (dict(held.fields), held.deleted):
            self.deeds.append(self._leave)
            return
        edit = Revision(held.version + 1, merged, self.store.author, self.store.now(), deleted)
        self.deeds.append(lambda: self._save(held, [edit]))

    # --- saving ------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        self.done.unchanged += 1

    def _add(self, f: Filed) -> None:
        now, me = self.store.now(), self.store.author
        author, at = f.author or me, f.at or now
        row = {"project_id": self.project.id, "id": f.id, "kind": f.kind}
        head = Revision(f.version or 1, f.fields, author, at, f.deleted)
        self.connection.execute(
            sa.insert(entries_table).values(
                **row, **_columns(head), created_by=f.created_by or author, created_at=f.created_at or at
            )
        )
        for r in (*(f.earlier or ()), head):
            self.connection.execute(sa.insert(revisions_table).values(**row, **_columns(r)))
        self.done.added += f.id != ABOUT

    def _save(self, held: Entry, later: list[Revision]) -> None:
        t = entries_table
        here = (t.c.project_id == self.project.id) & (t.c.id == held.id) & (t.c.version == held.version)
        self.connection.execute(sa.update(t).where(here).values(**_columns(later[-1])))
        row = {"project_id": self.project.id, "id": held.id, "kind": held.kind}
        for r in later:
            self.connection.execute(sa.insert(revisions_table).values(**row, **_columns(r)))
        self.done.changed += 1


def _columns(r: Revision) -> dict[str, Any]:
    return {"version": r.version, "fields": dict(r.fields), "deleted": r.deleted, "author": r.author, "at": r.at}
