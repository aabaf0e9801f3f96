"""Who counts in English-learner redesignation, under each named rule set (``redesignation.toml``)."""

from __future__ import annotations

from dataclasses import dataclass

from kit.errors import KitError
from kit.rules.assumptions import Assumption, assumed, rule_file

__all__ = ["RedesignationRule", "redesignated", "redesignation_rule", "redesignation_rules"]

FILE = "redesignation.toml"


@dataclass(frozen=True)
class RedesignationRule:
    """One definition of redesignation.

    Attributes
    ----------
    name, label : str
    counted : tuple of {"reclassified_this_year", "not_reclassified_after", "not_reclassified"}
        Conditions of the denominator; one is enough.
    years_as_learner : int
        Whole years as an English learner for ``not_reclassified_after``.
    source, grade, verified_by : str
    assumptions : tuple of Assumption
    """

    name: str
    label: str
    counted: tuple[str, ...]
    years_as_learner: int
    source: str
    grade: str
    verified_by: str
    assumptions: tuple[Assumption, ...] = ()

    def __call__(self, reclassified_this_year: bool, english_learner: bool, years: int | None) -> bool | None:
        """Return whether a pupil was redesignated; None where the pupil is not in the denominator."""
        if reclassified_this_year:
            return True
        if not english_learner:
            return None
        if "not_reclassified" in self.counted:
            return False
        long_enough = years is not None and years >= self.years_as_learner
        return False if "not_reclassified_after" in self.counted and long_enough else None


def redesignation_rules() -> dict[str, RedesignationRule]:
    """Return every definition of redesignation by name."""
    rules = {}
    for row in rule_file(FILE)["rule_set"]:
        row = {**row, "counted": tuple(row["counted"]), "assumptions": assumed(FILE, *row["assumptions"])}
        rules[row["name"]] = RedesignationRule(**row)
    return rules


def redesignation_rule(name: str) -> RedesignationRule:
    """Return one definition of redesignation, or raise an error that lists the names."""
    rules = redesignation_rules()
    if name not in rules:
        raise KitError(f"'{name}' is not a rule set for redesignation", mend=f"Known: {', '.join(rules)}.")
    return rules[name]


def redesignated(
    rule_set: str, *, reclassified_this_year: bool, english_learner: bool = True, years: int | None = None
) -> bool | None:
    """Return whether a pupil was redesignated this year under a rule set; None where not in its denominator.

    Parameters
    ----------
    rule_set : {"core", "all_english_learners"}
    reclassified_this_year : bool
    english_learner : bool
        Still an English learner at the end of the school year.
    years : int, optional
        Whole years complete as an English learner; None where not known.

    Examples
    --------
    >>> redesignated("core", reclassified_this_year=False, years=3) is None
    True
    """
    return redesignation_rule(rule_set)(reclassified_this_year, english_learner, years)
