"""English learners: since when, and when they are redesignated as fluent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kit.records.sample.chance import logistic
from kit.records.sample.schooldays import day

if TYPE_CHECKING:
    from kit.records.sample.network import Network
    from kit.records.sample.pupils import Pupils

__all__ = ["before", "is_learner", "redesignate", "since"]

# Share redesignated in a year, by years since the pupil became a learner; later years are as the last.
BY_YEARS = np.array([0.0, 0.02, 0.06, 0.11, 0.16, 0.19])
ABILITY_SLOPE = 0.75  # log-odds per student standard deviation in ELA
USUAL_ABILITY = -0.45  # of learners
FROM_KINDERGARTEN, JUST_ARRIVED = 0.8, 0.45


def since(rng, ever: np.ndarray, grade: np.ndarray, year: int, first: bool) -> np.ndarray:
    """Return the day on which each pupil became a learner (0: never): mostly on starting kindergarten."""
    n = len(grade)
    started = year - np.maximum(grade, 0)
    later = started + np.floor(rng.random(n) * (year - started + 1)).astype(int)
    at_start = rng.random(n) < FROM_KINDERGARTEN
    begins = np.where(at_start, started, later)
    if not first:
        begins = np.where((rng.random(n) < JUST_ARRIVED) & (grade > 0), year, begins)
    in_august = np.array([day(y - 1, 8, 15) for y in range(year - 13, year + 1)])
    days = in_august[begins - year + 13] + rng.integers(0, 14, n)
    return np.where(ever, days, 0).astype("int32")


def _chance(network: Network, pupils: Pupils, who: np.ndarray, year: int) -> np.ndarray:
    years = year - 1 - _year_of(pupils.el_since[who])
    usual = BY_YEARS[np.clip(years, 0, len(BY_YEARS) - 1)]
    odds = usual / (1 - usual) * network.redesignation[network.district[pupils.school[who]]]
    tilt = ABILITY_SLOPE * (pupils.ability[0, who] - USUAL_ABILITY)
    return np.where(odds > 0, logistic(np.log(np.maximum(odds, 1e-9)) + tilt), 0.0)


def _year_of(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970


def redesignate(rng, network: Network, pupils: Pupils, who: np.ndarray, year: int) -> None:
    """Redesignate some of the learners given, between October and May of a school year."""
    learner = (pupils.el_since[who] > 0) & (pupils.reclassified[who] == 0)
    drawn = rng.random(len(who))
    days = day(year - 1, 10, 15) + rng.integers(0, 215, len(who))
    chosen = learner & (drawn < _chance(network, pupils, who, year))
    pupils.reclassified[who[chosen]] = days[chosen]


def before(rng, network: Network, pupils: Pupils, year: int) -> None:
    """Redesignate in the years before the first, as the same districts would have done."""
    for earlier in range(year - 12, year):
        known = np.flatnonzero((pupils.el_since > 0) & (pupils.el_since < day(earlier - 1, 9, 1)))
        redesignate(rng, network, pupils, known, earlier)


def is_learner(pupils: Pupils, who: np.ndarray, year: int) -> np.ndarray:
    """Tell who is a learner at the end of a school year: those redesignated in it no longer are."""
    fluent = (pupils.reclassified[who] > 0) & (pupils.reclassified[who] <= day(year, 6, 30))
    return (pupils.el_since[who] > 0) & ~fluent
