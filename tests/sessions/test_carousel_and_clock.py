"""The plan of a carousel (rules.md §7's test plan among it) and the clock of a session."""

from datetime import datetime, timedelta

import pytest

from kit.errors import KitError
from kit.sessions.agenda import Agenda, Part
from kit.sessions.carousel import plan_carousel
from kit.sessions.clock import Clock


def test_forty_people_at_four_stations_are_two_sets_of_five_a_group():
    plan = plan_carousel(40)
    assert plan.sets == 2
    assert [len(g) for g in plan.groups] == [5] * 8


@pytest.mark.parametrize(("people", "sets"), [(4, 1), (32, 1), (33, 2), (64, 2), (65, 3)])
def test_stations_are_doubled_only_above_eight_a_group(people, sets):
    plan = plan_carousel(people)
    assert plan.sets == sets
    assert sum(len(g) for g in plan.groups) == people
    assert max(len(g) for g in plan.groups) <= 8


@pytest.mark.parametrize("stations", [("a", "b", "c"), ("a", "b", "c", "d", "e")])
def test_each_group_sees_each_station_once_and_no_table_has_two_groups(stations):
    plan = plan_carousel(50, stations)
    for g in range(len(plan.groups)):
        assert sorted(turn[g] for turn in plan.turns) == sorted(stations)
    for turn in plan.turns:
        assert all(turn.count(s) == plan.sets for s in stations)
    assert plan.total_minutes == 15 * len(stations)


def test_people_of_one_role_are_spread():
    people = [(f"teacher {i}", "teacher") for i in range(12)] + [(f"parent {i}", "parent") for i in range(4)]
    plan = plan_carousel(people)
    assert all(sum(p.startswith("parent") for p in g) == 1 for g in plan.groups)


@pytest.mark.parametrize(("people", "stations"), [(3, ("a", "b", "c", "d")), (10, ("a",)), (10, ("a", "a"))])
def test_what_is_no_carousel_is_refused(people, stations):
    with pytest.raises(KitError):
        plan_carousel(people, stations)


NINE = datetime(2026, 11, 2, 9, 0)
AGENDA = Agenda("A", (Part("one", 10), Part("two", 20), Part("three", 30)))


def test_a_session_that_runs_over_says_so():
    clock = Clock(AGENDA)
    assert clock.standing(NINE).part is None
    clock.forward(NINE)
    at = clock.standing(NINE + timedelta(minutes=4))
    assert (at.part, at.left, at.late) == (0, timedelta(minutes=6), timedelta())
    at = clock.standing(NINE + timedelta(minutes=13))
    assert (at.left, at.late, at.ends) == (timedelta(minutes=-3), timedelta(minutes=3), NINE + timedelta(minutes=63))


def test_a_part_that_ended_early_puts_the_session_ahead():
    clock = Clock(AGENDA)
    clock.forward(NINE)
    clock.forward(NINE + timedelta(minutes=7))
    at = clock.standing(NINE + timedelta(minutes=8))
    assert (at.part, at.late, at.ends) == (1, timedelta(minutes=-3), NINE + timedelta(minutes=57))


def test_a_step_too_far_can_be_taken_back():
    clock = Clock(AGENDA)
    for minute in (0, 10, 30, 60):
        clock.forward(NINE + timedelta(minutes=minute))
    assert clock.ended == NINE + timedelta(minutes=60)
    assert clock.standing(NINE + timedelta(minutes=70)).late == timedelta()
    assert [took for _, _, took in clock.took()] == [10, 20, 30]
    clock.back()
    assert clock.standing(NINE + timedelta(minutes=50)).part == 2
    clock.back()
    assert [took for _, _, took in clock.took()] == [10, None, None]
