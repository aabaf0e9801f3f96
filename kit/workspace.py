"""The one object that a notebook holds: a data folder, its results and what may be shown of them."""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cached_property
from pathlib import Path

import pandas as pd

from kit.errors import Fault, InputError, KitError
from kit.language import Language, get_language
from kit.measures.registry import measures
from kit.measures.results import read_results
from kit.records.connection import MEMORY_LIMIT, connection_label, is_connection
from kit.records.files import find_sources
from kit.records.schema import tables

__all__ = ["Workspace", "open_workspace"]

SETTINGS = "kit.toml"
# A folder with results and, at the most, `schools` holds published results.
RECORD_TABLES = tuple(t for t in tables() if t != "calendar")


class Workspace:
    """A data folder (or database) with its settings.

    Attributes
    ----------
    folder : Path
        What messages call it. Of a database given by its connection string it is the database's name, without what
        is secret in the string, and no folder.
    connection : str or None
        The connection string of the database that holds the records; it may hold a password, and is never shown.
    name : str
        What a reader calls it: ``name`` in ``kit.toml``, else the folder's name.
    settings : dict
        ``kit.toml`` in the folder; empty where there is none.
    memory : str
        How much of it the embedded engine may use before it spills to disk: ``[records] memory``, else 1 GB.
    """

    def __init__(self, data: str | Path):
        if is_connection(data):
            self.connection: str | None = str(data)
            self.folder, self.settings = Path(connection_label(self.connection)), {}
            self.name, self._sources, self._file_faults = str(self.folder), {}, []
            self.memory = MEMORY_LIMIT
            return
        self.folder = folder = Path(data)
        self.settings = _settings(folder)
        self.connection = _connection(self.settings)
        self.memory = _memory(self.settings)
        self.name = str(self.settings.get("name") or folder.resolve().name.replace("-", " ").replace("_", " "))
        self._sources, self._file_faults = find_sources(folder)

    @cached_property
    def records(self):
        """The records, opened when first used."""
        from kit.records.records import open_records

        return open_records(self.connection or self.folder, memory=self.memory)

    @property
    def has_records(self) -> bool:
        """Whether there are records; else the folder must hold published results."""
        if self.connection:
            return True
        # Beside published results, `schools` names the schools; alone it is a folder of records that lacks the rest.
        return any(t in self._sources for t in RECORD_TABLES if t != "schools" or "results" not in self._sources)

    @property
    def catalogues(self) -> Path:
        """Folder of the district's own translations, one ``<tag>.po`` a language."""
        return self.folder / str(self._words("folder") or "languages")

    def language(self, tag: str = "") -> Language:
        """Return a language by its tag; none is the data folder's own, else English.

        Raises
        ------
        KitError
            If there is no catalogue of the language, or one of its texts cannot be used.
        """
        return get_language(tag or str(self._words("default") or "en"), self.catalogues)

    def _words(self, name: str) -> object:
        """Read ``[language] default = "es"`` and ``folder = "…"``; a plain ``language = "es"`` is the default too."""
        given = self.settings.get("language", {})
        if isinstance(given, str):
            given = {"default": given}
        return given.get(name)

    @property
    def files(self) -> list[Path]:
        """The files that decide the numbers: of the tables, the settings, and the cut points that these name."""
        extra = {self.folder / SETTINGS}
        if baseline := str(self.settings.get("levels", {}).get("baseline", "") or ""):
            extra.add(self.folder / baseline)
        return [p for p in sorted({s.path for s in self._sources.values()} | extra) if p.is_file()]

    @property
    def file_faults(self) -> tuple[Fault, ...]:
        """What is wrong with the names of the files: a table that is there twice, a file that is no table."""
        return tuple(self._file_faults)

    def fingerprint(self) -> str:
        """Return a fingerprint of the data files, the settings and the cut points that they name."""
        total = hashlib.sha256()
        for path in self.files:
            total.update(path.name.encode())
            with open(path, "rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        return total.hexdigest()

    @cached_property
    def _results(self) -> pd.DataFrame:
        if self.has_records:
            from kit.measures.compute import compute
            from kit.records.check import stopping_faults

            if stops := stopping_faults(self.records):
                raise InputError(stops, str(self.folder))
            try:
                return compute(self.records)
            except Exception as error:
                if type(error).__name__ != "OutOfMemoryException":
                    raise
                raise KitError(
                    f"The measures of these records need more than {self.memory} of memory",
                    where=str(self.folder),
                    mend=f'Allow more in {SETTINGS}: [records] memory = "4GB".',
                ) from error
        if "results" in self._sources:
            return read_results(self._sources["results"].path)
        raise KitError(
            "The folder holds neither records nor results",
            where=str(self.folder),
            mend="Put in at least schools, students and enrollments, or results.parquet or results.csv.",
        )

    def results(self) -> pd.DataFrame:
        """Return the results table: computed once from the records, or read from published results."""
        return self._results

    @cached_property
    def _schools(self) -> pd.DataFrame:
        if "schools" in self._sources or self.has_records:
            self.records.require_sound()
            if not self.records.has("schools"):
                raise InputError(
                    [
                        Fault(
                            "error",
                            "schools",
                            "The table 'schools' is missing",
                            "Add the table" if self.connection else "Add schools.csv",
                            rule="missing-table",
                            stops=True,
                        )
                    ],
                    str(self.folder),
                )
            t = self.records.table("schools")
            frame = self.records.con.to_pandas(
                t.filter(t.school_id.notnull()).drop("_row") if "_row" in t.columns else t
            )
        else:
            schools = self.results()
            ids = sorted(schools.loc[schools.unit_type == "school", "unit_id"].unique())
            frame = pd.DataFrame({c: pd.Series(dtype="str") for c in tables()["schools"].columns})
            frame["school_id"] = ids
            frame["school_name"] = ids
        for column, otherwise in (
            ("school_name", None),
            ("district_id", ""),
            ("district_name", None),
            ("level", "other"),
        ):
            fill = frame["school_id" if column == "school_name" else "district_id"] if otherwise is None else otherwise
            frame[column] = frame[column].where(frame[column].notna(), fill)
        return frame.sort_values("school_id", ignore_index=True)

    def schools(self) -> pd.DataFrame:
        """Return the schools: the columns of the table ``schools``, one row per school, by id."""
        return self._schools

    def released(self, *, audience: str = "internal", minimum: int = 20, profile: str = "nces"):
        """Return the results that may be shown (``kit.privacy.release``)."""
        from kit.privacy import release

        return release(self.results(), audience=audience, minimum=minimum, schools=self.schools(), profile=profile)

    def check(self):
        """Check everything and return the report (``kit.records.check.CheckReport``)."""
        from kit.records.check import CheckReport, check_records

        if self.has_records:
            from kit.measures.compute import switched_off

            return check_records(self.records, switched_off(self.records))
        faults = list(self._file_faults)
        counts: dict[str, int] = {}
        try:
            counts["results"] = len(self.results())
        except InputError as error:
            faults += error.faults
        absent = [] if faults else sorted(set(measures()) - set(self.results().measure))
        return CheckReport(tuple(faults), counts, {m: ["published results"] for m in absent})

    def missing(self) -> list[tuple[str, list[str]]]:
        """Return what is not there and the measures that it switches off: (table or column, measure ids)."""
        if not self.has_records:
            return []
        from kit.measures.compute import switched_off

        by_table: dict[str, list[str]] = {}
        for measure_id, lacks in switched_off(self.records).items():
            for what in lacks:
                by_table.setdefault(what, []).append(measure_id)
        return list(by_table.items())


def _settings(folder: Path) -> dict:
    path = folder / SETTINGS
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KitError(f"The settings cannot be read ({error})", where=SETTINGS, mend="Correct the line.") from None


def _connection(settings: dict) -> str | None:
    """Return ``[records] connection = "postgresql://…"``, where it is given."""
    given = settings.get("records", {})
    connection = given.get("connection") if isinstance(given, dict) else given
    if not connection:
        return None
    if not isinstance(connection, str) or not is_connection(connection):
        raise KitError(
            "The connection is no connection string",
            where=f"{SETTINGS}, [records] connection",
            mend='Write connection = "postgresql://user@host/database".',
        )
    return connection


def _memory(settings: dict) -> str:
    """Return ``[records] memory = "4GB"``, where it is given."""
    given = settings.get("records", {})
    memory = given.get("memory", MEMORY_LIMIT) if isinstance(given, dict) else MEMORY_LIMIT
    if not isinstance(memory, str) or not re.fullmatch(r"[1-9]\d* ?[MGT]i?B", memory):
        raise KitError(
            "The memory is no number of megabytes or gigabytes",
            where=f"{SETTINGS}, [records] memory",
            mend='Write memory = "4GB".',
        )
    return memory


def open_workspace(data: str | Path) -> Workspace:
    """Open a data folder, or a database by its connection string.

    Parameters
    ----------
    data : str or Path
        A folder as records.md describes it: records, or published results; or the Ibis connection string of a
        database with a table for each table of the records.

    Raises
    ------
    KitError
        If there is no such folder, or its settings cannot be read.
    """
    return Workspace(data)
