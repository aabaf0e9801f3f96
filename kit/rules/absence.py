"""Who is chronically absent, under each named rule set, and the bands of absence.

A rule set is data (``absence.toml``): two whole numbers, a comparison, and who is in the population. The same
numbers serve one pupil here and a query over a million elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kit.errors import KitError
from kit.rules.assumptions import Assumption, assumed, rule_file
from kit.rules.rounding import Number, exact

__all__ = [
    "ChronicRule",
    "RuleOfThumb",
    "absence_band",
    "chronic",
    "chronic_rule",
    "chronic_rules",
    "school_rule_of_thumb",
]

FILE = "absence.toml"


@dataclass(frozen=True)
class ChronicRule:
    """One definition of chronic absence.

    A pupil is in the population where ``days_enrolled >= min_days`` (and above 0), ``days_enrolled −
    days_absent >= min_days_attended`` and the grade is one of ``grades`` (None: every grade). A pupil in it
    is chronically absent where ``absent_multiplier · days_absent`` is at least (``ge``) or above (``gt``)
    ``enrolled_multiplier · days_enrolled``.

    Attributes
    ----------
    name, label : str
    absent_multiplier, enrolled_multiplier : int
    comparison : {"ge", "gt"}
    min_days, min_days_attended : int
        Days.
    grades : tuple of str or None
    source, grade, verified_by : str
    assumptions : tuple of Assumption
    """

    name: str
    label: str
    absent_multiplier: int
    enrolled_multiplier: int
    comparison: str
    min_days: int
    grades: tuple[str, ...] | None
    min_days_attended: int
    source: str
    grade: str
    verified_by: str
    assumptions: tuple[Assumption, ...] = ()

    def __call__(self, days_enrolled: Number, days_absent: Number, grade: str | int | None = None) -> bool | None:
        """Return whether a pupil is chronically absent; None where the pupil is not in the population."""
        enrolled, absent = exact(days_enrolled), exact(days_absent)
        if absent < 0 or enrolled < 0 or absent > enrolled:
            raise KitError(
                f"{days_absent} days absent of {days_enrolled}",
                mend="Days absent lie between 0 and the days enrolled.",
            )
        if enrolled == 0 or enrolled < self.min_days or enrolled - absent < self.min_days_attended:
            return None
        if self.grades is not None and (grade is None or str(grade) not in self.grades):
            return None
        left, right = self.absent_multiplier * absent, self.enrolled_multiplier * enrolled
        return left >= right if self.comparison == "ge" else left > right


def chronic_rules() -> dict[str, ChronicRule]:
    """Return every definition of chronic absence by name."""
    rules = {}
    for row in rule_file(FILE)["rule_set"]:
        row = {
            **row,
            "grades": tuple(row["grades"]) or None,
            "assumptions": assumed(FILE, *row["assumptions"]),
        }
        rules[row["name"]] = ChronicRule(**row)
    return rules


def chronic_rule(name: str) -> ChronicRule:
    """Return one definition of chronic absence, or raise an error that lists the names."""
    rules = chronic_rules()
    if name not in rules:
        raise KitError(f"'{name}' is not a rule set for chronic absence", mend=f"Known: {', '.join(rules)}.")
    return rules[name]


def chronic(rule_set: str, days_enrolled: Number, days_absent: Number, grade: str | int | None = None) -> bool | None:
    """Return whether a pupil is chronically absent under a rule set; None where not in its population.

    Parameters
    ----------
    rule_set : {"core", "district_91", "california", "attendance_works", "msip5", "abc"}
        ``msip5`` is the complement of Missouri's success (attending 90 % or more).
    days_enrolled, days_absent : number
        Days; decimals are taken as written.
    grade : str, optional
        ``TK``, ``K``, ``1`` … ``12``.

    Raises
    ------
    KitError
        For an unknown rule set, or days absent outside 0 to the days enrolled.

    Examples
    --------
    >>> chronic("core", 180, 18), chronic("msip5", 180, 18)
    (True, False)
    """
    return chronic_rule(rule_set)(days_enrolled, days_absent, grade)


def absence_band(days_enrolled: Number, days_absent: Number) -> str | None:
    """Return a pupil's band of absence to date (Attendance Works); None without a day enrolled.

    Satisfactory below 5 % of days, at-risk from 5 %, moderate chronic from 10 %, severe chronic from 20 %.

    Examples
    --------
    >>> absence_band(180, 9)
    'at-risk'
    """
    enrolled, absent = exact(days_enrolled), exact(days_absent)
    if absent < 0 or absent > enrolled:
        raise KitError(
            f"{days_absent} days absent of {days_enrolled}",
            mend="Days absent lie between 0 and the days enrolled.",
        )
    if enrolled == 0:
        return None
    share = absent / enrolled
    return [b["name"] for b in rule_file(FILE)["bands"]["band"] if share >= Fraction(b["at_least"])][-1]


@dataclass(frozen=True)
class RuleOfThumb:
    """What practitioners say of a school's figure. No standard: ``label`` says so wherever it is shown."""

    text: str
    source: str
    grade: str
    label: str = "rule of thumb"


def school_rule_of_thumb(measure: str, value: Number) -> RuleOfThumb:
    """Return the rule of thumb for a school's chronic absence or attendance rate.

    Parameters
    ----------
    measure : {"chronic_absence", "attendance_rate"}
    value : number
        Percent, compared as given: pass the exact rate and not the displayed one.
    """
    rules = {r["measure"]: r for r in rule_file(FILE)["rule_of_thumb"]}
    if measure not in rules:
        raise KitError(f"no rule of thumb for '{measure}'", mend=f"Known: {', '.join(rules)}.")
    percent = exact(value)
    steps = [
        s
        for s in rules[measure]["steps"]
        if ("above" in s and percent > Fraction(s["above"])) or ("at_least" in s and percent >= Fraction(s["at_least"]))
    ]
    if not steps or percent > 100:
        raise KitError(f"{value} is not a percentage", mend="Give a percentage from 0 to 100.")
    return RuleOfThumb(steps[-1]["name"], rules[measure]["source"], rules[measure]["grade"])
