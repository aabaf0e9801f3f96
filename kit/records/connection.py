"""Which engine holds the records: connection strings, what may be said of one, the embedded engine's memory.

Importing this is cheap (no engine).
"""

from __future__ import annotations

import os
from urllib.parse import parse_qsl, unquote_plus, urlsplit

__all__ = ["MEMORY_LIMIT", "connection_label", "is_connection", "readable", "reason_without_secrets"]

# DuckDB spills to disk above this, so that a hundred million daily rows fit a small machine.
MEMORY_LIMIT = "1GB"
_SECRET = ("password", "secret", "token", "key", "credential")
_LONGEST_REASON = 200


def is_connection(where: object) -> bool:
    """Return whether this is a connection string rather than a folder."""
    return "://" in str(where)


def connection_label(url: str) -> str:
    """Name a database as messages and files may name it: no user, no password, no host.

    Examples
    --------
    >>> connection_label("postgresql://me:secret@db.example/district?sslmode=require")
    "postgresql database 'district'"
    """
    scheme, _, rest = url.partition("://")
    if not readable(url):
        return f"{scheme} database"
    name = rest.rpartition("@")[2].partition("?")[0].partition("/")[2].rstrip("/").rpartition("/")[2]
    return f"{scheme} database '{name}'" if name else f"{scheme} database"


def readable(url: str) -> bool:
    """Return whether a connection string has one reading.

    One of / # ? and @ that stands unescaped in a password splits it, and half of it would count as a port or a name,
    which messages give.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return False
    return not parts.fragment and "@" not in parts.path + parts.query


def reason_without_secrets(error: Exception, url: str) -> str:
    """Return the driver's reason in one line without what is secret in the connection string."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    parts = urlsplit(url)
    secrets = {url, parts.netloc, parts.password or "", os.environ.get("PGPASSWORD", "")}
    secrets |= {v for k, v in parse_qsl(parts.query) if any(word in k.lower() for word in _SECRET)}
    secrets |= {unquote_plus(s) for s in secrets}
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"
