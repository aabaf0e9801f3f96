"""The first notebook in a real JupyterLab: a coach opens it, runs it, predicts, looks, picks another school."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "controls"))
from jupyter_in_browser import cell_after, chromium, into_view, jupyterlab, run_all
from published_folder import write_published

import kit

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    place = tmp_path_factory.mktemp("lab")
    write_published(place / "data_samples" / "network")
    with jupyterlab(place, [kit.home() / "notebooks" / "0-start-here.ipynb"]) as started:
        yield started


@pytest.fixture
def tab(lab, tmp_path):
    with chromium(tmp_path / "last.png") as page:
        yield page


def test_a_coach_opens_runs_predicts_and_looks(lab, tab, tmp_path):
    url, token = lab
    errors, elsewhere = [], []
    tab.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda e: errors.append(str(e)))
    own = (url, url.replace("http", "ws"), "data:", "blob:")
    tab.on("request", lambda r: None if r.url.startswith(own) else elsewhere.append(r.url))
    pictures = tmp_path / "pictures"
    pictures.mkdir()

    # The address that «kit lab» opens leads to the notebook.
    tab.goto(f"{url}/?token={token}")
    tab.get_by_role("heading", name="Start here").wait_for()
    run_all(tab)
    folder = cell_after(tab, "1. The data folder")
    folder.get_by_text("Ready. Go on to the school.").wait_for()
    folder.get_by_text("10 schools in 2 districts").wait_for()
    cell_after(tab, "What is not shown").get_by_role("heading", name="Small groups").wait_for()
    tab.screenshot(path=pictures / "opened.png")
    assert not tab.locator(".jp-InputPlaceholder").filter(visible=True).count(), "a line of code is in sight"

    # Predict, then look: nothing is there before the button.
    school, measure = cell_after(tab, "2. The school"), cell_after(tab, "4. One measure")
    school.get_by_label("School", exact=True).select_option("School 2")
    assert measure.locator("canvas, svg.marks").count() == 0
    measure.get_by_label("We expect").fill("It fell <b>a lot</b>")
    measure.get_by_role("button", name="Show the display").press("Enter")
    measure.get_by_text("For School 2, 2025-26 we expected: It fell <b>a lot</b>").wait_for()
    measure.get_by_text(re.compile(r"from 18\.0.{1,8}20\d\d.24 to 20\.0")).wait_for()
    charts = measure.locator(".vega-embed").filter(has=tab.locator("canvas, svg"))
    charts.nth(2).wait_for()
    into_view(charts.first)
    tab.screenshot(path=pictures / "measure.png")

    # Another school, then another measure: the display follows.
    school.get_by_label("School", exact=True).select_option("School 6")
    measure.get_by_text(re.compile(r"from 24\.0.{1,8}20\d\d.24 to 26\.0")).wait_for()
    assert not measure.get_by_text(re.compile(r"24 to 20\.0")).count()
    measure.get_by_label("Theme").select_option("Achievement")
    measure.get_by_text("ELA met standard: from").wait_for()
    measure.get_by_label("We notice").fill("The years are alike.")
    measure.get_by_label("We wonder").click()

    # The first look, and the schools of the level: a dot says its name.
    look, among = cell_after(tab, "3. The first look"), cell_after(tab, "5. Among schools")
    look.get_by_role("button", name="Show the display").click()
    look.locator("table.glance").wait_for()
    look.get_by_role("heading", name="Questions to ask").wait_for()
    tab.screenshot(path=pictures / "glance.png")
    among.get_by_role("button", name="Show the display").click()
    among.locator(".vega-embed").wait_for()
    into_view(among.locator(".vega-embed"))
    _point_at_a_dot(tab, among.locator(".vega-embed"))
    tab.screenshot(path=pictures / "among.png")

    # What was written comes together.
    wrote = cell_after(tab, "6. What we wrote").get_by_label("We wrote")
    tab.wait_for_function("box => box.value.includes('The years are alike.')", arg=wrote.element_handle())
    assert "We expected: It fell <b>a lot</b>" in wrote.input_value()

    # A wrong folder is one error in words; the right one brings everything back.
    folder.get_by_label("Data folder").fill("../nowhere")
    folder.get_by_label("Data folder").press("Enter")
    folder.get_by_role("alert").get_by_text("There is no such folder").wait_for()
    folder.get_by_label("Data folder").fill("../data_samples/network")
    folder.get_by_role("button", name="Open this folder").click()
    folder.get_by_text("Ready. Go on to the school.").wait_for()
    measure.get_by_text("ELA met standard: from").wait_for()

    # On a tablet held upright the charts fit.
    tab.set_viewport_size({"width": 768, "height": 1024})
    for chart in charts.all():
        into_view(chart)
        box, cell = chart.locator("canvas, svg").first.bounding_box(), measure.bounding_box()
        assert box["x"] + box["width"] <= cell["x"] + cell["width"] + 1
    tab.screenshot(path=pictures / "tablet.png")

    assert not tab.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count()
    assert not tab.locator("[data-mime-type='application/vnd.jupyter.error'], .kit-error").count()
    assert not tab.get_by_text("Error displaying widget").count()
    assert errors == []
    assert elsewhere == [], "a shared screen must not need the network"


def _point_at_a_dot(tab, chart) -> None:
    """Move over the chart until a tooltip names a school."""
    box = chart.locator("canvas, svg").first.bounding_box()
    tip = tab.locator("#vg-tooltip-element.visible")
    for down in range(20, int(box["height"]) - 40, 8):
        for across in range(60, int(box["width"]) - 10, 16):
            tab.mouse.move(box["x"] + across, box["y"] + down)
            if tip.count():
                assert "School" in tip.inner_text()
                return
    raise AssertionError("no dot says its name")
