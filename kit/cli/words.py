"""Words that several commands say."""

from __future__ import annotations

__all__ = ["plural"]


def plural(n: int, word: str, many: str | None = None) -> str:
    """Return a number with its noun: 1 school, 1,200 schools."""
    return f"{n:,} {word if n == 1 else many or word + 's'}"
