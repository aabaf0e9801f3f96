"""The exploration of chronic absence in a real JupyterLab, led as a coach would."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "controls"))
from jupyter_in_browser import cell_after, chromium, fill, into_view, jupyterlab, run_all

import kit
from kit.inquiry import open_store
from kit.records.sample import write_sample
from kit.workspace import open_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    whole = tmp_path_factory.mktemp("lab")
    data, place = whole / "data_samples" / "network", whole / "lab"
    place.mkdir()
    write_sample(data, schools=6, years=2, students_per_school=120)
    # The copies lie one folder higher than in the repository, so the data do too.
    books = [kit.home() / "notebooks" / b for b in ("0-start-here.ipynb", "explore/chronic-absence.ipynb")]
    with jupyterlab(place, books) as (url, token):
        yield url, token, data


def lead(cell, expects: str, decides: str = "") -> None:
    """Lead one display: predict, show, and write what is decided."""
    fill(cell, "We expect", expects)
    cell.get_by_role("button", name="Show the display").click()
    cell.get_by_text(re.compile("we expected: " + re.escape(expects))).wait_for(timeout=120_000)
    if decides:
        fill(cell, "We decide", decides)


def test_a_coach_leads_chronic_absence(lab, tmp_path):
    url, token, data = lab
    errors = []
    with chromium(tmp_path / "last.png") as tab:
        tab.on("pageerror", lambda e: errors.append(str(e)))
        tab.goto(f"{url}/lab/tree/chronic-absence.ipynb?token={token}")
        run_all(tab)
        project = cell_after(tab, "1. The meeting")
        project.get_by_label("Or begin a new one").fill("June: absence")
        project.get_by_label("Or begin a new one").press("Tab")
        project.get_by_role("button", name="Begin it").click()
        project.get_by_text("The project is begun and saved.").wait_for()

        place = cell_after(tab, "3. The place")
        place.get_by_role("button", name="Read the numbers").click()
        place.get_by_text("Ready.").wait_for(timeout=180_000)
        place.get_by_label("District", exact=True).select_option("Alder Bay Unified")
        cell_after(tab, "5. What changed").get_by_role("button", name="Show what changed").click()
        cell_after(tab, "5. What changed").get_by_text(re.compile("no snapshot of an earlier month")).wait_for()

        level = cell_after(tab, "7. Level and colour")
        lead(level, "About one in ten", "Ask the middle school <b>first</b>")
        level.get_by_text(re.compile(r"Alder Bay Unified, Chronic absence, 2025-26: \d")).wait_for()
        level.get_by_text("Two minutes of help").click()
        level.get_by_text("A common misreading.").wait_for()

        bands = cell_after(tab, "12. Bands of absence")
        lead(bands, "Most just over the line")
        bands.get_by_text(re.compile("Chronically absent students, by share of days missed")).first.wait_for()
        bands.locator(".vega-embed canvas, .vega-embed svg.marks").first.wait_for()
        into_view(bands)
        bands.screenshot(path=tmp_path / "bands.png")

        # Another place is picked: the display that is shown follows.
        place.get_by_label("School", exact=True).select_option("Falcon Middle")
        level.get_by_text(re.compile(r"Falcon Middle, Chronic absence, 2025-26: \d")).wait_for(timeout=60_000)

        step = cell_after(tab, "18. A next step")
        step.get_by_role("button", name="Open a project from this decision").click()
        step.get_by_text(re.compile("is begun. Open notebook 1")).wait_for(timeout=60_000)
        tab.screenshot(path=tmp_path / "page.png")
        assert not tab.locator(".kit-error, [data-mime-type='application/vnd.jupyter.error']").count()
        assert not tab.get_by_text("Error displaying widget").count()
    assert errors == []
    with open_store(open_workspace(data)) as store:
        by_title = {r.title: r.id for r in store.projects().itertuples()}
        made = store.project(by_title["Ask the middle school <b>first</b>"])
        about = made.about.fields
        assert (about["unit_type"], about["unit_id"], about["records_measure"]) == ("district", "01", "chronic_absence")
        (problem,) = made.entries("problem")
        assert problem["where"] == "Alder Bay Unified"
        (decision,) = store.project(by_title["June: absence"]).entries("decision")
        assert decision["opened"] == made.id
        assert decision["display"].startswith("Level and colour: Alder Bay Unified")
    assert list((data / "snapshots").glob("*.parquet"))
