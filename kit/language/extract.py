"""Collect the texts that a reader sees into the template of the catalogues, and bring the catalogues up to it.

``python -m kit.language.extract`` (``make messages``) writes ``catalogues/kit.pot`` and every ``catalogues/*/kit.po``;
a translation whose text is gone is dropped, a new text stands there empty. ``pybabel extract -F babel.cfg`` collects
the same.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

import kit
from kit.language.catalogue import shipped
from kit.language.current import paragraphs

__all__ = [
    "KEYWORDS",
    "collect",
    "csv_texts",
    "main",
    "notebook_texts",
    "python_texts",
    "toml_texts",
    "updated",
    "whole",
]

KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
_TEMPLATE = Path(__file__).parent / "catalogues" / "kit.pot"
# The day in the header says nothing, so it stays the same: a catalogue changes where its texts do.
_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_WIDTH = 116

Found = Iterator[tuple[int, str | None, str, list[str]]]


def python_texts(file, keywords, comment_tags, options) -> Found:
    """Collect marked texts of Python code for Babel, also those inside an f-string, where Babel's own does not look."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in keywords:
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if node.func.id == "ngettext" and len(texts) == 2:
                yield node.lineno, "ngettext", tuple(texts), []
            elif node.func.id != "ngettext" and texts:
                yield node.lineno, node.func.id, texts[0], []


def toml_texts(file, keywords, comment_tags, options) -> Found:
    """Collect texts of a TOML file for Babel: the values of ``keys``, or with ``*`` every text; texts in lists too."""
    content = file.read().decode("utf-8")
    keys = set(options.get("keys", "*").split())
    for text in dict.fromkeys(_in_table(tomllib.loads(content), keys)):
        yield _line_of(content, text), None, text, []


def _in_table(value: object, keys: set[str], wanted: bool = False) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            # Ids of measures under a group are no text.
            if name != "by_definition":
                yield from _in_table(inner, keys, "*" in keys or name in keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _in_table(inner, keys, wanted)
    elif isinstance(value, str) and wanted and value:
        yield value


def _line_of(content: str, text: str) -> int:
    at = content.find(text)
    return content.count("\n", 0, at) + 1 if at >= 0 else 1


def notebook_texts(file, keywords, comment_tags, options) -> Found:
    """Collect the prose of a notebook for Babel, paragraph by paragraph; cells only for JupyterLab are left out."""
    for cell in json.loads(file.read().decode("utf-8"))["cells"]:
        if cell["cell_type"] == "markdown" and "live-only" not in cell["metadata"].get("tags", []):
            for text in paragraphs("".join(cell["source"])):
                yield 1, None, text, []


def csv_texts(file, keywords, comment_tags, options) -> Found:
    """Collect the texts in ``columns`` of a CSV file for Babel."""
    columns = options["columns"].split()
    for number, row in enumerate(csv.DictReader(io.StringIO(file.read().decode("utf-8"))), 2):
        for column in columns:
            if row[column]:
                yield number, None, row[column], []


def collect() -> Catalog:
    """Return every text that is marked in the code, the pages, the notebooks and the definitions."""
    root = kit.home()
    with open(root / "babel.cfg", encoding="utf-8") as file:
        method_map, options_map = parse_mapping_cfg(file, filename="babel.cfg")
    catalogue = Catalog(
        project="improvement-inquiry-kit", version=kit.__version__, charset="utf-8", creation_date=_DAY, fuzzy=False
    )
    catalogue.header_comment = "# Texts of the Improvement Inquiry Kit; made by «make messages», never by hand."
    for name, _line, message, comments, context in sorted(
        (
            (name.replace(os.sep, "/"), line, message, comments, context)
            for name, line, message, comments, context in extract_from_dir(
                root, method_map, options_map, KEYWORDS, comment_tags=("To translate:",), strip_comment_tags=True
            )
        ),
        key=lambda found: found[:2],
    ):
        catalogue.add(message, None, [(name, None)], auto_comments=comments, context=context)
    return catalogue


def updated(path: Path, template: Catalog) -> Catalog:
    """Return a language's catalogue with the template's texts: kept translations, and new texts without one."""
    old = read_po(BytesIO(path.read_bytes()), ignore_obsolete=True)
    catalogue = Catalog(
        locale=path.parent.name.replace("-", "_"), project="improvement-inquiry-kit", version=kit.__version__,
        charset="utf-8", creation_date=_DAY, revision_date=_DAY, fuzzy=False,
        last_translator="Improvement Inquiry Kit", language_team="Improvement Inquiry Kit", msgid_bugs_address="none",
    )  # fmt: skip
    catalogue.header_comment = f"# The kit's texts in the language {path.parent.name}."
    for message in template:
        if message.id:
            before = old.get(message.id, message.context)
            catalogue.add(
                message.id,
                before.string if before else None,
                message.locations,
                before.flags if before else (),
                message.auto_comments,
                before.user_comments if before else (),
                context=message.context,
            )
    return catalogue


def _write(path: Path, catalogue: Catalog) -> None:
    out = BytesIO()
    write_po(out, catalogue, width=_WIDTH, include_lineno=False)
    path.write_bytes(out.getvalue())


def whole(message: Message) -> bool:
    """Say whether a message is translated, in all of its plural forms, and certain."""
    forms = [message.string] if isinstance(message.string, str) else list(message.string or [""])
    return all(forms) and not message.fuzzy


def main() -> None:
    """Write the template and bring every catalogue up to it; say how much of each is translated."""
    template = collect()
    _write(_TEMPLATE, template)
    total = len(template)
    print(f"{total:,} texts in {_TEMPLATE.name}")
    for tag, path in shipped().items():
        catalogue = updated(path, template)
        _write(path, catalogue)
        done = sum(whole(m) for m in catalogue if m.id)
        print(f"{tag}: {done:,} of {total:,} translated")


if __name__ == "__main__":
    main()
