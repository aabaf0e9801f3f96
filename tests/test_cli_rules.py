"""``kit compare-rules``, ``kit levels`` and restricted lists, as a user runs them."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from kit.cli import main

LEVEL_COLUMNS = ["level", "band", "to_next_1", "to_next_2", "to_next_3"]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """Write twelve elementary schools of 60 pupils, the last with a group of five; absences rise by school."""
    folder = tmp_path_factory.mktemp("rules") / "data"
    folder.mkdir()
    schools, spells, totals, people = [], [], [], []
    for s in range(12):
        school = f"{s + 1:02}"
        schools.append((school, f"School {school}", f"D{s // 6}", f"District {s // 6}", "elementary"))
        for i in range(60):
            pupil = f"{school}{i:03}"
            race = "Asian" if i < (5 if s == 11 else 25) else "White"
            for year in (2025, 2026):
                spells.append((pupil, school, year, "4", f"{year - 1}-08-15"))
                people.append((pupil, year, race, "F", "N", "N", "N"))
                # Of 60 pupils 2·s + 1 are at exactly 90 %, in the second year one fewer; two at 90.5 %.
                absent = 18 if i < 2 * s + 1 - (year == 2026) else 17.1 if i >= 58 else 2
                totals.append((pupil, school, year, 180, absent))
    for name, rows, columns in (
        ("schools", schools, "school_id school_name district_id district_name level"),
        ("enrollments", spells, "student_id school_id school_year grade entry_date"),
        ("attendance_totals", totals, "student_id school_id school_year days_enrolled days_absent"),
        ("students", people, "student_id school_year race_ethnicity gender english_learner disability disadvantaged"),
    ):
        pd.DataFrame(rows, columns=columns.split()).to_csv(folder / f"{name}.csv", index=False)
    return folder


def run(capsys, *words: object) -> tuple[int, str, str]:
    status = main([str(w) for w in words])
    said = capsys.readouterr()
    return status, said.out, said.err


COMPARE = ["--measure", "chronic_absence", "--rules", "core,district_91,msip5"]


def test_compare_rules_prints_rates_sources_and_assumptions_and_writes_the_table(network, tmp_path, capsys):
    status, out, _ = run(capsys, "compare-rules", network, *COMPARE, "--school", "03", "--out", tmp_path / "t.csv")
    assert status == 0
    # Of 60 pupils 4 are at exactly 90 % and 2 at 90.5 %: 6.7 %, 10.0 % and none.
    line = next(x for x in out.splitlines() if "school 03" in x)
    assert "6.7 % (4 of 60)" in line
    assert "10.0 % (6 of 60)" in line
    assert "0.0 % (0 of 60)" in line
    assert "Marsh et al. 2016" in out
    assert "ASSUMPTION (D): The district that uses 91 %" in out
    table = pd.read_csv(tmp_path / "t.csv", dtype={"unit_id": str})
    rows = table[table.unit_id == "03"].set_index("rule_set")
    assert dict(rows.difference) == {"core": 0, "district_91": 2, "msip5": -4}
    assert set(table.school_year) == {2026}
    assert "03001" not in out + (tmp_path / "t.csv").read_text(encoding="utf-8")


def test_compare_rules_names_pupils_to_the_restricted_only(network, tmp_path, capsys):
    words = ["compare-rules", network, *COMPARE, "--school", "03", "--audience", "restricted"]
    status, out, _ = run(capsys, *words, "--out", tmp_path / "lists")
    assert status == 0
    assert "restricted" in out
    files = sorted(p.name for p in (tmp_path / "lists").iterdir())
    assert files == ["README-RESTRICTED.txt", "differ-chronic_absence-core-district_91-msip5-2026.csv"]
    text = (tmp_path / "lists" / files[1]).read_text(encoding="utf-8")
    assert text.startswith("# RESTRICTED")
    assert "2 pupils attended 90 to 91 % of their days (more than 90 %, at most 91 %)" in text
    assert "4 pupils attended exactly 90 % of their days" in text
    assert len(pd.read_csv(tmp_path / "lists" / files[1], comment="#")) == 6
    status, out, _ = run(capsys, *words)
    assert status == 0
    assert out.startswith("RESTRICTED")


def test_lists_of_pupils_need_both_words_and_a_folder_of_their_own(network, tmp_path, capsys):
    words = ["students", network, "--measure", "chronic_absence", "--school", "03"]
    assert run(capsys, *words, "--out", tmp_path / "a")[0] == 2
    assert run(capsys, *words, "--audience", "restricted")[0] == 2
    assert not (tmp_path / "a").exists()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "manifest.json").write_text(json.dumps({}), encoding="utf-8")
    status, _, err = run(capsys, *words, "--audience", "restricted", "--out", tmp_path / "reports")
    assert (status, sorted(p.name for p in (tmp_path / "reports").iterdir())) == (1, ["manifest.json"])
    assert "may not stand with reports" in err
    status, out, _ = run(capsys, *words, "--audience", "restricted", "--out", tmp_path / "a")
    assert (status, "60 pupils" in out) == (0, True)
    listed = pd.read_csv(tmp_path / "a" / "students-chronic_absence-03-2026.csv", comment="#", dtype=str)
    assert len(listed) == 60
    status, out, _ = run(capsys, *words)
    assert (status, out.startswith("RESTRICTED"), "4 of 60 pupils counted." in out) == (0, True, True)


def test_levels_from_a_baseline_and_only_of_what_is_shown(network, tmp_path, capsys):
    cuts = tmp_path / "made" / "cuts.csv"
    status, out, err = run(capsys, "levels", "baseline", network, "--year", 2025, "--out", cuts)
    assert status == 0
    assert "ASSUMPTION (D): The cut points are tenths" in out
    assert err == ""
    table = pd.read_csv(cuts)
    # Twelve schools at 1, 3, … 23 of 60: level 10 begins at the second best (nine tenths of twelve lie below).
    chronic = table[table.measure == "chronic_absence"].set_index("level")["cut"]
    assert chronic[10] == pytest.approx(100 * 3 / 60)
    words = ["levels", "show", network, "--baseline", cuts]
    status, out, _ = run(capsys, *words, "--out", tmp_path / "levels.csv")
    assert status == 0
    assert "«" not in out
    levels = pd.read_csv(tmp_path / "levels.csv", dtype={"unit_id": str})
    rows = levels[(levels.measure == "chronic_absence") & (levels.student_group == "all")].set_index("unit_id")
    # 2026: school 01 at 0 of 60 is at the top; school 03 has 4 of 60 and needs one fewer for 3 of 60, level 10.
    assert (rows.level["01"], rows.band["01"]) == (10, "above average")
    assert pd.isna(rows.to_next_1["01"])
    assert (rows.level["03"], rows.to_next_1["03"]) == (9, 1)
    hidden = levels[levels.status != "shown"]
    assert {"race_asian"} <= set(hidden[hidden.unit_id == "12"].student_group)
    assert hidden[["n", "count", "value", *LEVEL_COLUMNS]].isna().all().all()
    shown = levels[(levels.status == "shown") & (levels.measure == "chronic_absence")]
    assert shown.level.notna().all()
    index = pd.read_csv(tmp_path / "levels-index.csv", dtype={"school_id": str}).set_index("school_id")
    assert len(index) == 12
    assert index["index"]["01"] == 100
    status, out, _ = run(capsys, *words, "--school", "03")
    assert status == 0
    assert "Groups below 20" in out


def test_levels_say_what_was_left_out_and_what_is_wrong(network, tmp_path, capsys):
    status, _, err = run(capsys, "levels", "baseline", network, "--year", 2019, "--out", tmp_path / "c.csv")
    assert (status, (tmp_path / "c.csv").exists()) == (1, False)
    assert "Choose another year" in err
    small = tmp_path / "small"
    small.mkdir()
    for file in network.iterdir():
        table = pd.read_csv(file, dtype=str)
        ids = table["school_id"] if "school_id" in table else table["student_id"].str[:2]
        table[ids.astype(int) <= 9].to_csv(small / file.name, index=False)
    status, _, err = run(capsys, "levels", "baseline", small, "--year", 2025, "--out", tmp_path / "c.csv")
    assert (status, (tmp_path / "c.csv").exists()) == (1, False)
    assert "elementary: 9 schools: attendance_rate, chronic_absence" in err
    status, _, err = run(capsys, "levels", "show", network, "--baseline", tmp_path / "none.csv")
    assert status == 1
    assert "kit levels baseline" in err


def test_wrong_rule_sets_end_with_one_and_say_what_is_known(network, capsys):
    words = ["compare-rules", network, "--measure", "chronic_absence"]
    status, _, err = run(capsys, *words, "--rules", "core,elsewhere")
    assert status == 1
    assert "Known: core, district_91, california" in err
    assert run(capsys, *words, "--rules", "core")[0] == 1
    assert run(capsys, *words, "--rules", "core,abc", "--year", 1999)[0] == 1
    assert run(capsys, *words, "--rules", "core,abc", "--school", "99")[0] == 1


def test_nothing_for_others_goes_into_a_restricted_folder(sample, tmp_path, capsys):
    (tmp_path / "README-RESTRICTED.txt").write_text("RESTRICTED", encoding="utf-8")
    release = ["release", str(sample), "--audience", "public", "--out", str(tmp_path / "released.csv")]
    for command in (["report", str(sample), "--out", str(tmp_path)], release):
        assert main(command) == 1
        assert "restricted lists of pupils" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["README-RESTRICTED.txt"]
