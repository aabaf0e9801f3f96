"""The report of the network: what the template notebook calls, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import pandas as pd

from kit.charts.derived import Rows, derive, gather, pick, rows
from kit.charts.display import Html
from kit.charts.district_matrix import district_matrix
from kit.charts.leads import leads
from kit.charts.matrix import Row
from kit.charts.palette import LEVELS, level
from kit.charts.words import listing
from kit.compare.leading import CANNOT_TELL, leading_measures
from kit.compare.settings import CompareSettings
from kit.language import _, in_its_language, number
from kit.measures.registry import measures
from kit.privacy import REPORT_MINIMUM
from kit.reports import overview_opening
from kit.reports.overview import Overview
from kit.reports.plan import alphabetical, file_names
from kit.reports.prepared import load, report_language
from kit.reports.section import Section

__all__ = ["NetworkReport", "network_report", "strongest_leads"]

# The outcomes whose earlier measures are looked for, and how many of them are listed. No source: settings.
OUTCOMES = ("graduation_4", "college_going", "hs_readiness", "chronic_absence", "ela_proficient", "math_proficient")
MOST_LEADS = 5
# A measure that goes with an outcome by construction is no lead: the same record counted in another way.
_SAME_RECORD = {frozenset(("chronic_absence", "attendance_rate"))}


def strongest_leads(table: pd.DataFrame, schools: pd.DataFrame, latest: Mapping[str, int]) -> pd.DataFrame:
    """Return the leads whose interval leaves out 0: of each measure the strongest, of each level a few.

    Left out are the outcome's own past and the same record counted in another way. ``holds_for_all`` says which would
    also stand if all pairs that were tried are taken together.

    Returns
    -------
    DataFrame
        Rows of :func:`kit.compare.leading_measures` with ``outcome``, strongest first within a level.
    """
    rows = table[table["unit_type"].eq("school") & table["student_group"].eq("all")]
    parts = [_of_outcome(rows, schools, outcome, latest[outcome]) for outcome in OUTCOMES if outcome in latest]
    return pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True) if parts else pd.DataFrame()


def _of_outcome(rows: pd.DataFrame, schools: pd.DataFrame, outcome: str, school_year: int) -> pd.DataFrame:
    found = leading_measures(rows, schools, outcome, school_year=school_year).assign(outcome=outcome)
    if found.empty:
        return found
    barred = {outcome} | {m for pair in _SAME_RECORD if outcome in pair for m in pair}
    keep = found["near_end"].gt(0) & ~found["measure"].isin(barred)
    some = found[keep].drop_duplicates(["level", "measure"])
    return some.groupby("level", sort=False).head(MOST_LEADS)


@dataclass(frozen=True)
class NetworkReport(Overview):
    """The network, its districts and all their schools; see :class:`kit.reports.overview.Overview`."""

    def _districts(self) -> int:
        return len(self._district_names)

    def _lines(self) -> Rows:
        units = self.prepared.units
        keys = [key for key in units if key[0] in ("district", "network")]
        positions = [position for key in keys for position in units[key]]
        return gather(pick(self.prepared.released, positions)).where(student_group="all", grade="all")

    @in_its_language
    def districts(self) -> Section:
        """Every district by every measure: its number, its change, and how many of its schools stand where."""
        table = self.prepared.wider_glance.table
        mine = table["unit_type"].eq("district").to_numpy().nonzero()[0]
        glance = gather(pick(self.prepared.wider_glance, mine))
        ids = sorted(self._district_names, key=lambda i: (alphabetical(self._district_names[i]), i))
        if not ids or not rows(glance):
            return self._line(_("No district has a number for this school year."))
        files = file_names(ids, "district-report", self.language.tag, "district")
        units = [Row(i, self._district_names[i], files[i]) for i in ids]
        seen = {r["measure"] for r in rows(glance)}
        columns = [m for i, m in measures().items() if i in seen]
        parts = []
        for kind, chosen in (
            (_("results"), [m for m in columns if m.theme != "surveys"]),
            (_("surveys"), [m for m in columns if m.theme == "surveys"]),
        ):
            if chosen:
                parts.append(
                    district_matrix(
                        glance,
                        self._tallies,
                        units,
                        chosen,
                        anchor=f"districts-{len(parts)}",
                        caption=_("Districts: {kind}. Percent signs are left out.").format(kind=kind),
                    )
                )
        read = _(
            "Read along a row: a district’s number, whether it is clearly better or worse than the year before, and "
            "how many of its schools are a strength (▲) or one to look closer at (◆) among schools of their level. "
            "Districts stand in alphabetical order and are not set against each other; a name leads to the district’s "
            "own report, where it was made into the same folder."
        )
        return Section((Html(f'<p class="how">{escape(read)}</p>{"".join(parts)}'),), self.live)

    @cached_property
    def _tallies(self) -> dict[tuple[str, str], dict[str, int]]:
        rows_of = self.prepared.school_rows
        out: dict[tuple[str, str], dict[str, int]] = {}
        for r in rows(self._glance):
            if r["value"] is not None:
                key = (rows_of[r["unit_id"]].get("district_id", ""), r["measure"])
                of = out.setdefault(key, dict.fromkeys(LEVELS, 0))
                of[level(r["concern"]).id] += 1
        return out

    @in_its_language
    def matrix(self) -> Section:
        """Every school by every measure; of a network with very many, its districts' pages have them."""
        cells = overview_opening.cells_of(self.schools, self._glance)
        if cells <= self.settings.most_cells:
            return super().matrix()
        said = _(
            "{schools} schools make {cells} cells, more than one page can hold for a reader. Each district’s report "
            "has the matrix of its own schools: its name above leads there."
        ).format(schools=number(len(self.schools)), cells=number(cells))
        return self._line(said)

    @in_its_language
    def leading(self) -> Section:
        """Earlier measures that go with an outcome across schools of a level, and what that cannot tell."""
        parts, none = [], []
        by = gather(derive(self.prepared.released, strongest_leads, self.prepared.schools, self.prepared.latest))
        by = by.by("outcome")
        for outcome in OUTCOMES:
            if outcome not in self.prepared.latest:
                continue
            if outcome not in by:
                none.append(measures()[outcome].short)
                continue
            for school_level, some in by[outcome].by("level").items():
                of = next(iter(rows(some)))["looked_at"]
                caption = _("Of {n} earlier measures and grades that were tried.").format(n=number(of))
                parts.append(leads(some, outcome=outcome, level=school_level, caption=caption))
        said = ""
        if none:
            least = CompareSettings().minimum_correlated
            text = _(
                "No earlier measure goes clearly with {measures}, or fewer than {n} schools of a level have "
                "both numbers."
            ).format(measures=listing(none), n=least)
            said = f'<p class="nothing">{escape(text)}</p>'
        limits = "".join(f"<li>{escape(text)}</li>" for text in self._limits())
        title = escape(_("What a leading measure cannot tell"))
        return Section((Html(f'{"".join(parts)}{said}<h3>{title}</h3><ul class="limits">{limits}</ul>'),), self.live)

    @staticmethod
    def _limits() -> Iterable[str]:
        return (
            *(_(text) for text in CANNOT_TELL),
            _(
                "Listed are at most {n} of a level, each with an interval that leaves out 0. An outcome’s own past and "
                "the same record counted in another way are left out: they go with it by construction."
            ).format(n=MOST_LEADS),
        )


def network_report(
    data: str | Path,
    school_year: int = 0,
    minimum: int = REPORT_MINIMUM,
    live: bool = True,
    language: str = "en",
) -> NetworkReport:
    """Open the report of the network.

    Parameters
    ----------
    data : str or Path
        A data folder, or a folder that ``Prepared.write`` made.
    school_year : int
        Ending year; 0 is the latest.
    minimum : int
        The smallest group that is shown; 11 is the lowest allowed.
    live : bool
        True where a person looks at it in JupyterLab.
    language : str
        Language tag, such as ``es``; a district's own catalogues are those beside its data.

    Raises
    ------
    KitError
        If there are no results, or there is no catalogue of the language.
    """
    prepared = load(data, school_year=school_year, minimum=minimum)
    return NetworkReport(prepared, "network", live, report_language(data, language))
