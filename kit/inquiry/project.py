"""One project: what belongs to it is added, edited, deleted and brought back; nothing is ever overwritten unseen."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from kit.errors import Fault, InputError, KitError
from kit.inquiry.contents import ABOUT, Contents
from kit.inquiry.entries import Conflict, ConflictError, Entry
from kit.inquiry.kinds import Kind, kind
from kit.inquiry.locks import lock_problems
from kit.inquiry.tables import entry as entries_table
from kit.inquiry.tables import revision as revisions_table
from kit.inquiry.typed import Problem, check_fields, missing, require_id

__all__ = ["Project", "new_id"]

LETTERS = "abcdefghjkmnpqrstvwxyz23456789"  # none that is read for another
# What may be there only once: a measure has one value a date.
UNIQUE: dict[str, tuple[str, ...]] = {"value": ("measure", "date")}


def new_id(kind_id: str) -> str:
    """Return an id that can be read aloud and is in nobody else's copy: ``cause-k3m9x2pq4t``."""
    return f"{kind_id}-" + "".join(secrets.choice(LETTERS) for _ in range(10))


class Project(Contents):
    """A project of the store; ``store.project(id)`` gives it. It reads as ``kit.inquiry.contents.Contents`` does.

    Attributes
    ----------
    store : Store
    id : str
    """

    @contextmanager
    def together(self) -> Iterator[None]:
        """Save everything that is done inside, or nothing of it.

        Examples
        --------
        >>> with project.together():  # doctest: +SKIP
        ...     group = project.add("note_group", title="Mornings")
        ...     project.update(note, group=group)
        """
        if self._connection is not None:
            yield
            return
        with self.store.database.writing() as connection:
            self._hold(connection)
            self._connection = connection
            try:
                yield
            finally:
                self._connection = None

    def add(self, kind_id: str, *, id: str | None = None, **fields: Any) -> Entry:
        """Add an entry and return it.

        Raises
        ------
        InputError
            With every field that is wrong: empty and needed, not of its type, naming a pupil, pointing nowhere.
        """
        return self.add_many(kind_id, [fields], ids=[id])[0]

    def add_many(
        self, kind_id: str, rows: Iterable[Mapping[str, Any]], *, ids: Iterable[str | None] = ()
    ) -> list[Entry]:
        """Add several entries of a kind, all or none; ``row`` of a fault counts them from 1.

        Raises
        ------
        InputError
        """
        k = _ordinary(kind_id)
        rows = list(rows)
        ids = [*ids, *[None] * len(rows)][: len(rows)]
        faults: list[Fault] = []
        made: list[Entry] = []
        with self.together():
            if self._peek(ABOUT).deleted:
                raise KitError("The project was deleted", where=self.id, mend="Bring it back first.")
            taken = self._unique_keys(k)
            for number, (given, id_) in enumerate(zip(rows, ids, strict=True), start=1):
                fields, problems = check_fields(k, given)
                fields = {n: v for n, v in fields.items() if v is not None}
                wrong = {p.field for p in problems}
                problems += [p for p in missing(k, fields) if p.field not in wrong]
                problems += self._problems(k, None, fields, set(fields))
                problems += _taken(k, fields, taken, None)
                if problems:
                    row = number if len(rows) > 1 else None
                    faults += [Fault("error", k.name, p.problem, p.mend, row=row, column=p.field) for p in problems]
                elif not faults:
                    if id_ is None:
                        id_ = new_id(k.id)
                    elif self._peek(require_id(id_)):
                        raise KitError(f"There is an entry '{id_}' already", where=self.id, mend="Choose another id.")
                    made.append(self._insert(k.id, id_, fields))
            if faults:
                raise InputError(faults, k.name)
        return made

    def update(self, entry: Entry | str, *, version: int | None = None, **fields: Any) -> Entry:
        """Save an edit and return the entry; a field given as None is emptied.

        Someone else's edit of other fields of the entry is kept beside this one.

        Parameters
        ----------
        entry : Entry or str
            As it was when the edit began; an id needs ``version``.
        version : int, optional
            The version that the edit began from.

        Raises
        ------
        ConflictError
            If someone saved one of the same fields, or deleted the entry, meanwhile; it carries both texts.
        InputError
            With every field that is wrong.
        """
        with self.together():
            before, base = self._begin(entry, version)
            k = kind(before.kind)
            given, problems = check_fields(k, fields)
            if before.deleted:
                raise ConflictError(before)
            conflicts = tuple(
                Conflict(n, k.fields[n].label, base.get(n), v, before.fields.get(n))
                for n, v in given.items()
                if before.fields.get(n) != base.get(n) and before.fields.get(n) != v and v != base.get(n)
            )
            # What I left as I found it is no edit of mine.
            given = {n: v for n, v in given.items() if v != base.get(n)}
            after = {n: v for n, v in {**before.fields, **given}.items() if v is not None}
            changed = {n for n in given if before.fields.get(n) != after.get(n)}
            problems += [p for p in missing(k, after) if p.field in changed]
            problems += self._problems(k, before, after, changed)
            if changed & set(UNIQUE.get(k.id, ())):
                problems += _taken(k, after, self._unique_keys(k), before.id)
            if problems:
                raise InputError([Fault("error", k.name, p.problem, p.mend, column=p.field) for p in problems], k.name)
            if conflicts:
                raise ConflictError(before, conflicts)
            return self._change(before, after, deleted=False) if changed else before

    def delete(self, entry: Entry | str, *, version: int | None = None) -> Entry:
        """Delete an entry; its texts are kept and :meth:`restore` brings it back.

        Raises
        ------
        ConflictError
            If someone changed it meanwhile.
        """
        with self.together():
            before, base = self._begin(entry, version)
            if before.deleted:
                return before
            if dict(before.fields) != dict(base):
                names = [n for n in kind(before.kind).fields if before.fields.get(n) != base.get(n)]
                labels = kind(before.kind).fields
                raise ConflictError(
                    before, tuple(Conflict(n, labels[n].label, base.get(n), None, before.fields.get(n)) for n in names)
                )
            if problems := lock_problems(before.kind, before.fields, None, self._peek):
                name = kind(before.kind).name
                raise InputError([Fault("error", name, p.problem, p.mend, column=p.field) for p in problems], name)
            return self._change(before, dict(before.fields), deleted=True)

    def restore(self, entry: Entry | str) -> Entry:
        """Bring a deleted entry back as it was, and return it."""
        with self.together():
            before, _base = self._begin(entry, getattr(entry, "version", 1))
            return self._change(before, dict(before.fields), deleted=False) if before.deleted else before

    # --- inside ------------------------------------------------------------------------------------------

    def _hold(self, connection: sa.Connection) -> None:
        # A project's saves come one after the other: what was checked still holds when it is written.
        t = entries_table
        query = sa.select(t.c.id).where(t.c.project_id == self.id, t.c.id == ABOUT).with_for_update()
        if connection.execute(query).first() is None:
            raise KitError("The project is not in the store", where=self.id, mend="Choose another, or import it.")

    def _peek(self, id_: str) -> Entry | None:
        return self._find(self._connection, id_)

    def _begin(self, entry: Entry | str, version: int | None) -> tuple[Entry, Mapping[str, Any]]:
        """Return the entry as it stands, and its fields as they were at the version where the edit began."""
        id_ = getattr(entry, "id", entry)
        version = version if version is not None else getattr(entry, "version", None)
        if version is None:
            raise KitError(
                "An edit names the version that it began from", where=str(id_), mend="Give the entry, or version=."
            )
        current = self._peek(id_)
        if current is None:
            raise KitError(f"There is no entry '{id_}'", where=self.id, mend="Look at the project again.")
        if version == current.version:
            return current, current.fields
        r = revisions_table
        query = sa.select(r.c.fields).where(r.c.project_id == self.id, r.c.id == id_, r.c.version == version)
        base = self._connection.execute(query).scalar()
        return current, base if base is not None else {}

    def _problems(self, k: Kind, before: Entry | None, after: dict[str, Any], changed: set[str]) -> list[Problem]:
        fields = {n: after[n] for n in changed if n in after}
        problems = self.store.guard.problems(k, fields)
        problems += self._points_nowhere(k, fields, before.id if before else None)
        problems += lock_problems(k.id, before.fields if before else None, after, self._peek)
        return problems

    def _points_nowhere(self, k: Kind, fields: Mapping[str, Any], own_id: str | None) -> list[Problem]:
        asked = {n: [v] if isinstance(v, str) else v for n, v in fields.items() if k.fields[n].type in ("one", "many")}
        if not asked:
            return []
        t = entries_table
        ids = sorted({i for v in asked.values() for i in v})
        query = sa.select(t.c.id, t.c.kind).where(t.c.project_id == self.id, t.c.id.in_(ids), ~t.c.deleted)
        there = {row.id: row.kind for row in self._connection.execute(query)}
        problems = []
        for name, wanted in asked.items():
            f = k.fields[name]
            for i in wanted:
                if i == own_id:
                    problems.append(Problem(name, "it points to itself", "Choose another"))
                elif i not in there:
                    problems.append(
                        Problem(name, f"there is no entry '{i}' in the project", "Choose one that is there")
                    )
                elif "*" not in f.of and there[i] not in f.of:
                    allowed = ", ".join(kind(o).name for o in f.of)
                    problems.append(Problem(name, f"'{i}' is a {kind(there[i]).name}", f"Choose: {allowed}"))
        return problems

    def _unique_keys(self, k: Kind) -> dict[tuple, str]:
        names = UNIQUE.get(k.id)
        if not names:
            return {}
        return {tuple(e.fields.get(n) for n in names): e.id for e in self.entries(k.id)}

    def _insert(self, kind_id: str, id_: str, fields: dict[str, Any]) -> Entry:
        now, author = self.store.now(), self.store.author
        row = {"project_id": self.id, "id": id_, "kind": kind_id, "version": 1, "fields": fields, "deleted": False}
        self._connection.execute(
            sa.insert(entries_table).values(**row, created_by=author, created_at=now, author=author, at=now)
        )
        self._connection.execute(sa.insert(revisions_table).values(**row, author=author, at=now))
        return Entry(**row, created_by=author, created_at=now, author=author, at=now)

    def _change(self, before: Entry, fields: dict[str, Any], *, deleted: bool) -> Entry:
        t, now, author = entries_table, self.store.now(), self.store.author
        version = before.version + 1
        new = {"version": version, "fields": fields, "deleted": deleted, "author": author, "at": now}
        here = (t.c.project_id == self.id) & (t.c.id == before.id) & (t.c.version == before.version)
        if self._connection.execute(sa.update(t).where(here).values(**new)).rowcount != 1:
            raise ConflictError(self._peek(before.id))
        self._connection.execute(
            sa.insert(revisions_table).values(project_id=self.id, id=before.id, kind=before.kind, **new)
        )
        return Entry(
            project_id=self.id,
            id=before.id,
            kind=before.kind,
            created_by=before.created_by,
            created_at=before.created_at,
            **new,
        )


def _ordinary(kind_id: str) -> Kind:
    if kind_id == ABOUT:
        raise KitError("A project is not added to a project", mend="Use store.new_project().")
    return kind(kind_id)


def _taken(k: Kind, fields: Mapping[str, Any], taken: dict[tuple, str], own_id: str | None) -> list[Problem]:
    """Return a problem where another entry has the same key; else note this one's."""
    names = UNIQUE.get(k.id, ())
    key = tuple(fields.get(n) for n in names)
    if not names or None in key:
        return []
    if key in taken and taken[key] != own_id:
        what = ", ".join(f"{k.fields[n].label.lower()} {fields[n]}" for n in names)
        return [Problem(names[-1], f"there is one already ({what})", "Edit that one, or correct this")]
    taken[key] = own_id or ""
    return []
