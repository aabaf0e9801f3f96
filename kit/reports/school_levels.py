"""Levels 1 to 10 of every school, and how many students would reach the next ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path

import pandas as pd

from kit.charts.level_mark import level_mark
from kit.charts.words import year
from kit.errors import KitError
from kit.language import N_, _, ngettext, number
from kit.measures.registry import Measure
from kit.rules.core import levels, make_baseline, next_levels, read_baseline

__all__ = ["STEPS", "cut_points", "level_line", "school_levels"]

STEPS = 3
COLUMNS = ["school_id", "measure", "school_year", "n", "level", "band", *(f"to_next_{s}" for s in range(1, STEPS + 1))]
# Whose status would have to change, one and several. A measure that is not here has no such sentence.
_WHO: dict[str, Callable[[int], str]] = {
    "chronic_absence": lambda n: ngettext(
        "{n} fewer student chronically absent would reach level {level}",
        "{n} fewer students chronically absent would reach level {level}",
        n,
    ),
    "suspension": lambda n: ngettext(
        "{n} fewer student suspended would reach level {level}",
        "{n} fewer students suspended would reach level {level}",
        n,
    ),
    "ela_proficient": lambda n: ngettext(
        "{n} more student at the standard would reach level {level}",
        "{n} more students at the standard would reach level {level}",
        n,
    ),
    "math_proficient": lambda n: ngettext(
        "{n} more student at the standard would reach level {level}",
        "{n} more students at the standard would reach level {level}",
        n,
    ),
    "graduation_4": lambda n: ngettext(
        "{n} more graduate would reach level {level}",
        "{n} more graduates would reach level {level}",
        n,
    ),
    "graduation_5": lambda n: ngettext(
        "{n} more graduate would reach level {level}",
        "{n} more graduates would reach level {level}",
        n,
    ),
    "graduation_6": lambda n: ngettext(
        "{n} more graduate would reach level {level}",
        "{n} more graduates would reach level {level}",
        n,
    ),
    "hs_readiness": lambda n: ngettext(
        "{n} more student ready for high school would reach level {level}",
        "{n} more students ready for high school would reach level {level}",
        n,
    ),
    "el_redesignation": lambda n: ngettext(
        "{n} more student reclassified would reach level {level}",
        "{n} more students reclassified would reach level {level}",
        n,
    ),
    "college_going": lambda n: ngettext(
        "{n} more student in college would reach level {level}",
        "{n} more students in college would reach level {level}",
        n,
    ),
}


GIVEN = N_("The cut points are those of {file}, fixed in {years}.")
ASSUMED = N_("Assumption: the cut points were fixed in {year}, the first year in this folder.")
ASSUMED_LATER = N_(
    "Assumption: the cut points were fixed in {year}, the first year in this folder (a measure that begins later: in "
    "its own first year)."
)


def _shown(released: pd.DataFrame) -> pd.DataFrame:
    whole = released["unit_type"].eq("school") & released["student_group"].eq("all") & released["grade"].eq("all")
    return released[whole & released["status"].eq("shown")]


def cut_points(
    released: pd.DataFrame, schools: pd.DataFrame, settings: Mapping, folder: Path
) -> tuple[pd.DataFrame | None, tuple[str, dict]]:
    """Return the cut points of the levels, and where they come from, as a message with its values.

    Parameters
    ----------
    released : DataFrame
        A released table. Only rows that are shown are read: a cut point is some school's value.
    schools : DataFrame
    settings : mapping
        Of ``kit.toml``: ``[levels] baseline`` names a file of cut points in the folder.
    folder : Path

    Returns
    -------
    cuts : DataFrame or None
        None where no year has ten schools of a level with enough students.
    said : (str, dict)
        For :func:`kit.language.tell`; empty without cut points. Begins with ``Assumption`` where no baseline is
        given: each measure's first year in the folder is taken.
    """
    given = str(settings.get("levels", {}).get("baseline", "") or "")
    if given:
        cuts = read_baseline(Path(folder) / given)
        years = ", ".join(year(y) for y in sorted(cuts["baseline_year"].unique()))
        return cuts, (GIVEN, {"file": Path(given).name, "years": years})
    rows = _shown(released)
    first = rows.groupby("measure")["school_year"].min()
    parts = []
    for ending in sorted(first.unique()):
        some = rows[rows["measure"].isin(first.index[first.eq(ending)])]
        try:
            parts.append(make_baseline(some, schools, school_year=int(ending)))
        except KitError:
            continue  # no school of that year has enough students: these measures have no level
    parts = [p for p in parts if len(p)]
    if not parts:
        return None, ("", {})
    cuts = pd.concat(parts, ignore_index=True)
    years = sorted(cuts["baseline_year"].unique())
    return cuts, (ASSUMED_LATER if len(years) > 1 else ASSUMED, {"year": year(years[0])})


def school_levels(
    released: pd.DataFrame, schools: pd.DataFrame, latest: Mapping[str, int], cuts: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the level of each school and measure that is shown, in the measure's latest year.

    Returns
    -------
    DataFrame
        ``school_id``, ``measure``, ``school_year``, ``n``, ``level`` (1 to 10), ``band``, ``to_next_1`` … ``to_next_3``
        (students; empty for what is no rate). Rows without a level are left out.
    """
    rows = _shown(released)
    rows = rows[rows["school_year"].eq(rows["measure"].map(latest))]
    if cuts is None:
        cuts = pd.DataFrame(columns=["school_level", "measure", "level", "cut"])
    found = levels(rows, schools, cuts)
    out = next_levels(found, cuts, STEPS).rename(columns={"unit_id": "school_id"})
    out.attrs = {}
    return out.loc[out["level"].notna(), COLUMNS].sort_values(["school_id", "measure"], ignore_index=True)


def level_line(row: Mapping | None, measure: Measure) -> str:
    """Return a measure's level, and what would reach the next ones, as a paragraph; nothing without a level."""
    if row is None:
        return ""
    mark = level_mark(row["level"], row["band"], starts=True)
    return f'<p class="ahead">{mark}.{_ahead(row, measure)}</p>'


def _ahead(row: Mapping, measure: Measure) -> str:
    if measure.id not in _WHO or row["to_next_1"] is None:
        return ""
    # Where two levels begin at one cut point, the same students reach the higher one.
    reached = {row[f"to_next_{s}"]: row["level"] + s for s in range(1, STEPS + 1) if row[f"to_next_{s}"] is not None}
    steps = []
    for students, higher in reached.items():
        said = _("{n}, level {level}") if steps else _WHO[measure.id](int(students))
        steps.append(said.format(n=number(int(students)), level=int(higher)))
    text = _("Arithmetic, not a target: of the same {n} students, {steps}.")
    return f" <small>{escape(text.format(n=number(int(row['n'])), steps='; '.join(steps)))}</small>"
