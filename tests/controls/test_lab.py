"""The command behind «kit lab»."""

import sys

import pytest

import kit
from kit.cli import main
from kit.controls import lab
from kit.controls.lab import lab_command, open_lab
from kit.errors import KitError


def test_the_command_opens_the_first_notebook_of_this_environment():
    command = lab_command(kit.home() / "notebooks", browser=False, port=9001)
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert "--ServerApp.port=9001" in command
    assert "--ServerApp.open_browser=False" in command
    assert any(c.endswith("/0-start-here.ipynb") for c in command)
    assert not [c for c in command if "token" in c or "password" in c or "allow" in c], "Jupyter's own security stays"


def test_without_the_notebooks_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(lab, "home", lambda: tmp_path)
    with pytest.raises(KitError, match="is not there"):
        open_lab(browser=False)
    assert main(["lab", "--no-browser"]) == 1
    said = capsys.readouterr().err
    assert "git clone" in said
    assert "Traceback" not in said


def test_the_exit_status_is_the_servers(monkeypatch, capsys):
    monkeypatch.setattr(lab, "lab_command", lambda *_, **__: [sys.executable, "-c", "import kit; raise SystemExit(3)"])
    assert open_lab(browser=False) == 3
    assert "Ctrl-C" in capsys.readouterr().out
