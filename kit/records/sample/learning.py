"""What pupils learn: ability that lasts from year to year, schools that add to it, and the yearly tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kit.records.sample.chance import stream

if TYPE_CHECKING:
    from kit.records.sample.history import History
    from kit.records.sample.network import Network
    from kit.records.sample.pupils import Pupils
    from kit.records.sample.stories import Stories

__all__ = ["SUBJECTS", "TEST", "assessments", "cut", "first_ability", "grow"]

SUBJECTS = ("ela", "math")
TEST = "spring_summative"
TESTED = (3, 4, 5, 6, 7, 8, 11)
# The vertical scale: mean and standard deviation of each grade's scores, ELA then math.
MEANS = {
    3: (440, 436),
    4: (474, 468),
    5: (502, 492),
    6: (522, 511),
    7: (540, 526),
    8: (554, 538),
    11: (586, 560),
}
SPREADS = {3: (66, 62), 4: (69, 65), 5: (71, 69), 6: (72, 73), 7: (74, 76), 8: (75, 80), 11: (81, 86)}
CUTS = ((-0.80, 0.05, 0.90), (-0.70, 0.17, 0.95))  # standard deviations from the grade's mean; levels 2, 3, 4

WITHIN = 0.78  # standard deviation of ability among pupils alike in all that is recorded
LASTING = 0.90  # share of that deviation that is still there a year later
BETWEEN_SUBJECTS = 0.75
BLUR = 0.33  # error of a test, in standard deviations, where it is most exact


def _twin(rng, n: int) -> np.ndarray:
    """Return two rows of standard normal draws, correlated as the subjects are."""
    common, own = rng.normal(size=n), rng.normal(size=(2, n))
    return np.sqrt(BETWEEN_SUBJECTS) * common + np.sqrt(1 - BETWEEN_SUBJECTS) * own


def first_ability(rng, expected: np.ndarray, head_start: np.ndarray, first: bool) -> np.ndarray:
    """Return ability (ELA, math) of new pupils; those of the first year have been at their school before."""
    return expected + WITHIN * _twin(rng, len(expected)) + (head_start if first else 0.0)


def grow(rng, network: Network, pupils: Pupils, who: np.ndarray, first: bool) -> None:
    """Take pupils through a year: most of their lead lasts, and the school adds its own."""
    if first:
        return
    lead = pupils.ability[:, who] - pupils.expected[who]
    luck = WITHIN * np.sqrt(1 - LASTING**2) * _twin(rng, len(who))
    added = network.growth[:, pupils.school[who]] + rng.normal(0, 0.04, network.growth.shape)[:, pupils.school[who]]
    pupils.ability[:, who] = pupils.expected[who] + LASTING * lead + luck + added


def cut(grade: int, subject: int, level: int) -> int:
    """Return the lowest scale score of an achievement level (2, 3 or 4) in a grade."""
    return round(MEANS[grade][subject] + SPREADS[grade][subject] * CUTS[subject][level - 2])


def assessments(network: Network, stories: Stories, history: History, seed: int) -> dict:
    """Return the yearly test of grades 3 to 8 and 11, at the school where the pupil was on the day."""
    spells = history.spells
    tables = []
    for year in network.years:
        rng = stream(seed, "assessments", year)
        day_of = rng.integers(0, 12, (2, len(network.school_id)))
        for k in range(len(SUBJECTS)):
            at = spells.of((spells.year == year) & np.isin(spells.grade, TESTED))
            n = len(at.pupil)
            days = np.zeros(n, "int32")
            late = 5 * (rng.random(n) < 0.06)
            for d in range(len(network.district_id)):
                here = network.district[at.school] == d
                calendar = network.calendar[d, year].instructional
                days[here] = calendar[len(calendar) - 32 + day_of[k, at.school[here]] + late[here]]
            sits = at.covers(days) & (rng.random(n) > 0.018)
            row = history.rows_of(at)
            disadvantaged = history.pupils.disadvantaged[at.pupil]
            ability = history.ability[k, row]
            if k == 1:
                ability = ability + stories.math(network, at.school, at.grade, year, disadvantaged)
            error = BLUR * (1 + 0.16 * np.minimum(ability**2, 9.0))
            seen = ability + error * rng.normal(size=n)
            mean, spread = (np.array([x.get(g, (0, 0))[k] for g in range(13)])[at.grade] for x in (MEANS, SPREADS))
            score = np.clip(np.rint(mean + spread * seen), 200, 900).astype("int16")
            cuts = np.array([[cut(g, k, lv) if g in MEANS else 0 for lv in (2, 3, 4)] for g in range(13)])[at.grade]
            tables.append(
                {
                    "pupil": at.pupil,
                    "school": at.school,
                    "school_year": at.year,
                    "subject": np.full(n, k),
                    "grade": at.grade,
                    "scale_score": score,
                    "achievement_level": 1 + (score[:, None] >= cuts).sum(1),
                    "date": days,
                    "standard_error": np.rint(spread * error).astype("int16"),
                    "distance_from_standard": score - cuts[:, 1],
                }
            )
            tables[-1] = {name: column[sits] for name, column in tables[-1].items()}
    return {name: np.concatenate([t[name] for t in tables]) for name in tables[0]}
