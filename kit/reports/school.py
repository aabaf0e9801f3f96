"""The report of one school: what the template notebook calls, section by section."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path

from kit.charts.derived import Rows, rows, rows_at
from kit.charts.display import Html
from kit.charts.glance_table import THEMES, glance_table
from kit.charts.scatter import Cloud, cloud, stand_in
from kit.charts.words import year
from kit.compare.sentences import say
from kit.errors import KitError
from kit.language import Language, _, in_its_language, the_language
from kit.measures.registry import measures
from kit.privacy import REPORT_MINIMUM
from kit.reports import closing, opening
from kit.reports.california_colours import colour_line
from kit.reports.growth_block import growth_block
from kit.reports.neighbours import neighbours
from kit.reports.prepared import Prepared, load, report_language
from kit.reports.school_levels import level_line
from kit.reports.section import ABSENT, Section
from kit.reports.themes import measure_blocks, survey_block

__all__ = ["SchoolReport", "school_report"]

# Two measures that a team may look at together; the first two pairs that a school has are drawn.
_PAIRS = (
    ("ela_proficient", "ela_growth"),
    ("chronic_absence", "graduation_4"),
    ("chronic_absence", "ela_proficient"),
    ("suspension", "hs_readiness"),
    ("chronic_absence", "math_proficient"),
    ("suspension", "climate_belonging_student"),
    ("suspension", "chronic_absence"),
)
_MOST_SCATTERS = 2


@dataclass(frozen=True)
class SchoolReport:
    """One school's numbers, already released, and the sections made from them.

    Attributes
    ----------
    prepared : Prepared
        The numbers of all schools.
    school_id : str
    live : bool
        True where a person looks at it in JupyterLab.
    language : Language
        What its words are written in.
    """

    prepared: Prepared
    school_id: str
    live: bool = False
    language: Language = field(default_factory=the_language)

    @property
    def school(self) -> dict[str, str]:
        """The school's row of the schools table, as text."""
        return self.prepared.school_rows[self.school_id]

    @cached_property
    def _near(self) -> Rows:
        """Rows of the school, its district and the network."""
        rows_of = self.prepared.unit_rows
        return (
            rows_of("school", self.school_id)
            + rows_of("district", self.school.get("district_id", ""))
            + rows_of("network", "network")
        )

    @cached_property
    def _rows_of(self) -> dict[str, Rows]:
        """The same rows by measure, of the measures for which the school itself has any."""
        own = {r["measure"] for r in rows(self._near.where(unit_type="school"))}
        return {m: some for m, some in self._near.by("measure").items() if m in own}

    @cached_property
    def _all_students(self) -> Rows:
        """The same rows, of all students and grades only."""
        return self._near.where(student_group="all", grade="all")

    @cached_property
    def _glance(self) -> Rows:
        return rows_at(self.prepared.glance, self.prepared.glance_at.get(self.school_id, []))

    @cached_property
    def _gaps(self) -> Rows:
        return rows_at(self.prepared.gaps, self.prepared.gaps_at.get(self.school_id, []))

    @cached_property
    def _gaps_of(self) -> dict[str, Rows]:
        """Gaps of each measure's latest year."""
        latest = self.prepared.latest
        return {m: some.where(school_year=latest[m]) for m, some in self._gaps.by("measure").items()}

    @cached_property
    def _levels(self) -> Rows:
        return self.prepared.of_school("levels", self.school_id)

    @cached_property
    def _lines(self) -> dict[str, str]:
        """What stands under a measure's heading: its level, the way to the next ones, its colour."""
        levels = {r["measure"]: r for r in rows(self._levels)}
        colours = {r["measure"]: r for r in rows(self.prepared.of_school("colours", self.school_id))}
        return {m: level_line(levels.get(m), found) + colour_line(colours.get(m)) for m, found in measures().items()}

    @in_its_language
    def header(self) -> Section:
        """Say which school this is, and what the page is and is not."""
        parts = opening.header(self.school, self._all_students, self.prepared, live=self.live)
        return Section(parts, self.live)

    @in_its_language
    def at_a_glance(self) -> Section:
        """Every measure in one table."""
        if not rows(self._glance):
            return self._line(_("There is no number of this school for this school year."))
        table = glance_table(
            self._all_students,
            self._glance,
            school_year=self.prepared.school_year,
            minimum=self.prepared.minimum,
            levels=self._levels,
        )
        said = opening.levels_note(self.prepared.notes.baseline, rows(self._levels))
        return Section((Html(opening.levels_key()), Html(said), Html(table)), self.live)

    @in_its_language
    def strengths_and_questions(self) -> Section:
        """What stands out, in plain sentences: never a cause, never a rank."""
        ending, trends = self.prepared.school_year, self.prepared.trends
        found = say(
            rows(self._glance.where(school_year=ending, student_group="all")),
            rows(self._gaps.where(school_year=ending)),
            rows(rows_at(trends, self.prepared.trends_at.get(self.school_id, []))),
        )
        return Section((Html(opening.sentences(found)),), self.live)

    @in_its_language
    def theme(self, name: str) -> Section:
        """The measures of a theme: trend, student groups and grades of each.

        Parameters
        ----------
        name : str
            One of attendance, discipline, achievement, growth, english_learners, readiness, graduation, surveys.

        Raises
        ------
        KitError
            If the theme is unknown.
        """
        if name not in THEMES:
            raise KitError(f"'{name}' is not a theme", mend=f"Themes: {', '.join(THEMES)}.")
        mine = {m: found for m, found in measures().items() if found.theme == name and m in self._rows_of}
        if not mine:
            return self._line(_("Nothing of this theme is counted at this school."), ABSENT)
        glance = {r["measure"]: r for r in rows(self._glance)}
        if name == "growth":
            figures = self.prepared.of_school("growth", self.school_id).by("measure")
            parts = growth_block(mine, figures, glance, self._lines, self.prepared.latest)
        elif name == "surveys":
            parts = survey_block(mine, self._rows_of, self.prepared)
        else:
            parts = measure_blocks(mine, self._rows_of, glance, self._gaps_of, self.prepared, self._lines)
        if not parts:
            return self._line(
                _("No number of this theme can be shown for this school in {year}.").format(
                    year=year(self.prepared.school_year)
                )
            )
        return Section(tuple(parts), self.live)

    @in_its_language
    def where_it_stands(self) -> Section:
        """The school among the schools of its level, on two measures at a time."""
        level = self.school.get("level", "")
        found, seen = [], set()
        for across, upward in _PAIRS:
            if len(found) == _MOST_SCATTERS or upward in seen:
                continue
            schools = self._cloud(level, across, upward)
            drawn = stand_in(schools, self.school_id) if schools is not None else None
            if drawn is not None:
                found.append(drawn)
                seen.add(upward)
        if not found:
            return self._line(
                _("There are too few schools of this level with two of the measures to draw them together.")
            )
        return Section((Html('<div class="pair">'), *found, Html("</div>")), self.live)

    def _cloud(self, level: str, across: str, upward: str) -> Cloud | None:
        """Lay out the schools of a level on two measures; kept, as every school of the level stands in it."""
        kept, key = self.prepared.clouds, (level, across, upward, self.language)
        if key not in kept:
            kept[key] = cloud(
                self.prepared.level_rows(level, across) + self.prepared.level_rows(level, upward),
                {i: (r["school_name"], r["district_name"]) for i, r in self.prepared.school_rows.items()},
                measures()[across],
                measures()[upward],
                school_year=self.prepared.school_year,
                level=level,
            )
        return kept[key]

    @in_its_language
    def schools_like_ours(self) -> Section:
        """The nearest schools, those of them that improved more, and whom to write to."""
        near, better = (rows(self.prepared.of_school(name, self.school_id)) for name in ("near", "improving"))
        if not near:
            return self._line(
                _(
                    "No school like this one can be named: its student groups are not shown, or no other school of its "
                    "level has any."
                )
            )
        return Section((Html(neighbours(near, better)),), self.live)

    @in_its_language
    def not_shown(self) -> Section:
        """What is left out, and why."""
        return Section((Html(closing.not_shown(self._rows_of, self.prepared)),), self.live)

    @in_its_language
    def definitions(self) -> Section:
        """How each measure on the page is counted, and its source."""
        shown = [m for m in measures().values() if m.id in self._rows_of]
        return Section((Html(closing.definitions(shown, self.prepared)),), self.live)

    def _line(self, text: str, kind: str = "nothing") -> Section:
        return Section((Html(f'<p class="{kind}">{escape(text)}</p>'),), self.live)


def school_report(
    data: str | Path,
    school_id: str = "",
    school_year: int = 0,
    minimum: int = REPORT_MINIMUM,
    live: bool = True,
    language: str = "en",
) -> SchoolReport:
    """Open the report of one school.

    Parameters
    ----------
    data : str or Path
        A data folder, or a folder that ``Prepared.write`` made.
    school_id : str
        Empty: the first school by id that has a number in the year.
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
        If the school is not in the data (the nearest ids are named), or there is no catalogue of the language.
    """
    prepared = load(data, school_year=school_year, minimum=minimum)
    if not school_id:
        with_numbers = (i for i in prepared.school_rows if i in prepared.glance_at)
        school_id = next(with_numbers, next(iter(prepared.school_rows), ""))
    if school_id not in prepared.school_rows:
        from difflib import get_close_matches

        near = get_close_matches(str(school_id), prepared.school_rows, 3)
        raise KitError(
            f"no school has the id '{school_id}'",
            where=str(data),
            mend=f"Did you mean {', '.join(near)}?" if near else "See school_id in the table schools.",
        )
    return SchoolReport(prepared, school_id, live, report_language(data, language))
