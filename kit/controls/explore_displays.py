"""The five quick explorations of a place, drawn from released numbers."""

from __future__ import annotations

from html import escape

from kit.charts.derived import derive, derive_more, gather
from kit.charts.display import Display, Html
from kit.charts.explore_forms import draw_bands
from kit.charts.explore_years import draw_districts, draw_groups_by_year, draw_years
from kit.charts.quadrants import draw_quadrants
from kit.charts.words import count, year
from kit.compare.explore import bands_of_schools, district_rows, group_years, series_years
from kit.compare.quadrants import quadrants
from kit.controls.displays import says
from kit.controls.explore_place import Place
from kit.measures.registry import group_name, measure
from kit.reports.section import Section

__all__ = ["against_districts", "groups_by_year", "level_and_colour", "over_years", "two_others"]

# Groups that a measure is about: redesignated this year or not is what they are, so their rate says nothing.
_ABOUT = {"el_redesignation": ("english_learner", "reclassified")}
# More lines than this cannot be told apart; the rest stand in the next display.
_MOST_LINES = 4


def level_and_colour(choice: Place, *, live: bool, measures: tuple[str, ...] = ()) -> Section:
    """Return the place's number, its level where it is a school, and its schools by level."""
    if not (found := _measure(choice)):
        return _nothing(choice, live)
    prepared, (kind, unit_id) = choice.prepared, choice.unit_key
    row = _one(choice, found.id, choice.student_group)
    said = _in_words(choice, found, row)
    if kind == "school" and choice.student_group == "all":
        level = gather(prepared.levels).where(school_id=unit_id, measure=found.id).items
        if level:
            said += f" It stands at level {int(level[0]['level'])} of 10 on the cut points of its level of school."
    among = choice.among()
    bands = derive_more(prepared.levels, bands_of_schools, among, measures or (found.id,))
    where = choice.place() if kind != "school" else "its district" if choice.district_id else "the network"
    names = [(m, measure(m).short) for m in measures or (found.id,)]
    title = f"{where[:1].upper() + where[1:]}: schools by level, in the latest year of each measure"
    drawn = draw_bands(bands, names, title)
    parts: list[Html | Display] = [Html(f"<p><b>{escape(said)}</b></p>")]
    if drawn:
        return Section((*parts, drawn), live)
    return Section((*parts, *says("No school has a level: levels need ten schools of a kind.", live=live).parts), live)


def over_years(choice: Place, *, live: bool) -> Section:
    """Return the place over the years beside the network, and its student groups."""
    if not (found := _measure(choice)):
        return _nothing(choice, live)
    prepared, unit, group = choice.prepared, choice.unit_key, choice.student_group
    ours = choice.place() + ("" if group == "all" else f", {group_name(group)}")
    series = [(ours, unit, group)]
    if unit[0] == "school" and choice.district_id:
        series.append(("Its district", ("district", choice.district_id), group))
    if unit[0] != "network":
        series.append(("The network", ("network", "network"), group))
    data = derive(prepared.released, series_years, found.id, series, choice.school_year)
    how = f"The thick line is {ours}. For this measure {'lower' if found.better == 'down' else 'higher'} is better."
    first = draw_years(data, found, [s[0] for s in series], f"{found.short} over the school years", how)
    parts = [first] if first else list(_nothing(choice, live).parts)
    groups = [g for g in _groups(choice, found.id) if g != group][:_MOST_LINES]
    if groups:
        lines = [("All students", unit, "all"), *((group_name(g), unit, g) for g in groups)]
        of = derive(prepared.released, series_years, found.id, lines, choice.school_year)
        title = f"{found.short}: {choice.place()} by student group"
        whole = of.table.loc[of.table["series"].eq("All students"), "value"].notna().any()
        how = f"{'The thick line is all students. ' if whole else ''}Groups overlap. The largest groups are drawn."
        second = draw_years(of, found, [n for n, _, _ in lines], title, how)
        parts += [second] if second else []
    return Section(tuple(parts), live)


def groups_by_year(choice: Place, *, live: bool) -> Section:
    """Return every student group of the place, a bar a year."""
    if not (found := _measure(choice)):
        return _nothing(choice, live)
    about = _ABOUT.get(found.id, ())
    data = derive_more(
        derive(choice.prepared.released, group_years, choice.unit_key, found.id, choice.school_year),
        lambda t: t[~t["student_group"].isin(about)].reset_index(drop=True),
    )
    note = f"Groups of fewer than {choice.opened.minimum} {found.counted} are not shown, nor what would give them away."
    note += " The measure is about English learners, so they are no bar of their own." if about else ""
    drawn = draw_groups_by_year(data, found, f"{found.short} by student group: {choice.place()}", note)
    return Section((drawn,), live) if drawn else _nothing(choice, live)


def against_districts(choice: Place, *, live: bool) -> Section:
    """Return every district with its interval, in alphabetical order."""
    if not (found := _measure(choice)):
        return _nothing(choice, live)
    prepared, group = choice.prepared, choice.student_group
    data = derive(prepared.released, district_rows, prepared.schools, found.id, group, choice.school_year)
    if len(data.table) < 2:
        return says("There is one district here with this number, or none: nothing to set it beside.", live=live)
    whole = [r for r in _rows(choice, ("network", "network"), found.id, group) if r["value"] is not None]
    who = "" if group == "all" else f", {group_name(group)}"
    title = f"{found.short}{who} by district, {year(choice.school_year)}"
    drawn = draw_districts(data, found, choice.district_id, title, whole[0]["value"] if whole else None)
    return Section((drawn,), live)


def two_others(choice: Place, *, live: bool, pairs: tuple[str, ...] = ()) -> Section:
    """Return the measure against two other measures, school by school."""
    if not (found := _measure(choice)):
        return _nothing(choice, live)
    prepared, there = choice.prepared, choice.opened.measure_ids()
    ours = choice.unit_key[1] if choice.unit_key[0] == "school" else ""
    parts: list = []
    wanted = [m for m in pairs if m != found.id]
    for other in wanted:
        if other not in there:
            parts += says(f"There is no number of «{measure(other).short}» here to set beside it.", live=live).parts
            continue

        def points(table, schools, other=other):
            t = quadrants(table, schools, other, found.id, school_year=choice.school_year,
                          student_group=choice.student_group)  # fmt: skip
            keep = t["level"].eq(choice.level) if choice.level else t["level"].notna() | True
            return t[keep].reset_index(drop=True)

        data = derive(prepared.released, points, prepared.schools)
        drawn = draw_quadrants(data, other, found.id, school_year=choice.school_year, ours=ours)
        parts += [drawn] if drawn else says(
            f"No school has both «{found.short}» and «{measure(other).short}» shown this year.", live=live
        ).parts  # fmt: skip
    return Section(tuple(parts), live)


def _measure(choice: Place):
    return measure(choice.measure) if choice.measure else None


def _rows(choice: Place, unit: tuple[str, str], measure_id: str, group: str) -> tuple[dict, ...]:
    only = choice.prepared.released.where(
        unit_type=unit[0], unit_id=unit[1], measure=measure_id, student_group=group, grade="all",
        school_year=choice.school_year,
    )  # fmt: skip
    return gather(only).items


def _one(choice: Place, measure_id: str, group: str) -> dict | None:
    return next(iter(_rows(choice, choice.unit_key, measure_id, group)), None)


def _in_words(choice: Place, found, row: dict | None) -> str:
    who = choice.words()
    if row is None:
        return f"{who}: there is no number."
    if row["value"] is None:
        return f"{who}: not shown (fewer than {choice.opened.minimum} {found.counted}, or protects a group that small)."
    return f"{who}: {found.write(row['value'])} of {count(row['n'])} {found.counted}." if found.unit == "percent" else (
        f"{who}: {found.write(row['value'])} ({count(row['n'])} {found.counted})."
    )  # fmt: skip


def _groups(choice: Place, measure_id: str) -> list[str]:
    """Return the place's student groups with a number this year, the largest first."""
    unit = choice.unit_key
    only = choice.prepared.released.where(
        unit_type=unit[0], unit_id=unit[1], measure=measure_id, grade="all", school_year=choice.school_year
    )
    some = [r for r in gather(only).items if r["value"] is not None and r["student_group"] != "all"]
    some = [r for r in some if r["student_group"] not in _ABOUT.get(measure_id, ())]
    return [r["student_group"] for r in sorted(some, key=lambda r: (-r["n"], r["student_group"]))]


def _nothing(choice: Place, live: bool) -> Section:
    if not choice.measure:
        return says("No measure is picked.", live=live)
    return says(f"No number of {choice.words()} can be shown: there is none, or it rests on fewer than "
                f"{choice.opened.minimum} {measure(choice.measure).counted}.", live=live)  # fmt: skip
