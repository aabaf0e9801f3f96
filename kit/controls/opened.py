"""A data folder that a notebook has opened: read once, with its steps said aloud, and kept for the next."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from kit.charts.words import listing
from kit.controls.kept_numbers import KeptNumbers
from kit.errors import Fault, KitError
from kit.language import use
from kit.measures.registry import measures
from kit.privacy import REPORT_MINIMUM
from kit.records.check import CheckReport
from kit.records.files import find_sources
from kit.reports.prepared import Prepared, prepare
from kit.reports.school import SchoolReport
from kit.workspace import Workspace, open_workspace

__all__ = ["OpenedFolder", "as_folder", "folders_beside", "open_folder"]

# The list of folders beside is a help, not a file browser; no source: a setting.
MOST_FOLDERS = 50


class OpenedFolder:
    """What was read of a data folder; each step is done once.

    It answers ``kit.reports.prepared.prepare`` in place of the workspace, so that another school year asks
    neither the records nor the gate a second time.

    Attributes
    ----------
    workspace : Workspace
    minimum : int
        The smallest group that is shown.
    latest : Prepared or None
        The released numbers of the latest school year; None while a fault stands in the way.
    """

    def __init__(self, workspace: Workspace, minimum: int = REPORT_MINIMUM):
        self.workspace, self.minimum = workspace, minimum
        self.folder, self.name, self.settings = workspace.folder, workspace.name, workspace.settings
        self.latest: Prepared | None = None
        self._by_year: dict[int, Prepared] = {}
        self._kept = KeptNumbers(workspace, minimum)
        self._was_kept = False

    @cached_property
    def check(self) -> CheckReport:
        """What ``kit check`` finds."""
        return self.workspace.check()

    @property
    def stops(self) -> tuple[Fault, ...]:
        """The faults that must be mended before a measure can be computed."""
        return tuple(f for f in self.check.faults if f.stops)

    @cached_property
    def _released(self):
        if self._was_kept:
            return self.latest.released
        return self.workspace.released(audience="internal", minimum=self.minimum)

    @cached_property
    def _missing(self):
        if self._was_kept:
            return [(table, list(ids)) for table, ids in self.latest.notes.missing]
        return self.workspace.missing()

    @cached_property
    def _fingerprint(self) -> str:
        if self._was_kept:
            return self.latest.notes.fingerprint
        return self.workspace.fingerprint()

    @property
    def has_records(self) -> bool:
        """Whether there are records behind the results."""
        return self.workspace.has_records

    @property
    def records(self):
        """The records; what is made of them goes to the gate and nowhere else."""
        return self.workspace.records

    def results(self):
        """The results; they go to the gate and nowhere else. Where kept numbers were found, the released ones."""
        return self.latest.released.table if self._was_kept else self.workspace.results()

    def released(self, *, audience: str, minimum: int):
        """The released results of all years; asked for otherwise than opened, the workspace answers."""
        if (audience, minimum) != ("internal", self.minimum):
            return self.workspace.released(audience=audience, minimum=minimum)
        return self._released

    def schools(self):
        """The table ``schools``; as text where kept numbers were found."""
        return self.latest.schools if self._was_kept else self.workspace.schools()

    def missing(self):
        """The tables that are not there, with the measures that each switches off."""
        return self._missing

    def fingerprint(self) -> str:
        """A fingerprint of the data files, as they were when opened."""
        return self._fingerprint

    def read(self, say: Callable[[str], None]) -> OpenedFolder:
        """Read everything that the displays need.

        Parameters
        ----------
        say : callable
            Is told each step in words before it begins.

        Raises
        ------
        KitError
            If the folder holds nothing that can be read.
        """
        if self.latest is None:
            self._read(say)
        _ = self.years(), self.measure_ids()
        return self

    def _read(self, say: Callable[[str], None]) -> None:
        if found := self._kept.find():
            if found.check is not None:
                vars(self)["check"] = found.check
            self._was_kept, self.latest = True, found.prepared
            self._by_year[0] = self._by_year[self.latest.school_year] = self.latest.lay_out()
            return
        say("Reading the tables and checking every row (step 1 of 3).")
        if self.check and not self.stops:
            say("Computing the measures from the records (step 2 of 3).")
            self.results()
            say("Withholding small groups, so that no student can be recognised (step 3 of 3).")
            self.latest = self.prepared(0)

    def prepared(self, school_year: int) -> Prepared:
        """Return the released numbers of a school year (0 is the latest)."""
        if school_year not in self._by_year:
            found = self._kept_or_made(school_year)
            self._by_year[school_year] = self._by_year[found.school_year] = found
        return self._by_year[school_year]

    def _kept_or_made(self, school_year: int) -> Prepared:
        if found := self._kept.find(school_year):
            return found.prepared.lay_out()
        with use():  # what is written down now is put into words when it is read
            made = prepare(self, school_year=school_year, minimum=self.minimum)
        self._kept.keep(made, None if school_year else self.check, school_year)
        # As every later notebook sees it, to the last type.
        found = self._kept.find(school_year)
        return (found.prepared if found else made).lay_out()

    def years(self) -> list[int]:
        """Return the school years that have a number of a school, the latest first."""
        return [] if self.latest is None else self._years

    def measure_ids(self) -> frozenset[str]:
        """Return the measures that have a row."""
        return frozenset() if self.latest is None else self._measure_ids

    # Each is asked for at every pick, and the table has millions of rows in a large network.

    @cached_property
    def _years(self) -> list[int]:
        table = self.latest.released.table
        found = table.loc[table["unit_type"].eq("school"), "school_year"].unique()
        return sorted((int(y) for y in found), reverse=True)

    @cached_property
    def _measure_ids(self) -> frozenset[str]:
        return frozenset(self.latest.released.table["measure"].unique())

    def lacking(self, measure_id: str) -> str:
        """Say that there is no number of a measure and which tables it takes; empty where there is one."""
        if measure_id in self.measure_ids() or measure_id not in measures():
            return ""
        takes = listing([f"'{what}'" for what, off in self.missing() if measure_id in off])
        return f"There is no number of «{measures()[measure_id].name}» here" + (
            f": it takes {takes}." if takes else "."
        )

    def report(self, school_id: str, school_year: int, *, live: bool) -> SchoolReport:
        """Return the report of one school and year, whose sections the displays are."""
        return SchoolReport(self.prepared(school_year), school_id, live)


_opened: dict[tuple, OpenedFolder] = {}


def as_folder(text: str) -> Path:
    """Read what a person typed or pasted as a folder.

    Raises
    ------
    KitError
        If nothing was typed.
    """
    plain = str(text).strip().strip("\"'").strip()
    if not plain:
        raise KitError("No data folder is given", mend="Type where it is, or choose one that was found beside.")
    return Path(plain).expanduser()


def open_folder(text: str, say: Callable[[str], None] = lambda _: None) -> OpenedFolder:
    """Open a data folder and read it, or return what was read of the same files before.

    Parameters
    ----------
    text : str
        The folder, as a person typed it.
    say : callable
        Is told each step in words.

    Raises
    ------
    KitError
        If there is no such folder, or it holds nothing that can be read.
    """
    folder = as_folder(text)
    workspace = open_workspace(folder)
    stats = [(p.name, p.stat()) for p in workspace.files]
    faults = tuple(map(str, workspace.file_faults))
    key = (str(folder.resolve()), tuple((name, s.st_size, s.st_mtime_ns) for name, s in stats), faults)
    for other in [k for k in _opened if k[0] == key[0] and k != key]:
        del _opened[other]
    kept = _opened.get(key) or OpenedFolder(workspace)
    _opened[key] = kept.read(say)
    return kept


def folders_beside(text: str) -> list[Path]:
    """Return the data folders in the same place as this one, by name; a folder that cannot be read is left out."""
    place = as_folder(text).parent
    found = []
    try:
        near = sorted(p for p in place.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError:
        return []
    for folder in near[:MOST_FOLDERS]:
        try:
            tables, _ = find_sources(folder)
        except (KitError, OSError):
            continue
        if tables:
            found.append(folder)
    return found
