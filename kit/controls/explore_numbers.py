"""The numbers of one theme that come from pupils' records, released; read once for an open folder."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from kit.compare import explore_attendance as closer
from kit.controls.opened import OpenedFolder
from kit.disclosure.parts import shown_parts
from kit.errors import KitError
from kit.privacy import NEAR, SPREAD, Released, release

__all__ = ["ThemeNumbers", "theme_numbers"]


@dataclass(frozen=True)
class ThemeNumbers:
    """Tables of a theme, or why there are none.

    Attributes
    ----------
    released : Released or None
        Parts and rates of the theme's own displays.
    days : DataFrame or None
        ``kit.compare.explore_attendance.by_day``; schools only, added up and withheld when drawn.
    homes : DataFrame or None
        Schools with their district and the network.
    lacks : dict of str to str
        A display's name to why it cannot be drawn.
    extra : dict
        What a theme keeps besides.
    """

    released: Released | None = None
    days: pd.DataFrame | None = None
    homes: pd.DataFrame | None = None
    lacks: dict[str, str] = field(default_factory=dict)
    extra: dict = field(default_factory=dict)


_read: dict[tuple[int, str, int], tuple[OpenedFolder, ThemeNumbers]] = {}
NO_RECORDS = "This folder holds results only. It takes the records behind them: {tables}."


def theme_numbers(opened: OpenedFolder, theme: str, school_year: int) -> ThemeNumbers:
    """Return the theme's own tables of a school year.

    Parameters
    ----------
    opened : OpenedFolder
    theme : str
        Id of a theme; one without tables of its own has nothing here.
    school_year : int
    """
    key = (id(opened), theme, school_year)
    if key not in _read:
        make = _MAKE.get(theme)
        _read[key] = (opened, make(opened, school_year) if make else ThemeNumbers())
    return _read[key][1]


def protected(opened: OpenedFolder, parts: list[pd.DataFrame], rates: list[pd.DataFrame]) -> Released | None:
    """Put parts and rates through the gate; parts lose first what their known wholes would give away."""
    schools = opened.schools()
    kept = [
        shown_parts(p, schools, minimum=opened.minimum, near=NEAR, spread=SPREAD) for p in parts if len(p)
    ] + [r for r in rates if len(r)]  # fmt: skip
    kept = [k for k in kept if len(k)]
    if not kept:
        return None
    return release(pd.concat(kept, ignore_index=True), minimum=opened.minimum, schools=schools)


def _results_only(tables: str, *names: str) -> ThemeNumbers:
    return ThemeNumbers(lacks=dict.fromkeys(names, NO_RECORDS.format(tables=tables)))


def _attendance(opened: OpenedFolder, school_year: int) -> ThemeNumbers:
    tables = "enrollments, attendance and calendar"
    if not opened.has_records:
        return _results_only(tables, "bands", "distance", "when", "daily")
    records, lacks = opened.records, {}
    parts, rates, days = [], [], None
    homes = closer.unit_homes(records)
    try:
        found = closer.attendance_parts(records)
        parts.append(found[found["school_year"].eq(school_year)])
    except KitError as error:
        lacks |= {"bands": str(error), "distance": str(error)}
    try:
        days = closer.by_day(records, school_year)
        if len(days):
            rates.append(closer.day_rates(days, homes, school_year))
        else:
            raise KitError("No school has daily rows in this school year")
    except KitError as error:
        days = None
        lacks |= {"when": str(error), "daily": str(error)}
    return ThemeNumbers(protected(opened, parts, rates), days, homes, lacks)


_MAKE = {"chronic-absence": _attendance}
