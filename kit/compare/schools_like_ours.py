"""Schools like ours: the nearest by students and size, and those among them that improved more."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.compare.composition import composition_wide
from kit.compare.inputs import compared_counts, school_rows, shown_rows
from kit.compare.proportions import subtract_intervals, wilson_interval
from kit.compare.settings import CompareSettings
from kit.compare.words import as_text, group_words, people, subject
from kit.errors import KitError
from kit.measures.registry import measure as find_measure

__all__ = ["CANNOT_TELL", "improving_more", "schools_like_ours"]

# After the warnings that Marsh et al. 2016 give about the pairing of CORE's schools.
CANNOT_TELL = (
    "Like students are not like surroundings: staffing, leadership, funding and neighbourhood are not in the match.",
    "A pair across districts costs more time and travel, and its rules and systems may differ.",
    "Agree before the first visit what each side will learn from the other.",
    "That a school improved more does not say why, nor that the same would work here.",
    "A school that stood far from the others in the first year tends to come nearer, without having changed.",
)

FLAGS = ("disadvantaged", "english_learner", "disability")
_CONTACT = ("contact_name", "contact_email")


def _characteristics(wide: pd.DataFrame) -> list[str]:
    """Columns that are matched on: three flags, the race shares, the logarithm of size."""
    races = sorted(c for c in wide.columns if c.startswith("race_"))
    return [c for c in (*FLAGS, *races, "log_size") if c in wide.columns]


def _weights(columns: list[str]) -> np.ndarray:
    """Let all race shares together weigh as much as one other characteristic."""
    races = sum(c.startswith("race_") for c in columns)
    return np.array([1 / races if c.startswith("race_") else 1.0 for c in columns])


def _distances(wide: pd.DataFrame, columns: list[str], school_id: str) -> pd.Series:
    """Root mean square of the differences in standard deviations, over what both schools have."""
    x = wide[columns].to_numpy(dtype=float)
    spread = _spread(x)
    differences = (x - x[wide.index.get_loc(school_id)]) / spread
    weights = np.where(np.isnan(differences), 0.0, _weights(columns))
    total = weights.sum(axis=1)
    # Fewer than half of the weight in common would let a school be near for want of numbers.
    possible = _weights(columns)[~np.isnan(spread)].sum()
    enough = (total > 0) & (total >= possible / 2)
    squares = np.nansum(np.square(differences) * weights, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.sqrt(squares / total)
    return pd.Series(np.where(enough, out, np.nan), index=wide.index).drop(school_id)


def _spread(x: np.ndarray) -> np.ndarray:
    """Standard deviation of each column over the schools; empty where a column says nothing."""
    counts = (~np.isnan(x)).sum(axis=0)
    middle = np.divide(np.nansum(x, axis=0), counts, out=np.zeros(x.shape[1]), where=counts > 0)
    spread = np.sqrt(
        np.divide(np.nansum((x - middle) ** 2, axis=0), counts, out=np.zeros(x.shape[1]), where=counts > 1)
    )
    return np.where(spread > 1e-9, spread, np.nan)


def _in_words(column: str, mine: pd.Series, theirs: pd.Series) -> str:
    if column == "log_size":
        return f"size ({theirs['size']:,.0f} and {mine['size']:,.0f} students)"
    return f"{group_words(column)} ({theirs[column]:.0f} % and {mine[column]:.0f} %)"


def _reasons(wide: pd.DataFrame, columns: list[str], school_id: str, other: str) -> tuple[str, str]:
    """Name the three characteristics that are closest and the one that differs most."""
    x = wide[columns].to_numpy(dtype=float)
    here, there = wide.index.get_loc(school_id), wide.index.get_loc(other)
    apart = np.abs(x[there] - x[here]) / _spread(x)
    order = [int(i) for i in np.lexsort((np.arange(len(columns)), apart.round(9))) if not np.isnan(apart[i])]
    mine, theirs = wide.loc[school_id], wide.loc[other]
    # A group with no student in either school is no likeness worth a reader's time.
    told = [i for i in order if columns[i] == "log_size" or max(mine[columns[i]], theirs[columns[i]]) >= 0.5]
    far = told[-1] if len(told) > 1 else None
    near = [i for i in told if i != far][:3]
    close = ", ".join(_in_words(columns[i], mine, theirs) for i in near)
    return close, _in_words(columns[far], mine, theirs) if far is not None else ""


def schools_like_ours(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    school_id: str,
    school_year: int,
    *,
    settings: CompareSettings | None = None,
    wide: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Find the schools of the same level whose students and size are nearest.

    Compared are the shares of economically disadvantaged students, English learners, students with
    disabilities and each race, and the logarithm of size, each divided by its standard deviation over the
    schools of the level. The race shares together weigh as much as one other characteristic. Shares that
    are not shown are left out of that pair. CORE's pairing rule is not published (``rules.md`` §1.4): this
    one is an assumption. ``wide`` is :func:`composition_wide` of the year where it is already made.

    Returns
    -------
    DataFrame
        The ``settings.neighbours`` nearest schools, nearest first and equal distances by ``school_id``:
        ``school_id``, ``school_name``, ``district_id``, ``district_name``, ``same_district``, ``distance``
        (root mean square difference in standard deviations), ``size``, ``alike`` and ``differs`` in words
        (theirs, then ours), ``reason``, and ``contact_name``, ``contact_email`` where the schools have
        them. Empty where the school has no composition that is shown.

    Raises
    ------
    KitError
        If the school is not among the schools.
    """
    settings = settings or CompareSettings()
    known = school_rows(schools).set_index("school_id")
    if school_id not in known.index:
        raise KitError(f"'{school_id}' is not among the schools", mend="Use a school_id of the table schools.")
    contact = [c for c in _CONTACT if c in known.columns]
    front = ["school_id", "school_name", "district_id", "district_name", "same_district", "distance", "size"]
    columns = [*front, "alike", "differs", "reason", *contact]
    level = known.at[school_id, "level"]
    wide = composition_wide(results, school_year=school_year) if wide is None else wide
    wide = wide[wide.index.isin(known.index[known["level"].eq(level)])]
    if school_id not in wide.index:
        return pd.DataFrame(columns=columns)
    used = _characteristics(wide)
    district = known.at[school_id, "district_id"]
    distance = _distances(wide, used, school_id).dropna()
    if not settings.own_district:
        distance = distance[known.loc[distance.index, "district_id"].ne(district).to_numpy()]
    t = pd.DataFrame({"school_id": distance.index, "distance": distance.to_numpy()})
    t["_near"] = t["distance"].round(9)
    t = t.sort_values(["_near", "school_id"], ignore_index=True).head(settings.neighbours)
    out = t.merge(known.reset_index(), on="school_id", how="left", validate="one_to_one")
    out["same_district"] = out["district_id"].eq(district)
    out["size"] = out["school_id"].map(wide["size"])
    reasons = [_reasons(wide, used, school_id, other) for other in out["school_id"]]
    out["alike"] = [a for a, _ in reasons]
    out["differs"] = [d for _, d in reasons]
    out["reason"] = [f"Alike (theirs and ours) in {a}." + (f" Differs most in {d}." if d else "") for a, d in reasons]
    return out[columns]


def _values(results: pd.DataFrame, units: list[str], measure: str, group: str, years: tuple[int, int]):
    rows = shown_rows(
        results,
        school_year=list(years),
        unit_type="school",
        unit_id=units,
        measure=measure,
        student_group=group,
        grade="all",
    )
    return rows


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
    about = find_measure(measure)
    if first_year >= last_year:
        raise KitError(f"the first year {first_year} is not before the last year {last_year}")
    near = schools_like_ours(results, schools, school_id, last_year, settings=settings, wide=wide)
    years = (first_year, last_year)
    found = _values(results, [school_id, *near["school_id"]], measure, student_group, years)
    moved = _change(found, years, settings)
    numbers = ["first_n", "first_value", "last_n", "last_value", "change"]
    ours = ["our_first_value", "our_last_value", "our_change"]
    columns = [
        *near.columns,
        *numbers,
        *ours,
        "more",
        "more_low",
        "more_high",
        "clear",
        "sentence",
        "cautions",
    ]
    if school_id not in moved.index:
        return pd.DataFrame(columns=columns)
    our = moved.loc[school_id]
    t = near.merge(moved, left_on="school_id", right_index=True, how="inner", validate="one_to_one")
    for column in ("first_value", "last_value", "change"):
        t[f"our_{column}"] = our[column]
    low, high = subtract_intervals(
        (t["change"], t["change_low"], t["change_high"]),
        (our["change"], our["change_low"], our["change_high"]),
    )
    up = 1 if about.better == "up" else -1
    t["more"] = (t["change"] - our["change"]) * up
    t["more_low"], t["more_high"] = (low, high) if up == 1 else (-high, -low)
    t = t[(t["more"].round(9) > 0) & (t["change"].round(9) * up > 0)].copy()
    t["clear"] = t["more_low"] > 0
    t["_not_clear"] = ~t["clear"]
    t["_near"] = t["distance"].round(9)
    t = t.sort_values(["_not_clear", "_near", "school_id"], ignore_index=True).head(settings.shown_neighbours)
    t["sentence"] = [_sentence(row, measure, student_group) for row in t.itertuples()]
    across = ~t["same_district"].astype(bool)
    t["cautions"] = [" ".join(c for i, c in enumerate(CANNOT_TELL) if i != 1 or other) for other in across]
    return t[columns]


def _sentence(row, measure: str, student_group: str) -> str:
    write = find_measure(measure).write
    whom = "" if student_group == "all" else f" for {group_words(student_group)}"
    sure = (
        "more than chance alone would explain"
        if row.clear
        else "a difference that may be chance"
        if row.more_low == row.more_low
        else "and from means alone it cannot be said whether that is chance"
    )
    return (
        f"At {as_text(row.school_name)} ({as_text(row.district_name)}), {subject(measure)}{whom} went from "
        f"{write(row.first_value)} to {write(row.last_value)} ({people(measure, row.last_n)}); here from "
        f"{write(row.our_first_value)} to {write(row.our_last_value)}: {sure}."
    )
