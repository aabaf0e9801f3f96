"""The themes of the monthly explorations, read from ``explore_themes.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.errors import KitError

__all__ = ["Theme", "theme", "themes"]


@dataclass(frozen=True)
class Theme:
    """A theme: its measures (the first is drawn first), two others to set beside, the tables, its own displays."""

    id: str
    title: str
    measures: tuple[str, ...]
    pairs: tuple[str, ...]
    tables: tuple[str, ...]
    own: tuple[str, ...]
    cannot: str


@cache
def themes() -> dict[str, Theme]:
    """Return the themes by id."""
    given = tomllib.loads((Path(__file__).parent / "explore_themes.toml").read_text(encoding="utf-8"))
    return {
        name: Theme(id=name, **{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()})
        for name, row in given.items()
    }


def theme(name: str) -> Theme:
    """Return a theme.

    Raises
    ------
    KitError
        If there is none of this name.
    """
    if name not in themes():
        raise KitError(f"There is no theme '{name}'", mend=f"Use one of: {', '.join(themes())}.")
    return themes()[name]
