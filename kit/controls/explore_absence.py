"""The displays made for chronic absence: bands, days from the line, weekdays and months, day by day."""

from __future__ import annotations

from html import escape

from kit.charts.display import Html
from kit.charts.explore_forms import Bar
from kit.charts.process import process_chart
from kit.charts.series import analyse, team_series
from kit.charts.words import year
from kit.compare import explore_attendance as closer
from kit.controls.displays import says
from kit.controls.explore_bars import bars_of, note
from kit.controls.explore_numbers import ThemeNumbers
from kit.controls.explore_place import Place
from kit.errors import KitError
from kit.reports.section import Section

__all__ = ["bands", "daily", "distance", "when"]


def bands(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return the students on each side of the line by band of absence."""
    names = list(closer.BANDS.items())
    # The line of chronic absence lies at the third band (absence.toml).
    ends = ("under 5 % of days", "5 to under 10 %", "10 to under 20 %", "20 % or more")
    sides = {"under": names[:2], "over": names[2:]}
    titles = {
        "under": "Students under the line, by share of days missed",
        "over": "Chronically absent students, by share of days missed",
    }
    parts, place = [], f"{choice.place()}, {year(choice.school_year)}"
    for side, some in sides.items():
        bars = [Bar(f"{name.capitalize()}, {ends[int(i)]}", {"measure": f"bands_{side}", "grade": i},
                    "closer" if side == "over" else "ours") for i, name in some]  # fmt: skip
        parts += bars_of(choice, numbers, live, bars, title=f"{titles[side]}: {place}",
                       how="Each bar is a part of the students on this side of the line; together they are 100 %.",
                       unit="share of these students", note=note(choice) if side == "over" else "")  # fmt: skip
    return Section(tuple(parts), live)


def distance(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return how few days separate students from the line."""
    parts = []
    said = {
        "under": ("Under the line: how many more days absent would cross it", "{} more"),
        "over": ("Over the line: how many days fewer would have stayed under it", "{} fewer"),
    }
    for side, (title, word) in said.items():
        bars = [Bar(word.format(text), {"measure": f"days_{side}", "grade": i}, "closer" if side == "over" else "ours")
                for i, text in closer.DISTANCES.items()]  # fmt: skip
        parts += bars_of(choice, numbers, live, bars, title=f"{title}: {choice.place()}, {year(choice.school_year)}",
                       how="Each bar is a part of the students on this side of the line of 10 %.",
                       unit="share of these students", note=note(choice) if side == "over" else "")  # fmt: skip
    return Section((*parts, Html(f'<p class="note">{escape(" ".join(closer.ASSUMPTIONS[:2]))}</p>')), live)


def when(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return the days missed by weekday and by month."""
    days = [Bar(name, {"measure": f"weekday_{i}"}) for i, name in enumerate(closer.WEEKDAYS, 1)]
    table = numbers.released.table if numbers.released is not None else None
    there = set(table["measure"]) if table is not None else set()
    months = [Bar(name, {"measure": f"month_{m}"}) for m, name in closer.MONTHS.items() if f"month_{m}" in there]
    words = {"unit": "share of days missed", "counted": "students on an average day"}
    how = "Each bar is the share of all days of all students that were missed. The axis begins at 0."
    place = f"{choice.place()}, {year(choice.school_year)}"
    parts = bars_of(choice, numbers, live, days, title=f"Days missed by weekday: {place}", how=how, **words)
    parts += bars_of(choice, numbers, live, months, title=f"Days missed by month: {place}", how=how, **words)
    return Section(tuple(parts), live)


def daily(choice: Place, numbers: ThemeNumbers, live: bool) -> Section:
    """Return each day with the limits of a p′ chart."""
    found = closer.daily_series(numbers.days, numbers.homes, choice.unit_key, choice.opened.minimum)
    if found.empty:
        return says(f"No day has {choice.opened.minimum} students or more here.", live=live)
    series = team_series(
        f"Days missed, day by day: {choice.place()}", list(found["date"].dt.date), numerators=found["missed"].round(6),
        denominators=found["enrolled"], better="down", minimum=choice.opened.minimum,
    )  # fmt: skip
    try:
        # Attendance of hundreds varies more from day to day than coins would: Laney's p′ takes that into its limits.
        drawn = process_chart(analyse(series, "p_prime"))
    except KitError as error:
        return says(str(error), live=live)
    said = f'<p class="note">{escape(closer.ASSUMPTIONS[2])} The limits are those of a p′ chart.</p>'
    return Section((drawn, Html(said)), live) if drawn else says("No day can be shown.", live=live)
