"""The database behind the store: SQLite that two notebooks may have open, or PostgreSQL; opened, checked, upgraded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from kit.errors import KitError
from kit.inquiry.tables import HEAD, REVISIONS, version

__all__ = ["Database", "sqlite_url"]

WAIT = 30  # seconds that a writer waits for another's save
# One number for every kit on a server: two notebooks that open a new hub at once upgrade it one after the other.
UPGRADE_LOCK = 7_316_402


def sqlite_url(file: str | Path) -> sa.URL:
    """Return the address of a SQLite file, whatever characters its name has."""
    return sa.URL.create("sqlite", database=str(file))


class Database:
    """A connection to one store.

    Parameters
    ----------
    url : str or sqlalchemy.URL
        ``sqlite:///path`` or ``postgresql://…``.

    Raises
    ------
    KitError
        If it cannot be opened, is no store, or was written by a newer kit.
    """

    def __init__(self, url: str | sa.URL):
        self.url = _with_driver(url)
        self.shown = self.url.render_as_string(hide_password=True)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite:
            self.file = Path(self.url.database)
            self.shown = str(self.file)
            self.engine = sa.create_engine(self.url, connect_args={"timeout": WAIT, "check_same_thread": False})
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.file = None
            self.engine = sa.create_engine(self.url, pool_pre_ping=True, connect_args={"connect_timeout": WAIT})
        with self.in_words():
            if self.sqlite and not self.file.parent.is_dir():
                raise KitError(
                    "There is no such folder for the team's store", where=str(self.file.parent), mend="Make the folder."
                )
            self._bring_up_to_date()

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Turn what the database says into one clear error with a mend."""
        try:
            yield
        except (sa.exc.OperationalError, sa.exc.DatabaseError, sa.exc.InterfaceError, sqlite3.Error) as error:
            reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
            if "locked" in reason:
                mend = (
                    f"Someone else has been saving for more than {WAIT} seconds; close other notebooks and try again."
                )
            elif self.sqlite:
                mend = "Check that the file may be written and is a store of the kit; its backups lie beside it."
            else:
                mend = "Check the address, the user and that the server runs."
            raise KitError(f"The team's store cannot be used ({reason})", where=self.shown, mend=mend) from None

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Yield a connection that sees one moment of the store."""
        with self.in_words(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Yield a connection whose changes are all saved at the end, or none where anything is raised."""
        engine = self.engine.execution_options(writes=True)
        with self.in_words(), engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the file or the server."""
        self.engine.dispose()

    def _found(self, connection: sa.Connection) -> str | None:
        inspector = sa.inspect(connection)
        if not inspector.has_table("alembic_version"):
            if inspector.has_table("entry"):
                raise KitError(
                    "This is not a store of the kit", where=self.shown, mend="Name another file or database."
                )
            return None
        return connection.execute(sa.select(version.c.version_num)).scalar()

    def _bring_up_to_date(self) -> None:
        with self.reading() as connection:
            found = self._found(connection)
        if found == HEAD:
            return
        if found is not None and found not in REVISIONS:
            raise KitError(
                f"The team's store was written by a newer kit (its version is {found}; this kit knows up to {HEAD})",
                where=self.shown,
                mend="Update the kit. Nothing was changed.",
            )
        if found is not None and self.sqlite:
            self._backup_before(found)
        with self.writing() as connection:
            if not self.sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": UPGRADE_LOCK})
            # Another notebook may have done it while this one waited for the lock.
            if self._found(connection) != HEAD:
                _upgrade(connection)

    def _backup_before(self, found: str) -> None:
        from kit.inquiry.backup import copy_sqlite

        n = 1
        while (beside := self.file.with_name(f"{self.file.name}.version-{found}.{n}.bak")).exists():
            n += 1
        copy_sqlite(self.file, beside)


def _with_driver(url: str | sa.URL) -> sa.URL:
    try:
        made = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise KitError(
            "The store's address cannot be read", mend="Write postgresql://user@host/name, or a file."
        ) from None
    if made.get_backend_name() == "postgresql" and made.drivername in ("postgresql", "postgres"):
        made = made.set(drivername="postgresql+psycopg")
    if made.drivername == "postgresql+psycopg":
        try:
            import psycopg  # noqa: F401
        except ImportError:
            raise KitError(
                "PostgreSQL's driver is not installed", mend="Run: pip install 'psycopg[binary]' (conda: psycopg)."
            ) from None
    elif made.get_backend_name() != "sqlite":
        raise KitError(
            f"The team's store can be SQLite or PostgreSQL, not {made.get_backend_name()}",
            mend="Write postgresql://user@host/name, or a file.",
        )
    return made


def _prepare_sqlite(connection, _record) -> None:
    # The kit says itself when a transaction begins: otherwise a reader that turns writer can fail at once.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")  # readers never wait for a writer
    cursor.execute("PRAGMA synchronous = FULL")  # what is saved survives a power cut
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(connection: sa.Connection) -> None:
    # Alembic is loaded here only: a store that is up to date opens without it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
