"""Every notebook of the cycle in batch: for a tiny folder, for one that lacks tables, with and without a project."""

from __future__ import annotations

import re

import pytest
from published_folder import write_published

from kit.cli import main
from kit.inquiry import open_store
from kit.reports.project_pages import CYCLE, project_pages
from kit.workspace import open_workspace

NASTY = "<script>alert(1)</script> {{x}} =1+1 🎓"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_published(tmp_path_factory.mktemp("data") / "published")


def test_every_notebook_makes_a_page_of_the_project(folder, tmp_path, capsys):
    with open_store(open_workspace(folder), author="Ana") as store:
        about = {"unit_type": "school", "unit_id": "s3", "records_measure": "chronic_absence"}
        project = store.new_project(id="mornings", title=NASTY, **about)
        project.add("problem", statement=NASTY)
        project.add("cause", text=NASTY, category="Routines")
        project.add("cycle", number=1, title="Call", as_planned=True)
        project.add("session", title="A session", facilitator_notes="For my eyes only")
    assert main(["project", "pages", "mornings", "--data", str(folder), "--out", str(tmp_path)]) == 0
    assert "Wrote 5 pages" in capsys.readouterr().out
    for name in CYCLE:
        page = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        assert "<script>alert(1)" not in page
        assert "alert(1)" in page
        assert "For my eyes only" not in page
        assert "Traceback" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        # For a reader there is nothing to run, no part is missing in the count, and no table is left as it is written.
        assert "Run All Cells" not in page
        assert "|---|" not in page
        assert not re.search(r"<h\d[^>]*>\d+\. ", page)
        assert "Where this comes from" in page
    tests = (tmp_path / "3-test-changes-pdsa.html").read_text(encoding="utf-8")
    assert "Test changes: plan, do, study, act" in tests
    assert re.search(r"<dt>Do: done as planned</dt>\s*<dd>yes</dd>", tests)
    assert "The data carousel" in (tmp_path / "2-see-the-system.html").read_text(encoding="utf-8")
    assert "School 3" in (tmp_path / "1-define-the-problem.html").read_text(encoding="utf-8")
    assert not list(tmp_path.glob("*.unfinished"))


@pytest.mark.slow
@pytest.mark.parametrize("name", CYCLE)
def test_a_folder_without_numbers_and_no_project_are_said_not_failed(name, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "schools.csv").write_text("school_id,school_name,level\na,A,middle\n", encoding="utf-8")
    (made,) = project_pages(empty, "", tmp_path / "out", notebooks=[name])
    assert "No project is chosen" in made.read_text(encoding="utf-8")
