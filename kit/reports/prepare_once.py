"""What every report of a batch needs is computed once, written for the workers, and used again while it holds."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path

from kit.errors import KitError
from kit.language import use
from kit.reports.fingerprints import kit_fingerprint, rules_fingerprint

__all__ = ["CATALOGUES", "PREPARED", "prepare_once", "source_fingerprint"]

PREPARED = ".prepared"
# Where a prepared folder holds the district's own translations.
CATALOGUES = "languages"
_SOURCE = "source"


def prepare_once(
    workspace, out: Path, school_year: int | None, minimum: int, force: bool = False, keep_in: Path | None = None
):
    """Compute what every report needs and write it to ``out/.prepared``, whole or not at all.

    What the run before computed from the same files by the same code is used again.

    Parameters
    ----------
    workspace : kit.workspace.Workspace
    out : Path
    school_year : int, optional
        Ending year; none is the latest.
    minimum : int
    force : bool
        Compute it anew in any case.
    keep_in : Path, optional
        Write there instead, where nothing may be written to ``out``.

    Returns
    -------
    kit.reports.prepared.Prepared

    Raises
    ------
    KitError
        If the input is wrong, or there is no room.
    """
    from kit.reports.prepared import Prepared, prepare

    source = source_fingerprint(workspace, school_year, minimum)
    in_files = not workspace.connection  # what a database holds is not seen
    if in_files and not force:
        with contextlib.suppress(Exception):  # one that cannot be read is computed anew
            if (out / PREPARED / _SOURCE).read_text("utf-8") == source:
                return Prepared.read(out / PREPARED)
    with use():  # what is written down now is put into words, in any language, when a report is made
        made = prepare(workspace, school_year=school_year or None, minimum=minimum)
    out = keep_in or out
    beside = out / (PREPARED + ".new")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        made.write(beside)
        _copy_catalogues(workspace.catalogues, beside / CATALOGUES)
        (beside / _SOURCE).write_text(source, "utf-8")
        shutil.rmtree(out / PREPARED, ignore_errors=True)
        os.replace(beside, out / PREPARED)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise KitError(f"the numbers cannot be written ({error.strerror})", where=str(out)) from None
    return Prepared.read(out / PREPARED)  # as every later run sees them, to the last type


def source_fingerprint(workspace, school_year: int | None, minimum: int) -> str:
    """Fingerprint what the numbers are computed from: the files, the code, the rules and the settings."""
    settings = {"data": workspace.fingerprint(), "school_year": school_year or None, "minimum": minimum}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    digest.update(kit_fingerprint().encode() + rules_fingerprint(workspace.settings, workspace.folder).encode())
    for path in _catalogues(workspace.catalogues):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _catalogues(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.po")) if folder.is_dir() else []


def _copy_catalogues(source: Path, target: Path) -> None:
    for path in _catalogues(source):
        target.mkdir(exist_ok=True)
        shutil.copyfile(path, target / path.name)
