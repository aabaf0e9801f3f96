"""The page that lists a batch's reports: ``index.html``, one file that needs no network."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import quote

import jinja2

import kit
from kit.reports.manifest import CURRENT, Entry, Manifest, write_whole
from kit.reports.plan import alphabetical

__all__ = ["INDEX", "index_page", "write_index"]

INDEX = "index.html"
# What the reader is told of a school that has no current report.
_WHY = {
    "failed": "The report could not be made.",
    "not-made": "The report has not been made yet.",
    "out-of-date": "The report was made from earlier data or settings.",
}


def _folder() -> Path:
    return kit.home() / "templates" / "index"


@cache
def _template() -> jinja2.Template:
    loader = jinja2.FileSystemLoader(_folder())
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("index.html.j2")


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def index_page(manifest: Manifest) -> str:
    """Return the page: schools by district in alphabetical order, with search, and what is missing and why.

    Numbers about pupils are not on it, and nothing on it is an order of merit.

    Parameters
    ----------
    manifest : Manifest
    """
    style = (_folder() / "index.css").read_text("utf-8")
    script = (_folder() / "index.js").read_text("utf-8")
    # Only this page's own style and script may run, and nothing may be fetched.
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    entries = sorted(manifest.schools, key=lambda e: (alphabetical(e.district), alphabetical(e.name), e.school_id))
    districts: dict[str, list[dict]] = {}
    for entry in entries:
        districts.setdefault(entry.district or "District not known", []).append(_row(entry))
    return _template().render(
        style=style,
        script=script,
        policy=policy,
        districts=[
            {"name": name, "id": f"district-{i}", "schools": rows}
            for i, (name, rows) in enumerate(districts.items(), 1)
        ],
        run=manifest.run,
        year=school_year_words(manifest.run.get("school_year")),
        total=len(entries),
        current=sum(e.status in CURRENT for e in entries),
        missing=[_row(e) for e in entries if e.status in ("failed", "not-made")],
        old=[_row(e) for e in entries if e.status == "out-of-date"],
    )


def school_year_words(year) -> str:
    """Name a school year by both of its calendar years: 2026 is 2025-26."""
    return f"{int(year) - 1}-{int(year) % 100:02d}" if year else ""


def write_index(out: Path, manifest: Manifest) -> None:
    write_whole(out / INDEX, index_page(manifest))


def _row(entry: Entry) -> dict:
    linked = entry.status in (*CURRENT, "out-of-date")
    return {
        "name": entry.name or entry.school_id,
        "school_id": entry.school_id,
        "district": entry.district,
        "level": entry.level,
        "link": quote(entry.file) if linked else None,
        "why": _WHY.get(entry.status, ""),
        "error": entry.error or "",
        "status": entry.status,
        "find": " ".join((entry.name, entry.school_id, entry.district, entry.level)).casefold(),
    }
