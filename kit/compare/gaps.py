"""The gap between a student group and the other students of its school, and whether it widens or narrows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.compare.concern import classify_difference
from kit.compare.inputs import compared_counts, result_rows
from kit.compare.proportions import difference_interval, subtract_intervals
from kit.compare.settings import CompareSettings
from kit.errors import KitError
from kit.language import N_

__all__ = ["CANNOT_TELL", "GAP_CLASSES", "GAP_TRENDS", "gap_over_years", "gaps"]

GAP_CLASSES = (
    "favourable",
    "unfavourable",
    "no clear gap",
    "too small to say",
    "not classed",
    "no other students",
)
GAP_TRENDS = ("narrowing", "widening", "no clear change", "too small to say", "turned round", "not classed")

CANNOT_TELL = (
    N_("A gap says that two groups differ in a measure, never why, and nothing about any one student."),
    N_(
        "Groups overlap (an English learner may also be economically disadvantaged), so their gaps must not be "
        "added up."
    ),
    N_("A gap that was unusually wide one year tends to be nearer the usual the next, without anything done."),
    N_("With many groups and measures, about one in twenty gaps would look clear by chance alone."),
    N_(
        "Where only means are at hand, a group is compared with all students, itself among them: the gap to the "
        "other students is larger."
    ),
)

_KEY = ["school_year", "unit_type", "unit_id", "measure"]
_COLUMNS = [
    *_KEY,
    "student_group",
    "n",
    "count",
    "value",
    "compared_with",
    "other_n",
    "other_count",
    "other_value",
    "gap",
    "gap_low",
    "gap_high",
    "gap_class",
    "gap_why",
    "enough",
]


def gaps(
    results: pd.DataFrame,
    *,
    school_year: int | list[int] | None = None,
    unit_type: str = "school",
    unit_id: str | list[str] | None = None,
    measure: str | list[str] | None = None,
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """Compare each student group with the other students of its unit.

    The other students are all minus the group, by counts: exact for a percent measure. For a mean, or a
    percent without its count, they cannot be formed from the results, and the group is compared with ``all``.
    Others fewer than ``settings.minimum_students`` are not given: they would tell of a few students.

    Parameters
    ----------
    results : DataFrame
        The results table, or a released one.
    school_year, unit_type, unit_id, measure
        What to keep; None keeps every one.
    settings : CompareSettings, optional

    Returns
    -------
    DataFrame
        One row per year, unit, measure and group (never ``all``), sorted by these: the group's ``n``,
        ``count``, ``value``; ``compared_with`` (``rest`` or ``all``) and ``other_n``, ``other_count``,
        ``other_value``; ``gap`` (group minus others, in the measure's unit) with Newcombe's interval
        ``gap_low``, ``gap_high`` in percentage points (empty against ``all``); ``gap_class`` (one of
        :data:`GAP_CLASSES`: favourable is better for the group), ``gap_why``, and ``enough`` (true where
        both sides are given and have students enough).
    """
    settings = settings or CompareSettings()
    rows = result_rows(
        results, school_year=school_year, unit_type=unit_type, unit_id=unit_id, measure=measure, grade="all"
    )
    whole = rows[rows["student_group"].eq("all")]
    whole = whole[_KEY].assign(all_n=whole["n"], all_count=whole["count"], all_value=whole["value"])
    t = rows[rows["student_group"].ne("all")].merge(whole, on=_KEY, how="left", validate="many_to_one")
    hidden = t["value"].isna() | t["all_value"].isna()
    counted = t["percent"] & t["count"].notna() & t["all_count"].notna()
    rest_n, rest_count = t["all_n"] - t["n"], t["all_count"] - t["count"]
    fits = (rest_n >= 0) & (rest_count >= 0) & (rest_count <= rest_n)
    everyone = counted & fits & rest_n.eq(0)
    persons = np.where(t["answers"], settings.answers_per_person, 1.0)
    few = counted & fits & (rest_n / persons < settings.minimum_students)
    by_rest = counted & fits & ~few & ~hidden
    by_all = ~counted & ~hidden

    t["compared_with"] = np.select([by_rest, by_all], ["rest", "all"], default=None)
    t["other_n"] = rest_n.where(by_rest, t["all_n"].where(by_all))
    t["other_count"] = rest_count.where(by_rest, t["all_count"].where(by_all))
    t["other_value"] = (100 * rest_count / rest_n).where(by_rest, t["all_value"].where(by_all))
    t["gap"] = t["value"] - t["other_value"]
    x, n = compared_counts(t, settings)
    other_x = (rest_count / persons).where(by_rest)
    low, high = difference_interval(x.where(by_rest), n, other_x, rest_n / persons, settings.confidence)
    t["gap_low"], t["gap_high"] = 100 * low, 100 * high
    classed = classify_difference(
        t["gap"], 100 * low, 100 * high, t["direction"], n, rest_n / persons, settings, GAP_CLASSES[:4]
    )
    small = ~(n >= settings.minimum_students)
    t["gap_class"] = np.select(
        [hidden, everyone, by_all & ~small, by_all],
        ["too small to say", "no other students", "not classed", "too small to say"],
        default=classed,
    )
    t["enough"] = (by_rest | by_all) & ~small & n.notna()
    level = f"{settings.confidence:.0%}"
    t["gap_why"] = np.select(
        [
            hidden,
            everyone,
            counted & ~fits,
            few | small,
            by_all,
            t["gap_class"].eq("too small to say"),
            t["gap_class"].eq("no clear gap"),
        ],
        [
            "The group or the whole is not shown.",
            "All students are in the group.",
            "The group's numbers do not fit within those of all students.",
            f"The group or the others are fewer than {settings.minimum_students} students.",
            "Compared with all students, itself among them; without counts there is no interval.",
            f"The {level} interval holds 0 and is wider than {settings.widest_interval:g} points.",
            f"The {level} interval holds 0.",
        ],
        default=f"The {level} interval lies on one side of 0.",
    )
    return t[_COLUMNS].sort_values([*_KEY, "student_group"], ignore_index=True)


def gap_over_years(
    gap_table: pd.DataFrame,
    *,
    last_year: int,
    first_year: int | None = None,
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """Say whether gaps widened or narrowed between two years.

    Parameters
    ----------
    gap_table : DataFrame
        Made by :func:`gaps` for at least the two years.
    last_year : int
    first_year : int, optional
        The year before ``last_year`` unless given.
    settings : CompareSettings, optional

    Returns
    -------
    DataFrame
        One row per unit, measure and group that has a row in both years: ``first_gap``, ``last_gap``,
        ``gap_change`` (last minus first, percentage points) with ``gap_change_low``, ``gap_change_high``
        (differences of independent estimates: Zou and Donner 2008), and ``gap_trend`` (one of
        :data:`GAP_TRENDS`): widening is away from no gap, turned round is through no gap to a larger one on
        the other side.

    Raises
    ------
    KitError
        If the first year is not before the last.
    """
    settings = settings or CompareSettings()
    first_year = last_year - 1 if first_year is None else first_year
    if first_year >= last_year:
        raise KitError(f"the first year {first_year} is not before the last year {last_year}")
    key = ["unit_type", "unit_id", "measure", "student_group"]
    numbers = [
        "n",
        "value",
        "other_n",
        "other_value",
        "gap",
        "gap_low",
        "gap_high",
        "compared_with",
        "enough",
    ]
    first, last = (
        gap_table.loc[gap_table["school_year"].eq(year), [*key, *numbers]].rename(
            columns={c: f"{when}_{c}" for c in numbers}
        )
        for year, when in ((first_year, "first"), (last_year, "last"))
    )
    t = last.merge(first, on=key, how="inner", validate="one_to_one")
    low, high = subtract_intervals(
        (t["last_gap"], t["last_gap_low"], t["last_gap_high"]),
        (t["first_gap"], t["first_gap_low"], t["first_gap_high"]),
    )
    t["gap_change"] = t["last_gap"] - t["first_gap"]
    t["gap_change_low"], t["gap_change_high"] = low, high
    side = np.where(t["first_gap"].eq(0), np.sign(t["last_gap"]), np.sign(t["first_gap"]))
    clear = (low > 0) | (high < 0)
    through = (np.sign(t["last_gap"]) == -side) & (t["last_gap"].abs() > t["first_gap"].abs())
    small = ~(t["first_enough"] & t["last_enough"])
    bare = t["first_compared_with"].eq("all") | t["last_compared_with"].eq("all")
    t["gap_trend"] = np.select(
        [
            small,
            bare,
            clear & through,
            clear & (t["gap_change"] * side > 0),
            clear,
            high - low > settings.widest_interval,
        ],
        ["too small to say", "not classed", "turned round", "widening", "narrowing", "too small to say"],
        default="no clear change",
    )
    t.insert(0, "last_year", last_year)
    t.insert(0, "first_year", first_year)
    return t.sort_values(key, ignore_index=True)
