"""Large groups of joined sums are taken apart: what is found exposed is what one linear program of all finds."""

from __future__ import annotations

import numpy as np
import pytest
from privacy_network import pupils, roll_up

from kit.disclosure import attack, surroundings
from kit.disclosure.check import find_leaks
from kit.disclosure.rings import moved_by_rings
from kit.privacy import release

MINIMUM = 20
KEY = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade", "leak"]


@pytest.fixture(scope="module", params=[3, 9])
def network(request):
    spells, home = pupils(schools=8, years=1, size=200, seed=request.param, districts=2)
    return roll_up(spells, home, drop_race=0.01), home


def shown_again(results, released, share, seed):
    """Return a released table of someone who shows some of the rows again that protect others."""
    table = released.table.copy()
    truth = table.drop(columns=["n", "count", "value"]).merge(results)
    protects = (table["status"] == "suppressed").to_numpy() & (truth["n"] >= MINIMUM).to_numpy()
    again = protects & (np.random.default_rng(seed).random(len(table)) < share)
    table.loc[again, "status"] = "shown"
    return table


def leaks(monkeypatch, results, home, table, large, rings=moved_by_rings):
    monkeypatch.setattr(attack, "LARGE", large)
    monkeypatch.setattr(attack, "moved_by_rings", rings)
    found = find_leaks(results, table, minimum=MINIMUM, schools=home)
    return set(found[KEY].itertuples(index=False, name=None))


def no_rings(p, m, need):
    return np.zeros(len(p.value), bool)


@pytest.mark.parametrize(("share", "around"), [(1.0, 300), (0.3, 300), (0.3, 5), (0.05, 5)])
def test_the_same_leaks_are_found_as_by_one_program(monkeypatch, network, share, around):
    results, home = network
    monkeypatch.setattr(surroundings, "AROUND", around)
    table = shown_again(results, release(results, minimum=MINIMUM, schools=home), share, seed=1)
    whole = leaks(monkeypatch, results, home, table, large=10**9, rings=no_rings)
    assert len(whole) > 5
    assert leaks(monkeypatch, results, home, table, large=0) == whole


def test_what_is_protected_piece_by_piece_stands_before_the_whole(monkeypatch, network):
    results, home = network
    monkeypatch.setattr(surroundings, "AROUND", 5)
    monkeypatch.setattr(attack, "LARGE", 0)
    out = release(results, minimum=MINIMUM, schools=home)
    assert leaks(monkeypatch, results, home, out.table, large=10**9, rings=no_rings) == set()
    monkeypatch.setattr(attack, "LARGE", 10**9)
    usual = release(results, minimum=MINIMUM, schools=home)
    assert out.shares["complementary"] < usual.shares["complementary"] + 0.02
