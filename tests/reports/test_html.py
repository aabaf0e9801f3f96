"""The page: one file, no code, no prompts, no network, and text that stays text."""

import base64
import json
import re
import zlib
from itertools import pairwise

import nbformat
import pytest
from report_network import HOSTILE, Published, run_template

from kit.reports.html import page
from kit.reports.prepared import prepare


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    folder = prepare(Published()).write(tmp_path_factory.mktemp("prepared"))
    return page(run_template(folder, "s0"), title=HOSTILE, subtitle="School report, 2025-26")


def _without_library(html: str) -> str:
    return re.sub(r'<script type="text/plain" id="drawing".*?</script>', "", html, flags=re.S)


def test_the_page_holds_no_code_and_no_prompt(html):
    for word in ("school_report(", "import ", "In [", "Out[", "report.theme", "A report for one school"):
        assert word not in _without_library(html).replace("@import", "")


def test_the_page_asks_the_network_for_nothing(html):
    body = _without_library(html)
    assert "default-src &#39;none&#39;" in body
    assert "unsafe-eval" not in body
    assert not re.search(r'(src|href)="(?!#|data:|mailto:)', body)
    assert "url(" not in body
    assert not re.search(r"https?://(?!vega\.github\.io/schema/)", body)


def test_hostile_text_is_text(html):
    body = _without_library(html)
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in body
    assert re.search(r"<title>&lt;script&gt;", body)


def test_the_drawing_library_comes_back_whole(html):
    packed, length = (
        re.search(r'id="drawing" data-length="\d+">(.*?)</script>', html, re.S)[1],
        int(re.search(r'data-length="(\d+)"', html)[1]),
    )
    assert not set("<>&") & set(packed)
    # Ascii85's arithmetic, with letters of our own where Python's mean something in HTML.
    letters = packed.translate(str.maketrans(",./", "<>&"))
    library = zlib.decompress(base64.b85decode(letters), -15)
    assert len(library) == length
    assert b"vegaEmbed" in library


def test_headings_are_in_order_and_the_contents_lead_to_them(html):
    body = re.sub(r"<script.*?</script>", "", html, flags=re.S)
    levels = [int(n) for n in re.findall(r"<h([1-6])[ >]", body)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    contents = re.search(r'<nav class="contents".*?</nav>', body, re.S)[0]
    anchors = re.findall(r'href="#([^"]+)"', contents)
    assert len(anchors) == 9
    assert all(f'<h2 id="{a}">' in body for a in anchors)


def test_a_part_of_which_the_school_has_no_measure_is_left_out_with_its_heading(html):
    """The network has measures of attendance, achievement and surveys only."""
    heads = re.findall(r'<h2 id="([^"]+)"', html)
    assert {"attendance", "achievement", "surveys"} < set(heads)
    for gone in ("discipline", "growth", "english-learners", "readiness-and-marks", "graduation-and-college"):
        assert gone not in heads
        assert f'href="#{gone}"' not in html
    assert "students who need longer are not lost" not in html
    assert "Nothing of this theme" not in html
    assert re.search("because the records do not give it: [^<]*Graduated in 4 years", html)


def test_the_page_has_a_language_a_skip_link_and_named_charts(html):
    assert '<html lang="en"' in html
    assert 'class="skip" href="#content"' in html
    charts = re.findall(r'<div class="chart" role="img" aria-label="([^"]*)"', html)
    assert len(charts) > 8
    assert all(re.search(r"\d", words) for words in charts)
    assert html.count("<table") == html.count("<caption>")


def test_charts_of_one_form_share_it_and_nothing_is_lost(html):
    forms = json.loads(re.search(r'id="forms">(.*?)</script>', html, re.S)[1])
    specs = [json.loads(s) for s in re.findall(r'<script type="application/json">(.*?)</script>', html, re.S)]
    assert len(specs) > 8
    assert {s["form"] for s in specs} == set(range(len(forms)))
    assert len(forms) < len(specs)
    assert all(s["datasets"]["rows"] for s in specs)
    assert all("layer" in f and "datasets" not in f for f in forms)


def test_the_page_is_light(html):
    assert len(html.encode()) < 700_000


def test_a_page_without_charts_carries_no_library():
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## One\n\nText with <b>html</b>.")])
    html = page(book, title="t", subtitle="s", lang="es")
    assert len(html) < 20_000
    assert '<html lang="es"' in html
    assert "&lt;b&gt;html&lt;/b&gt;" in html
