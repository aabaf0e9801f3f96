"""kit project, as a coach would type it."""

from __future__ import annotations

import json

import pytest

from kit.cli import main


@pytest.fixture
def folder(write_folder):
    """Return a data folder with a school and a pupil."""
    columns = "student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged"
    return write_folder(
        schools="school_id,school_name,district_id,district_name,level\n0211,Acorn Middle,02,Copper,middle",
        students=f"{columns}\n0045678,2026,white,male,N,N,N",
    )


def test_new_list_show_export_import_backup_history(folder, tmp_path, capsys):
    def say(*words: str, status: int = 0) -> str:
        assert main(["project", *words]) == status
        out = capsys.readouterr()
        return out.out + out.err

    there = ("--data", str(folder))
    begun = say(
        "new", *there, "--author", "Rosa", "--title", "Mornings", "--school", "0211", "--measure", "chronic_absence"
    )
    id_ = begun.split()[-1]
    assert "Mornings (active, school 0211; 0 entries" in say("list", *there)
    assert json.loads(say("list", *there, "--json"))[0]["records_measure"] == "chronic_absence"
    assert "project: Mornings" in say("show", *there, id_)
    assert "added project" in say("history", *there, id_)
    assert "version 1" in say("history", *there, id_, "project")

    for ending in ("json", "xlsx"):
        file = str(tmp_path / f"out.{ending}")
        assert "Wrote 0 entries" in say("export", *there, id_, file)
        assert "there already" in say("export", *there, id_, file, status=1)
        other = ("--store", str(tmp_path / f"{ending}.sqlite"))
        assert f"Imported the project {id_}" in say("import", *other, file)
        assert "1 project in" in say("list", *other)
    assert "Copied 0 entries" in say("backup", *there, str(tmp_path / "copy.sqlite"))
    assert "Mornings" in say("list", "--store", str(tmp_path / "copy.sqlite"))


def test_what_is_wrong_is_one_message_and_status_1(folder, tmp_path, capsys):
    there = ("--data", str(folder))
    for words, said in (
        (["show", "none"], "There is no project 'none'"),
        (["new", "--title", "For 45678"], "pupil in the records"),
        (["new", "--title", "Both", "--school", "1", "--district", "1"], "--school or --district"),
        (["import", str(tmp_path / "none.json")], "none.json"),
        (["list", "--store", str(tmp_path / "no" / "a.sqlite")], "no such folder"),
    ):
        more = () if "--store" in words else there
        assert main(["project", *words, *more]) == 1
        assert said in capsys.readouterr().err
    with pytest.raises(SystemExit) as wrong:
        main(["project"])
    assert wrong.value.code == 2


def test_help_has_an_example(capsys):
    for deed in ("new", "list", "show", "export", "import", "backup", "history"):
        with pytest.raises(SystemExit):
            main(["project", deed, "--help"])
        assert f"Example: kit project {deed}" in capsys.readouterr().out
