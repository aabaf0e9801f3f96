"""Schools like ours that improved more on a measure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kit.compare.inputs import compared_counts, shown_rows
from kit.compare.proportions import subtract_intervals, wilson_interval
from kit.compare.schools_like_ours import CANNOT_TELL, schools_like_ours
from kit.compare.settings import CompareSettings
from kit.compare.words import as_text, group_words, people, subject
from kit.errors import KitError
from kit.language import _
from kit.measures.registry import measure as find_measure

__all__ = ["every_school_improving_more", "improved_words", "improving_more"]

NUMBERS = ["first_n", "first_value", "last_n", "last_value", "change"]
OURS = ["our_first_value", "our_last_value", "our_change"]
ADDED = [*NUMBERS, *OURS, "more", "more_low", "more_high", "clear", "sentence", "cautions"]


def _change(rows: pd.DataFrame, years: tuple[int, int], settings: CompareSettings) -> pd.DataFrame:
    """One row a unit with both values, the change and its interval in the measure's unit."""
    x, n = compared_counts(rows, settings)
    low, high = wilson_interval(x, n, settings.confidence)
    rows = rows.assign(persons=n, low=100 * low, high=100 * high).set_index("unit_id")
    parts = []
    for year, when in zip(years, ("first", "last"), strict=True):
        one = rows.loc[rows["school_year"].eq(year), ["n", "value", "low", "high", "persons"]]
        parts.append(one.add_prefix(f"{when}_"))
    t = parts[0].join(parts[1], how="inner")
    enough = t[["first_persons", "last_persons"]].min(axis=1) >= settings.minimum_students
    t = t[enough].copy()
    t["change"] = t["last_value"] - t["first_value"]
    t["change_low"], t["change_high"] = subtract_intervals(
        (t["last_value"], t["last_low"], t["last_high"]), (t["first_value"], t["first_low"], t["first_high"])
    )
    return t


def _improved_more(
    results: pd.DataFrame,
    near: pd.DataFrame,
    measure: str,
    years: tuple[int, int],
    student_group: str,
    settings: CompareSettings,
    units: list[str] | None = None,
) -> pd.DataFrame:
    """Keep of the pairs (``for_school`` and ``school_id``) those in which the other school improved more."""
    found = shown_rows(
        results,
        school_year=list(years),
        unit_type="school",
        unit_id=units,
        measure=measure,
        student_group=student_group,
        grade="all",
    )
    moved = _change(found, years, settings)
    ours = moved[["first_value", "last_value", "change", "change_low", "change_high"]].add_prefix("our_")
    t = near.merge(moved, left_on="school_id", right_index=True, how="inner")
    t = t.merge(ours, left_on="for_school", right_index=True, how="inner")
    low, high = subtract_intervals(
        (t["change"], t["change_low"], t["change_high"]),
        (t["our_change"], t["our_change_low"], t["our_change_high"]),
    )
    up = 1 if find_measure(measure).better == "up" else -1
    t["more"] = (t["change"] - t["our_change"]) * up
    t["more_low"], t["more_high"] = (low, high) if up == 1 else (-high, -low)
    t = t[(t["more"].round(9) > 0) & (t["change"].round(9) * up > 0)].copy()
    t["clear"] = t["more_low"] > 0
    t["_not_clear"] = ~t["clear"]
    t["_near"] = t["distance"].round(9)
    t = t.sort_values(["for_school", "_not_clear", "_near", "school_id"], ignore_index=True)
    t = t.groupby("for_school", sort=False).head(settings.shown_neighbours).reset_index(drop=True)
    t["sentence"] = [improved_words(row, measure, student_group) for row in t.to_dict("records")]
    across = ~t["same_district"].astype(bool)
    t["cautions"] = [" ".join(_(c) for i, c in enumerate(CANNOT_TELL) if i != 1 or other) for other in across]
    return t[[*near.columns, *ADDED]]


def improving_more(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    school_id: str,
    measure: str,
    *,
    first_year: int,
    last_year: int,
    student_group: str = "all",
    settings: CompareSettings | None = None,
    wide: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Name the schools like ours that improved more on a measure, for all students or a group.

    Among the nearest schools (by the last year's students) those whose value moved in the direction of
    improvement, and further than this school's. Both schools need ``settings.minimum_students`` in both
    years.

    Returns
    -------
    DataFrame
        At most ``settings.shown_neighbours`` rows: those that improved more by more than chance first
        (``clear``), then the nearest. Columns of :func:`schools_like_ours`, and ``first_n``,
        ``first_value``, ``last_n``, ``last_value``, ``change``, ``our_first_value``, ``our_last_value``,
        ``our_change``, ``more`` (how much more, in the direction of improvement) with ``more_low``,
        ``more_high`` (empty for means; Zou and Donner 2008), ``clear``, ``sentence`` and ``cautions``.
        Empty where this school has no change that is shown.

    Raises
    ------
    KitError
        If the measure or school is unknown, or the first year is not before the last.
    """
    settings = settings or CompareSettings()
    find_measure(measure)  # an unknown one is named before anything is computed
    if first_year >= last_year:
        raise KitError(f"the first year {first_year} is not before the last year {last_year}")
    near = schools_like_ours(results, schools, school_id, last_year, settings=settings, wide=wide)
    units = [school_id, *near["school_id"]]
    near = near.assign(for_school=school_id)
    t = _improved_more(results, near, measure, (first_year, last_year), student_group, settings, units)
    return t.drop(columns="for_school")


def every_school_improving_more(
    results: pd.DataFrame,
    near: pd.DataFrame,
    spans: Mapping[str, tuple[int, int]],
    *,
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """Name for every school those like it that improved more, on several measures and for all students.

    Parameters
    ----------
    results : DataFrame
        The results table, or a released one.
    near : DataFrame
        :func:`kit.compare.schools_like_ours.every_school_like_ours` of the year.
    spans : mapping
        First and last year by measure.

    Returns
    -------
    DataFrame
        ``measure``, ``first_year``, ``last_year`` and the columns of ``near`` and of :func:`improving_more`.
    """
    settings = settings or CompareSettings()
    parts = []
    for measure, years in spans.items():
        t = _improved_more(results, near, measure, years, "all", settings)
        t.insert(0, "measure", measure)
        t.insert(1, "first_year", years[0])
        t.insert(2, "last_year", years[1])
        parts.append(t)
    if not parts:
        return pd.DataFrame(columns=["measure", "first_year", "last_year", *near.columns, *ADDED])
    return pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)


def improved_words(row: Mapping, measure: str, student_group: str = "all") -> str:
    """Say in the language of the moment how much more another school improved: a row of these tables, in a sentence."""
    write = find_measure(measure).write
    unknown = row["more_low"] is None or row["more_low"] != row["more_low"]
    sure = (
        _("more than chance alone would explain")
        if row["clear"]
        else _("a difference that may be chance")
        if not unknown
        else _("and from means alone it cannot be said whether that is chance")
    )
    text = (
        _(
            "At {school} ({district}), {subject} went from {first} to {last} ({people}); here from {ours} to {now}: "
            "{sure}."
        )
        if student_group == "all"
        else _(
            "At {school} ({district}), {subject} for {group} went from {first} to {last} ({people}); here from {ours} "
            "to {now}: {sure}."
        )
    )
    return text.format(
        school=as_text(row["school_name"]),
        district=as_text(row["district_name"]),
        subject=subject(measure),
        group=group_words(student_group),
        first=write(row["first_value"]),
        last=write(row["last_value"]),
        people=people(measure, row["last_n"]),
        ours=write(row["our_first_value"]),
        now=write(row["our_last_value"]),
        sure=sure,
    )
