"""The folder that a batch makes its reports in: whose it is at the moment, and what does not belong there any more."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from kit.errors import KitError

__all__ = ["OLD", "UNFINISHED", "alone", "move_away", "reserve", "tidy", "whole"]

OLD = "out-of-date"
UNFINISHED = ".unfinished-"
# Bytes of the manifest and the index, and of a report in them: there are two of each while one replaces the other.
_ROOM, _ROOM_A_REPORT = 64 * 2**10, 4 * 2**10


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """Refuse to work in a folder in which another run works."""
    with open(out / ".lock", "w") as lock:
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # Windows: not guarded
        except OSError:
            raise KitError("another run is making reports there", where=str(out), mend="Wait for it.") from None
        yield


def tidy(out: Path) -> None:
    """Remove what a run that was ended by force left unfinished."""
    for path in out.glob(f"{UNFINISHED}*"):
        if path.is_file():
            path.unlink(missing_ok=True)


def reserve(out: Path, reports: int) -> None:
    """Keep room for the list of reports, so that a disk that fills up can still be told what failed and why.

    :func:`tidy` gives it back. Where there is no room even for that, or the system cannot keep any, none is kept.
    """
    size = _ROOM + _ROOM_A_REPORT * reports
    with contextlib.suppress(OSError, AttributeError), open(out / f"{UNFINISHED}room", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)


def move_away(out: Path, known: Iterable[str], kept: Iterable[str]) -> None:
    """Move what is no longer current into ``out-of-date/``, and take from there what is current again."""
    kept = set(kept)
    for name in sorted(set(known) - kept):
        if (out / name).is_file() and Path(name).name == name:
            (out / OLD).mkdir(exist_ok=True)
            os.replace(out / name, out / OLD / name)
    for name in kept:
        (out / OLD / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        (out / OLD).rmdir()  # only where nothing is left in it


def whole(path: Path, digest: str | None) -> bool:
    """Whether a file is the one that was written, not cut short or changed since."""
    if not digest:
        return False
    try:
        with open(path, "rb") as file:
            return sha256(file.read()).hexdigest() == digest
    except OSError:
        return False
