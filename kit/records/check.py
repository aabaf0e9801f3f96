"""Every fault of a data folder at once, each with file, row, column and the mend."""

from __future__ import annotations

from dataclasses import dataclass

from kit.errors import Fault
from kit.records.cells import ONCE_EACH, cell_faults, repeated, wrong_cells
from kit.records.links import link_faults
from kit.records.records import Records
from kit.records.times import date_faults, number_faults, spell_faults

__all__ = ["CheckReport", "check_records", "stopping_faults"]


@dataclass(frozen=True)
class CheckReport:
    """What a check found.

    Attributes
    ----------
    faults : tuple of Fault
        Errors first, then warnings, then notes; by file and row.
    tables : dict of str to int
        Rows of each table that is there.
    switched_off : dict of str to list of str
        Measures that cannot be had, with what each lacks.
    """

    faults: tuple[Fault, ...]
    tables: dict[str, int]
    switched_off: dict[str, list[str]]

    @property
    def errors(self) -> tuple[Fault, ...]:
        return tuple(f for f in self.faults if f.severity == "error")

    @property
    def warnings(self) -> tuple[Fault, ...]:
        return tuple(f for f in self.faults if f.severity == "warning")


def check_records(records: Records, switched_off: dict[str, list[str]] | None = None) -> CheckReport:
    """Check every table that is there and the links between them.

    Parameters
    ----------
    records : Records
    switched_off : dict of str to list of str, optional
        Measures that cannot be had with what each lacks, to be told with the faults.

    Returns
    -------
    CheckReport
    """
    faults = list(records.faults) + _no_schools(records)
    counts: dict[str, int] = {}
    for name in records.found():
        counts[name] = int(records.raw(name).count().execute())
        faults += cell_faults(records, name)
        if counts[name] == 0:
            faults.append(
                Fault(
                    "warning",
                    records.name_of(name),
                    "The table has no rows",
                    "Fill it in or take it out",
                    rule="empty-table",
                )
            )
    for between in (link_faults, spell_faults, date_faults, number_faults):
        faults += between(records)
    order = {"error": 0, "warning": 1, "note": 2}
    faults.sort(key=lambda f: (order[f.severity], f.file, f.row or 0, f.column or "", f.rule))
    return CheckReport(tuple(faults), counts, switched_off or {})


def stopping_faults(records: Records) -> list[Fault]:
    """Return the faults that stop a computation: files, columns and types, and schools or pupils given twice."""
    faults = [f for f in records.faults if f.stops] + _no_schools(records)
    for name in records.found():
        faults += wrong_cells(records, name, types_only=True)
        if name in ONCE_EACH:
            faults += repeated(records, name)
    return faults


def _no_schools(records: Records) -> list[Fault]:
    if "schools" in records.found():
        return []
    return [
        Fault(
            "error",
            "schools",
            "The table 'schools' is missing: no record has a place",
            "Add schools.csv",
            rule="missing-table",
            stops=True,
        )
    ]
