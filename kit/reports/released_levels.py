"""CORE's levels, bands, index and the way to the next levels, of what may be shown only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kit.errors import KitError
from kit.measures.registry import measure
from kit.measures.results import write_results
from kit.privacy import Released, require_released
from kit.rules.assumptions import assumption_texts
from kit.rules.core import CoreSettings, core_index
from kit.rules.core_levels import levels, next_levels
from kit.rules.rounding import half_up

__all__ = ["STEPS", "ReleasedLevels", "released_levels"]

STEPS = 3
KEY = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]


@dataclass(frozen=True)
class ReleasedLevels:
    """Levels of schools in one year.

    Attributes
    ----------
    school_year : int
    table : DataFrame
        The released rows of schools (all grades) with ``school_level``, ``level`` (1 to 10), ``band`` and
        ``to_next_1`` … ``to_next_3`` (students whose status would have to change). A row that is not shown
        has none of them.
    index : DataFrame
        One row per school: see :attr:`kit.rules.core.CoreIndex.schools`.
    points : DataFrame
        See :attr:`kit.rules.core.CoreIndex.points`; of shown rows only.
    assumptions : tuple of str
    """

    school_year: int
    table: pd.DataFrame
    index: pd.DataFrame
    points: pd.DataFrame
    assumptions: tuple[str, ...]

    def as_text(self, schools: pd.DataFrame, school_id: str | None = None) -> str:
        """Lay out the index of every school, or the levels of one school's measures and groups, for reading."""
        names = dict(zip(schools["school_id"], schools["school_name"], strict=True))
        if school_id is None:
            rows = self.index.sort_values("school_id")
            table = pd.DataFrame(
                {
                    "school": rows["school_id"],
                    "name": rows["school_id"].map(names),
                    "level of school": rows["school_level"],
                    "index": [f"{half_up(v)}" if pd.notna(v) else "–" for v in rows["index"]],
                    "points possible": rows["academic_possible"] + rows["climate_possible"],
                    "": rows["why"],
                }
            )
        else:
            rows = self.table[self.table["unit_id"] == school_id]
            if rows.empty:
                raise KitError(f"There are no results of school '{school_id}' for {self.school_year}")
            table = rows[["measure", "student_group", "status", "value", "level", "band"]].assign(
                value=[measure(m).write(v) for m, v in zip(rows["measure"], rows["value"], strict=True)],
                level=[_whole(v) for v in rows["level"]],
                **{f"to +{s}": [_whole(v) for v in rows[f"to_next_{s}"]] for s in range(1, STEPS + 1)},
            )
            table["band"] = table["band"].fillna("–")
        return "\n".join([table.to_string(index=False), *self.assumptions])

    def write(self, path: str | Path) -> tuple[Path, Path]:
        """Write the levels to ``path`` and the index beside it (``levels.csv``, ``levels-index.csv``)."""
        path = Path(path)
        stem, dot, ending = path.name.partition(".")
        beside = path.with_name(f"{stem}-index{dot}{ending}")
        write_results(self.table, path)
        write_results(self.index, beside)
        return path, beside


def _whole(number) -> str:
    return "–" if pd.isna(number) else f"{int(number):,}"


def released_levels(
    released: Released,
    schools: pd.DataFrame,
    cuts: pd.DataFrame,
    *,
    school_year: int | None = None,
    settings: CoreSettings | None = None,
) -> ReleasedLevels:
    """Read the shown rows of a released table on a baseline's cut points.

    Level, band, points and the students to a next level come from shown rows alone: the index of a school with
    withheld groups is that of the groups that are shown, and gives nothing withheld away.

    Parameters
    ----------
    released : Released
    schools : DataFrame
        ``school_id`` and ``level``.
    cuts : DataFrame
        See :func:`kit.rules.core_baseline.read_baseline`.
    school_year : int, optional
        The latest with a school's row when left out.
    settings : CoreSettings, optional

    Raises
    ------
    KitError
        If the release has no school in that year.
    """
    settings = settings or CoreSettings()
    table = require_released(released).table
    rows = table[(table["unit_type"] == "school") & (table["grade"] == "all")]
    years = sorted(rows["school_year"].unique())
    year = (int(years[-1]) if years else 0) if school_year is None else school_year
    if year not in years:
        raise KitError(f"There are no results of schools for {year}", mend=f"Years held: {', '.join(map(str, years))}.")
    rows = rows[rows["school_year"] == year].reset_index(drop=True)
    shown = rows[rows["status"] == "shown"]
    levelled = next_levels(levels(shown, schools, cuts, school_year=year), cuts, STEPS)
    added = ["level", "band", *(f"to_next_{s}" for s in range(1, STEPS + 1))]
    out = rows.merge(levelled[[*KEY, *added]], on=KEY, how="left", validate="one_to_one")
    by_school = schools.drop_duplicates("school_id").set_index("school_id")["level"]
    out.insert(out.columns.get_loc("level"), "school_level", out["unit_id"].map(by_school))
    index = core_index(shown, schools, cuts, school_year=year, settings=settings)
    lines = [
        *assumption_texts(settings.assumptions),
        f"Groups below {released.minimum}, and groups withheld to protect them, are in no level, point or index.",
        "Students (for surveys, answers) to a next level: the fewest whose status would have to change, with the "
        "denominator unchanged; arithmetic, no forecast.",
    ]
    return ReleasedLevels(year, out, index.schools, index.points, tuple(dict.fromkeys(lines)))
