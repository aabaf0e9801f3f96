"""What a project holds, read: its entries by kind, their earlier texts, and who changed what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd
import sqlalchemy as sa

from kit.errors import KitError
from kit.inquiry.entries import Entry, Revision
from kit.inquiry.kinds import kind, kinds
from kit.inquiry.tables import entry as entries_table
from kit.inquiry.tables import revision as revisions_table

__all__ = ["ABOUT", "Contents", "read_entry"]

ABOUT = "project"  # id of the entry that holds the project's own fields


def read_entry(row: Mapping[str, Any]) -> Entry:
    """Return a row of the table as an entry."""
    return Entry(**row)


class Contents:
    """The part of a project that only reads.

    Attributes
    ----------
    store : Store
    id : str
    """

    def __init__(self, store, project_id: str):
        self.store, self.id = store, project_id
        self._connection: sa.Connection | None = None

    @property
    def about(self) -> Entry:
        """The project's own fields (title, school, measure, status …), an entry like any other."""
        return self.get(ABOUT)

    def get(self, id_: str) -> Entry:
        """Return an entry, deleted or not.

        Raises
        ------
        KitError
            If the project has none of that id.
        """
        with self._reading() as connection:
            found = self._find(connection, id_)
        if found is None:
            raise KitError(f"There is no entry '{id_}'", where=self.id, mend="Someone may have renamed it; look again.")
        return found

    def entries(self, kind_id: str | None = None, *, deleted: bool = False, **where: Any) -> list[Entry]:
        """Return the entries of a kind, in the team's order and then as they were written.

        Parameters
        ----------
        kind_id : str, optional
            All kinds if left out.
        deleted : bool
            Those that were deleted instead.
        **where
            Fields and what they hold: ``entries("value", measure=m)``; an entry stands for its id.
        """
        if kind_id is not None:
            known = kind(kind_id).fields
            if unknown := set(where) - set(known):
                raise KitError(
                    f"'{sorted(unknown)[0]}' is not a field of {kind(kind_id).many}", mend=f"Use: {', '.join(known)}."
                )
        with self._reading() as connection:
            t = entries_table
            query = sa.select(t).where(t.c.project_id == self.id, t.c.deleted == deleted)
            if kind_id is not None:
                query = query.where(t.c.kind == kind_id)
            found = [read_entry(r) for r in connection.execute(query).mappings()]
        wanted = {k: getattr(v, "id", v) for k, v in where.items()}
        found = [e for e in found if all(_holds(e.fields.get(k), v) for k, v in wanted.items())]
        return sorted(found, key=lambda e: (*_order(e), e.created_at, e.id))

    def table(self, kind_id: str) -> pd.DataFrame:
        """Return the entries of a kind as a table: id, each field, version, author, at.

        Dates are datetimes, numbers are floats, what is empty is missing.
        """
        k = kind(kind_id)
        rows = [
            {"id": e.id, **e.fields, "version": e.version, "author": e.author, "at": e.at}
            for e in self.entries(kind_id)
        ]
        frame = pd.DataFrame(rows, columns=["id", *k.fields, "version", "author", "at"], dtype=object)
        for f in k.fields.values():
            if f.type in ("number", "count"):
                frame[f.name] = pd.to_numeric(frame[f.name])
            elif f.type == "date":
                frame[f.name] = pd.to_datetime(frame[f.name], format="%Y-%m-%d")
        return frame

    def history(self, entry: Entry | str) -> list[Revision]:
        """Return every text that an entry ever had, oldest first."""
        r = revisions_table
        query = sa.select(r.c.version, r.c.fields, r.c.author, r.c.at, r.c.deleted)
        query = query.where(r.c.project_id == self.id, r.c.id == getattr(entry, "id", entry)).order_by(r.c.version)
        with self._reading() as connection:
            return [Revision(**row) for row in connection.execute(query).mappings()]

    def changes(self) -> pd.DataFrame:
        """Return every save, oldest first: at, author, kind, id, version, deed, fields (those that changed)."""
        r = revisions_table
        query = sa.select(r).where(r.c.project_id == self.id).order_by(r.c.id, r.c.version)
        rows, last = [], {}
        with self._reading() as connection:
            for row in connection.execute(query).mappings():
                deed, changed = _deed(last.get(row["id"]), row)
                rows.append(
                    {"at": row["at"], "author": row["author"], "kind": row["kind"], "id": row["id"],
                     "version": row["version"], "deed": deed, "fields": changed}
                )  # fmt: skip
                last[row["id"]] = row
        columns = ["at", "author", "kind", "id", "version", "deed", "fields"]
        return pd.DataFrame(rows, columns=columns).sort_values(
            ["at", "id", "version"], ignore_index=True, kind="stable"
        )

    def stamp(self) -> tuple[int, int]:
        """Return a mark that differs after any save of anyone: a board asks for it before it reads everything again."""
        t = entries_table
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(t.c.version), 0)).where(
            t.c.project_id == self.id
        )
        with self._reading() as connection:
            return tuple(int(x) for x in connection.execute(query).one())

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        if self._connection is not None:
            yield self._connection
            return
        with self.store.database.reading() as connection:
            yield connection

    def _find(self, connection: sa.Connection, id_: str) -> Entry | None:
        t = entries_table
        row = connection.execute(sa.select(t).where(t.c.project_id == self.id, t.c.id == id_)).mappings().first()
        return read_entry(row) if row else None


def _holds(held: Any, wanted: Any) -> bool:
    return held == wanted or (isinstance(held, list) and wanted in held)


def _order(e: Entry) -> tuple:
    place = e.fields.get("place", e.fields.get("number"))
    # Values and phases stand by their date, whenever they were typed.
    when = e.fields.get("date") if e.kind == "value" else e.fields.get("start") if e.kind == "phase" else None
    return (list(kinds()).index(e.kind) if e.kind in kinds() else len(kinds()), place is None, place or 0, when or "")


def _deed(before: Mapping[str, Any] | None, row: Mapping[str, Any]) -> tuple[str, list[str]]:
    if before is None:
        return "added", list(row["fields"])
    if row["deleted"] != before["deleted"]:
        return ("deleted" if row["deleted"] else "brought back"), []
    old, new = before["fields"], row["fields"]
    return "changed", sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))
