"""Every notebook and template, live and in a batch, over folders that hold little: it runs, and says what is missing.

A notebook's cells run in this process, one after the other, as the kernel runs them. Live, the buttons that show or
read something are pressed, and nothing but words may come of it.
"""

from __future__ import annotations

import ast
import json
import re
from html import unescape
from pathlib import Path

import ipywidgets as w
import pytest
from published_folder import write_published

import kit
from kit.controls import start
from kit.inquiry import open_store
from kit.records.sample import write_sample
from kit.reports.section import Section
from kit.workspace import open_workspace

NOTEBOOKS = sorted(p for folder in ("notebooks", "templates") for p in (kit.home() / folder).rglob("*.ipynb")
                   if ".ipynb_checkpoints" not in p.parts)  # fmt: skip
CASES = ("tiny", "three-tables", "published", "sample")
# A value that nobody wrote in words; «None of these …» and «None yet» are words.
BARE = re.compile(r"\bnan\b|\bNaN\b|<NA>|\bNaT\b|\bNone\b(?! of\b| yet\b|[.:])|[^.]{3}\bundefined\b")
PRESSED = ("Show", "Read", "Look again", "Make", "Write the")
# What the notebook of a theme says to a folder that holds pupils, spells and absences only.
MISSING = {
    "achievement-and-growth": ["'assessments'"],
    "chronic-absence": ["'calendar'"],
    "culture-climate-sel": ["'survey'"],
    "english-learners": ["ELA met standard"],
    "graduation-and-college": ["'cohorts' and 'college'"],
    "high-school-readiness": ["it takes 'discipline' and 'marks'"],
    "suspension": ["'discipline'"],
    "0-start-here": ["assessments would switch on", "calendar would switch on Chronic absence"],
    "1-define-the-problem": ["There is no number of «Chronic absence» here: it takes 'calendar'."],
    "2-see-the-system": ["There is no number of «Chronic absence» here: it takes 'calendar'."],
    "4-measure-impact": ["There is no number of «Chronic absence» here: it takes 'calendar'."],
    "plan": ["There is no number of «Chronic absence» here: it takes 'calendar'."],
    "school-report": ["There is no table assessments", "There is no table calendar"],
    "district-report": ["There is no table assessments", "There is no table calendar"],
    "network-report": ["There is no table assessments", "There is no table calendar"],
    "one-page": ["The records do not hold: ", "assessments", "calendar"],
    "family": ["There is no number of this school that can be shown."],
}


@pytest.fixture(scope="module", params=CASES)
def folder(request, tmp_path_factory) -> Path:
    """A data folder with one project of a school; what is read of it is kept for all notebooks."""
    place = tmp_path_factory.mktemp(request.param) / request.param
    if request.param == "published":
        write_published(place)
    elif request.param == "tiny":
        write_sample(place, schools=1, years=2, students_per_school=14)
    else:
        write_sample(place, schools=6, years=2, students_per_school=60)
    if request.param == "three-tables":
        for table in place.glob("*.parquet"):
            if table.stem not in ("schools", "students", "enrollments", "attendance"):
                table.unlink()
    workspace = open_workspace(place)
    with open_store(workspace, author="coach") as store:
        about = {"unit_type": "school", "unit_id": str(workspace.schools()["school_id"].min())}
        store.new_project(title="Mornings", records_measure="chronic_absence", **about)
    return place


def run(path: Path, **given) -> dict[str, object]:
    """Run a notebook's code cells in one namespace and return what each shows last, by the cell's id."""
    names: dict[str, object] = {}
    shown = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell["id"], "exec"), names)
        if "parameters" in cell["metadata"].get("tags", ()):
            names |= {k: v for k, v in given.items() if k in names}
        if last is not None:
            shown[cell["id"]] = eval(compile(ast.Expression(last.value), cell["id"], "eval"), names)
    return shown


def inside(widget: w.Widget, found: dict | None = None) -> list[w.Widget]:
    """Return a widget and all that it holds, each once."""
    found = {} if found is None else found
    if id(widget) not in found:
        found[id(widget)] = widget
        for child in getattr(widget, "children", ()):
            inside(child, found)
    return list(found.values())


def press(shown: dict[str, object]) -> int:
    """Write an expectation into every step, press each button that reads or shows, and return how many there were."""
    pressed: set[int] = set()
    for _ in range(2):  # what a first press brings may have buttons of its own
        for part in [p for o in shown.values() if isinstance(o, w.Widget) for p in inside(o)]:
            if hasattr(part, "prediction"):
                part.prediction.value = part.prediction.value or "We expect little"
            if isinstance(part, w.Button) and part.description.startswith(PRESSED) and id(part) not in pressed:
                pressed.add(id(part))
                part.click()
    return len(pressed)


def words(shown: object) -> str:
    """Return what a person reads of a cell's output."""
    if isinstance(shown, w.Widget):
        parts = inside(shown)
        html = " ".join(str(p.value) for p in parts if isinstance(p, (w.HTML, w.Label)))
        html += json.dumps([p.outputs for p in parts if isinstance(p, w.Output)])
    else:
        html = shown.html()
    return re.sub(r"\s+", " ", unescape(re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", html, flags=re.S)))


@pytest.mark.parametrize("live", [False, True], ids=["batch", "live"])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_it_runs_and_says_what_is_missing(folder, path, live, monkeypatch):
    drawn = []
    monkeypatch.setattr(start, "display", drawn.append)  # the one widget that a cell draws before it goes on
    with open_store(open_workspace(folder)) as store:
        project = store.projects()["id"].iloc[0]
    shown = run(path, data=str(folder), project=project, live=live)
    shown = {cell: drawn.pop() if o is None else o for cell, o in shown.items()}
    report = path.parent.name == "templates"
    assert shown
    assert all(isinstance(o, Section if report or not live else w.Widget | Section) for o in shown.values())
    if live and not report:
        # A form to rate alone has nothing to show.
        assert press(shown) or path.stem == "2-rate-alone"
    said = {cell: words(o) for cell, o in shown.items()}
    whole = " ".join(said.values())
    # What went wrong unforeseen begins so (kit.controls.messages); an Output keeps what was raised in it.
    assert "The kit could not go on" not in whole
    assert '"output_type": "error"' not in whole
    assert "Traceback" not in whole
    assert not (bare := BARE.search(whole)), whole[max(0, bare.start() - 80) : bare.end() + 80]
    if folder.name == "three-tables" and (report or not live):
        for words_of_it in MISSING.get(path.stem, ()):
            assert words_of_it in whole


def test_a_page_without_a_project_says_so(folder):
    """In a batch without a project: words, and no failure."""
    for path in NOTEBOOKS:
        if path.parent.name in ("templates", "explore") or path.stem == "0-start-here":
            continue
        said = " ".join(words(o) for o in run(path, data=str(folder), project="", live=False).values())
        assert "No project is chosen." in said, path.stem
