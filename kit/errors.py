"""What is wrong, where, and what to do: the one family of errors that a user ever sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Fault", "InputError", "KitError"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in an input.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
        Errors end a check with status 1; warnings and notes do not.
    file : str
        Name of the file (or table) as the user knows it.
    problem : str
        What is wrong, with the value that was found.
    mend : str
        What to do about it.
    row : int or None
        Row as a spreadsheet numbers it: the header is row 1.
    column : str or None
    rule : str
        Short stable name of the rule, such as ``duplicate-key``.
    count : int
        How many rows have this fault (the row given is the first).
    stops : bool
        True where no measure can be computed until it is mended.
    key : str
        What names the row in a database, where rows have no number: ``student_id 0007, school_year 2026``.
    """

    severity: str
    file: str
    problem: str
    mend: str
    row: int | None = None
    column: str | None = None
    rule: str = ""
    count: int = 1
    stops: bool = False
    key: str = ""

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.key:
            where.append(self.key)
        if self.column:
            where.append(f"column '{self.column}'")
        return f"{', '.join(where)}: {self.problem}. {self.mend}"


class KitError(Exception):
    """An error that a user can mend: what is wrong, where, and what to do.

    Parameters
    ----------
    problem : str
        What is wrong.
    where : str, optional
        File, row, column or setting.
    mend : str, optional
        What to do.
    """

    def __init__(self, problem: str, *, where: str = "", mend: str = ""):
        self.problem, self.where, self.mend = problem, where, mend
        super().__init__(": ".join(p for p in (where, problem) if p) + (f". {mend}" if mend else ""))


class InputError(KitError):
    """Every fault found in an input, reported together.

    Parameters
    ----------
    faults : iterable of Fault
    what : str
        The input that is wrong, such as the data folder's path.
    """

    def __init__(self, faults: Iterable[Fault], what: str = "the input"):
        self.faults = tuple(faults)
        n = len(self.faults)
        head = f"{n} fault{'s' * (n != 1)} in {what}"
        super().__init__("\n".join([head, *(f"  {f}" for f in self.faults)]))
