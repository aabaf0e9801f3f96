"""Two schools' reports in a real Chromium: quiet, offline, readable on a phone and on paper."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
from levels_network import Folder, growth_ends
from report_network import HOSTILE, Published, run_template

from kit.reports.html import page
from kit.reports.prepared import prepare

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("KIT_CHROMIUM") or shutil.which("chromium")
SCHOOLS = {"s0": HOSTILE, "s3": "School 3"}
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    data = prepare(Published()).write(folder / "prepared")
    for school_id, name in SCHOOLS.items():
        html = page(run_template(data, school_id), title=name, subtitle="School report, 2025-26")
        (folder / f"{school_id}.html").write_text(html, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kit.measures.growth.growth_details", lambda records: growth_ends())
        asks = type("Asks", (Folder,), {"settings": {"rules": {"show": ["california"]}}})
        data = prepare(asks()).write(folder / "levels")
    (folder / "levels.html").write_text(page(run_template(data, "s7"), title="s7", subtitle="Levels"), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("there is no Chromium here: set KIT_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


def _open(browser, file: Path, said: list, asked: list, **settings):
    tab = browser.new_context(reduced_motion="reduce", **settings).new_page()
    tab.on("console", lambda m: said.append(m.text))
    tab.on("pageerror", lambda e: said.append(str(e)))
    tab.on("dialog", lambda d: (said.append("dialog"), d.dismiss()))
    tab.on("request", lambda r: asked.append(r.url))
    tab.goto(file.as_uri())
    return tab


def _draw_all(tab) -> int:
    tab.evaluate("for (const c of document.querySelectorAll('.chart')) c.scrollIntoView()")
    charts = tab.locator(".chart")
    for i in range(charts.count()):
        charts.nth(i).scroll_into_view_if_needed()
    tab.wait_for_function(
        "document.querySelectorAll('.chart[data-drawn=yes] svg').length === document.querySelectorAll('.chart').length"
    )
    return charts.count()


@pytest.mark.parametrize("school_id", SCHOOLS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_is_quiet_offline_and_fits_a_phone(browser, pages, school_id, scheme):
    said, asked = [], []
    file = pages / f"{school_id}.html"
    tab = _open(browser, file, said, asked, viewport={"width": 360, "height": 740}, color_scheme=scheme)
    assert _draw_all(tab) > 8
    assert said == []
    assert asked == [file.as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.locator("h1").inner_text() == SCHOOLS[school_id]
    assert tab.title().startswith(SCHOOLS[school_id])
    assert tab.evaluate("document.querySelectorAll('main script:not([type])').length") == 0
    tab.context.close()


@pytest.mark.parametrize("width", [360, 1200])
def test_levels_growth_and_neighbours_fit_and_links_lead_on(browser, pages, width):
    said, asked = [], []
    tab = _open(browser, pages / "levels.html", said, asked, viewport={"width": width, "height": 740})
    _draw_all(tab)
    assert said == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    text = tab.locator("main").inner_text()
    for words in ("level 8 of 10", "Orange", "clearly above the average school", "Which of them improved more"):
        assert words in text
    assert tab.locator(".display.growth svg").count() == 1
    tab.locator(".ahead a[href='#def-levels']").first.click()
    assert tab.locator("#def-levels").evaluate("e => e.matches(':target')")
    shown = tab.locator("#def-levels dt").bounding_box()
    assert 0 <= shown["y"] < 740
    tab.context.close()


def test_pointing_at_a_dot_names_the_school_as_text(browser, pages):
    said, asked = [], []
    tab = _open(browser, pages / "s3.html", said, asked, viewport={"width": 1200, "height": 900})
    _draw_all(tab)
    names = []
    dots = tab.locator(".scatter .chart >> nth=0").locator("path[aria-roledescription=point]")
    for i in range(dots.count()):
        dots.nth(i).hover(force=True)
        names.append(tab.locator("#vg-tooltip-element").inner_text())
    assert any(HOSTILE in name for name in names)
    assert said == []
    tab.context.close()


def test_a_report_prints_with_every_chart(browser, pages, tmp_path):
    said, asked = [], []
    tab = _open(browser, pages / "s0.html", said, asked, viewport={"width": 1200, "height": 900}, color_scheme="dark")
    pdf = tab.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 1
    drawn = tab.evaluate("[...document.querySelectorAll('.chart')].every((c) => c.dataset.drawn === 'yes')")
    assert drawn, "charts that were never on the screen are drawn before printing"
    assert said == []
    tab.context.close()


def test_without_scripts_the_tables_are_there(browser, pages):
    tab = _open(browser, pages / "s3.html", [], [], java_script_enabled=False)
    assert tab.locator("noscript").first.is_visible() or "scripts" in tab.content()
    figure = tab.locator("figure").first
    figure.locator("summary").click()
    assert figure.locator("table").is_visible()
    assert not figure.locator(".chart").is_visible()
    tab.context.close()
