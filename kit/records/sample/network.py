"""The schools and districts of a sample network: who they are, how large, and what is special about each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kit.records.sample.chance import stream
from kit.records.sample.schooldays import LAST_YEAR, SchoolYear, school_year_days

__all__ = ["GRADES", "LEVELS", "Network", "build_network"]

GRADES = ("TK", "K", *(str(g) for g in range(1, 13)))  # a grade's number is its place here, less 1: TK is -1
LEVELS = ("elementary", "middle", "high", "other")

# name, share of the schools, share disadvantaged, share ever an English learner, odds of redesignation
DISTRICTS = (
    ("Alder Bay Unified", 18, 0.62, 0.34, 1.0),
    ("Copper Hollow Unified", 13, 0.61, 0.34, 1.0),
    ("Lantern Valley Unified", 10, 0.48, 0.24, 0.8),
    ("Quillmoor Unified", 8, 0.45, 0.20, 0.9),
    ("Saltmarsh Unified", 6, 0.38, 0.14, 1.0),
    ("Thistle Ridge Joint", 5, 0.27, 0.09, 1.1),
)
NAMES = (
    "Acorn", "Badger", "Beaver", "Birch", "Bramble", "Buttercup", "Cedar", "Clover", "Coyote", "Cricket",
    "Curlew", "Dogwood", "Dragonfly", "Elderberry", "Falcon", "Fern", "Firefly", "Fox & Fern", "Garnet",
    "Goldfinch", "Hazel", "Heron", "Hickory", "Juniper", "Kestrel", "Kingfisher", "Larkspur", "Lichen",
    "Lupine", "Magpie", "Mallow", "Maple", "Marten", "Meadowlark", "Merlin", "Mulberry", "Nettle",
    "Nuthatch", "O’Heron", "Osprey", "Otter", "Owlet", "Pebble", "Pelican", "Piñon", "Plover", "Poppy",
    "Puffin", "Quail", "Raven", "Redwood", "Robin", "Rowan", "Sage", "Salmon", "Sandpiper", "Sorrel",
    "Sparrow", "Spruce", "Swallow", "Sycamore", "Tamarack", "Teal", "Thimble", "Thrush", "Toadflax",
    "Vole", "Walnut", "Warbler", "Waxwing", "Willow", "Wren", "Yarrow",
)  # fmt: skip
TITLES = ("Elementary", "Middle", "High", "School")
LOW, HIGH = (0, 6, 9, 0), (5, 8, 12, 12)

ELEMENTARY_GRADE = 58.0  # pupils in a grade of a usual elementary school
OTHER_GRADE = 15.0
TK_SHARE = 0.35  # of a grade's pupils
GROWTH_SD = 0.17  # school effects on a year's growth, in student standard deviations
GROWTH_MOST = 0.3
EARLIER_GROWTH = 1.6  # years of a school's effect that pupils of the first year already have


@dataclass(frozen=True)
class Network:
    """Schools as columns, one entry a school; districts as columns, one entry a district.

    Attributes
    ----------
    years : tuple of int
        Ending years, oldest first.
    calendar : dict
        (district, year) to :class:`SchoolYear`.
    growth, head_start : ndarray of shape (2, schools)
        What a school adds to ELA and math in a year, and has added to the pupils of the first year, in
        student standard deviations.
    """

    years: tuple[int, ...]
    school_id: np.ndarray
    school_name: np.ndarray
    district: np.ndarray
    level: np.ndarray
    low: np.ndarray
    high: np.ndarray
    grade_size: np.ndarray
    poverty: np.ndarray
    charter: np.ndarray
    absence: np.ndarray
    growth: np.ndarray
    head_start: np.ndarray
    climate: np.ndarray
    leads_to: np.ndarray
    district_id: np.ndarray
    district_name: np.ndarray
    learner_share: np.ndarray
    redesignation: np.ndarray
    calendar: dict[tuple[int, int], SchoolYear]

    @property
    def schools(self) -> range:
        return range(len(self.school_id))

    def days(self, school: int, year: int) -> SchoolYear:
        return self.calendar[int(self.district[school]), year]

    def serving(self, grade: int, district: int | None = None) -> np.ndarray:
        """Return the schools that have a grade, in one district or in all."""
        has = (self.low <= grade) & (grade <= self.high)
        return np.flatnonzero(has if district is None else has & (self.district == district))


def _shares(total: int, weights: np.ndarray, least: int) -> np.ndarray:
    """Split a number of schools by weight, none below the least, largest remainders first."""
    spare = total - least * len(weights)
    exact = spare * weights / weights.sum()
    counts = np.floor(exact).astype(int)
    counts[np.argsort(counts - exact, kind="stable")[: spare - counts.sum()]] += 1
    return counts + least


def _levels(n_schools: int, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return district and level (a number) of each school: every district can take a pupil to grade 12."""
    district, level = [], []
    for d, n in enumerate(sizes):
        high = max(int(n * 0.15 + 0.4), 1) if n >= 3 else 0
        middle = max(int(n * 0.2 + 0.39), 1) if n >= 3 else 0
        other = int(n < 3 or (d == 0 and n_schools >= 30))
        kinds = [0] * (n - high - middle - other) + [1] * middle + [2] * high + [3] * other
        level += kinds
        district += [d] * n
    return np.array(district), np.array(level)


def _feeders(district: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the school that most pupils of a school go on to in the same district, or -1."""
    leads_to = np.full(len(level), -1)
    for d in np.unique(district):
        for lower, upper in ((0, 1), (1, 2)):
            here = np.flatnonzero((district == d) & (level == lower))
            there = np.flatnonzero((district == d) & (level == upper))
            if len(there):
                leads_to[here] = there[np.arange(len(here)) * len(there) // max(len(here), 1)]
    return leads_to


def _grade_sizes(rng, district, level, leads_to) -> np.ndarray:
    """Return the usual number of pupils in a grade: drawn for elementary schools, fed to the others."""
    size = np.where(level == 3, OTHER_GRADE, ELEMENTARY_GRADE * np.exp(rng.normal(-0.03, 0.28, len(level))))
    elementary = np.flatnonzero(level == 0)
    if len(elementary) >= 12:  # a few tiny schools, so that small groups occur
        size[elementary[[-1, len(elementary) // 2]]] = (7.0, 9.0)
    for upper in (1, 2):
        for s in np.flatnonzero(level == upper):
            size[s] = size[(leads_to == s) & (level == upper - 1)].sum() or ELEMENTARY_GRADE
    return size


def build_network(n_schools: int, students_per_school: int | None, years: int, seed: int) -> Network:
    """Draw the schools and districts.

    Parameters
    ----------
    n_schools, years : int
        Up to 60 schools make at most six districts; beyond, a district for every ten schools.
    students_per_school : int or None
        Mean over all schools; None keeps the usual sizes.
    seed : int
    """
    rng = stream(seed, "network")
    n_districts = max(1, min(6, n_schools // 5), n_schools // 10 if n_schools > 60 else 0)
    facts = [DISTRICTS[d % 6] for d in range(n_districts)]
    least = 4 if n_schools >= 4 * n_districts else n_schools
    weights = np.array([max(f[1] - 3.9, 0.5) for f in facts])
    sizes = _shares(n_schools, weights, min(least, n_schools // n_districts))
    district, level = _levels(n_schools, sizes)
    leads_to = _feeders(district, level)
    size = _grade_sizes(rng, district, level, leads_to)
    low, high = np.array(LOW)[level], np.array(HIGH)[level]
    has_tk = (level == 0) & (np.arange(n_schools) % 4 == 1)
    low = np.where(has_tk, -1, low)
    if students_per_school is not None:
        grades = high - np.maximum(low, 0) + 1 + has_tk * TK_SHARE
        size = size * students_per_school * n_schools / (size * grades).sum()

    poverty = np.array([f[2] for f in facts])[district] + rng.normal(0, 0.13, n_schools) * np.where(
        level == 0, 1.0, 0.4
    )
    poverty = np.clip(poverty, 0.08, 0.95)
    number = np.arange(n_schools)
    within = number - np.searchsorted(district, district) + 1
    order = rng.permutation(len(NAMES))
    names = [
        f"{NAMES[order[i % len(NAMES)]]}{f' {i // len(NAMES) + 1}' * (i >= len(NAMES))} {TITLES[k]}"
        for i, k in enumerate(level)
    ]
    growth = np.clip(rng.normal(0, GROWTH_SD, (2, n_schools)), -GROWTH_MOST, GROWTH_MOST)
    for k in np.unique(level):  # schools of a level do as well as those of another on average
        here = level == k
        growth[:, here] -= np.average(growth[:, here], axis=1, weights=size[here])[:, None]
    last = LAST_YEAR + 1
    span = tuple(range(last - years, last))
    return Network(
        years=span,
        school_id=np.array([f"{d + 1:02d}{w:02d}" for d, w in zip(district, within, strict=True)]),
        school_name=np.array(names),
        district=district,
        level=level,
        low=low,
        high=high,
        grade_size=size,
        poverty=poverty,
        charter=(level == 3) | ((level == 0) & (number % 17 == 5)),
        absence=np.exp(rng.normal(0, 0.15, n_schools) + 0.35 * (poverty - 0.5)),
        growth=growth,
        head_start=EARLIER_GROWTH * growth,
        climate=rng.normal(0, 0.28, n_schools),
        leads_to=leads_to,
        district_id=np.array([f"{d + 1:02d}" for d in range(n_districts)]),
        district_name=np.array([f[0] if i < 6 else f"{f[0]} {i // 6 + 1}" for i, f in enumerate(facts)], dtype=str),
        learner_share=np.array([f[3] for f in facts]),
        redesignation=np.array([f[4] for f in facts]),
        calendar={(d, y): school_year_days(y, d) for d in range(n_districts) for y in span},
    )
