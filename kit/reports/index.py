"""The page that lists a batch's reports: ``index.html``, one file that needs no network."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import quote

import jinja2
from babel import Locale, UnknownLocaleError

import kit
from kit.errors import KitError
from kit.language import N_, Language, _, current, direction, get_language, left_to_right, ngettext, use
from kit.reports.manifest import CURRENT, Entry, Manifest, Section, write_whole
from kit.reports.plan import alphabetical
from kit.reports.prepare_once import CATALOGUES, PREPARED

__all__ = [
    "INDEX",
    "index_language",
    "index_page",
    "listing",
    "render",
    "school_year_words",
    "section_title",
    "write_index",
]

INDEX = "index.html"
# What the reader is told of a school that has no current report.
_WHY = {
    "failed": N_("The report could not be made."),
    "not-made": N_("The report has not been made yet."),
}
_TITLES = {
    "school-report": N_("School report"),
    "one-page": N_("One page"),
    "family": N_("For families"),
    "district-report": N_("District report"),
    "network-report": N_("Network report"),
}
_LEVELS = {"elementary": N_("elementary"), "middle": N_("middle"), "high": N_("high"), "other": N_("other")}
_FORMATS = {"pdf": N_("PDF"), "xlsx": N_("Spreadsheet")}
_LINKED = (*CURRENT, "out-of-date")


def _folder() -> Path:
    return kit.home() / "templates" / "index"


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(_folder())
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals |= {"_": _, "ngettext": ngettext}
    return environment


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def render(template: str, **values) -> str:
    """Return a page of ``templates/index`` with its style, its script and the policy that allows nothing else."""
    style = (_folder() / "index.css").read_text("utf-8")
    script = (_folder() / "index.js").read_text("utf-8")
    # Only this page's own style and script may run, and nothing may be fetched.
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    page = {"style": style, "script": script, "policy": policy, "lang": current(), "dir": direction()}
    return _templates().get_template(template).render(**page, **values)


def index_page(
    manifest: Manifest,
    *,
    link: Callable[[Entry, str], str] = lambda _entry, file: quote(file),
    more: tuple[tuple[str, str], ...] = (),
    whole: bool = True,
) -> str:
    """Return the page: schools by district in alphabetical order, with search, and what is missing and why.

    Each school's name leads to its first report (the school report, where there is one); other templates, languages
    and formats stand beside it. Numbers about pupils are not on it, and nothing on it is an order of merit.

    Parameters
    ----------
    manifest : Manifest
    link : callable, optional
        Gives the address of an entry's file; its name by default, as they lie beside the index.
    more : tuple of (str, str)
        Other pages to lead to: what each is called, and its address.
    whole : bool
        False where it stands in a folder without the manifest and without earlier reports.
    """
    return render("index.html.j2", run=manifest.run, more=more, whole=whole, **listing(manifest, link))


def listing(manifest: Manifest, link: Callable[[Entry, str], str]) -> dict:
    """Return what the index says: who has which reports, by district, and who has none, and why."""
    sections = manifest.sections()
    many = len(sections) > 1
    order = {section: i for i, section in enumerate(sections)}
    units: dict[tuple, list[Entry]] = {}
    for entry in sorted(manifest.reports, key=lambda e: order[e.section]):
        units.setdefault((entry.subject, entry.unit_id), []).append(entry)

    districts: dict[tuple, dict] = {}
    networks, counts = [], {}
    for (subject, _id), entries in units.items():
        row = _unit(entries, link, sections)
        has, of = counts.get(subject, (0, 0))
        counts[subject] = (has + any(e.status in CURRENT for e in entries), of + 1)
        if subject == "network":
            networks.append(row)
            continue
        key = (entries[0].district_id, entries[0].district)
        district = districts.setdefault(key, {"name": key[1] or _("District not known"), "schools": [], "own": None})
        if subject == "district":
            district["own"] = row
        else:
            district["schools"].append(row)
    for district in districts.values():
        district["schools"].sort(key=lambda s: (alphabetical(s["name"]), s["school_id"]))
    ordered = sorted(
        districts.items(), key=lambda kv: (alphabetical(kv[0][1]), *(alphabetical(s["name"]) for s in kv[1]["schools"]))
    )
    for number, (_key, district) in enumerate(ordered, 1):
        district["id"] = f"district-{number}"
    rows = sorted(manifest.reports, key=lambda e: (alphabetical(e.district), alphabetical(e.name), e.unit_id))
    return {
        "year": school_year_words(manifest.run.get("school_year")),
        "about_schools": "school" in counts or not counts,
        "counts": counts,
        "networks": networks,
        "districts": [district for _key, district in ordered],
        "missing": _without_reports([e for e in rows if e.status in _WHY], many),
        "missing_files": [
            _missing(e, many)
            | {"why": _("The file could not be made ({format}).").format(format=_format(name)), "error": f.error or ""}
            for e in rows
            for name, f in e.formats.items()
            if e.status in CURRENT and f.status == "failed"
        ],
        "old": sum(e.status == "out-of-date" for e in manifest.reports),
    }


def section_title(section: Section) -> str:
    """Say what a template's reports are called; a template of somebody's own by its file's name."""
    template = section[0]
    return _(_TITLES[template]) if template in _TITLES else template.replace("-", " ").replace("_", " ").capitalize()


def school_year_words(year) -> str:
    """Name a school year by both of its calendar years: 2026 is 2025-26."""
    return left_to_right(f"{int(year) - 1}-{int(year) % 100:02d}") if year else ""


def index_language(out: Path, manifest: Manifest) -> Language:
    """Return the language of an index: that of the reports that come first in it."""
    tag = next((language for _template, language in manifest.sections()), "en")
    with contextlib.suppress(KitError):  # a catalogue that is gone: its reports are there, and the index is in English
        return get_language(tag, out / PREPARED / CATALOGUES)
    return get_language()


def write_index(out: Path, manifest: Manifest) -> None:
    with use(index_language(out, manifest)):
        write_whole(out / INDEX, index_page(manifest))


def _unit(entries: list[Entry], link: Callable[[Entry, str], str], sections: list[Section]) -> dict:
    """Return a school (or district, or network) with all of its reports, its first page as the main one."""
    many = len(sections) > 1
    sets: list[list[dict]] = []
    for entry in entries:
        title = section_title(entry.section)
        own = []
        for name, file in entry.files().items():
            if file.status in _LINKED:
                page = name == "html"
                one = {"title": title if page else _format(name), "of": title if many and not page else ""}
                one |= {"href": link(entry, file.file), "old": file.status == "out-of-date", "page": page}
                one |= {"language": _language(entry.language) if page and entry.language != current() else ""}
                own.append(one | {"lang": entry.language})
        sets.append(own)
    first = entries[0]
    main = next((one for own in sets for one in own if one["page"]), None)
    sets = [[one for one in own if one is not main] for own in sets]
    name = first.name or first.unit_id
    level = _(_LEVELS[first.level]) if first.level in _LEVELS else first.level
    return {
        "name": name,
        "school_id": first.unit_id,
        "level": level,
        "main": main,
        "sets": [own for own in sets if own],
        "find": " ".join((first.name, first.unit_id, first.district, level)).casefold(),
    }


def _without_reports(entries: list[Entry], many: bool) -> list[dict]:
    """Return a line for each report that failed, and one for all of a school's that nobody has made yet."""
    lines: dict[tuple, dict] = {}
    for place, entry in enumerate(entries):
        said = _missing(entry, many)
        key = (entry.subject, entry.unit_id, "" if entry.status == "not-made" and not entry.error else place)
        if key in lines:
            lines[key]["sections"].append(said["sections"][0])
        else:
            lines[key] = said
    return list(lines.values())


def _missing(entry: Entry, many: bool) -> dict:
    title, other = section_title(entry.section), entry.language != current()
    return {
        "name": entry.name or entry.unit_id,
        "district": entry.district if entry.subject == "school" else "",
        "sections": [{"title": title, "language": _language(entry.language) if other else "", "lang": entry.language}],
        "many": many,
        "why": _(_WHY.get(entry.status, "")) if entry.status in _WHY else "",
        "error": entry.error or "",
    }


def _format(name: str) -> str:
    return _(_FORMATS[name]) if name in _FORMATS else name


@cache
def _language(tag: str) -> str:
    """Name a language as its readers do."""
    try:
        return Locale.parse(tag.replace("-", "_")).get_display_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag
