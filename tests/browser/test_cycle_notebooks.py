"""The other notebooks of the cycle in a real JupyterLab, each led as a coach would, on one project."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "controls"))
from jupyter_in_browser import cell_after, chromium, fill, jupyterlab, run_all
from published_folder import write_published

import kit
from kit.inquiry import open_store
from kit.workspace import open_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOOKS = ["0-start-here", "1-define-the-problem", "3-test-changes-pdsa", "4-measure-impact", "5-sustain-and-spread"]
TITLE = "Mornings <b>matter</b>"
WEEKS = [date(2025, 9, 1) + timedelta(weeks=i) for i in range(16)]
PASTED = "date,numerator,denominator\n" + "\n".join(f"{d},{9 + i % 3 - 6 * (i > 9)},100" for i, d in enumerate(WEEKS))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    place = tmp_path_factory.mktemp("lab")
    data = write_published(place / "data_samples" / "network")
    with jupyterlab(place, [kit.home() / "notebooks" / f"{b}.ipynb" for b in BOOKS]) as (url, token):
        yield url, token, data


@pytest.fixture
def opened(lab, tmp_path):
    """Return a function that opens a notebook and runs it; errors of the page and of cells fail the test."""
    url, token, _ = lab
    errors = []
    with chromium(tmp_path / "last.png") as tab:
        tab.on("pageerror", lambda e: errors.append(str(e)))

        def go(name: str):
            # A workspace of its own: no other notebook's kernel is taken for this one's.
            tab.goto(f"{url}/lab/workspaces/{name}/tree/{name}.ipynb?token={token}")
            run_all(tab)
            return tab

        yield go
        assert not tab.locator("[data-mime-type='application/vnd.jupyter.error']").count()
        assert not tab.get_by_text("Error displaying widget").count()
    assert errors == []


def choose_project(tab) -> None:
    cell_after(tab, "1. The project").get_by_label("Project", exact=True).select_option(TITLE)
    cell_after(tab, "1. The project").get_by_text("Project", exact=True).last.wait_for()


def test_define_the_problem(opened, lab):
    tab = opened("1-define-the-problem")
    project = cell_after(tab, "1. The project")
    fill(project, "Or begin a new one", TITLE)
    project.get_by_role("button", name="Begin it").click()
    project.get_by_text("The project is begun and saved.").wait_for()
    numbers = cell_after(tab, "3. The school")
    numbers.get_by_role("button", name="Read the numbers").click()
    numbers.get_by_text("Ready.", exact=True).wait_for()
    numbers.get_by_label("School", exact=True).select_option("School 3")
    numbers.get_by_role("button", name="The project is about this school").click()
    numbers.get_by_text("The project is about School 3").wait_for()

    whole = cell_after(tab, "4. Bird")
    assert not whole.locator("svg.marks, canvas").count()
    fill(whole, "We expect", "They stand low on reading as well")
    whole.get_by_role("button", name="Show the display").click()
    whole.get_by_text(re.compile("Schools at levels .* on Chronic absence")).first.wait_for()
    whole.locator(".vega-embed").first.wait_for()
    fill(whole, "We notice", "Two of three stand low in ELA")

    two = cell_after(tab, "5. Two measures")
    two.get_by_role("button", name="Show the display").click()
    two.get_by_text(re.compile(r"10 schools")).first.wait_for()
    two.get_by_label("District").select_option("Plain District")
    two.get_by_text(re.compile(r"5 schools")).first.wait_for()

    problem = cell_after(tab, "8. The problem")
    fill(problem, "Problem statement *", "One in five pupils misses a day in ten.")
    fill(problem, "How much", "19 %")
    problem.get_by_text(re.compile("Since when")).first.wait_for()
    with open_store(open_workspace(lab[2])) as store:
        kept = store.project(store.projects()["id"].iloc[0])
        assert kept.about["unit_id"] == "s3"
        assert [e["text"] for e in kept.entries("notice")] == ["Two of three stand low in ELA"]
        assert kept.entries("problem")[0]["how_much"] == "19 %"


def test_a_cycle_from_prediction_to_decision(opened, lab):
    tab = opened("3-test-changes-pdsa")
    choose_project(tab)
    measures = cell_after(tab, "3. What we watch")
    fill(measures, "Name *", "Absent in a week")
    measures.get_by_label("Kind *").select_option("outcome")
    measures.get_by_text(re.compile("Saved at")).first.wait_for()
    fill(measures, "Unit", "percent")
    measures.get_by_label("Better is").select_option("down")

    values = cell_after(tab, "5. Values")
    values.get_by_label("Measure", exact=True).first.select_option("Absent in a week")
    values.get_by_label("Paste here").fill(PASTED)
    values.get_by_role("button", name="Take the pasted rows").click()
    values.get_by_text("16 new values saved").wait_for()

    cycle = cell_after(tab, "4. The cycle")
    fill(cycle, "Or plan a new one", "The advisor calls the same day")
    cycle.get_by_role("button", name="Plan it").click()
    cycle.get_by_text("The cycle is begun.").wait_for()
    assert not cycle.locator(".vega-embed").count()
    fill(cycle, "Question *", "Do fewer stay away?")
    fill(cycle, "Prediction", "6 % instead of 10 %")
    cycle.get_by_text(re.compile("Saved at")).last.wait_for()
    cycle.get_by_role("button", name="Lock the predictions").click()
    cycle.get_by_text("Predictions locked on").wait_for()
    cycle.locator(".vega-embed").first.wait_for()
    cycle.get_by_label("As predicted").select_option("partly")
    fill(cycle, "Study: what we learned", "Calls before nine work")
    cycle.get_by_role("button", name="Close the study").click()
    cycle.get_by_text("The study is closed.").wait_for()
    cycle.get_by_label("Act", exact=True).select_option("adapt")
    cycle.get_by_role("button", name="Decide").click()
    cycle.get_by_text("The next cycle is open").wait_for()
    with open_store(open_workspace(lab[2])) as store:
        first, second = store.project(store.projects()["id"].iloc[0]).entries("cycle")
        assert (first["act"], second["previous"]) == ("adapt", first.id)


def test_impact_and_sustain_open_on_the_same_project(opened):
    tab = opened("4-measure-impact")
    choose_project(tab)
    before = cell_after(tab, "4. Before and after")
    before.get_by_role("button", name="Show the charts").click()
    before.locator(".vega-embed").first.wait_for()
    tab = opened("5-sustain-and-spread")
    choose_project(tab)
    holding = cell_after(tab, "3. Is it holding")
    holding.get_by_role("button", name="Show the control charts").click()
    holding.get_by_text("Absent in a week").first.wait_for()
    story = cell_after(tab, "6. Our story")
    fill(story, "Story to share", "We called by nine.")
    story.get_by_text(re.compile("Saved at")).first.wait_for()
