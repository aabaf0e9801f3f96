"""Bars of a place from a theme's own released numbers."""

from __future__ import annotations

from kit.charts.derived import Derived, derive
from kit.charts.explore_forms import Bar, draw_bars
from kit.controls.displays import says
from kit.controls.explore_numbers import ThemeNumbers
from kit.controls.explore_place import Place

__all__ = ["bars_of", "mine", "note"]

_PROTECTED = (
    "Parts of fewer than {minimum} students are not shown, nor those from which they could be worked out. It counts "
    "all students; there is no such display for a student group."
)


def mine(choice: Place, numbers: ThemeNumbers) -> Derived | None:
    """Return the place's rows that are shown: measure, grade (the part), n, value; None where nothing was released."""

    def own(table, unit):
        t = table[table["unit_type"].eq(unit[0]) & table["unit_id"].eq(unit[1]) & table["status"].eq("shown")]
        return t[["measure", "grade", "n", "value"]]

    return derive(numbers.released, own, choice.unit_key) if numbers.released is not None else None


def note(choice: Place) -> str:
    """Say what is withheld."""
    return _PROTECTED.format(minimum=choice.opened.minimum)


def bars_of(choice: Place, numbers: ThemeNumbers, live: bool, wanted: list[Bar], **words) -> list:
    """Return the display of bars, or a sentence where none can be shown; ``words`` are those of ``draw_bars``."""
    data = mine(choice, numbers)
    drawn = draw_bars(data, wanted, **words) if data is not None else None
    if drawn:
        return [drawn]
    none = f"{words['title']}: no part of {choice.opened.minimum} students or more can be shown. Look at the district."
    return list(says(none, live=live).parts)
