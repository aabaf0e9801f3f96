"""Long text inside a page: deflated, in letters that a script element may hold and that are fewer than base64's."""

from __future__ import annotations

import base64
import zlib

__all__ = ["pack", "unpack"]

# Python's 85 letters with those that mean something in HTML exchanged; the page's script has the same.
_LETTERS = bytes.maketrans(b"<>&", b",./")
_BACK = bytes.maketrans(b",./", b"<>&")


def pack(text: str) -> str:
    """Return the text as letters, none of them ``<``, ``>`` or ``&``."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b85encode(packer.compress(text.encode()) + packer.flush()).translate(_LETTERS).decode("ascii")


def unpack(letters: str) -> str:
    """Return what :func:`pack` packed."""
    return zlib.decompress(base64.b85decode(letters.encode("ascii").translate(_BACK)), -15).decode()
