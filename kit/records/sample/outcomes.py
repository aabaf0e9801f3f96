"""After high school: graduation cohorts and college."""

from __future__ import annotations

import numpy as np

from kit.records.sample.chance import logistic, stream
from kit.records.sample.columns import Coded
from kit.records.sample.history import History
from kit.records.sample.network import Network
from kit.records.sample.pupils import ENDINGS

__all__ = ["cohorts", "college"]

INSTITUTIONS = np.array(["two_year", "four_year"])


def _last_high_school(history: History) -> tuple[np.ndarray, np.ndarray]:
    """Return the pupils who were ever in grades 9 to 12, and the school of their latest spell there."""
    spells = history.spells.of(history.spells.grade >= 9)
    order = np.lexsort((spells.entry, spells.pupil))
    pupil, school = spells.pupil[order], spells.school[order]
    last = np.flatnonzero(np.append(pupil[1:] != pupil[:-1], True)) if len(pupil) else np.zeros(0, int)
    return pupil[last], school[last]


def cohorts(network: Network, history: History) -> dict:
    """Return each cohort's outcomes after four, five and six years, as far as the years go."""
    pupil, school = _last_high_school(history)
    pupils = history.pupils
    tables = []
    for cohort in network.years:
        for years in (4, 5, 6):
            seen = cohort + years - 4
            if seen > network.years[-1]:
                continue
            here = pupils.cohort[pupil] == cohort
            who = pupil[here]
            ended = (pupils.ended[who] > 0) & (pupils.ended[who] <= seen)
            tables.append((who, school[here], cohort, np.where(ended, pupils.ending[who], 0), years))
    return {
        "pupil": np.concatenate([t[0] for t in tables]),
        "school": np.concatenate([t[1] for t in tables]),
        "cohort_year": np.concatenate([np.full(len(t[0]), t[2]) for t in tables]),
        "outcome": Coded(np.concatenate([t[3] for t in tables]), np.array(ENDINGS)),
        "years": np.concatenate([np.full(len(t[0]), t[4]) for t in tables]),
    }


def college(network: Network, history: History, seed: int) -> dict:
    """Return completers of all years but the last, and whether they enrolled in college."""
    rng = stream(seed, "college")
    pupil, school = _last_high_school(history)
    pupils = history.pupils
    followed = network.years[:-1] or network.years
    done = (ENDINGS[1] == np.array(ENDINGS)[pupils.ending[pupil]]) & np.isin(pupils.ended[pupil], followed)
    who, school = pupil[done], school[done]
    lean = 0.75 + 0.75 * pupils.ability.mean(0)[who] - 0.35 * pupils.disadvantaged[who]
    lean = lean + rng.normal(0, 0.25, len(network.school_id))[school]
    enrolled = rng.random(len(who)) < logistic(lean)
    four = rng.random(len(who)) < logistic(-0.1 + 1.1 * pupils.ability.mean(0)[who])
    return {
        "pupil": who,
        "school": school,
        "completion_year": pupils.ended[who],
        "enrolled": enrolled,
        "institution_type": Coded(np.where(enrolled, four.astype(int), -1), INSTITUTIONS),
    }
