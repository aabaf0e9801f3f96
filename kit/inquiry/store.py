"""The team's store: every project, and what is asked of all of them together."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kit.errors import Fault, InputError, KitError
from kit.inquiry.contents import ABOUT, read_entry
from kit.inquiry.database import Database
from kit.inquiry.entries import Entry
from kit.inquiry.kinds import kind
from kit.inquiry.location import store_url
from kit.inquiry.project import Project, new_id
from kit.inquiry.pupils import PupilGuard, guard_of
from kit.inquiry.tables import entry as entries_table
from kit.inquiry.tables import revision as revisions_table
from kit.inquiry.typed import check_fields, missing, require_id, time_text

__all__ = ["Store", "open_store"]


class Store:
    """A team's store; :func:`open_store` finds and opens it.

    Parameters
    ----------
    url : str or sqlalchemy.URL
        ``sqlite:///file`` or ``postgresql://user@host/name``. A new one is made; an older one is brought up to date
        (a file after a backup).
    author : str
        Who writes: it stands beside each entry.
    pupil_ids : iterable of str, function or PupilGuard
        What may stand in no text; see ``kit.inquiry.pupils.PupilGuard``.
    clock : function, optional
        Gives the time; for tests and the sample project.

    Raises
    ------
    KitError
        If it cannot be opened, or was written by a newer kit.
    """

    def __init__(
        self,
        url: str | sa.URL,
        *,
        author: str,
        pupil_ids: Iterable[str] | Callable | PupilGuard = (),
        clock: Callable[[], datetime] | None = None,
    ):
        self.guard = pupil_ids if isinstance(pupil_ids, PupilGuard) else PupilGuard(pupil_ids)
        self.author = str(author).strip()[:200]
        if not self.author:
            raise KitError("The store needs to know who writes", mend='Give a name: author="…".')
        if self.guard.problems(kind(ABOUT), {"author": self.author}):
            raise KitError("The author's name is the id of a pupil", mend="Give the name of the adult who writes.")
        self._clock = clock or (lambda: datetime.now(UTC))
        self.database = Database(url)

    @property
    def name(self) -> str:
        """Where it lies, without any password."""
        return self.database.shown

    def now(self) -> str:
        """Return the time as the store keeps it."""
        return time_text(self._clock())

    def close(self) -> None:
        """Let go of the file or the server."""
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def projects(self, *, deleted: bool = False) -> pd.DataFrame:
        """Return the projects, by title: id, the project's fields, entries (how many), author, at (the last save)."""
        t = entries_table
        counts = sa.select(t.c.project_id, sa.func.count(), sa.func.max(t.c.at)).where(~t.c.deleted, t.c.id != ABOUT)
        abouts = sa.select(t).where(t.c.kind == ABOUT, t.c.deleted == deleted)
        with self.database.reading() as connection:
            counted = {p: (n, at) for p, n, at in connection.execute(counts.group_by(t.c.project_id))}
            found = [read_entry(r) for r in connection.execute(abouts).mappings()]
        rows = []
        for e in found:
            n, at = counted.get(e.project_id, (0, e.at))
            rows.append({"id": e.project_id, **e.fields, "entries": n, "author": e.author, "at": max(at, e.at)})
        columns = ["id", *kind(ABOUT).fields, "entries", "author", "at"]
        frame = pd.DataFrame(rows, columns=columns, dtype=object)
        frame = frame.where(frame.notna(), None)
        return frame.sort_values(["title", "id"], key=lambda c: c.map(str.casefold), ignore_index=True)

    def project(self, project_id: str) -> Project:
        """Return a project.

        Raises
        ------
        KitError
            If there is none of that id, or it was deleted.
        """
        project = Project(self, str(project_id))
        t = entries_table
        with self.database.reading() as connection:
            deleted = connection.execute(
                sa.select(t.c.deleted).where(t.c.project_id == project.id, t.c.id == ABOUT)
            ).scalar()
            ids = connection.execute(sa.select(t.c.project_id).where(t.c.kind == ABOUT, ~t.c.deleted)).scalars().all()
        if deleted is None:
            near = get_close_matches(project.id, ids, 1)
            mend = f"Did you mean '{near[0]}'?" if near else "Use: kit project list"
            raise KitError(f"There is no project '{project_id}'", where=self.name, mend=mend)
        if deleted:
            raise KitError(f"The project '{project_id}' was deleted", where=self.name, mend="It can be brought back.")
        return project

    def new_project(self, *, id: str | None = None, **fields: Any) -> Project:
        """Begin a project: at least its title.

        Raises
        ------
        InputError
            With every field that is wrong.
        """
        k = kind(ABOUT)
        clean, problems = check_fields(k, {"status": "active", "purpose": "improvement", **fields})
        clean = {n: v for n, v in clean.items() if v is not None}
        problems += [*missing(k, clean), *self.guard.problems(k, clean)]
        if problems:
            raise InputError([Fault("error", k.name, p.problem, p.mend, column=p.field) for p in problems], k.name)
        project = Project(self, new_id(ABOUT) if id is None else require_id(id))
        with self.database.writing() as connection:
            t = entries_table
            if connection.execute(sa.select(t.c.id).where(t.c.project_id == project.id).limit(1)).first():
                raise KitError(f"There is a project '{project.id}' already", where=self.name, mend="Choose another id.")
            now = self.now()
            row = {
                "project_id": project.id,
                "id": ABOUT,
                "kind": ABOUT,
                "version": 1,
                "fields": clean,
                "deleted": False,
            }
            who = {"author": self.author, "at": now}
            connection.execute(sa.insert(t).values(**row, created_by=self.author, created_at=now, **who))
            connection.execute(sa.insert(revisions_table).values(**row, **who))
        return project

    def entries(self, kind_id: str, *, project: Project | None = None) -> list[Entry]:
        """Return the entries of a kind in every project that was not deleted (or in one), oldest first."""
        kind(kind_id)
        t, p = entries_table, entries_table.alias()
        query = sa.select(t).join(p, (p.c.project_id == t.c.project_id) & (p.c.id == ABOUT) & ~p.c.deleted)
        query = query.where(t.c.kind == kind_id, ~t.c.deleted).order_by(t.c.created_at, t.c.project_id, t.c.id)
        if project is not None:
            query = query.where(t.c.project_id == project.id)
        with self.database.reading() as connection:
            return [read_entry(r) for r in connection.execute(query).mappings()]


def open_store(place, *, author: str | None = None, pupil_ids: Iterable[str] | Callable | None = None) -> Store:
    """Open the store of a data folder, or one by its address.

    Parameters
    ----------
    place : Workspace, str or Path
        With an open data folder, no entry may hold the id of one of its pupils.
    author : str, optional
        Who writes; the name of the computer's user if left out.
    pupil_ids : optional
        As for :class:`Store`; instead of those of the data folder.

    Examples
    --------
    >>> store = open_store(open_workspace("data_samples/network"), author="M. Ortiz")  # doctest: +SKIP
    >>> project = store.new_project(title="Mornings", unit_type="school", unit_id="0211")  # doctest: +SKIP
    >>> project.add("cause", text="Nobody calls home before noon", category="Process")  # doctest: +SKIP
    """
    if pupil_ids is None:
        pupil_ids = guard_of(place) if hasattr(place, "has_records") else ()
    return Store(store_url(place), author=author or _user(), pupil_ids=pupil_ids)


def _user() -> str:
    if hub := os.environ.get("JUPYTERHUB_USER"):
        return hub
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
