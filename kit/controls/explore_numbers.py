"""The numbers of one theme that come from pupils' records, released; read once for an open folder."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from kit.compare import explore_attendance as closer
from kit.compare.explore_criteria import criteria_rates, overlap_parts
from kit.compare.explore_learners import learner_parts
from kit.compare.explore_survey import item_rates, response_rates
from kit.controls.opened import OpenedFolder
from kit.disclosure.parts import shown_parts
from kit.errors import KitError
from kit.privacy import NEAR, SPREAD, Released, release
from kit.reports.side_by_side import side_by_side
from kit.rules.redesignation import redesignation_rules

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


def _readiness(opened: OpenedFolder, school_year: int) -> ThemeNumbers:
    if not opened.has_records:
        return _results_only("enrollments, marks, attendance and discipline", "criteria", "overlap")
    try:
        rates, parts = (_of_year(make(opened.records), school_year) for make in (criteria_rates, overlap_parts))
    except KitError as error:
        return ThemeNumbers(lacks=dict.fromkeys(("criteria", "overlap"), str(error)))
    return ThemeNumbers(protected(opened, [parts], [rates]))


def _learners(opened: OpenedFolder, school_year: int) -> ThemeNumbers:
    if not opened.has_records:
        return _results_only("students and enrollments", "years", "rival")
    try:
        parts = _of_year(learner_parts(opened.records), school_year)
    except KitError as error:
        return ThemeNumbers(lacks={"years": str(error), "rival": str(error)})
    lacks, extra = {}, {}
    try:
        rules = tuple(redesignation_rules())
        extra["rival"] = side_by_side(
            opened.workspace, "el_redesignation", rules, school_year=school_year, minimum=opened.minimum
        )
    except KitError as error:
        lacks["rival"] = str(error)
    return ThemeNumbers(protected(opened, [parts], []), lacks=lacks, extra=extra)


def _surveys(opened: OpenedFolder, school_year: int) -> ThemeNumbers:
    if not opened.has_records:
        return _results_only("survey", "items")
    rates, lacks = [], {}
    for make in (item_rates, response_rates):
        try:
            rates.append(_of_year(make(opened.records), school_year))
        except KitError as error:
            lacks["items" if make is item_rates else "response"] = str(error)
    if "items" in lacks or not any(len(r) for r in rates):
        return ThemeNumbers(lacks={"items": lacks.get("items", "The survey has no question of this school year.")})
    return ThemeNumbers(_whole_only(protected(opened, [], rates)), lacks=lacks)


def _whole_only(released: Released | None) -> Released | None:
    """Keep the questions of a construct only where the construct is shown: everybody knows it from the measure."""
    if released is None:
        return None
    t = released.table
    key = ["school_year", "unit_type", "unit_id", "measure"]
    whole = t[t["grade"].eq("all") & t["status"].eq("shown")]
    keep = pd.MultiIndex.from_frame(t[key]).isin(pd.MultiIndex.from_frame(whole[key]))
    return replace(released, table=t[keep])


def _of_year(table: pd.DataFrame, school_year: int) -> pd.DataFrame:
    return table[table["school_year"].eq(school_year)].reset_index(drop=True)


_MAKE = {
    "chronic-absence": _attendance,
    "high-school-readiness": _readiness,
    "english-learners": _learners,
    "culture-climate-sel": _surveys,
}
