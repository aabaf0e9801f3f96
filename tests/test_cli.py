"""The command line: every command helps, says what it did, and ends with 0, 1 or 2; never a traceback, never half."""

from __future__ import annotations

import csv
import errno
import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from kit.cli import main
from kit.measures.results import RESULT_COLUMNS, read_results, write_results
from kit.privacy import Released, release

# records.md, "The command line"; there are more.
CONTRACT = {"sample", "check", "measures", "students", "release", "report", "lab"}


def _commands() -> list[str]:
    """Return every command that ``kit --help`` lists."""
    text = subprocess.run([sys.executable, "-m", "kit.cli", "--help"], capture_output=True, text=True).stdout
    return re.findall(r"^    ([a-z][a-z-]*)(?: |$)", text, flags=re.MULTILINE)


COMMANDS = _commands()
SCHOOLS = """
school_id,school_name,district_id,district_name,level
01,Oak,D1,North,elementary
02,Elm,D1,North,middle
"""
# 30 pupils at each school; at 01 the pupils a00 to a05 missed 18 of 180 days or more, a06 missed 17; a07 is at both.
PUPILS = [f"{s}{n:02}" for s in "ab" for n in range(30)]
CHRONIC = ["a00", "a01", "a02", "a03", "a04", "a05"]
DAYS = {"a00": 18, "a01": 19, "a02": 180, "a03": 18, "a04": 40, "a05": 90, "a06": 17}


def _records() -> dict[str, str]:
    spells = [f"{p},{'01' if p[0] == 'a' else '02'},2026,{4 if p[0] == 'a' else 7},2025-08-20," for p in PUPILS]
    spells[7] += "2026-01-31"
    spells.append("a07,02,2026,7,2026-02-01,")
    totals = [f"{p},{'01' if p[0] == 'a' else '02'},2026,180,{DAYS.get(p, 0)}" for p in PUPILS]
    totals.append("a07,02,2026,10,9")  # nearly always absent, but at the other school
    spells.append("a00,01,2025,3,2024-08-20,")
    totals.append("a00,01,2025,180,0")
    students = [f"{p},2026,White,F,N,N,Y" for p in PUPILS] + ["a00,2025,White,F,N,N,Y"]
    return {
        "schools": SCHOOLS,
        "students": "\n".join(
            ["student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged", *students]
        ),
        "enrollments": "\n".join(["student_id,school_id,school_year,grade,entry_date,exit_date", *spells]),
        "attendance_totals": "\n".join(["student_id,school_id,school_year,days_enrolled,days_absent", *totals]),
    }


@pytest.fixture
def data(write_folder) -> Path:
    return write_folder(**_records())


@pytest.fixture
def said(capsys):
    """Return a function that runs the command line: (status, what it printed, what it complained of)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(a) for a in arguments])
        out, err = capsys.readouterr()
        for text in (out, err):
            assert "Traceback" not in text
        # What nobody foresaw is not an answer.
        assert "could not go on" not in err, err
        return status, out, err

    return run


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# ------------------------------------------------------------------------------------------------------ use


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_helps_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert f"Example: kit {command}" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_is_right_use(command, capsys):
    """The words of each example are taken by the parser: with --help after them they end with 0."""
    with pytest.raises(SystemExit):
        main([command, "--help"])
    example = capsys.readouterr().out.split("Example: kit ", 1)[1].splitlines()[0].split()
    with pytest.raises(SystemExit) as ended:
        main([*example, "--help"])
    assert ended.value.code == 0


def test_help_lists_the_commands_with_an_example(capsys):
    assert set(COMMANDS) >= CONTRACT
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert "Example: kit " in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["check"],
        ["check", "a", "b"],
        ["measures", "data"],
        ["students", "data", "--measure", "gpa"],
        ["students", "data", "--measure", "gpa", "--school", "01", "--year", "last"],
        ["release", "data", "--out", "x.csv"],
        ["release", "data", "--out", "x.csv", "--audience", "everybody"],
        ["release", "data", "--out", "x.csv", "--audience", "public", "--minimum", "few"],
        ["report", "data"],
        ["report", "data", "--out", "x", "--jobs", "many"],
        ["sample"],
        ["sample", "x", "--schools", "some"],
        ["lab", "--port", "door"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: kit" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_script_ends_with_the_same_status(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "kit.cli", "check", str(tmp_path / "nowhere")], capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr.strip().startswith(str(tmp_path / "nowhere"))
    assert "There is no such folder" in run.stderr


# ------------------------------------------------------------------------------------------------------ success


def test_check_of_sound_records(data, said):
    status, out, err = said("check", data)
    assert (status, err) == (0, "")
    assert "No errors." in out
    status, out, _ = said("check", data, "--json")
    page = json.loads(out)
    assert (status, page["errors"]) == (0, 0)
    assert page["tables"]["enrollments"] == 62


@pytest.mark.parametrize("name", ["results.parquet", "results.csv", "results.csv.gz", "new/folder/results.csv"])
def test_measures_writes_the_table_and_says_so(data, said, tmp_path, name):
    out = tmp_path / "out" / name
    status, text, notes = said("measures", data, "--out", out)
    assert status == 0
    assert str(out) in text
    assert "No discipline: suspension" in notes
    assert "Not protected" in notes
    table = read_results(out)
    assert list(table.columns) == list(RESULT_COLUMNS)
    row = table.query(
        "unit_id == '01' and school_year == 2026 and measure == 'chronic_absence' and student_group == 'all'"
        " and grade == 'all'"
    )
    assert row[["n", "count", "value"]].values.tolist() == [[30, 6, 20.0]]
    assert [p.name for p in out.parent.iterdir()] == [out.name]
    if name.endswith(".gz"):
        assert gzip.decompress(out.read_bytes()).startswith(b"school_year,unit_type,unit_id,")


def test_students_are_exactly_the_pupils_behind_the_number(data, said):
    """Compared with the records: everybody with a spell at the school, counted where 10 × absent ≥ enrolled."""
    status, out, _ = said("students", data, "--measure", "chronic_absence", "--school", "01")
    assert status == 0
    first, header, *lines, last = out.splitlines()
    assert first.startswith("RESTRICTED")
    assert header.split()[:3] == ["school_year", "student_id", "grade"]
    counted_at = header.split().index("counted")
    listed = {line.split()[1]: line.split()[counted_at] for line in lines}
    assert sorted(listed) == [p for p in PUPILS if p.startswith("a")]
    assert len(lines) == 30
    assert sorted(p for p, counted in listed.items() if counted in ("True", "1")) == CHRONIC
    assert last == "6 of 30 pupils counted."
    # At the other school the pupil who moved counts by the ten days there.
    status, out, _ = said("students", data, "--measure", "chronic_absence", "--school", "02")
    assert out.splitlines()[-1] == "1 of 31 pupils counted."
    assert [line.split()[1] for line in out.splitlines()[2:-1] if "True" in line.split()] == ["a07"]
    status, out, _ = said("students", data, "--measure", "chronic_absence", "--school", "01", "--year", "2025")
    assert (status, out.splitlines()[-1]) == (0, "0 of 1 pupil counted.")


def test_release_writes_what_may_leave(data, said, tmp_path):
    for audience, name in (("internal", "a.csv"), ("internal", "a.csv.gz"), ("public", "b.parquet")):
        status, out, _ = said("release", data, "--out", tmp_path / name, "--audience", audience)
        assert status == 0
        assert str(tmp_path / name) in out
        if "csv" in name:
            table = pd.read_csv(tmp_path / name, dtype={"unit_id": str, "grade": str})
        else:
            table = Released.read(tmp_path / name).table
        assert list(table.columns) == [*RESULT_COLUMNS, "status", "low", "high"]
        assert (table.loc[table.status == "shown", "n"] >= 11).all()
        one = table.query("unit_id == '01' and school_year == 2025")
        assert len(one)
        assert one[["n", "count", "value"]].isna().all().all()
        assert set(table.unit_id) == {"01", "02", "D1", "network"}
        assert not set(PUPILS) & set(table.astype(str).to_numpy().ravel())


def test_sample_writes_a_network_that_checks(said, tmp_path):
    out = tmp_path / "net"
    status, text, _ = said("sample", out, "--schools", "6", "--years", "1", "--students-per-school", "20")
    assert status == 0
    assert str(out) in text
    assert (tmp_path / "net-answers.md").is_file()
    assert said("check", out)[0] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_report_makes_what_is_asked_for(data, said, tmp_path):
    out = tmp_path / "reports"
    status, text, _ = said("report", data, "--out", out, "--school", "01")
    assert status == 0
    assert "1 report made, 0 up to date, 0 failed" in text
    assert str(out / "index.html") in text
    assert (out / "01.html").is_file()
    assert not (out / "02.html").exists()
    status, text, _ = said("report", data, "--out", out, "--school", "01")
    assert (status, "0 reports made, 1 up to date" in text) == (0, True)


# ------------------------------------------------------------------------------------------------------ failure

READING = {
    "check": ["check", "DATA"],
    "measures": ["measures", "DATA", "--out", "OUT/r.csv"],
    "students": ["students", "DATA", "--measure", "chronic_absence", "--school", "01"],
    "release": ["release", "DATA", "--out", "OUT/r.csv", "--audience", "public"],
    "report": ["report", "DATA", "--out", "OUT/reports"],
}


def _fill(arguments: list[str], data: Path, out: Path) -> list[str]:
    return [a.replace("DATA", str(data)).replace("OUT", str(out)) for a in arguments]


def _whole(out: Path) -> list[str]:
    """What is in a folder but for the lock that a batch leaves."""
    return [str(p.relative_to(out)) for p in out.rglob("*") if p.is_file() and p.name != ".lock"]


@pytest.mark.parametrize("command", READING)
def test_a_folder_that_is_not_there(command, said, tmp_path):
    status, out, err = said(*_fill(READING[command], tmp_path / "nowhere", tmp_path / "out"))
    assert (status, out) == (1, "")
    assert "There is no such folder" in err
    assert _whole(tmp_path) == []


@pytest.mark.parametrize("command", READING)
def test_a_file_instead_of_a_folder(command, said, tmp_path):
    file = tmp_path / "schools.csv"
    file.write_text(SCHOOLS, encoding="utf-8")
    status, out, err = said(*_fill(READING[command], file, tmp_path / "out"))
    assert (status, out) == (1, "")
    assert "This is a file, not a folder" in err
    assert _whole(tmp_path) == ["schools.csv"]


@pytest.mark.parametrize("command", READING)
def test_a_folder_with_nothing_in_it(command, said, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    status, _, err = said(*_fill(READING[command], folder, tmp_path / "out"))
    assert status == 1
    assert err.strip()
    assert _whole(tmp_path) == []


@pytest.mark.parametrize("command", READING)
def test_broken_settings(command, data, said, tmp_path):
    (data / "kit.toml").write_text("name = ", encoding="utf-8")
    status, _, err = said(*_fill(READING[command], data, tmp_path / "out"))
    assert status == 1
    assert "kit.toml" in err


FAULTY = {
    "schools": SCHOOLS.replace("school_name", "schol_name"),
    "enrollments": """
    student_id,school_id,school_year,grade,entry_date
    p1,01,soon,3,2025-08-20
    p2,02,20252026,7,20 August
    """,
}


@pytest.mark.parametrize("command", READING)
def test_every_fault_of_the_records_at_once_and_what_was_there_stays(command, write_folder, said, tmp_path):
    before = tmp_path / "out" / "r.csv"
    before.parent.mkdir()
    before.write_text("what was there", encoding="utf-8")
    status, out, err = said(*_fill(READING[command], write_folder(**FAULTY), tmp_path / "out"))
    assert status == 1
    told = out if command == "check" else err
    wanted = ["'school_name' is missing", "Did you mean 'schol_name'?"]
    if command in ("check", "measures", "release", "report"):
        wanted += ["'soon' is not a school year", "'20252026' is not a school year", "'20 August' is not a date"]
    assert [w for w in wanted if w not in told] == []
    assert _whole(tmp_path / "out") == ["r.csv"]
    assert before.read_text(encoding="utf-8") == "what was there"


RESULTS = """school_year,unit_type,unit_id,measure,student_group,grade,n,count,value
2026,school,01,chronic_absence,all,all,200,20,10
2026,galaxy,01,suspension,all,all,200,20,10
2026,school,02,charm,all,all,200,20,10
2026,school,03,chronic_absence,all,all,200,201,100.5
2026,school,04,chronic_absence,all,all,many,20,ten
2026,school,01,chronic_absence,all,all,200,20,10
"""


@pytest.mark.parametrize("command", ["check", "measures", "release", "report"])
def test_every_fault_of_published_results_at_once(command, write_folder, said, tmp_path):
    folder = write_folder(results=RESULTS)
    status, out, err = said(*_fill(READING[command], folder, tmp_path / "out"))
    assert status == 1
    told = out if command == "check" else err
    for row, column in (
        (3, "unit_type"),
        (4, "measure"),
        (5, "count"),
        (5, "value"),
        (6, "n"),
        (6, "value"),
        (7, "unit_id"),
    ):
        assert f"row {row}, column '{column}'" in told
    assert _whole(tmp_path / "out") == []


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"school_year,unit_type\n2026,school\n", b"PAR1 no parquet", b"a,b\n1,2,3,4\n5\n\"",
     b"school_year,unit_type,unit_id,measure,student_group,grade,n,count,value, value\n"
     b"2026,school,1,gpa,all,all,20,,3,3\n"],
    ids=["empty", "no text", "columns", "no parquet", "broken rows", "a column twice"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["results.csv", "results.parquet", "results.csv.gz"])
def test_results_that_cannot_be_read(content, name, said, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / name).write_bytes(content)
    status, _, err = said("measures", folder, "--out", tmp_path / "out" / "r.csv")
    assert status == 1
    assert name in err
    assert _whole(tmp_path) == [f"data/{name}"]


def test_unknown_measure_school_year_and_rules(data, said, tmp_path):
    status, out, err = said("students", data, "--measure", "cronic_absence", "--school", "01")
    assert (status, out) == (1, "")
    assert "chronic_absence" in err
    status, out, err = said("students", data, "--measure", "chronic_absence", "--school", "99")
    assert (status, out) == (1, "")
    assert "'99'" in err
    status, out, err = said("students", data, "--measure", "chronic_absence", "--school", "01", "--year", "1999")
    assert (status, out) == (1, "")
    assert "1999" in err
    status, out, err = said("students", data, "--measure", "suspension", "--school", "01")
    assert (status, out) == (1, "")
    assert "discipline" in err
    status, out, err = said("students", data, "--measure", "climate_safety_staff", "--school", "01")
    assert (status, out) == (1, "")
    assert "no row per student" in err
    status, out, err = said("measures", data, "--out", tmp_path / "r.csv", "--rules", "astrology")
    assert (status, out) == (1, "")
    assert "astrology" in err
    for arguments in (["--school", "99"], ["--year", "1999"], ["--template", "poem"], ["--minimum", "3"]):
        status, out, err = said("report", data, "--out", tmp_path / "reports", *arguments)
        assert (status, out) == (1, ""), arguments
        assert {"--minimum": "11"}.get(arguments[0], arguments[1]) in err
        assert list((tmp_path / "reports").glob("*.html")) == []
    status, out, err = said("release", data, "--out", tmp_path / "r.csv", "--audience", "public", "--minimum", "10")
    assert (status, out) == (1, "")
    assert "11" in err
    assert not (tmp_path / "r.csv").exists()


@pytest.mark.parametrize("command", ["students"])
def test_no_pupils_behind_published_results(command, write_folder, said):
    folder = write_folder(results=RESULTS.splitlines()[0] + "\n2026,school,01,chronic_absence,all,all,200,20,10")
    status, out, err = said("students", folder, "--measure", "chronic_absence", "--school", "01")
    assert (status, out) == (1, "")
    assert err.strip()


OUTS = {
    "measures": ["measures", "DATA", "--out"],
    "release": ["release", "DATA", "--audience", "internal", "--out"],
}


@pytest.mark.parametrize("command", OUTS)
@pytest.mark.parametrize("name", ["r.xlsx", "r", "r.csv.zip"])
def test_an_ending_that_is_not_known(command, name, data, said, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("what was there", encoding="utf-8")
    before = files(out)
    status, text, err = said(*_fill(OUTS[command], data, out), f"{out}/{name}")
    assert (status, text) == (1, "")
    assert err.strip()
    assert files(out) == before


@pytest.mark.parametrize("command", OUTS)
@pytest.mark.parametrize("name", ["r.csv", "r.parquet"])
def test_an_out_that_cannot_be_written(command, name, data, said, tmp_path):
    """A folder of that name, and a file where a folder should be."""
    (tmp_path / name).mkdir()
    (tmp_path / "file").write_text("what was there", encoding="utf-8")
    for out in (tmp_path / name, tmp_path / "file" / name):
        status, text, err = said(*_fill(OUTS[command], data, out), out)
        assert (status, text) == (1, "")
        assert "written" in err
    there = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if not p.is_relative_to(data)}
    assert there == {name, "file"}
    assert (tmp_path / "file").read_text(encoding="utf-8") == "what was there"


@pytest.mark.parametrize("command", OUTS)
@pytest.mark.parametrize("name", ["r.csv", "r.csv.gz", "r.parquet"])
def test_a_disk_that_is_full_leaves_what_was_there(command, name, data, said, tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.mkdir()
    (out / name).write_text("what was there", encoding="utf-8")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(out / name))

    monkeypatch.setattr(os, "replace", full)
    status, text, err = said(*_fill(OUTS[command], data, out), out / name)
    assert (status, text) == (1, "")
    assert os.strerror(errno.ENOSPC) in err
    assert files(out) == {name: b"what was there"}


def test_reports_where_a_file_is_in_the_way(data, said, tmp_path):
    (tmp_path / "reports").write_text("what was there", encoding="utf-8")
    status, out, err = said("report", data, "--out", tmp_path / "reports")
    assert (status, out) == (1, "")
    assert str(tmp_path / "reports") in err
    assert (tmp_path / "reports").read_text(encoding="utf-8") == "what was there"


def test_a_sample_does_not_write_over_other_files(said, tmp_path):
    (tmp_path / "mine.txt").write_text("what was there", encoding="utf-8")
    for out in (tmp_path, tmp_path / "mine.txt"):
        status, text, err = said("sample", out, "--schools", "6", "--years", "1")
        assert (status, text) == (1, "")
        assert err.strip()
    for number in (["--schools", "0"], ["--years", "0"], ["--seed", "-1"]):
        assert said("sample", tmp_path / "new", *number)[0] == 1
    assert files(tmp_path) == {"mine.txt": b"what was there"}


# ------------------------------------------------------------------------------------------------------ names

HOSTILE = [
    "<script>alert(1)</script>",
    "\"quoted\" and 'single'",
    "a, b; c\td",
    "🎓 学校 é",
    "=HYPERLINK(1)",
    "+1",
    "-1",
    "@sum",
    "{{7*7}} {% x %}",
    "two\nlines",
    "'=kept",
    "NA",
    "null",
    "0101",
    "1e5",
]


def _hostile_results() -> pd.DataFrame:
    rows = [
        (2026, "school", i, "chronic_absence", "all", "all", 200, 20 + n, 10 + n / 2) for n, i in enumerate(HOSTILE)
    ]
    rows += [(2026, "district", i, "chronic_absence", f"race_{i}", "all", 30, 3, 10.0) for i in HOSTILE[:6]]
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS)).astype(RESULT_COLUMNS)


@pytest.mark.parametrize("name", ["results.csv", "results.csv.gz", "results.parquet"])
def test_hostile_names_come_back_from_results_as_they_were(name, said, tmp_path):
    given = _hostile_results()
    folder = tmp_path / "data"
    write_results(given, folder / name)
    back = read_results(folder / name)
    key = list(RESULT_COLUMNS)[:6]
    assert set(back.unit_id) == set(HOSTILE)
    pd.testing.assert_frame_equal(back.sort_values(key, ignore_index=True), given.sort_values(key, ignore_index=True))
    # And once more through the command line.
    out = tmp_path / "again.csv"
    assert said("measures", folder, "--out", out)[0] == 0
    pd.testing.assert_frame_equal(read_results(out), back)


@pytest.mark.parametrize("command", ["measures", "release"])
def test_no_cell_of_a_csv_is_a_formula(command, said, tmp_path):
    folder = tmp_path / "data"
    write_results(_hostile_results(), folder / "results.csv")
    out = tmp_path / "out.csv"
    assert said(*_fill(OUTS[command], folder, tmp_path), out)[0] == 0
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    width = len(rows[0])
    assert all(len(row) == width for row in rows)
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
    ids = {row[2] for row in rows[1:]}
    assert {
        "'=HYPERLINK(1)",
        "'+1",
        "'-1",
        "'@sum",
        "<script>alert(1)</script>",
        "two\nlines",
        "{{7*7}} {% x %}",
    } <= ids


def test_a_released_table_brings_names_back(tmp_path):
    released = release(_hostile_results(), audience="internal", minimum=20)
    back = Released.read(released.write(tmp_path / "r.parquet")).table
    assert set(back.unit_id) == set(HOSTILE)


def test_hostile_names_in_records_are_text(said, tmp_path):
    """Ids and names through records, the results and the list of pupils; a line break is a space in a list."""
    folder = tmp_path / "data"
    folder.mkdir()
    pd.DataFrame({"school_id": HOSTILE, "school_name": HOSTILE, "district_id": "d", "district_name": HOSTILE,
                  "level": "middle"}).to_csv(folder / "schools.csv", index=False)  # fmt: skip
    pupils = [f"p {i}" for i in HOSTILE]
    pd.DataFrame({"student_id": pupils, "school_id": HOSTILE, "school_year": 2026, "grade": "7",
                  "entry_date": "2025-08-20"}).to_csv(folder / "enrollments.csv", index=False)  # fmt: skip
    pd.DataFrame({"student_id": pupils, "school_id": HOSTILE, "school_year": 2026, "days_enrolled": 180,
                  "days_absent": 18}).to_csv(folder / "attendance_totals.csv", index=False)  # fmt: skip
    out = tmp_path / "r.csv"
    assert said("measures", folder, "--out", out)[0] == 0
    table = read_results(out)
    found = table.query("unit_type == 'school' and measure == 'chronic_absence' and grade == 'all'")
    assert set(found.unit_id) == set(HOSTILE)
    assert (found.value == 100).all()
    for school in ("=HYPERLINK(1)", "<script>alert(1)</script>", "{{7*7}} {% x %}"):
        status, text, _ = said("students", folder, "--measure", "chronic_absence", "--school", school)
        assert status == 0
        assert f"p {school}" in text
        assert "1 of 1 pupil counted." in text
    assert said("check", folder)[0] == 0
