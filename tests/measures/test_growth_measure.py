"""Growth from records: who is in the model, with which scores, and which rows come out."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from kit.growth import limits, value_added
from kit.measures.compute import compute, switched_off
from kit.measures.growth import GROWTH, growth_details, growth_notes, pupil_scores
from kit.measures.registry import measure
from kit.measures.students import students_behind
from kit.privacy import release
from kit.records.records import open_records

SCHOOLS = """school_id,school_name,district_id,district_name,level
    A,A,D,D,elementary
    B,B,D,D,elementary"""
STUDENTS = """student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged,reclassified_on
    1,2026,White,F,N,N,Y,2026-06-30
    2,2026,White,F,Y,N,N,2026-07-01"""
ENROLLMENTS = """student_id,school_id,school_year,grade,entry_date
    1,A,2025,4,2024-08-12
    1,B,2026,5,2025-08-12
    2,A,2025,4,2024-08-12
    2,A,2026,5,2025-08-12
    3,A,2026,5,2025-08-12
    4,A,2026,5,2025-08-12
    9,A,2025,4,2024-08-12
    9,A,2026,5,2025-08-12"""
HEAD = "student_id,school_id,school_year,test,subject,grade,scale_score,achievement_level,date,standard_error"


def scores(write_folder, *rows: str, **tables: str) -> pd.DataFrame:
    given = {"schools": SCHOOLS, "students": STUDENTS, "enrollments": ENROLLMENTS} | tables
    records = open_records(write_folder(**given, assessments="\n".join([HEAD, *rows])))
    return records.con.to_pandas(pupil_scores(records)).set_index(["student_id", "subject"]).sort_index()


def test_the_latest_scored_sitting_counts_with_both_scores_of_the_year_before(write_folder):
    got = scores(
        write_folder,
        "1,A,2025,S,ela,4,2400,2,2025-03-01,30",
        "1,A,2025,S,ela,4,2410.5,2,2025-05-01,28.5",
        "1,A,2025,S,math,4,2380,2,2025-05-02,",
        "1,B,2026,S,ela,4,2450,2,2026-04-01,25",
        "1,B,2026,S,ela,5,2470,3,2026-05-01,26",
        "1,B,2026,S,ela,5,,3,2026-06-01,26",
    )
    assert list(got.index) == [("1", "ela")]
    row = got.loc[("1", "ela")]
    assert (row.school_id, row.school_year, row.grade, row.scale_score) == ("B", 2026, "5", 2470)
    assert (row.prior_ela, row.prior_ela_se, row.prior_math) == (2410.5, 28.5, 2380)
    assert np.isnan(row.prior_math_se)


def test_groups_are_those_of_the_year_and_reclassified_is_by_30_june(write_folder):
    rows = [f"{p},A,{y},S,ela,5,2400,2,{y}-05-01,30" for p, y in ((2, 2025), (2, 2026), (3, 2026))]
    rows += ["1,A,2025,S,ela,4,2400,2,2025-05-01,30", "1,B,2026,S,ela,5,2400,2,2026-05-01,30"]
    got = scores(write_folder, *rows)
    assert bool(got.loc[("1", "ela"), "reclassified"]) is True
    assert bool(got.loc[("2", "ela"), "reclassified"]) is False
    assert bool(got.loc[("1", "ela"), "disadvantaged"]) is True
    assert got.loc[("2", "ela"), "race"] == "race_white"
    assert pd.isna(got.loc[("3", "ela"), "disadvantaged"])
    assert np.isnan(got.loc[("3", "ela"), "prior_ela"])


def test_another_test_and_a_school_without_a_spell_are_left_out(write_folder):
    rows = [f"{p},A,2025,S,ela,4,2400,2,2025-05-01,30" for p in (2, 9)]
    rows += [f"{p},A,2026,S,ela,5,2450,2,2026-05-01,30" for p in (2, 3, 9)]
    rows += ["4,A,2026,ALT,ela,5,930,2,2026-05-01,3", "1,A,2026,S,ela,5,2450,2,2026-05-01,30"]
    got = scores(write_folder, *rows)
    assert [pupil for pupil, _ in got.index] == ["2", "3", "9"]


def network(folder, seed=3, schools=14, students=40):
    """Write two years of a network; pupils' scores are drawn, each school's effect on 2026 is known."""
    rng = np.random.default_rng(seed)
    n = schools * students
    pupil = [f"{i:05}" for i in range(n)]
    school = np.repeat([f"s{j:02}" for j in range(schools)], students)
    effect = rng.permutation(np.linspace(-45, 45, schools))
    poor = rng.random(n) < 0.4
    ela = 2450 + rng.normal(0, 70, n)
    ability = {"ela": ela, "math": 2450 + 0.7 * (ela - 2450) + rng.normal(0, 50, n)}
    before = {s: a + rng.normal(0, 30, n) for s, a in ability.items()}
    after = {s: a + 40 - 5 * poor + np.repeat(effect, students) + rng.normal(0, 35, n) for s, a in ability.items()}
    folder.mkdir(parents=True)
    ids = sorted(set(school))
    pd.DataFrame(
        {"school_id": ids, "school_name": ids, "district_id": "D", "district_name": "D", "level": "elementary"}
    ).to_csv(folder / "schools.csv", index=False)
    spells, people, tests = [], [], []
    for year, grade, values in ((2025, 4, before), (2026, 5, after)):
        key = {"student_id": pupil, "school_id": school, "school_year": year}
        spells.append(pd.DataFrame({**key, "grade": grade, "entry_date": f"{year - 1}-08-15"}))
        people.append(
            pd.DataFrame(
                {
                    "student_id": pupil, "school_year": year, "race_ethnicity": np.where(poor, "White", "Asian"),
                    "gender": "F", "english_learner": "N", "disability": "N", "disadvantaged": np.where(poor, "Y", "N"),
                }
            )
        )  # fmt: skip
        for subject, score in values.items():
            tests.append(
                pd.DataFrame(
                    {
                        **key, "test": "S", "subject": subject, "grade": grade, "scale_score": score.round(1),
                        "achievement_level": 3, "date": f"{year}-05-01", "standard_error": 30,
                    }
                )
            )  # fmt: skip
    for name, parts in (("enrollments", spells), ("students", people), ("assessments", tests)):
        table = pd.concat(parts)
        table.sample(frac=1, random_state=seed).to_csv(folder / f"{name}.csv", index=False)
    return folder, pd.concat(tests), pd.Series(poor, pupil), pd.Series(effect, ids)


def test_rows_are_the_models_and_schools_only(tmp_path):
    folder, tests, poor, effect = network(tmp_path / "data")
    got = compute(open_records(folder), only=list(GROWTH))
    assert set(got.unit_type) == {"school"}
    assert got["count"].isna().all()
    assert set(got.school_year) == {2026}
    # The same table made with pandas alone.
    before = tests[tests.school_year == 2025].pivot(index="student_id", columns="subject", values="scale_score")
    table = tests[tests.school_year == 2026].set_index("student_id")
    table = table.assign(
        prior_ela=before.ela, prior_math=before.math, prior_ela_se=30.0, prior_math_se=30.0, disadvantaged=poor,
        disability=False, english_learner=False, homeless=False, foster=False, race_white=poor, race_asian=~poor,
    ).reset_index()  # fmt: skip
    expected = value_added(table, groups=("disadvantaged", "race_asian", "race_white")).schools
    keys = ["unit_id", "measure", "student_group", "grade"]
    expected = expected.assign(measure=expected.subject + "_growth").rename(columns={"school_id": "unit_id"})
    expected = expected.set_index(keys).sort_index()
    same = got[got.student_group != "gender_f"].set_index(keys).sort_index()
    assert list(same.index) == list(expected.index)
    assert list(same.n) == list(expected.n)
    np.testing.assert_allclose(same.value, expected.percentile, rtol=1e-6)
    whole = got[(got.student_group == "all") & (got.grade == "all") & (got.measure == "ela_growth")]
    assert whole.set_index("unit_id").value.corr(effect, method="spearman") > 0.85
    assert list(whole.n) == [40] * 14


def test_the_order_of_rows_and_threads_change_no_digit(tmp_path):
    folder = network(tmp_path / "data")[0]
    first = compute(open_records(folder, threads=1), only=list(GROWTH))
    table = pd.read_csv(folder / "assessments.csv", dtype=str)
    table.sample(frac=1, random_state=99).to_csv(folder / "assessments.csv", index=False)
    pd.testing.assert_frame_equal(first, compute(open_records(folder, threads=2), only=list(GROWTH)), check_exact=True)


def test_details_hold_the_interval_of_every_row_and_pupils_stand_behind_it(tmp_path):
    records = open_records(network(tmp_path / "data")[0])
    rows, details = compute(records, only=list(GROWTH)), growth_details(records)
    key = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]
    both = rows.merge(details, on=key, suffixes=("", "_again"), validate="one_to_one")
    assert len(both) == len(rows) == len(details)
    assert (both.value == both.value_again).all()
    assert ((both.percentile_low <= both.value) & (both.value <= both.percentile_high)).all()
    pupils = students_behind(records, "math_growth", school_id="s00")
    assert len(pupils) == 40
    np.testing.assert_allclose(pupils.scale_score - pupils.predicted, pupils.residual)


def test_four_schools_give_no_row_and_say_why(tmp_path):
    folder = network(tmp_path / "data", schools=4)[0]
    records = open_records(folder)
    assert compute(records, only=list(GROWTH)).empty
    assert any("4 schools, and 5 are needed" in note for note in growth_notes(records))
    assert set(compute(records).measure) >= {"ela_proficient"}


def test_scores_of_one_year_give_no_row(tmp_path):
    folder = network(tmp_path / "data")[0]
    table = pd.read_csv(folder / "assessments.csv", dtype=str)
    table[table.school_year == "2026"].to_csv(folder / "assessments.csv", index=False)
    records = open_records(folder)
    assert compute(records, only=list(GROWTH)).empty
    assert growth_notes(records) == ["Growth: no pupil has a score and a year before it"]


def test_small_schools_and_groups_are_withheld(tmp_path):
    folder = network(tmp_path / "data", students=16)[0]
    rows = compute(open_records(folder), only=list(GROWTH))
    assert (rows.n < 20).all()
    assert (release(rows, minimum=20).table.status == "suppressed").all()


def test_without_assessments_growth_is_switched_off_and_costs_nothing(tmp_path):
    folder = network(tmp_path / "data", schools=2, students=5)[0]
    (folder / "assessments.csv").unlink()
    assert switched_off(open_records(folder))["math_growth"] == ["assessments"]
    code = (
        "import sys; from kit.records.records import open_records; from kit.measures.compute import compute; "
        f"compute(open_records({str(folder)!r})); sys.exit('scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("measure_id", GROWTH)
def test_the_definition_says_what_growth_cannot_tell(measure_id):
    text = measure(measure_id).definition
    for sentence in limits()[:3]:
        assert sentence in text
    assert "no figure for a district" in text
