"""A school beside its district, its network and the schools of its level."""

import numpy as np
import pandas as pd
import pytest

from kit.compare import benchmarks, standing
from kit.errors import KitError

IDS = [f"s{i}" for i in range(1, 10)]


@pytest.fixture
def nine(table, school_table):
    rows = [(s, "suspension", "all", 2026, 10 * (i + 1), 100) for i, s in enumerate(IDS)]
    results = pd.concat(
        [
            table(rows),
            table([("d1", "suspension", "all", 2026, 300, 1000)], "district"),
            table([("network", "suspension", "all", 2026, 900, 2000)], "network"),
        ]
    )
    names = [
        "Zebra",
        "=SUM(A1)",
        "<b>Oak</b>",
        'O\'Hare, "East"',
        "Ñandú 🌱",
        "Acorn",
        "Beech",
        "Acorn",
        "Elm",
    ]
    return results, school_table(IDS, school_name=names)


def test_standing_lists_by_name_with_the_quarter_and_never_a_rank(nine):
    t = standing(*nine, "suspension", 2026, "elementary")
    assert t["school_name"].tolist() == sorted(t["school_name"])
    assert t.loc[t["school_name"].eq("Acorn"), "school_id"].tolist() == ["s6", "s8"]
    # Nine schools: places (i - 0.5) / 9; the first two lie above 0.75, the last two below 0.25.
    got = t.set_index("school_id")["quarter"]
    assert got[IDS].tolist() == ["best"] * 2 + ["second"] * 3 + ["third"] * 2 + ["last"] * 2
    assert not [c for c in t.columns if "rank" in c]
    assert set(nine[1]["school_name"]) == set(t["school_name"])
    assert t["district_value"].eq(30.0).all()
    assert t["network_value"].eq(45.0).all()
    assert t[["level_low", "level_median", "level_high"]].iloc[0].tolist() == [30.0, 50.0, 70.0]


def test_standing_leaves_out_what_is_not_shown(nine):
    results, schools = nine
    results = results.assign(status=np.where(results["unit_id"].isin(["s9", "d1"]), "suppressed", "shown"))
    t = standing(results, schools, "suspension", 2026, "elementary")
    assert "s9" not in set(t["school_id"])
    assert t["district_value"].isna().all()
    assert t["level_median"].eq(45.0).all()


def test_standing_refuses_an_unknown_level_or_measure(nine):
    with pytest.raises(KitError, match="no school has the level 'primary'"):
        standing(*nine, "suspension", 2026, "primary")
    with pytest.raises(KitError, match="not a measure"):
        standing(*nine, "suspensions", 2026, "elementary")


def test_benchmarks_give_the_four_rows(nine):
    t = benchmarks(*nine, "s2", school_year=2026)
    assert t["compared_with"].tolist() == ["school", "district", "network", "level"]
    assert t["value"].tolist() == [20.0, 30.0, 45.0, 50.0]
    assert t["n"].tolist() == [100, 1000, 2000, 9]
    assert t.loc[3, ["low", "high"]].tolist() == [30.0, 70.0]
    assert t.loc[0, "name"] == "=SUM(A1)"


def test_benchmarks_of_one_school_alone_have_no_level(table, school_table):
    results = table([("s1", "suspension", "all", 2026, 5, 100)])
    t = benchmarks(results, school_table(["s1"]), "s1", school_year=2026)
    assert t["compared_with"].tolist() == ["school"]
    assert benchmarks(results, school_table(["s1"]), "s1", school_year=2020).empty
    with pytest.raises(KitError, match="not among"):
        benchmarks(results, school_table(["s1"]), "s2", school_year=2026)
