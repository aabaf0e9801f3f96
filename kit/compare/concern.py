"""Level of concern at a glance: where a school stands among schools of its level, and whether it moved."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.compare.inputs import compared_counts, result_rows, school_rows
from kit.compare.proportions import difference_interval, wilson_interval
from kit.compare.settings import CompareSettings
from kit.language import N_, _, percent

__all__ = [
    "CANNOT_TELL",
    "CHANGES",
    "CONCERNS",
    "REASONS",
    "at_a_glance",
    "classify_difference",
    "concern_words",
    "position",
]

CONCERNS = ("strength", "typical", "look closer", "too few to say")
CHANGES = ("improved", "worsened", "no clear change", "too small to say", "not classed", "no earlier year")
# Why a school has the level of concern that it has; concern_words says each in a sentence.
REASONS = (
    "not shown",
    "no value",
    "few students",
    "level not known",
    "few schools",
    "all equal",
    "best",
    "last",
    "middle",
)
QUARTERS = ("best", "second", "third", "last")

CANNOT_TELL = (
    N_(
        "The level of concern compares schools of one level with each other: if all do badly, a typical school "
        "does badly too."
    ),
    N_("It says where to look first, not how good a school is, nor why."),
    N_("A change is from one year's students to the next year's: partly other students."),
    N_(
        "Among many measures of schools where nothing changed, about one in twenty would be called a change by "
        "chance alone."
    ),
    N_("A school that was far from the others one year tends to be nearer the next, without having changed."),
    N_(
        "A mean (attendance rate, grade-point average, growth) comes without the spread of its students: whether "
        "its change is more than chance cannot be said."
    ),
)

_COLUMNS = [
    "unit_id",
    "measure",
    "student_group",
    "school_year",
    "level",
    "n",
    "count",
    "value",
    "value_low",
    "value_high",
    "level_median",
    "level_low",
    "level_high",
    "schools_compared",
    "quarter",
    "concern",
    "concern_reason",
    "concern_why",
    "previous_n",
    "previous_count",
    "previous_value",
    "change",
    "change_low",
    "change_high",
    "change_class",
    "change_why",
]


def position(signed: pd.Series, groups: list[pd.Series]) -> pd.Series:
    """Return each value's place within its group, from 0 (least favourable) to 1.

    The place is (number below + half of the number equal, itself included) ÷ number (Hazen's plotting
    position on middle ranks), so equal values have one place whatever their order. Values are compared
    to nine decimals.
    """
    # Hazen 1914: (rank - 0.5) / m. Never more than a quarter of the schools lie strictly below 0.25.
    by = signed.round(9).groupby(groups, sort=False)
    return (by.rank(method="average") - 0.5) / by.transform("count")


def classify_difference(
    difference, low, high, direction, n_a, n_b, settings: CompareSettings, words: tuple[str, str, str, str]
) -> np.ndarray:
    """Class differences that have an interval, in percentage points.

    ``words`` are for favourable, unfavourable, not clear, and too small. Too small is either ``n`` below
    ``settings.minimum_students`` (or not known), or an interval that holds 0 and is wider than
    ``settings.widest_interval``.
    """
    difference, low, high = (np.asarray(v, dtype=float) for v in (difference, low, high))
    smallest = np.minimum(np.asarray(n_a, dtype=float), np.asarray(n_b, dtype=float))
    clear = (low > 0) | (high < 0)
    enough = (smallest >= settings.minimum_students) & ~np.isnan(low)
    favourable = difference * np.asarray(direction) > 0
    better, worse, unclear, small = words
    return np.select(
        [~enough, clear & favourable, clear, high - low > settings.widest_interval],
        [small, better, worse, small],
        default=unclear,
    ).astype(object)


def concern_words(reason: str, settings: CompareSettings | None = None) -> str:
    """Say a reason (one of :data:`REASONS`) in the language of the moment, in a sentence."""
    settings = settings or CompareSettings()
    words = {
        "not shown": _("The number is not shown."),
        "no value": _("There is no value."),
        "few students": _("Fewer than {n} students (survey answers counted as persons).").format(
            n=settings.minimum_students
        ),
        "level not known": _("The level of the school is not known."),
        "few schools": _("Fewer than {n} schools of its level have a number.").format(n=settings.minimum_schools),
        "all equal": _("All schools of its level have the same value."),
        "best": _("In the best {share} of schools of its level, by the direction of improvement."),
        "last": _("In the last {share} of schools of its level, by the direction of improvement."),
        "middle": _("Not among the {share} at either end of schools of its level, by the direction of improvement."),
    }
    return words[reason].format(share=percent(100 * settings.quarter))


def _concern(now: pd.DataFrame, settings: CompareSettings) -> pd.DataFrame:
    """Add place, quarter, concern and the level's quartiles to one year's rows."""
    counted = compared_counts(now, settings)[1]
    enough = now["value"].notna() & (counted >= settings.minimum_students)
    comparable = enough & now["level"].notna()
    groups = [now["measure"], now["level"].fillna("")]
    value = now["value"].where(comparable)
    by = value.groupby(groups, sort=False)
    now["schools_compared"] = by.transform("count").astype("int64")
    now["level_low"], now["level_median"], now["level_high"] = (
        by.transform("quantile", q=q).where(now["schools_compared"] >= settings.minimum_schools)
        for q in (0.25, 0.5, 0.75)
    )
    place = position(value * now["direction"], groups).round(12)
    spread = by.transform("max") > by.transform("min")
    many = now["schools_compared"] >= settings.minimum_schools
    said = comparable & many
    now["quarter"] = np.select(
        # A place on the edge belongs to the middle on both sides; the very middle to the second quarter.
        [~said | ~spread, place > 0.75, place >= 0.5, place >= 0.25],
        [None, *QUARTERS[:3]],
        default=QUARTERS[3],
    )
    share = settings.quarter
    now["concern"] = np.select(
        [~said, place > round(1 - share, 12), place < share],
        ["too few to say", "strength", "look closer"],
        default="typical",
    )
    now["concern_reason"] = np.select(
        [
            ~now["shown"],
            now["value"].isna(),
            ~enough,
            now["level"].isna(),
            ~many,
            ~spread,
            now["concern"].eq("strength"),
            now["concern"].eq("look closer"),
        ],
        REASONS[:-1],
        default=REASONS[-1],
    )
    now["concern_why"] = now["concern_reason"].map({reason: concern_words(reason, settings) for reason in REASONS})
    return now


def _change(now: pd.DataFrame, before: pd.DataFrame, settings: CompareSettings) -> pd.DataFrame:
    """Add the change from the rows of the year before, with its interval and class."""
    key = ["unit_id", "measure"]
    old_x, old_n = compared_counts(before, settings)
    old = before[key].assign(
        previous_n=before["n"],
        previous_count=before["count"],
        previous_value=before["value"],
        _old_x=old_x,
        _old_n=old_n,
        _old_shown=before["shown"],
    )
    now = now.merge(old, on=key, how="left", validate="one_to_one")
    x, n = compared_counts(now, settings)
    now["change"] = now["value"] - now["previous_value"]
    low, high = difference_interval(x, n, now["_old_x"], now["_old_n"], settings.confidence)
    now["change_low"], now["change_high"] = 100 * low, 100 * high
    classed = classify_difference(
        now["change"], 100 * low, 100 * high, now["direction"], n, now["_old_n"], settings, CHANGES[:4]
    )
    notable = now["measure"].map(dict(settings.notable_change)).astype(float)
    by_setting = np.select(
        [
            notable.isna(),
            now["change"] * now["direction"] >= notable,
            now["change"] * now["direction"] <= -notable,
        ],
        ["not classed", "improved", "worsened"],
        default="no clear change",
    )
    small = ~(np.minimum(n, now["_old_n"]) >= settings.minimum_students)
    # A percent without its count (published values) has no interval either.
    bare = ~now["percent"] | now["count"].isna() | now["previous_count"].isna()
    none_before = now["previous_value"].isna()
    no_value = now["value"].isna()
    now["change_class"] = np.select(
        [none_before & ~(no_value & now["_old_shown"].notna()), no_value, bare & small, bare],
        ["no earlier year", "too small to say", "too small to say", by_setting],
        default=classed,
    )
    hidden = now["_old_shown"].eq(False)
    now.loc[hidden, "change_class"] = "too small to say"
    level = f"{settings.confidence:.0%}"
    now["change_why"] = np.select(
        [
            ~now["shown"] | hidden,
            now["change_class"].eq("no earlier year"),
            no_value,
            small,
            bare & notable.notna(),
            bare,
            now["change_class"].eq("too small to say"),
            now["change_class"].eq("no clear change"),
        ],
        [
            "One of the two years is not shown.",
            "There is no value for the year before.",
            "There is no value.",
            f"Fewer than {settings.minimum_students} students in one of the two years.",
            "Classed by a setting for this mean, not by an interval.",
            "The change is given as it is: there is no count, so no interval, and whether it is more than "
            "chance cannot be said.",
            f"The {level} interval holds 0 and is wider than {settings.widest_interval:g} points.",
            f"The {level} interval holds 0.",
        ],
        default=f"The {level} interval lies on one side of 0.",
    )
    return now


def at_a_glance(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    *,
    school_year: int,
    student_group: str = "all",
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """Say for each school and measure of a year the level of concern and the change since the year before.

    Parameters
    ----------
    results : DataFrame
        The results table, or a released one (then only rows that are shown are used).
    schools : DataFrame
        One row a school with its ``level``.
    school_year : int
        Ending year; the change is from ``school_year - 1``.
    student_group : str
        The group in each school; compared with the same group in the other schools.
    settings : CompareSettings, optional

    Returns
    -------
    DataFrame
        One row per ``unit_id`` and ``measure``, sorted by both: ``level``; ``n``, ``count``, ``value``
        with its Wilson interval (``value_low``, ``value_high``); ``level_low``, ``level_median``,
        ``level_high`` (quartiles over the ``schools_compared``); ``quarter`` (best, second, third, last;
        empty where not compared or all are equal); ``concern`` (one of :data:`CONCERNS`), ``concern_reason``
        (one of :data:`REASONS`) and ``concern_why`` (the reason in a sentence);
        ``previous_n``, ``previous_count``, ``previous_value``, ``change`` with Newcombe's
        interval in percentage points (``change_low``, ``change_high``; empty for means), ``change_class``
        (one of :data:`CHANGES`) and ``change_why``. A row that is not shown is there with empty numbers.
    """
    settings = settings or CompareSettings()
    years = {
        year: result_rows(results, school_year=year, unit_type="school", student_group=student_group, grade="all")
        for year in (school_year, school_year - 1)
    }
    levels = school_rows(schools).set_index("school_id")["level"].astype(object)
    now = years[school_year]
    now["level"] = now["unit_id"].map(levels).astype(object)
    x, n = compared_counts(now, settings)
    low, high = wilson_interval(x, n, settings.confidence)
    now["value_low"], now["value_high"] = 100 * low, 100 * high
    now = _change(_concern(now, settings), years[school_year - 1], settings)
    return now[_COLUMNS].sort_values(["unit_id", "measure"], ignore_index=True)
