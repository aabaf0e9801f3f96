"""No entry holds a pupil: a text in which an id of the records stands as a word of its own is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from kit.inquiry.kinds import Kind
from kit.inquiry.typed import Problem

__all__ = ["PupilGuard", "guard_of"]

# ASSUMPTION, a setting of the guard: a shorter id is not told from a number that a team writes («12 pupils», «2026»).
SHORTEST_ID = 5
TOKEN = re.compile(r"[^\W_]+(?:[-_][^\W_]+)*")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

Lookup = Callable[[Collection[str]], Iterable[str]]


def _bare(word: str) -> str:
    # A spreadsheet takes the leading zeros of an id away.
    return word.strip().lower().lstrip("0")


class PupilGuard:
    """Finds the ids of pupils in what a team writes.

    Parameters
    ----------
    pupil_ids : iterable of str, or function
        The ids; or a function that takes candidate words (lower case, without leading zeros) and returns those that
        are ids, for a network whose millions of ids are better asked for than held.
    shortest : int
        Shorter ids are not looked for.
    """

    def __init__(self, pupil_ids: Iterable[str] | Lookup = (), *, shortest: int = SHORTEST_ID):
        self.shortest = shortest
        self._asked: set[str] = set()
        self._ids: set[str] = set()
        if callable(pupil_ids):
            self._lookup: Lookup = pupil_ids
        else:
            held = frozenset(_bare(str(i)) for i in pupil_ids if len(str(i).strip()) >= shortest)
            self._lookup = held.intersection

    def words(self, text: str) -> set[str]:
        """Return what could be an id in a text: long enough and no date; lower case, without leading zeros."""
        words = set()
        for found in TOKEN.findall(DATE.sub(" ", text)):
            # «A-10455» is one word, and so are its parts.
            words.update(w for w in (found, *re.split(r"[-_]", found)) if len(w) >= self.shortest)
        return {_bare(w) for w in words} - {""}

    def read_ahead(self, values: Iterable[Any]) -> None:
        """Look up the words of many texts at once, before they are checked one by one."""
        self._ids_among(set().union(*(self.words(text) for value in values for text in _strings(value))))

    def _ids_among(self, words: set[str]) -> set[str]:
        if new := words - self._asked:
            self._ids |= set(self._lookup(new))
            self._asked |= new
        return words & self._ids

    def problems(self, kind: Kind, fields: Mapping[str, Any]) -> list[Problem]:
        """Return a problem for each field in whose texts a pupil's id stands.

        Codes (a school's id, a measure's) are not texts: a school may have the number of a pupil.
        """
        fields = {n: v for n, v in fields.items() if n not in kind.fields or kind.fields[n].type != "code"}
        by_field = {name: set().union(*map(self.words, _strings(value))) for name, value in fields.items()}
        found = self._ids_among(set().union(*by_field.values()))
        # The id itself is not repeated: a message may be sent on.
        return [
            Problem(
                name,
                "it holds the id of a pupil in the records",
                "Say it without naming a pupil: a grade, a group, a class, or how many",
            )
            for name, words in by_field.items()
            if words & found
        ]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _strings(list(value.values()))
    elif isinstance(value, list | tuple):
        for v in value:
            yield from _strings(v)


def _pupil_words(records):
    ids = records.table("students").student_id
    ids = ids.as_table().filter(ids.strip().length() >= SHORTEST_ID)
    return ids.select(word=ids.student_id.strip().lower().re_replace("^0+", "")).distinct()


def guard_of(workspace) -> PupilGuard:
    """Return the guard of a data folder: it asks the records' ``students`` and holds no list."""

    def lookup(words: Collection[str]) -> list[str]:
        if not workspace.has_records or not workspace.records.has("students"):
            return []
        ids = workspace.records.once("pupil_words", lambda: _pupil_words(workspace.records))
        return workspace.records.con.to_pandas(ids.filter(ids.word.isin(sorted(words))))["word"].tolist()

    return PupilGuard(lookup)
