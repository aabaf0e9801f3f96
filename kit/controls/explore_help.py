"""Two minutes of help beside a display: how to read it, a common misreading, a question to ask."""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path

from kit.errors import KitError

__all__ = ["help_kinds", "help_text"]


@cache
def help_kinds() -> dict[str, dict[str, str]]:
    """Return the texts by kind of display: ``read``, ``misread`` and ``ask``."""
    return tomllib.loads((Path(__file__).parent / "explore_help.toml").read_text(encoding="utf-8"))


def help_text(kind: str) -> str:
    """Return the help of a kind of display as HTML.

    Raises
    ------
    KitError
        If there is none of this kind.
    """
    if kind not in help_kinds():
        raise KitError(f"There is no help for '{kind}'", where="explore_help.toml")
    texts = help_kinds()[kind]
    parts = (("How to read it", "read"), ("A common misreading", "misread"), ("A question to ask", "ask"))
    lines = "".join(f"<p><b>{escape(head)}.</b> {escape(texts[name])}</p>" for head, name in parts)
    return f'<details class="two-minutes"><summary>Two minutes of help</summary>{lines}</details>'
