"""What was computed of a data folder, kept beside it: the next notebook opens at once what the first has worked out."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from kit.errors import Fault
from kit.inquiry.location import is_left_alone, own_place
from kit.records.check import CheckReport
from kit.reports.fingerprints import kit_fingerprint
from kit.reports.prepare_once import source_fingerprint
from kit.reports.prepared import Prepared
from kit.workspace import Workspace, open_workspace

__all__ = ["KEPT", "Kept", "KeptNumbers"]

KEPT = ".kit"
_LATEST, _DETAILS, _SEAL = "latest", "details.json", "seal"
_UNFINISHED = "unfinished-"
# What a process that was killed left half made; no source: longer than any computation.
_LEFT_AFTER_SECONDS = 24 * 3600
# The code that this process runs; a kernel that is older than the kit on the disk neither reads nor keeps.
_CODE = kit_fingerprint()


@dataclass(frozen=True)
class Kept:
    """What was found.

    Attributes
    ----------
    prepared : Prepared
        The released numbers of a school year and the comparisons made from them.
    check : CheckReport or None
        What the check of the same files found; None where it was not kept.
    """

    prepared: Prepared
    check: CheckReport | None


class KeptNumbers:
    """The kept numbers of one data folder, in ``.kit`` in it.

    They are found again only where everything that they were computed from is the same: the data files, the settings
    with the cut points, the rules, the kit's code and the smallest group shown. Others are removed. Each school year
    is a folder that is written whole or not at all, and sealed: one that was damaged is removed and made anew.

    Notes
    -----
    The gate has run when they are kept: they hold released numbers, comparisons of these, the table ``schools`` and
    what the check found, whose words may quote ids of pupils. Beside the data that is nothing that the folder's own
    records do not hold. A folder that may only be read, and the kit's own sample, are left as they are: theirs
    lie in ``.improvement-inquiry-kit`` in the user's home, readable by the user alone, and without a check that found
    faults. What a database holds is not seen from here, so nothing is kept of it.

    Parameters
    ----------
    workspace : Workspace
    minimum : int
        The smallest group that is shown.
    """

    def __init__(self, workspace: Workspace, minimum: int):
        self._workspace, self._minimum = workspace, minimum

    @cached_property
    def place(self) -> Path:
        """Where they lie."""
        if not self._elsewhere:
            return self._workspace.folder / KEPT
        return own_place(self._workspace.folder, ".numbers")

    def find(self, school_year: int = 0) -> Kept | None:
        """Return what was kept of a school year (0 is the latest); None where there is nothing that still holds."""
        if not self._usable:
            return None
        self._remove_others()
        folder = self._folder(school_year)
        try:
            if not folder.is_dir():
                return None
            if (folder / _SEAL).read_text("utf-8") != _seal(folder):
                raise ValueError("it is not as it was written")
            return _read(folder)
        except Exception:  # whatever is wrong with it, it can be made anew
            shutil.rmtree(folder, ignore_errors=True)
            return None

    def keep(self, prepared: Prepared, check: CheckReport | None, school_year: int = 0) -> None:
        """Keep what was computed; where it cannot be written, the next notebook computes it again."""
        if not self._usable or self._key != self._key_of(open_workspace(self._workspace.folder)):
            return  # a file was changed while it was read
        folder = self._folder(school_year)
        with contextlib.suppress(OSError):
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if self._elsewhere else 0o777)
            beside = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.place))
            try:
                prepared.write(beside)
                details = json.dumps(self._details(prepared, check), ensure_ascii=False)
                (beside / _DETAILS).write_text(details, "utf-8")
                (beside / _SEAL).write_text(_seal(beside), "utf-8")
                if not self._elsewhere:
                    beside.chmod(0o777 & ~_mask())
                # Where another notebook was quicker there is one already, and this fails.
                beside.rename(folder)
            finally:
                shutil.rmtree(beside, ignore_errors=True)

    @cached_property
    def _elsewhere(self) -> bool:
        return is_left_alone(self._workspace.folder)

    @cached_property
    def _key(self) -> str:
        return self._key_of(self._workspace)

    @property
    def _usable(self) -> bool:
        return not self._workspace.connection and kit_fingerprint() == _CODE

    def _key_of(self, workspace: Workspace) -> str:
        # A file that is no table changes no number, but the check names it.
        named = json.dumps([source_fingerprint(workspace, None, self._minimum), *map(str, workspace.file_faults)])
        return hashlib.sha256(named.encode()).hexdigest()[:32]

    def _folder(self, school_year: int) -> Path:
        return self.place / self._key / (str(school_year) if school_year else _LATEST)

    def _details(self, prepared: Prepared, check: CheckReport | None) -> dict:
        quotes = check is not None and check.faults and self._elsewhere and self._workspace.has_records
        return {
            "shares": prepared.released.shares,
            "assumptions": prepared.released.assumptions,
            "check": None if check is None or quotes else asdict(check),
        }

    def _remove_others(self) -> None:
        """Remove what was computed from other files or by other code, and what a killed process left."""
        with contextlib.suppress(OSError):
            for folder in self.place.iterdir():
                unfinished = folder.name.startswith(_UNFINISHED)
                if unfinished and time.time() - folder.stat().st_mtime < _LEFT_AFTER_SECONDS:
                    continue
                if folder.name != self._key:
                    shutil.rmtree(folder, ignore_errors=True)


def _read(folder: Path) -> Kept:
    details = json.loads((folder / _DETAILS).read_text("utf-8"))
    prepared = Prepared.read(folder)
    released = replace(
        prepared.released, shares=details["shares"], assumptions=tuple(details["assumptions"])
    )  # fmt: skip
    check = details["check"]
    if check is not None:
        faults = tuple(Fault(**f) for f in check["faults"])
        check = CheckReport(faults, check["tables"], check["switched_off"])
    return Kept(replace(prepared, released=released), check)


def _seal(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.iterdir() if p.name != _SEAL):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.name} {content}\n".encode())
    return digest.hexdigest()


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
