"""Schools like ours: who is near, why, and who improved more."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from kit.compare import CompareSettings, cannot_tell, composition_wide, improving_more, schools_like_ours
from kit.errors import KitError


def _network(table, shares, n=400):
    """Results with suspension by group: a dict school → dict group → percent."""
    rows = []
    for s, groups in shares.items():
        size = groups.get("size", n)
        rows.append((s, "suspension", "all", 2026, 0, size))
        rows += [(s, "suspension", g, 2026, 0, round(p * size / 100)) for g, p in groups.items() if g != "size"]
    return table(rows)


def test_the_nearest_come_first_and_equal_distances_by_id(table, school_table):
    shares = {
        "b": {"disadvantaged": 50},
        "z": {"disadvantaged": 60},
        "a": {"disadvantaged": 40},
        "c": {"disadvantaged": 51},
        "d": {"disadvantaged": 90},
    }
    results, schools = _network(table, shares), school_table(list(shares))
    t = schools_like_ours(results, schools, "b", 2026)
    assert t["school_id"].tolist() == ["c", "a", "z", "d"]
    assert t["distance"][1] == pytest.approx(t["distance"][2])
    again = schools_like_ours(results.iloc[::-1], schools.iloc[::-1], "b", 2026)
    pd.testing.assert_frame_equal(t, again)
    two = schools_like_ours(results, schools, "b", 2026, settings=CompareSettings(neighbours=2))
    assert two["school_id"].tolist() == ["c", "a"]


def test_the_distance_is_the_weighted_one_of_another_library(table, school_table):
    rng = np.random.default_rng(4)
    ids = [f"s{i}" for i in range(12)]
    groups = ["disadvantaged", "english_learner", "disability", "race_a", "race_b", "race_c"]
    shares = {s: {g: int(rng.integers(1, 60)) for g in groups} | {"size": int(rng.integers(2, 9)) * 100} for s in ids}
    results = _network(table, shares)
    t = schools_like_ours(results, school_table(ids), "s3", 2026).set_index("school_id")["distance"]
    columns = [*groups, "log_size"]
    wide = composition_wide(results, school_year=2026).loc[ids]
    z = (wide[columns] - wide[columns].mean()) / wide[columns].std(ddof=0)
    weights = np.array([1, 1, 1, 1 / 3, 1 / 3, 1 / 3, 1])
    theirs = cdist(z.loc[["s3"]], z, "euclidean", w=weights / weights.sum())[0]
    for s, d in zip(ids, theirs, strict=True):
        if s != "s3":
            assert t[s] == pytest.approx(d)


def test_only_the_level_and_if_so_set_only_other_districts(table, school_table):
    shares = {s: {"disadvantaged": p} for s, p in zip("abcd", (50, 51, 52, 60), strict=True)}
    schools = school_table(list("abcd"), level=["high", "high", "middle", "high"], district_id=["d1", "d1", "d2", "d2"])
    t = schools_like_ours(_network(table, shares), schools, "a", 2026)
    assert t["school_id"].tolist() == ["b", "d"]
    assert t["same_district"].tolist() == [True, False]
    only = schools_like_ours(_network(table, shares), schools, "a", 2026, settings=CompareSettings(own_district=False))
    assert only["school_id"].tolist() == ["d"]


def test_the_reasons_name_what_is_close_and_what_differs_most(table, school_table):
    shares = {
        "a": {"disadvantaged": 50, "english_learner": 20, "disability": 10},
        "b": {"disadvantaged": 50, "english_learner": 22, "disability": 30},
        "c": {"disadvantaged": 90, "english_learner": 60, "disability": 11},
    }
    contacts = {"contact_name": ["A", "Bo <b>", "C"], "contact_email": ["a@x.org", "b@x.org", "c@x.org"]}
    t = schools_like_ours(_network(table, shares), school_table(list("abc"), **contacts), "a", 2026)
    row = t[t["school_id"].eq("b")].iloc[0]
    assert row["differs"] == "students with disabilities (30 % and 10 %)"
    assert row["alike"].startswith(
        "economically disadvantaged students (50 % and 50 %), English learners (22 % and 20 %)"
    )
    assert (row["contact_name"], row["contact_email"]) == ("Bo <b>", "b@x.org")
    bare = schools_like_ours(_network(table, shares), school_table(list("abc")), "a", 2026)
    assert not [c for c in bare.columns if c.startswith("contact")]


def test_schools_that_are_all_alike_are_all_at_no_distance_or_not_compared(table, school_table):
    same = {s: {"disadvantaged": 50} for s in "abc"}
    assert schools_like_ours(_network(table, same), school_table(list("abc")), "a", 2026).empty
    alone = schools_like_ours(_network(table, {"a": {"disadvantaged": 5}}), school_table(["a"]), "a", 2026)
    assert alone.empty


def test_shares_that_are_not_shown_are_left_out_of_the_pair(table, school_table):
    shares = {s: {"disadvantaged": p, "disability": q} for s, p, q in (("a", 50, 10), ("b", 55, 90), ("c", 90, 11))}
    results = _network(table, shares)
    hidden = results["unit_id"].eq("b") & results["student_group"].eq("disability")
    t = schools_like_ours(
        results.assign(status=np.where(hidden, "suppressed", "shown")), school_table(list("abc")), "a", 2026
    )
    assert "disabilities" not in t.set_index("school_id").loc["b", "reason"]
    nothing = schools_like_ours(results.assign(status="suppressed"), school_table(list("abc")), "a", 2026)
    assert nothing.empty
    assert "distance" in nothing.columns


def test_an_unknown_school_is_named(table, school_table):
    with pytest.raises(KitError, match="'x' is not among"):
        schools_like_ours(_network(table, {"a": {"disadvantaged": 5}}), school_table(["a"]), "x", 2026)


@pytest.fixture
def moving(table, school_table):
    """Own school falls from 40 to 38 %; far and clear, near and clear, little, worse, and other direction."""
    shares = {s: {"disadvantaged": p} for s, p in zip("abcdef", (50, 51, 52, 53, 54, 55), strict=True)}
    last = {"a": 152, "b": 148, "c": 60, "d": 170, "e": 158, "f": 64}
    rows = [(s, "chronic_absence", "all", 2024, 160, 400) for s in last]
    rows += [(s, "chronic_absence", "all", 2026, v, 400) for s, v in last.items()]
    schools = school_table(list(last), district_id=["d1", "d1", "d2", "d1", "d1", "d1"])
    schools["school_name"] = ["A", "B", "=C & <i>", "D", "E", "F"]
    return pd.concat([_network(table, shares), table(rows)]), schools


def test_those_that_improved_more_clear_ones_first_then_the_nearest(moving):
    results, schools = moving
    t = improving_more(results, schools, "a", "chronic_absence", first_year=2024, last_year=2026)
    assert t["school_id"].tolist() == ["c", "f", "b"]
    assert t["clear"].tolist() == [True, True, False]
    row = t.iloc[0]
    assert row[["first_n", "first_value", "last_n", "last_value"]].tolist() == [400, 40.0, 400, 15.0]
    assert row[["our_first_value", "our_last_value", "our_change"]].tolist() == pytest.approx([40.0, 38.0, -2.0])
    assert row["more"] == pytest.approx(23.0)
    assert row["more_low"] < 23 < row["more_high"]
    assert row["sentence"] == (
        "At =C & <i> (District One), chronic absence went from 40.0 % to 15.0 % (400 students); here "
        "from 40.0 % to 38.0 %: more than chance alone would explain."
    )
    assert "may be chance" in t.iloc[2]["sentence"]
    # The caution about other districts is only for the pair that has it.
    across = cannot_tell("improving_more")[1]
    assert [across in c for c in t["cautions"]] == [True, False, False]
    assert all("learn" in c and "surroundings" in c for c in t["cautions"])


def test_fewer_are_named_if_so_set_and_none_where_ours_is_not_shown(moving):
    results, schools = moving
    years = {"first_year": 2024, "last_year": 2026}
    one = improving_more(
        results, schools, "a", "chronic_absence", **years, settings=CompareSettings(shown_neighbours=1)
    )
    assert one["school_id"].tolist() == ["c"]
    ours = results["unit_id"].eq("a") & results["school_year"].eq(2024)
    hidden = results.assign(status=np.where(ours, "suppressed", "shown"))
    assert improving_more(hidden, schools, "a", "chronic_absence", **years).empty
    theirs = results["unit_id"].eq("c") & results["school_year"].eq(2026) & results["measure"].eq("chronic_absence")
    hidden = results.assign(status=np.where(theirs, "suppressed", "shown"))
    assert "c" not in set(improving_more(hidden, schools, "a", "chronic_absence", **years)["school_id"])
    assert improving_more(results, schools, "a", "suspension", **years).empty
    assert improving_more(results, schools, "a", "chronic_absence", **years, student_group="english_learner").empty


def test_a_measure_where_up_is_better_turns_the_direction(moving):
    results, schools = moving
    turned = results.assign(measure=results["measure"].replace("chronic_absence", "math_proficient"))
    t = improving_more(turned, schools, "a", "math_proficient", first_year=2024, last_year=2026)
    assert t["school_id"].tolist() == ["d"]
    with pytest.raises(KitError, match="not before"):
        improving_more(results, schools, "a", "chronic_absence", first_year=2026, last_year=2024)
