"""A workspace: records or published results, its settings, its fingerprint, and what it lacks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kit.errors import InputError, KitError
from kit.workspace import open_workspace

RESULTS = """
school_year,unit_type,unit_id,measure,student_group,grade,n,count,value
2026,school,02,chronic_absence,all,all,100,25,25
2026,school,01,chronic_absence,all,all,200,20,10
2026,network,network,chronic_absence,all,all,300,45,15
"""
SCHOOLS = """
school_id,school_name,district_id,district_name,level
01,Oak,D1,North,elementary
02,Elm,,,middle
"""
STUDENTS = """
student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged
p1,2026,White,F,N,N,Y
"""
ENROLLMENTS = """
student_id,school_id,school_year,grade,entry_date
p1,01,2026,3,2025-08-20
"""
TOTALS = """
student_id,school_id,school_year,days_enrolled,days_absent
p1,01,2026,180,18
"""
RECORDS = {"schools": SCHOOLS, "students": STUDENTS, "enrollments": ENROLLMENTS, "attendance_totals": TOTALS}


def test_published_results_without_schools(write_folder):
    workspace = open_workspace(write_folder(results=RESULTS))
    assert not workspace.has_records
    schools = workspace.schools()
    assert schools.school_id.tolist() == ["01", "02"]
    assert schools.school_name.tolist() == ["01", "02"]
    assert schools.level.tolist() == ["other", "other"]
    assert workspace.results().set_index("unit_id").value.to_dict() == {"01": 10.0, "02": 25.0, "network": 15.0}
    assert workspace.missing() == []
    report = workspace.check()
    assert report.faults == ()
    assert report.tables == {"results": 3}
    assert "chronic_absence" not in report.switched_off


def test_published_results_with_schools(write_folder):
    workspace = open_workspace(write_folder(results=RESULTS, schools=SCHOOLS))
    assert not workspace.has_records
    schools = workspace.schools().set_index("school_id")
    assert schools.school_name.to_dict() == {"01": "Oak", "02": "Elm"}
    assert schools.level.to_dict() == {"01": "elementary", "02": "middle"}
    assert schools.district_id.to_dict() == {"01": "D1", "02": ""}
    assert len(workspace.results()) == 3


def test_published_results_go_through_the_same_gate(write_folder):
    small = "2026,school,03,chronic_absence,all,all,10,1,10"
    table = open_workspace(write_folder(results=RESULTS + small)).released(minimum=20).table.set_index("unit_id")
    assert table.status["03"] == "suppressed"
    assert table.loc["03", ["n", "count", "value"]].isna().all()
    with pytest.raises(KitError, match="11"):
        open_workspace(write_folder(results=RESULTS)).released(minimum=10)


def test_records_win_over_a_results_file(write_folder):
    """One pupil, 18 of 180 days: the rate is 100 %, whatever a results file beside the records says."""
    workspace = open_workspace(write_folder(results=RESULTS, **RECORDS))
    assert workspace.has_records
    rows = workspace.results().query("measure == 'chronic_absence' and student_group == 'all' and grade == 'all'")
    assert rows.set_index("unit_id").value.to_dict() == {"01": 100.0, "D1": 100.0, "network": 100.0}


def test_results_are_computed_once(write_folder):
    workspace = open_workspace(write_folder(**RECORDS))
    assert workspace.results() is workspace.results()


def test_faulty_results_are_told_all_together(write_folder):
    wrong = """
    2026,school,01,chronic_absence,all,all,200,20,10
    2026,planet,04,chronic_absence,all,all,200,20,10
    2026,school,05,charm,all,all,200,20,10
    2026,school,06,chronic_absence,all,all,200,201,100.5
    2026,school,07,chronic_absence,all,all,many,20,10
    ,school,08,chronic_absence,all,all,200,20,10
    """
    workspace = open_workspace(write_folder(results=RESULTS + wrong))
    with pytest.raises(InputError) as caught:
        workspace.results()
    found = {(f.row, f.column) for f in caught.value.faults}
    # Rows are those of the file: the header, three sound rows, an empty line, six wrong rows.
    assert found == {
        (6, "unit_id"),  # repeats row 3
        (7, "unit_type"),
        (8, "measure"),
        (9, "count"),
        (9, "value"),
        (10, "n"),
        (11, "school_year"),
    }
    assert {(f.row, f.column) for f in workspace.check().errors} == found


def test_a_folder_with_nothing_says_what_to_put_in(tmp_path):
    with pytest.raises(KitError, match="neither records nor results"):
        open_workspace(tmp_path).results()


def test_missing_names_tables_and_the_measures_they_switch_off(write_folder):
    lacks = dict(open_workspace(write_folder(**RECORDS)).missing())
    assert "suspension" in lacks["discipline"]
    assert "gpa" in lacks["marks"]
    assert "climate_safety_staff" in lacks["survey"]
    assert {"graduation_4", "graduation_5", "graduation_6"} <= set(lacks["cohorts"])
    assert "el_redesignation" in lacks["students.el_since"]
    assert not any("chronic_absence" in ids or "attendance_rate" in ids for ids in lacks.values())


def test_a_name_from_the_settings_and_else_from_the_folder(write_folder):
    folder = write_folder(results=RESULTS)
    assert open_workspace(folder).name == "data"
    assert open_workspace(folder).settings == {}
    (folder / "kit.toml").write_text('name = "Our «network» 🎓"\n[report]\nminimum = 30\n', encoding="utf-8")
    workspace = open_workspace(folder)
    assert workspace.name == "Our «network» 🎓"
    assert workspace.settings["report"] == {"minimum": 30}
    assert workspace.check().faults == ()


@pytest.mark.parametrize("text", [b"name = ", b"name 1", b"\xff\xfe", b'name = "a\nb"'])
def test_broken_settings_are_a_clear_error(write_folder, text):
    folder = write_folder(results=RESULTS)
    (folder / "kit.toml").write_bytes(text)
    with pytest.raises(KitError, match=r"kit\.toml: The settings cannot be read"):
        open_workspace(folder)


@pytest.mark.parametrize("memory", ["4", "lots", "-1GB", "0GB", 4])
def test_memory_that_is_no_amount_is_refused(write_folder, memory):
    written = f'"{memory}"' if isinstance(memory, str) else memory
    folder = write_folder(results=RESULTS)
    (folder / "kit.toml").write_text(f"[records]\nmemory = {written}\n")
    with pytest.raises(KitError, match=r'kit\.toml, \[records\] memory.*memory = "4GB"'):
        open_workspace(folder)


def test_records_that_need_more_memory_than_allowed_say_how_to_allow_more(tmp_path):
    sample = Path(__file__).parents[1] / "data_samples" / "network"
    for table in ("schools", "students", "enrollments", "survey"):
        (tmp_path / f"{table}.parquet").symlink_to(sample / f"{table}.parquet")
    (tmp_path / "kit.toml").write_text('[records]\nmemory = "20MB"\n')
    with pytest.raises(KitError, match=r'more than 20MB of memory.*\[records\] memory = "4GB"'):
        open_workspace(tmp_path).results()
    (tmp_path / "kit.toml").write_text('[records]\nmemory = "1 GB"\n')
    assert set(open_workspace(tmp_path).results()["unit_type"]) == {"school", "district", "network"}


def test_the_fingerprint_is_of_the_data(write_folder):
    folder = write_folder(**RECORDS)
    before = open_workspace(folder).fingerprint()
    assert open_workspace(folder).fingerprint() == before
    for name in ("notes.txt", "picture.png", ".hidden.csv"):
        (folder / name).write_bytes(b"1")
    assert open_workspace(folder).fingerprint() == before
    table = folder / "attendance_totals.csv"
    data = table.read_bytes()
    table.write_bytes(data.replace(b"18\n", b"17\n"))  # one byte, the same length
    changed = open_workspace(folder).fingerprint()
    assert changed != before
    table.write_bytes(data)
    assert open_workspace(folder).fingerprint() == before
    (folder / "kit.toml").write_text('name = "x"', encoding="utf-8")
    assert open_workspace(folder).fingerprint() != before


def test_a_new_table_changes_the_fingerprint(write_folder):
    before = open_workspace(write_folder(**RECORDS)).fingerprint()
    added = write_folder(calendar="school_id,date,instructional\n01,2025-09-01,1")
    assert open_workspace(added).fingerprint() != before


def test_a_folder_that_is_not_there_and_a_file_are_told(tmp_path):
    with pytest.raises(KitError, match="There is no such folder"):
        open_workspace(tmp_path / "nowhere")
    file = tmp_path / "results.csv"
    file.write_text(RESULTS, encoding="utf-8")
    with pytest.raises(KitError, match="This is a file, not a folder"):
        open_workspace(file)


def test_results_from_parquet_are_those_from_csv(write_folder, tmp_path):
    csv = open_workspace(write_folder(results=RESULTS)).results()
    other = tmp_path / "other"
    other.mkdir()
    csv.to_parquet(other / "results.parquet", index=False)
    pd.testing.assert_frame_equal(open_workspace(other).results(), csv)
