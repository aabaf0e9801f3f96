"""What a district's and the network's report have in common: many schools on one page, section by section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape

import numpy as np

from kit.charts.derived import Rows, gather, pick, rows
from kit.charts.display import Html
from kit.charts.gap_matrix import GAP_SHAPES, gap_matrix, gap_numbers
from kit.charts.palette import LEVELS
from kit.charts.wider_glance import wider_glance_table
from kit.charts.wider_trend import trend_key, wider_trend
from kit.charts.words import count
from kit.language import Language, _, in_its_language, the_language
from kit.measures.registry import Measure, measures
from kit.reports import overview_changes, overview_closing, overview_opening, overview_schools
from kit.reports.attention import reasons
from kit.reports.opening import levels_key
from kit.reports.overview_settings import OverviewSettings
from kit.reports.plan import alphabetical, file_names
from kit.reports.prepared import Prepared
from kit.reports.section import Section

__all__ = ["Overview", "in_alphabetical_order"]

# The measures of which the trend is drawn. Growth is left out: it is a place among the schools of a year; so are the
# surveys, whose every construct would be a picture.
TRENDS = (
    "chronic_absence", "suspension", "ela_proficient", "math_proficient", "el_redesignation", "gpa", "hs_readiness",
    "graduation_4", "college_going",
)  # fmt: skip
# The measures of which gaps are shown: rates, so that the other students can be formed and the gap has an interval.
GAPS = (
    "chronic_absence", "suspension", "ela_proficient", "math_proficient", "hs_readiness", "graduation_4",
    "college_going",
)  # fmt: skip
# The measure whose denominator is nearest to "students", the best first.
_SIZES = ("suspension", "chronic_absence", "attendance_rate")


@dataclass(frozen=True)
class Overview:
    """The numbers of a district or of the network, already released, and the sections made from them.

    As it is, it is the network's; a district's replaces the type, the name and the schools.

    Attributes
    ----------
    prepared : Prepared
        The numbers of all schools.
    unit_id : str
        The district's id; ``network``.
    live : bool
        True where a person looks at it in JupyterLab.
    language : Language
        What its words are written in.
    settings : OverviewSettings
    """

    prepared: Prepared
    unit_id: str
    live: bool = False
    language: Language = field(default_factory=the_language)
    settings: OverviewSettings = field(default_factory=OverviewSettings)
    unit_type = "network"

    @property
    def name(self) -> str:
        """How the unit is called in its own tables."""
        return _("The network")

    @cached_property
    def schools(self) -> list[dict[str, str]]:
        """Rows of the schools table of this unit, in alphabetical order."""
        return in_alphabetical_order(list(self.prepared.school_rows.values()))

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of the schools by id."""
        return {s["school_id"]: s["school_name"] for s in self.schools}

    @cached_property
    def files(self) -> dict[str, str]:
        """The file of each school's report, in this language, by id."""
        return file_names(self.prepared.school_rows, "school-report", self.language.tag)

    @cached_property
    def links(self) -> dict[str, str]:
        """Each school's name as a link to its report, as HTML."""
        several = self.unit_type == "network"
        return {
            s["school_id"]: f'<a href="{escape(self.files[s["school_id"]])}">{escape(s["school_name"])}</a>'
            + (f" <small>{escape(s['district_name'])}</small>" if several and s.get("district_name") else "")
            for s in self.schools
        }

    @cached_property
    def _glance(self) -> Rows:
        """The schools' rows at a glance."""
        at = self.prepared.glance_at
        found = [at[s["school_id"]] for s in self.schools if s["school_id"] in at]
        return gather(pick(self.prepared.glance, np.concatenate(found) if found else []))

    def _wider(self, name: str, unit: tuple[str, str]) -> Rows:
        """A unit's rows of ``wider_glance`` or ``wider_gaps``."""
        table = getattr(self.prepared, name).table
        mine = table["unit_type"].eq(unit[0]).to_numpy() & table["unit_id"].eq(unit[1]).to_numpy()
        return gather(pick(getattr(self.prepared, name), np.flatnonzero(mine)))

    @cached_property
    def _own(self) -> Rows:
        return self._wider("wider_glance", (self.unit_type, self.unit_id))

    @cached_property
    def _beside(self) -> Rows:
        return self._wider("wider_glance", ("network", "network"))

    @cached_property
    def _gaps(self) -> Rows:
        return self._wider("wider_gaps", (self.unit_type, self.unit_id))

    def _lines(self) -> Rows:
        """The rows of all students over the years that a trend draws: the unit's and the network's."""
        units = self.prepared.units
        keys = {(self.unit_type, self.unit_id), ("network", "network")}
        positions = [position for key in sorted(keys) for position in units.get(key, ())]
        return gather(pick(self.prepared.released, positions)).where(student_group="all", grade="all")

    @cached_property
    def _lines_of(self) -> dict[str, Rows]:
        return self._lines().by("measure")

    @in_its_language
    def header(self) -> Section:
        """Say whom the page is about."""
        by = {r["measure"]: r for r in rows(self._own)}
        size = next(
            (
                (count(by[m]["n"]), words)
                for m, words in zip(_SIZES, self._size_words(), strict=True)
                if m in by and by[m]["n"] is not None
            ),
            None,
        )
        facts = overview_opening.facts(self.schools, size, self.prepared.school_year, self._districts())
        parts = [overview_opening.style(live=self.live)]
        if self.live:
            parts.append(Html(f"<h2>{escape(self.name)}</h2>"))
        return Section((*parts, facts), self.live)

    @staticmethod
    def _size_words() -> tuple[str, str, str]:
        known_day = _("students with a known school day")
        return _("students enrolled at any time in the year"), known_day, known_day

    def _districts(self) -> int:
        return 0

    @in_its_language
    def at_a_glance(self) -> Section:
        """Every measure of the unit in one table, with the count of its schools by level of concern."""
        if not rows(self._own):
            return self._line(_("There is no number of it for this school year."))
        years_of: dict[str, list[tuple[int, float]]] = {}
        for r in rows(self._lines().where(unit_type=self.unit_type, unit_id=self.unit_id)):
            if r["value"] is not None:
                years_of.setdefault(r["measure"], []).append((r["school_year"], r["value"]))
        table = wider_glance_table(
            self._own,
            self._beside,
            {m: sorted(values) for m, values in years_of.items()},
            overview_opening.tally(self._glance),
            caption=_("Every measure, and how many of the schools stand where among schools of their level."),
            name=self.name,
            network=self.unit_type == "network",
            school_year=self.prepared.school_year,
            minimum=self.prepared.minimum,
        )
        return Section((Html(levels_key()), Html(table)), self.live)

    @in_its_language
    def matrix(self) -> Section:
        """Every school by every measure, split by level of school."""
        if not rows(self._glance):
            return self._line(_("No school has a number for this school year."))
        html = overview_opening.matrices(
            self.schools, self._glance, self.files, self.settings, by_district=self.unit_type == "network"
        )
        read = overview_opening.how_to_read_matrix(self.prepared.released.table["school_year"].nunique())
        return Section(
            (Html(read), Html(overview_opening.tools()), Html(html), Html(overview_opening.script())), self.live
        )

    @in_its_language
    def changed(self) -> Section:
        """What changed clearly since the year before, and how much of that chance would give."""
        html = overview_changes.changes(self._glance, self.links, self.files, self.names, self.settings)
        return Section((Html(html),), self.live)

    @in_its_language
    def bright_spots(self) -> Section:
        """Schools to learn from, and what that cannot tell."""
        html = overview_schools.bright(
            rows(self._glance),
            rows(gather(self.prepared.predicted)),
            rows(gather(self.prepared.spots)),
            self.links,
            self.names,
            self.settings,
        )
        return Section((Html(html),), self.live)

    @in_its_language
    def attention(self) -> Section:
        """Where to look first, by reason and in alphabetical order."""
        found = reasons(
            rows(self._glance),
            rows(gather(self.prepared.predicted)),
            rows(gather(self.prepared.widening)),
            self.names,
            self.settings,
        )
        return Section((Html(overview_schools.attention(found, self.links)),), self.live)

    @in_its_language
    def gaps(self) -> Section:
        """Gaps between student groups of the unit, and whether they widen."""
        columns = [measures()[m] for m in GAPS]
        caption = _("Gap of each student group to the other students, in points, and the change since the year before.")
        table = gap_matrix(self._gaps, columns, caption=caption)
        if not table:
            return self._line(_("No student group can be compared with the other students."))
        key = "".join(
            f'<li><span class="level {which}"><i aria-hidden="true">{LEVELS[which].shape}</i></span> '
            f"{escape(_(words))}</li>"
            for which, words in GAP_SHAPES.values()
        )
        return Section(
            (
                Html(f'<ul class="key">{key}</ul>{table}'),
                Html(gap_numbers(self._gaps, columns, caption=_("Gaps with their intervals"))),
                Html(f'<p class="note">{escape(self._by_definition())}</p>'),
            ),
            self.live,
        )

    @staticmethod
    def _by_definition() -> str:
        return _(
            "Meeting the standard in English helps to decide who is an English learner and who is reclassified, so "
            "these gaps say little. Groups overlap: their gaps must not be added up."
        )

    @in_its_language
    def trend(self) -> Section:
        """The unit's trend on the main measures."""
        found = [
            wider_trend(
                self._lines_of[m],
                measures()[m],
                unit=(self.unit_type, self.unit_id),
                name=self.name,
                names=self._district_names,
            )
            for m in TRENDS
            if m in self._lines_of
        ]
        drawn = [d for d in found if d is not None]
        if not drawn:
            return self._line(_("No measure has two years."))
        network = self.unit_type == "network"
        key = trend_key(self.name, network=network, behind=network and self._districts() > 0)
        return Section((Html(key), Html('<div class="trends">'), *drawn, Html("</div>")), self.live)

    @cached_property
    def _district_names(self) -> Mapping[str, str]:
        return {s["district_id"]: s["district_name"] for s in self.prepared.school_rows.values() if s["district_id"]}

    @in_its_language
    def not_shown(self) -> Section:
        """What the data lack and what is withheld."""
        withheld: dict[str, list[str]] = {}
        for r in rows(self._gaps):
            if r["value"] is None:
                withheld.setdefault(r["measure"], []).append(r["student_group"])
        html = overview_closing.lacking(self.prepared, self._glance, rows(self._own), self.schools, withheld)
        return Section((Html(html),), self.live)

    @in_its_language
    def definitions(self) -> Section:
        """How each measure on the page is counted, its source, and the choices behind the page."""
        return Section((Html(overview_closing.definitions(self._shown(), self.prepared, self.settings)),), self.live)

    def _shown(self) -> list[Measure]:
        seen = {r["measure"] for r in rows(self._own)} | {r["measure"] for r in rows(self._glance)}
        return [m for i, m in measures().items() if i in seen]

    def _line(self, text: str) -> Section:
        return Section((Html(f'<p class="nothing">{escape(text)}</p>'),), self.live)


def in_alphabetical_order(schools: list[dict[str, str]]) -> list[dict[str, str]]:
    """Sort schools by district and name, as a list for readers does."""
    return sorted(
        schools,
        key=lambda s: (alphabetical(s.get("district_name", "")), alphabetical(s["school_name"]), s["school_id"]),
    )
