"""The record of a batch, ``manifest.json``: what was made from what, and what was not, and why.

It holds no number about pupils: names of schools and districts, file names, times and fingerprints only.
"""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kit.reports.plan import School

__all__ = ["CURRENT", "MANIFEST", "Entry", "Manifest", "read_manifest", "write_whole"]

MANIFEST = "manifest.json"
_FORM = 1
# A report with one of these is what its data, template and code make today.
CURRENT = ("made", "up-to-date")


@dataclass
class Entry:
    """One school's report.

    ``status`` is ``made`` or ``up-to-date`` (the file is current), ``failed`` or ``not-made`` (there is no
    current file), or ``out-of-date`` (the file was made from something else and was not asked for).
    """

    school_id: str
    name: str
    district: str
    level: str
    file: str
    status: str = "not-made"
    seconds: float | None = None
    fingerprint: str | None = None
    sha256: str | None = None
    error: str | None = None

    @classmethod
    def of(cls, school: School, **values) -> Entry:
        return cls(**asdict(school), **values)


@dataclass
class Manifest:
    """A run and its reports."""

    run: dict
    schools: list[Entry] = field(default_factory=list)

    def entry(self, school_id: str) -> Entry | None:
        return next((e for e in self.schools if e.school_id == school_id), None)

    def write(self, out: Path) -> None:
        """Write it whole or not at all."""
        counts: dict[str, int] = {}
        for entry in self.schools:
            counts[entry.status] = counts.get(entry.status, 0) + 1
        content = {
            "form": _FORM,
            "run": self.run | {"counts": counts},
            "schools": [asdict(e) for e in self.schools],
        }
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
        return Manifest(dict(content["run"]), [Entry(**e) for e in content["schools"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"{MANIFEST} cannot be read ({type(error).__name__}); every report is made anew"
        warnings.warn(problem, stacklevel=2)
        return None


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
