"""Which place an exploration looks at: network, district or school; which level, student group, measure and year."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as w
import traitlets as t

from kit.charts.words import year
from kit.controls.choice import Choice
from kit.controls.desk import Desk
from kit.controls.messages import Message, guarded, look
from kit.controls.opened import OpenedFolder
from kit.measures.registry import group_name, measures

__all__ = ["FOLLOWS", "LEVELS", "NETWORK", "ExploringDesk", "Place", "PlacePicker", "keep_open"]

FOLLOWS = ("unit", "level", "student_group", "measure", "school_year")
LEVELS = (("All levels", ""), ("Elementary", "elementary"), ("Middle", "middle"), ("High", "high"))
NETWORK = "network:network"
_LABEL = {"style": {"description_width": "7rem"}, "layout": w.Layout(width="auto", max_width="34rem")}


# What a batch has read already: its notebooks, in children of this process, read nothing again.
_kept: dict[str, OpenedFolder] = {}


def keep_open(opened: OpenedFolder) -> None:
    """Use what was read of a folder for each exploration of it in this process, whatever is written beside the data."""
    _kept[str(opened.folder.resolve())] = opened


class Place(Choice):
    """The picks of an exploration.

    Attributes
    ----------
    unit : str
        Type and id: ``network:network``, ``district:01``, ``school:0101``.
    level : str
        Only schools of this level, where single schools are drawn; empty: all.
    student_group : str
    """

    unit = t.Unicode(NETWORK)
    level = t.Unicode()
    student_group = t.Unicode("all")

    @property
    def ready(self) -> bool:
        """Whether there is something to show."""
        return self.opened is not None and self.opened.latest is not None

    @property
    def unit_key(self) -> tuple[str, str]:
        """Type and id."""
        kind, _, unit_id = self.unit.partition(":")
        return kind, unit_id

    @property
    def prepared(self):
        """The released numbers of the picked year."""
        return self.opened.prepared(self.school_year)

    @property
    def district_id(self) -> str:
        """The district that the place is, or lies in; empty for the network."""
        kind, unit_id = self.unit_key
        if kind == "school":
            return self.prepared.school_rows.get(unit_id, {}).get("district_id", "")
        return unit_id if kind == "district" else ""

    def among(self) -> list[str]:
        """Return the schools of the place that are of the picked level; a school's neighbours in its district."""
        rows, here = self.prepared.school_rows, self.district_id
        return [i for i, r in rows.items() if (not here or r["district_id"] == here)
                and (not self.level or r["level"] == self.level)]  # fmt: skip

    def place(self) -> str:
        """Name the place."""
        kind, unit_id = self.unit_key
        if kind == "network":
            return "The network"
        rows = self.prepared.school_rows
        if kind == "school":
            return rows.get(unit_id, {}).get("school_name") or unit_id
        names = {r["district_id"]: r["district_name"] for r in rows.values()}
        return names.get(unit_id) or unit_id

    def words(self) -> str:
        """Name the place, the student group, the measure and the year."""
        group = "" if self.student_group == "all" else f", {group_name(self.student_group)}"
        named = f", {measures()[self.measure].short}" if self.measure in measures() else ""
        return f"{self.place()}{group}{named}, {year(self.school_year)}"


class ExploringDesk(Desk):
    """A desk whose choice is a place, and whose measures are those of one theme.

    Parameters
    ----------
    data, project : str
    live : bool
    measure_ids : tuple of str
        The theme's measures, the first drawn first.
    unit : str
        Where it begins.
    """

    def __init__(self, data: str, project: str, live: bool, measure_ids: tuple[str, ...], unit: str = NETWORK):
        super().__init__(data, "", live=live)
        self.choice = Place(unit=unit)
        self.measure_ids = measure_ids
        if project:
            self.open_project(project)

    def numbers(self, say: Callable[[str], None] = lambda _: None) -> Place:
        """Read the numbers once; see :meth:`kit.controls.desk.Desk.numbers`."""
        if self.choice.opened is None:
            self.choice.opened = _kept.get(str(self.workspace.folder.resolve()))
        return super().numbers(say)

    def pick_for_project(self) -> None:
        """Pick the theme's first measure that is there, its latest year, and the project's own place."""
        opened, choice = self.choice.opened, self.choice
        if opened is None:
            return
        there = self.there(opened)
        with choice.hold_trait_notifications():
            choice.measure = choice.measure if choice.measure in there else next(iter(there), "")
            choice.school_year = choice.school_year or opened.latest.school_year
            if self.project is not None:
                about = self.project.about.fields
                if about.get("unit_type") in ("school", "district") and about.get("unit_id"):
                    choice.unit = f"{about['unit_type']}:{about['unit_id']}"

    def there(self, opened: OpenedFolder) -> list[str]:
        """Return the theme's measures that the folder has."""
        return [m for m in self.measure_ids if m in opened.measure_ids()]


class PlacePicker(w.VBox):
    """Reads the numbers, then lets the group pick the place, level, student group, measure and year."""

    def __init__(self, desk: ExploringDesk, when_read: Callable[[], None] = lambda: None):
        self.desk, self.choice, self.message, self._filling = desk, desk.choice, Message(), False
        self._when_read = when_read
        self.button = w.Button(description="Read the numbers", button_style="primary",
                               layout=w.Layout(width="auto", align_self="flex-start"))  # fmt: skip
        self.drops = {
            "district": w.Dropdown(description="District", **_LABEL),
            "school": w.Dropdown(description="School", **_LABEL),
            "level": w.Dropdown(description="Level", options=LEVELS, **_LABEL),
            "student_group": w.Dropdown(description="Student group", **_LABEL),
            "measure": w.Dropdown(description="Measure", **_LABEL),
            "school_year": w.Dropdown(description="School year", **_LABEL),
        }  # fmt: skip
        self.button.on_click(guarded(self.message, self.read))
        for name, drop in self.drops.items():
            drop.disabled = True
            drop.observe(guarded(self.message, lambda n=name: self._picked(n)), "value")
        self.choice.observe(guarded(self.message, self.fill), "opened")
        super().__init__([look(), self.button, self.message, *self.drops.values()])
        guarded(self.message, self.fill)()

    def read(self) -> None:
        """Read the numbers."""
        self.message.say("Reading the numbers. This happens once; a large folder takes a minute or two.")
        self.desk.numbers(lambda step: self.message.say(f"{step} This happens once."))
        self.fill()
        self._when_read()
        self.message.say("Ready.")

    def fill(self) -> None:
        """Offer what the opened folder holds."""
        opened = self.choice.opened
        if opened is None or opened.latest is None or self._filling:
            return
        self._filling = True
        try:
            if not self.choice.school_year:
                self.desk.pick_for_project()
            rows = opened.latest.school_rows.values()
            names = {r["district_id"]: r["district_name"] or r["district_id"] for r in rows if r["district_id"]}
            self._offer("district", [("The network", ""), *sorted(((n, i) for i, n in names.items()),
                                                                  key=lambda o: o[0].casefold())],
                        self.choice.district_id)  # fmt: skip
            self._schools()
            self._offer("measure", [(measures()[m].name, m) for m in self.desk.there(opened)], self.choice.measure)
            table = opened.latest.released.table
            groups = sorted(set(table["student_group"]) - {"all"}, key=lambda g: group_name(g).casefold())
            self._offer("student_group", [("All students", "all"), *((group_name(g), g) for g in groups)],
                        self.choice.student_group)  # fmt: skip
            self._offer("school_year", [(year(y), y) for y in opened.years()], self.choice.school_year)
            for drop in self.drops.values():
                drop.disabled = False
        finally:
            self._filling = False
        self._write()

    def _schools(self) -> None:
        rows = self.choice.opened.latest.school_rows.values()
        here = self.drops["district"].value
        kind, unit_id = self.choice.unit_key
        some = [r for r in rows if not here or r["district_id"] == here]
        options = sorted(((r["school_name"] or r["school_id"], r["school_id"]) for r in some),
                         key=lambda o: (o[0].casefold(), o[1]))  # fmt: skip
        self._offer("school", [("All schools together", ""), *options], unit_id if kind == "school" else "")

    def _offer(self, name: str, options: list, wanted: object) -> None:
        drop = self.drops[name]
        drop.options = options
        values = [v for _, v in options]
        if values:
            drop.value = wanted if wanted in values else values[0]

    def _picked(self, name: str) -> None:
        if self._filling or self.choice.opened is None:
            return
        self._filling = True
        try:
            if name == "district":
                self.choice.unit = NETWORK
                self._schools()
        finally:
            self._filling = False
        self._write()

    def _write(self) -> None:
        value = {n: d.value for n, d in self.drops.items()}
        unit = f"school:{value['school']}" if value["school"] else (
            f"district:{value['district']}" if value["district"] else NETWORK
        )  # fmt: skip
        with self.choice.hold_trait_notifications():
            self.choice.unit, self.choice.level = unit, value["level"] or ""
            self.choice.student_group, self.choice.measure = value["student_group"] or "all", value["measure"] or ""
            self.choice.school_year = value["school_year"] or 0
