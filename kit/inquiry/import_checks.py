"""What stands against a file that is to come into the store: every fault of it, with sheet, row, column and mend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kit.errors import Fault, KitError
from kit.inquiry.contents import ABOUT
from kit.inquiry.entries import Entry, Revision
from kit.inquiry.kinds import kind, kinds
from kit.inquiry.locks import lock_problems
from kit.inquiry.portable import Filed, ProjectFile
from kit.inquiry.project import UNIQUE, Project
from kit.inquiry.store import Store
from kit.inquiry.typed import ID, TIME, Problem, check_fields, missing

__all__ = ["FileChecks"]


class FileChecks:
    """A file held against the store.

    Attributes
    ----------
    faults : list of Fault
        Everything that was found.
    held : dict of str to Entry
        The project's entries in the store, by id; empty where it is new.
    texts : dict of str to list of Revision
        Their histories.
    """

    def __init__(self, store: Store, file: ProjectFile):
        self.store, self.file = store, file
        self.project: Project
        self.faults: list[Fault] = list(file.faults)
        self.held: dict[str, Entry] = {}
        self.texts: dict[str, list[Revision]] = {}

    def fault(self, f: Filed, problem: str, mend: str, column: str | None = None) -> None:
        """Note a fault of an entry, unless its cell could not even be read."""
        if any((f.where, f.row, column) == (x.file, x.row, x.column) for x in self.file.faults):
            return
        self.faults.append(Fault("error", f.where or self.file.name, problem, mend, row=f.row, column=column))

    def check_whole(self) -> None:
        """Check what concerns the file as one."""
        seen: set[str] = set()
        for f in self.file.entries:
            if f.id in seen:
                self.fault(f, f"The id '{f.id}' is there twice", "Empty the id of a row that is new", "id")
            seen.add(f.id)
        about = self.held.get(ABOUT)
        if about is None and ABOUT not in seen:
            mend = "Add a sheet «projects» with a row that has a title"
            self.faults.append(Fault("error", self.file.name, "The file does not say which project it is", mend))
        if about is not None and self.file.shared:
            raise KitError(
                "The file was made to be shared, without private texts, and the project is here",
                where=self.file.name, mend="Import it as a new project.",
            )  # fmt: skip
        if about is not None and about.deleted:
            raise KitError("The project was deleted", where=self.project.id, mend="Bring it back, or import it as new.")

    def check_unique(self) -> None:
        """Check that what may be there once is there once, when file and store are put together."""
        for kind_id, names in UNIQUE.items():
            after = {i: e.fields for i, e in self.held.items() if e.kind == kind_id and not e.deleted}
            of_file = {f.id: f for f in self.file.entries if f.kind == kind_id}
            for f in of_file.values():
                after.pop(f.id, None)
                if not f.deleted:
                    after[f.id] = f.fields
            first: dict[tuple, str] = {}
            for id_, fields in after.items():
                key = tuple(fields.get(n) for n in names)
                if None not in key and first.setdefault(key, id_) != id_:
                    f = of_file.get(id_) or of_file[first[key]]
                    self.fault(
                        f, f"There is one already ({', '.join(map(str, key))})", "Keep one of the two", names[-1]
                    )

    def is_sound(self, f: Filed) -> bool:
        """Check an entry by itself and put its fields into the store's form; return whether nothing is wrong."""
        before = len(self.faults)
        if f.kind not in kinds():
            self.fault(f, f"'{f.kind}' is not a kind of entry", "Update the kit", "kind")
            return False
        if not ID.fullmatch(f.id):
            self.fault(f, f"'{f.id[:40]}' is not an id", "Leave it as it was exported, or empty for a new row", "id")
        if (f.kind == ABOUT) != (f.id == ABOUT):
            self.fault(f, "A file holds one project", "Keep one row in the sheet «projects»", "id")
        k = kind(f.kind)
        clean, problems = check_fields(k, f.fields)
        f.fields = {n: v for n, v in clean.items() if v is not None}
        wrong = {p.field for p in problems}
        problems += [p for p in missing(k, f.fields) if p.field not in wrong]
        problems += self.store.guard.problems(k, f.fields)
        people = {n: getattr(f, n) for n in ("created_by", "author") if getattr(f, n)}
        problems += self.store.guard.problems(k, people)
        for r in f.earlier or ():
            for p in self.store.guard.problems(k, {**r.fields, "changed by": r.author}):
                problems.append(replace(p, problem=f"in an earlier text, {p.problem}"))
        problems += [Problem(n, *p) for n, p in self._points_nowhere(f)]
        for name in ("created_at", "at"):
            if getattr(f, name) and not TIME.fullmatch(getattr(f, name)):
                problems.append(Problem(name, "it is not a time as the kit writes it", "Leave it as it was exported"))
        for p in problems:
            self.fault(f, p.problem, p.mend, p.field)
        return len(self.faults) == before

    def _points_nowhere(self, f: Filed) -> Iterator[tuple[str, tuple[str, str]]]:
        there = {i: e.kind for i, e in self.held.items()} | {x.id: x.kind for x in self.file.entries}
        for name, value in f.fields.items():
            field_ = kind(f.kind).fields[name]
            if field_.type not in ("one", "many"):
                continue
            for id_ in [value] if isinstance(value, str) else value:
                if id_ not in there:
                    yield name, (f"there is no entry '{id_}'", "Write the id of one that is there")
                elif "*" not in field_.of and there[id_] not in field_.of:
                    yield name, (f"'{id_}' is in the sheet «{there[id_]}»", f"Choose one of: {', '.join(field_.of)}")

    def check_lock(self, f: Filed, held: Entry | None) -> None:
        """Check that locked predictions stay as they are."""
        after = None if f.deleted else f.fields
        for p in lock_problems(f.kind, held.fields if held else None, after, self.held.get):
            self.fault(f, p.problem, p.mend, p.field)
