"""The pupils of a sample network: who they are and what they bring."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from kit.records.sample import english_learners, learning
from kit.records.sample.chance import logistic
from kit.records.sample.network import Network

__all__ = ["ENDINGS", "GENDERS", "RACES", "Pupils", "draw_pupils"]

RACES = (
    "American Indian or Alaska Native",
    "Asian",
    "Black or African American",
    "Hispanic or Latino",
    "Native Hawaiian or Pacific Islander",
    "Two or more races",
    "White",
)
GENDERS = ("female", "male", "nonbinary")
ENDINGS = ("still_enrolled", "graduated", "transferred_out", "dropped_out", "other")

BEHIND = 0.016  # of pupils new in grades 10 to 12 who have repeated one
RACE_IN_POOREST = np.array([0.012, 0.07, 0.13, 0.64, 0.01, 0.04, 0.098])
RACE_IN_RICHEST = np.array([0.006, 0.16, 0.04, 0.22, 0.004, 0.08, 0.49])
RACE_POVERTY = np.array([0.5, -0.4, 0.5, 0.45, 0.2, -0.1, -0.5])  # log-odds of being disadvantaged
RACE_LEARNER = np.array([0.1, 1.6, 0.15, 1.45, 0.8, 0.2, 0.2])  # times the district's share of learners


@dataclass
class Pupils:
    """One entry a pupil. Ability is in student standard deviations; ``tendency`` is log absence.

    ``el_since`` and ``reclassified`` are days since 1970 (0: never); ``cohort`` is the year in which grade 12
    is due (0: before grade 9); ``ending`` is a place in :data:`ENDINGS`, in school year ``ended``.
    """

    race: np.ndarray
    gender: np.ndarray
    disadvantaged: np.ndarray
    disability: np.ndarray
    homeless: np.ndarray
    foster: np.ndarray
    tendency: np.ndarray
    expected: np.ndarray
    ability: np.ndarray
    el_since: np.ndarray
    reclassified: np.ndarray
    cohort: np.ndarray
    school: np.ndarray
    grade: np.ndarray
    active: np.ndarray
    ended: np.ndarray
    ending: np.ndarray

    def __len__(self) -> int:
        return len(self.race)

    def joined_by(self, others: Pupils) -> Pupils:
        """Return these pupils followed by others."""
        both = {f.name: (getattr(self, f.name), getattr(others, f.name)) for f in fields(self)}
        return Pupils(**{name: np.concatenate(pair, axis=-1) for name, pair in both.items()})


def draw_pupils(rng, network: Network, school: np.ndarray, grade: np.ndarray, year: int, first: bool) -> Pupils:
    """Draw new pupils for the places given (a school and a grade each)."""
    n = len(school)
    poverty = network.poverty[school]
    mix = poverty[:, None] * RACE_IN_POOREST + (1 - poverty[:, None]) * RACE_IN_RICHEST
    race = (rng.random(n)[:, None] > np.cumsum(mix, 1)[:, :-1] / mix.sum(1, keepdims=True)).sum(1)
    gender = np.searchsorted([0.487, 0.995], rng.random(n), side="right")
    odds = np.log(poverty / (1 - poverty)) + RACE_POVERTY[race] - 0.12
    disadvantaged = rng.random(n) < logistic(odds)
    disability = rng.random(n) < 0.10 + 0.035 * disadvantaged + 0.04 * (gender == 1)
    share = network.learner_share[network.district[school]] * RACE_LEARNER[race]
    ever_learner = rng.random(n) < np.clip(share * np.where(disadvantaged, 1.15, 0.6), 0, 0.9)
    expected = (
        0.35
        + rng.normal(0, 0.15, n)
        - 0.42 * disadvantaged
        - 0.75 * disability
        - 0.35 * ever_learner
        - 0.5 * (poverty - 0.5)
    )
    el_since = english_learners.since(rng, ever_learner, grade, year, first)
    none = np.zeros(n, "int32")
    return Pupils(
        race=race,
        gender=gender,
        disadvantaged=disadvantaged,
        disability=disability,
        homeless=disadvantaged & (rng.random(n) < 0.05),
        foster=disadvantaged & (rng.random(n) < 0.011),
        tendency=rng.normal(0, 0.6, n) + 0.2 * disadvantaged + 0.2 * disability - 0.13,
        expected=expected,
        ability=learning.first_ability(rng, expected, network.head_start[:, school], first),
        el_since=el_since,
        reclassified=none.copy(),
        cohort=np.where(grade >= 9, year + 12 - grade - ((grade > 9) & (rng.random(n) < BEHIND)), 0),
        school=school,
        grade=grade,
        active=np.ones(n, bool),
        ended=none.copy(),
        ending=none.copy(),
    )
