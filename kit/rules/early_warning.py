"""Early-warning flags (attendance, behaviour, course performance) under a named set of thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from kit.errors import KitError
from kit.rules.assumptions import Assumption, assumed, assumption_texts, rule_file
from kit.rules.rounding import Number, exact

__all__ = [
    "EarlyWarning",
    "WarningSet",
    "early_warning",
    "early_warning_table",
    "warning_set",
    "warning_sets",
]

FILE = "early_warning.toml"


@dataclass(frozen=True)
class WarningSet:
    """A named set of thresholds.

    Attributes
    ----------
    name, label, source, grade, checked : str
    grades : tuple of str
        Grades for which it was made; empty: any.
    attendance, behaviour, course : mapping
        Criteria as in ``early_warning.toml``.
    """

    name: str
    label: str
    grades: tuple[str, ...]
    attendance: Mapping
    behaviour: Mapping
    course: Mapping
    source: str
    grade: str
    verified_by: str
    checked: str
    assumptions: tuple[Assumption, ...] = ()


@dataclass(frozen=True)
class EarlyWarning:
    """One pupil's flags.

    Attributes
    ----------
    set_name : str
        The thresholds used; goes with the flags wherever they are shown.
    attendance, behaviour, course : bool or None
        None where nothing that the set asks for is known.
    count : int
        Flags raised.
    reasons : tuple of str
        Each criterion met, in words.
    unknown : tuple of str
        Criteria of the set that could not be looked at.
    """

    set_name: str
    attendance: bool | None
    behaviour: bool | None
    course: bool | None
    count: int
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]
    assumptions: tuple[Assumption, ...]


def warning_sets() -> dict[str, WarningSet]:
    """Return every set of thresholds by name."""
    sets = {}
    for row in rule_file(FILE)["set"]:
        ids = [
            *row["assumptions"],
            "only-what-is-known",
            *["failing-mark"] * ("failed_subjects" in row["course"]),
        ]
        sets[row["name"]] = WarningSet(**{**row, "grades": tuple(row["grades"]), "assumptions": assumed(FILE, *ids)})
    return sets


def warning_set(name: str) -> WarningSet:
    """Return one set of thresholds, or raise an error that lists the names."""
    sets = warning_sets()
    if name not in sets:
        raise KitError(f"'{name}' is not an early-warning set", mend=f"Known: {', '.join(sets)}.")
    return sets[name]


def _flag(met: list[tuple[str, bool | None]]) -> tuple[bool | None, list[str], list[str]]:
    known = [m for _, m in met if m is not None]
    return (
        any(known) if known else None,
        [words for words, m in met if m],
        [words for words, m in met if m is None],
    )


def early_warning(
    set_name: str,
    *,
    days_enrolled: Number | None = None,
    days_absent: Number | None = None,
    suspensions: int | None = None,
    suspension_days: Number | None = None,
    poor_behaviour_mark: bool | None = None,
    marks: Mapping[str, str] | None = None,
    failed_semester_courses: int | None = None,
    failed_credits: Number | None = None,
    gpa: Number | None = None,
) -> EarlyWarning:
    """Return a pupil's flags under a set of thresholds.

    Parameters
    ----------
    set_name : {"abc_balfanz_grade6", "nhsc_high_school", "egc_default", "egc_baltimore"}
    days_enrolled, days_absent : number, optional
        Days to date.
    suspensions : int, optional
        Suspensions out of school.
    suspension_days, poor_behaviour_mark, failed_semester_courses, failed_credits, gpa : optional
        As the set asks for; those it does not ask for are not looked at.
    marks : mapping of subject to mark, optional
        ``{"math": "F", "ela": "C"}``.

    Examples
    --------
    >>> marks = {"math": "F", "ela": "C"}
    >>> flags = early_warning(
    ...     "egc_default", days_enrolled=100, days_absent=12, suspensions=0, marks=marks
    ... )
    >>> flags.attendance, flags.behaviour, flags.course, flags.count
    (True, False, True, 2)
    """
    rules = warning_set(set_name)
    a = rules.attendance
    missed = None
    if days_enrolled is not None and days_absent is not None and exact(days_enrolled) > 0:
        enrolled, absent = exact(days_enrolled), exact(days_absent)
        if not 0 <= absent <= enrolled:
            raise KitError(f"{days_absent} days absent of {days_enrolled}", mend="0 ≤ absent ≤ enrolled.")
        left, right = a["absent_multiplier"] * absent, a["enrolled_multiplier"] * enrolled
        missed = left >= right if a["comparison"] == "ge" else left > right
    attendance = _flag([(a["words"], missed)])

    met: list[tuple[str, bool | None]] = []
    least = [
        ("suspensions", suspensions, "suspended {} time(s) or more"),
        ("suspension_days", suspension_days, "suspended {} day(s) or more"),
    ]
    for key, given, words in least:
        if key in rules.behaviour:
            limit = rules.behaviour[key]
            met.append((words.format(limit), None if given is None else exact(given) >= limit))
    if rules.behaviour.get("poor_mark"):
        met.append(("a poor behaviour mark", poor_behaviour_mark))
    behaviour = _flag(met)

    met = []
    for subject in rules.course.get("failed_subjects", ()):
        mark = (marks or {}).get(subject)
        met.append((f"failed {subject}", None if not mark else str(mark).strip().upper().startswith("F")))
    least = [
        ("failed_semester_courses", failed_semester_courses, "failed {} semester course(s) or more"),
        ("failed_credits", failed_credits, "failed {} credits or more"),
    ]
    for key, given, words in least:
        if key in rules.course:
            limit = rules.course[key]
            met.append((words.format(limit), None if given is None else exact(given) >= limit))
    if "gpa_at_most" in rules.course:
        limit = rules.course["gpa_at_most"]
        met.append((f"grade-point average of {limit} or less", None if gpa is None else exact(gpa) <= exact(limit)))
    course = _flag(met)

    return EarlyWarning(
        set_name=set_name,
        attendance=attendance[0],
        behaviour=behaviour[0],
        course=course[0],
        count=sum(f[0] is True for f in (attendance, behaviour, course)),
        reasons=tuple(attendance[1] + behaviour[1] + course[1]),
        unknown=tuple(attendance[2] + behaviour[2] + course[2]),
        assumptions=rules.assumptions,
    )


INPUTS = (
    "days_enrolled",
    "days_absent",
    "suspensions",
    "suspension_days",
    "poor_behaviour_mark",
    "failed_semester_courses",
    "failed_credits",
    "gpa",
)


def early_warning_table(pupils: pd.DataFrame, set_name: str) -> pd.DataFrame:
    """Return a table of pupils with their flags.

    Parameters
    ----------
    pupils : DataFrame
        Any of the inputs of :func:`early_warning` as columns, and ``mark_ela``, ``mark_math``. Other columns
        are kept.
    set_name : str

    Returns
    -------
    DataFrame
        The rows with ``attendance_flag``, ``behaviour_flag``, ``course_flag`` (missing where not known),
        ``flags``, ``reasons`` and ``warning_set``. ``attrs["assumptions"]`` holds the lines to print.
    """
    rows = []
    for record in pupils.to_dict("records"):
        given = {k: record[k] for k in INPUTS if k in record and not pd.isna(record[k])}
        marks = {s: record.get(f"mark_{s}") for s in ("ela", "math")}
        w = early_warning(set_name, marks={s: m for s, m in marks.items() if isinstance(m, str)}, **given)
        rows.append((w.attendance, w.behaviour, w.course, w.count, "; ".join(w.reasons), w.set_name))
    names = ["attendance_flag", "behaviour_flag", "course_flag", "flags", "reasons", "warning_set"]
    flags = pd.DataFrame(rows, columns=names, index=pupils.index)
    for name in names[:3]:
        flags[name] = flags[name].astype("boolean")
    table = pd.concat([pupils, flags], axis=1)
    table.attrs["assumptions"] = assumption_texts(warning_set(set_name).assumptions)
    return table
