"""The plan's measures as they stand now: released numbers, year by year, and where each goal stands against them."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from kit.charts.display import Html, Table
from kit.charts.trend import trend
from kit.charts.words import year
from kit.controls.desk import Desk
from kit.controls.measure_charts import stacked
from kit.controls.opened import OpenedFolder
from kit.errors import KitError
from kit.measures.registry import measures
from kit.privacy import Released, shown_as
from kit.reports.section import Section

__all__ = ["measure_ids", "measures_now"]


def measure_ids(desk: Desk) -> list[str]:
    """Return the measures of the records that the project names: its own, its baselines', its goals'."""
    named = [desk.project.about["records_measure"], *(b["records_measure"] for b in desk.entries("baseline"))]
    by_name = {m.name.casefold(): i for i, m in measures().items()} | {i: i for i in measures()}
    named += [by_name.get((g["indicator"] or "").strip().casefold()) for g in desk.entries("goal")]
    return [m for m in dict.fromkeys(named) if m in measures()]


def measures_now(desk: Desk, *, live: bool = False) -> Section:
    """Return the released numbers of the plan's measures, and the team's own on run charts.

    Without numbers, the reason in words.
    """
    if desk.project is None:
        return Section((_line("No project is chosen."),), live)
    parts: list = []
    wanted = measure_ids(desk)
    if wanted:
        try:
            opened = desk.numbers().opened
            parts += [p for m in wanted for p in _one(desk, opened, m)]
        except KitError as error:
            parts.append(_line(f"The numbers cannot be read: {error}"))
    else:
        parts.append(_line("The project names no measure of the records: name one in notebook 1 or in a baseline."))
    if desk.entries("measure"):
        parts += [Html("<h3>Our own measures</h3>"), *stacked(desk.project, shared=True).parts]
    return Section(tuple(parts), live)


def _one(desk: Desk, opened: OpenedFolder, measure_id: str) -> list:
    """Return one measure: its trend for a school, a table of the years for every level."""
    released: Released = opened.latest.released
    found, about = measures()[measure_id], desk.project.about
    units = _units(desk, about["unit_type"], about["unit_id"])
    group = about["student_group"] or "all"
    here = released.where(measure=measure_id, student_group=["all", group], grade="all")
    here = here.where(unit_id=[i for _, i, _ in units])
    t = here.table
    parts: list = [Html(f"<h3>{escape(found.name)}</h3>")]
    if not len(t):
        none = "The records hold no number of it for this school or district."
        return [*parts, _line(opened.lacking(measure_id) or none)]
    drawn = trend(here.where(student_group="all"), found) if units[0][0] == "school" and group == "all" else None
    rows = []
    for ending in sorted(set(t["school_year"])):
        cells = [year(ending)]
        for kind, unit_id, _name in units:
            row = t[(t["school_year"] == ending) & (t["unit_type"] == kind) & (t["unit_id"] == unit_id)
                    & (t["student_group"] == (group if unit_id == units[0][1] else "all"))]  # fmt: skip
            cells.append(shown_as(row.iloc[0], measure_id, released.minimum) if len(row) else "–")
        rows.append(tuple(cells))
    of = "" if group == "all" else f", {group.replace('_', ' ')}"
    heads = ("School year", *(f"{name}{of if n == 0 else ''}" for n, (_, _, name) in enumerate(units)))
    parts.append(Html(f"<p><small>{escape(found.definition)}</small></p>"))
    if drawn is not None:
        # This page has no list of definitions that a link could lead to.
        return [*parts, replace(drawn, measures=())]
    return [*parts, Html(Table(found.name, heads, tuple(rows)).html())]


def _units(desk: Desk, kind: str | None, unit_id: str | None) -> list[tuple[str, str, str]]:
    """Return (unit type, id, name): the project's own first, then what it lies in."""
    schools = desk.workspace.schools()
    network = ("network", "network", "All districts")
    if kind == "school" and unit_id:
        row = schools[schools["school_id"] == unit_id]
        if len(row):
            r = row.iloc[0]
            district = ("district", r["district_id"], r["district_name"] or r["district_id"])
            return [("school", unit_id, r["school_name"]), district, network]
        return [("school", unit_id, unit_id), network]
    if kind == "district" and unit_id:
        row = schools[schools["district_id"] == unit_id]
        return [("district", unit_id, row.iloc[0]["district_name"] if len(row) else unit_id), network]
    return [network]


def _line(text: str) -> Html:
    return Html(f'<p class="nothing">{escape(text)}</p>')
