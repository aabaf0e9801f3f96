"""Who goes where in a data carousel: stations, groups of at most eight, and the turns.

Source: the data carousel of the Kansas State Department of Education and Missouri's planning guide (rules.md §7):
two to three hours, four stations (Missouri adds behaviour), groups of at most eight, about fifteen minutes each,
stations doubled above 32 people, groups mixed by role.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from kit.errors import KitError

__all__ = ["LARGEST_GROUP", "MINUTES_A_STATION", "STATIONS", "Carousel", "plan_carousel"]

STATIONS = ("Achievement", "Demographics", "Perception", "Context")
LARGEST_GROUP = 8
MINUTES_A_STATION = 15


@dataclass(frozen=True)
class Carousel:
    """A plan for the room.

    Attributes
    ----------
    stations : tuple of str
    sets : int
        How many tables each station has.
    groups : tuple of tuple of str
        The people of each group, in order; groups 1 to S make the first set, the next S the second, and so on.
    turns : tuple of tuple of str
        For each turn, where each group stands.
    minutes : int
        Of one turn.
    """

    stations: tuple[str, ...]
    sets: int
    groups: tuple[tuple[str, ...], ...]
    turns: tuple[tuple[str, ...], ...]
    minutes: int

    @property
    def total_minutes(self) -> int:
        """Minutes of all turns together."""
        return self.minutes * len(self.turns)


def plan_carousel(
    people: int | list[tuple[str, str]],
    stations: tuple[str, ...] = STATIONS,
    *,
    minutes: int = MINUTES_A_STATION,
    largest: int = LARGEST_GROUP,
) -> Carousel:
    """Work out sets, groups and turns.

    Parameters
    ----------
    people : int or list of (str, str)
        How many, or each person's name and role: people of one role are spread over the groups.
    stations : tuple of str
    minutes : int
        At each station.
    largest : int
        The largest group.

    Raises
    ------
    KitError
        If there are too few people or stations for a carousel.
    """
    named = [(f"Person {i + 1}", "") for i in range(people)] if isinstance(people, int) else list(people)
    if len(stations) < 2 or len(set(stations)) != len(stations):
        raise KitError("a carousel needs two stations or more, each with its own name", mend="Name the stations.")
    if len(named) < len(stations):
        raise KitError(
            f"{len(named)} people cannot form a group for each of {len(stations)} stations",
            mend="Take fewer stations, or go round together.",
        )
    if minutes < 1 or largest < 1:
        raise KitError("minutes and the largest group are at least 1", mend="Give whole numbers from 1.")
    sets = max(1, ceil(len(named) / (largest * len(stations))))
    count = sets * len(stations)
    # One role after the other is dealt out round the table, so each group has some of each.
    dealt = sorted(range(len(named)), key=lambda i: (named[i][1], i))
    groups: list[list[str]] = [[] for _ in range(count)]
    for place, i in enumerate(dealt):
        groups[place % count].append(named[i][0])
    size = len(stations)
    turns = tuple(tuple(stations[(g + turn) % size] for g in range(count)) for turn in range(size))
    return Carousel(tuple(stations), sets, tuple(tuple(g) for g in groups), turns, minutes)
