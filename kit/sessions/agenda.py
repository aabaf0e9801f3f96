"""Agendas of sessions: plain text files that a coach reads and edits, read into parts with minutes.

A file is Markdown::

    # Data carousel
    Purpose: Look at many kinds of data before anyone explains one.
    Roles: facilitator, timekeeper, recorder
    Materials: station sheets, pens

    ## Silent look (10 min)
    What the group does, seen by everyone.

    Ask: What do you see?
    Materials: sticky notes
    > What only the facilitator sees.

Line for line: the title, the lines «Name: text» of the whole session, then the parts in their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import kit
from kit.errors import Fault, InputError, KitError

__all__ = ["Agenda", "Part", "agenda", "agenda_files", "read_agenda"]

_PART = re.compile(r"^##\s+(?P<name>.+?)\s*\((?P<minutes>[^()]*)\)\s*$")
_MINUTES = re.compile(r"^(\d+)\s*min(?:utes)?$")
_NAMED = re.compile(r"^(?P<name>Purpose|For|Roles|Materials|Source|Ask):\s*(?P<text>.*)$")
_OF_SESSION = ("Purpose", "For", "Roles", "Materials", "Source")
_OF_PART = ("Ask", "Materials")
# A day has no longer session; a typing slip such as 600 for 60 is caught by it. A setting, without a source.
LONGEST_PART = 480


@dataclass(frozen=True)
class Part:
    """One part of a session.

    Attributes
    ----------
    name : str
    minutes : int
    activity : str
        What the group does, in paragraphs separated by an empty line.
    asks : tuple of str
        Questions that the group is asked, as everyone sees them.
    materials : tuple of str
    notes : str
        For the facilitator only.
    """

    name: str
    minutes: int
    activity: str = ""
    asks: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True)
class Agenda:
    """A session as its file describes it.

    Attributes
    ----------
    title, purpose, for_whom, source : str
    roles, materials : tuple of str
    parts : tuple of Part
    name : str
        The file's name without its ending.
    """

    title: str
    parts: tuple[Part, ...]
    purpose: str = ""
    for_whom: str = ""
    roles: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    source: str = ""
    name: str = ""

    @property
    def minutes(self) -> int:
        """Minutes of all parts together."""
        return sum(p.minutes for p in self.parts)

    @property
    def everything(self) -> tuple[str, ...]:
        """Materials of the session and of its parts, each once."""
        return tuple(dict.fromkeys((*self.materials, *(m for p in self.parts for m in p.materials))))


def _items(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


class _Reader:
    """Goes through the lines once and keeps every fault."""

    def __init__(self, file: str):
        self.file, self.faults = file, []
        self.title, self.named, self.parts = "", {}, []

    def fault(self, row: int, problem: str, mend: str) -> None:
        self.faults.append(Fault("error", self.file, problem, mend, row=row, rule="agenda"))

    def read(self, lines: Iterable[str]) -> None:
        for row, raw in enumerate(lines, start=1):
            line = raw.rstrip()
            if line.startswith("## "):
                self._open_part(row, line)
            elif line.startswith("# "):
                if self.title:
                    self.fault(row, "There are two titles", "Keep one line that starts with «# »")
                self.title = self.title or line[2:].strip()
            elif match := _NAMED.match(line):
                self._named(row, match["name"], match["text"].strip())
            elif self.parts:
                part = self.parts[-1]
                into = "notes" if line.lstrip().startswith(">") else "activity"
                part[into].append(line.lstrip().removeprefix(">").strip() if into == "notes" else line)
            elif line.strip():
                self.fault(row, f"«{line.strip()[:40]}» stands before the first part", "Start it with «Purpose:» …")
        if not self.title:
            self.fault(1, "The agenda has no title", "Start the file with «# » and the title")
        if not self.parts:
            self.fault(1, "The agenda has no part", "Add a line such as «## Welcome (10 min)»")

    def _open_part(self, row: int, line: str) -> None:
        match = _PART.match(line)
        minutes = _MINUTES.match(match["minutes"].strip()) if match else None
        if not match or not minutes or not 1 <= int(minutes[1]) <= LONGEST_PART:
            self.fault(
                row,
                f"«{line[3:].strip()[:60]}» does not say how many minutes it takes",
                f"End the line with whole minutes from 1 to {LONGEST_PART}, such as (10 min)",
            )
        name = match["name"] if match else line[3:].strip()
        if any(p["name"] == name for p in self.parts):
            self.fault(row, f"Two parts are called «{name}»", "Give each part a name of its own")
        part = {"name": name, "minutes": int(minutes[1]) if minutes else 0}
        self.parts.append(part | {"asks": [], "materials": [], "activity": [], "notes": []})

    def _named(self, row: int, name: str, text: str) -> None:
        allowed = _OF_PART if self.parts else _OF_SESSION
        if name not in allowed:
            place = "a part" if self.parts else "the head of the agenda"
            self.fault(
                row, f"«{name}:» does not belong in {place}", f"Use there: {', '.join(f'{n}:' for n in allowed)}"
            )
        elif not text:
            self.fault(row, f"«{name}:» says nothing", "Write its text on the same line, or take the line out")
        elif self.parts and name == "Ask":
            self.parts[-1]["asks"].append(text)
        elif self.parts:
            self.parts[-1]["materials"].extend(_items(text))
        elif name in self.named:
            self.fault(row, f"«{name}:» is there twice", "Keep one of the two")
        else:
            self.named[name] = text


def _paragraphs(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def read_agenda(path: str | Path) -> Agenda:
    """Read an agenda's file.

    Raises
    ------
    InputError
        If the file is not an agenda: every fault with its row and the mend.
    KitError
        If it cannot be read.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise KitError("the agenda is not UTF-8 text", where=path.name, mend="Save it as UTF-8.") from None
    except OSError as error:
        raise KitError(f"the agenda cannot be read ({error.strerror})", where=str(path)) from None
    reader = _Reader(path.name)
    reader.read(text.lstrip("\ufeff").splitlines())
    if reader.faults:
        raise InputError(reader.faults, str(path))
    named = reader.named
    parts = tuple(
        Part(
            p["name"],
            p["minutes"],
            _paragraphs(p["activity"]),
            tuple(p["asks"]),
            tuple(dict.fromkeys(p["materials"])),
            _paragraphs(p["notes"]),
        )
        for p in reader.parts
    )
    return Agenda(
        title=reader.title,
        parts=parts,
        purpose=named.get("Purpose", ""),
        for_whom=named.get("For", ""),
        roles=_items(named.get("Roles", "")),
        materials=_items(named.get("Materials", "")),
        source=named.get("Source", ""),
        name=path.stem,
    )


def agenda_files(own: str | Path | None = None) -> dict[str, Path]:
    """Return the agendas by name: the kit's, and those of a folder of the team's own, which come first.

    Parameters
    ----------
    own : str or Path, optional
        A folder with agendas, such as ``sessions`` in the data folder; an agenda there replaces the kit's of the
        same name.
    """
    found = {p.stem: p for p in sorted((kit.home() / "templates" / "sessions").glob("*.md"))}
    if own is not None and Path(own).is_dir():
        found |= {p.stem: p for p in sorted(Path(own).glob("*.md"))}
    return found


def agenda(name: str, own: str | Path | None = None) -> Agenda:
    """Read the agenda of a name, the team's own before the kit's.

    Raises
    ------
    KitError
        If there is none; the names there are, are listed.
    """
    files = agenda_files(own)
    if name not in files:
        raise KitError(f"there is no agenda '{name}'", mend=f"Agendas: {', '.join(files) or 'none'}.")
    return read_agenda(files[name])
