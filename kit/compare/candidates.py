"""What a sentence may say of a school: every difference that is clear, in words, with how clear it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kit.compare.settings import CompareSettings
from kit.compare.words import group_words, level_words, people, said_by_definition, sentence_start, subject
from kit.language import _, number, percent
from kit.measures.registry import measure as find_measure

__all__ = ["Candidate", "from_gaps", "from_glance", "from_trends", "unknown"]


class Candidate(NamedTuple):
    """A row of :func:`kit.compare.strengths_and_questions`."""

    kind: str
    measure: str
    student_group: str
    basis: str
    clearness: float
    text: str


def unknown(value: object) -> bool:
    """Say whether a row has no number there: None, or what is not equal to itself."""
    return value is None or value != value


def _times_margin(difference: float, low: float | None, high: float | None) -> float:
    """Return a difference as a multiple of its margin on the side of 0: clear above 1; empty without."""
    if unknown(low) or unknown(high):
        return math.nan
    margin = difference - low if difference > 0 else high - difference
    return math.inf if margin == 0 else abs(difference) / margin


def _higher(measure_id: str, good: bool) -> bool:
    return (find_measure(measure_id).better == "up") == good


def _share_words(share: float) -> str:
    return _("quarter") if share == 0.25 else percent(100 * share)


def _moved(row: Mapping) -> str:
    write = find_measure(row["measure"]).write
    rose = row["change"] > 0
    if unknown(row["change_low"]):
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
            subject=subject(row["measure"]),
            before=write(row["previous_value"]),
            now=write(row["value"]),
            people=people(row["measure"], row["n"]),
        )
    )


def _stands(row: Mapping, good: bool, settings: CompareSettings) -> str:
    write = find_measure(row["measure"]).write
    text = (
        _(
            "{subject} is {value} ({people}), among the {share} of {schools} where it is highest "
            "(median of {count} schools: {median})"
        )
        if _higher(row["measure"], good)
        else _(
            "{subject} is {value} ({people}), among the {share} of {schools} where it is lowest "
            "(median of {count} schools: {median})"
        )
    )
    return sentence_start(
        text.format(
            subject=subject(row["measure"]),
            value=write(row["value"]),
            people=people(row["measure"], row["n"]),
            share=_share_words(settings.quarter),
            schools=level_words(row["level"]),
            count=row["schools_compared"],
            median=write(row["level_median"]),
        )
    )


def _sentence(text: str) -> str:
    return _("{finding}.").format(finding=text)


def from_glance(glance: Sequence[Mapping], settings: CompareSettings) -> list[Candidate]:
    out = []
    for row in glance:
        if row["change_class"] in ("improved", "worsened"):
            clear = _times_margin(row["change"], row["change_low"], row["change_high"])
            if row["change_class"] == "improved":
                out.append(Candidate("strength", row["measure"], "all", "improved", clear, _sentence(_moved(row))))
            else:
                out.append(Candidate("question", row["measure"], "all", "worsened", clear, _moved(row)))
        if row["concern"] in ("strength", "look closer"):
            away = row["value"] - row["level_median"]
            low, high = row["value_low"], row["value_high"]
            known = not (unknown(low) or unknown(high))
            clear = (
                _times_margin(away, away - (row["value"] - low), away + (high - row["value"])) if known else math.nan
            )
            if clear <= 1:
                continue
            if row["concern"] == "strength":
                text = _sentence(_stands(row, True, settings))
                out.append(Candidate("strength", row["measure"], "all", "best quarter", clear, text))
            else:
                text = _stands(row, False, settings)
                out.append(Candidate("question", row["measure"], "all", "last quarter", clear, text))
    return out


def from_gaps(gap_rows: Sequence[Mapping]) -> list[Candidate]:
    out = []
    for row in gap_rows:
        if row["gap_class"] != "unfavourable" or said_by_definition(row["measure"], row["student_group"]):
            continue
        write = find_measure(row["measure"]).write
        text = (
            _("{subject} is higher for {group} ({value}, {people}) than for the other students ({others})")
            if row["gap"] > 0
            else _("{subject} is lower for {group} ({value}, {people}) than for the other students ({others})")
        ).format(
            subject=subject(row["measure"]),
            group=group_words(row["student_group"]),
            value=write(row["value"]),
            people=people(row["measure"], row["n"]),
            others=write(row["other_value"]),
        )
        text = sentence_start(text)
        clear = _times_margin(row["gap"], row["gap_low"], row["gap_high"])
        out.append(Candidate("question", row["measure"], row["student_group"], "gap", clear, text))
    return out


def from_trends(trends: Sequence[Mapping]) -> list[Candidate]:
    out = []
    for row in trends:
        if row["gap_trend"] not in ("narrowing", "widening"):
            continue
        up = 1 if find_measure(row["measure"]).better == "up" else -1
        narrowed = row["gap_trend"] == "narrowing"
        behind = (row["first_gap"] if narrowed else row["last_gap"]) * up < 0
        # A gap also narrows when the others lose: that is no strength.
        group_gained = (row["last_value"] - row["first_value"]) * up > 0
        if said_by_definition(row["measure"], row["student_group"]) or not behind:
            continue
        if narrowed and (not group_gained or row["first_gap"] * row["last_gap"] < 0):
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
            group=group_words(row["student_group"]),
            subject=subject(row["measure"]),
            before=number(abs(row["first_gap"]), 1),
            now=number(abs(row["last_gap"]), 1),
            people=people(row["measure"], row["last_n"]),
        )
        clear = _times_margin(row["gap_change"], row["gap_change_low"], row["gap_change_high"])
        if narrowed:
            found = Candidate("strength", row["measure"], row["student_group"], "gap narrowed", clear, _sentence(text))
        else:
            found = Candidate("question", row["measure"], row["student_group"], "gap widened", clear, text)
        out.append(found)
    return out
