"""The index in a real browser: no error, no request, search by keyboard, phone width, dark."""

from pathlib import Path

import pytest

from kit.reports.index import write_index
from kit.reports.manifest import Entry, Manifest

playwright = pytest.importorskip("playwright.sync_api", reason="needs the browser tests' Playwright")
pytestmark = pytest.mark.browser
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(p).exists()), None)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("index")
    names = ["Étoile Elementary", "<img src=x onerror=alert(1)>", "Maple Middle", "W" * 120]
    entries = [
        Entry(str(i), name, f"District {i % 2}", "elementary", f"{i}.html", "made") for i, name in enumerate(names)
    ]
    entries.append(Entry("9", "Failed High", "District 0", "high", "9.html", "failed", error="cell a: KeyError: 'b'"))
    write_index(out, Manifest({"kit": "0", "school_year": 2026, "minimum": 20}, entries))
    return out


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as made:
        options = {"executable_path": CHROMIUM} if CHROMIUM else {}
        chromium = made.chromium.launch(args=FLAGS, **options)
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, folder):
    """Open the index and watch: returns a function of the context's options."""
    contexts = []

    def open_page(**options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("console", lambda m: page.faults.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: page.faults.append(str(e)))
        page.on("dialog", lambda d: page.faults.append("dialog"))
        page.on("request", lambda r: page.faults.append(r.url) if not r.url.endswith("index.html") else None)
        page.goto((folder / "index.html").as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_no_error_and_no_request(opened):
    page = opened()
    assert page.locator("[data-find]").count() == 5
    page.wait_for_timeout(100)
    assert page.faults == []


def test_search_finds_by_parts_without_accents_and_says_how_many(opened):
    page = opened()
    page.get_by_role("searchbox").fill("etoile")
    assert page.locator("[data-find]:visible").all_inner_texts() == ["Étoile Elementary elementary"]
    playwright.expect(page.get_by_role("status")).to_have_text("1 school found")
    assert page.locator("h3:visible").all_inner_texts() == ["District 0"]
    page.get_by_role("searchbox").fill("nowhere")
    playwright.expect(page.get_by_role("status")).to_have_text("0 schools found")
    page.get_by_role("searchbox").press("Enter")
    page.get_by_role("searchbox").fill("")
    assert page.locator("[data-find]:visible").count() == 5
    assert page.faults == []


def test_all_schools_are_shown_without_scripts(opened):
    page = opened(java_script_enabled=False)
    assert page.locator("[data-find]:visible").count() == 5
    assert not page.get_by_role("searchbox").is_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_runs_out_of_the_page(opened, width):
    page = opened(viewport={"width": width, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_keyboard_reaches_the_skip_link_the_box_and_each_report(opened):
    page = opened()
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.getAttribute('href') || document.activeElement.id"))
    assert reached[:2] == ["#schools", "find"]
    assert {"0.html", "1.html", "2.html", "3.html", "manifest.json"} <= set(reached)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(opened, scheme):
    """WCAG 2.2 AA asks for 4.5 to 1; computed here from the colours that the browser used."""
    page = opened(color_scheme=scheme)
    worst = page.evaluate(
        """() => {
          const part = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
          const light = (s) => { const [r, g, b] = s.match(/[\\d.]+/g).map(Number);
            return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b); };
          const ground = (e) => { for (; e; e = e.parentElement) {
            const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; }
            return 'rgb(255,255,255)'; };
          const all = [...document.querySelectorAll('body *')].filter((e) => e.innerText && e.offsetParent);
          return Math.min(...all.map((e) => { const a = light(getComputedStyle(e).color), b = light(ground(e));
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }));
        }"""
    )
    assert worst >= 4.5
