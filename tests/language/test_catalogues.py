"""The kit's catalogues: whole, with the places of the messages, and collected from where the texts are."""

from __future__ import annotations

import ast
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from pages import texts

import kit
from kit.language.catalogue import shipped
from kit.language.extract import whole
from kit.language.placeholders import different, placeholders

CATALOGUES = Path(kit.__file__).parent / "language" / "catalogues"


def _read(path: Path):
    return read_po(BytesIO(path.read_bytes()), ignore_obsolete=True)


def _ids(catalogue) -> set:
    return {m.id for m in catalogue if m.id}


@pytest.fixture(scope="module")
def marked():
    return _ids(texts())


def test_every_text_that_is_marked_is_in_the_template_of_the_catalogues(marked):
    known = _ids(_read(CATALOGUES / "kit.pot"))
    assert not marked - known, "run «make messages»"
    assert not known - marked, "run «make messages»"


def test_what_is_collected_comes_from_code_pages_notebooks_and_definitions(marked):
    for text in (
        "How to read this.",  # kit/charts/display.py
        "Skip to the content",  # templates/html/index.html.j2
        "## What is going well",  # templates/family.ipynb
        "Every student with at least one known school day.",  # kit/measures/definitions.toml
        "what do they and their families say about getting to school?",  # kit/compare/prompts.toml
        "above average",  # kit/rules/core.toml
        "chronic absence was not coloured in 2017",  # kit/rules/california_years.csv
        ("{n} student", "{n} students"),
    ):
        assert text in marked
    # An id is no text, and what is said in JupyterLab only is on no page.
    assert not {"chronic_absence", "el_redesignation", "# A report for families"} & marked


@pytest.mark.parametrize("tag", sorted(shipped()))
def test_a_catalogue_has_every_text_whole(tag, marked):
    catalogue = _read(shipped()[tag])
    missing = [m.id for m in catalogue if m.id and not whole(m)]
    assert not missing, f"{len(missing)} texts are not translated"
    assert _ids(catalogue) == marked, "run «make messages»"


@pytest.mark.parametrize("tag", sorted(shipped()))
def test_a_translation_has_the_places_of_its_message(tag):
    wrong = {m.id: different(m.id, m.string) for m in _read(shipped()[tag]) if m.id and m.string}
    assert not {k: v for k, v in wrong.items() if v}


@pytest.mark.parametrize("tag", sorted(shipped()))
def test_a_translation_keeps_a_heading_a_heading_and_its_end(tag):
    for m in _read(shipped()[tag]):
        if isinstance(m.id, str) and m.id and m.string:
            assert m.id.startswith("## ") == m.string.startswith("## "), m.id
            assert m.id.count("**") == m.string.count("**"), m.id
            assert m.id.endswith("?") == m.string.endswith("?"), m.id
            assert m.string == m.string.strip() or m.id != m.id.strip(), m.id


def test_spanish_questions_and_exclamations_open_as_they_close():
    for m in _read(shipped()["es"]):
        for text in [m.string] if isinstance(m.string, str) else m.string or ():
            assert text.count("?") == text.count("¿"), text


def test_spanish_has_no_text_left_in_english():
    # The same in both: names, abbreviations, and what is put together from values.
    same = {m.id for m in _read(shipped()["es"]) if m.id and m.string == m.id and any(c.isalpha() for c in _bare(m.id))}
    assert same <= {"PDF", "X", "Id", "IHI", "Anhøj", "{difference} percentiles", "{measure}, percentiles"}, same


def _bare(text) -> str:
    out = text if isinstance(text, str) else text[0]
    for place in placeholders(out):
        out = out.replace(place, "")
    return out


def _modules():
    return sorted((Path(kit.__file__).parent).rglob("*.py"))


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(Path(kit.__file__).parent)))
def test_a_text_is_marked_so_that_it_can_be_collected(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = any(
        isinstance(n, ast.ImportFrom) and n.module == "kit.language" and any(a.name == "_" for a in n.names)
        for n in ast.walk(tree)
    )
    for node in ast.walk(tree):
        if imported and isinstance(node, ast.Name) and node.id == "_":
            assert isinstance(node.ctx, ast.Load), f"line {node.lineno}: the name _ is taken by kit.language"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_", "ngettext"):
            assert not any(isinstance(a, ast.JoinedStr) for a in node.args), (
                f"line {node.lineno}: an f-string cannot be translated; put the values in with .format"
            )
            assert not any(isinstance(a, ast.IfExp | ast.BinOp | ast.BoolOp) for a in node.args), (
                f"line {node.lineno}: mark each text by itself, so that it is collected"
            )
