"""A project goes to a file and comes back the same, whatever a team wrote in it."""

from __future__ import annotations

import io
import itertools
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from kit.inquiry import Store, kinds
from kit.inquiry.importing import import_project
from kit.inquiry.portable import collect, from_json, to_json
from kit.inquiry.typed import LONGEST_TEXT
from kit.inquiry.workbook import from_xlsx, to_xlsx

HARD = [
    "=1+1", "+1", "-1", "@SUM(A1)", "'quoted", '"', "#N/A", "#REF!", "TRUE", "0012", "1e5", "2026-01-05", "a\nb",
    "a\n\n", " two spaces ", "\ttab", "👩🏽‍🏫 family", "مرحبا", "_x0041_", "_x005F_", "a_x000D_x0041_b", "x005F_",
    "<b>&amp;</b>", "]]>", "\u2028", "\x85", "yes", "no", "\ufeff", "%", "{}", "NULL", "None", "nan", "é",
]  # fmt: skip
# Everything that Unicode has, but what the store refuses (control characters, half pairs).
any_character = st.characters(exclude_categories=("Cs",), exclude_characters="\ufffe\uffff")
character = any_character.filter(lambda c: c in "\t\n" or c >= " ")
texts = st.one_of(st.sampled_from(HARD), st.text(character, max_size=40), st.just("𝒳" * LONGEST_TEXT))
lines = st.lists(
    st.one_of(st.sampled_from([h for h in HARD if "\n" not in h]), st.text(character, max_size=20)), max_size=4
)
numbers = st.one_of(
    st.integers(-(10**14), 10**14), st.floats(-1e14, 1e14, allow_nan=False), st.sampled_from([0.1, 1 / 3, -0.0])
)
BY_TYPE = {
    "line": texts, "text": texts, "lines": lines, "code": st.text("abc019_", min_size=1, max_size=10),
    "number": numbers,
    "count": st.integers(0, 10**9), "yesno": st.booleans(), "date": st.dates(date(1950, 1, 1), date(2100, 12, 31)),
}  # fmt: skip


@st.composite
def an_entry(draw, kind_id: str):
    fields = {}
    for f in kinds()[kind_id].fields.values():
        if f.type in BY_TYPE and (f.required or draw(st.booleans())):
            value = BY_TYPE[f.type]
            fields[f.name] = draw(value.filter(lambda v: str(v).strip()) if f.required else value)
        elif f.type == "choice" and (f.required or draw(st.booleans())):
            fields[f.name] = draw(st.sampled_from(f.choices))
    return fields


FREE = [
    k.id
    for k in kinds().values()
    if k.id != "project" and not any(f.required and f.type == "one" for f in k.fields.values())
]
rows = st.lists(st.sampled_from(FREE).flatmap(lambda k: st.tuples(st.just(k), an_entry(k))), max_size=4)
number = itertools.count()


@pytest.fixture(scope="module")
def one_store(tmp_path_factory):
    """Return a store for all examples, each in a project of its own."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('round') / 'one.sqlite'}", author="Rosa")
    yield store
    store.close()


@pytest.fixture(scope="module")
def other_store(tmp_path_factory):
    """Return a store that the files come into."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('round') / 'other.sqlite'}", author="Lee")
    yield store
    store.close()


def _cells(content: bytes) -> dict:
    book = load_workbook(io.BytesIO(content))
    return {s.title: [[(c.value, c.data_type) for c in r] for r in s.iter_rows()] for s in book.worksheets}


@given(rows=rows, title=texts.filter(lambda t: t.strip()), edit=texts)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_project_comes_back_the_same(one_store, other_store, rows, title, edit):
    project = one_store.new_project(id=f"p{next(number)}", title=title)
    for kind_id, fields in rows:
        project.add(kind_id, **fields)
    cause = project.add("cause", text="first")
    evidence = project.add("evidence", cause=cause, direction="for", text="seen")
    project.update(cause, text=edit if edit.strip() else "second", place=1.5)
    project.delete(evidence)

    text = to_json(collect(project))
    done = import_project(other_store, from_json(text))
    assert to_json(collect(done.project)) == text
    assert [e.fields for e in done.project.entries()] == [e.fields for e in project.entries()]

    sheets = to_xlsx(collect(project))
    assert not [c for rows_ in _cells(sheets).values() for r in rows_ for c in r if c[1] == "f"]
    by_sheet = import_project(other_store, from_xlsx(sheets), as_new=True).project
    here, there = collect(project).entries, collect(by_sheet).entries
    assert [(f.id, f.version, f.fields, f.deleted, f.author, f.at, f.created_at) for f in there] == [
        (f.id, f.version, f.fields, f.deleted, f.author, f.at, f.created_at) for f in here
    ]
    again = collect(by_sheet)
    again.project_id = project.id
    assert _cells(to_xlsx(again)) == _cells(sheets)
    # Brought in again where it is: nothing has changed.
    before = project.stamp()
    for file in (from_json(text), from_xlsx(sheets)):
        done = import_project(one_store, file)
        assert (done.added, done.changed) == (0, 0)
    assert project.stamp() == before


@pytest.mark.parametrize("text", HARD)
def test_a_hard_text_survives_each_way(one_store, other_store, text):
    project = one_store.new_project(title="hard")
    project.add("cause", text="x" if not text.strip() else text, whys=[text, "b"])
    wanted = project.entries("cause")[0].fields
    for file in (from_json(to_json(collect(project))), from_xlsx(to_xlsx(collect(project)))):
        assert import_project(other_store, file, as_new=True).project.entries("cause")[0].fields == wanted


def test_empty_is_missing_and_no_is_not(one_store, other_store):
    project = one_store.new_project(title="empty")
    project.add("cause", text="a", category="", whys=[], in_control=False, place=0)
    for file in (from_json(to_json(collect(project))), from_xlsx(to_xlsx(collect(project)))):
        (cause,) = import_project(other_store, file, as_new=True).project.entries("cause")
        assert cause.fields == {"text": "a", "in_control": False, "place": 0}


def test_the_server_gives_the_same_bytes(postgres, one_store):
    project = one_store.new_project(title="hard")
    for text in (t for t in HARD if t.strip()):
        project.add("cause", text=text, whys=[text], place=0.1)
    text = to_json(collect(project))
    with Store(postgres.database(), author="Lee") as hub:
        assert to_json(collect(import_project(hub, from_json(text)).project)) == text


def test_labels_are_headings_that_tell_fields_apart():
    for k in kinds().values():
        headings = [f.label.lower() for f in k.fields.values()]
        headings += ["id", "version", "written by", "written at", "changed by", "changed at", "deleted"]
        assert len(set(headings)) == len(headings), k.id
        assert len(k.many) <= 31
        assert not set(k.many) & set("[]:*?/\\")
        assert all("," not in c for f in k.fields.values() for c in f.choices)
        assert all(len(",".join(f.choices)) < 255 for f in k.fields.values())
