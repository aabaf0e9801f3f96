"""No word of a page escapes the catalogues: a catalogue that marks every text it has marks all there is."""

from __future__ import annotations

import copy
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po
from pages import TEMPLATES, Words, make_page, prepared_folder, subject, texts

from kit.language import get_language, use
from kit.records.sample import write_sample
from kit.reports.index import index_page
from kit.reports.manifest import Manifest

OPEN, CLOSE = "⟦", "⟧"
_INNERMOST = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
# Marks of grades, and Vega's own words in what writes an axis label.
SAME = re.compile(r"\b(K|TK|PK|datum\.label|split)\b")


def _marked(text: str) -> str:
    head = re.match(r"#* *", text)[0]
    return f"{head}{OPEN}{text[len(head) :]}{CLOSE}"


def marking_catalogue(folder: Path, mark=_marked, tag: str = "qaa") -> Path:
    """Write a language in which every text is itself, marked."""
    catalogue = copy.deepcopy(texts())
    for message in catalogue:
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            message.string = tuple(map(mark, forms)) if isinstance(message.id, tuple) else mark(message.id)
    out = BytesIO()
    write_po(out, catalogue)
    folder.mkdir(exist_ok=True)
    (folder / f"{tag}.po").write_bytes(out.getvalue())
    return folder


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """A small network with everything that brings words: colours, what schools work on, three kinds of schools."""
    data = write_sample(tmp_path_factory.mktemp("words") / "data", schools=12, years=2, students_per_school=60)
    (data / "kit.toml").write_text('name = "123"\n[rules]\nshow = ["california"]\n', encoding="utf-8")
    marking_catalogue(data / "languages")
    out = tmp_path_factory.mktemp("prepared")
    return prepared_folder(data, out), out / ".prepared"


def _names(prepared) -> list[str]:
    columns = ("school_id", "school_name", "district_id", "district_name", "contact_name", "contact_email")
    names = {str(v) for c in columns if c in prepared.schools for v in prepared.schools[c]}
    # A chart shortens a long name.
    names |= {n[:27] for n in names if len(n) > 28}
    return sorted(names - {""}, key=len, reverse=True)


def _outside(text: str, names: list[str]) -> str:
    """Return what no catalogue has been through: the text without marked parts and without names from the data."""
    for name in names:
        text = text.replace(name, "")
    while True:
        shorter = _INNERMOST.sub("", text)
        if shorter == text:
            break
        text = shorter
    # What is cut out of a text (the year of a source) leaves one of its marks behind.
    text = re.sub(f"{OPEN}[^{OPEN}{CLOSE}\n]*|(?m:^[^{OPEN}{CLOSE}\n]*{CLOSE})", "", text)
    return SAME.sub("", text)


def _schools(prepared) -> list[str]:
    """Return the elementary and the high school that have the most numbers."""
    counts = prepared.glance.table.dropna(subset="value").groupby("unit_id").size()
    rows = prepared.schools.assign(n=prepared.schools["school_id"].map(counts).fillna(0))
    best = {level: g.sort_values("n")["school_id"].iloc[-1] for level, g in rows.groupby("level")}
    return [best["elementary"], best["high"]]


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_no_text_of_a_page_is_outside_of_the_catalogues(template, network):
    prepared, folder = network
    language, names = get_language("qaa", folder / "languages"), _names(prepared)
    of = {
        "school": [{"school_id": i} for i in _schools(prepared)],
        "district": [{"district_id": prepared.schools["district_id"].iloc[0]}],
        "network": [{}],
    }[subject(template)]
    for parameters in of:
        words = Words(make_page(template, folder, language, **parameters))
        assert words.texts
        # The words of a sentence may be spread over links: it is read as a whole.
        left = _outside("\n".join(words.texts), names)
        assert not re.search(r"[^\W\d_]{2,}", left), [t for t in left.splitlines() if re.search(r"[^\W\d_]{2,}", t)]
        for text in words.attributes + words.charts:
            assert not re.search(r"[^\W\d_]{2,}", _outside(text, names)), text


def test_no_text_of_the_index_is_outside_of_the_catalogues(network):
    _prepared, folder = network
    manifest = Manifest({"school_year": 2026, "minimum": 20, "kit": "0"}, [])
    with use(get_language("qaa", folder / "languages")):
        words = Words(index_page(manifest))
    left = _outside("\n".join(words.texts + words.attributes), ["manifest.json"])
    assert not re.search(r"[^\W\d_]{2,}", left), left


def test_the_check_sees_a_text_that_is_not_marked():
    assert _outside(f"{OPEN}a {OPEN}b{CLOSE} c{CLOSE} School 12 Cedar", ["Cedar"]).split() == ["School", "12"]
    words = Words('<html lang="x"><p title="Say">One <a href="#">two</a></p><script>var three</script></html>')
    assert (words.texts, words.attributes) == (["One ", "two"], ["Say"])


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_spanish_names_its_language_and_has_no_english_sentence(template, network):
    prepared, folder = network
    english = {m.id for m in read_po(BytesIO((folder / "languages" / "qaa.po").read_bytes())) if isinstance(m.id, str)}
    sentences = {text for text in english if len(text.split()) > 4 and "{" not in text}
    given = {"school": "school_id", "district": "district_id"}.get(subject(template))
    parameters = {given: prepared.schools[given].iloc[0]} if given else {}
    html = make_page(template, folder, get_language("es"), **parameters)
    words = Words(html)
    assert (words.root["lang"], words.root["dir"]) == ("es", "ltr")
    said = " ".join(words.texts + words.attributes + words.charts)
    assert not [text for text in sentences if text in said]
    assert len(sentences) > 200


def test_a_right_to_left_language_turns_the_page(network):
    _prepared, folder = network
    own = marking_catalogue(folder / "languages", lambda text: text, "ar-test")
    words = Words(make_page("family", folder, get_language("ar-test", own)))
    assert (words.root["lang"], words.root["dir"]) == ("ar-test", "rtl")
