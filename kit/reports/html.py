"""One HTML file from a report's notebook: no code, no prompts, no network."""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache

import nbformat

from kit.charts.display import script_json
from kit.charts.palette import CONFIG, DARK, LIGHT
from kit.language import Language, _, current, direction, get_language, ngettext, paragraphs, the_language, use
from kit.reports import looks
from kit.reports.packed import pack
from kit.reports.section import ABSENT

__all__ = ["POLICY", "page"]

# The browser itself refuses any request: what a page holds stays on the page. Charts are drawn by Vega's
# interpreter of expressions, so nothing is evaluated as code either.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_SPEC = '<script type="application/json">'
_NO_FORMS = '<script type="application/json" id="forms">[]</script>'
# What a chart has of its own; the rest is its form.
_OWN = ("datasets", "params", "height")
_IS_ABSENT = f'class="{ABSENT}"'
_HEADING = re.compile(r"^##[ \t]+(.+?)[ \t]*$", re.MULTILINE)


@cache
def _drawing() -> tuple[str, int]:
    """Return the drawing library, packed, and its length in bytes."""
    # Imported here: vl-convert hangs in a process that was forked after it was used, and only a page needs it.
    import vl_convert

    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return pack(library), len(library.encode())


@cache
def _looks() -> str:
    dark = {LIGHT[name]: colour for name, colour in DARK.items()}
    return script_json({"config": CONFIG, "dark": dark})


@cache
def _script() -> str:
    return (looks.folder() / "page.js").read_text(encoding="utf-8")


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w]+", "-", heading.lower()).strip("-_")


def _said(source: str) -> str:
    """Return a notebook's Markdown in the language of the moment, paragraph by paragraph."""
    return "\n\n".join(_(part) for part in paragraphs(source)) if the_language().words else source


def _prose(source: str) -> str:
    return _as_html(_said(source))


@lru_cache(maxsize=512)
def _as_html(source: str) -> str:
    """Return Markdown as HTML; HTML in it stays text. Headings of the second level get an anchor."""
    import mistune

    html = mistune.create_markdown(escape=True)(source)
    return re.sub(
        r"<h2>(.*?)</h2>",
        lambda m: f'<h2 id="{_anchor(re.sub("<[^>]+>", "", m[1]))}">{m[1]}</h2>',
        html,
    )


@cache
def _exporter():
    """Set up nbconvert once; each page then costs only its own text."""
    from nbconvert.exporters import TemplateExporter

    exporter = TemplateExporter(
        template_name="html",
        extra_template_basedirs=[str(looks.folder().parent)],
        preprocessors=[],
        default_preprocessors=[],
        file_extension=".html",
    )
    exporter.output_mimetype = "text/html"
    exporter.exclude_input = True
    exporter.exclude_input_prompt = True
    exporter.exclude_output_prompt = True
    exporter.environment.autoescape = True
    exporter.environment.filters["prose"] = _prose
    exporter.environment.globals.update({"_": _, "ngettext": ngettext})
    exporter.environment.filters["filter_data_type"] = _best
    return exporter


class _Read(nbformat.NotebookNode):
    """A notebook that is only read: nbconvert, which copies what preprocessors may change, need not copy it."""

    def __deepcopy__(self, memo):
        return self


def _best(data) -> list[str]:
    """Choose what a page shows of an output: HTML before a picture before text."""
    return next(([t] for t in ("text/html", "image/png", "text/plain") if t in data), [])


def _share_forms(html: str) -> str:
    """Write the form that several charts of the page have in common once, and number it where it is used."""
    forms: dict[str, int] = {}

    def own(found: re.Match) -> str:
        spec = json.loads(found[1])
        kept = {name: spec.pop(name) for name in _OWN if name in spec}
        return f"{_SPEC}{script_json({'form': forms.setdefault(script_json(spec), len(forms)), **kept})}</script>"

    html = re.sub(re.escape(_SPEC) + "(.*?)</script>", own, html, flags=re.DOTALL)
    return html.replace(_NO_FORMS, _NO_FORMS.replace("[]", f"[{','.join(forms)}]"), 1)


def page(notebook, *, title: str, subtitle: str, lang: str | Language = "en") -> str:
    """Return an executed notebook as one HTML file that needs no network.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed; cells tagged ``live-only`` are left out, and so is every code cell's source.
    title : str
        The school's name; the page's first heading. Any text: it is escaped.
    subtitle : str
        Such as ``School report, 2025-26``.
    lang : str or Language
        The page's language: of its own words and of the notebook's prose. A tag is one of the kit's languages; with a
        district's own catalogues it is a ``Language``.

    Returns
    -------
    str
        The page, of about 0.4 MB plus its own charts and tables.
    """
    language = lang if isinstance(lang, Language) else get_language(lang)
    with use(language):
        return _page(notebook, title, subtitle)


def _without_absent(notebook):
    """Leave out the parts that say that there is nothing of them: each with the heading in the cell before it."""
    kept: list = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", ())
        if not any(_IS_ABSENT in str(output.get("data", {}).get("text/html", "")) for output in outputs):
            kept.append(cell)
        elif kept and kept[-1].cell_type == "markdown":
            kept.pop()
    return notebook if len(kept) == len(notebook.cells) else nbformat.NotebookNode({**notebook, "cells": kept})


def _page(notebook, title: str, subtitle: str) -> str:
    notebook = _without_absent(notebook)
    prose = [
        _said(cell.source)
        for cell in notebook.cells
        if cell.cell_type == "markdown" and "live-only" not in cell.metadata.get("tags", [])
    ]
    headings = [name for source in prose for name in _HEADING.findall(source)]
    charts = any(
        'class="chart"' in str(output.get("data", {}).get("text/html", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    )
    drawing, length = _drawing() if charts else ("", 0)
    details = {
        "title": title,
        "subtitle": subtitle,
        "lang": current(),
        "direction": direction(),
        "policy": POLICY,
        "style": looks.page_style(),
        "contents": [(_anchor(name), name) for name in headings],
        "charts": charts,
        "looks": _looks(),
        "drawing": drawing,
        "drawing_length": length,
        "script": _script(),
    }
    html, _resources = _exporter().from_notebook_node(_Read(notebook), resources={"page": details})
    return _share_forms(html) if charts else html
