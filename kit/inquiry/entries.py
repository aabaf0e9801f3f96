"""An entry as it stands, an earlier text of it, and what is raised where two people wrote at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.errors import KitError
from kit.inquiry.kinds import kind
from kit.language import _

__all__ = ["Conflict", "ConflictError", "Entry", "Revision"]


@dataclass(frozen=True)
class Entry:
    """One entry of a project.

    Attributes
    ----------
    project_id, id, kind : str
    version : int
        Grows by one with each save; an edit names the version that it started from.
    fields : dict
        Only what holds something; ``entry["text"]`` is None where the field is empty.
    created_by, created_at, author, at : str
        Who wrote it first and last, and when (UTC).
    deleted : bool
    """

    project_id: str
    id: str
    kind: str
    version: int
    fields: Mapping[str, Any]
    created_by: str
    created_at: str
    author: str
    at: str
    deleted: bool = False

    def __getitem__(self, name: str) -> Any:
        if name not in kind(self.kind).fields:
            raise KeyError(name)
        return self.fields.get(name)

    @property
    def title(self) -> str:
        """What to call it in a list: its title, name or text, cut after 80 characters."""
        for name in (
            "title",
            "name",
            "text",
            "statement",
            "question",
            "focus",
            "task",
            "outcome",
            "who",
            "element",
            "date",
        ):
            if text := self.fields.get(name):
                text = " ".join(str(text).split())
                return text if len(text) <= 80 else text[:79] + "…"
        return self.id


@dataclass(frozen=True)
class Revision:
    """One text of an entry: the fields as they were saved, by whom and when, and whether it was deleted then."""

    version: int
    fields: Mapping[str, Any]
    author: str
    at: str
    deleted: bool = False


@dataclass(frozen=True)
class Conflict:
    """Two texts of one field, of which neither may be lost.

    Attributes
    ----------
    field, label : str
    base, mine, theirs : object
        What stood there when I began, what I wrote, what the other wrote meanwhile.
    """

    field: str
    label: str
    base: Any
    mine: Any
    theirs: Any


class ConflictError(KitError):
    """Someone saved the same entry meanwhile. Nothing was overwritten; both texts are here.

    Attributes
    ----------
    current : Entry
        The entry as it stands; edit it at its version to go on.
    conflicts : tuple of Conflict
        Empty where the other one deleted it.
    """

    def __init__(self, current: Entry, conflicts: tuple[Conflict, ...] = ()):
        self.current, self.conflicts = current, conflicts
        lines = [
            f"  {c.label}\n    {_('yours')}: {_shown(c.mine)}\n    {_('theirs')}: {_shown(c.theirs)}" for c in conflicts
        ]
        what = _("{who} deleted this meanwhile") if current.deleted else _("{who} changed this meanwhile")
        super().__init__(
            "\n".join([what.format(who=current.author), *lines]),
            where=current.title,
            mend=_("Nothing was overwritten. Choose a text, or put the two together, and save again."),
        )


def _shown(value: Any) -> str:
    if value is None:
        return _("(empty)")
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
