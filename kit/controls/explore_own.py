"""The displays made for one theme; each is drawn from released numbers, or says what it lacks."""

from __future__ import annotations

from collections.abc import Callable

from kit.controls import explore_absence as absence
from kit.controls import explore_others as others
from kit.controls.displays import says
from kit.controls.explore_numbers import ThemeNumbers, theme_numbers
from kit.controls.explore_place import Place
from kit.controls.opened import OpenedFolder
from kit.reports.section import Section

__all__ = ["own_display"]


def own_display(name: str, theme: str, missing: Callable[[OpenedFolder], str]) -> Callable[..., Section]:
    """Return what draws a theme's own display of a place.

    Parameters
    ----------
    name : str
        A key of :data:`_DRAW`, as ``explore_themes.toml`` names it.
    theme : str
    missing : callable
        Says what a folder lacks that has no number of the theme; empty where it has one.
    """

    def draw(choice: Place, *, live: bool) -> Section:
        numbers = theme_numbers(choice.opened, theme, choice.school_year)
        if name in numbers.lacks:
            return says(numbers.lacks[name], live=live)
        if lacks := missing(choice.opened):
            return says(lacks, live=live)
        return _DRAW[name](choice, numbers, live)

    return draw


_DRAW: dict[str, Callable[[Place, ThemeNumbers, bool], Section]] = {
    "bands": absence.bands,
    "distance": absence.distance,
    "when": absence.when,
    "daily": absence.daily,
    "grades": others.grades,
    "bright": others.bright,
    "criteria": others.criteria,
    "overlap": others.overlap,
    "years": others.years_waiting,
    "rival": others.rival,
    "constructs": others.constructs,
    "items": others.items,
    "longer": others.longer,
}
