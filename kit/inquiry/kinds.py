"""What a project is made of, read from ``kinds.toml``: forms, sheets and checks are all made from it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from kit.errors import KitError

__all__ = ["Field", "Kind", "kind", "kinds", "texts"]

TYPES = ("line", "code", "text", "lines", "number", "count", "date", "yesno", "choice", "time", "one", "many")


@dataclass(frozen=True)
class Field:
    """One field of a kind.

    Attributes
    ----------
    name, label, help : str
    type : str
        One of ``TYPES``; ``kinds.toml`` says what each holds.
    required : bool
    choices : tuple of str
        For a ``choice``.
    of : tuple of str
        For ``one`` and ``many``: the kinds that may be meant; ``*`` is any.
    private : bool
        Left out of what is shared.
    kept : bool
        Set by the kit; not in a form.
    """

    name: str
    type: str
    label: str
    help: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    private: bool = False
    kept: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of entry.

    Attributes
    ----------
    id : str
        What the store calls it: ``change_idea``.
    name, many, help : str
        What a reader calls one, several, and what it is.
    phase : str
        Where in the cycle it is written: project, look, define, system, test, sustain, session, needs or plan.
    fields : dict of str to Field
        In the order of a form.
    """

    id: str
    name: str
    many: str
    phase: str
    help: str
    fields: dict[str, Field]


@cache
def kinds() -> dict[str, Kind]:
    """Return every kind by id, in the order of the file."""
    read = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8"))
    out = {}
    for id_, about in read.items():
        fields = {}
        for f in about.pop("fields"):
            f |= {k: tuple(f[k]) for k in ("choices", "of") if k in f}
            fields[f["name"]] = Field(**f)
        out[id_] = Kind(id=id_, fields=fields, **about)
    return out


def kind(id_: str) -> Kind:
    """Return one kind.

    Raises
    ------
    KitError
        If there is none of that name.
    """
    if id_ in kinds():
        return kinds()[id_]
    near = get_close_matches(id_, kinds(), 1)
    raise KitError(
        f"'{id_}' is not a kind of entry",
        mend=f"Did you mean '{near[0]}'?" if near else f"Use one of: {', '.join(kinds())}.",
    )


def texts() -> Iterator[str]:
    """Yield every text of the file that a reader sees, for the catalogues of other languages."""
    for k in kinds().values():
        yield from (k.name, k.many, k.help)
        for f in k.fields.values():
            yield from (t for t in (f.label, f.help, *f.choices) if t)
