"""A district's real test file, 42 schools over five years: its measures, and a report for each of its schools."""

from __future__ import annotations

import html
import json
import os
import re
from itertools import pairwise

import pandas as pd
import pytest
from growth_records import FLAGS, SUBJECTS, read_growth_file, write_records

from kit.cli import main
from kit.measures.results import read_results
from kit.reports.batch import make_reports

pytestmark = [pytest.mark.real_data, pytest.mark.slow]

# Schools without a row in 2024-25, seen in the file; one of them ever had twelve rows.
GONE = {"1084", "2288", "3848", "4318", "7527"}
KEY = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]


@pytest.fixture(scope="module")
def rows(real_data):
    return read_growth_file(real_data)


@pytest.fixture(scope="module")
def folder(rows, tmp_path_factory):
    return write_records(rows, tmp_path_factory.mktemp("growth") / "lakeside-district")


@pytest.fixture(scope="module")
def results(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("results") / "results.parquet"
    assert main(["measures", str(folder), "--out", str(out)]) == 0
    return read_results(out)


@pytest.fixture(scope="module")
def reports(folder, tmp_path_factory):
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    return make_reports(folder, tmp_path_factory.mktemp("reports"), progress=False)


def counted_by_hand(rows: pd.DataFrame) -> pd.DataFrame:
    """Count who has a level and who has level 3 or 4, with pandas only, by unit, group and grade."""
    pupil_year = ["ID", "year"]
    own = pd.DataFrame(
        {
            "pupil": rows.ID,
            "school_year": rows.year.astype(int),
            "school": rows.SCHOOL_NUMBER,
            "measure": rows.CONTENT_AREA.map(SUBJECTS) + "_proficient",
            "good": rows.ACHIEVEMENT_LEVEL.isin(["Proficient", "Advanced"]),
            # One grade a spell: one pupil of the file is in grade 10 by one test and in grade 9 by the other.
            "school_grade": rows.groupby([*pupil_year, "SCHOOL_NUMBER"]).GRADE.transform("first"),
            "race": "race_" + rows.groupby(pupil_year).ETHNICITY.transform("last").str.lower().str.replace(" ", "_"),
            "gender": "gender_" + rows.GENDER.str.split(": ").str[1].str.lower(),
        }
    )
    for flag, column in FLAGS.items():
        own[flag] = rows[column].str.endswith(": Yes").groupby([rows.ID, rows.year]).transform("max")
    # In the district and the network a pupil's grade is that of the school entered last: the higher school number.
    spells = rows.drop_duplicates([*pupil_year, "SCHOOL_NUMBER"]).sort_values("SCHOOL_NUMBER")
    latest = spells.groupby(pupil_year).GRADE.last()
    own["district_grade"] = pd.MultiIndex.from_frame(rows[pupil_year]).map(latest)
    own = own[rows.ACHIEVEMENT_LEVEL != "No Score"]
    assert not own.duplicated(["pupil", "school_year", "measure"]).any()  # one sitting: none is there twice

    parts = []
    for kind, unit, grade in (
        ("school", own.school, own.school_grade),
        ("district", "2690", own.district_grade),
        ("network", "network", own.district_grade),
    ):
        here = own.assign(unit_type=kind, unit_id=unit, unit_grade=grade)
        parts += [
            here.assign(student_group="all", grade="all"),
            here.assign(student_group="all", grade=here.unit_grade),
        ]
        parts += [here.assign(student_group=here[c], grade="all") for c in ("race", "gender")]
        parts += [here[here[flag]].assign(student_group=flag, grade="all") for flag in FLAGS]
    every = pd.concat(parts).groupby(KEY).good.agg(["size", "sum"])
    return every.rename(columns={"size": "n", "sum": "count"}).astype("int64")


def test_the_file_is_the_one_that_is_described(rows):
    assert len(rows) == 103_248
    assert rows.SCHOOL_NUMBER.nunique() == 42
    assert rows.VALID_CASE.eq("VALID_CASE").all()
    assert not rows.duplicated(["ID", "year", "CONTENT_AREA"]).any()
    assert (rows.groupby(["ID", "year"]).SCHOOL_NUMBER.nunique() == 2).sum() == 65
    here = rows[rows.year == "2025"].SCHOOL_NUMBER
    assert set(rows.SCHOOL_NUMBER) - set(here) == GONE


def test_the_folder_has_no_error(folder, capsys):
    assert main(["check", str(folder), "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["errors"] == page["warnings"] == 0
    assert page["tables"] == {"schools": 42, "students": 51_760, "enrollments": 51_825, "assessments": 103_248}
    assert {"ela_proficient", "math_proficient"}.isdisjoint(page["switched_off"])
    assert {"chronic_absence", "suspension", "graduation_4", "gpa"} <= set(page["switched_off"])


def test_every_number_is_that_of_an_independent_count(rows, results):
    expected = counted_by_hand(rows)
    found = results[results.measure.isin(["ela_proficient", "math_proficient"])].set_index(KEY)
    assert set(found.index) == set(expected.index)
    found = found.loc[expected.index]
    assert found["n"].astype("int64").tolist() == expected["n"].tolist()
    assert found["count"].astype("int64").tolist() == expected["count"].tolist()
    assert (found["value"] - 100 * expected["count"] / expected["n"]).abs().max() < 1e-9
    # 103,248 sittings less the 1,042 without a score; the schools' sittings are the district's and the network's.
    whole = expected.reset_index().query("student_group == 'all' and grade == 'all'")
    assert whole.groupby("unit_type").n.sum().to_dict() == dict.fromkeys(("school", "district", "network"), 102_206)
    assert whole.groupby("unit_type")["count"].sum().eq(46_355 + 9_121).all()


def test_only_what_the_tests_can_tell_is_computed(results):
    assert set(results.measure) - {"ela_growth", "math_growth"} == {"ela_proficient", "math_proficient"}


def test_each_of_the_42_schools_has_a_report(rows, reports):
    schools = set(rows.SCHOOL_NUMBER)
    assert reports.failed == {}
    assert set(reports.made) == schools
    record = json.loads((reports.out / "manifest.json").read_text("utf-8"))
    assert record["run"]["school_year"] == 2025
    assert {s["school_id"]: s["status"] for s in record["schools"]} == dict.fromkeys(schools, "made")
    names = rows.groupby("SCHOOL_NUMBER").SCHOOL_NAME.first()
    index = (reports.out / "index.html").read_text("utf-8")
    for school in record["schools"]:
        assert school["name"] == names[school["school_id"]]
        page = (reports.out / school["file"]).read_text("utf-8")
        assert page.rstrip().endswith("</html>")
        assert school["name"] in text_of(page)
        assert f'href="{school["file"]}"' in index
    assert {p.stem for p in reports.out.glob("*.html")} == schools | {"index"}


def text_of(page: str) -> str:
    """Return what a reader sees of a page, with plain spaces."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)))


def test_a_report_shows_its_schools_numbers(results, reports):
    """The value of each subject and year with 20 pupils or more stands in the report, to one decimal."""
    whole = results.query(
        "unit_type == 'school' and student_group == 'all' and grade == 'all' and n >= 20 "
        "and measure in ('ela_proficient', 'math_proficient')"
    )
    assert whole.unit_id.nunique() == 41  # all but the school with twelve rows
    for school, numbers in whole.groupby("unit_id"):
        text = text_of((reports.out / f"{school}.html").read_text("utf-8"))
        lacking = [(r.measure, r.school_year) for r in numbers.itertuples() if f"{r.value:.1f} % {r.n}" not in text]
        # A larger number may be withheld so that a small one cannot be worked out from it.
        assert len(lacking) <= len(numbers) / 2, (school, lacking)


def test_a_school_without_data_in_the_year_says_so(rows, reports):
    for school in set(rows.SCHOOL_NUMBER):
        text = text_of((reports.out / f"{school}.html").read_text("utf-8"))
        assert ("There is no number of this school for this school year" in text) == (school in GONE), school


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W\d_][^\W\d_'’-]*", html.unescape(text))


def test_no_pupil_can_be_found_in_any_file(rows, folder, reports, tmp_path):
    """Neither an id nor a name of the file: what a page says, it says also where no pupil is known.

    Many names are words (White, Small, Read) or stand in a school's name. So the same reports are made from the
    results alone, without records, and a name may stand in a page only if it stands in those too.
    """
    ids = set(rows.ID)
    names = set(rows.LAST_NAME) | set(rows.FIRST_NAME)
    both = set(rows.FIRST_NAME + " " + rows.LAST_NAME) | set(rows.LAST_NAME + " " + rows.FIRST_NAME)
    assert len(ids) == 18_523
    assert len(names) > 13_000

    published = tmp_path / "lakeside-district"
    published.mkdir()
    schools = pd.read_csv(folder / "schools.csv", dtype=str)
    schools.to_csv(published / "schools.csv", index=False)
    assert main(["measures", str(folder), "--out", str(published / "results.parquet")]) == 0
    some = ["1077", "3818", "3933", "1084", "3848"]
    without = make_reports(published, tmp_path / "without", schools=some, progress=False)
    assert set(without.made) == set(some)
    allowed = {w for name in schools.school_name for w in words_of(name)}
    pairs_allowed = {" ".join(p) for name in schools.school_name for p in pairwise(words_of(name))}
    for page in without.out.glob("*.html"):
        allowed |= set(words_of(page.read_text("utf-8")))

    pages = [*reports.out.glob("*.html"), reports.out / "manifest.json"]
    assert len(pages) == 44
    for page in pages:
        text = page.read_text("utf-8")
        assert not ids.intersection(re.findall(r"(?<![0-9a-f.])\d{7}(?![0-9a-f])", text)), page.name
        said = words_of(text)
        assert not (set(said) & names) - allowed, page.name
        pairs = {" ".join(p) for p in pairwise(words_of(text_of(text)))}
        assert not (pairs & both) - pairs_allowed, page.name
    for table in (reports.out / ".prepared").glob("*.parquet"):
        held = pd.read_parquet(table)
        assert "student_id" not in held.columns
        for column in held.columns:
            assert not ids.intersection(held[column].astype(str)), (table.name, column)
