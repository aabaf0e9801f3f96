"""Where pupils are enrolled: their places, their spells, their steps from grade to grade and out."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from kit.records.sample.chance import logistic
from kit.records.sample.network import TK_SHARE, Network
from kit.records.sample.pupils import ENDINGS, Pupils

__all__ = ["REASONS", "Spells", "enrol", "finish_year", "first_places", "free_places", "move_up"]

REASONS = ("moved within the network", "left the network", "left for a time")  # of MOVED, LEFT, RETURNED
NEVER = -1
GRADUATED, TRANSFERRED, DROPPED = (ENDINGS.index(e) for e in ("graduated", "transferred_out", "dropped_out"))
LATE, MOVED, LEFT, RETURNED = 1, 2, 3, 4
CHANCE = {LATE: 0.022, MOVED: 0.035, LEFT: 0.014, RETURNED: 0.003}
REPEATS_NINTH, REPEATS, SENIOR_DROPS, EARLIER_DROPS = 0.012, 0.006, 0.45, 0.002
SUMMER_LEAVERS, SUMMER_JOINERS, OTHER_FEEDER = 0.035, 0.03, 0.1


@dataclass
class Spells:
    """One entry a spell at a school; days are since 1970, and an exit of 0 means to the year's end."""

    pupil: np.ndarray
    school: np.ndarray
    year: np.ndarray
    grade: np.ndarray
    entry: np.ndarray
    exit: np.ndarray
    reason: np.ndarray

    def of(self, keep: np.ndarray) -> Spells:
        """Return the spells of a mask or an order."""
        return Spells(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})

    def covers(self, days: np.ndarray) -> np.ndarray:
        """Tell which spells hold their own day (one day a spell), no more than one a pupil and year.

        Districts differ in their days, so a pupil who moves could otherwise be met at both schools.
        """
        held = np.flatnonzero((self.entry <= days) & ((self.exit == 0) | (days <= self.exit)))
        _, first = np.unique(np.stack([self.pupil[held], self.year[held]]), axis=1, return_index=True)
        covered = np.zeros(len(days), bool)
        covered[held[first]] = True
        return covered


def _usual_places(network: Network) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return school, grade and usual pupils of every grade of every school."""
    places = [(s, g) for s in network.schools for g in range(network.low[s], network.high[s] + 1)]
    school, grade = np.array(places).T
    return school, grade, network.grade_size[school] * np.where(grade == -1, TK_SHARE, 1.0)


def first_places(rng, network: Network) -> tuple[np.ndarray, np.ndarray]:
    school, grade, usual = _usual_places(network)
    n = np.maximum(1, np.rint(usual * np.exp(rng.normal(0, 0.06, len(usual))))).astype(int)
    return np.repeat(school, n), np.repeat(grade, n)


def free_places(rng, network: Network, pupils: Pupils) -> tuple[np.ndarray, np.ndarray]:
    """Return the places that newcomers take: whole entry grades of elementary schools, a few elsewhere."""
    school, grade, usual = _usual_places(network)
    taken = np.zeros((len(network.school_id), 14))
    np.add.at(taken, (pupils.school[pupils.active], pupils.grade[pupils.active] + 1), 1)
    free = np.maximum(usual * np.exp(rng.normal(0, 0.05, len(usual))) - taken[school, grade + 1], 0)
    starts = grade <= 0
    n = np.rint(np.where(starts, free, 0.5 * np.minimum(free, 0.12 * usual)))
    n += np.where(starts, 0, rng.poisson(SUMMER_JOINERS * usual))
    return np.repeat(school, n.astype(int)), np.repeat(grade, n.astype(int))


def move_up(rng, network: Network, pupils: Pupils, year: int) -> None:
    """Move the pupils of the year before into this year's grade and school; some leave in the summer."""
    before = pupils.active.copy()
    n = len(pupils)
    gone = pupils.active & (rng.random(n) < SUMMER_LEAVERS * (1 + 0.6 * pupils.disadvantaged))
    again = rng.random(n) < np.where(pupils.grade == 9, REPEATS_NINTH, REPEATS)
    again = (again & (pupils.grade > -1)) | (pupils.grade == 12)  # grade 12 stays only where not graduated
    pupils.active &= ~gone
    pupils.grade = np.where(pupils.active & ~again, pupils.grade + 1, pupils.grade)
    leaves = pupils.active & (pupils.grade > network.high[pupils.school])
    new_school = network.leads_to[pupils.school]
    roams = rng.random(n) < OTHER_FEEDER
    for d in range(len(network.district_id)):
        for g in np.unique(pupils.grade[leaves]):
            options = network.serving(g, d)
            here = leaves & (network.district[pupils.school] == d) & (pupils.grade == g)
            lost = here & (roams | (new_school < 0) | (network.low[new_school] > g))
            if len(options):
                drawn = rng.choice(options, n, p=network.grade_size[options] / network.grade_size[options].sum())
                new_school = np.where(lost, drawn, new_school)
            else:
                pupils.active &= ~lost
    pupils.school = np.where(leaves & pupils.active, new_school, pupils.school)
    _leave(rng, pupils, np.flatnonzero(before & ~pupils.active), year - 1)


def _leave(rng, pupils: Pupils, who: np.ndarray, year: int) -> None:
    """Note that pupils left the network: nearly all to another school, in high school a few dropped out."""
    pupils.active[who], pupils.ended[who] = False, year
    kind = np.searchsorted([0.97, 0.985], rng.random(len(who)), side="right") + TRANSFERRED
    pupils.ending[who] = np.where(pupils.grade[who] >= 9, kind, TRANSFERRED)


def _other_school(rng, network: Network, school: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """Return another school with the same grade, in the district where there is one, or -1."""
    other = np.full(len(school), NEVER)
    for s, g in np.unique(np.stack([school, grade]), axis=1).T:
        options = network.serving(g, network.district[s])
        options = options[options != s]
        if not len(options):
            options = network.serving(g)
            options = options[options != s]
        if len(options):
            here = (school == s) & (grade == g)
            other[here] = options[rng.integers(0, len(options), here.sum())]
    return other


def enrol(rng, network: Network, pupils: Pupils, year: int) -> tuple[Spells, np.ndarray]:
    """Draw the year's spells; returns them and what kind of year each active pupil has."""
    who = np.flatnonzero(pupils.active)
    school, grade, n = pupils.school[who], pupils.grade[who], len(who)
    kind = np.zeros(n, int)
    left = rng.random(n) / (1 + 0.5 * pupils.disadvantaged[who])
    for k, chance in CHANCE.items():
        kind = np.where((kind == 0) & (left >= 0) & (left < chance), k, kind)
        left = left - chance
    new = np.full(n, NEVER)
    moved = kind == MOVED
    new[moved] = _other_school(rng, network, school[moved], grade[moved])
    kind[moved & (new < 0)] = 0
    new[kind == RETURNED] = school[kind == RETURNED]
    when, gap = rng.integers(12, 150, n), rng.integers(1, 6, n) + 8 * (kind == RETURNED)
    entry, leave, enter = (np.zeros(n, "int32") for _ in range(3))
    for d in range(len(network.district_id)):
        days = network.calendar[d, year].instructional
        here = network.district[school] == d
        entry[here] = np.where(kind[here] == LATE, days[when[here]], days[0])
        leave[here] = days[when[here]]
        there = (new >= 0) & (network.district[new] == d)
        # The next spell starts on a school day of the new school, after the last day at the old one.
        old_days = {x: network.calendar[x, year].instructional for x in np.unique(network.district[school])}
        for x, old in old_days.items():
            both = there & (network.district[school] == x)
            after = np.searchsorted(days, old[when[both]], side="right")
            enter[both] = days[np.minimum(after + gap[both] - 1, len(days) - 1)]
    goes = np.isin(kind, (MOVED, LEFT, RETURNED))
    second = new >= 0
    spells = Spells(
        pupil=np.concatenate([who, who[second]]),
        school=np.concatenate([school, new[second]]),
        year=np.full(n + second.sum(), year),
        grade=np.concatenate([grade, grade[second]]),
        entry=np.concatenate([entry, enter[second]]),
        exit=np.concatenate([np.where(goes, leave, 0), np.zeros(second.sum(), "int32")]),
        reason=np.concatenate([np.where(goes, kind, 0), np.zeros(second.sum(), int)]),
    )
    pupils.school[who[second]] = new[second]
    _leave(rng, pupils, who[kind == LEFT], year)
    return spells, np.isin(kind, (0, RETURNED))


def finish_year(rng, pupils: Pupils, who: np.ndarray, absence: np.ndarray, year: int) -> None:
    """End grade 12: most graduate, a few stay on, a few drop out (as do a few in the grades before)."""
    n = len(who)
    strength = 3.0 + 0.75 * pupils.ability[0, who] - 7.0 * absence - 0.2 * pupils.disability[who]
    senior = (pupils.grade[who] == 12) & pupils.active[who]
    passes = senior & (rng.random(n) < logistic(strength))
    drops = pupils.active[who] & ~passes & (pupils.grade[who] >= 9)
    drops &= rng.random(n) < np.where(senior, SENIOR_DROPS, EARLIER_DROPS)
    pupils.ending[who[passes]], pupils.ending[who[drops]] = GRADUATED, DROPPED
    ends = who[passes | drops]
    pupils.active[ends], pupils.ended[ends] = False, year
