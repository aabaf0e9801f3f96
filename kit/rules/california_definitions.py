"""What California counts before a rate exists: absence, suspensions, English progress, participation."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil

from kit.errors import KitError
from kit.rules.assumptions import rule_file
from kit.rules.rounding import Number, exact

__all__ = ["absence_days", "elpi_numerator", "lowest_scores_added", "suspended"]


def absence_days(
    *,
    excused: Number = 0,
    unexcused: Number = 0,
    suspended_out: Number = 0,
    independent_study_not_attended: Number = 0,
    in_person: Number,
    independent_study_attended: Number = 0,
) -> tuple[Fraction, Fraction]:
    """Return (days absent, days expected) as CALPADS adds them up.

    Parameters
    ----------
    excused, unexcused, suspended_out : number
        Days of absence. In-school suspension is no absence: its days belong in ``in_person``.
    independent_study_not_attended : number
        Independent-study days that generate no attendance funding; absent, and expected.
    in_person : number
        Expected in-person days, with in-school suspension; days on which the school was closed are left out.
    independent_study_attended : number
        Independent-study days that generate attendance funding.
    """
    absent = exact(excused) + exact(unexcused) + exact(suspended_out) + exact(independent_study_not_attended)
    expected = exact(in_person) + exact(independent_study_attended) + exact(independent_study_not_attended)
    return absent, expected


def suspended(portions: Iterable[Number]) -> bool:
    """Return whether a student's suspensions of the year, in days or parts of a day, add up to a whole day.

    In- and out-of-school both count (CDE suspension FAQ). Parts are added exactly.
    """
    return sum((exact(p) for p in portions), Fraction(0)) >= 1


def elpi_numerator(*, moved_up: int, maintained_4: int, alternate_progressed: int, alternate_maintained_3: int) -> int:
    """Return the students who made progress in English (CDE English learner progress indicator)."""
    return moved_up + maintained_4 + alternate_progressed + alternate_maintained_3


def lowest_scores_added(enrolled: int, tested: int) -> int:
    """Return how many lowest obtainable scores the state adds where too few students were tested.

    ``ceil(0.945 · enrolled) − tested`` where above 0. Derived from published rows, not stated by the state
    [B]. The score that is added differs by grade and is not known here.

    Examples
    --------
    >>> lowest_scores_added(16584, 15653)
    19
    """
    if not 0 <= tested <= enrolled:
        raise KitError(f"{tested} tested of {enrolled} enrolled", mend="0 ≤ tested ≤ enrolled.")
    share = Fraction(rule_file("california.toml")["participation"]["tested_share"])
    return max(0, ceil(share * enrolled) - tested)
