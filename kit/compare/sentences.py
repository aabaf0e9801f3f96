"""Strengths and questions of one school and year, in plain sentences: never a cause, never a rank."""

from __future__ import annotations

import math

import pandas as pd

from kit.compare.concern import at_a_glance
from kit.compare.gaps import gap_over_years, gaps
from kit.compare.inputs import school_rows
from kit.compare.settings import CompareSettings
from kit.compare.words import (
    group_words,
    level_words,
    people,
    prompt,
    prompt_again,
    said_by_definition,
    sentence_start,
    subject,
    topic,
)
from kit.errors import KitError
from kit.language import N_, _, ngettext, number, percent
from kit.measures.registry import measure as find_measure
from kit.measures.registry import measures

__all__ = ["CANNOT_TELL", "RULE", "strengths_and_questions"]

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
_COLUMNS = ["kind", "measure", "student_group", "basis", "clearness", "text"]


def _times_margin(difference: float, low: float, high: float) -> float:
    """Return a difference as a multiple of its margin on the side of 0: clear above 1; empty without."""
    margin = difference - low if difference > 0 else high - difference
    return math.inf if margin == 0 else abs(difference) / margin


def _higher(measure_id: str, good: bool) -> bool:
    return (find_measure(measure_id).better == "up") == good


def _share_words(share: float) -> str:
    return _("quarter") if share == 0.25 else percent(100 * share)


def _moved(row) -> str:
    write = find_measure(row.measure).write
    rose = row.change > 0
    if pd.isna(row.change_low):
        text = (
            _("{subject} rose from {before} to {now} ({people}), a notable change by the setting for this measure")
            if rose
            else _("{subject} fell from {before} to {now} ({people}), a notable change by the setting for this measure")
        )
    else:
        text = (
            _("{subject} rose from {before} to {now} ({people}), more than chance alone would explain")
            if rose
            else _("{subject} fell from {before} to {now} ({people}), more than chance alone would explain")
        )
    return sentence_start(
        text.format(
            subject=subject(row.measure),
            before=write(row.previous_value),
            now=write(row.value),
            people=people(row.measure, row.n),
        )
    )


def _stands(row, good: bool, settings: CompareSettings) -> str:
    write = find_measure(row.measure).write
    text = (
        _(
            "{subject} is {value} ({people}), among the {share} of {schools} where it is highest "
            "(median of {count} schools: {median})"
        )
        if _higher(row.measure, good)
        else _(
            "{subject} is {value} ({people}), among the {share} of {schools} where it is lowest "
            "(median of {count} schools: {median})"
        )
    )
    return sentence_start(
        text.format(
            subject=subject(row.measure),
            value=write(row.value),
            people=people(row.measure, row.n),
            share=_share_words(settings.quarter),
            schools=level_words(row.level),
            count=row.schools_compared,
            median=write(row.level_median),
        )
    )


def _sentence(text: str) -> str:
    return _("{finding}.").format(finding=text)


def _from_glance(glance: pd.DataFrame, settings: CompareSettings) -> list[tuple]:
    out = []
    for row in glance.itertuples():
        if row.change_class in ("improved", "worsened"):
            clear = _times_margin(row.change, row.change_low, row.change_high)
            if row.change_class == "improved":
                out.append(("strength", row.measure, "all", "improved", clear, _sentence(_moved(row))))
            else:
                out.append(("question", row.measure, "all", "worsened", clear, _moved(row)))
        if row.concern in ("strength", "look closer"):
            away = row.value - row.level_median
            clear = _times_margin(away, away - (row.value - row.value_low), away + (row.value_high - row.value))
            if clear <= 1:
                continue
            if row.concern == "strength":
                text = _sentence(_stands(row, True, settings))
                out.append(("strength", row.measure, "all", "best quarter", clear, text))
            else:
                text = _stands(row, False, settings)
                out.append(("question", row.measure, "all", "last quarter", clear, text))
    return out


def _from_gaps(gap_table: pd.DataFrame) -> list[tuple]:
    out = []
    for row in gap_table[gap_table["gap_class"].eq("unfavourable")].itertuples():
        if said_by_definition(row.measure, row.student_group):
            continue
        write = find_measure(row.measure).write
        text = (
            _("{subject} is higher for {group} ({value}, {people}) than for the other students ({others})")
            if row.gap > 0
            else _("{subject} is lower for {group} ({value}, {people}) than for the other students ({others})")
        ).format(
            subject=subject(row.measure),
            group=group_words(row.student_group),
            value=write(row.value),
            people=people(row.measure, row.n),
            others=write(row.other_value),
        )
        text = sentence_start(text)
        clear = _times_margin(row.gap, row.gap_low, row.gap_high)
        out.append(("question", row.measure, row.student_group, "gap", clear, text))
    return out


def _from_trends(trends: pd.DataFrame) -> list[tuple]:
    out = []
    for row in trends[trends["gap_trend"].isin(["narrowing", "widening"])].itertuples():
        up = 1 if find_measure(row.measure).better == "up" else -1
        narrowed = row.gap_trend == "narrowing"
        behind = (row.first_gap if narrowed else row.last_gap) * up < 0
        # A gap also narrows when the others lose: that is no strength.
        group_gained = (row.last_value - row.first_value) * up > 0
        if said_by_definition(row.measure, row.student_group) or not behind:
            continue
        if narrowed and (not group_gained or row.first_gap * row.last_gap < 0):
            continue
        text = (
            _(
                "The gap between {group} and the other students in {subject} narrowed from {before} to {now} "
                "percentage points ({people} in the group), more than chance alone would explain"
            )
            if narrowed
            else _(
                "The gap between {group} and the other students in {subject} widened from {before} to {now} "
                "percentage points ({people} in the group), more than chance alone would explain"
            )
        ).format(
            group=group_words(row.student_group),
            subject=subject(row.measure),
            before=number(abs(row.first_gap), 1),
            now=number(abs(row.last_gap), 1),
            people=people(row.measure, row.last_n),
        )
        clear = _times_margin(row.gap_change, row.gap_change_low, row.gap_change_high)
        if narrowed:
            out.append(("strength", row.measure, row.student_group, "gap narrowed", clear, _sentence(text)))
        else:
            out.append(("question", row.measure, row.student_group, "gap widened", clear, text))
    return out


def _choose(candidates: pd.DataFrame, most: int) -> pd.DataFrame:
    """Choose by :data:`RULE`."""
    order = {m: i for i, m in enumerate(measures())}
    t = candidates.assign(
        _clear=candidates["clearness"].fillna(-1.0),
        _measure=candidates["measure"].map(order),
        _basis=candidates["basis"].map({b: i for i, b in enumerate(_BASES)}),
        _topic=candidates["measure"].map(topic),
    ).sort_values(["_clear", "_measure", "_basis", "student_group"], ascending=[False, True, True, True])
    t["_turn"] = t.groupby("measure", sort=False).cumcount()
    t["_round"] = t.groupby(["_turn", "_topic"], sort=False).cumcount()
    t = t.sort_values(["_turn", "_round", "_clear", "_measure", "_basis"], ascending=[True, True, False, True, True])
    # That a gap widened says more than that there is one; a second gap of a measure would ask the same again.
    widened = t.loc[t["basis"].eq("gap widened"), "measure"]
    t = t[~(t["basis"].eq("gap") & t["measure"].isin(widened))]
    t = t.assign(_gap=t["student_group"].ne("all"))
    t = t[~(t["_gap"] & t.duplicated(["measure", "_gap"]))]
    is_gap = t["_gap"]
    over = is_gap & (is_gap.cumsum() > math.ceil(most / 2))
    return pd.concat([t[~over], t[over]]).head(most)[_COLUMNS]


def _with_prompts(questions: pd.DataFrame) -> list[str]:
    """End each question with its theme's prompt, and with another where that has been asked already."""
    asked: set[str] = set()
    out = []
    for row in questions.itertuples():
        about = _PROMPTS[row.basis]
        ask = prompt(row.measure, about)
        if ask in asked:
            ask = prompt_again(about)
        asked.add(ask)
        out.append(_("{finding}: {question}").format(finding=row.text, question=ask))
    return out


def _cautions(chosen: pd.DataFrame, glance: pd.DataFrame, looked: int, settings: CompareSettings) -> list[tuple]:
    out = []

    def add(measure_id: str, text: str) -> None:
        out.append(("caution", measure_id, "all", "caution", float("nan"), text))

    first_of = {basis: g["measure"].iloc[0] for basis, g in chosen.groupby("basis", sort=False)}
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
    silent = int(glance["concern"].eq("too few to say").sum())
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
    survey = chosen.loc[chosen["measure"].map(lambda m: find_measure(m).counts == "answers").astype(bool), "measure"]
    if len(survey):
        add(
            survey.iloc[0],
            _(
                "A survey counts answers, several to a person, by those who answered: margins are widened for "
                "{n} answers a person, and say nothing of those who did not answer."
            ).format(n=f"{settings.answers_per_person:g}"),
        )
    if chosen.empty:
        add("", _("Nothing stands out more than chance would: that is not the same as everything being well."))
    return out


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

    candidates = pd.DataFrame(
        [*_from_glance(glance, settings), *_from_gaps(now), *_from_trends(trends)], columns=_COLUMNS
    )
    strengths = _choose(candidates[candidates["kind"].eq("strength")], settings.most_strengths)
    questions = _choose(candidates[candidates["kind"].eq("question")], settings.most_questions)
    questions = questions.assign(text=_with_prompts(questions))
    chosen = pd.concat([strengths, questions])
    looked = int(glance["change_low"].notna().sum() + now["gap_low"].notna().sum())
    looked += int(trends["gap_change_low"].notna().sum())
    cautions = pd.DataFrame(_cautions(chosen, glance, looked, settings), columns=_COLUMNS)
    out = pd.concat([t for t in (chosen, cautions) if len(t)] or [chosen], ignore_index=True)
    return out.astype({"clearness": float})
