"""Problem statements, aims, SMART goals and strategies against the criteria of rules.md and cycle.md."""

from __future__ import annotations

from datetime import date

import pytest

from kit.inquiry.goals import goal_checks, number_of_goals, strategy_checks
from kit.inquiry.statements import aim_checks, aim_sentence, problem_checks

TODAY = date(2025, 9, 15)
AIM = {
    "by": "2026-06-12",
    "population": "pupils of Acorn Middle",
    "outcome": "miss fewer days",
    "start_value": 9.8,
    "target": 6,
    "unit": "percent",
    "indicator": "the weekly absence rate",
    "better": "down",
}


def test_the_aim_is_the_sentence_of_the_form():
    assert aim_sentence(AIM) == (
        "By 2026-06-12, pupils of Acorn Middle will miss fewer days from 9.8 percent to 6 percent, "
        "measured by the weekly absence rate."
    )
    assert aim_sentence({}) == "By …, … will … from … to …, measured by …."


@pytest.mark.parametrize(
    ("changed", "fails"),
    [
        ({}, set()),
        ({"population": None}, {"Specific"}),
        ({"outcome": None}, {"Specific"}),
        ({"start_value": None}, {"Measurable"}),
        ({"target": None}, {"Measurable"}),
        ({"indicator": None}, {"Measurable"}),
        ({"target": 9.8}, {"Measurable"}),
        ({"target": 12}, {"Measurable"}),
        ({"better": "up"}, {"Measurable"}),
        ({"start_value": 0, "better": None}, set()),
        ({"by": None}, {"Dated"}),
        ({"by": "2025-09-15"}, {"Dated"}),
        ({"by": "2025-09-16"}, set()),
    ],
)
def test_an_aim_is_specific_measurable_and_dated(changed, fails):
    checks = aim_checks(AIM | changed, today=TODAY)
    assert [c.criterion for c in checks] == ["Specific", "Measurable", "Dated"]
    assert {c.criterion for c in checks if not c.met} == fails


def test_a_problem_statement_has_six_parts_and_a_number():
    whole = {"what": "a", "who": "b", "where": "c", "since": "d", "how_known": "e", "how_much": "9.8 percent of days"}
    assert [c.met for c in problem_checks(whole)] == [True] * 6
    for part in whole:
        assert [c.met for c in problem_checks(whole | {part: None})].count(False) == 1
    assert [c.criterion for c in problem_checks(whole | {"how_much": "a lot"}) if not c.met] == ["How much"]


GOAL = {
    "statement": "Fewer missed days",
    "population": "grades 6 to 8",
    "indicator": "absence rate",
    "start_value": 9.8,
    "target": 6,
    "achievable": "A school like ours did it",
    "relevant": "Families hear too late",
    "by": "2026-06-12",
}


@pytest.mark.parametrize(
    ("missing", "fails"),
    [
        ([], []),
        (["population"], ["Specific"]),
        (["indicator"], ["Measurable"]),  # a goal lacking measure or date fails step 4 (rules.md 4.1)
        (["by"], ["Timed"]),
        (["achievable"], ["Achievable"]),
        (["relevant"], ["Relevant"]),
        (["statement", "start_value", "by"], ["Specific", "Measurable", "Timed"]),
    ],
)
def test_a_goal_is_checked_for_each_letter(missing, fails):
    checks = goal_checks({k: v for k, v in GOAL.items() if k not in missing}, today=TODAY)
    assert "".join(c.criterion[0] for c in checks) == "SMART"
    assert [c.criterion for c in checks if not c.met] == fails
    linked = goal_checks({**GOAL, "relevant": None, "answers": ["cause-1"]}, today=TODAY)
    assert all(c.met for c in linked)


@pytest.mark.parametrize(("n", "met"), [(2, False), (3, True), (5, True), (6, False)])
def test_three_to_five_goals(project, n, met):
    goals = [project.add("goal", statement=f"goal {i}") for i in range(n)]
    check = number_of_goals(goals)
    assert check.met is met
    assert str(n) in check.words


def test_a_strategy_without_a_root_cause_fails_step_5():
    whole = {"causes": ["cause-1"], "research": "A school like ours", "measure": "Share of calls made"}
    assert all(c.met for c in strategy_checks(whole))
    assert [c.criterion for c in strategy_checks({**whole, "causes": None}) if not c.met] == ["Root cause"]
