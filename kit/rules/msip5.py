"""Missouri's MSIP 5: the index, its levels by year, progress, growth and the points of a subject.

Targets of mathematics are held (``msip5_targets.csv``). Those of the other subjects were not found: they are
an input table, and without it the answer is a refusal, not a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from kit.errors import KitError
from kit.rules.assumptions import Assumption, assumed, rule_file, rule_table
from kit.rules.rounding import HALF_UP, Number, exact, half_up

__all__ = [
    "SubjectPoints",
    "growth_level",
    "held_harmless",
    "mpi",
    "points_for",
    "progress_level",
    "progress_share",
    "rolling_mpi",
    "status_level",
    "status_mpi",
    "subject_points",
]

FILE = "msip5.toml"
LEVELS = ("below_basic", "basic", "proficient", "advanced")


def _index(weights: Mapping, counts: tuple[int, ...]) -> Fraction:
    if any(c < 0 for c in counts) or not sum(counts):
        raise KitError(f"{counts} are no counts of pupils by level", mend="Give whole numbers, at least one pupil.")
    return Fraction(sum(weights[level] * c for level, c in zip(LEVELS, counts, strict=True)), sum(counts))


def mpi(below_basic: int, basic: int, proficient: int, advanced: int) -> Fraction:
    """Return the MSIP 5 performance index, exact, 100 to 500.

    Parameters
    ----------
    below_basic, basic, proficient, advanced : int
        Reportable pupils by achievement level; pupils without a level are not among them.

    Examples
    --------
    >>> mpi(40, 60, 70, 30)
    Fraction(325, 1)
    """
    return 100 * _index(rule_file(FILE)["mpi"], (below_basic, basic, proficient, advanced))


def status_mpi(years: list[tuple[int, int, int, int]], *, method: str = "mean") -> Decimal:
    """Return the three-year status MPI, rounded to one decimal.

    Parameters
    ----------
    years : list of (below basic, basic, proficient, advanced)
        Three years of counts.
    method : {"mean", "pooled"}
        Mean of the yearly indexes, or the index of the pooled counts. No source settles it.
    """
    rules = rule_file(FILE)
    if len(years) != rules["status"]["years_averaged"]:
        raise KitError(f"{len(years)} years for the status MPI", mend="Give three.")
    if method == "mean":
        index = sum((mpi(*y) for y in years), Fraction(0)) / len(years)
    elif method == "pooled":
        index = mpi(*(sum(c) for c in zip(*years, strict=True)))
    else:
        raise KitError(f"'{method}' is not a way to average", mend="Use 'mean' or 'pooled'.")
    return half_up(index, rules["mpi"]["decimals"])


def rolling_mpi(by_year: Mapping[int, Number], year: int) -> Fraction:
    """Return the mean MPI of the window (two years) that ends in a year."""
    window = range(year - rule_file(FILE)["progress"]["window"] + 1, year + 1)
    missing = [y for y in window if y not in by_year]
    if missing:
        raise KitError(f"no MPI for {missing[0]}", mend=f"The mean to {year} needs {window[0]} to {window[-1]}.")
    return sum((exact(by_year[y]) for y in window), Fraction(0)) / len(window)


def _targets(subject: str, year: int, targets: pd.DataFrame | None) -> tuple[Fraction, Fraction]:
    table = rule_table("msip5_targets.csv") if targets is None else targets
    missing = [c for c in ("subject", "year", "on_track_min", "target_min") if c not in table]
    if missing:
        raise KitError(f"column '{missing[0]}' is missing", where="msip5_targets", mend="Add it.")
    row = table[(table["subject"] == subject) & (table["year"].astype(int) == year)]
    if len(row) != 1:
        found = "no" if row.empty else f"{len(row)}"
        raise KitError(
            f"{found} MSIP 5 targets for {subject} in {year}",
            where="msip5_targets",
            mend="Give a table with one row for it: subject, year, on_track_min, target_min, source. "
            "Only mathematics 2013 to 2020 is held; the other tables of the state were not found.",
        )
    on_track, target = exact(row["on_track_min"].iloc[0]), exact(row["target_min"].iloc[0])
    if not exact(rule_file(FILE)["status"]["approaching_min"]) <= on_track <= target <= 500:
        raise KitError(f"targets {on_track} and {target}", where="msip5_targets", mend="300 ≤ on track ≤ target ≤ 500.")
    return on_track, target


def status_level(subject: str, year: int, index: Number, *, targets: pd.DataFrame | None = None) -> str:
    """Return ``target``, ``on_track``, ``approaching`` or ``floor``.

    Parameters
    ----------
    subject : str
        ``math``, ``ela``, ``science``, ``social_studies``.
    index : number
        Status MPI; rounded to one decimal before it is compared.
    targets : DataFrame, optional
        ``subject``, ``year``, ``on_track_min``, ``target_min``, in place of the held ones.

    Raises
    ------
    KitError
        Where no target is held for the subject and year.

    Examples
    --------
    >>> status_level("math", 2014, 361)
    'on_track'
    """
    on_track, target = _targets(subject, year, targets)
    rounded = exact(half_up(index, rule_file(FILE)["mpi"]["decimals"]))
    if not 100 <= rounded <= 500:
        raise KitError(f"an MPI of {index}", mend="The MSIP 5 index lies between 100 and 500.")
    if rounded >= target:
        return "target"
    if rounded >= on_track:
        return "on_track"
    return "approaching" if rounded >= exact(rule_file(FILE)["status"]["approaching_min"]) else "floor"


def progress_share(prior: Number, current: Number, *, gap_ceiling: int | None = None) -> Fraction:
    """Return progress as a share of the MPI gap, exact; below 0 where the index fell.

    The gap is the ceiling (500) less the prior index, an assumption (``mpi-gap``).
    """
    ceiling = rule_file(FILE)["progress"]["gap_ceiling"] if gap_ceiling is None else gap_ceiling
    gap = ceiling - exact(prior)
    if gap <= 0:
        raise KitError(f"no gap below {ceiling} from {prior}", mend="Progress is not defined at the ceiling.")
    return (exact(current) - exact(prior)) / gap


def progress_level(prior: Number, current: Number, *, gap_ceiling: int | None = None) -> str:
    """Return ``exceeding`` (5 % of the gap), ``on_track`` (3 %), ``approaching`` (1 %) or ``floor``."""
    share, rules = progress_share(prior, current, gap_ceiling=gap_ceiling), rule_file(FILE)["progress"]
    for level in ("exceeding", "on_track", "approaching"):
        if share >= Fraction(rules[level]):
            return level
    return "floor"


def growth_level(estimate: Number, significant: bool) -> str:
    """Return the level of the state's growth estimate (50 is average), which is imported."""
    if not significant or exact(estimate) == 50:
        return "on_track"
    return "exceeding" if exact(estimate) > 50 else "floor"


def points_for(
    measure: str,
    level: str,
    *,
    possible: int = 16,
    standard: str = "academic",
    ladder: pd.DataFrame | None = None,
) -> Fraction:
    """Return the points of a level.

    Parameters
    ----------
    measure : {"status", "progress", "growth"}
    level : str
    possible : int
        Points of the measure: 16 or 8 (academic), 4 (subgroup).
    standard : {"academic", "subgroup"}
    ladder : DataFrame, optional
        ``standard``, ``possible``, ``measure``, ``level``, ``points``, in place of the held one.

    Raises
    ------
    KitError
        Where the ladder has no such step (social studies by group, middle steps of progress by group).
    """
    table = rule_table("msip5_points.csv") if ladder is None else ladder
    row = table[
        (table["standard"] == standard)
        & (table["possible"].astype(int) == possible)
        & (table["measure"] == measure)
        & (table["level"] == level)
    ]
    if len(row) != 1:
        raise KitError(
            f"no points for {measure} at '{level}' of the {standard} standard with {possible} points",
            where="msip5_points",
            mend="This step was not found in any text: give the ladder as a table with its source.",
        )
    return exact(row["points"].iloc[0])


@dataclass(frozen=True)
class SubjectPoints:
    """The points of one subject: status plus the better of progress and growth, at most what is possible."""

    subject: str
    year: int
    status: str
    progress: str | None
    growth: str | None
    status_points: Fraction
    progress_points: Fraction
    growth_points: Fraction
    points: Fraction
    possible: int
    assumptions: tuple[Assumption, ...] = ()


def subject_points(
    subject: str,
    year: int,
    *,
    status: Number,
    prior: Number | None = None,
    current: Number | None = None,
    growth: str | None = None,
    possible: int = 16,
    standard: str = "academic",
    targets: pd.DataFrame | None = None,
    ladder: pd.DataFrame | None = None,
) -> SubjectPoints:
    """Return the points of a subject, ``min(possible, status + max(progress, growth))``.

    Parameters
    ----------
    status : number
        Three-year status MPI.
    prior, current : number, optional
        Rolling two-year MPIs; without both there is no progress.
    growth : {"exceeding", "on_track", "floor"}, optional
        See :func:`growth_level`.
    possible, standard, targets, ladder
        See :func:`points_for` and :func:`status_level`.
    """
    level = status_level(subject, year, status, targets=targets)
    progress = None if prior is None or current is None else progress_level(prior, current)
    kind = {"possible": possible, "standard": standard, "ladder": ladder}
    status_points = points_for("status", level, **kind)
    progress_points = points_for("progress", progress, **kind) if progress else Fraction(0)
    growth_points = points_for("growth", growth, **kind) if growth else Fraction(0)
    ids = ["mpi-one-decimal", "mean-of-years"] + ["mpi-gap"] * bool(progress)
    if ladder is None:
        ids += ["ladder-halved"] * (possible == 8) + ["secondary-ladder"] * (standard == "subgroup")
    return SubjectPoints(
        subject=subject,
        year=year,
        status=level,
        progress=progress,
        growth=growth,
        status_points=status_points,
        progress_points=progress_points,
        growth_points=growth_points,
        points=min(Fraction(possible), status_points + max(progress_points, growth_points)),
        possible=possible,
        assumptions=(HALF_UP, *assumed(FILE, *ids)),
    )


def held_harmless(subject: str, year: int, points: Number, points_2014: Number) -> Fraction:
    """Return the points that count in 2015 and 2016: those of 2014 where they are higher (ELA, math)."""
    rules = rule_file(FILE)["hold_harmless"]
    if year in rules["years"] and subject in rules["subjects"]:
        return max(exact(points), exact(points_2014))
    return exact(points)
