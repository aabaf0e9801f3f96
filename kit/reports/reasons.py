"""Why a report or one of its files could not be made, said in one line."""

from __future__ import annotations

import errno
import os

__all__ = ["in_a_line", "no_room"]

_LONGEST = 300
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def no_room(error: BaseException) -> str:
    """Return what the system calls it where an error says that there is no room; else nothing."""
    # A library's own error holds the system's: in its arguments, or as what it was raised from.
    for held in (error, *error.args, error.__cause__, error.__context__):
        if isinstance(held, OSError) and held.errno in _NO_ROOM:
            return os.strerror(held.errno)
    return ""


def in_a_line(text: str) -> str:
    """Put a text on one line, cut where it is very long."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
