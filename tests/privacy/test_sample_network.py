"""The attacker breaks nothing of the sample network, and much of it where only small groups are withheld."""

from __future__ import annotations

import pytest

from kit.disclosure.check import find_leaks
from kit.privacy import release
from kit.workspace import open_workspace


@pytest.mark.slow
def test_nothing_withheld_in_the_sample_network_can_be_worked_out(sample):
    workspace = open_workspace(sample)
    results, schools = workspace.results(), workspace.schools()
    table = release(results, minimum=20, schools=schools).table
    assert find_leaks(results, table, minimum=20, schools=schools).empty
    merged = results.merge(table[[*results.columns[:6], "status"]], on=list(results.columns[:6]))
    bare = merged.assign(status=(merged["n"] < 20).map({True: "suppressed", False: "shown"}), low=None, high=None)
    bare.loc[bare["status"] == "suppressed", ["n", "count", "value"]] = None
    assert len(find_leaks(results, bare, minimum=20, schools=schools)) > 50
