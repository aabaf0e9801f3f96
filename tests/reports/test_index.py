"""The index lists every school once, in alphabetical order, and what it says of names is text."""

import re
from html.parser import HTMLParser

import pytest

from kit.reports.index import index_page, school_year_words
from kit.reports.manifest import Entry, Manifest

HOSTILE = ("<script>alert(1)</script>", 'a" onclick="x', "{{ 7 * 7 }}", "=1+1", "x\u202ey", "</style><b>", "&amp;")


class Page(HTMLParser):
    """Collects elements, links and the text of the page."""

    def __init__(self, html: str):
        super().__init__()
        self.tags, self.attributes, self.text, self._inside = [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data):
        if "script" not in self._inside and "style" not in self._inside:
            self.text.append(data)


def manifest(*entries: Entry) -> Manifest:
    run = {"kit": "0.1.0", "template": "t", "school_year": 2026, "minimum": 20, "audience": "internal"}
    return Manifest(run, list(entries))


def school(school_id="1", name="A", district="D", status="made", **more) -> Entry:
    return Entry(school_id, name, district, "middle", f"{school_id}.html", status, **more)


def test_schools_stand_by_district_in_alphabetical_order():
    page = Page(index_page(manifest(school("1", "b", "Z"), school("2", "Ä", "z"), school("3", "A", "M"))))
    links = [a["href"] for t, a in page.attributes if t == "a" and a["href"].endswith(".html")]
    assert links == ["3.html", "2.html", "1.html"]
    assert "not a ranking" in "".join(page.text)
    assert "2025-26" in "".join(page.text)


@pytest.mark.parametrize("text", HOSTILE)
def test_names_are_text_only(text):
    harmless = Page(index_page(manifest(school(), school("2", status="failed", error="e"))))
    page = Page(
        index_page(manifest(school(name=text, district=text), school("2", text, text, status="failed", error=text)))
    )
    extra = ["section", "h3", "bdi", "ul"]  # the second district is the same as the first, or not
    assert sorted(set(page.tags)) == sorted(set(harmless.tags) | set(extra) & set(page.tags))
    assert not any(k.startswith("on") for _, a in page.attributes for k in a)
    assert text in "".join(page.text)
    assert next(a for t, a in page.attributes if "data-find" in a)["data-find"].startswith(text.casefold())


def test_what_has_no_report_is_said_and_not_linked():
    failed = school("f", "Failed one", status="failed", error="cell x: ValueError: why")
    page = Page(
        index_page(
            manifest(school("g"), failed, school("n", "Later", status="not-made"), school("o", status="out-of-date"))
        )
    )
    links = {a["href"] for t, a in page.attributes if t == "a"}
    assert {"g.html", "o.html"} <= links
    assert not {"f.html", "n.html"} & links
    words = " ".join("".join(page.text).split())
    assert "Without a report: 2" in words
    assert "cell x: ValueError: why" in words
    assert "has not been made yet" in words
    assert "1 of 4 schools have a current report" in words


def test_it_asks_nothing_of_a_network_and_says_so_to_the_browser():
    html = index_page(manifest(school()))
    page = Page(html)
    policy = next(a["content"] for t, a in page.attributes if t == "meta" and "http-equiv" in a)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"https?://|src=|@import|url\(", html)
    assert '<html lang="en">' in html


def test_the_search_box_appears_by_script_and_tells_what_it_found():
    page = Page(index_page(manifest(school())))
    form = next(a for t, a in page.attributes if t == "form")
    assert "hidden" in form  # without a script there is no box, and all schools are shown
    status = next(a for _, a in page.attributes if a.get("id") == "found")
    assert status["aria-live"] == "polite"
    assert any(a.get("for") == "find" for t, a in page.attributes if t == "label")


def test_file_names_are_escaped_in_links():
    entry = Entry("1", "A", "D", "high", "a b%.html", "made")
    assert 'href="a%20b%25.html"' in index_page(manifest(entry))


@pytest.mark.parametrize(("year", "words"), [(2026, "2025-26"), (2000, "1999-00"), (None, "")])
def test_a_school_year_in_words(year, words):
    assert school_year_words(year) == words
