"""The PDF of a report: what a screen reader, a printer and a search find in it, and what happens when things break."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
import signal
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pikepdf
import psutil
import pypdf
import pytest
from report_network import HOSTILE, Published, run_template

from kit.errors import KitError
from kit.language import use
from kit.reports import chromium, press
from kit.reports.chromium import Browser, BrowserEnded, find_chromium
from kit.reports.html import page
from kit.reports.pdf import PdfWriter
from kit.reports.prepared import prepare

pytestmark = pytest.mark.browser
SUBTITLE = "Plain District · 2025-26"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@pytest.fixture(scope="module", autouse=True)
def chromium_is_there():
    try:
        find_chromium()
    except KitError:
        pytest.skip("there is no Chromium here: set KIT_CHROMIUM")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The page and the PDF of the school with the hostile name."""
    folder = tmp_path_factory.mktemp("pdf")
    data = prepare(Published()).write(folder / "prepared")
    html = folder / "s0.html"
    html.write_text(page(run_template(data, "s0"), title=HOSTILE, subtitle=SUBTITLE), encoding="utf-8")
    writer = PdfWriter(str(data))
    writer.write("s0", html, folder / "s0.pdf")
    writer.close()
    return html, folder / "s0.pdf"


@pytest.fixture(scope="module")
def pdf(made):
    with pikepdf.open(made[1]) as opened:
        yield opened


class Page(HTMLParser):
    """Reads from a page what paper shows of it: headings and the words of pictures."""

    def __init__(self, html: str):
        super().__init__()
        self.headings, self.pictures, self._deep, self._words = [], [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        hidden = given.get("aria-hidden") == "true" or tag in ("details", "script", "style", "title", "nav")
        if given.get("role") == "img" and not self._hidden():
            self.pictures.append(given["aria-label"])
        if tag not in ("meta", "br", "img", "link", "input", "path", "circle", "polyline"):
            self._deep.append((tag, hidden))
        if tag in HEADINGS and not self._hidden():
            self._words = ""

    def handle_endtag(self, tag):
        while self._deep and self._deep.pop()[0] != tag:
            pass
        if tag in HEADINGS and self._words is not None:
            self.headings.append(" ".join(self._words.split()))
            self._words = None

    def handle_data(self, data):
        if self._words is not None and not self._hidden():
            self._words += data

    def _hidden(self):
        return any(hidden for _tag, hidden in self._deep)


def kids(element):
    found = element.get("/K", [])
    return list(found) if isinstance(found, pikepdf.Array) else [found]


def elements(element):
    """Yield an element and all below it, in reading order."""
    yield element
    for kid in kids(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from elements(kid)


def content(element, numbers: dict, under=None) -> list[tuple[int, int]]:
    """Return (page, number) of the marked content in an element."""
    found, own = [], element.get("/Pg", under)
    for kid in kids(element):
        if isinstance(kid, pikepdf.Dictionary):
            if "/S" in kid:
                found += content(kid, numbers, own)
            elif "/MCID" in kid:
                found.append((numbers[kid.Pg.objgen], int(kid.MCID)))
        else:
            found.append((numbers[own.objgen], int(kid)))
    return found


def page_numbers(pdf) -> dict:
    return {p.obj.objgen: i for i, p in enumerate(pdf.pages)}


def tree(pdf) -> list:
    return list(elements(pdf.Root.StructTreeRoot.K))


def texts(path: Path) -> list[str]:
    return [" ".join(p.extract_text().split()) for p in pypdf.PdfReader(path).pages]


def test_it_says_what_it_is_and_nothing_of_when_and_where(made, pdf):
    assert bool(pdf.Root.MarkInfo.Marked) is True
    assert str(pdf.Root.Lang) == "en"
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle) is True
    assert str(pdf.docinfo["/Title"]) == f"{HOSTILE} – {SUBTITLE}"
    assert set(pdf.docinfo.keys()) == {"/Title", "/Producer"}
    said = ElementTree.fromstring(pdf.Root.Metadata.read_bytes())
    dc = "{http://purl.org/dc/elements/1.1/}"
    assert "".join(said.find(f".//{dc}title").itertext()).strip() == f"{HOSTILE} – {SUBTITLE}"
    assert "".join(said.find(f".//{dc}language").itertext()).strip() == "en"
    unpacked = io.BytesIO()
    with pikepdf.open(made[1]) as again:
        again.save(unpacked, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False, qdf=True)
    assert b"/StructTreeRoot" in unpacked.getvalue()
    for secret in (str(made[0].parent), "HeadlessChrome", "Skia", "CreationDate", "ModDate", "kit-print-"):
        assert secret.encode() not in unpacked.getvalue()


def test_the_outline_is_the_headings(made, pdf):
    headings = Page(made[0].read_text("utf-8")).headings
    assert len(headings) > 30
    assert headings[0] == " ".join(HOSTILE.split())

    def flat(entries):
        return [x for e in entries for x in (e, *flat(e.children))]

    with pdf.open_outline() as outline:
        assert [e.title for e in flat(outline.root)] == headings
        assert [e.title for e in outline.root] == headings[:1]
        assert "At a glance" in [e.title for e in outline.root[0].children]
        assert all(e.destination is not None for e in flat(outline.root))


def test_every_page_has_its_number_and_every_further_page_its_head(made):
    pages = texts(made[1])
    assert len(pages) > 3
    name = " ".join(HOSTILE.split())
    for number, text in enumerate(pages, 1):
        assert f"{number} of {len(pages)}" in text
        assert name in text if number == 1 else text.startswith(f"{name} {SUBTITLE}")


def test_pictures_have_the_words_that_the_page_gives_them(made, pdf):
    figures = [e for e in tree(pdf) if str(e.S) == "/Figure"]
    words = Page(made[0].read_text("utf-8")).pictures
    assert sorted(str(f.Alt) for f in figures) == sorted(words)
    assert len(words) > 10
    assert all(content(f, page_numbers(pdf)) for f in figures)


def test_the_tags_are_those_that_readers_know(pdf):
    found = tree(pdf)
    known = {"Document", "Sect", "P", "L", "LI", "Lbl", "LBody", "Table", "Caption", "TR", "TH", "TD", "Link", "Span"}
    assert {str(e.S)[1:] for e in found} <= known | {"Figure", *(f"H{n}" for n in range(1, 7))}
    for element in found:
        below = [str(k.S) for k in kids(element) if isinstance(k, pikepdf.Dictionary) and "/S" in k]
        if str(element.S) == "/LI":
            assert set(below) <= {"/Lbl", "/LBody"}
            assert below.count("/LBody") == 1
        if str(element.S) == "/Table":
            assert set(below) <= {"/Caption", "/TR"}
        if str(element.S) in ("/P", "/H1", "/H2", "/H3", "/H4"):
            assert not set(below) - {"/Link", "/Span", "/Figure"}
            assert kids(element)
        if str(element.S) == "/TH":
            scopes = [str(a.Scope) for a in element.A if "/Scope" in a]
            assert scopes in (["/Column"], ["/Row"])
    headers = {str(e.ID) for e in found if "/ID" in e}
    named = {str(h) for e in found if "/A" in e for a in kids_of(e.A) if "/Headers" in a for h in a.Headers}
    assert named
    assert named <= headers


def kids_of(attributes):
    return attributes if isinstance(attributes, pikepdf.Array) else [attributes]


def test_all_that_is_drawn_is_in_the_tree_or_decoration(pdf):
    held = set(content(pdf.Root.StructTreeRoot.K, page_numbers(pdf)))
    marked = set()
    for number, one in enumerate(pdf.pages):
        inside = []
        for operands, operator in pikepdf.parse_content_stream(one):
            name = str(operator)
            if name in ("BDC", "BMC"):
                inside.append(int(operands[1].MCID) if name == "BDC" else str(operands[0]))
                if name == "BDC":
                    marked.add((number, inside[-1]))
            elif name == "EMC":
                inside.pop()
            elif name in ("Tj", "TJ", "Do", "f", "S", "B", "f*"):
                assert len(inside) == 1
                assert inside == ["/Artifact"] or (number, inside[0]) in held
        assert inside == []
    assert marked == held
    back = {}
    tree_of_parents = pdf.Root.StructTreeRoot.ParentTree
    nodes = [tree_of_parents]
    while nodes:
        node = nodes.pop()
        nodes += list(node.get("/Kids", ()))
        numbers = list(node.get("/Nums", ()))
        back |= {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}
    for number, one in enumerate(pdf.pages):
        owners = back[int(one.obj.StructParents)]
        for at, owner in enumerate(owners):
            if (number, at) in held:
                assert (number, at) in content(owner, page_numbers(pdf))


def test_no_row_and_no_picture_is_cut_and_headings_stay_with_what_follows(pdf):
    numbers, found = page_numbers(pdf), tree(pdf)
    for element in found:
        if str(element.S) in ("/TR", "/Figure", "/LI", "/H1", "/H2", "/H3", "/H4"):
            assert len({at for at, _ in content(element, numbers)}) <= 1
    blocks = [e for e in found if str(e.S) in ("/H1", "/H2", "/H3", "/H4", "/P", "/TR", "/Figure", "/LI")]
    places = [(str(e.S), sorted(content(e, numbers))) for e in blocks]
    places = [(kind, at) for kind, at in places if at]
    for (kind, at), (_next, after) in itertools.pairwise(places):
        if kind.startswith("/H"):
            assert at[0][0] == after[0][0]


def test_a_table_repeats_its_head_on_each_page_and_a_reader_hears_it_once(made, pdf):
    numbers = page_numbers(pdf)
    table = next(e for e in tree(pdf) if str(e.S) == "/Table")
    rows = [e for e in elements(table) if str(e.S) == "/TR"]
    over = sorted({at for r in rows for at, _ in content(r, numbers)})
    seen = texts(made[1])
    for number in over:
        assert re.search(r"Measure This school.*Trend", seen[number])
    heads = [e for e in elements(table) if str(e.S) == "/TH" and any(str(a.get("/Scope")) == "/Column" for a in e.A)]
    assert {at for e in heads for at, _ in content(e, numbers)} == {over[0]}


def test_all_fonts_are_inside(pdf):
    fonts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/Font"]
    assert fonts
    for font in fonts:
        if font.Subtype == "/Type0":
            continue  # its descendant holds the outlines
        described = font.get("/FontDescriptor", {})
        assert font.Subtype == "/Type3" or any(f"/FontFile{n}" in described for n in ("", "2", "3"))
    assert all("/ToUnicode" in f for f in fonts if f.Subtype == "/Type0")


def test_charts_are_whole(made):
    """Every value that a trend writes beside its marks, and every group that a chart of gaps names, is on the paper."""
    pages = " ".join(texts(made[1]))
    squeezed = re.sub(r"\s", "", pages)
    html = made[0].read_text("utf-8")
    drawn = [json.loads(s) for s in re.findall(r'<script type="application/json">(.*?)</script>', html)]
    labels = [row for chart in drawn for rows in chart["datasets"].values() for row in rows]
    words = {row[key] for row in labels for key in ("over", "under", "group", "gap_text") if row.get(key)}
    assert len(words) >= 20
    assert not [w for w in words if re.sub(r"\s", "", w) not in squeezed]


def test_the_same_page_gives_the_same_bytes_whatever_was_printed_before(made, tmp_path):
    html, first = made
    plain = tmp_path / "plain.html"
    plain.write_text("<!DOCTYPE html><html lang=es><title>T</title><h1>Hola</h1><p>uno", encoding="utf-8")
    writer = PdfWriter()
    with use("es"):
        writer.write("plain", plain, tmp_path / "plain.pdf")
    writer.write("s0", html, tmp_path / "again.pdf")
    writer.close()
    assert (tmp_path / "again.pdf").read_bytes() == first.read_bytes()
    with pikepdf.open(tmp_path / "plain.pdf") as small:
        assert str(small.Root.Lang) == "es"
        assert len(small.pages) == 1


def test_a_browser_that_dies_is_started_again_once(made, tmp_path, monkeypatch):
    html, first = made
    writer = PdfWriter()
    real, died = press.Press.print, []

    def dying(self, text):
        died.append(self.browser.pid)
        if len(died) == 1:
            os.kill(self.browser.pid, signal.SIGKILL)
        return real(self, text)

    monkeypatch.setattr(press.Press, "print", dying)
    monkeypatch.setattr(chromium.tempfile, "tempdir", str(tmp_path))
    writer.write("s0", html, tmp_path / "s0.pdf")
    assert len(set(died)) == 2
    assert (tmp_path / "s0.pdf").read_bytes() == first.read_bytes()
    last = psutil.Process(died[-1])
    writer.close()
    assert not last.is_running()
    assert not psutil.pid_exists(died[0])
    assert [p.name for p in tmp_path.iterdir()] == ["s0.pdf"]


def test_a_page_that_kills_every_browser_fails_by_name_and_writes_nothing(made, tmp_path, monkeypatch):
    writer = PdfWriter()
    real, seen = press.Press.print, []

    def deadly(self, text):
        seen.append(self.browser.pid)
        os.kill(self.browser.pid, signal.SIGKILL)
        return real(self, text)

    monkeypatch.setattr(press.Press, "print", deadly)
    with pytest.raises(KitError, match=r"s0\.html.*'s0'"):
        writer.write("s0", made[0], tmp_path / "s0.pdf")
    assert len(set(seen)) == 2
    assert list(tmp_path.iterdir()) == []
    writer.close()


def test_a_page_that_cannot_be_finished_leaves_the_old_file_as_it_was(made, tmp_path, monkeypatch):
    old = tmp_path / "s0.pdf"
    old.write_bytes(b"old")
    writer = PdfWriter()
    monkeypatch.setattr(press.Press, "print", lambda self, text: press.Printed(b"%PDF-", "t", "en", ()))
    with pytest.raises(KitError, match="no tagged PDF"):
        writer.write("s0", made[0], old)
    writer.close()
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


def test_without_a_browser_the_error_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("KIT_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(KitError, match="KIT_CHROMIUM names a browser that is not there"):
        find_chromium()
    monkeypatch.delenv("KIT_CHROMIUM")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "_PLACES", {})
    with pytest.raises(KitError, match=r"none was found\. Install one .*KIT_CHROMIUM"):
        find_chromium()


def test_a_browser_that_does_not_start_is_an_error_too(monkeypatch):
    monkeypatch.setenv("KIT_CHROMIUM", "false")
    with pytest.raises(KitError, match="does not start"):
        Browser()


@pytest.mark.parametrize("through_socket", [False, True])
def test_both_ways_to_speak_to_the_browser(through_socket):
    browser = Browser(socket=through_socket)
    try:
        tab = browser.tab()
        assert browser.evaluate(tab, "Promise.resolve('é🎓'.repeat(50000))") == "é🎓" * 50_000
        with pytest.raises(KitError, match="no such thing"):
            browser.evaluate(tab, "(() => { throw new Error('no such thing') })()")
        with pytest.raises(BrowserEnded):
            browser.ask("Runtime.evaluate", tab, seconds=0.2, expression="new Promise(() => {})", awaitPromise=True)
    finally:
        browser.close()
    assert not psutil.pid_exists(browser.pid)


def test_what_the_page_brings_is_never_run(tmp_path):
    """A page with a script and a foreign picture prints as text: nothing runs, nothing is asked for."""
    html = tmp_path / "bad.html"
    html.write_text(
        "<!DOCTYPE html><html lang=en><head><title>T</title></head><body><h1>Kept</h1>"
        "<svg onload=\"document.body.append('RAN')\"></svg>"
        "<img alt='x' src='x' onerror=\"document.body.append('RAN')\">"
        "</body></html>",
        encoding="utf-8",
    )
    writer = PdfWriter()
    writer.write("bad", html, tmp_path / "bad.pdf")
    writer.close()
    assert "RAN" not in texts(tmp_path / "bad.pdf")[0]
    assert "Kept" in texts(tmp_path / "bad.pdf")[0]
