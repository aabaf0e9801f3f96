"""WCAG 2.2 AA and beyond: axe finds nothing at any level on a page of every template and on the index."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import kit
from kit.records.sample import write_sample
from kit.reports.batch import make_reports

axe = pytest.importorskip("axe_playwright_python", reason="needs the tests' axe")
sync_api = pytest.importorskip("playwright.sync_api", reason="needs the browser tests' Playwright")
pytestmark = pytest.mark.browser

AXE = Path(axe.__file__).parent / "axe.min.js"
CHROMIUM = os.environ.get("KIT_CHROMIUM") or shutil.which("chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")
TEMPLATES = sorted(p.stem for p in (kit.home() / "templates").glob("*.ipynb"))
# Everything axe knows: levels A to AAA's rules that are on, best practices and experimental rules.
RUN = """async () => {
  const found = await axe.run(document, {runOnly: axe.getRules().map((r) => r.ruleId)
      .filter((id) => id !== "color-contrast-enhanced")});
  return found.violations.map((v) => [v.id, v.impact, v.help, v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160))]);
}"""


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    """A small synthetic network, with the settings that bring levels and colours onto the page."""
    folder = write_sample(tmp_path_factory.mktemp("network") / "data", schools=6, years=2, students_per_school=150)
    (folder / "kit.toml").write_text('[rules]\nshow = ["california"]\n', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def made(network, tmp_path_factory):
    """Return a function from a template's name to the folder of its reports; each is made once."""
    done: dict[str, Path] = {}

    def make(template: str) -> Path:
        if template not in done:
            out = tmp_path_factory.mktemp(template)
            assert make_reports(network, out, template=template, progress=False).ok
            done[template] = out
        return done[template]

    return make


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("there is no Chromium here: set KIT_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()


def _pages(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*.html") if p.name != "index.html")


def _faults(browser, file: Path, scheme: str, width: int) -> list:
    # The page's own policy forbids foreign scripts; axe is one.
    context = browser.new_context(
        bypass_csp=True, color_scheme=scheme, reduced_motion="reduce", viewport={"width": width, "height": 900}
    )
    tab = context.new_page()
    tab.goto(file.as_uri())
    tab.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    for chart in tab.locator(".chart").all():
        chart.scroll_into_view_if_needed()
    tab.wait_for_function(
        "[...document.querySelectorAll('.chart')].every((c) => c.dataset.drawn || c.querySelector('svg'))"
    )
    tab.add_script_tag(path=AXE)
    found = tab.evaluate(RUN)
    context.close()
    return found


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing_on_a_report(browser, made, template, scheme, width):
    pages = _pages(made(template))
    assert _faults(browser, pages[0], scheme, width) == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_axe_finds_nothing_on_the_index(browser, made, scheme, width):
    assert _faults(browser, made("school-report") / "index.html", scheme, width) == []


def test_axe_would_find_a_fault(browser, made, tmp_path):
    text = _pages(made("school-report"))[0].read_text(encoding="utf-8")
    bad = tmp_path / "bad.html"
    bad.write_text(text.replace('<main id="content"', '<img src="data:,"><main id="content"', 1), encoding="utf-8")
    assert any(fault[0] == "image-alt" for fault in _faults(browser, bad, "light", 1280))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_chart_says_what_it_shows_and_has_a_table(browser, made, template):
    context = browser.new_context()
    tab = context.new_page()
    for file in _pages(made(template))[:2]:
        tab.goto(file.as_uri())
        for figure in tab.locator("figure:has(.chart)").all():
            said = figure.evaluate(
                "f => { const c = f.querySelector('.chart');"
                " const ids = (c.getAttribute('aria-describedby') || '').split(' ');"
                " const by = ids.map((i) => document.getElementById(i));"
                " return (c.getAttribute('aria-label') || '') + by.map((e) => e ? e.textContent : '').join(' '); }"
            )
            assert len(said.split()) >= 6, f"{file.name}: a chart says only '{said}'"
            assert figure.locator("table").count() >= 1
    context.close()


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(browser, made, template):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab = context.new_page()
    tab.goto(_pages(made(template))[0].as_uri())
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.getAttribute('href')") == "#content"
    wanted = tab.evaluate(
        "[...document.querySelectorAll('a[href], summary, button, input, select, [tabindex=\"0\"]')]"
        ".filter((e) => e.checkVisibility()).length"
    )
    seen, unmarked = 1, 0
    for _ in range(wanted + 5):
        tab.keyboard.press("Tab")
        state = tab.evaluate(
            "(() => { const e = document.activeElement; if (e === document.body) return 'out';"
            " const s = getComputedStyle(e); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0"
            " ? 'marked' : 'unmarked'; })()"
        )
        if state == "out":
            break
        seen += 1
        unmarked += state == "unmarked"
    assert seen >= wanted
    assert unmarked == 0
    context.close()
