"""Why two rule sets differ on a pupil, in words, and how many pupils each reason has."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from kit.rules.absence import ChronicRule
from kit.rules.redesignation import RedesignationRule
from kit.rules.rounding import exact

__all__ = ["differences_in_words", "reason_of"]


def reason_of(first: ChronicRule | RedesignationRule, other: ChronicRule | RedesignationRule, pupil) -> str:
    """Say why two rule sets differ on a pupil, as the end of the sentence «14 pupils …».

    Parameters
    ----------
    first, other : rule
        Two of one measure.
    pupil : named tuple
        ``grade``, ``days``, ``absent``; or ``years``.
    """
    if isinstance(first, RedesignationRule):
        full = max(first.years_as_learner, other.years_as_learner)
        if pd.isna(pupil.years):
            return "are English learners whose first year as one is not known"
        return f"are English learners with fewer than {full} full years as one"
    for rule in (other, first):
        if outside := _outside(rule, pupil):
            return outside
    return _between(first, other)


def _outside(rule: ChronicRule, pupil) -> str:
    """Say what keeps a pupil out of a rule set's population; empty where nothing does."""
    if rule.grades is not None and pupil.grade not in rule.grades:
        if pd.isna(pupil.grade):
            return "have no known grade"
        return f"are in a grade outside {rule.grades[0]} to {rule.grades[-1]}"
    days, absent = exact(pupil.days), exact(pupil.absent)
    if days < rule.min_days:
        return f"were expected for fewer than {rule.min_days} days"
    if days - absent < rule.min_days_attended:
        return f"attended less than {rule.min_days_attended} whole day{'s' * (rule.min_days_attended != 1)}"
    return ""


def _limit(rule: ChronicRule) -> tuple[Fraction, bool]:
    """Return the attendance in percent up to which a rule counts a pupil, and whether that itself is counted."""
    return 100 - Fraction(100 * rule.enrolled_multiplier, rule.absent_multiplier), rule.comparison == "ge"


def _between(first: ChronicRule, other: ChronicRule) -> str:
    (low, low_counts), (high, high_counts) = sorted([_limit(first), _limit(other)])
    if low == high:
        return f"attended exactly {_percent(low)} % of their days"
    start = "more than" if low_counts else "at least"
    end = "at most" if high_counts else "less than"
    return (
        f"attended {_percent(low)} to {_percent(high)} % of their days "
        f"({start} {_percent(low)} %, {end} {_percent(high)} %)"
    )


def _percent(value: Fraction) -> str:
    return f"{float(value):g}"


def differences_in_words(pupils: pd.DataFrame) -> list[str]:
    """Count the pupils by reason, a sentence each: what the one rule set says of them, and the other.

    Parameters
    ----------
    pupils : DataFrame
        See :func:`kit.compare.rival_rules.differing_pupils`; restricted, as these sentences are.
    """
    keys = ["school_year", "school_id", "first", "rule_set", "reason", "first_says", "says"]
    lines = []
    for key, part in pupils.groupby(keys, sort=True):
        year, school, first, other, reason, first_says, says = key
        n = part["student_id"].nunique()
        if n == 1:
            for many, one in (("are ", "is "), ("were ", "was "), ("have ", "has "), ("differ ", "differs ")):
                reason = one + reason.removeprefix(many) if reason.startswith(many) else reason
            reason = reason.replace("is English learners", "is an English learner")
        lines.append(
            f"School {school}, {year}: {n:,} pupil{'s' * (n != 1)} {reason}: "
            f"{says} under {other}, {first_says} under {first}."
        )
    return lines
