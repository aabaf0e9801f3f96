"""Strengths and questions of one school and year, in plain sentences: never a cause, never a rank."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from kit.compare.candidates import Candidate, from_gaps, from_glance, from_trends, unknown
from kit.compare.concern import at_a_glance
from kit.compare.gaps import gap_over_years, gaps
from kit.compare.inputs import school_rows
from kit.compare.settings import CompareSettings
from kit.compare.words import (
    prompt,
    prompt_again,
    topic,
)
from kit.errors import KitError
from kit.language import N_, _, ngettext, number
from kit.measures.registry import measure as find_measure
from kit.measures.registry import measures

__all__ = ["CANNOT_TELL", "RULE", "say", "strengths_and_questions"]

CANNOT_TELL = (
    N_("The sentences come from the numbers alone: they say where to look, never why."),
    N_("What is not measured, not shown or rests on few students has no sentence."),
    N_("A strength may be the work of the school, of its surroundings, or of chance."),
)

RULE = (
    "A sentence is a candidate where the change since last year, the distance from the median of the "
    "schools of the level (for schools among the quarter at either end), or the gap between a group and "
    "the other students is more than its margin of error. Candidates are ordered by how many times its "
    "own margin the difference is; means, which have no margin, come last. Each measure and then each "
    "theme has its turn before one comes a second time, a measure has one gap at most (one that widened "
    "before one that is), and gaps fill at most half of the places while there is anything else. Equal "
    "candidates follow the order of the measures, then of the basis and the group by name."
)

_BASES = ("improved", "worsened", "best quarter", "last quarter", "gap narrowed", "gap", "gap widened")
# Which of a theme's prompts a question has, by its basis.
_PROMPTS = {"worsened": "change", "last quarter": "level", "gap": "gap", "gap widened": "widening"}


def _choose(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Choose by :data:`RULE`."""
    order = {m: i for i, m in enumerate(measures())}

    def place(c: Candidate) -> tuple:
        return (1.0 if c.clearness != c.clearness else -c.clearness, order[c.measure], _BASES.index(c.basis))

    turns, rounds, placed = Counter(), Counter(), []
    for c in sorted(candidates, key=lambda c: (*place(c), c.student_group)):
        turn = turns[c.measure]
        placed.append(((turn, rounds[turn, topic(c.measure)], *place(c)), c))
        turns[c.measure] += 1
        rounds[turn, topic(c.measure)] += 1
    placed.sort(key=lambda both: both[0])
    # That a gap widened says more than that there is one; a second gap of a measure would ask the same again.
    widened = {c.measure for _at, c in placed if c.basis == "gap widened"}
    first, over, with_gap = [], [], set()
    for _at, c in placed:
        is_gap = c.student_group != "all"
        if is_gap and (c.measure in with_gap or (c.basis == "gap" and c.measure in widened)):
            continue
        if is_gap:
            with_gap.add(c.measure)
        (over if is_gap and len(with_gap) > math.ceil(most / 2) else first).append(c)
    return [*first, *over][:most]


def _with_prompts(questions: Sequence[Candidate]) -> list[Candidate]:
    """End each question with its theme's prompt, and with another where that has been asked already."""
    asked: set[str] = set()
    out = []
    for c in questions:
        about = _PROMPTS[c.basis]
        ask = prompt(c.measure, about)
        if ask in asked:
            ask = prompt_again(about)
        asked.add(ask)
        out.append(c._replace(text=_("{finding}: {question}").format(finding=c.text, question=ask)))
    return out


def _cautions(
    chosen: Sequence[Candidate], glance: Sequence[Mapping], looked: int, settings: CompareSettings
) -> list[Candidate]:
    out = []

    def add(measure_id: str, text: str) -> None:
        out.append(Candidate("caution", measure_id, "all", "caution", math.nan, text))

    first_of: dict[str, str] = {}
    for c in chosen:
        first_of.setdefault(c.basis, c.measure)
    if looked:
        add(
            "",
            ngettext(
                "{n} comparison was looked at; if nothing differed, about {chance} of them would still look clear "
                "by chance alone.",
                "{n} comparisons were looked at; if nothing differed, about {chance} of them would still look clear "
                "by chance alone.",
                looked,
            ).format(n=number(looked), chance=number(looked * (1 - settings.confidence))),
        )
    silent = sum(row["concern"] == "too few to say" for row in glance)
    if silent:
        add(
            "",
            ngettext(
                "On {n} of {total} measures there are too few students or schools to compare, or the number is not "
                "shown.",
                "On {n} of {total} measures there are too few students or schools to compare, or the number is not "
                "shown.",
                silent,
            ).format(n=silent, total=len(glance)),
        )
    for basis in ("gap", "gap narrowed", "gap widened"):
        if basis in first_of:
            add(first_of[basis], _("Student groups overlap, and a gap says nothing about any one student."))
            break
    for basis in ("improved", "worsened"):
        if basis in first_of:
            add(first_of[basis], _("A change from one year to the next is partly a change of students."))
            break
    survey = [c.measure for c in chosen if find_measure(c.measure).counts == "answers"]
    if survey:
        add(
            survey[0],
            _(
                "A survey counts answers, several to a person, by those who answered: margins are widened for "
                "{n} answers a person, and say nothing of those who did not answer."
            ).format(n=f"{settings.answers_per_person:g}"),
        )
    if not chosen:
        add("", _("Nothing stands out more than chance would: that is not the same as everything being well."))
    return out


def say(
    glance: Sequence[Mapping],
    gap_rows: Sequence[Mapping],
    trends: Sequence[Mapping],
    settings: CompareSettings | None = None,
) -> list[dict]:
    """Write the strengths, questions and cautions of a school from its rows.

    Parameters
    ----------
    glance : sequence of mapping
        The school's rows of :func:`at_a_glance`, of the year and of all students; None or NaN where empty.
    gap_rows : sequence of mapping
        Its rows of :func:`gaps`, of the year.
    trends : sequence of mapping
        Its rows of :func:`gap_over_years`.
    settings : CompareSettings, optional

    Returns
    -------
    list of dict
        The rows of :func:`strengths_and_questions`.
    """
    settings = settings or CompareSettings()
    candidates = [*from_glance(glance, settings), *from_gaps(gap_rows), *from_trends(trends)]
    strengths = _choose([c for c in candidates if c.kind == "strength"], settings.most_strengths)
    questions = _choose([c for c in candidates if c.kind == "question"], settings.most_questions)
    chosen = [*strengths, *_with_prompts(questions)]
    looked = sum(
        not unknown(row[column])
        for some, column in ((glance, "change_low"), (gap_rows, "gap_low"), (trends, "gap_change_low"))
        for row in some
    )
    return [c._asdict() for c in (*chosen, *_cautions(chosen, glance, looked, settings))]


def strengths_and_questions(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    school_id: str,
    school_year: int,
    *,
    settings: CompareSettings | None = None,
    glance: pd.DataFrame | None = None,
    gap_table: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Write the strengths, questions and cautions of a school and year.

    Parameters
    ----------
    results, schools : DataFrame
    school_id : str
    school_year : int
        Ending year.
    settings : CompareSettings, optional
    glance : DataFrame, optional
        :func:`at_a_glance` of the year, already made for all schools (saves making it for each report).
    gap_table : DataFrame, optional
        :func:`gaps` of this school for the year and the year before, or of all schools.

    Returns
    -------
    DataFrame
        ``kind`` (strength, question, caution), ``measure`` (empty for a caution about all of them),
        ``student_group``, ``basis`` (why it was a candidate), ``clearness`` (the difference as a multiple
        of its margin; empty for means and cautions) and ``text`` (plain text). Chosen by :data:`RULE`;
        strengths first. A school without numbers has cautions only.

    Raises
    ------
    KitError
        If the school is not among the schools.
    """
    settings = settings or CompareSettings()
    if school_id not in set(school_rows(schools)["school_id"]):
        raise KitError(f"'{school_id}' is not among the schools", mend="Use a school_id of the table schools.")
    if glance is None:
        glance = at_a_glance(results, schools, school_year=school_year, settings=settings)
    glance = glance[
        glance["unit_id"].eq(school_id) & glance["school_year"].eq(school_year) & glance["student_group"].eq("all")
    ]
    if gap_table is None:
        gap_table = gaps(results, school_year=[school_year - 1, school_year], unit_id=school_id, settings=settings)
    gap_table = gap_table[gap_table["unit_id"].eq(school_id) & gap_table["unit_type"].eq("school")]
    trends = gap_over_years(gap_table, last_year=school_year, settings=settings)
    now = gap_table[gap_table["school_year"].eq(school_year)]
    found = say(*(t.to_dict("records") for t in (glance, now, trends)), settings)
    return pd.DataFrame(found, columns=list(Candidate._fields)).astype({"clearness": float})
