"""The instrument of a needs assessment, read from its file: elements, their parts, what is described under 1 and 4.

What a user has yet to fill in says so; nothing is made up in its place.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import kit
from kit.errors import Fault, InputError, KitError

__all__ = ["TO_FILL", "Instrument", "Item", "Level", "Settings", "instrument_for", "read_instrument"]

TO_FILL = "to be filled by the user"
SCORES = (1, 2, 3, 4)
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,9}")


@dataclass(frozen=True)
class Level:
    """A score, its name and its colour's name."""

    score: int
    name: str
    colour: str
    text: str = ""


@dataclass(frozen=True)
class Item:
    """Something that is rated: a part of a core element, or a core element as a whole.

    Attributes
    ----------
    code, text : str
    one, four : str
        What is described under 1 and under 4; empty where the user has yet to fill it in.
    element : str
        Code of the core element that it belongs to.
    """

    code: str
    text: str
    one: str = ""
    four: str = ""
    element: str = ""


@dataclass(frozen=True)
class Settings:
    """What the guide leaves open; each is an assumption that is printed.

    Attributes
    ----------
    tie : {"up", "down"}
    contested_range : int
    contested_spread : float
        Standard deviation (of the raters who answered, not of a sample).
    element_score : {"mean", "judgement"}
    """

    tie: str = "up"
    contested_range: int = 2
    contested_spread: float = 1.0
    element_score: str = "mean"

    def assumptions(self) -> tuple[str, ...]:
        """Return the settings in words."""
        said = {"mean": "the mean of its parts' averages", "judgement": "the raters' overall judgement of it"}
        return (
            f"An average that ends in exactly .5 is rounded {self.tie}; the guide does not say.",
            f"Disagreement is flagged where the scores lie {self.contested_range} or more apart, or their standard "
            f"deviation is {self.contested_spread:g} or more; the guide gives no threshold.",
            f"The score of a core element that has parts is {said[self.element_score]}; the guide allows both.",
        )


@dataclass(frozen=True)
class Instrument:
    """What is rated and how.

    Attributes
    ----------
    title, source : str
    elements : tuple of Item
        The core elements, in order.
    parts : tuple of Item
        Their parts, in order.
    levels : dict of int to Level
    settings : Settings
    """

    title: str
    source: str
    elements: tuple[Item, ...]
    parts: tuple[Item, ...]
    levels: dict[int, Level]
    settings: Settings

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """What each person rates: the parts, and the elements that have none (or whose overall judgement counts)."""
        rated: list[Item] = []
        for element in self.elements:
            parts = self.parts_of(element.code)
            rated += parts
            if not parts or self.settings.element_score == "judgement":
                rated.append(element)
        return tuple(rated)

    def parts_of(self, element: str) -> tuple[Item, ...]:
        """Return the parts of a core element."""
        return tuple(p for p in self.parts if p.element == element)

    def item(self, code: str) -> Item | None:
        """Return what has a code, however its letters are written."""
        return self._by_code.get(str(code).strip().upper())

    @cached_property
    def _by_code(self) -> dict[str, Item]:
        return {i.code.upper(): i for i in (*self.elements, *self.parts)}

    def gaps(self) -> tuple[str, ...]:
        """Return what the user has yet to fill in, in words."""
        without = [i.code for i in self.items if not (i.one and i.four)]
        whole = [e.code for e in self.elements if not self.parts_of(e.code)]
        said = []
        if without:
            said.append(f"What a 1 and a 4 look like is to be filled by the user for {', '.join(without)}.")
        if whole:
            said.append(
                f"The parts of {', '.join(whole)} are to be filled by the user; until then each is rated as a whole."
            )
        return tuple(said)


def instrument_for(folder: str | Path) -> Instrument:
    """Read the instrument of a data folder: its own ``needs/instrument.toml``, else the one that ships.

    Raises
    ------
    InputError, KitError
        As :func:`read_instrument`.
    """
    own = Path(folder) / "needs" / "instrument.toml"
    return read_instrument(own if own.is_file() else kit.home() / "templates" / "needs" / "instrument.toml")


def read_instrument(path: str | Path) -> Instrument:
    """Read an instrument's file.

    Raises
    ------
    InputError
        With everything that is wrong in it.
    KitError
        If it cannot be read.
    """
    path = Path(path)
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KitError(f"The instrument cannot be read ({error.strerror})", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KitError(f"The instrument cannot be read ({error})", where=path.name, mend="Correct the line.") from None
    return _Reader(path.name).read(found)


class _Reader:
    def __init__(self, file: str):
        self.file, self.faults, self.codes = file, [], set()

    def fault(self, where: str, problem: str, mend: str) -> None:
        self.faults.append(Fault("error", self.file, problem, mend, column=where, rule="instrument"))

    def read(self, found: dict) -> Instrument:
        elements, parts = [], []
        for n, block in enumerate(self._blocks(found, "element"), start=1):
            element = self._item(block, f"element {n}", "name")
            elements.append(element)
            for m, part in enumerate(self._blocks(block, "part"), start=1):
                parts.append(self._item(part, f"element {n}, part {m}", "text", element.code))
        if not elements:
            self.fault("element", "There is no element", "Add a block [[element]] with code and name")
        levels, settings = self._levels(found), self._settings(found)
        if self.faults:
            raise InputError(self.faults, self.file)
        words = (self._text(found, "title") or "Needs assessment", self._text(found, "source"))
        return Instrument(*words, tuple(elements), tuple(parts), levels, settings)

    def _blocks(self, found: dict, name: str) -> list[dict]:
        blocks = found.get(name, [])
        if isinstance(blocks, list) and all(isinstance(b, dict) for b in blocks):
            return blocks
        self.fault(name, f"«{name}» is no list of blocks", f"Write [[{name}]] above each")
        return []

    def _text(self, block: dict, name: str) -> str:
        text = " ".join(str(block.get(name, "")).split())
        return "" if text.lower().rstrip(".") == TO_FILL else text

    def _item(self, block: dict, where: str, named: str, element: str = "") -> Item:
        code, text = self._text(block, "code"), self._text(block, named)
        if not _CODE.fullmatch(code):
            self.fault(where, f"«{code}» is no code", "Write a short code such as 2A")
        elif code.upper() in self.codes:
            self.fault(where, f"The code {code} is there twice", "Give each its own")
        self.codes.add(code.upper())
        if not text:
            self.fault(where, f"It has no {named}", f'Write {named} = "…"')
        return Item(code, text, self._text(block, "one"), self._text(block, "four"), element or code)

    def _levels(self, found: dict) -> dict[int, Level]:
        levels = {}
        for n, block in enumerate(self._blocks(found, "level"), start=1):
            level = Level(
                block.get("score"), *(self._text(block, k) for k in ("name", "colour", "text"))
            )  # fmt: skip
            if level.score in levels or not (level.name and level.colour):
                self.fault(f"level {n}", "A level needs a score of its own, a name and a colour", "Write all three")
            levels[level.score] = level
        if set(levels) != set(SCORES):
            self.fault("level", "The levels are not 1, 2, 3 and 4", "Write four blocks [[level]]")
        return levels

    def _settings(self, found: dict) -> Settings:
        given = found.get("settings", {})
        kept = {}
        choices = {"tie": ("up", "down"), "element_score": ("mean", "judgement")}
        for name, value in given.items() if isinstance(given, dict) else ():
            number = isinstance(value, int | float) and not isinstance(value, bool) and value > 0
            if (name in choices and value in choices[name]) or (
                name in ("contested_range", "contested_spread") and number
            ):
                kept[name] = value
            else:
                allowed = " or ".join(choices.get(name, ("a number above 0",)))
                self.fault(f"settings, {name}", f"«{value}» cannot be used", f"Write {allowed}")
        return Settings(**kept)
