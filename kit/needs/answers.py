"""One person's answer on one element, and a person's whole form."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from kit.needs.instrument import SCORES, Instrument

__all__ = ["DONT_KNOW", "Answer", "Form", "NoScoreError", "same_person", "score_of"]

DONT_KNOW = "don't know"
_DONT_KNOW = {"dont know", "do not know", "i dont know", "i do not know", "dk", "unsure", "not sure", "?"}


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes
    ----------
    rater : str
        A name, or «rater 3» where names are not kept.
    element : str
        Code of what was rated.
    score : int or None
        1 to 4; None where it was left blank.
    unknown : bool
        «Don't know». On a form with a drop-down and on the web it counts as a 1 with that comment; on paper it is a
        blank (Advance CTE's guide, rules.md section 4.2).
    evidence : str
    """

    rater: str
    element: str
    score: int | None
    unknown: bool = False
    evidence: str = ""


@dataclass(frozen=True)
class Form:
    """What one person answered, and where it was read.

    Attributes
    ----------
    rater, role, email : str
    answers : tuple of Answer
    source : str
        File, and row of it where it holds several people.
    at : str
        When it was filled in, as far as the file says (ISO, empty if it does not): the latest counts.
    """

    rater: str
    answers: tuple[Answer, ...]
    source: str
    at: str = ""
    role: str = ""
    email: str = ""

    @property
    def blanks(self) -> tuple[str, ...]:
        """Codes that were left blank."""
        return tuple(a.element for a in self.answers if a.score is None)


def same_person(name: str) -> str:
    """Return a name as two spellings of it compare: without case, accents' encoding, dots and double spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().replace(".", " ").split())


class NoScoreError(ValueError):
    """What stands in a cell is no score; ``mend`` says what to write."""

    mend = "Write 1, 2, 3, 4 or don't know, or leave it blank"


def score_of(value: Any, instrument: Instrument) -> tuple[int | None, bool]:
    """Return (score, don't know) of what stands in a cell: a number, «3 Promising», «Promising», «don't know», blank.

    Raises
    ------
    NoScoreError
        If it is none of these.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, False
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise NoScoreError(f"«{value}» is no score")
    if isinstance(value, int | float):
        if value in SCORES:
            return int(value), False
        raise NoScoreError(f"{value:g} is no score: scores are {SCORES[0]} to {SCORES[-1]}")
    plain = " ".join(re.sub(r"['’‘`´]", "", value).casefold().split()).rstrip(".")
    if plain in _DONT_KNOW:
        return 1, True
    names = {level.name.casefold(): score for score, level in instrument.levels.items()}
    if plain in names:
        return names[plain], False
    # «3», «3.0», «3 - Promising», «3 = Promising»
    found = re.fullmatch(r"([1-4])(?:\.0)?(?:\s*[-–—:=.)]?\s*(?P<name>[^\d].*))?", plain)
    if found and (
        not found["name"] or (found["name"].strip() in names and names[found["name"].strip()] == int(found[1]))
    ):
        return int(found[1]), False
    raise NoScoreError(f"«{value.strip()[:40]}» is no score")
