"""Pick the district, school and school year; pick a theme and a measure; pick two measures."""

from __future__ import annotations

import ipywidgets as w

from kit.charts.glance_table import THEMES
from kit.charts.words import year
from kit.controls.choice import Choice
from kit.controls.messages import Message, guarded, look
from kit.measures.registry import measures

__all__ = ["MeasurePicker", "PairPicker", "SchoolPicker"]

_EVERY_DISTRICT = "All districts"
# No district has this id; an empty one is a school without a district.
_EVERY = "*"
_WHOLE_THEME = "All measures of this theme"
# What the schools' display begins with, the first two that are there; a choice of this kit.
_FIRST_PAIR = ("chronic_absence", "ela_proficient", "math_proficient", "graduation_4", "suspension")


def _drop(description: str) -> w.Dropdown:
    return w.Dropdown(
        description=description, style={"description_width": "6rem"}, layout=w.Layout(width="auto", max_width="32rem")
    )


class _Picker(w.VBox):
    """Dropdowns that write a choice, filled anew when another folder is opened."""

    def __init__(self, choice: Choice, drops: list[w.Dropdown]):
        self.choice, self.drops, self.message, self._filling = choice, drops, Message(), False
        super().__init__([look(), *drops, self.message])
        choice.observe(guarded(self.message, self._refill), "opened")
        self.refresh()

    def refresh(self) -> None:
        """Fill the dropdowns for the folder that is open; an error is shown, not raised."""
        guarded(self.message, self._refill)()

    def _refill(self) -> None:
        for drop in self.drops:
            drop.disabled = self.choice.opened is None
        if self.choice.opened is None:
            self.message.say("Open a data folder first.")
            return
        self.message.clear()
        self._quietly(self._fill)

    def _quietly(self, change) -> None:
        """Change several dropdowns as one pick: what follows draws once, not at every step."""
        if self._filling:
            return
        self._filling = True
        try:
            change()
        finally:
            self._filling = False
        with self.choice.hold_trait_notifications():
            self._write()

    def _on(self, drop: w.Dropdown, change) -> None:
        drop.observe(guarded(self.message, lambda: self._quietly(change)), "value")

    def _fill(self) -> None:
        """Give the dropdowns their options; each picker has its own."""

    def _write(self) -> None:
        """Put what is picked into the choice; each picker has its own."""


def _offer(drop: w.Dropdown, options: list[tuple[str, object]], wanted: object) -> None:
    """Give a dropdown its options, keeping what is wanted if it is among them."""
    values = [value for _, value in options]
    drop.options = options
    if values:
        drop.value = wanted if wanted in values else values[0]


class SchoolPicker(_Picker):
    """District, then school, then school year."""

    def __init__(self, choice: Choice):
        self.district, self.school, self.year = _drop("District"), _drop("School"), _drop("School year")
        super().__init__(choice, [self.district, self.school, self.year])
        self._on(self.district, self._offer_schools)
        self._on(self.school, lambda: None)
        self._on(self.year, lambda: None)
        choice.observe(guarded(self.message, self._follow), ["school_id", "school_year"])

    def _follow(self) -> None:
        """Show what another picker, or the project, has picked."""
        if self._filling or self.choice.opened is None or not self.choice.school_id:
            return
        if self.choice.school_id not in [v for _, v in self.school.options]:
            self.district.value = _EVERY
        self.school.value = self.choice.school_id
        if self.choice.school_year in [v for _, v in self.year.options]:
            self.year.value = self.choice.school_year

    def _fill(self) -> None:
        prepared = self.choice.opened.latest
        names = {r["district_id"]: r["district_name"] or r["district_id"] for r in prepared.school_rows.values()}
        districts = sorted(((name or "(no district)", i) for i, name in names.items()), key=lambda d: d[0].casefold())
        _offer(self.district, [(_EVERY_DISTRICT, _EVERY), *districts], self.district.value)
        years = [(year(y), y) for y in self.choice.opened.years()]
        _offer(self.year, years, self.year.value or self.choice.school_year)
        self._offer_schools()

    def _offer_schools(self) -> None:
        prepared = self.choice.opened.latest
        schools = [
            r
            for r in prepared.school_rows.values()
            if self.district.value == _EVERY or r["district_id"] == self.district.value
        ]
        schools.sort(key=lambda r: (r["school_name"].casefold(), r["school_id"]))
        with_numbers = [r["school_id"] for r in schools if r["school_id"] in prepared.glance_at]
        held = self.school.value or self.choice.school_id
        kept = held if any(r["school_id"] == held for r in schools) else None
        _offer(
            self.school,
            [(r["school_name"] or r["school_id"], r["school_id"]) for r in schools],
            kept or next(iter(with_numbers), None),
        )

    def _write(self) -> None:
        self.choice.school_id = self.school.value or ""
        self.choice.school_year = self.year.value or 0


class MeasurePicker(_Picker):
    """A theme, then one of its measures or all of them."""

    def __init__(self, choice: Choice):
        self.theme, self.measure = _drop("Theme"), _drop("Measure")
        super().__init__(choice, [self.theme, self.measure])
        self._on(self.theme, self._offer_measures)
        self._on(self.measure, lambda: None)
        choice.observe(guarded(self.message, self._follow), "measure")

    def _follow(self) -> None:
        """Show what another picker, or the project, has picked."""
        wanted = self.choice.measure
        if self._filling or self.choice.opened is None or not wanted or wanted == self.measure.value:
            return
        self.theme.value = measures()[wanted].theme
        self.measure.value = wanted

    def _fill(self) -> None:
        there = {m.theme for m in measures().values() if m.id in self.choice.opened.measure_ids()}
        picked = measures().get(self.choice.measure)
        held = self.theme.value or (picked.theme if picked else None)
        _offer(self.theme, [(name, t) for t, name in THEMES.items() if t in there], held)
        self._offer_measures()

    def _offer_measures(self) -> None:
        there = self.choice.opened.measure_ids()
        some = [(m.name, m.id) for m in measures().values() if m.theme == self.theme.value and m.id in there]
        held = self.measure.value if self.measure.value is not None else self.choice.measure or None
        _offer(self.measure, [*some, *([(_WHOLE_THEME, "")] if len(some) > 1 else [])], held)

    def _write(self) -> None:
        self.choice.theme, self.choice.measure = self.theme.value or "", self.measure.value or ""


class PairPicker(_Picker):
    """Two measures: one across, one upward."""

    def __init__(self, choice: Choice):
        self.across, self.upward = _drop("Across"), _drop("Upward")
        super().__init__(choice, [self.across, self.upward])
        self._on(self.across, lambda: None)
        self._on(self.upward, lambda: None)

    def _fill(self) -> None:
        there = self.choice.opened.measure_ids()
        options = [(m.name, m.id) for m in measures().values() if m.id in there]
        first = [m for m in _FIRST_PAIR if m in there] + [i for _, i in options if i not in _FIRST_PAIR]
        _offer(self.across, options, self.across.value or first[0])
        _offer(self.upward, options, self.upward.value or first[1 if len(first) > 1 else 0])

    def _write(self) -> None:
        self.choice.across, self.choice.upward = self.across.value or "", self.upward.value or ""
