"""What a run has made so far, line by line, so that a run that was ended by force loses nothing it made.

The manifest is written when a run ends. Until then each report that is made is a line of ``.made-so-far``; where that
file still lies in the folder, the run before did not come to its end, and the next one takes the lines into account.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from kit.reports.manifest import Entry, File, Manifest

__all__ = ["JOURNAL", "Journal", "recovered"]

JOURNAL = ".made-so-far"


class Journal:
    """The lines of one run; use it in a ``with``, and :meth:`end` it when the manifest says it all."""

    def __init__(self, out: Path):
        self._path = out / JOURNAL

    def __enter__(self) -> Journal:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        return self

    def __exit__(self, *_) -> None:
        os.close(self._file)

    def note(self, entry: Entry) -> None:
        """Write down what is there of a report now."""
        # Where there is no room for the line the report is made again next time, and that is all.
        with contextlib.suppress(OSError):
            os.write(self._file, b"\n" + json.dumps(asdict(entry)).encode() + b"\n")  # apart from one cut short

    def end(self) -> None:
        self._path.unlink(missing_ok=True)


def recovered(out: Path, before: Manifest | None) -> Manifest | None:
    """Return the manifest with what a run made that did not come to write one."""
    try:
        lines = (out / JOURNAL).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return before
    found = {e.key: e for e in before.reports} if before else {}
    for line in filter(None, lines):
        with contextlib.suppress(ValueError, TypeError, AttributeError):  # a line cut short says nothing
            entry = Entry(**json.loads(line))
            entry.formats = {name: File(**value) for name, value in entry.formats.items()}
            found[entry.key] = entry
    return Manifest(before.run if before else {}, list(found.values()))
