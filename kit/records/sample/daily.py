"""Day by day: absences, tardies and discipline."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from kit.records.sample.chance import stream
from kit.records.sample.columns import Coded
from kit.records.sample.history import History
from kit.records.sample.network import Network
from kit.records.sample.stories import Stories

__all__ = ["attendance", "discipline"]

WEEKDAY = np.array([1.2, 0.9, 0.88, 0.92, 1.22])  # Monday to Friday
MONTH = np.array([0, 1.15, 1.2, 1.05, 1.0, 1.08, 1.1, 1.0, 0.75, 0.82, 0.9, 1.0, 1.18])  # by number; 0 unused
PORTIONS = (Decimal("0.25"), Decimal("0.50"), Decimal("1.00"))
QUARTERS = np.array([1, 2, 4])
TARDY = 0.4  # times the chance of an absence
EXCUSED = 0.56
STATUS = np.array(["absent", "tardy"])

ACTIONS = np.array(["suspension_out", "suspension_in", "expulsion", "other"])
ACTION_SHARES = np.cumsum([0.50, 0.30, 0.008])
# Chance of any action in a year: TK to grade 5, then 6 to 12.
ACTION_BY_GRADE = np.array([0.2, 0.4, 0.7, 0.9, 1.1, 1.5, 1.9, 4.6, 5.8, 5.6, 5.2, 4.6, 3.6, 2.6]) / 100
ACTION_BY_RACE = np.array([1.6, 0.4, 2.3, 1.0, 1.2, 1.0, 0.75])


def _day_factors(days: np.ndarray) -> np.ndarray:
    """Return how much more likely an absence is on each day; the mean is 1."""
    date = days.astype("datetime64[D]")
    month = date.astype("datetime64[M]").astype(int) % 12 + 1
    factor = WEEKDAY[(days + 3) % 7] * MONTH[month]
    return factor / factor.mean()


def _totals_schools(network: Network) -> np.ndarray:
    """Return the schools whose first year is given as totals: the last district's, or the last school."""
    several = len(network.district_id) > 1
    return network.district == len(network.district_id) - 1 if several else network.school_id == network.school_id[-1]


def attendance(network: Network, stories: Stories, history: History, seed: int) -> Iterator[tuple[str, dict]]:
    """Yield, school by school, the table's name (attendance or attendance_totals) and its columns."""
    totals = _totals_schools(network)
    alone = len(network.school_id) == 1 and len(network.years) == 1  # such a network keeps both tables
    spells = history.spells
    spells = spells.of(np.lexsort((spells.entry, spells.pupil, spells.year, spells.school)))
    rates = history.absence[history.rows_of(spells)]
    bounds = np.searchsorted(spells.school, np.arange(len(network.school_id) + 1))
    for s in network.schools:
        at_school = slice(bounds[s], bounds[s + 1])
        for year in network.years:
            keep = np.arange(at_school.start, at_school.stop)[spells.year[at_school] == year]
            here, rate = spells.of(keep), rates[keep]
            days = network.days(s, year).instructional
            factor = _day_factors(days) * stories.absence_by_day(network, s, days)
            rng = stream(seed, "attendance", year, s)
            in_spell = (days >= here.entry[:, None]) & ((here.exit[:, None] == 0) | (days <= here.exit[:, None]))
            chance = np.minimum(np.outer(rate, factor), 0.92).astype("float32")
            drawn = rng.random(chance.shape, dtype="float32")
            absent = in_spell & (drawn < chance)
            tardy = in_spell & ~absent & (drawn < np.minimum(chance * (1 + TARDY), 0.96))
            pupil, on = np.nonzero(absent | tardy)
            is_absent = absent[pupil, on]
            portion = np.searchsorted([0.02, 0.08], rng.random(len(pupil), dtype="float32"), side="right")
            excused = rng.random(len(pupil), dtype="float32") < EXCUSED
            in_totals = totals[s] and year == network.years[0]
            if in_totals:
                enrolled = in_spell.sum(1)
                quarters = np.bincount(pupil, QUARTERS[portion] * is_absent, len(rate)).astype(int)
                ids, place = np.unique(here.pupil, return_inverse=True)
                quarters = np.bincount(place, quarters, len(ids)).astype(int)
                amounts, code = np.unique(quarters, return_inverse=True)
                yield (
                    "attendance_totals",
                    {
                        "pupil": ids,
                        "school": np.full(len(ids), s),
                        "school_year": np.full(len(ids), year),
                        "days_enrolled": np.bincount(place, enrolled, len(ids)).astype("int16"),
                        "days_absent": Coded(code, np.array([Decimal(int(q)) / 4 for q in amounts], object)),
                    },
                )
            if not in_totals or alone:
                yield (
                    "attendance",
                    {
                        "pupil": here.pupil[pupil],
                        "school": np.full(len(pupil), s),
                        "date": days[on],
                        "status": Coded(np.where(is_absent, 0, 1), STATUS),
                        "absent_portion": Coded(np.where(is_absent, portion, -1), np.array(PORTIONS, object)),
                        "excused": np.ma.array(excused, mask=~is_absent),
                    },
                )


def discipline(network: Network, history: History, seed: int) -> dict:
    """Return actions: more in grades 6 to 9, and unevenly between student groups, as in real records."""
    rng = stream(seed, "discipline")
    spells, pupils = history.spells, history.pupils
    row = history.rows_of(spells)
    who = spells.pupil
    school_effect = np.exp(rng.normal(0, 0.3, len(network.school_id)) + 0.5 * (network.poverty - 0.5))
    chance = ACTION_BY_GRADE[spells.grade + 1] * ACTION_BY_RACE[pupils.race[who]] * school_effect[spells.school]
    chance = chance * np.where(pupils.gender[who] == 1, 1.4, 0.65) * np.where(pupils.disability[who], 1.8, 0.9)
    chance *= np.where(pupils.disadvantaged[who], 1.25, 0.75) * np.clip(history.absence[row] / 0.06, 0.5, 2.5) ** 0.4
    any_action = rng.random(len(who)) < np.clip(chance, 0, 0.6)
    if not any_action.any():  # a very small network still holds the table
        any_action[np.argmax(chance)] = True
    some = np.flatnonzero(any_action)
    each = np.repeat(some, 1 + rng.poisson(0.45, len(some)))
    last_days = np.array([network.days(s, y).last for s, y in zip(spells.school[each], spells.year[each], strict=True)])
    end = np.where(spells.exit[each] == 0, last_days, spells.exit[each])
    wanted = spells.entry[each] + np.floor(rng.random(len(each)) * (end - spells.entry[each] + 1))
    date = np.zeros(len(each), "int32")
    for d in range(len(network.district_id)):
        for year in network.years:
            here = (network.district[spells.school[each]] == d) & (spells.year[each] == year)
            days = network.calendar[d, year].instructional
            # The last school day up to the day drawn: never before the entry, which is a school day.
            date[here] = days[np.searchsorted(days, wanted[here], side="right") - 1]
    _, once = np.unique(np.stack([each, date]), axis=1, return_index=True)
    each, date = each[once], date[once]
    action = np.searchsorted(ACTION_SHARES, rng.random(len(each)), side="right")
    lasts = np.minimum(rng.geometric(0.55, len(each)), 5)
    return {
        "pupil": who[each],
        "school": spells.school[each],
        "school_year": spells.year[each],
        "action_date": date,
        "action": Coded(action, ACTIONS),
        "days": np.ma.array(lasts, mask=action > 1),
    }
