"""Every fault of a folder at once, each with file, row, column and the mend."""

from __future__ import annotations

import gzip
import json

import openpyxl
import pytest

from kit.cli import main
from kit.workspace import open_workspace

SCHOOLS = """
school_id,school_name,district_id,district_name,level
01,Oak,D1,North,elementary
02,Elm,D1,North,middle
"""
STUDENTS = """
student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged
p1,2026,White,F,N,N,Y
p2,2026,Black,M,0,1,true
"""
ENROLLMENTS = """
student_id,school_id,school_year,grade,entry_date,exit_date
p1,01,2026,3,2025-08-20,
p2,02,2026,7,2025-08-20,2026-01-15
"""
SOUND = {"schools": SCHOOLS, "students": STUDENTS, "enrollments": ENROLLMENTS}


def faults(folder) -> list[tuple]:
    report = open_workspace(folder).check()
    return [(f.severity, f.rule, f.file, f.row, f.column) for f in report.faults]


def test_a_sound_folder_has_no_fault(write_folder):
    report = open_workspace(write_folder(**SOUND)).check()
    assert report.faults == ()
    assert report.tables == {"schools": 2, "students": 2, "enrollments": 2}


def test_missing_tables_are_named_with_the_measures_they_switch_off(write_folder):
    off = open_workspace(write_folder(**SOUND)).check().switched_off
    assert off["suspension"] == ["discipline"]
    assert off["chronic_absence"] == ["attendance or attendance_totals"]
    assert off["hs_readiness"] == ["marks", "discipline", "attendance or attendance_totals"]
    assert off["climate_safety_family"] == ["survey"]
    assert off["graduation_5"] == ["cohorts"]


CASES = {
    "missing column, with a suggestion": (
        {"students": STUDENTS.replace("disadvantaged", "disadvantage")},
        [
            ("error", "missing-column", "students.csv", 1, "disadvantaged"),
            ("note", "extra-columns", "students.csv", None, None),
        ],
    ),
    "wrong type": (
        {"students": STUDENTS.replace("p2,2026", "p2,2025-26").replace("White,F,N", "White,F,perhaps")},
        [
            ("error", "wrong-type", "students.csv", 2, "english_learner"),
            ("error", "wrong-type", "students.csv", 3, "school_year"),
            ("warning", "pupil-without-groups", "enrollments.csv", 3, "student_id"),
        ],
    ),
    "a date that is not ISO": (
        {"enrollments": ENROLLMENTS.replace("2026-01-15", "15/01/2026")},
        [("error", "wrong-type", "enrollments.csv", 3, "exit_date")],
    ),
    "unknown code": (
        {"schools": SCHOOLS.replace("middle", "midle"), "enrollments": ENROLLMENTS.replace("2026,7", "2026,13")},
        [
            ("error", "unknown-code", "enrollments.csv", 3, "grade"),
            ("error", "unknown-code", "schools.csv", 3, "level"),
        ],
    ),
    "duplicate key": (
        {"students": STUDENTS + "p1,2026,White,F,N,N,Y\n"},
        [("error", "duplicate-key", "students.csv", 4, None)],
    ),
    "overlapping spells at one school": (
        {"enrollments": ENROLLMENTS + "p2,02,2026,7,2026-01-15,\n"},
        [("error", "overlapping-spells", "enrollments.csv", 4, "entry_date")],
    ),
    "overlapping spells at two schools": (
        {"enrollments": ENROLLMENTS + "p2,01,2026,7,2026-01-14,\n"},
        [("error", "overlapping-spells", "enrollments.csv", 4, "entry_date")],
    ),
    "the day of a transfer at both schools": (
        {"enrollments": ENROLLMENTS + "p2,01,2026,7,2026-01-15,\n"},
        [("note", "shared-day", "enrollments.csv", 4, "entry_date")],
    ),
    "a pupil in no school": (
        {"students": STUDENTS + "p3,2026,White,F,N,N,Y\n"},
        [("error", "pupil-in-no-school", "students.csv", 4, "student_id")],
    ),
    "a pupil without groups": (
        {"enrollments": ENROLLMENTS + "p9,01,2026,3,2025-08-20,\n"},
        [("warning", "pupil-without-groups", "enrollments.csv", 4, "student_id")],
    ),
    "a school that is not in schools": (
        {"enrollments": ENROLLMENTS.replace("p2,02", "p2,99")},
        [("error", "unknown-school", "enrollments.csv", 3, "school_id")],
    ),
    "a date outside the year": (
        {"enrollments": ENROLLMENTS.replace("2025-08-20,2026-01-15", "2025-06-30,2026-07-01")},
        [
            ("error", "date-outside-year", "enrollments.csv", 3, "entry_date"),
            ("error", "date-outside-year", "enrollments.csv", 3, "exit_date"),
        ],
    ),
    "exit before entry": (
        {"enrollments": ENROLLMENTS.replace("2026-01-15", "2025-08-19")},
        [("error", "exit-before-entry", "enrollments.csv", 3, "exit_date")],
    ),
    "impossible percentages": (
        {
            "attendance_totals": """
            student_id,school_id,school_year,days_enrolled,days_absent
            p1,01,2026,100,101
            """,
            "attendance": """
            student_id,school_id,date,status,absent_portion
            p1,01,2025-09-01,absent,1.01
            """,
        },
        [
            ("error", "out-of-range", "attendance.csv", 2, "absent_portion"),
            ("error", "more-than-all", "attendance_totals.csv", 2, "days_absent"),
        ],
    ),
    "records without a spell": (
        {
            "discipline": """
            student_id,school_id,school_year,action_date,action
            p1,02,2026,2025-10-01,suspension_out
            """
        },
        [("warning", "no-spell", "discipline.csv", 2, "student_id")],
    ),
    "a construct that no measure uses": (
        {
            "survey": """
            school_id,school_year,respondent,construct,item,response
            01,2026,student,grit,1,4
            01,2026,student,safety,1,4
            """
        },
        [("warning", "unknown-code", "survey.csv", 2, "construct")],
    ),
    "an empty required cell": (
        {"students": STUDENTS.replace("p2,2026", ",2026")},
        [
            ("error", "blank", "students.csv", 3, "student_id"),
            ("warning", "pupil-without-groups", "enrollments.csv", 3, "student_id"),
        ],
    ),
    "a row with too many values": (
        {"schools": SCHOOLS.replace("elementary", "elementary,North")},
        [("error", "broken-row", "schools.csv", 2, None)],
    ),
    "extra columns, listed once": (
        {"schools": SCHOOLS.replace("level\n", "level,colour,size\n").replace("middle", "middle,red,big")},
        [("note", "extra-columns", "schools.csv", None, None)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_named_where_it_is(name, write_folder):
    tables, expected = CASES[name]
    assert faults(write_folder(**{**SOUND, **tables})) == expected


def test_all_faults_come_together_and_end_with_status_1(write_folder, capsys):
    tables: dict[str, str] = {}
    for name in ("wrong type", "unknown code", "impossible percentages", "records without a spell"):
        tables |= CASES[name][0]
    folder = write_folder(**{**SOUND, **tables})
    assert main(["check", str(folder), "--json"]) == 1
    page = json.loads(capsys.readouterr().out)
    assert {f["rule"] for f in page["faults"]} >= {
        "wrong-type",
        "unknown-code",
        "out-of-range",
        "more-than-all",
        "no-spell",
    }
    assert page["errors"] == 6
    assert page["warnings"] == 2  # the action without a spell, and p2 without a year
    assert main(["check", str(folder)]) == 1
    text = capsys.readouterr().out
    assert "row 3, column 'school_year': '2025-26' is not a school year" in text
    assert "Did you mean 'middle'?" in text


def test_warnings_alone_end_with_status_0(write_folder, capsys):
    tables = CASES["records without a spell"][0]
    assert main(["check", str(write_folder(**{**SOUND, **tables}))]) == 0
    assert "1 warning" in capsys.readouterr().out


def test_a_misspelt_column_is_suggested(write_folder, capsys):
    folder = write_folder(**{**SOUND, "schools": SCHOOLS.replace("school_id", "schol_id")})
    assert main(["check", str(folder)]) == 1
    assert "Did you mean 'schol_id'? Rename it to 'school_id'" in capsys.readouterr().out


def test_many_faults_are_counted_not_all_listed(write_folder):
    rows = "".join(f"q{i},2026,White,F,N,N,Y\n" for i in range(50))
    report = open_workspace(write_folder(**{**SOUND, "students": STUDENTS + rows})).check()
    lost = [f for f in report.faults if f.rule == "pupil-in-no-school"]
    assert len(lost) == 21
    assert sum(f.count for f in lost) == 50


def test_rows_are_numbered_as_in_a_spreadsheet_also_after_a_broken_row(write_folder):
    broken = 'a,b,c,d,elementary,"x",y,z'
    folder = write_folder(
        **{**SOUND, "schools": SCHOOLS.replace("02,Elm", f"{broken}\n02,Elm").replace("middle", "midle")}
    )
    assert ("error", "unknown-code", "schools.csv", 4, "level") in faults(folder)
    assert ("error", "broken-row", "schools.csv", 3, None) in faults(folder)


def test_one_workbook_gzip_and_csv_mixed_read_alike(write_folder, tmp_path):
    folder = write_folder(**SOUND)
    expected = open_workspace(folder).records.table("enrollments").drop("_row").to_pandas()

    mixed = tmp_path / "mixed"
    mixed.mkdir()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "schools"
    for line in SCHOOLS.strip().splitlines():
        sheet.append(line.split(","))
    book.save(mixed / "records.xlsx")
    with gzip.open(mixed / "students.csv.gz", "wt", encoding="utf-8") as file:
        file.write(STUDENTS.strip())
    open_workspace(folder).records.table("enrollments").drop("_row").to_pandas().to_parquet(
        mixed / "enrollments.parquet"
    )
    workspace = open_workspace(mixed)
    assert workspace.check().faults == ()
    assert list(workspace.schools().school_id) == ["01", "02"]
    assert workspace.records.table("enrollments").drop("_row").to_pandas().equals(expected)


def test_faults_in_a_sheet_name_the_sheet_and_its_row(tmp_path):
    book = openpyxl.Workbook()
    for name, text in SOUND.items():
        sheet = book.create_sheet(name)
        for line in text.strip().replace("middle", "midle").splitlines():
            sheet.append(line.split(","))
    book.remove(book["Sheet"])
    book.save(tmp_path / "records.xlsx")
    assert faults(tmp_path) == [("error", "unknown-code", "records.xlsx [schools]", 3, "level")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("schools.parquet", b"not parquet", "cannot be read"),
        ("schools.csv", b"school_id,school_name\n01,Caf\xe9\n", "not UTF-8"),
        ("schools.csv", b"", "empty"),
        ("records.xlsx", b"PK not a workbook", "cannot be opened"),
        ("schools.csv.gz", b"not gzip", "cannot be read"),
    ],
)
def test_unreadable_files_are_a_clear_error(tmp_path, capsys, name, content, words):
    (tmp_path / name).write_bytes(content)
    assert main(["check", str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert words in output.out + output.err
    assert "Traceback" not in output.out + output.err


def test_a_table_given_twice_is_an_error(write_folder):
    folder = write_folder(**SOUND)
    (folder / "schools.csv.gz").write_bytes(gzip.compress(SCHOOLS.encode()))
    assert "two-files" in {rule for _, rule, *_ in faults(folder)}


def test_texts_from_the_data_stay_text(write_folder, capsys):
    name = '"<script>alert(1)</script> ""q"" =1+1 {{x}} 😀"'
    folder = write_folder(**{**SOUND, "schools": SCHOOLS.replace("Oak", name)})
    assert main(["check", str(folder)]) == 0
    assert open_workspace(folder).schools().school_name[0] == '<script>alert(1)</script> "q" =1+1 {{x}} 😀'
    capsys.readouterr()
