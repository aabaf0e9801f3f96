"""A template's page made in this process: its cells run one after another, without a kernel."""

from __future__ import annotations

import ast
import json
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog

import kit
from kit.language import Language
from kit.language.extract import collect
from kit.reports.html import page
from kit.reports.prepared import Prepared

TEMPLATES = {p.stem: p for p in sorted((kit.home() / "templates").glob("*.ipynb"))}


@cache
def texts() -> Catalog:
    """Return every text that is marked; collected once."""
    return collect()


def make_page(template: str, prepared: Path, language: Language, **parameters) -> str:
    """Return the page of a template, from a prepared folder."""
    notebook = nbformat.read(TEMPLATES[template], 4)
    space = {}
    given = {"data": str(prepared), "live": False, "language": language.tag} | parameters
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, cell.id, "exec"), space)
        if "parameters" in cell.metadata.get("tags", []):
            space.update({k: v for k, v in given.items() if k in space})
        shown = eval(compile(ast.Expression(last.value), cell.id, "eval"), space) if last else None
        if hasattr(shown, "html"):
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": shown.html()})]
    about = next((v.school for v in space.values() if isinstance(getattr(v, "school", None), dict)), {})
    title = about.get("school_name", "1")
    return page(notebook, title=title, subtitle="2025-26", lang=language)


def subject(template: str) -> str:
    """Say whom a template is about."""
    return json.loads(TEMPLATES[template].read_text())["metadata"]["kit"].get("subject", "school")


def prepared_folder(data: Path, out: Path, minimum: int = 20) -> Prepared:
    """Prepare a data folder as a batch does, with the district's own catalogues beside."""
    from kit.reports.prepare_once import prepare_once
    from kit.workspace import open_workspace

    return prepare_once(open_workspace(data), out, None, minimum)


class Words(HTMLParser):
    """The words of a page in their order: text, what is said of pictures, and the words inside its charts."""

    SPOKEN = ("aria-label", "title", "alt", "data-label", "placeholder", "data-one", "data-many")

    def __init__(self, html: str):
        super().__init__()
        self.texts: list[str] = []
        self.attributes: list[str] = []
        self.charts: list[str] = []
        self.sentences: list[str] = []
        self.root: dict[str, str | None] = {}
        self._within: list[str] = []
        self._script: dict[str, str | None] = {}
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "html":
            self.root = found
        if tag in ("script", "style"):
            self._script = found
        if tag not in ("meta", "br", "img", "input", "link", "path", "circle", "polyline", "line", "rect", "hr", "use"):
            self._within.append(tag)
        self.attributes += [v for k, v in attrs if k in self.SPOKEN and v]

    def handle_endtag(self, tag):
        if tag in self._within:
            while self._within.pop() != tag:
                pass

    def handle_data(self, data):
        where = self._within[-1] if self._within else ""
        if where == "script" and self._script.get("type") == "application/json" and self._script.get("id") != "looks":
            self.charts += _in_chart(json.loads(data))
        elif where not in ("script", "style") and data.strip():
            self.texts.append(data)
            if {"p", "li", "dd"} & set(self._within) and "main" in self._within:
                self.sentences.append(data.strip())


def _in_chart(spec: object, key: str = "") -> list[str]:
    """Return the words that a chart draws: titles, the signs of its axes, its legend, its rows."""
    if isinstance(spec, dict):
        return [text for name, inner in spec.items() for text in _in_chart(inner, "rows" if key == "rows" else name)]
    if isinstance(spec, list):
        return [text for inner in spec for text in _in_chart(inner, "rows" if key in ("rows", "datasets") else key)]
    if isinstance(spec, str) and key in ("title", "labelExpr", "domain", "rows", "titleText"):
        return [spec]
    return []
