"""Schools like ours: the nearest by students and size."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from kit.compare.composition import composition_wide
from kit.compare.inputs import school_rows
from kit.compare.settings import CompareSettings
from kit.compare.words import group_words
from kit.errors import KitError
from kit.language import N_, _, number, percent

__all__ = ["CANNOT_TELL", "every_school_like_ours", "likeness_words", "schools_like_ours"]

# After the warnings that Marsh et al. 2016 give about the pairing of CORE's schools.
CANNOT_TELL = (
    N_(
        "Like students are not like surroundings: staffing, leadership, funding and neighbourhood are not in the match."
    ),
    N_("A pair across districts costs more time and travel, and its rules and systems may differ."),
    N_("Agree before the first visit what each side will learn from the other."),
    N_("That a school improved more does not say why, nor that the same would work here."),
    N_("A school that stood far from the others in the first year tends to come nearer, without having changed."),
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


def likeness_words(likeness: list) -> str:
    """Say in the language of the moment in what two schools are alike, or differ.

    Parameters
    ----------
    likeness : list of (str, float, float)
        A student group, or ``size``, with theirs and ours: percents, or students.
    """
    said = []
    for what, theirs, ours in likeness:
        if what == "size":
            said.append(_("size ({theirs} and {ours} students)").format(theirs=number(theirs), ours=number(ours)))
        else:
            said.append(
                _("{group} ({theirs} and {ours})").format(
                    group=group_words(what), theirs=percent(theirs), ours=percent(ours)
                )
            )
    return ", ".join(said)


def _both(column: str, mine: Mapping[str, float], theirs: Mapping[str, float]) -> tuple[str, float, float]:
    name = "size" if column == "log_size" else column
    return name, float(theirs[name]), float(mine[name])


def _reasons(wide: pd.DataFrame, columns: list[str], school_id: str, others: list[str]) -> list[tuple[list, list]]:
    """Give for each other school the three characteristics that are closest and the one that differs most."""
    x = wide[columns].to_numpy(dtype=float)
    here, there = wide.index.get_loc(school_id), wide.index.get_indexer(others)
    rows = wide.iloc[[here, *there]].to_dict("records")
    mine, out = rows[0], []
    for theirs, apart in zip(rows[1:], np.abs(x[there] - x[here]) / _spread(x), strict=True):
        order = [int(i) for i in np.lexsort((np.arange(len(columns)), apart.round(9))) if not np.isnan(apart[i])]
        # A group with no student in either school is no likeness worth a reader's time.
        told = [i for i in order if columns[i] == "log_size" or max(mine[columns[i]], theirs[columns[i]]) >= 0.5]
        far = told[-1] if len(told) > 1 else None
        near = [i for i in told if i != far][:3]
        close = [_both(columns[i], mine, theirs) for i in near]
        out.append((close, [_both(columns[far], mine, theirs)] if far is not None else []))
    return out


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
        (root mean square difference in standard deviations), ``size``, ``likeness`` (JSON: what is
        alike and what differs, for :func:`likeness_words`), ``alike`` and ``differs`` in words (theirs, then ours),
        ``reason``, and ``contact_name``, ``contact_email`` where the schools have
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
    columns = [*front, "likeness", "alike", "differs", "reason", *contact]
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
    reasons = _reasons(wide, used, school_id, out["school_id"].tolist())
    out["likeness"] = [json.dumps(reason) for reason in reasons]
    reasons = [tuple(likeness_words(part) for part in reason) for reason in reasons]
    out["alike"] = [alike for alike, differs in reasons]
    out["differs"] = [differs for alike, differs in reasons]
    out["reason"] = [
        _("Alike (theirs and ours) in {alike}. Differs most in {differs}.").format(alike=alike, differs=differs)
        if differs
        else _("Alike (theirs and ours) in {alike}.").format(alike=alike)
        for alike, differs in reasons
    ]
    return out[columns]


def every_school_like_ours(
    results: pd.DataFrame, schools: pd.DataFrame, school_year: int, *, settings: CompareSettings | None = None
) -> pd.DataFrame:
    """Find for every school the schools like it.

    Returns
    -------
    DataFrame
        The rows of :func:`schools_like_ours` for each school in turn, with the school they are for in the column
        ``for_school``.
    """
    wide = composition_wide(results, school_year=school_year)
    known = school_rows(schools)
    parts = []
    for _level, same in known.groupby("level", sort=True):
        level_wide = wide[wide.index.isin(same["school_id"])]
        for school_id in same["school_id"]:
            near = schools_like_ours(results, same, school_id, school_year, settings=settings, wide=level_wide)
            near.insert(0, "for_school", school_id)
            parts.append(near)
    parts = [p for p in parts if len(p)] or parts[:1]
    return pd.concat(parts, ignore_index=True)
