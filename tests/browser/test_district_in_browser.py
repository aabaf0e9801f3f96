"""A district's page in a real Chromium: the matrix is whole without a script, ordered with one, and prints."""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
from overview_network import MANY, Planted, run_overview
from report_network import HOSTILE

from kit.reports.html import page
from kit.reports.prepared import prepare

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("KIT_CHROMIUM") or shutil.which("chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    data = prepare(Planted()).write(folder / "prepared")
    for name, book in (
        ("district", run_overview("district-report", data, district_id="d0")),
        ("network", run_overview("network-report", data)),
    ):
        html = page(book, title=HOSTILE, subtitle="2025-26")
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
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


@pytest.fixture
def look(browser, files):
    """Return a function that opens a page; what it says and asks for is collected in ``said`` and ``asked``."""
    tabs = []

    def opened(name: str, **settings):
        tab = browser.new_context(reduced_motion="reduce", **settings).new_page()
        tab.said, tab.asked = [], []
        tab.on("console", lambda m: tab.said.append(m.text))
        tab.on("pageerror", lambda e: tab.said.append(str(e)))
        tab.on("dialog", lambda d: (tab.said.append("dialog"), d.dismiss()))
        tab.on("request", lambda r: tab.asked.append(r.url))
        tab.goto((files / f"{name}.html").as_uri())
        tabs.append(tab)
        return tab

    yield opened
    for tab in tabs:
        tab.context.close()


def _names(tab, table: int = 0) -> list[str]:
    rows = tab.locator("table.matrix").nth(table).locator("tbody tr:visible th[scope=row]")
    return rows.all_inner_texts()


@pytest.mark.parametrize("name", ["district", "network"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark"), (320, "light")])
def test_a_page_is_quiet_offline_and_as_wide_as_the_screen(look, files, name, width, scheme):
    tab = look(name, viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert tab.said == []
    assert tab.asked == [(files / f"{name}.html").as_uri()]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.locator(".drawn svg").first.bounding_box()["width"] <= width


def test_the_search_finds_by_name_and_by_what_stands_out(look):
    expect = pytest.importorskip("playwright.sync_api").expect
    tab = look("district", viewport={"width": 1280, "height": 800})
    status = tab.locator(".matrix-tools [role=status]")
    expect(status).to_have_text("12 schools")
    tab.get_by_label("Find a school").fill("SCHOOL 005")
    assert _names(tab) == ["School 005"]
    assert _names(tab, 1) == ["School 005"]  # the surveys too
    expect(status).to_have_text("1 of 12 schools")
    tab.get_by_label("Find a school").fill("")
    tab.get_by_label("Show").select_option("w")
    assert _names(tab) == ["School 005"]  # its chronic absence
    assert status.get_attribute("aria-live") == "polite"
    tab.get_by_label("Show").select_option("")
    assert len(_names(tab)) == MANY // 2
    assert tab.said == []


def test_an_order_is_by_what_stands_out_then_by_name_and_comes_back(look):
    tab = look("district", viewport={"width": 1280, "height": 800})
    before = _names(tab)
    head = tab.locator("table.matrix").first.locator("thead .names th").nth(1)
    button = head.get_by_role("button")
    assert "Chronic absence" in button.get_attribute("aria-label")
    button.focus()
    tab.keyboard.press("Enter")
    kinds = (
        tab.locator("table.matrix")
        .first.locator("tbody tr td:nth-child(2)")
        .evaluate_all("cells => cells.map((c) => c.className)")
    )
    first = _names(tab)
    assert head.get_attribute("aria-sort") == "ascending"
    assert first[0] == "School 005"
    # s5 is to be looked closer at; then typical ones, then strengths; those withheld last
    known = [k for k in kinds if k]
    assert known == sorted(known, key="cts".index)
    assert kinds[-2:] == ["", ""]
    same = [n for n, k in zip(first, kinds, strict=True) if k == "s"]
    assert same == sorted(same)
    button.press("Space")
    assert head.get_attribute("aria-sort") == "descending"
    assert _names(tab)[0] != "School 005"
    button.press("Enter")
    assert head.get_attribute("aria-sort") is None
    assert _names(tab) == before
    assert tab.said == []


def test_without_scripts_the_matrix_is_whole_and_no_control_is_shown(look):
    tab = look("district", java_script_enabled=False, viewport={"width": 1280, "height": 800})
    assert not tab.locator(".matrix-tools").is_visible()
    assert tab.locator("table.matrix").first.locator("tbody tr").count() == MANY // 2
    assert tab.locator("table.matrix button").count() == 0
    assert tab.locator("noscript").count() == 0  # nothing here needs a script


def test_headers_stay_in_sight_while_the_matrix_moves(look):
    tab = look("network", viewport={"width": 800, "height": 700})
    place = tab.locator(".matrix-scroll:has(#matrix-1)")
    place.scroll_into_view_if_needed()
    place.evaluate("e => { e.scrollTop = 300; e.scrollLeft = 300; }")
    box = place.bounding_box()
    head = place.locator("thead .names th").nth(1).bounding_box()
    assert abs(head["y"] - box["y"]) < 3
    name = place.locator("tbody th[scope=row]").nth(12).bounding_box()
    assert abs(name["x"] - box["x"]) < 3


def test_on_a_phone_a_school_is_a_card_with_the_measures_names(look):
    tab = look("district", viewport={"width": 390, "height": 800})
    cell = tab.locator("table.matrix").first.locator("tbody tr").nth(1).locator("td").first
    said = cell.evaluate("e => getComputedStyle(e, '::before').content")
    assert said == '"Chronic absence"'
    assert cell.bounding_box()["width"] > 300
    # still a table for whoever hears it
    assert tab.locator("table.matrix").first.get_by_role("rowheader").count() == MANY // 2


@pytest.mark.parametrize("name", ["district", "network"])
def test_a_page_prints_whole(look, tmp_path, name):
    tab = look(name, viewport={"width": 1280, "height": 800}, color_scheme="dark")
    pdf = tab.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 3
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 720, "height": 1000})
    # Nothing is cut on paper: no matrix is wider or taller than its place, and the search is not printed.
    wide = tab.evaluate(
        "[...document.querySelectorAll('.matrix-scroll')].filter((e) => e.scrollWidth > e.clientWidth + 1 ||"
        " e.scrollHeight > e.clientHeight + 1).length"
    )
    assert wide == 0
    assert not tab.locator(".matrix-tools").is_visible()
    assert tab.said == []
