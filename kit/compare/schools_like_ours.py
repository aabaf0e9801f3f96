"""Schools like ours: the nearest by students and size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Level:
    """The schools of one level that have a composition, and what they are matched on."""

    known: pd.DataFrame
    wide: pd.DataFrame
    columns: list[str]
    values: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, known: pd.DataFrame, wide: pd.DataFrame, level: object) -> _Level:
        wide = wide[wide.index.isin(known.index[known["level"].eq(level)])]
        columns = _characteristics(wide)
        values = wide[columns].to_numpy(dtype=float)
        return cls(known, wide, columns, values, _spread(values))

    def distances(self, here: int) -> np.ndarray:
        """Root mean square of the differences in standard deviations, over what both schools have."""
        differences = (self.values - self.values[here]) / self.spread
        weights = np.where(np.isnan(differences), 0.0, _weights(self.columns))
        total = weights.sum(axis=1)
        # Fewer than half of the weight in common would let a school be near for want of numbers.
        possible = _weights(self.columns)[~np.isnan(self.spread)].sum()
        enough = (total > 0) & (total >= possible / 2)
        squares = np.nansum(np.square(differences) * weights, axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            out = np.sqrt(squares / total)
        out = np.where(enough, out, np.nan)
        out[here] = np.nan
        return out

    def nearest(self, here: int, settings: CompareSettings) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the nearest schools and their distances, equal ones by id."""
        distance = self.distances(here)
        if not settings.own_district:
            district = self.known.loc[self.wide.index, "district_id"]
            distance[district.eq(district.iloc[here]).to_numpy()] = np.nan
        there = np.flatnonzero(~np.isnan(distance))
        # The schools are in the order of their ids, so that equal distances keep it.
        there = there[np.argsort(distance[there].round(9), kind="stable")][: settings.neighbours]
        return there, distance[there]

    def reasons(self, here: int, there: np.ndarray) -> list[tuple[list, list]]:
        """Give for each other school the three characteristics that are closest and the one that differs most."""
        sizes = self.wide["size"].to_numpy(dtype=float)
        mine, out = self.values[here], []

        def both(i: int, other: int) -> tuple[str, float, float]:
            if self.columns[i] == "log_size":
                return "size", float(sizes[other]), float(sizes[here])
            return self.columns[i], float(self.values[other, i]), float(mine[i])

        aparts = np.abs(self.values[there] - mine) / self.spread
        for other, apart in zip(there, aparts, strict=True):
            theirs = self.values[other]
            order = [
                int(i) for i in np.lexsort((np.arange(len(self.columns)), apart.round(9))) if not np.isnan(apart[i])
            ]
            # A group with no student in either school is no likeness worth a reader's time.
            told = [i for i in order if self.columns[i] == "log_size" or max(mine[i], theirs[i]) >= 0.5]
            far = told[-1] if len(told) > 1 else None
            near = [i for i in told if i != far][:3]
            out.append(([both(i, other) for i in near], [both(far, other)] if far is not None else []))
        return out

    def found(self, school_ids: Sequence[str], settings: CompareSettings) -> pd.DataFrame:
        """Return the rows of :func:`schools_like_ours` for each of these schools, with ``for_school``."""
        mine, others, distances, reasons = [], [], [], []
        for school_id in school_ids:
            if school_id not in self.wide.index:
                continue
            here = self.wide.index.get_loc(school_id)
            there, distance = self.nearest(here, settings)
            mine += [school_id] * len(there)
            others += there.tolist()
            distances.append(distance)
            reasons += self.reasons(here, there)
        out = self.known.loc[self.wide.index[others]].reset_index(names="school_id")
        home = self.known["district_id"]
        words = [tuple(likeness_words(part) for part in reason) for reason in reasons]
        out = out.assign(
            for_school=pd.Series(mine, dtype=out["school_id"].dtype),
            same_district=out["district_id"].to_numpy() == home.loc[mine].to_numpy(),
            distance=np.concatenate([np.array([], float), *distances]),
            size=self.wide["size"].to_numpy()[others],
            likeness=[json.dumps(reason) for reason in reasons],
            alike=[alike for alike, _differs in words],
            differs=[differs for _alike, differs in words],
            reason=[
                _("Alike (theirs and ours) in {alike}. Differs most in {differs}.").format(alike=alike, differs=differs)
                if differs
                else _("Alike (theirs and ours) in {alike}.").format(alike=alike)
                for alike, differs in words
            ],
        )
        return out[["for_school", *_columns(self.known)]]


def _columns(known: pd.DataFrame) -> list[str]:
    contact = [c for c in _CONTACT if c in known.columns]
    front = ["school_id", "school_name", "district_id", "district_name", "same_district", "distance", "size"]
    return [*front, "likeness", "alike", "differs", "reason", *contact]


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
    wide = composition_wide(results, school_year=school_year) if wide is None else wide
    if school_id not in wide.index:
        return pd.DataFrame(columns=_columns(known))
    level = _Level.of(known, wide, known.at[school_id, "level"])
    return level.found([school_id], settings)[_columns(known)]


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
    settings = settings or CompareSettings()
    known = school_rows(schools).set_index("school_id")
    parts = []
    for name, same in known.groupby("level", sort=True):
        parts.append(_Level.of(same, wide, name).found(same.index, settings))
    parts = [p for p in parts if len(p)] or parts[:1]
    return pd.concat(parts, ignore_index=True)
