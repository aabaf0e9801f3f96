"""The records of a data folder or a database, as typed Ibis tables. Nothing is loaded into pandas."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from difflib import get_close_matches
from pathlib import Path

import ibis
import ibis.expr.types as ir

from kit.errors import Fault, InputError, KitError
from kit.records.connection import MEMORY_LIMIT, connection_label, is_connection
from kit.records.database import connect, find_tables, keep
from kit.records.files import Source, find_sources, read_header, sheet_as_text, undecodable_row
from kit.records.schema import Column, Table, tables
from kit.records.typed import empty, typed

__all__ = ["Records", "open_records"]

_NOT_TEXT = ("year", "int", "decimal", "date", "bool")


class Records:
    """The tables of one data folder or database.

    Attributes
    ----------
    con : ibis backend
    sources : dict of str to Source
        The files by table; empty for a database.
    database : bool
        Whether the records are in a database: then rows have no number, and are named by their key.
    faults : list of Fault
        What is wrong with the files and their columns; cell by cell faults come from ``kit.records.check``.
    """

    def __init__(self, con, label: str, *, database: bool = False):
        self.con = con
        self.label = label
        self.database = database
        self.sources: dict[str, Source] = {}
        self.faults: list[Fault] = []
        self.extra: dict[str, list[str]] = {}
        self._raw: dict[str, ir.Table] = {}
        self._names: dict[str, dict[str, str]] = {}
        self._headers: dict[str, dict[str, str]] = {}
        self._cached: dict[str, ir.Table] = {}
        self._tidied: dict[tuple[str, str], bool] = {}

    @property
    def _header_row(self) -> int | None:
        return None if self.database else 1

    def has(self, table: str) -> bool:
        """Return whether the table is there with every required column."""
        return table in self._raw and not any(
            f.stops and f.rule == "missing-column" and f.file == self.name_of(table) for f in self.faults
        )

    def given(self, table: str, column: str) -> bool:
        """Return whether the table is there and has the column."""
        return column in self._names.get(table, {})

    def found(self) -> list[str]:
        """Return the names of the tables that are there, in the order of the contract."""
        return [t for t in tables() if t in self._raw]

    def name_of(self, table: str) -> str:
        """Return the file's name as its owner knows it."""
        return self.sources[table].label if table in self.sources else table

    def column_in_file(self, table: str, column: str) -> str:
        """Return a column's name as it stands in the file."""
        return self._headers.get(table, {}).get(column, column)

    def raw(self, table: str) -> ir.Table:
        """Return a table as it was found: the contract's columns that are there, and ``_row``."""
        t = self._raw[table]
        names = self._names[table]
        keep = {c: t[held] for c, held in names.items()}
        if "_row" in t.columns:
            keep["_row"] = t["_row"]
        if "_extra" in t.columns:
            keep["_extra"] = t["_extra"]
        return t.select(**keep)

    def table(self, name: str) -> ir.Table:
        """Return a table with every column of the contract in its type; what does not fit is null."""
        if name not in self._raw:
            mend = "Add the table." if self.database else f"Add {name}.csv or {name}.parquet."
            raise KitError(f"There is no table '{name}'", where=self.label, mend=mend)
        if self._from_text(name):
            both = self.both(name)
            return both.select([c for c in both.columns if not c.startswith("raw_")])
        return self._raw[name].select(**self._typed_columns(name))

    def _from_text(self, name: str) -> bool:
        """Return whether a database holds numbers, dates or flags as text, which it takes long to look at."""
        kinds = tables()[name].columns
        held = {c: self._raw[name][h] for c, h in self._names[name].items() if kinds[c].type in _NOT_TEXT}
        return self.database and self.con.name != "duckdb" and any(h.type().is_string() for h in held.values())

    def _typed_columns(self, name: str) -> dict[str, ir.Value]:
        t = self._raw[name]
        names = self._names[name]
        source = self.sources.get(name)
        loose = source is not None and source.kind != "parquet"
        out = {}
        for column in tables()[name].columns.values():
            held = names.get(column.name)
            if held is None:
                out[column.name] = empty(column)
                continue
            tidy = not loose and column.type == "code" and self._tidy(name, column, t[held])
            out[column.name] = t[held] if tidy else typed(t[held], column, loose=loose, engine=self.con.name)
        if "_row" in t.columns:
            out["_row"] = t["_row"]
        return out

    def tidy(self, table: str, column: str) -> bool:
        """Return whether a column of codes holds a code of the contract in every row."""
        held = self._raw[table][self._names[table][column]]
        return self._tidy(table, tables()[table].columns[column], held)

    def _tidy(self, name: str, column: Column, held: ir.Value) -> bool:
        """Return whether a column holds nothing but its codes as they are written in the contract.

        Then a hundred million of them need not be trimmed and lowered one by one.
        """
        if not held.type().is_string() or not column.codes:
            return False
        if (name, column.name) not in self._tidied:
            other = held.as_table().distinct().filter(lambda t: t[0].isnull() | ~t[0].isin(column.codes))
            self._tidied[name, column.name] = not int(other.count().execute())
        return self._tidied[name, column.name]

    def both(self, name: str) -> ir.Table:
        """Return a table in the contract's types beside what the file holds, as ``raw_…``."""
        t = self._raw[name]

        def make() -> ir.Table:
            columns = self._typed_columns(name)
            columns |= {f"raw_{c}": t[held] for c, held in self._names[name].items()}
            return t.select(**columns)

        return self.once(f"both of {name}", make) if self._from_text(name) else make()

    def once(self, name: str, make) -> ir.Table:
        """Return ``make()`` kept as a temporary table under a name, so that several measures share one pass."""
        if name not in self._cached:
            self._cached[name] = self.kept(make())
        return self._cached[name]

    def kept(self, expression: ir.Table) -> ir.Table:
        """Compute an expression once, into a temporary table of this connection."""
        return keep(self.con, expression)

    def require_sound(self) -> None:
        """Raise every fault that stops, together."""
        stopping = [f for f in self.faults if f.stops]
        if stopping:
            raise InputError(stopping, self.label)

    # --- reading -----------------------------------------------------------------------------------------

    def add(self, name: str, raw: ir.Table, header: dict[str, str]) -> None:
        """Take a raw table; ``header`` gives for each of its columns the name that stands in the file."""
        table = tables()[name]
        by_name: dict[str, str] = {}
        for held, written in header.items():
            plain = written.strip().lower()
            if plain in by_name:
                self.faults.append(
                    Fault(
                        "error", self.name_of(name), f"The column '{written}' is there twice", "Keep one of the two",
                        row=self._header_row, column=written, rule="duplicate-column", stops=True,
                    )
                )  # fmt: skip
                continue
            by_name[plain] = held
        self._raw[name] = raw
        self._names[name] = {c: by_name[c] for c in table.columns if c in by_name}
        self._headers[name] = {c: header[by_name[c]] for c in table.columns if c in by_name}
        self.extra[name] = [header[h] for plain, h in by_name.items() if plain not in table.columns]
        self.faults.extend(self._missing_columns(table))

    def _missing_columns(self, table: Table) -> list[Fault]:
        here = self._names[table.name]
        spare = [h.strip() for h in self.extra[table.name]]
        faults = []
        for column in table.required:
            if column in here:
                continue
            near = get_close_matches(column, [s.lower() for s in spare], 1, 0.6)
            written = next((s for s in spare if near and s.lower() == near[0]), None)
            mend = f"Did you mean '{written}'? Rename it to '{column}'" if written else f"Add a column '{column}'"
            faults.append(
                Fault(
                    "error", self.name_of(table.name), f"The column '{column}' is missing", mend,
                    row=self._header_row, column=column, rule="missing-column", stops=True,
                )
            )  # fmt: skip
        return faults


def _quoted(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _add_csv(records: Records, source: Source) -> None:
    """Read a CSV file as text, with each row's number; rows that cannot be split are faults."""
    con = records.con
    header = read_header(source)
    while header and not header[-1].strip():
        header.pop()
    if not header:
        records.faults.append(
            Fault("error", source.label, "The file is empty", "Give it a header row and rows, or take it out",
                  rule="empty-file", stops=True)
        )  # fmt: skip
        return
    if any("\n" in h or "\r" in h for h in header):
        records.faults.append(
            Fault(
                "error",
                source.label,
                "A column's name holds a line break",
                "Write each name of the header on one line",
                row=1,
                rule="broken-header",
                stops=True,
            )
        )
        return
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(header)))
    name = f"_raw_{source.table}"

    def load(extra: str) -> None:
        # One spare column catches a value too many; anything worse is kept as a reject with its line.
        con.raw_sql(
            f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT *, row_number() OVER () + 1 AS _row FROM read_csv('
            f"{_quoted(source.path)}, auto_detect=false, header=true, delim=',', quote='\"', escape='\"', "
            f"columns={{{columns}, '_extra': 'VARCHAR'}}, null_padding=true, store_rejects=true{extra})"
        )

    try:
        # Quoted line breaks with padded rows need one reader; without them DuckDB reads in parallel.
        load(", parallel=false")
    except Exception as error:
        row = undecodable_row(source.path)
        records.faults.append(
            Fault("error", source.label,
                  "The file is not UTF-8 text" if row else f"The file cannot be read ({_first_line(error)})",
                  "Save it as «CSV UTF-8»" if row else "Export it again as CSV with commas",
                  row=row, rule="unreadable-file", stops=True)
        )  # fmt: skip
        return
    rejects = con.raw_sql("SELECT DISTINCT line FROM reject_errors ORDER BY line").fetchall()
    for (line,) in rejects:
        con.raw_sql(f'UPDATE "{name}" SET _row = _row + 1 WHERE _row >= {int(line)}')
        records.faults.append(
            Fault("error", source.label, "The row does not fit the header (too many values or an open quote)",
                  "Quote texts that hold commas or quotes", row=int(line), rule="broken-row", stops=True)
        )  # fmt: skip
    if rejects:
        con.raw_sql("DELETE FROM reject_errors")
    raw = con.table(name)
    for (row,) in con.raw_sql(f'SELECT _row FROM "{name}" WHERE _extra IS NOT NULL ORDER BY 1 LIMIT 20').fetchall():
        records.faults.append(
            Fault("error", source.label, "The row has more values than the header has columns",
                  "Quote texts that hold commas", row=int(row), rule="broken-row", stops=True)
        )  # fmt: skip
    records.add(source.table, raw, {f"c{i}": h for i, h in enumerate(header)})


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:160] if str(error).strip() else type(error).__name__


def _add_parquet(records: Records, source: Source) -> None:
    try:
        raw = records.con.read_parquet(str(source.path), table_name=f"_raw_{source.table}", file_row_number=True)
    except Exception as error:
        records.faults.append(
            Fault("error", source.label, f"The file cannot be read ({_first_line(error)})",
                  "Write it again as Parquet", rule="unreadable-file", stops=True)
        )  # fmt: skip
        return
    raw = raw.mutate(_row=raw.file_row_number + 2).drop("file_row_number")
    records.add(source.table, raw, {c: c for c in raw.columns if c != "_row"})


def _add_sheet(records: Records, source: Source) -> None:
    header, cells = sheet_as_text(source)
    if not header:
        records.faults.append(
            Fault("error", source.label, "The sheet is empty", "Give it a header row and rows, or take it out",
                  rule="empty-file", stops=True)
        )  # fmt: skip
        return
    raw = records.con.create_table(f"_raw_{source.table}", cells, temp=True, overwrite=True)
    records.add(source.table, raw, {f"c{i}": h for i, h in enumerate(header)})


def open_records(where: str | Path, *, memory: str = MEMORY_LIMIT, threads: int | None = None) -> Records:
    """Open a data folder, or a database by its Ibis connection string.

    Parameters
    ----------
    where : str or Path
        A folder with a file per table, or ``scheme://…`` of a database with a table per table.
    memory : str
        How much memory DuckDB may use before it spills to disk.
    threads : int, optional

    Raises
    ------
    KitError
        If there is no such folder, the workbook cannot be opened or the database does not answer.
    """
    if is_connection(where):
        con = connect(str(where))
        records = Records(con, connection_label(str(where)), database=True)
        for name, (t, header) in find_tables(con, str(where)).items():
            records.add(name, t, {c: c for c in header})
        return records
    folder = Path(where)
    sources, faults = find_sources(folder)
    spill = tempfile.mkdtemp(prefix="kit-")
    atexit.register(shutil.rmtree, spill, ignore_errors=True)
    options = {"memory_limit": memory, "temp_directory": spill}
    if threads:
        options["threads"] = threads
    con = ibis.duckdb.connect(**options)
    con.raw_sql("SET enable_progress_bar = false")
    records = Records(con, folder.name or str(folder))
    records.faults.extend(faults)
    adders = {"csv": _add_csv, "parquet": _add_parquet, "xlsx": _add_sheet}
    for name in tables():
        if name in sources:
            records.sources[name] = sources[name]
            adders[sources[name].kind](records, sources[name])
    return records
