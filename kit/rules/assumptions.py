"""What a rule set assumes where no source settles it: printed with every result that rests on it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from kit.errors import KitError

__all__ = ["Assumption", "all_assumed", "assumed", "assumption_texts", "rule_file", "rule_table"]

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Assumption:
    """A choice that no source settles.

    Attributes
    ----------
    id : str
        Short stable name.
    text : str
        What is assumed, as a reader of a report sees it.
    alternative : str
        What else could be meant.
    source : str
        Where the question was looked for.
    grade : {"B", "C", "D"}
        Evidence: B a public transcription, C a secondary source, D an inference.
    """

    id: str
    text: str
    alternative: str
    source: str
    grade: str = "D"

    def __str__(self) -> str:
        return f"ASSUMPTION ({self.grade}): {self.text} Alternative: {self.alternative}"


@cache
def rule_file(name: str) -> dict:
    """Return a rule file of this folder (TOML) as a dictionary. Do not change it: it is kept."""
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@cache
def _table(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


def rule_table(name: str) -> pd.DataFrame:
    """Return a rule table of this folder (CSV) as text: one rule a row, with ``source`` and ``grade``."""
    return _table(name).copy()


def assumed(file: str, *ids: str) -> tuple[Assumption, ...]:
    """Return the named assumptions of a rule file, in the order asked.

    Raises
    ------
    KitError
        Where the file has no such assumption.
    """
    known = {a["id"]: Assumption(**a) for a in rule_file(file)["assumption"]}
    missing = [i for i in ids if i not in known]
    if missing:
        raise KitError(f"no assumption '{missing[0]}'", where=file, mend=f"Known: {', '.join(known)}.")
    return tuple(known[i] for i in ids)


def all_assumed(file: str) -> tuple[Assumption, ...]:
    """Return every assumption of a rule file, in the file's order."""
    return tuple(Assumption(**a) for a in rule_file(file)["assumption"])


def assumption_texts(assumptions: Iterable[Assumption]) -> list[str]:
    """Return the lines to print, as plain text: a table with them in ``attrs`` can still be written."""
    return [str(a) for a in assumptions]
