"""What a notebook of the cycle works on: the data folder, the team's store, the project and the session that runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets as t

from kit.controls.choice import Choice
from kit.controls.opened import as_folder, open_folder
from kit.errors import KitError
from kit.inquiry import Entry, Project, Store, kind, open_store
from kit.measures.registry import measures
from kit.workspace import Workspace, open_workspace

__all__ = ["Desk"]


class Desk(t.HasTraits):
    """The state that a notebook's widgets share; they follow its traits.

    Parameters
    ----------
    data : str
        The data folder.
    project : str
        Id of the project that is opened first; empty: the team chooses.
    author : str
        Who writes; empty: the computer's user until someone says their name.
    live : bool
        True where a person looks at it in JupyterLab.

    Attributes
    ----------
    project : Project or None
    session : Entry or None
        The session that runs.
    saves : int
        Grows with every save from this notebook and whenever someone else's is noticed: boards and lists redraw.
    choice : Choice
        What is picked in the displays of the numbers.
    """

    project = t.Instance(Project, allow_none=True)
    session = t.Instance(Entry, allow_none=True)
    saves = t.Int()

    def __init__(self, data: str, project: str = "", *, author: str = "", live: bool = True):
        super().__init__()
        self.live, self.choice = live, Choice()
        self.workspace: Workspace = open_workspace(as_folder(data))
        self.store: Store = open_store(self.workspace, author=author or None)
        self._stamp: tuple[int, int] | None = None
        if project:
            self.open_project(project)

    @property
    def author(self) -> str:
        """Who writes."""
        return self.store.author

    @author.setter
    def author(self, name: str) -> None:
        if name.strip():
            self.store.author = name.strip()

    def open_project(self, project_id: str) -> None:
        """Open a project; its school, measure and year are picked in the displays."""
        self.session = None
        self.project = self.store.project(project_id)
        self._stamp = self.project.stamp()
        self.saves += 1

    def numbers(self, say: Callable[[str], None] = lambda _: None) -> Choice:
        """Read the released numbers, once, and pick what the project is about.

        Raises
        ------
        KitError
            If the folder has faults that stand in the way.
        """
        if self.choice.opened is None:
            opened = open_folder(str(self.workspace.folder), say)
            if opened.latest is None:
                raise KitError("The folder has faults that must be mended first", where=str(opened.folder),
                               mend="Run «kit check» and mend them.")  # fmt: skip
            self.choice.opened = opened
        self.pick_for_project()
        return self.choice

    def pick_for_project(self) -> None:
        """Pick the project's school and measure in the displays, where it names them."""
        opened = self.choice.opened
        if opened is None or self.project is None:
            return
        about = self.project.about.fields
        if about.get("unit_type") == "school" and about.get("unit_id") in opened.latest.school_rows:
            self.choice.school_id = about["unit_id"]
        named = about.get("records_measure")
        if named in opened.measure_ids():
            self.choice.measure = named
        self.choice.lacks = opened.lacking(named) if named else ""
        self._pick_pair(opened)

    def _pick_pair(self, opened) -> None:
        """Pick two measures to set side by side where none are picked: the project's own and the next that is there."""
        if self.choice.across and self.choice.upward:
            return
        there = [m for m in measures() if m in opened.measure_ids()]
        first = self.choice.measure if self.choice.measure in there else next(iter(there), "")
        self.choice.across = first
        self.choice.upward = next((m for m in there if m != first), first)

    def require_project(self) -> Project:
        """Return the project.

        Raises
        ------
        KitError
            If none is open.
        """
        if self.project is None:
            raise KitError("No project is open", mend="Choose one above, or begin a new one.")
        return self.project

    def entries(self, kind_id: str, **where: Any) -> list[Entry]:
        """Return the entries of a kind in the open project; none where no project is open."""
        return [] if self.project is None else self.project.entries(kind_id, **where)

    def add(self, kind_id: str, **fields: Any) -> Entry:
        """Add an entry; one that can name the session names the one that runs."""
        entry = self.require_project().add(kind_id, **self._with_session(kind_id, fields))
        self.saved()
        return entry

    def update(self, entry: Entry, **fields: Any) -> Entry:
        """Save an edit; see :meth:`kit.inquiry.Project.update`."""
        entry = self.require_project().update(entry, **fields)
        self.saved()
        return entry

    def delete(self, entry: Entry) -> Entry:
        """Delete an entry; it can be brought back."""
        entry = self.require_project().delete(entry)
        self.saved()
        return entry

    def restore(self, entry: Entry) -> Entry:
        """Bring back a deleted entry."""
        entry = self.require_project().restore(entry)
        self.saved()
        return entry

    def saved(self) -> None:
        """Tell every board and list that something was saved."""
        if self.project is not None:
            self._stamp = self.project.stamp()
        self.saves += 1

    def look_again(self) -> bool:
        """Notice what others saved meanwhile; return whether there was anything."""
        if self.project is None or self.project.stamp() == self._stamp:
            return False
        self.saved()
        return True

    def _with_session(self, kind_id: str, fields: dict[str, Any]) -> dict[str, Any]:
        if self.session is not None and "session" in kind(kind_id).fields and "session" not in fields:
            return fields | {"session": self.session.id}
        return fields
