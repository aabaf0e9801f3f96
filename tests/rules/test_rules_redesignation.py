"""Redesignation under two definitions (rules.md §1.1, §1.5 test 1)."""

import pytest

from kit.errors import KitError
from kit.rules.redesignation import redesignated, redesignation_rule, redesignation_rules
from kit.rules.rounding import rate


def rate_under(rule_set, pupils):
    seen = [redesignated(rule_set, **p) for p in pupils]
    counted = [s for s in seen if s is not None]
    return rate(sum(counted), len(counted))


PUPILS = (
    [{"reclassified_this_year": True, "english_learner": False, "years": 2}] * 40
    + [{"reclassified_this_year": False, "english_learner": True, "years": 5}] * 4
    + [{"reclassified_this_year": False, "english_learner": True, "years": 9}] * 6
    + [{"reclassified_this_year": False, "english_learner": True, "years": 4}] * 100
    + [{"reclassified_this_year": False, "english_learner": True, "years": None}] * 10
    + [{"reclassified_this_year": False, "english_learner": False}] * 300
)


def test_core_counts_forty_of_fifty():
    assert str(rate_under("core", PUPILS)) == "80.0"


def test_all_english_learners_counts_forty_of_a_hundred_and_sixty():
    assert str(rate_under("all_english_learners", PUPILS)) == "25.0"


@pytest.mark.parametrize(("years", "expected"), [(4, None), (5, False), (6, False), (None, None)])
def test_the_fifth_year(years, expected):
    assert redesignated("core", reclassified_this_year=False, years=years) is expected


def test_the_alternative_is_an_assumption_that_is_printed():
    rule = redesignation_rule("all_english_learners")
    assert rule.grade == "D"
    assert "ASSUMPTION (D)" in str(rule.assumptions[0])
    assert set(redesignation_rules()) == {"core", "all_english_learners"}


def test_an_unknown_rule_set_is_refused():
    with pytest.raises(KitError, match="all_english_learners"):
        redesignation_rule("all")
