"""Sheets for the stations of a data carousel, made from a school's own displays: one page a station, to print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from kit.charts.display import Html
from kit.errors import KitError
from kit.reports.section import Section
from kit.reports.session_record import write_page

__all__ = ["STATION_THEMES", "station_sheet", "station_sheets"]

# What each station shows: themes of the report; «neighbours» and «header» are parts of it (rules.md §7, data carousel).
STATION_THEMES: dict[str, tuple[str, ...]] = {
    "Achievement": ("achievement", "growth", "graduation", "readiness"),
    "Demographics": ("header", "neighbours"),
    "Perception": ("surveys",),
    "Behavior": ("attendance", "discipline", "behaviour"),
    "Context": ("header", "stands"),
}
# As a coach types it.
_THEMES_OF = {name.casefold(): themes for name, themes in STATION_THEMES.items()}
_THEMES_OF["behaviour"] = STATION_THEMES["Behavior"]
_ASKS = (
    "Look in silence for two minutes.",
    "Write facts as whole sentences that you can point at. What it may mean goes on another sheet.",
    "Strengths and challenges go on sheets of their own.",
)


def station_sheet(report, station: str) -> Section:
    """Return what stands on a station's sheet.

    Parameters
    ----------
    report : kit.reports.school.SchoolReport
    station : str
        One of ``STATION_THEMES``, in capitals or not; another name gives a blank sheet for what the team brings.
    """
    asks = "".join(f"<li>{escape(a)}</li>" for a in _ASKS)
    parts: list = [Html(f'<ul class="limits">{asks}</ul>')]
    whole = {"header": report.header, "neighbours": report.schools_like_ours, "stands": report.where_it_stands}
    for name in _THEMES_OF.get(station.casefold(), ()):
        found = whole[name]() if name in whole else _theme(report, name)
        parts += found.parts if found and not _empty(found) else ()
    if len(parts) == 1:
        parts.append(Html('<p class="nothing">There is no number of this kind here: bring what you have on paper.</p>'))
    blank = "".join("<tr><td>&nbsp;</td><td>&nbsp;</td></tr>" for _ in range(6))
    parts.append(
        Html(f'<h2>What we see</h2><table style="width:100%"><thead><tr><th scope="col">Fact</th>'
             f'<th scope="col">Where it stands</th></tr></thead><tbody>{blank}</tbody></table>')
    )  # fmt: skip
    return Section(tuple(parts))


def _theme(report, name: str) -> Section | None:
    from kit.charts.glance_table import THEMES

    return report.theme(name) if name in THEMES else None


def _empty(section: Section) -> bool:
    """Whether a theme only says that it has no number: on a sheet of several themes that is no news."""
    return all(isinstance(p, Html) and 'class="nothing' in p.html for p in section.parts)


def station_sheets(report, stations: Sequence[str], out: str | Path) -> list[Path]:
    """Write a page for each station and return the files.

    Raises
    ------
    KitError
        If two stations have one name, or a page cannot be written.
    """
    names = [re.sub(r"[^\w]+", "-", s.lower()).strip("-") for s in stations]
    if len(set(names)) != len(names) or not all(names):
        raise KitError("each station needs a name of its own", mend="Give every station another name.")
    school = report.school["school_name"]
    return [
        write_page(Path(out) / f"station-{i}-{name}.html", station_sheet(report, station).html(),
                   title=f"Station {i}: {station}", subtitle=school)
        for i, (station, name) in enumerate(zip(stations, names, strict=True), start=1)
    ]  # fmt: skip
