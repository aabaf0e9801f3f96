"""A copy of the store while it is in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from kit.errors import KitError
from kit.inquiry.tables import entry, revision

__all__ = ["backup", "copy_sqlite"]

CHUNK = 5_000


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite store with SQLite's own backup, which sees one moment of it however many write."""
    if target.exists():
        raise KitError("The file is there already", where=str(target), mend="Name another; a backup replaces nothing.")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(source, timeout=30)) as old, closing(sqlite3.connect(part)) as new:
            old.backup(new)
            # One file, without a journal beside it, that can be sent or put away.
            new.execute("PRAGMA journal_mode = DELETE")
            if new.execute("PRAGMA quick_check").fetchone()[0] != "ok":
                raise KitError("The copy is not sound", where=str(source), mend="Try again; the disk may be failing.")
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def backup(store, target: Path) -> int:
    """Write the whole store, with its history, to one SQLite file that the kit can open; return how many entries.

    Parameters
    ----------
    store : Store
        SQLite or PostgreSQL.
    target : Path
        A file that does not exist yet.

    Raises
    ------
    KitError
        If it exists.
    """
    from kit.inquiry.database import Database, sqlite_url

    target = Path(target)
    if store.database.sqlite:
        copy_sqlite(store.database.file, target)
    else:
        if target.exists():
            raise KitError(
                "The file is there already", where=str(target), mend="Name another; a backup replaces nothing."
            )
        part = target.with_name(target.name + ".part")
        part.unlink(missing_ok=True)
        try:
            new = Database(sqlite_url(part))
            # One moment of the server for both tables.
            moment = store.database.engine.connect().execution_options(isolation_level="REPEATABLE READ")
            with store.database.in_words(), moment as old, new.writing() as writer:
                for table in (entry, revision):
                    rows = old.execution_options(stream_results=True).execute(sa.select(table)).mappings()
                    for chunk in rows.partitions(CHUNK):
                        writer.execute(sa.insert(table), [dict(r) for r in chunk])
            new.close()
            with closing(sqlite3.connect(part)) as alone:
                alone.execute("PRAGMA journal_mode = DELETE")
            os.replace(part, target)
        finally:
            for end in ("", "-wal", "-shm"):
                part.with_name(part.name + end).unlink(missing_ok=True)
    with closing(sqlite3.connect(target)) as copy:
        return copy.execute("SELECT count(*) FROM entry WHERE NOT deleted AND kind <> 'project'").fetchone()[0]
