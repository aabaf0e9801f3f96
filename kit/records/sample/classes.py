"""In class: sections, marks and an interim test with its items."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from kit.records.sample.chance import logistic, stream
from kit.records.sample.columns import Coded
from kit.records.sample.enrolment import Spells
from kit.records.sample.history import History
from kit.records.sample.network import GRADES, Network
from kit.records.sample.stories import Stories

__all__ = ["items", "marks", "sections"]

CLASS_SIZE = 26
COURSES = np.array(["ela", "math", "science", "social_studies", "other"])
TERMS = np.array(["Q1", "S1", "S2"])
TERM_ENDS = (42, 88, 176)  # place of the day among the school days
SCALE = np.array(["F", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+"])
STEPS = np.array([0.85, 1.05, 1.35, 1.65, 1.9, 2.2, 2.5, 2.75, 3.05, 3.35, 3.6, 3.95])  # between the marks
CREDITS = (Decimal("2.5"), Decimal("5.0"))

INTERIM_GRADES = (3, 6)
INTERIMS = (("interim_math_autumn", 45, 0.0), ("interim_math_winter", 108, 0.35))  # day, gain in between
STANDARDS = np.array(["counting", "operations", "fractions", "measurement", "data"])
HARDNESS = np.array([-1.2, -0.7, -0.4, 0.0, 0.1, 0.3, 0.6, 0.8, 1.1, 1.5])
POSSIBLE = np.array([1, 1, 1, 1, 2, 1, 1, 2, 1, 2])


def _day_of(network: Network, spells: Spells, place: int) -> np.ndarray:
    """Return each spell's n-th day of school of its district and year."""
    days = np.zeros(len(spells.pupil), "int32")
    for (d, year), calendar in network.calendar.items():
        days[(network.district[spells.school] == d) & (spells.year == year)] = calendar.instructional[place]
    return days


def marks(network: Network, history: History, seed: int) -> dict:
    """Return marks that follow ability and attendance, with a teacher's own leaning."""
    rng = stream(seed, "marks")
    leaning = rng.normal(0, 0.14, len(network.school_id))
    tables = []
    for term, place in enumerate(TERM_ENDS):
        spells = history.spells.of(history.spells.grade >= 6)
        spells = spells.of(spells.covers(_day_of(network, spells, place)))
        if term == 0:
            spells = spells.of(spells.grade <= 8)
        row = history.rows_of(spells)
        ela, math = history.ability[0, row], history.ability[1, row]
        both = (ela + math) / 2
        # A pupil's own way of working, the same in each term of a year.
        diligence = stream(seed, "diligence").normal(0, 0.38, len(history.pupil))[row]
        base = 2.86 + diligence + leaning[spells.school] - 4.5 * (history.absence[row] - 0.055)
        base = base + 0.18 * (history.pupils.gender[spells.pupil] == 0) - 0.12 * (spells.grade == 9)
        n = len(row)
        for course in range(2 if term == 0 else len(COURSES)):
            able = (ela, math, both, both, 0.4 * both + 0.5)[course]
            points = base + 0.5 * able - 0.1 * (course == 1) + rng.normal(0, 0.42, n)
            tables.append(
                {
                    "pupil": spells.pupil,
                    "school": spells.school,
                    "school_year": spells.year,
                    "term": np.full(n, term),
                    "subject": np.full(n, course),
                    "mark": np.searchsorted(STEPS, points, side="right"),
                    "credits": np.where(spells.grade >= 9, 1, 0),
                    "final": np.full(n, term > 0),
                }
            )
    out = {name: np.concatenate([t[name] for t in tables]) for name in tables[0]}
    out |= {"term": Coded(out["term"], TERMS), "subject": Coded(out["subject"], COURSES)}
    return out | {
        "mark": Coded(out["mark"], SCALE),
        "credits": Coded(out["credits"], np.array(CREDITS, object)),
    }


def sections(network: Network, history: History, seed: int) -> dict:
    """Return a homeroom for each pupil to grade 5, an ELA and a math class for each above."""
    rng = stream(seed, "sections")
    spells = history.spells.of(np.lexsort((history.spells.entry, history.spells.pupil)))
    # A pupil who returns to a school comes back to the same class: the first entry, and the last exit.
    place = np.stack([spells.pupil, spells.school, spells.year])
    _, once, which = np.unique(place, axis=1, return_index=True, return_inverse=True)
    last = np.zeros(len(once), int)
    np.maximum.at(last, which.ravel(), np.arange(len(spells.pupil)))
    first, leaves = spells.of(once), spells.exit[last]
    parts, names, ids = [], [], []
    place = np.stack([first.school, first.year, first.grade])
    groups, group = np.unique(place, axis=1, return_inverse=True)
    group = group.ravel()
    size = np.bincount(group)
    classes = np.maximum(1, -(-size // CLASS_SIZE))
    for subject, code in ((0, "R"), (1, "E"), (2, "M")):
        takes = (first.grade <= 5) == (subject == 0)
        # Pupils of a grade in a random order, dealt to its classes in turn.
        order = np.lexsort((rng.random(len(group)), group))
        turn = np.empty(len(group), int)
        turn[order] = np.arange(len(group)) - np.repeat(np.cumsum(size) - size, size)
        letter = turn % classes[group]
        base = len(ids)
        taught = np.where((groups[2] <= 5) == (subject == 0), classes, 0)
        starts = np.cumsum(taught) - taught
        for (s, y, g), count in zip(groups.T, taught, strict=True):
            subject_name = ("homeroom", "ELA", "math")[subject]
            for c in range(count):
                ids.append(f"{network.school_id[s]}-{y}-{GRADES[g + 1]}{code}{c + 1:02d}")
                names.append(f"Grade {GRADES[g + 1]} {subject_name} {c + 1}")
        who = np.flatnonzero(takes)
        parts.append((who, base + starts[group[who]] + letter[who], np.full(len(who), subject)))
    who, code, subject = (np.concatenate(p) for p in zip(*parts, strict=True))
    distinct_names, name = np.unique(names, return_inverse=True)
    return {
        "pupil": first.pupil[who],
        "school": first.school[who],
        "school_year": first.year[who],
        "section_id": Coded(code, np.array(ids)),
        "section_name": Coded(name[code], distinct_names),
        "subject": Coded(subject, np.array(["other", "ela", "math"])),
        "from_date": first.entry[who],
        "to_date": leaves[who],
    }


def items(network: Network, stories: Stories, history: History, seed: int) -> dict:
    """Return the items of an interim math test: harder items are missed more, by weaker pupils most."""
    rng = stream(seed, "items")
    year = network.years[-1]
    tables = []
    for test, (_, place, gain) in enumerate(INTERIMS):
        spells = history.spells
        spells = spells.of((spells.year == year) & np.isin(spells.grade, INTERIM_GRADES))
        days = _day_of(network, spells, place)
        sits = spells.covers(days) & (rng.random(len(days)) > 0.05)
        spells, days = spells.of(sits), days[sits]
        ability = history.ability[1, history.rows_of(spells)] + gain - 0.2
        poor = history.pupils.disadvantaged[spells.pupil]
        ability = ability + stories.math(network, spells.school, spells.grade, year, poor)
        right = logistic(1.1 * (ability[:, None] - HARDNESS))
        points = rng.binomial(POSSIBLE, right)
        n, k = points.shape
        item = np.tile(np.arange(k), n)
        tables.append(
            {
                "pupil": np.repeat(spells.pupil, k),
                "school": np.repeat(spells.school, k),
                "test": np.full(n * k, test),
                "date": np.repeat(days, k),
                "item": item,
                "points": points.ravel(),
            }
        )
    out = {name: np.concatenate([t[name] for t in tables]) for name in tables[0]}
    item = out["item"]
    return out | {
        "test": Coded(out["test"], np.array([name for name, _, _ in INTERIMS])),
        "item": Coded(item, np.array([f"{i + 1:02d}" for i in range(len(HARDNESS))])),
        "standard": Coded(item % len(STANDARDS), STANDARDS),
        "points_possible": POSSIBLE[item],
    }
