"""Records in a database: connected to, its tables found, and what is computed kept in it.

PostgreSQL and Spark are tested; another engine that Ibis speaks to and that has grouping sets and temporary tables
may do. What the engines do differently is here and in :mod:`kit.records.typed`; measures and checks know no engine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

import ibis
import ibis.expr.types as ir
import sqlglot as sg

from kit.errors import KitError
from kit.records.connection import connection_label, readable, reason_without_secrets
from kit.records.schema import tables

__all__ = ["connect", "find_tables", "keep"]

_EXTRAS = {"postgresql": "postgres", "postgres": "postgres", "pyspark": "spark"}


def connect(url: str):
    """Connect to a database.

    Raises
    ------
    KitError
        If the string cannot be read, the engine's driver is not installed or the database does not answer. The
        message holds nothing secret.
    """
    label = connection_label(url)
    scheme = url.partition("://")[0]
    if not readable(url):
        raise KitError(
            "The connection string cannot be read",
            where=scheme,
            mend="Write scheme://user@host:port/database; in a user name or password write %40 for @, %2F for /, "
            "%3A for :, %23 for # and %3F for ?.",
        )
    try:
        con = _spark(url) if scheme == "pyspark" else ibis.connect(url)
    except (ImportError, AttributeError, ValueError) as error:
        extra = _EXTRAS.get(scheme)
        if isinstance(error, ImportError) and extra:
            raise KitError(
                "The driver of this database is not installed",
                where=label,
                mend=f"Run: pip install 'improvement-inquiry-kit[{extra}]'.",
            ) from None
        raise KitError(
            "This kind of database is not known, or its driver is not installed",
            where=label,
            mend="Use postgresql://… or pyspark://…, or another that Ibis knows, with its package installed.",
        ) from None
    except Exception as error:
        raise KitError(
            f"The database cannot be opened ({reason_without_secrets(error, url)})",
            where=label,
            mend="Check the connection string. For PostgreSQL the password may stand in ~/.pgpass or PGPASSWORD.",
        ) from None
    if con.name == "postgres":
        con.compiler = _exists_compiler(type(con.compiler))
        # Whole tables are joined by equal keys. Where PostgreSQL cannot tell how many rows fit it takes them for few,
        # and goes through one table for each row of the other.
        for setting in ("enable_nestloop = off", "jit = off", "work_mem = '64MB'"):
            con.raw_sql(f"SET {setting}").close()
    return con


def _exists_compiler(compiler: type):
    """Return a compiler that writes every semi and anti join as EXISTS, which is all that PostgreSQL knows.

    SQLGlot does so too, but overlooks the second of two in a row.
    """

    class Exists(compiler):
        __slots__ = ()

        def to_sqlglot(self, *args, **kwargs):
            tree = super().to_sqlglot(*args, **kwargs)
            for select in list(tree.find_all(sg.exp.Select)):
                for join in [j for j in select.args.get("joins") or [] if j.kind in ("SEMI", "ANTI")]:
                    there = sg.exp.Exists(this=sg.select("1").from_(join.this).where(join.args["on"]))
                    select.where(there if join.kind == "SEMI" else there.not_(), copy=False)
                    join.pop()
            return tree

    return Exists()


def _spark(url: str):
    """Connect to Spark: ``pyspark://``, the folder of the tables and, after «?», settings of the session.

    Ibis itself sets the settings once more on the running session, which refuses those that are fixed at its start.
    """
    from pyspark.sql import SparkSession

    parts = urlsplit(url)
    settings = {"spark.ui.showConsoleProgress": "false"} | dict(parse_qsl(parts.query))
    # Spark 4 looks for a column that a union of checkpoints no longer has, in order to copy its constraints.
    settings["spark.sql.constraintPropagation.enabled"] = "false"
    if parts.path:
        settings.setdefault("spark.sql.warehouse.dir", parts.path)
    builder = SparkSession.builder.appName("Improvement Inquiry Kit")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return ibis.pyspark.connect(builder.getOrCreate())


def find_tables(con, url: str) -> dict[str, tuple[ir.Table, list[str]]]:
    """Find the contract's tables, whatever the case of their names.

    For Spark the path of the connection string may also be a folder with a ``NAME.parquet`` for each table.

    Returns
    -------
    dict of str to (ibis Table, list of str)
        By the contract's name: the contract's columns as they are held, and the names of all columns.
    """
    listed = {held.strip().lower(): held for held in sorted(con.list_tables())}
    found = {}
    for name in tables():
        t = _table(con, listed.get(name, name), urlsplit(url).path)
        if t is not None:
            found[name] = (_known_columns(con, t, name), list(t.columns))
    return found


def _table(con, held: str, path: str) -> ir.Table | None:
    from ibis.common.exceptions import TableNotFound

    try:
        # One that is not listed may still be there: a materialized view.
        return con.table(held)
    except TableNotFound:
        file = os.path.join(path, f"{held}.parquet")
        if con.name == "pyspark" and path and os.path.exists(file):
            return con.read_parquet(file, table_name=f"kit_{held}_{os.urandom(4).hex()}")
        return None


def _known_columns(con, t: ir.Table, name: str) -> ir.Table:
    """Return the contract's columns only: others may be of a kind that cannot be read."""
    wanted = [c for c in t.columns if c.strip().lower() in tables()[name].columns] or list(t.columns[:1])
    return _plain_texts(con, t.select(wanted) if con.name != "postgres" else t, wanted)


def _plain_texts(con, t: ir.Table, columns: Iterable[str]) -> ir.Table:
    """Return columns of a table, their texts as plain text that sorts by the characters' numbers.

    So do texts in files. A PostgreSQL database may sort by the rules of a language, and may hold fixed-length
    texts, enumerations and other kinds of text.
    """
    if con.name != "postgres":
        return t
    columns = list(columns)
    texts = [c for c in columns if t[c].type().is_string() or t[c].type().is_unknown()]
    quoted = {c: sg.to_identifier(c, quoted=True).sql("postgres") for c in columns}
    asked = ", ".join(f'{q}::text COLLATE "C" AS {q}' if c in texts else q for c, q in quoted.items())
    schema = {c: "string" if c in texts else t[c].type() for c in columns}
    return con.sql(f"SELECT {asked} FROM {sg.table(t.get_name(), quoted=True).sql('postgres')}", schema=schema)


def keep(con, expression: ir.Table) -> ir.Table:
    """Compute an expression once, into a table that ends with the connection."""
    name = f"kit_kept_{os.urandom(6).hex()}"
    if con.name == "pyspark":
        # Spark has no temporary tables. A checkpoint cuts off how the rows came about, which would else be planned
        # again and again in everything that is made of them.
        con.create_view(name, expression)
        con.raw_sql(f"SELECT * FROM {name}").localCheckpoint().createOrReplaceTempView(name)
        return con.table(name)
    made = con.create_table(name, expression, temp=True)
    if con.name == "postgres":
        con.raw_sql(f"ANALYZE {name}").close()  # without it the planner takes a new table for an empty one
    return _plain_texts(con, made, made.columns)
