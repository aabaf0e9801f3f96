"""All schools at once say what each school alone is told."""

import numpy as np
import pandas as pd

from kit.compare import (
    CompareSettings,
    every_school_improving_more,
    every_school_like_ours,
    improving_more,
    schools_like_ours,
)

FEW = CompareSettings(neighbours=4, shown_neighbours=2)


def _network(table, school_table):
    """Twenty schools of two levels with groups, two years and two measures; one school has one year only."""
    rng = np.random.default_rng(11)
    ids, rows = [f"s{i:02d}" for i in range(20)], []
    for i, s in enumerate(ids):
        size = int(rng.integers(60, 400))
        for group in ("disadvantaged", "english_learner", "race_asian", "race_white"):
            rows.append((s, "suspension", group, 2026, 0, int(size * rng.uniform(0, 0.9))))
        for measure in ("suspension", "gpa"):
            for year in (2024, 2026) if i else (2026,):
                if measure == "gpa":
                    rows.append((s, measure, "all", year, None, size, float(rng.uniform(1.5, 3.5))))
                else:
                    rows.append((s, measure, "all", year, int(size * rng.uniform(0, 0.4)), size))
    schools = school_table(ids, level=["middle", "high"] * 10, district_id=["d1"] * 7 + ["d2"] * 13)
    return table(rows), schools


def test_every_school_has_the_neighbours_that_it_has_alone(table, school_table):
    results, schools = _network(table, school_table)
    every = every_school_like_ours(results, schools, 2026, settings=FEW)
    assert set(every["for_school"]) == set(schools["school_id"])
    for school_id, near in every.groupby("for_school"):
        alone = schools_like_ours(results, schools, school_id, 2026, settings=FEW)
        pd.testing.assert_frame_equal(near.drop(columns="for_school").reset_index(drop=True), alone)


def test_every_school_is_told_who_improved_more_as_it_is_alone(table, school_table):
    results, schools = _network(table, school_table)
    near = every_school_like_ours(results, schools, 2026, settings=FEW)
    spans = {"suspension": (2024, 2026), "gpa": (2024, 2026)}
    every = every_school_improving_more(results, near, spans, settings=FEW)
    assert set(every["measure"]) == set(spans)
    assert "s00" not in set(every["for_school"]), "it has no change"
    assert "s00" not in set(every["school_id"])
    for measure in spans:
        for school_id in schools["school_id"]:
            both = {"first_year": 2024, "last_year": 2026, "settings": FEW}
            alone = improving_more(results, schools, school_id, measure, **both)
            mine = every[every["measure"].eq(measure) & every["for_school"].eq(school_id)]
            assert mine["sentence"].tolist() == alone["sentence"].tolist()
            assert mine["school_id"].tolist() == alone["school_id"].tolist()
            np.testing.assert_allclose(mine["more"].astype(float), alone["more"].astype(float))


def test_a_network_without_groups_or_years_has_empty_tables(table, school_table):
    results = table([("a", "gpa", "all", 2026, None, 50, 3.0)])
    near = every_school_like_ours(results, school_table(["a"]), 2026)
    assert near.empty
    assert every_school_improving_more(results, near, {"gpa": (2024, 2026)}).empty
    assert every_school_improving_more(results, near, {}).empty
