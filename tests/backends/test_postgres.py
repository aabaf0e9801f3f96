"""Records in PostgreSQL give the same numbers and the same faults as the same records in files."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import pandas as pd
import psycopg
import pyarrow as pa
import pytest
from database_tables import as_held, into_postgres, same_results, tally
from nasty_records import write_nasty

from kit.cli import main
from kit.compare.rival_rules import differing_pupils, rival_rates
from kit.errors import InputError, KitError
from kit.measures.compute import compute
from kit.measures.results import read_results
from kit.measures.students import students_behind
from kit.records.check import check_records
from kit.records.records import open_records
from kit.records.sample import write_sample
from kit.workspace import open_workspace

PASSWORD = "pa%24s-w0rd"  # what stands for «pa$s-w0rd» in a connection string


def with_password(url: str) -> str:
    return url.replace("://kit@", f"://kit:{PASSWORD}@")


@pytest.fixture(scope="module")
def nasty(postgres, tmp_path_factory) -> tuple[Path, str]:
    """Return the hand-made folder and a database that holds the same texts."""
    folder = write_nasty(tmp_path_factory.mktemp("nasty") / "records")
    url = postgres.database()
    into_postgres(url, as_held(folder))
    return folder, url


@pytest.fixture(scope="module")
def small_sample(postgres, tmp_path_factory) -> tuple[Path, str, pd.DataFrame]:
    """Return a sample of six schools, a database that holds the same values in their types, and the files' results."""
    folder = write_sample(tmp_path_factory.mktemp("sample") / "records", schools=6, years=2, seed=3)
    url = postgres.database()
    into_postgres(url, as_held(folder))
    return folder, url, open_workspace(folder).results()


def test_a_nasty_folder_gives_the_same_results(nasty):
    folder, url = nasty
    found = compute(open_records(url))
    same_results(found, compute(open_records(folder)))
    # By hand: of the two tests of 0007 on one day the name that computers sort last is «a», with level 4.
    row = found[(found.measure == "ela_proficient") & (found.unit_id == "001") & (found.student_group == "all")]
    assert row[["n", "count"]].drop_duplicates().to_numpy().tolist() == [[1, 1]]


def test_a_check_finds_the_same_faults_and_names_rows_by_their_key(nasty):
    folder, url = nasty
    in_files, in_database = check_records(open_records(folder)), check_records(open_records(url))
    assert tally(in_database) == tally(in_files)
    assert len({f.rule for f in in_database.faults}) >= 14
    assert in_database.tables == in_files.tables
    assert not [f for f in in_database.faults if f.row is not None]
    lines = {str(f) for f in in_database.faults}
    assert (
        "attendance, student_id a, school_id é 'x', date 2025-09-01, column 'absent_portion': 'abc' is not a number. "
        "Write a plain number with a point, such as 0.5"
    ) in lines
    assert any(line.startswith("students, student_id e, school_year 20262026, column 'school_year':") for line in lines)
    assert (
        "students, student_id 0007, school_year 2026: A second row for the same student and school year: 0007, 2026 "
        "(2 rows). Keep one of the rows"
    ) in lines
    assert any("The spell of B at 001 overlaps the one at 001 (from 2025-08-20)" in line for line in lines)


def test_the_sample_gives_the_same_results_growth_with_it(small_sample):
    _, url, of_files = small_sample
    found = open_workspace(url).results()
    same_results(found, of_files)
    assert {"chronic_absence", "gpa", "ela_growth", "math_growth"} <= set(found.measure)


def test_pupils_and_rival_rules_are_the_same(small_sample):
    folder, url, _ = small_sample
    files, database = open_records(folder), open_records(url)
    school = sorted(files.con.to_pandas(files.table("schools")).school_id)[0]
    for measure in ("chronic_absence", "suspension", "ela_proficient"):
        of_database = students_behind(database, measure, school_id=school)
        assert of_database.equals(students_behind(files, measure, school_id=school)), measure
        assert len(of_database)
    for measure, rules in (
        ("chronic_absence", ("core", "california")),
        ("el_redesignation", ("core", "all_english_learners")),
    ):
        rates = [rival_rates(r, measure, rules).rates for r in (database, files)]
        assert rates[0].equals(rates[1])
        assert len(rates[0])
    year = files.con.to_pandas(files.table("enrollments")).school_year.max()
    differ = [differing_pupils(r, "chronic_absence", ("core", "msip5"), school_year=year) for r in (database, files)]
    assert differ[0].equals(differ[1])
    assert len(differ[0])


def test_a_database_as_other_programs_fill_it(postgres, nasty):
    """Names in capitals, padded and listed texts, numerics, endless dates, a view, a language's order of letters."""
    folder, _ = nasty
    name = f"odd_{postgres.port}"
    postgres.sql(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'")
    url = f"postgresql://kit@127.0.0.1:{postgres.port}/{name}"
    tables = as_held(folder)
    tables["enrollments"] = pa.table(
        {
            "Student_ID": ["0007", "7", "a", "b"],
            "school_id": ["001", "001", "001", "001"],
            "SCHOOL_YEAR": ["2026"] * 4,
            "grade": ["08", "8", "8", "8"],
            "entry_date": ["2025-08-20 00:00:00+00", "2025-08-20", "2025-08-20", "2025-08-20"],
            "exit_date": ["infinity", "2026-06-30", "infinity", "infinity"],
            "note": ["{}"] * 4,
        }
    )
    types = {
        "enrollments.Student_ID": "char(8)",
        "enrollments.SCHOOL_YEAR": "numeric",
        "enrollments.grade": "varchar(3)",
        "enrollments.entry_date": "timestamptz",
        "enrollments.exit_date": "date",
        "enrollments.note": "jsonb",
        "assessments.school_year": "smallint",
        "assessments.date": "date",
        "assessments.subject": "subject",
    }
    tables["assessments"] = pa.table(
        {
            "student_id": ["0007", "0007", "7"],
            "school_id": ["001"] * 3,
            "school_year": ["2026"] * 3,
            "test": ["a", "B", "x"],
            "subject": ["ela"] * 3,
            "grade": ["8"] * 3,
            "scale_score": ["1", "2", "3"],
            "achievement_level": ["4", "1", "1"],
            "date": ["2026-05-01"] * 3,
        }
    )
    with psycopg.connect(url) as con:
        con.execute("CREATE TYPE subject AS ENUM ('math', 'ela')")
    into_postgres(url, {t: tables[t] for t in ("schools", "enrollments", "assessments")}, types)
    with psycopg.connect(url) as con:
        con.execute('ALTER TABLE enrollments RENAME TO "ENROLLMENTS"')
        con.execute("ALTER TABLE assessments RENAME TO tests")
        con.execute("CREATE MATERIALIZED VIEW assessments AS SELECT * FROM tests")
    records = open_records(url)
    found = compute(records)
    at_school = found[(found.unit_id == "001") & (found.student_group == "all") & (found.grade == "all")]
    # Of 0007 the test «a» counts, level 4, though English puts «B» last; 7 has level 1.
    assert at_school[["measure", "n", "count", "value"]].to_numpy().tolist() == [["ela_proficient", 2, 1, 50.0]]
    assert [f.problem for f in check_records(records).faults if f.rule == "extra-columns"] == [
        "Columns that the kit does not use: 'note'"
    ]


def test_a_database_that_lacks_something_says_so(postgres):
    url = postgres.database()
    records = open_records(url)
    assert compute(records).empty
    with pytest.raises(InputError, match="schools: The table 'schools' is missing"):
        open_workspace(url).results()
    into_postgres(url, {"schools": pa.table({"school_id": ["1"], "schoolname": ["One"]})})
    with pytest.raises(InputError) as error:
        open_workspace(url).results()
    assert "schools, column 'school_name': The column 'school_name' is missing. Did you mean 'schoolname'?" in str(
        error.value
    )
    assert "row" not in str(error.value)


def test_the_command_line_takes_a_connection_string_and_never_shows_what_is_in_it(nasty, tmp_path, capsys):
    url = with_password(nasty[1])
    assert main(["check", url]) == 1
    page = capsys.readouterr()
    assert page.out.startswith("Check of postgresql database 'test_")
    assert main(["check", url, "--json"]) == 1
    report = capsys.readouterr()
    assert json.loads(report.out)["faults"][0]["key"]
    # «0007» stands twice in students, which stops the measures.
    assert main(["measures", url, "--out", str(tmp_path / "r.parquet")]) == 1
    stopped = capsys.readouterr()
    assert "A second row for the same student and school year" in stopped.err
    for text in (page, report, stopped):
        for secret in (PASSWORD, "pa$s-w0rd", "127.0.0.1"):
            assert secret not in text.out + text.err


def test_kit_toml_names_the_database(small_sample, tmp_path, capsys):
    _, url, of_files = small_sample
    data = tmp_path / "data"
    data.mkdir()
    (data / "kit.toml").write_text(f'name = "Ours"\n[records]\nconnection = "{with_password(url)}"\n', "utf-8")
    assert main(["measures", str(data), "--out", str(tmp_path / "r.parquet")]) == 0
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    same_results(read_results(tmp_path / "r.parquet"), of_files)


@pytest.mark.parametrize(
    "broken",
    [
        "postgresql://kit:{}@127.0.0.1:{port}/there-is-none",
        "postgresql://kit:{}@127.0.0.1:1/district",
        "postgresql://kit:{}/w@127.0.0.1:{port}/district",
        "postgresql://kit:{}#w@127.0.0.1:{port}/district",
        "postgresql://kit:{}?w@127.0.0.1:{port}/district",
        "postgresql://kit@127.0.0.1:{port}/district?password={}&nonsense=1",
        "postgress://kit:{}@127.0.0.1:{port}/district",
        "no-such-engine://kit:{}@127.0.0.1/district",
    ],
)
def test_a_database_that_cannot_be_opened_is_one_error_without_the_password(postgres, broken, capsys):
    url = broken.format("hunter2hunter2", port=postgres.port)
    with pytest.raises(KitError) as error:
        open_records(url)
    assert "hunter2" not in str(error.value)
    assert error.value.mend
    assert "hunter2" not in "".join(traceback.format_exception(error.value))  # nor with what it came from
    assert main(["check", url]) == 1
    said = capsys.readouterr()
    assert "hunter2" not in said.out + said.err
    assert said.err.count("\n") == 1


def test_a_connection_that_is_no_string_is_named(tmp_path):
    (tmp_path / "kit.toml").write_text("[records]\nconnection = 5\n", "utf-8")
    with pytest.raises(KitError, match="no connection string"):
        open_workspace(tmp_path)
