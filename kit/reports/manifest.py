"""The record of a batch, ``manifest.json``: what was made from what, and what was not, and why.

One folder has one manifest, whatever templates, languages and formats were made into it: each report is an entry with
its template and language, under ``schools``, ``districts`` or ``network``; ``run`` is the last run. It
holds no number about pupils: names of schools and districts, file names, times and fingerprints only.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kit.reports.plan import Unit

__all__ = ["CURRENT", "MANIFEST", "Entry", "File", "Manifest", "Section", "read_manifest", "write_whole"]

MANIFEST = "manifest.json"
_FORM = 2
# A report with one of these is what its data, template and code make today.
CURRENT = ("made", "up-to-date")
# Where each subject's reports stand, and what their id is called there.
_LISTS = {"school": ("schools", "school_id"), "district": ("districts", "district_id"), "network": ("network", "id")}

# A template in a language: reports that are made by one run.
Section = tuple[str, str]


@dataclass
class File:
    """A report in another format (``pdf``, ``xlsx``); ``status`` as of an :class:`Entry`."""

    file: str
    status: str = "not-made"
    seconds: float | None = None
    sha256: str | None = None
    error: str | None = None


@dataclass
class Entry:
    """One report, of a school (or district, or the network): its page, and the same in other formats.

    ``status`` is ``made`` or ``up-to-date`` (the file is current), ``failed`` or ``not-made`` (there is no
    current file), or ``out-of-date`` (the file was made from something else and was not asked for).
    ``own_template`` is true of a notebook that is not one of the kit's.
    ``fingerprints`` are those of what it was made from, each for itself; ``fingerprint`` is of all of them.
    """

    unit_id: str
    name: str
    district: str
    level: str
    file: str
    status: str = "not-made"
    seconds: float | None = None
    fingerprint: str | None = None
    sha256: str | None = None
    error: str | None = None
    template: str = "school-report"
    language: str = "en"
    subject: str = "school"
    district_id: str = ""
    own_template: bool = False
    fingerprints: dict[str, str] = field(default_factory=dict)
    formats: dict[str, File] = field(default_factory=dict)

    @classmethod
    def of(cls, unit: Unit, **values) -> Entry:
        return cls(**asdict(unit), **values)

    @property
    def section(self) -> Section:
        return self.template, self.language

    @property
    def key(self) -> tuple[Section, str, str]:
        """What it is the entry of, apart from any other."""
        return self.section, self.subject, self.unit_id

    def files(self) -> dict[str, File]:
        """Every file of the report by its format, the page first."""
        page = File(self.file, self.status, self.seconds, self.sha256, self.error)
        return {"html": page, **self.formats}


@dataclass
class Manifest:
    """The last run, and the reports of all runs into the folder."""

    run: dict
    reports: list[Entry] = field(default_factory=list)

    def sections(self) -> list[Section]:
        """Return the templates and languages there are, the school report first, then in the order of their names."""
        return sorted(
            {e.section for e in self.reports}, key=lambda s: (s[0] != "school-report", s[0], s[1] != "en", s[1])
        )

    def write(self, out: Path) -> None:
        """Write it whole or not at all."""
        content: dict = {"form": _FORM, "run": self.run}
        for subject, (place, key) in _LISTS.items():
            rows = [asdict(e) for e in self.reports if e.subject == subject]
            if rows or subject == "school":
                content[place] = [{key: row.pop("unit_id"), **row} for row in rows]
        write_whole(out / MANIFEST, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_manifest(out: Path) -> Manifest | None:
    """Read the manifest of the run before, or None where there is none.

    One that cannot be read counts as none, with a warning: then every report is made anew.
    """
    path = out / MANIFEST
    if not path.exists():
        return None
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["form"] != _FORM:
            raise ValueError(f"form {content['form']!r}")
        return Manifest(
            dict(content["run"]), [_entry(row, key) for place, key in _LISTS.values() for row in content.get(place, ())]
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problem = f"{MANIFEST} cannot be read ({type(error).__name__}); every report is made anew"
        warnings.warn(problem, stacklevel=2)
        return None


def _entry(row: dict, key: str) -> Entry:
    own = {"district_id": row["district_id"]} if key == "district_id" else {}
    entry = Entry(**{"unit_id" if name == key else name: value for name, value in row.items()} | own)
    entry.formats = {name: File(**value) for name, value in entry.formats.items()}
    # A file of the manifest is a name in its folder, whoever wrote the manifest: files are moved and copied by it.
    if wrong := [f.file for f in entry.files().values() if Path(f.file).name != f.file or f.file.startswith(".")]:
        raise ValueError(f"file {wrong[0]!r}")
    return entry


def write_whole(path: Path, text: str) -> None:
    """Write beside the file and put it in its place, so that nobody ever sees half of it."""
    descriptor, beside = tempfile.mkstemp(prefix=".unfinished-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
