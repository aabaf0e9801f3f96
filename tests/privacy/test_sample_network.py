"""Both attackers break nothing of the sample network, and much of it where only small groups are withheld."""

from __future__ import annotations

import pytest
from integer_attacker import attack

from kit.disclosure.check import find_leaks
from kit.privacy import release
from kit.workspace import open_workspace

KEY = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]
MINIMUM = 20


@pytest.fixture(scope="module")
def network(sample):
    workspace = open_workspace(sample)
    results, schools = workspace.results(), workspace.schools()
    return results, schools, release(results, minimum=MINIMUM, schools=schools).table


def small_ones_only(results, table):
    """Return the released table of someone who withholds small groups and nothing else."""
    bare = results.merge(table[[*KEY, "status"]], on=KEY)
    bare = bare.assign(status=(bare["n"] < MINIMUM).map({True: "suppressed", False: "shown"}), low=None, high=None)
    bare.loc[bare["status"] == "suppressed", ["n", "count", "value"]] = None
    return bare


def of(table, year, measure):
    return table[(table["school_year"] == year) & (table["measure"] == measure)]


@pytest.mark.slow
def test_linear_bounds_on_every_relation_find_nothing(network):
    results, schools, table = network
    assert find_leaks(results, table, minimum=MINIMUM, schools=schools).empty
    assert len(find_leaks(results, small_ones_only(results, table), minimum=MINIMUM, schools=schools)) > 50


@pytest.mark.slow
def test_integer_bounds_find_nothing_in_any_year_of_any_measure(network):
    results, schools, table = network
    withheld = set(table.loc[table["status"] == "suppressed", "measure"])
    assert withheld == set(results["measure"])  # of each measure something is there to be worked out
    assert attack(table, results, schools, MINIMUM) == []


@pytest.mark.slow
def test_integer_bounds_break_a_table_that_withholds_small_groups_only(network):
    results, schools, table = network
    latest = int(results["school_year"].max())
    bare = of(small_ones_only(results, table), latest, "graduation_4")
    assert len(attack(bare, of(results, latest, "graduation_4"), schools, MINIMUM)) > 10
