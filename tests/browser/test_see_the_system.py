"""«2-see-the-system» in a real JupyterLab, led as a coach would: types, votes, closes, re-opens, finds everything."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "controls"))
from jupyter_in_browser import cell_after, chromium, fill, into_view, jupyterlab, run_all
from published_folder import write_published

import kit
from kit.inquiry import open_store
from kit.workspace import open_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOOKS = ["0-start-here.ipynb", "2-see-the-system.ipynb"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    place = tmp_path_factory.mktemp("lab")
    data = write_published(place / "data_samples" / "network")
    with jupyterlab(place, [kit.home() / "notebooks" / b for b in BOOKS]) as (url, token):
        yield url, token, data


def test_a_coach_leads_see_the_system(lab, tmp_path):
    from playwright.sync_api import expect

    url, token, data = lab
    errors = []
    with chromium(tmp_path / "last.png") as tab:
        tab.on("pageerror", lambda e: errors.append(str(e)))
        tab.goto(f"{url}/lab/tree/2-see-the-system.ipynb?token={token}")
        run_all(tab)
        project = cell_after(tab, "1. The project")
        project.get_by_label("Or begin a new one").fill("Mornings <b>matter</b>")
        project.get_by_label("Or begin a new one").press("Tab")
        project.get_by_role("button", name="Begin it").click()
        project.get_by_text("The project is begun and saved.").wait_for()

        # The clock begins a session; what is decided later belongs to it.
        session = cell_after(tab, "2. The session")
        session.get_by_role("button", name="Start the session").click()
        session.get_by_text("The problem again").first.wait_for()

        problem = cell_after(tab, "3. The problem again")
        fill(problem, "Problem statement *", "One in four pupils of grade 6 misses a day in ten.")
        problem.get_by_text(re.compile("Saved at")).first.wait_for()

        stations = cell_after(tab, "4. The data carousel")
        fill(stations, "People", "40")
        stations.get_by_text("8 groups, 15 minutes a turn, 60 minutes in all.").wait_for()

        wall = cell_after(tab, "7. The wall")
        for text in ("The bus comes <b>late</b>", "Nobody calls home"):
            box = wall.get_by_label("New note", exact=True)
            box.fill(text)
            box.press("Enter")
            wall.locator("svg.board").get_by_text(text).wait_for()
        expect(box, "the next note can be written at once").to_have_value("")
        wall.get_by_label("New heading", exact=True).fill("Getting here")
        wall.get_by_label("New heading", exact=True).press("Enter")
        wall.get_by_role("button", name="Getting here", exact=True).first.click()
        wall.locator("svg.board").get_by_text("Getting here").wait_for()
        wall.get_by_role("button", name="Give a dot").first.click()
        wall.get_by_text("2 of 3 dots left").wait_for()
        wall.screenshot(path=tmp_path / "wall.png")

        fishbone = cell_after(tab, "10. Fishbone")
        fill(fishbone, "Cause *", "Nobody calls <i>home</i>")
        fill(fishbone, "Bone", "Routines")
        fishbone.locator("svg.board").get_by_text("Nobody calls <i>home</i>").wait_for()
        fishbone.locator("svg.board").get_by_text("Routines").wait_for()
        fishbone.get_by_role("button", name="Give a dot").first.click()
        fishbone.get_by_text("2 of 3 dots left").wait_for()
        into_view(fishbone.locator("svg.board"))
        fishbone.locator("svg.board").screenshot(path=tmp_path / "fishbone.png")
        tab.screenshot(path=tmp_path / "page.png")

        closing = cell_after(tab, "12. Decisions")
        fill(closing, "Decision *", "The advisor calls the same day")
        fill(closing, "What *", "Draft the call list")
        fill(closing, "Who", "M. Ortiz")
        closing.get_by_role("button", name="Make the record").click()
        closing.get_by_text("The record is in").wait_for()

        # Closed and opened again: everything is there.
        tab.goto(f"{url}/lab/tree/2-see-the-system.ipynb?token={token}&again")
        run_all(tab)
        project = cell_after(tab, "1. The project")
        project.get_by_label("Project", exact=True).select_option("Mornings <b>matter</b>")
        cell_after(tab, "10. Fishbone").locator("svg.board").get_by_text("Nobody calls <i>home</i>").wait_for()
        cell_after(tab, "3. The problem").get_by_role("option", name=re.compile("One in four pupils")).wait_for()
        assert not tab.locator(".kit-error, [data-mime-type='application/vnd.jupyter.error']").count()
        assert not tab.get_by_text("Error displaying widget").count()
    assert errors == []
    with open_store(open_workspace(data)) as store:
        kept = store.project(store.projects()["id"].iloc[0])
        (cause,) = kept.entries("cause")
        assert (cause["text"], cause["category"]) == ("Nobody calls <i>home</i>", "Routines")
        (group,) = kept.entries("note_group")
        assert [v["on"] for v in kept.entries("vote")] == [group.id, cause.id]
        late, calls = kept.entries("note")
        assert (late["text"], late["group"]) == ("The bus comes <b>late</b>", group.id)
        assert calls["group"] is None
        (action,) = kept.entries("action")
        assert (action["owner"], action["session"]) == ("M. Ortiz", kept.entries("session")[0].id)
    (record,) = (data / "records").glob("*.html")
    assert "The advisor calls the same day" in record.read_text(encoding="utf-8")
