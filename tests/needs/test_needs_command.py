"""``kit needs``: forms out, answers in, status 1 where something must be mended."""

from __future__ import annotations

from test_ratings import all_of, filled

import kit
from kit.cli import main
from kit.inquiry import open_store
from kit.needs.instrument import instrument_for
from kit.workspace import open_workspace


def test_forms_go_out_and_answers_come_back(tmp_path, capsys):
    data = tmp_path / "data"
    data.mkdir()
    (data / "schools.csv").write_text("school_id,school_name,level\na,A,middle\n", encoding="utf-8")
    with open_store(open_workspace(data), author="coach") as store:
        project = store.new_project(title="Our data")
        for name in ("Ana Ruiz", "Ben Cho"):
            project.add("member", name=name)
    assert main(["needs", "form", str(tmp_path / "forms"), "--project", project.id, "--data", str(data)]) == 0
    assert sorted(p.name for p in (tmp_path / "forms").iterdir()) == ["ana-ruiz.xlsx", "ben-cho.xlsx"]
    assert "to be filled by the user" in capsys.readouterr().out
    instrument = instrument_for(kit.home())
    answers = tmp_path / "answers"
    filled(answers / "ana.xlsx", instrument, "Ana Ruiz", all_of(3))
    call = ["needs", "read", str(answers), "--project", project.id, "--data", str(data)]
    assert main(call) == 0
    said = capsys.readouterr().out
    assert "1 form; ratings: 8 added" in said
    assert "Not yet: Ben Cho." in said
    assert "1A: 3 Promising (yellow)." in said
    filled(answers / "ben.xlsx", instrument, "Ben Cho", all_of(9))
    assert main(call) == 1
    captured = capsys.readouterr()
    assert captured.err.count("ben.xlsx, row") == 8
    assert "0 added, 0 changed" in captured.out


def test_wrong_use_is_one_clear_sentence(tmp_path, capsys):
    assert main(["needs", "read", str(tmp_path / "none")]) == 1
    assert "no such folder" in capsys.readouterr().err
    assert main(["needs", "form", str(tmp_path / "ana.pdf")]) == 1
    assert "xlsx" in capsys.readouterr().err
    assert main(["needs", "form", str(tmp_path / "f"), "--project", "p"]) == 1
    assert "--data" in capsys.readouterr().err
