"""One sheet for a wall: one page on either paper, in either language, with every measure and type that can be read."""

from __future__ import annotations

import re
from html import unescape

import nbformat
import pandas as pd
import pypdf
import pytest
from report_network import HOSTILE, Published

import kit
from kit.errors import KitError
from kit.measures.registry import measures
from kit.measures.results import RESULT_COLUMNS
from kit.privacy import release
from kit.records.sample import write_sample
from kit.reports.chromium import Browser, find_chromium
from kit.reports.html import page
from kit.reports.one_page import one_page
from kit.reports.pdf import PdfWriter
from kit.reports.prepared import prepare
from kit.workspace import open_workspace

LONG = "Dr. Martin Luther King Jr. & Señora Muñoz Technical Academy of Arts and Sciences 🎓"
N = 2188


def every_measure() -> pd.DataFrame:
    """Twelve schools with all 30 measures over three years; college comes a year late, and one number is small."""
    rows = []
    for s in range(12):
        around = [("district", "d0"), ("network", "network")] if s == 0 else []
        for kind, unit in [("school", f"s{s}"), *around]:
            for year in (2024, 2025, 2026):
                for i, m in enumerate(measures().values()):
                    if m.id == "college_going" and year == 2026:
                        continue
                    n = 12 if (unit, m.id) == ("s0", "suspension") else N
                    value = 20 + (7 * i + 13 * s + (3 * i) % 5 * (year - 2024)) % 60
                    value = 2 + value / 50 if m.scale == "points" else value
                    count = round(n * value / 100) if m.unit == "percent" else None
                    value = value if count is None else 100 * count / n
                    rows.append((year, kind, unit, m.id, "all", "all", n, count, value))
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS)).astype(RESULT_COLUMNS)


class Full(Published):
    """A folder whose schools have every measure."""

    def results(self):
        return every_measure()

    def schools(self):
        names = [LONG, *(f"School {i}" for i in range(1, 12))]
        district = "The Longest Unified School District of San Bernardino"
        same = {"district_id": "d0", "district_name": district, "level": "high", "low_grade": "K", "high_grade": "12"}
        return pd.DataFrame({"school_id": [f"s{i}" for i in range(12)], "school_name": names, **same})

    def released(self, *, audience="internal", minimum=20):
        return release(self.results(), audience=audience, minimum=minimum, schools=self.schools())


def sheet(data, school_id: str, language: str = "en") -> str:
    """Return the page as a batch makes it from the template's one cell."""
    made = one_page(data, school_id, live=False, language=language)
    output = nbformat.v4.new_output("display_data", {"text/html": made.sheet().html()})
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    subtitle = f"{made.school['district_name']} · 2025-26"
    return page(book, title=made.school["school_name"], subtitle=subtitle, lang=language)


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", html, flags=re.S))).split())


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return prepare(Full()).write(tmp_path_factory.mktemp("full") / "prepared")


@pytest.fixture(scope="module")
def chromium():
    try:
        return find_chromium()
    except KitError:
        pytest.skip("there is no Chromium here: set KIT_CHROMIUM")


def test_the_template_is_about_a_school_and_says_for_whom():
    book = nbformat.read(kit.home() / "templates" / "one-page.ipynb", as_version=4)
    assert book.metadata.kit.subject == "school"
    assert "Who it is for" in book.cells[0].source
    (call,) = [c.source for c in book.cells if c.cell_type == "code" and "parameters" not in c.metadata.get("tags", [])]
    assert "one_page(data, school_id, school_year, minimum, live, language).sheet()" in call


def test_every_measure_is_there_with_all_that_it_needs(full):
    assert len(measures()) == 30
    html = sheet(full, "s0")
    said = text(html)
    tiles = re.findall(r"<li><h[34]>.*?</li>", html, flags=re.S)
    assert len(tiles) == 30
    own = every_measure()
    own = own[own["unit_id"].eq("s0")].set_index(["measure", "school_year"])
    for m, tile in zip(_in_order(), tiles, strict=True):
        seen = text(tile)
        year = 2025 if m.id == "college_going" else 2026
        if m.id == "suspension":
            assert "not shown" in seen
            assert not re.search(r"\d", seen)
            continue
        value, before = own.loc[(m.id, year), "value"], own.loc[(m.id, year - 1), "value"]
        written = {"percent": f"{value:.1f} %", "points": f"{value:.2f}", "percentile": f"{value:.0f}"}[m.scale]
        assert written in seen.replace("\u00a0", " ")
        digits = {"percent": 1, "points": 2, "percentile": 0}[m.scale]
        change = f"{abs(value - before):.{digits}f}"
        assert change in seen
        assert f"{N:,} {m.counts}" in seen
        beside = written.removesuffix(" %")
        assert f"district {beside} · network {beside}" in seen  # there the district's number is the school's own
        assert re.search(r"[▲●◆○] (Strength|Typical|Look closer|Too few to say)", seen)
        assert '<svg class="spark"' in tile
        assert (m.id == "college_going") == ("2024‑25" in seen)
    assert "to start a conversation, not to rank" in said
    assert "Sources: CORE School Quality Improvement Index (Marsh et al. 2016)" in said
    assert "Not shown: fewer than 20" in said
    assert "Lower is better: Chronic absence and Suspension." in said


def _in_order():
    first = ("attendance", "discipline", "achievement", "growth")
    parts = (first, ("english_learners", "readiness", "graduation"), ("surveys",))
    return [m for themes in parts for m in measures().values() if m.theme in themes]


def test_hostile_names_stay_names(tmp_path):
    data = prepare(Published()).write(tmp_path / "prepared")
    html = sheet(data, "s0")
    assert "<script>alert" not in html
    assert HOSTILE.replace("  ", " ") in text(html)


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["letter", "a4"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_all_measures_and_a_long_name_are_one_page(full, chromium, tmp_path, paper, language):
    html, out = tmp_path / "s0.html", tmp_path / "s0.pdf"
    html.write_text(sheet(full, "s0", language), encoding="utf-8")
    writer = PdfWriter(paper=paper)
    writer.write("s0", html, out)
    writer.close()
    (only,) = pypdf.PdfReader(out).pages
    size = {"letter": (792, 612), "a4": (842, 595)}[paper]
    assert [float(v) for v in only.mediabox[2:]] == pytest.approx(size, abs=1.5)
    squeezed = re.sub(r"\s", "", only.extract_text())
    assert len(re.findall(r"[▲●◆○]", squeezed)) == 29 + 4  # the measures that are shown, and the key
    assert re.sub(r"\s", "", LONG) in squeezed


@pytest.mark.browser
def test_every_school_of_a_small_sample_is_one_page(chromium, tmp_path):
    data = write_sample(tmp_path / "network", schools=5, students_per_school=60, years=2)
    folder = prepare(open_workspace(data)).write(tmp_path / "prepared")
    writer, counts = PdfWriter(), {}
    for school_id in pd.read_parquet(folder / "schools.parquet")["school_id"]:
        html, out = tmp_path / f"{school_id}.html", tmp_path / f"{school_id}.pdf"
        html.write_text(sheet(folder, school_id), encoding="utf-8")
        writer.write(school_id, html, out)
        counts[school_id] = len(pypdf.PdfReader(out).pages)
    writer.close()
    assert len(counts) == 5
    assert set(counts.values()) == {1}


@pytest.mark.browser
def test_type_is_large_enough(full, chromium):
    """12 points for what is read from two metres, 8 points for the rest; 1 point is 4/3 of a browser's pixel."""
    browser = Browser()
    tab = browser.tab()
    browser.ask("Emulation.setEmulatedMedia", tab, media="print")
    frame = browser.ask("Page.getFrameTree", tab)["frameTree"]["frame"]["id"]
    browser.ask("Page.setDocumentContent", tab, frameId=frame, html=sheet(full, "s0"))
    smallest = (
        "(chosen) => { const sizes = []; const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);"
        " while (walk.nextNode()) { const e = walk.currentNode.parentElement;"
        " if (walk.currentNode.data.trim() && e.getClientRects().length && !e.closest('script, style') &&"
        " (!chosen || e.closest(chosen))) sizes.push(parseFloat(getComputedStyle(e).fontSize)); }"
        " return [sizes.length, Math.min(...sizes) * 0.75]; }"
    )
    few, least = browser.evaluate(tab, f"({smallest})('')")
    assert few > 200
    assert least >= 8 - 1e-6
    chosen = ".tiles h3, .tiles h4, .tiles .value, .tiles .level, .construct h3"
    few, least = browser.evaluate(tab, f"({smallest})({chosen!r})")
    assert few >= 30 * 3
    assert least >= 12 - 1e-6
    browser.close()
