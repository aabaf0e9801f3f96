"""The house stands: rooms import to their left, the lists of packages agree, notebooks are clean."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest

import kit

ROOT = kit.home()
# From left to right as architecture.md draws it; a room imports itself and what stands before it.
ROOMS = (
    "errors", "language", "records", "growth", "measures", "rules", "compare", "disclosure", "privacy", "workspace",
    "inquiry", "variation", "sessions", "needs", "charts", "reports", "controls", "cli",
)  # fmt: skip
PLACE = {room: i for i, room in enumerate(ROOMS)}


def _imports(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kit."):
            rooms.add(node.module.split(".")[1])
        elif isinstance(node, ast.ImportFrom) and node.module == "kit":
            rooms.update(a.name for a in node.names if a.name in PLACE)
        elif isinstance(node, ast.Import):
            rooms.update(a.name.split(".")[1] for a in node.names if a.name.startswith("kit."))
    return rooms


@pytest.mark.parametrize("path", sorted((ROOT / "kit").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_from_its_left_only(path):
    room = path.relative_to(ROOT / "kit").parts[0].removesuffix(".py")
    if room == "__init__":
        assert not _imports(path)
        return
    assert room in PLACE, f"the room '{room}' has no place in the house"
    too_far = {r for r in _imports(path) if PLACE[r] > PLACE[room]}
    assert not too_far, f"{room} imports from its right: {sorted(too_far)}"


def _package(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement.strip())[0].lower()


def test_environment_and_pyproject_name_the_same_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {_package(r) for r in project["dependencies"] + project["optional-dependencies"]["test"]}
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    conda_names = {"ibis-duckdb": "ibis-framework", "python-duckdb": "duckdb", "playwright-python": "playwright"}
    listed = {_package(line.split("- ", 1)[1]) for line in text.splitlines() if line.strip().startswith("- ")}
    listed = {conda_names.get(p, p) for p in listed} - {"conda-forge", "python", "pip", "pip:"}
    assert listed == wanted


def test_lock_names_every_direct_package_and_no_host():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = {_package(line).replace("_", "-") for line in lock.splitlines() if "==" in line}
    for requirement in project["dependencies"] + project["optional-dependencies"]["test"]:
        assert _package(requirement) in locked
    assert "://" not in lock
    assert "--" not in lock


def _notebooks() -> list[Path]:
    found = [*(ROOT / "notebooks").rglob("*.ipynb"), *(ROOT / "templates").rglob("*.ipynb")]
    return sorted(p for p in found if ".ipynb_checkpoints" not in p.parts)


@pytest.mark.parametrize("path", _notebooks(), ids=lambda p: str(p.relative_to(ROOT)))
def test_notebooks_are_short_calls_without_outputs(path):
    book = json.loads(path.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        assert re.fullmatch(r"[a-z][a-z0-9-]*", cell["id"]), f"cell ids are words: {cell['id']}"
        if cell["cell_type"] != "code":
            continue
        assert not cell["outputs"]
        assert cell["execution_count"] is None
        assert cell["metadata"].get("jupyter", {}).get("source_hidden"), f"{cell['id']} shows its code"
        source = "".join(cell["source"])
        lines = [x for x in source.splitlines() if x.strip() and not x.strip().startswith("#")]
        assert len(lines) <= 6, f"{cell['id']} is {len(lines)} lines long"
        kinds = (ast.For, ast.While, ast.If, ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp)
        assert not [n for n in ast.walk(ast.parse(source)) if isinstance(n, kinds)], f"{cell['id']} holds logic"
        assert "pandas" not in source


def test_no_two_test_files_have_one_name():
    """Pytest imports them by their names alone."""
    names = [p.name for p in (ROOT / "tests").rglob("*.py") if "bench" not in p.parts and p.name != "conftest.py"]
    assert sorted(names) == sorted(set(names))
