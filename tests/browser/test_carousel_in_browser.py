"""A data carousel in a real JupyterLab, led as a coach would: groups, clock, sheets, facts, dots, record, re-opened."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "controls"))
from jupyter_in_browser import cell_after, chromium, fill, jupyterlab, no_errors, run_all
from published_folder import write_published

import kit
from kit.inquiry import open_store
from kit.workspace import open_workspace

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BOOKS = ("0-start-here.ipynb", "lead-a-session.ipynb")
TITLE = "Autumn <b>carousel</b>"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    place = tmp_path_factory.mktemp("carousel")
    data = write_published(place / "data_samples" / "network")
    with jupyterlab(place, [kit.home() / "notebooks" / b for b in BOOKS]) as (url, token):
        yield url, token, data


def begin(cell, what: str, label: str) -> None:
    """Begin a new entry, and wait for its empty form."""
    cell.get_by_role("button", name=f"New {what}").click()
    empty = f"xpath=//*[contains(@class,'widget-textarea')][.//label[text()='{label}']]//textarea"
    for _ in range(200):
        if cell.locator(empty).filter(visible=True).first.input_value() == "":
            return
        cell.page.wait_for_timeout(50)
    raise AssertionError(f"the form of a new {what} is not empty")


def test_a_coach_leads_a_carousel(lab, tmp_path):
    url, token, data = lab
    errors = []
    with chromium(tmp_path / "last.png") as tab:
        tab.on("pageerror", lambda e: errors.append(str(e)))
        tab.clock.install()
        tab.goto(f"{url}/lab/tree/lead-a-session.ipynb?token={token}")
        tab.clock.resume()
        run_all(tab)
        project = cell_after(tab, "1. The project")
        project.get_by_label("Or begin a new one").fill(TITLE)
        project.get_by_label("Or begin a new one").press("Tab")
        project.get_by_role("button", name="Begin it").click()
        project.get_by_text("The project is begun and saved.").wait_for()

        # 34 people: more than 32, so each of four stations has two tables, and eight groups have four or five.
        carousel = cell_after(tab, "3. For a data carousel")
        fill(carousel, "People", "34")
        carousel.get_by_text("Each station has 2 tables. 8 groups, 15 minutes a turn, 60 minutes in all.").wait_for()
        rows = carousel.get_by_role("row").filter(has_text="Group")
        assert [r.inner_text().split("\t")[0] for r in rows.all()[1:]] == [
            *("Group 1: 5 people", "Group 2: 5 people"), *(f"Group {n}: 4 people" for n in range(3, 9)),
        ]  # fmt: skip
        assert rows.nth(2).inner_text().endswith("\tDemographics (table 1)\tPerception (table 1)"
                                                 "\tContext (table 1)\tAchievement (table 1)")  # fmt: skip

        session = cell_after(tab, "2. The session")
        fill(session, "Timekeeper", "R. Lee")
        clock = session.get_by_role("region", name="Session clock")
        clock.get_by_text("Not begun yet; 120 minutes in all.").wait_for()
        clock.get_by_role("button", name="Start the session").click()
        clock.get_by_role("heading", name="Welcome and how it works").wait_for()
        tab.clock.fast_forward(18 * 60_000)
        clock.get_by_text("Running 3 min late").wait_for()
        clock.get_by_role("button", name="Next part").click()
        clock.get_by_role("heading", name="First station").wait_for()
        clock.get_by_text("Next: Second station (15 min)").wait_for()
        assert re.match(r"14:5\d|15:00", clock.get_by_role("timer").inner_text())
        session.scroll_into_view_if_needed()
        tab.screenshot(path=tmp_path / "clock.png")

        carousel.get_by_role("button", name="Read the numbers").click()
        carousel.get_by_text("Ready. Choose the school.").wait_for()
        carousel.get_by_label("School", exact=True).select_option("School 3")
        carousel.get_by_role("button", name="Make the station sheets").click()
        carousel.get_by_text("4 sheets are in").wait_for()
        carousel.get_by_role("table").scroll_into_view_if_needed()
        tab.screenshot(path=tmp_path / "plan.png")

        seen = cell_after(tab, "4. What we see")
        fill(seen, "Station", "Achievement")
        fill(seen, "I see … *", "Four in ten are <i>proficient</i>")
        fill(seen, "The number", "41 %")
        seen.locator("svg.board").get_by_text("Four in ten").wait_for()
        fill(seen, "It may mean … *", "The test was harder")
        seen.locator("svg.board").get_by_text("The test was harder").wait_for()
        for words in ("Late buses", "Mondays"):
            begin(seen, "strength or challenge", "Strength or challenge *")
            seen.get_by_label("Which *", exact=True).select_option("challenge")
            fill(seen, "Strength or challenge *", words)
            seen.get_by_role("row", name=f"{words} 0").wait_for()
        dot = seen.locator("button[title='Give a dot to Mondays']")
        dot.click()
        seen.get_by_text("2 of 3 dots left").wait_for()
        dot.click()
        seen.get_by_role("row", name="Mondays 2").wait_for()
        tab.screenshot(path=tmp_path / "seen.png")

        # The machine stops in the middle: opened again, the session is gone on with and everything is there.
        tab.goto(f"{url}/lab/tree/lead-a-session.ipynb?token={token}&reset")
        run_all(tab)
        cell_after(tab, "1. The project").get_by_label("Project", exact=True).select_option(TITLE)
        session = cell_after(tab, "2. The session")
        session.get_by_role("button", name=re.compile("Go on with the session begun at")).click()
        clock = session.get_by_role("region", name="Session clock")
        clock.get_by_role("heading", name="First station").wait_for()
        assert session.get_by_label("Timekeeper", exact=True).input_value() == "R. Lee"
        carousel = cell_after(tab, "3. For a data carousel")
        carousel.get_by_text("8 groups, 15 minutes a turn").wait_for()
        seen = cell_after(tab, "4. What we see")
        seen.locator("svg.board").get_by_text("Four in ten").wait_for()
        seen.get_by_role("row", name="Mondays 2").wait_for()
        for _ in range(5):
            clock.get_by_role("button", name="Next part").click()
        clock.get_by_role("button", name="End the session").click()
        clock.get_by_text("The session has ended.").wait_for()

        closing = cell_after(tab, "5. Decisions")
        fill(closing, "Decision *", "Look into Mondays")
        for what, who, due in (("Bring the bus lists", "M. Ortiz", "2027-01-12"), ("Ask the families", "R. Lee", "")):
            begin(closing, "action", "What *")
            fill(closing, "What *", what)
            fill(closing, "Who", who)
            if due:
                fill(closing, "By when", due)
            closing.get_by_role("option", name=re.compile(f"{what} \\({who}")).wait_for()
        closing.get_by_role("button", name="Make the record").click()
        closing.get_by_text("Without an owner or a date: Ask the families.").wait_for()
        closing.scroll_into_view_if_needed()
        tab.screenshot(path=tmp_path / "closing.png")
        no_errors(tab)

        # The sheets and the record are pages that a browser opens.
        sheets = sorted((data / "records" / "stations").glob("*.html"))
        assert [s.stem for s in sheets] == [
            "station-1-achievement", "station-2-demographics", "station-3-perception", "station-4-context",
        ]  # fmt: skip
        tab.goto(sheets[0].as_uri())
        tab.get_by_role("heading", name="Station 1: Achievement").wait_for()
        tab.get_by_text("School 3").first.wait_for()
        tab.locator(".vega-embed canvas, .vega-embed svg.marks").first.wait_for()
        tab.get_by_role("heading", name="What we see").wait_for()
        assert not tab.get_by_text("No number of this theme").count()
        tab.screenshot(path=tmp_path / "sheet.png", full_page=True)
        (record,) = (data / "records").glob("*.html")
        tab.goto(record.as_uri())
        who_does_what = tab.get_by_role("table", name="Actions agreed")
        assert [r.inner_text().split("\t") for r in who_does_what.get_by_role("row").all()[1:]] == [
            ["Bring the bus lists", "M. Ortiz", "2027-01-12", "open"],
            ["Ask the families", "R. Lee", "no date yet", "open"],
        ]
        for words in ("Look into Mondays", "Four in ten are <i>proficient</i>", "The test was harder", "R. Lee"):
            tab.get_by_text(words).first.wait_for()
        tab.screenshot(path=tmp_path / "record.png", full_page=True)
    assert errors == []
    with open_store(open_workspace(data)) as store:
        kept = store.project(store.projects()["id"].iloc[0])
        (held,) = kept.entries("session")
        assert (held["present"], held["roles"]) == (["34"], ["timekeeper: R. Lee"])
        assert held["timing"][0] == "Welcome and how it works: 18 of 15 minutes"
        assert {e["session"] for k in ("notice", "finding", "decision", "action") for e in kept.entries(k)} == {held.id}
