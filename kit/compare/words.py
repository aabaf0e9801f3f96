"""How a measure, a student group and a level are called inside a sentence, and what a team may ask next."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pandas as pd

from kit.language import N_, _, ngettext, number
from kit.measures.registry import group_name
from kit.measures.registry import measure as find_measure

__all__ = [
    "as_text",
    "group_words",
    "level_words",
    "people",
    "prompt",
    "prompt_again",
    "said_by_definition",
    "sentence_start",
    "subject",
    "topic",
]

_WHO = {"student": N_("students"), "staff": N_("staff"), "family": N_("families")}


@cache
def _words() -> dict:
    return tomllib.loads((Path(__file__).parent / "prompts.toml").read_text(encoding="utf-8"))


def as_text(name: object) -> str:
    """Return a name on one line: white space of any kind becomes one space; nothing is read as markup."""
    return "" if name is None or name is pd.NA or name != name else " ".join(str(name).split())


def sentence_start(words: str) -> str:
    """Begin a sentence: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]


def subject(measure_id: str) -> str:
    """Name a measure inside a sentence, in the singular."""
    known = _words()["subject"]
    if measure_id in known:
        return _(known[measure_id])
    found = find_measure(measure_id)
    if found.theme == "surveys":
        about = found.construct[:1].lower() + found.construct[1:]
        return _("the share of positive answers by {people} about {construct}").format(
            people=_(_WHO[found.respondent]), construct=about
        )
    return found.name[:1].lower() + found.name[1:]


def group_words(student_group: str) -> str:
    """Name a student group inside a sentence, in the plural."""
    known = _words()["group"]
    if student_group == "all":
        return _("all students")
    if student_group in known:
        return _(known[student_group])
    name = group_name(student_group)
    if student_group.startswith("gender_"):
        name = name.lower()
    return _("{name} students").format(name=name)


def level_words(level: object) -> str:
    """Name the schools of a level: «elementary schools»."""
    text = as_text(level)
    known = _words()["level"]
    return _(known[text]) if text in known else _("schools of the level {level}").format(level=text)


def people(measure_id: str, n: float) -> str:
    """Write a denominator: «312 students», or «1,240 answers» for a survey."""
    if find_measure(measure_id).counts == "answers":
        return ngettext("{n} answer", "{n} answers", int(n)).format(n=number(int(n)))
    return ngettext("{n} student", "{n} students", int(n)).format(n=number(int(n)))


def topic(measure_id: str) -> str:
    """Return the theme whose prompts a measure has; surveys are two."""
    found = find_measure(measure_id)
    if found.theme != "surveys":
        return found.theme
    return "surveys_sel" if measure_id.startswith("sel_") else "surveys_climate"


def prompt(measure_id: str, about: str) -> str:
    """Return the question to ask next; ``about`` is level, change, gap or widening."""
    words = _words()
    return _(words.get(measure_id, words[topic(measure_id)])[about])


def said_by_definition(measure_id: str, student_group: str) -> bool:
    """Say whether the measure helps to decide who is in the group, so that a gap says little."""
    return measure_id in _words()["by_definition"].get(student_group, [])


def prompt_again(about: str) -> str:
    """Return the question for a second sentence that would ask the same as an earlier one."""
    question = _words()["again"][about]
    return _(question)
