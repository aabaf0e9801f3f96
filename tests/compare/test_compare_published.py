"""The gaps of a real state: New York's published absence by district and student group, 2021-22."""

from pathlib import Path

import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from kit.compare import at_a_glance, gaps

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ny_absence_ela" / "nysed_district_2022.csv.gz"
GROUPS = {
    "All Students": "all",
    "Students with Disabilities": "disability",
    "English Language Learner": "english_learner",
    "Economically Disadvantaged": "disadvantaged",
}

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not DATA.parent.parent.is_dir(), reason="the folder of published data is not there"),
]


@pytest.fixture(scope="module")
def published():
    raw = pd.read_csv(DATA, dtype={"entity_cd": str})
    raw = raw[raw["subgroup"].isin(GROUPS) & raw["em_absent_count"].notna() & raw["em_enrollment"].gt(0)]
    return raw.assign(group=raw["subgroup"].map(GROUPS))


@pytest.fixture(scope="module")
def results(published):
    return pd.DataFrame(
        {
            "school_year": 2022,
            "unit_type": "school",
            "unit_id": published["entity_cd"],
            "measure": "chronic_absence",
            "student_group": published["group"],
            "grade": "all",
            "n": published["em_enrollment"].astype("Int64"),
            "count": published["em_absent_count"].astype("Int64"),
            "value": 100 * published["em_absent_count"] / published["em_enrollment"],
        }
    )


def test_every_published_gap_has_the_interval_that_statsmodels_gives(results):
    table = gaps(results)
    given = table[table["compared_with"].eq("rest")]
    assert len(given) > 1000
    for r in given.iloc[::17].itertuples():
        low, high = confint_proportions_2indep(r.count, r.n, r.other_count, r.other_n, method="newcomb")
        assert (r.gap_low, r.gap_high) == pytest.approx((100 * low, 100 * high))
    # Albany, from the file: 418 of 889 with disabilities, 1,954 of 5,231 in all.
    albany = given[given["unit_id"].eq("010100010000") & given["student_group"].eq("disability")].iloc[0]
    assert (albany["other_count"], albany["other_n"]) == (1954 - 418, 5231 - 889)
    assert albany["gap_class"] == "unfavourable"


def test_the_quarters_of_all_districts_are_quarters(results, published):
    ids = sorted(published["entity_cd"].unique())
    schools = pd.DataFrame({"school_id": ids, "school_name": ids, "district_id": ids, "district_name": ids})
    glance = at_a_glance(results, schools.assign(level="other"), school_year=2022)
    compared = glance[glance["concern"].ne("too few to say")]
    assert compared["concern"].eq("look closer").mean() == pytest.approx(0.25, abs=0.01)
    assert compared["concern"].eq("strength").mean() == pytest.approx(0.25, abs=0.01)
    best = compared[compared["concern"].eq("strength")]["value"]
    last = compared[compared["concern"].eq("look closer")]["value"]
    assert best.max() <= compared["value"].quantile(0.25) + 0.1
    assert last.min() >= compared["value"].quantile(0.75) - 0.1
