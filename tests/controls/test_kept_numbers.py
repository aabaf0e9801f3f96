"""What was computed of a data folder is kept: found while all is the same, made anew when anything is not."""

import json
import os
import shutil
import time

import pandas as pd
import pytest

from kit.controls import kept_numbers, opened
from kit.controls.contents import contents
from kit.controls.opened import open_folder
from kit.inquiry.store import open_store
from kit.reports import prepare_once
from kit.workspace import Workspace, open_workspace

# The third and fourth school are too small to be shown, and together large enough that neither can be worked out.
PUPILS = {"0101": 30, "0102": 60, "0103": 9, "0104": 12, "0105": 40}


def write_records(folder, absent=10):
    """Write the schools and two years; ``absent`` pupils of the first school miss 20 of 180 days in 2026, else half."""

    def days(school_id, year, i):
        return 20 if (i < absent if (school_id, year) == ("0101", 2026) else i % 2) else 3

    folder.mkdir(exist_ok=True)
    rows = [(s, f"{s}-{i}", y, i) for s, n in PUPILS.items() for i in range(n) for y in (2025, 2026)]
    tables = {
        "schools": ["school_id,school_name,district_id,district_name,level"]
        + [f"{s},School {s},01,One,elementary" for s in PUPILS],
        "students": ["student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged"]
        + [f"{p},{y},White,Female,N,N,N" for _, p, y, _ in rows],
        "enrollments": ["student_id,school_id,school_year,grade,entry_date,exit_date"]
        + [f"{p},{s},{y},3,{y - 1}-08-20," for s, p, y, _ in rows],
        "attendance_totals": ["student_id,school_id,school_year,days_enrolled,days_absent"]
        + [f"{p},{s},{y},180,{days(s, y, i)}" for s, p, y, i in rows],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module", autouse=True)
def code():
    """The kit's code, which somebody may be writing while the tests run, stays the same for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept_numbers, "_CODE", "code")
        for module in (kept_numbers, prepare_once):
            patch.setattr(module, "kit_fingerprint", lambda: "code")
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder that was opened once, on two school years, and what was seen then."""
    folder = write_records(tmp_path_factory.mktemp("kept") / "district")
    first = open_folder(str(folder))
    return folder, first, first.prepared(2025)


@pytest.fixture
def folder(made, tmp_path):
    """A copy of it, as another process finds it."""
    opened._opened.clear()
    return shutil.copytree(made[0], tmp_path / "district")


@pytest.fixture
def untouched(monkeypatch):
    """Nobody may read a record, compute a measure or run the gate."""

    def refuse(*_, **__):
        raise AssertionError("it was computed again")

    monkeypatch.setattr(Workspace, "records", property(refuse))
    for name in ("check", "results", "released", "schools"):
        monkeypatch.setattr(Workspace, name, refuse)
    monkeypatch.setattr(opened, "prepare", refuse)


def value(found, school_id="0101", year=2026):
    """The chronic absence of all pupils of a school; None where it is withheld."""
    t = found.prepared(year).released.table
    row = t[t.unit_id.eq(school_id) & t.measure.eq("chronic_absence") & t.school_year.eq(year)]
    row = row[row.student_group.eq("all") & row.grade.eq("all")].iloc[0]
    return None if pd.isna(row["value"]) else float(row["value"])


def kept_in(folder):
    """What another process finds in a folder."""
    return kept_numbers.KeptNumbers(open_workspace(folder), 20)


def folders(place):
    """The kept school years, each with the key under which it lies."""
    return sorted(p.relative_to(place).as_posix() for p in place.glob("*/*"))


def test_the_second_notebook_computes_nothing_and_sees_the_same(made, folder, untouched):
    _, first, first_2025 = made
    said = []
    again = open_folder(str(folder), said.append)
    assert not any("step" in s for s in said)
    assert value(again) == pytest.approx(100 * 10 / 30)
    assert value(again, "0103") is None
    for one, other in ((first.latest, again.latest), (first_2025, again.prepared(2025))):
        for name in ("released", "glance", "gaps", "levels", "growth", "near", "improving"):
            pd.testing.assert_frame_equal(getattr(one, name).table, getattr(other, name).table)
        assert one.schools.equals(other.schools)
        assert one.notes == other.notes
        assert one.released.shares == other.released.shares
        assert one.released.assumptions == other.released.assumptions
    assert contents(again) == contents(first)
    assert "of the numbers of schools" in contents(again), "shares are kept"
    assert again.years() == [2026, 2025]
    assert again.missing() == first.missing()
    assert again.fingerprint() == first.fingerprint()


def test_another_school_year_of_kept_numbers_is_made_from_them(made, folder, monkeypatch):
    shutil.rmtree(next((folder / ".kit").glob("*/2025")))
    for name in ("check", "results", "released"):
        monkeypatch.setattr(Workspace, name, lambda *_, **__: pytest.fail("it was computed again"))
    again = open_folder(str(folder))
    pd.testing.assert_frame_equal(again.prepared(2025).released.table, made[2].released.table)
    assert value(again, year=2025) == 50
    assert [f.split("/")[1] for f in folders(folder / ".kit")] == ["2025", "latest"], "and kept"


def test_a_changed_record_is_computed_anew_and_the_old_numbers_are_removed(folder):
    before = folders(folder / ".kit")
    write_records(folder, absent=18)
    said = []
    assert value(open_folder(str(folder), said.append)) == 60
    assert any("step 2 of 3" in s for s in said)
    after = folders(folder / ".kit")
    assert len(after) == 1
    assert not set(after) & set(before)


@pytest.mark.parametrize("text", ['name = "Another"\n', "[levels]\nbaseline_year = 2025\n"])
def test_what_was_computed_by_other_settings_is_not_read(folder, text):
    (folder / "kit.toml").write_text(text, encoding="utf-8")
    assert kept_in(folder).find() is None
    assert not folders(folder / ".kit"), "and is removed"


def test_another_smallest_group_and_other_code_are_not_read(folder, monkeypatch):
    assert kept_in(folder).find() is not None
    assert kept_numbers.KeptNumbers(open_workspace(folder), 11).find() is None
    monkeypatch.setattr(prepare_once, "kit_fingerprint", lambda: "another")
    assert kept_in(folder).find() is None


def test_a_kernel_that_is_older_than_the_kit_neither_reads_nor_keeps(made, folder, monkeypatch):
    before = folders(folder / ".kit")
    monkeypatch.setattr(kept_numbers, "_CODE", "the kit before it was upgraded")
    assert kept_in(folder).find() is None
    assert folders(folder / ".kit") == before
    shutil.rmtree(folder / ".kit")
    kept_in(folder).keep(made[1].latest, made[1].check)
    assert not (folder / ".kit").exists()


def _cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def _one_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["released.parquet", "glance.parquet", "prepared.json", "details.json", "seal"])
@pytest.mark.parametrize("harm", [_cut, _one_byte, lambda p: p.unlink(), lambda p: p.write_bytes(b"")])
def test_a_broken_one_is_never_read(made, folder, name, harm):
    harm(next((folder / ".kit").glob(f"*/latest/{name}")))
    found = kept_in(folder)
    assert found.find() is None
    assert [f.split("/")[1] for f in folders(folder / ".kit")] == ["2025"], "and is removed"
    assert found.find(2025) is not None


def test_a_broken_one_is_made_anew(made, folder):
    _one_byte(next((folder / ".kit").glob("*/latest/released.parquet")))
    again = open_folder(str(folder))
    pd.testing.assert_frame_equal(again.latest.released.table, made[1].latest.released.table)
    opened._opened.clear()
    said = []
    open_folder(str(folder), said.append)
    assert not any("step" in s for s in said), "and kept"


def test_a_folder_that_may_only_be_read_is_left_as_it_is(tmp_path, monkeypatch):
    """Its numbers are kept in the user's home, without what quotes pupils: that stays beside their records."""
    folder = write_records(tmp_path / "district")
    with open(folder / "attendance_totals.csv", "a", encoding="utf-8") as file:
        file.write("PUPIL-7741,0101,2026,180,3\n")  # a pupil who is in no other table
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    asked = os.access
    monkeypatch.setattr(os, "access", lambda p, mode: str(p) != str(folder) and asked(p, mode))
    opened._opened.clear()
    before = sorted(p.name for p in folder.iterdir())
    assert "PUPIL-7741" in str(open_folder(str(folder)).check.faults)
    opened._opened.clear()
    said = []
    again = open_folder(str(folder), said.append)
    assert not any("step" in s for s in said)
    assert value(again) == pytest.approx(100 * 10 / 30)
    assert sorted(p.name for p in folder.iterdir()) == before
    latest = next((tmp_path / "home").rglob("latest"))
    assert latest.parent.stat().st_mode & 0o077 == 0, "the user's alone"
    kept = [p.read_bytes() for p in latest.iterdir()]
    assert len(kept) > 8
    assert not any(b"PUPIL-7741" in content for content in kept)
    assert "PUPIL-7741" in contents(again), "the check is done again where it is asked for"


def test_where_nothing_can_be_kept_nothing_fails(made, folder):
    shutil.rmtree(folder / ".kit")
    (folder / ".kit").write_text("a file stands where the folder would")
    kept = kept_in(folder)
    kept.keep(made[1].latest, made[1].check)
    assert kept.find() is None
    assert (folder / ".kit").is_file()


def test_kept_files_hold_no_number_that_is_withheld(folder):
    latest = next((folder / ".kit").glob("*/latest"))
    tables = {p.stem: pd.read_parquet(p) for p in latest.glob("*.parquet")}
    small = tables["released"].query("unit_id == '0103'")
    assert len(small)
    assert small[["n", "count", "value"]].isna().all(axis=None)
    for name, table in tables.items():
        if {"n", "unit_id"} <= set(table.columns):
            assert not (table["n"] < 20).any(), name
    assert not any(b"0103-" in p.read_bytes() for p in latest.iterdir()), "no pupil's id"


def test_saves_and_snapshots_beside_the_data_do_not_open_it_again(folder):
    first = open_folder(str(folder))
    with open_store(open_workspace(folder), author="Ana") as store:
        store.new_project(title="Mornings")
    (folder / "snapshots").mkdir()
    (folder / "session-record.html").write_text("<p>Decided</p>")
    assert (folder / "inquiry.sqlite").is_file()
    assert open_folder(str(folder)) is first


def test_a_file_that_is_no_table_is_told_the_next_time(folder):
    (folder / "attendence.csv").write_text("student_id\n")
    assert kept_in(folder).find() is None, "the check must be done again"


def test_the_check_and_the_fingerprint_do_not_see_it(made, folder):
    workspace = open_workspace(folder)
    bare = open_workspace(shutil.copytree(folder, folder.parent / "bare", ignore=shutil.ignore_patterns(".kit")))
    assert workspace.file_faults == bare.file_faults == ()
    assert workspace.files
    assert {p.name for p in workspace.files} == {p.name for p in bare.files}
    assert workspace.fingerprint() == bare.fingerprint()


def test_two_at_once_leave_one_whole(made, folder):
    one, other = (kept_in(folder) for _ in range(2))
    shutil.rmtree(folder / ".kit")
    assert one.find() is None
    assert other.find() is None
    for each in (one, other):
        each.keep(made[1].latest, made[1].check)
    assert len(folders(folder / ".kit")) == 1
    assert one.find() is not None
    assert not list((folder / ".kit").glob("unfinished-*"))


def test_what_a_killed_process_left_is_not_read_and_goes_after_a_day(folder):
    old, new = folder / ".kit" / "unfinished-old", folder / ".kit" / "unfinished-new"
    for left in (old, new):
        left.mkdir()
        (left / "released.parquet").write_bytes(b"half")
    os.utime(old, (time.time() - 2 * 86400,) * 2)
    open_folder(str(folder))
    assert not old.exists()
    assert new.exists(), "another notebook may be writing it"


def test_a_file_that_was_changed_while_it_was_read_is_not_kept(made, folder):
    shutil.rmtree(folder / ".kit")
    kept = kept_in(folder)
    assert kept.find() is None
    write_records(folder, absent=18)
    kept.keep(made[1].latest, made[1].check)
    assert not (folder / ".kit").exists()


def test_nothing_is_kept_of_a_folder_with_faults_or_of_a_database(tmp_path, folder):
    write_records(tmp_path / "wrong")
    (tmp_path / "wrong" / "enrollments.csv").write_text("student_id,school_id\n1,0101\n")
    assert open_folder(str(tmp_path / "wrong")).latest is None
    assert not (tmp_path / "wrong" / ".kit").exists()
    (folder / "kit.toml").write_text(f'[records]\nconnection = "duckdb://{tmp_path}/x.duckdb"\n')
    assert kept_in(folder).find() is None


def test_the_details_are_plain(folder):
    details = json.loads(next((folder / ".kit").glob("*/latest/details.json")).read_text("utf-8"))
    assert sorted(details) == ["assumptions", "check", "shares"]
