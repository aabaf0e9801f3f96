"""What every report of a batch needs, computed once for all schools and read once by each process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

import pandas as pd

from kit.charts.derived import Derived, Rows, derive, rows_at
from kit.compare.concern import at_a_glance
from kit.compare.gaps import gap_over_years, gaps
from kit.compare.quadrants import school_values
from kit.compare.schools_like_ours import every_school_like_ours
from kit.compare.words import sentence_start
from kit.errors import KitError
from kit.language import Language, get_language
from kit.privacy import REPORT_MINIMUM, Released
from kit.records.connection import is_connection
from kit.reports.california_colours import assumptions, school_colours, wanted
from kit.reports.growth_figures import growth_figures
from kit.reports.neighbours import improving, nearest
from kit.reports.overview_tables import predicted, spots, widening, wider_gaps, wider_glance
from kit.reports.prepare_once import CATALOGUES
from kit.reports.school_levels import cut_points, school_levels

__all__ = ["CATALOGUES", "Notes", "Prepared", "load", "prepare", "report_language"]

_SETTINGS = "prepared.json"
# The tables that are computed from the released one, each in a file of its own.
_DERIVED = ("glance", "gaps", "levels", "colours", "growth", "near", "improving")
_SCHOOL_COLUMNS = ("school_id", "school_name", "district_id", "district_name", "level")


@dataclass(frozen=True)
class Notes:
    """What a report says of its source.

    Attributes
    ----------
    network : str
        Name of the data folder.
    missing : tuple of (str, tuple of str)
        Tables that the folder lacks, each with the measures that it switches off.
    fingerprint : str
        Of the data files.
    baseline : (str, dict)
        Where the cut points of the levels come from, for :func:`kit.language.tell`; empty where there are none.
    california : tuple of (str, dict)
        What the colours of the Dashboard assume, likewise; empty where they are not asked for.
    working_on : dict
        What a school works on, in its own words, by its id and by language (empty: whatever the language).
    """

    network: str = ""
    missing: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fingerprint: str = ""
    baseline: tuple[str, dict] = ("", {})
    california: tuple[tuple[str, dict], ...] = ()
    working_on: dict[str, dict[str, list[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """Released numbers and the comparisons made from them, for all schools and one school year.

    Attributes
    ----------
    released : Released
        Rows up to the school year.
    schools : DataFrame
        The schools table as text; empty where a school has no entry.
    glance : Derived
        ``kit.compare.at_a_glance`` of the year; of a measure that comes later (graduation within six years,
        college-going), of its own latest year.
    gaps : Derived
        ``kit.compare.gaps`` of the same years and the years before.
    levels : Derived
        ``kit.reports.school_levels.school_levels``.
    colours : Derived
        ``kit.reports.california_colours.school_colours``; without rows where they are not asked for.
    growth : Derived
        ``kit.reports.growth_figures.growth_figures``.
    near, improving : Derived
        Schools like each school, and those of them that improved more (``kit.reports.neighbours``).
    school_year : int
        Ending year.
    minimum : int
        The smallest group that is shown.
    notes : Notes
    """

    released: Released
    schools: pd.DataFrame
    glance: Derived
    gaps: Derived
    levels: Derived
    colours: Derived
    growth: Derived
    near: Derived
    improving: Derived
    school_year: int
    minimum: int
    notes: Notes = field(default_factory=Notes)

    @cached_property
    def units(self) -> dict[tuple[str, str], object]:
        """Positions of each unit's rows; of a district and the network, only those of all students."""
        table = self.released.table
        wider = table["unit_type"].ne("school").to_numpy() & table["student_group"].ne("all").to_numpy()
        keys = [table["unit_type"].where(~wider, "-"), table["unit_id"]]
        return {key: where for key, where in table.groupby(keys, sort=False).indices.items() if key[0] != "-"}

    @cached_property
    def school_rows(self) -> dict[str, dict[str, str]]:
        """The schools by id, each a row of text."""
        return {r["school_id"]: r for r in self.schools.to_dict("records")}

    @cached_property
    def latest(self) -> dict[str, int]:
        """The latest school year of each measure."""
        return self.glance.table.groupby("measure", sort=False)["school_year"].max().astype(int).to_dict()

    @cached_property
    def glance_at(self) -> dict[str, object]:
        """Positions of each school's rows at a glance."""
        return self.glance.table.groupby("unit_id", sort=False).indices

    @cached_property
    def _level_at(self) -> dict[tuple[str, str], object]:
        table = self.glance.table
        return table.groupby([table["level"].fillna(""), table["measure"]], sort=False).indices

    @cached_property
    def _level_rows(self) -> dict[tuple[str, str], Rows]:
        return {}

    def level_rows(self, level: str, measure: str) -> Rows:
        """The rows at a glance of one measure for the schools of a level; kept, as many reports ask for them."""
        key = (level, measure)
        if key not in self._level_rows:
            self._level_rows[key] = rows_at(self.glance, self._level_at.get(key, []))
        return self._level_rows[key]

    @cached_property
    def clouds(self) -> dict[tuple, object]:
        """What reports lay out once for all schools of a level (``kit.charts.scatter.cloud``)."""
        return {}

    @cached_property
    def _school_values(self) -> dict[str, Derived]:
        return {}

    def school_values(self, student_group: str = "all") -> Derived:
        """The schools' values of the year, a column a measure (``kit.compare.quadrants.school_values``); kept."""
        if student_group not in self._school_values:
            settings = {"school_year": self.school_year, "student_group": student_group}
            self._school_values[student_group] = derive(self.released, school_values, **settings)
        return self._school_values[student_group]

    @cached_property
    def gaps_at(self) -> dict[str, object]:
        """Positions of each school's gaps."""
        return self.gaps.table.groupby("unit_id", sort=False).indices

    @cached_property
    def trends(self) -> Derived:
        """How the schools' gaps changed since the year before (``kit.compare.gap_over_years``)."""
        return derive(self.released, _gap_trends, self.gaps.table, self.school_year)

    @cached_property
    def trends_at(self) -> dict[str, object]:
        """Positions of each school's rows of ``trends``."""
        return self.trends.table.groupby("unit_id", sort=False).indices

    @cached_property
    def _unit_rows(self) -> dict[tuple[str, str], Rows]:
        return {}

    def unit_rows(self, unit_type: str, unit_id: str) -> Rows:
        """The unit's released rows (``units``); those of the network are kept, as every report asks for them."""
        key = (unit_type, unit_id)
        if key in self._unit_rows:
            return self._unit_rows[key]
        found = rows_at(self.released, self.units.get(key, []))
        if unit_type == "network":
            self._unit_rows[key] = found
        return found

    @cached_property
    def _of_school(self) -> dict[str, dict[str, object]]:
        """Positions of each school's rows in the tables whose school is ``school_id``."""
        names = ("levels", "colours", "growth", "near", "improving")
        return {name: getattr(self, name).table.groupby("school_id", sort=False).indices for name in names}

    # What only the districts' and the network's report need is computed when the first of them asks.

    @cached_property
    def wider_glance(self) -> Derived:
        """Numbers and changes of the districts and the network."""
        return derive(self.released, wider_glance, self.latest)

    @cached_property
    def wider_gaps(self) -> Derived:
        """Gaps of the districts and the network, and whether they widen."""
        return derive(self.released, wider_gaps, self.latest)

    @cached_property
    def widening(self) -> Derived:
        """Schools' gaps that are clearly unfavourable and clearly wider than the year before."""
        return derive(self.released, widening, self.gaps.table, self.latest)

    @cached_property
    def predicted(self) -> Derived:
        """Schools clearly better or worse than their students and size predict."""
        return derive(self.released, predicted, self.schools, self.latest)

    @cached_property
    def spots(self) -> Derived:
        """Schools in the best quarter of their level on both measures of a pair."""
        return derive(self.released, spots, self.schools, self.latest)

    def lay_out(self) -> Prepared:
        """Do now what the first display would wait for; return itself."""
        for table in (self.released, self.trends, *(getattr(self, name) for name in _DERIVED)):
            rows_at(table, [])
        for name in ("units", "school_rows", "latest", "glance_at", "_level_at", "gaps_at", "trends_at", "_of_school"):
            getattr(self, name)
        self.school_values()
        return self

    def of_school(self, name: str, school_id: str) -> Rows:
        """The school's rows of ``levels``, ``colours``, ``growth``, ``near`` or ``improving``."""
        return rows_at(getattr(self, name), self._of_school[name].get(school_id, []))

    def write(self, folder: str | Path) -> Path:
        """Write the tables as Parquet and the settings as JSON; return the folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.released.write(folder / "released.parquet")
        self.schools.to_parquet(folder / "schools.parquet", index=False)
        for name in _DERIVED:
            table = getattr(self, name).table.copy(deep=False)
            table.attrs = {}
            table.to_parquet(folder / f"{name}.parquet", index=False)
        settings = {
            "school_year": self.school_year,
            "minimum": self.minimum,
            "notes": asdict(self.notes),
        }
        text = json.dumps(settings, ensure_ascii=False, indent=1)
        (folder / _SETTINGS).write_text(text, encoding="utf-8")
        return folder

    @staticmethod
    def read(folder: str | Path) -> Prepared:
        """Read a prepared folder; the second reading in a process is free while the files are the same."""
        mark = Path(folder) / _SETTINGS
        if not mark.is_file():
            raise KitError(f"'{folder}' is not a prepared folder", mend="Make it with kit.reports.prepared.")
        return _read(str(Path(folder).resolve()), mark.stat().st_mtime_ns)


@cache
def _read(folder: str, _changed: int) -> Prepared:
    settings = json.loads((Path(folder) / _SETTINGS).read_text(encoding="utf-8"))
    released = Released.read(Path(folder) / "released.parquet")
    notes = settings["notes"]
    missing = tuple((table, tuple(ids)) for table, ids in notes["missing"])
    return Prepared(
        released=released,
        schools=pd.read_parquet(Path(folder) / "schools.parquet"),
        **{name: derive(released, _computed_before, Path(folder) / f"{name}.parquet") for name in _DERIVED},
        school_year=settings["school_year"],
        minimum=settings["minimum"],
        notes=Notes(
            **{
                **notes,
                "missing": missing,
                "baseline": tuple(notes["baseline"]),
                "california": tuple((text, values) for text, values in notes["california"]),
            }
        ),
    )


def _computed_before(_released: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Read what :meth:`Prepared.write` wrote; it was computed from the same released rows."""
    return pd.read_parquet(file)


def prepare(workspace, *, school_year: int | None = None, minimum: int = REPORT_MINIMUM) -> Prepared:
    """Compute what every report needs, once.

    Parameters
    ----------
    workspace : kit.workspace.Workspace
    school_year : int, optional
        Ending year; none or 0 is the latest.
    minimum : int
        The smallest group that is shown.

    Raises
    ------
    KitError
        If there are no results, or none of the year asked for.
    """
    results = workspace.results()
    known = sorted(results.loc[results["unit_type"].eq("school"), "school_year"].unique())
    if not known:
        raise KitError("there are no results of schools", where=str(workspace.folder))
    year = int(school_year or known[-1])
    if year not in known:
        raise KitError(
            f"there are no results of the school year {year}",
            mend=f"Years: {', '.join(str(int(y)) for y in known)} (each named by the year in which it ends).",
        )
    released = workspace.released(audience="internal", minimum=minimum)
    released = released.where(school_year=[int(y) for y in released.table["school_year"].unique() if y <= year])
    released = replace(released, table=released.table.reset_index(drop=True))
    schools = _as_text(workspace.schools())
    settings = getattr(workspace, "settings", {})
    cuts, baseline = cut_points(released.table, schools, settings, workspace.folder)
    latest = _latest_years(released.table).to_dict()
    near = derive(released, every_school_like_ours, schools, year).table
    colours = derive(released, school_colours, schools, year if wanted(settings) else 0)
    of_colours = colours.table.attrs.get("assumptions", [])
    notes = Notes(
        network=sentence_start(str(workspace.name)),
        missing=tuple((table, tuple(ids)) for table, ids in workspace.missing()),
        fingerprint=workspace.fingerprint(),
        baseline=baseline,
        california=assumptions(year, of_colours) if len(colours.table) else (),
        working_on=_working_on(settings),
    )
    return Prepared(
        released=released,
        schools=schools,
        glance=derive(released, _glance_of_latest, schools),
        gaps=derive(released, _gaps_of_latest),
        levels=derive(released, school_levels, schools, latest, cuts),
        colours=colours,
        growth=derive(released, growth_figures, _growth_details(workspace)),
        near=derive(released, nearest, near),
        improving=derive(released, improving, near, latest),
        school_year=year,
        minimum=minimum,
        notes=notes,
    )


def _working_on(settings: Mapping) -> dict[str, dict[str, list[str]]]:
    """Read ``[family.working_on]`` of the settings: by school id a text, several, or a table of these by language."""
    family = settings.get("family", {})
    given = family.get("working_on", {}) if isinstance(family, Mapping) else family
    out = {}
    for school_id, words in given.items() if isinstance(given, Mapping) else [("working_on", given)]:
        by_language = words if isinstance(words, Mapping) else {"": words}
        lists = {tag: [some] if isinstance(some, str) else some for tag, some in by_language.items()}
        if not all(isinstance(some, list) and all(isinstance(t, str) for t in some) for some in lists.values()):
            raise KitError(
                f"what school '{school_id}' works on is no text",
                where="kit.toml, [family.working_on]",
                mend='Write "0101" = "text", a list of texts, or { en = "text", es = "texto" }.',
            )
        out[str(school_id)] = lists
    return out


def _growth_details(workspace) -> pd.DataFrame | None:
    """Return the schools' growth figures with their intervals; None where there are published results only."""
    if not getattr(workspace, "has_records", False):
        return None
    from kit.measures.growth import growth_details

    return growth_details(workspace.records)


def _latest_years(table: pd.DataFrame) -> pd.Series:
    """Return the latest year in which schools have each measure."""
    return table[table["unit_type"].eq("school")].groupby("measure")["school_year"].max().astype(int)


def _by_latest_year(table: pd.DataFrame) -> list[tuple[int, pd.DataFrame]]:
    """Split the rows by the latest year in which schools have their measure."""
    latest = _latest_years(table)
    years = table["measure"].map(latest)
    return [(int(year), table[years.eq(year)]) for year in sorted(latest.unique(), reverse=True)]


def _glance_of_latest(table: pd.DataFrame, schools: pd.DataFrame) -> pd.DataFrame:
    parts = [at_a_glance(some, schools, school_year=year) for year, some in _by_latest_year(table)]
    return pd.concat(parts, ignore_index=True)


def _gap_trends(_released: pd.DataFrame, every: pd.DataFrame, school_year: int) -> pd.DataFrame:
    return gap_over_years(every, last_year=school_year)


def _gaps_of_latest(table: pd.DataFrame) -> pd.DataFrame:
    parts = [gaps(some, school_year=[year - 1, year]) for year, some in _by_latest_year(table)]
    return pd.concat(parts, ignore_index=True)


def load(data: str | Path, *, school_year: int | None = None, minimum: int = REPORT_MINIMUM) -> Prepared:
    """Read a prepared folder, or prepare a data folder; each is done once in a process."""
    if (Path(data) / _SETTINGS).is_file():
        return Prepared.read(data)
    where = str(data) if is_connection(data) else str(Path(data).resolve())
    return _load(where, int(school_year or 0), int(minimum))


def report_language(data: str | Path, tag: str) -> Language:
    """Return a language by its tag, with the catalogues beside a data folder or beside what was prepared from it."""
    if (Path(data) / _SETTINGS).is_file():
        return get_language(tag, Path(data) / CATALOGUES)
    from kit.workspace import open_workspace

    return open_workspace(data).language(tag)


@cache
def _load(data: str, school_year: int, minimum: int) -> Prepared:
    from kit.workspace import open_workspace

    return prepare(open_workspace(data), school_year=school_year, minimum=minimum)


def _as_text(schools: pd.DataFrame) -> pd.DataFrame:
    """Return the schools table as plain text, empty where nothing is known."""
    columns = {c: schools.get(c) for c in (*_SCHOOL_COLUMNS, *schools.columns)}
    out = pd.DataFrame(columns, index=schools.index)
    for name in out.columns:
        values = out[name].astype(object)
        out[name] = [
            "" if v is None or v is pd.NA or v != v else (str(v).lower() if isinstance(v, bool) else str(v))
            for v in values
        ]
    return out.drop_duplicates("school_id").sort_values("school_id", ignore_index=True)
