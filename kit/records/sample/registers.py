"""The registers: schools, students, enrollments and the calendar, as columns."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from kit.records.sample.chance import stream
from kit.records.sample.columns import Coded
from kit.records.sample.enrolment import MOVED, REASONS
from kit.records.sample.history import History
from kit.records.sample.network import GRADES, LEVELS, Network
from kit.records.sample.pupils import GENDERS, RACES
from kit.records.sample.schooldays import day

__all__ = ["GRADE_VALUES", "calendar", "enrollments", "schools", "student_ids", "students"]

GRADE_VALUES = np.array(GRADES)  # a grade's number is its place less 1
TITLE_I_POVERTY = 0.5


def student_ids(n: int, seed: int) -> np.ndarray:
    """Return ids of seven digits with leading zeros, rising with gaps."""
    numbers = 100_000 + np.cumsum(stream(seed, "ids").integers(1, 6, n))
    return np.array([f"{i:07d}" for i in numbers])


def _address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-") + "@example.org"


def _whole(values) -> Coded:
    """Return a text column that has its own value in each row."""
    return Coded(np.arange(len(values)), np.asarray(values))


def schools(network: Network) -> dict:
    """Return one row a school."""
    n = len(network.school_id)
    return {
        "school": np.arange(n),
        "school_name": _whole(network.school_name),
        "district_id": Coded(network.district, network.district_id),
        "district_name": Coded(network.district, network.district_name),
        "level": Coded(network.level, np.array(LEVELS)),
        "low_grade": Coded(network.low + 1, GRADE_VALUES),
        "high_grade": Coded(network.high + 1, GRADE_VALUES),
        "county": Coded(np.zeros(n, int), np.array(["Sample County"])),
        "charter": network.charter,
        "title_i": network.poverty >= TITLE_I_POVERTY,
        "contact_name": _whole([f"Contact at {name}" for name in network.school_name]),
        "contact_email": _whole(
            [_address(f"{name} {i}") for name, i in zip(network.school_name, network.school_id, strict=True)]
        ),
    }


def students(network: Network, history: History) -> dict:
    """Return one row a pupil and school year, with what is true by the end of that year."""
    who, pupils = history.pupil, history.pupils
    year_end = np.array([day(y, 6, 30) for y in network.years])[history.year - network.years[0]]
    redesignated = pupils.reclassified[who]
    return {
        "pupil": who,
        "school_year": history.year,
        "race_ethnicity": Coded(pupils.race[who], np.array(RACES)),
        "gender": Coded(pupils.gender[who], np.array(GENDERS)),
        "english_learner": history.learner,
        "disability": pupils.disability[who],
        "disadvantaged": pupils.disadvantaged[who],
        "homeless": pupils.homeless[who],
        "foster": pupils.foster[who],
        "el_since": pupils.el_since[who],
        "reclassified_on": np.where(redesignated <= year_end, redesignated, 0),
    }


def enrollments(history: History) -> dict:
    """Return one row a spell."""
    spells = history.spells
    spells = spells.of(np.lexsort((spells.entry, spells.pupil, spells.school, spells.year)))
    return {
        "pupil": spells.pupil,
        "school": spells.school,
        "school_year": spells.year,
        "grade": Coded(spells.grade + 1, GRADE_VALUES),
        "entry_date": spells.entry,
        "exit_date": spells.exit,
        "exit_reason": Coded(np.where(spells.exit > 0, spells.reason - MOVED, -1), np.array(REASONS)),
    }


def calendar(network: Network) -> dict:
    """Return the weekdays of every school, days of school or not."""
    parts = []
    for s in network.schools:
        for year in network.years:
            days = network.days(s, year)
            date = np.concatenate([days.instructional, days.closed])
            school_day = np.arange(len(date)) < len(days.instructional)
            order = np.argsort(date, kind="stable")
            parts.append((np.full(len(date), s), date[order], school_day[order]))
    school, date, instructional = (np.concatenate(p) for p in zip(*parts, strict=True))
    return {"school": school, "date": date, "instructional": instructional}
