"""The years of a sample network, one after another: what every table is written from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from kit.records.sample import english_learners, learning
from kit.records.sample.chance import stream
from kit.records.sample.enrolment import Spells, enrol, finish_year, first_places, free_places, move_up
from kit.records.sample.network import Network
from kit.records.sample.pupils import Pupils, draw_pupils
from kit.records.sample.stories import DIP_ABSENCE, Stories

__all__ = ["History", "simulate"]

# Usual absence by grade, TK to 12: highest in kindergarten and in high school.
GRADE_ABSENCE = np.array([6.6, 6.0, 4.8, 4.2, 4.0, 3.9, 3.9, 4.1, 4.4, 4.7, 5.0, 5.1, 5.3, 5.8]) / 100


@dataclass
class History:
    """All that happened: the pupils, their spells and their years (one entry a pupil and year)."""

    pupils: Pupils
    spells: Spells
    pupil: np.ndarray
    year: np.ndarray
    school: np.ndarray
    grade: np.ndarray
    ability: np.ndarray
    absence: np.ndarray
    learner: np.ndarray
    row: np.ndarray

    def rows_of(self, spells: Spells) -> np.ndarray:
        """Return the pupil-year of each spell."""
        return self.row[spells.year - self.year[0], spells.pupil]


def _absence(rng, network, stories: Stories, pupils: Pupils, who, school) -> np.ndarray:
    """Return each pupil's expected share of days absent: skewed, and much the same from year to year."""
    grade = pupils.grade[who]
    rate = GRADE_ABSENCE[grade + 1] * network.absence[school]
    rate = rate * np.exp(pupils.tendency[who] + rng.normal(0, 0.34, len(who)))
    rate *= np.where(stories.dips(network, school, grade), DIP_ABSENCE, 1.0)
    rate *= np.where(pupils.homeless[who] | pupils.foster[who], 1.35, 1.0)
    return np.clip(rate, 0.002, 0.6)


def simulate(network: Network, stories: Stories, seed: int) -> History:
    """Draw pupils and follow them through all years of the network."""
    pupils, spells, years = None, [], []
    for year in network.years:
        first = pupils is None
        rng = stream(seed, "pupils", year)
        if first:
            school, grade = first_places(rng, network)
            pupils = draw_pupils(rng, network, school, grade, year, first)
            english_learners.before(rng, network, pupils, year)
        else:
            move_up(rng, network, pupils, year)
            school, grade = free_places(rng, network, pupils)
            pupils = pupils.joined_by(draw_pupils(rng, network, school, grade, year, False))
        starts_high = pupils.active & (pupils.grade == 9) & (pupils.cohort == 0)
        pupils.cohort = np.where(starts_high, year + 3, pupils.cohort)
        who = np.flatnonzero(pupils.active)
        began_at = pupils.school[who].copy()
        learning.grow(rng, network, pupils, who, first)
        new_spells, whole = enrol(rng, network, pupils, year)
        english_learners.redesignate(rng, network, pupils, who[whole], year)
        rate = _absence(rng, network, stories, pupils, who, began_at)
        years.append(
            (
                who,
                np.full(len(who), year),
                began_at,
                pupils.grade[who].copy(),
                pupils.ability[:, who].copy(),
                rate,
                english_learners.is_learner(pupils, who, year),
            )
        )
        spells.append(new_spells)
        finish_year(rng, pupils, who, rate, year)
    pupil, year, school, grade, ability, absence, learner = (
        np.concatenate(column, axis=-1) for column in zip(*years, strict=True)
    )
    row = np.full((len(network.years), len(pupils)), -1)
    row[year - network.years[0], pupil] = np.arange(len(pupil))
    together = Spells(*(np.concatenate([getattr(s, f.name) for s in spells]) for f in fields(Spells)))
    return History(pupils, together, pupil, year, school, grade, ability, absence, learner, row)
