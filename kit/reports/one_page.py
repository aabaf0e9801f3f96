"""One sheet for a wall: every measure of a school, with what it did, where it stands and whom it is compared with.

Names, values and marks are 12 points or more on paper: their capitals are 3 mm high, five minutes of arc at two
metres, which is what an eye with normal sight still reads (the 20/20 line). What stands below them is 8 points, for
who steps nearer. With fewer measures everything is larger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path

from kit.charts.derived import gather, pick, rows
from kit.charts.display import Html, unbroken
from kit.charts.glance_table import CHANGE_WORDS, sparkline
from kit.charts.palette import LEVELS, level
from kit.charts.words import count, difference, listing, year
from kit.compare.words import sentence_start
from kit.language import N_, Language, _, in_its_language, the_language
from kit.measures.registry import Measure, measures
from kit.privacy import REPORT_MINIMUM
from kit.reports import looks
from kit.reports.prepared import Prepared
from kit.reports.school import school_report
from kit.reports.section import Section

__all__ = ["OnePage", "one_page"]

# The parts of the sheet, each with the themes whose measures stand in it.
_PARTS = (
    (N_("Attendance, behaviour and learning"), ("attendance", "discipline", "achievement", "growth")),
    (N_("The way through school"), ("english_learners", "readiness", "graduation")),
    (N_("What students, staff and families say"), ("surveys",)),
)
# How many measures still leave room for larger type; the sizes were tried on the sheet, and a test prints it.
_SIZES = ((12, "largest"), (24, "larger"))
# A longer name would take a second line; the short names of its theme's measures stand for them, alike for all.
_LONGEST_NAME = 24
_PLACE = re.compile(r", \w+ \d{1,2}\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class OnePage:
    """The sheet of one school; its numbers are those of the school's report.

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
    def school(self) -> Mapping[str, str]:
        """The school's row of the schools table, as text."""
        return self.prepared.school_rows[self.school_id]

    @cached_property
    def _glance(self) -> dict[str, dict]:
        found = gather(pick(self.prepared.glance, self.prepared.glance_at.get(self.school_id, [])))
        return {r["measure"]: r for r in rows(found)}

    @cached_property
    def _levels(self) -> dict[str, dict]:
        return {r["measure"]: r for r in rows(self.prepared.of_school("levels", self.school_id))}

    @cached_property
    def _near(self) -> dict[tuple[str, str], dict[int, float]]:
        """Values of all students by unit and measure, each by school year."""
        keys = (
            ("school", self.school_id),
            ("district", self.school.get("district_id", "")),
            ("network", "network"),
        )
        positions = [position for key in keys for position in self.prepared.units.get(key, ())]
        near: dict[tuple[str, str], dict[int, float]] = {}
        for r in rows(gather(pick(self.prepared.released, positions))):
            if r["student_group"] == "all" and r["grade"] == "all" and r["value"] is not None:
                near.setdefault((r["unit_type"], r["measure"]), {})[r["school_year"]] = r["value"]
        return near

    @in_its_language
    def sheet(self) -> Section:
        """The whole sheet."""
        mine = [m for m in measures().values() if m.id in self._glance]
        style = f"<style>{(looks.folder() / 'one-page.css').read_text(encoding='utf-8')}</style>"
        live = looks.live_style() if self.live else ""
        if not mine:
            nothing = _("There is no number of this school for this school year.")
            return self._section(live, style, f'<p class="nothing">{escape(nothing)}</p>')
        size = next((name for most, name in _SIZES if len(mine) <= most), "")
        parts = []
        for title, themes in _PARTS:
            some = [m for m in mine if m.theme in themes]
            if some:
                tiles = self._surveys(some) if themes == ("surveys",) else self._tiles(some)
                parts.append(f"<section><h2>{escape(_(title))}</h2>{tiles}</section>")
        wall = f'<div class="wall {size}">{"".join(parts)}</div>'
        return self._section(live, style, self._opening(), wall, self._closing(mine))

    def _section(self, *parts: str) -> Section:
        return Section(tuple(Html(p) for p in parts if p), self.live)

    def _opening(self) -> str:
        school = self.school
        low, high = school.get("low_grade", ""), school.get("high_grade", "")
        facts = [
            escape(_("Grades {low} to {high}").format(low=low, high=high)) if low and high and low != high else "",
            escape(_("For everyone who works, learns or sends a child here: to start a conversation, not to rank.")),
        ]
        marks = "".join(
            f'<li><span class="level {mark.id}"><i aria-hidden="true">{mark.shape}</i> {escape(_(mark.word))}</span> – '
            f"{escape(says)}</li>"
            for mark, says in zip(
                LEVELS.values(),
                (
                    _("most favourable quarter of the schools of its level"),
                    _("middle half"),
                    _("least favourable quarter"),
                    _("too few students or schools"),
                ),
                strict=True,
            )
        )
        said = ". ".join(f for f in facts if f)
        return f'<p class="for">{said}</p><ul class="key">{marks}</ul>'

    def _tiles(self, some: list[Measure]) -> str:
        return f'<ul class="tiles">{"".join(self._tile(m, _name(m)) for m in some)}</ul>'

    def _surveys(self, some: list[Measure]) -> str:
        """Constructs that several kinds of people answer stand under their name, each kind a tile."""
        by: dict[str, list[Measure]] = {}
        for m in some:
            by.setdefault(_construct(m), []).append(m)
        themselves = [m for m in some if m.id.startswith("sel_")]
        blocks = []
        if themselves:
            blocks.append((_("What students say of themselves"), [(m, _construct(m)) for m in themselves]))
        for construct, same in by.items():
            if same[0] not in themselves:
                who = [(m, sentence_start(m.name[len(construct) :].strip(" ()"))) for m in same]
                blocks.append((construct, who))
        return "".join(
            f'<div class="construct"><h3>{escape(title)}</h3>'
            f'<ul class="tiles">{"".join(self._tile(m, name, "h4") for m, name in tiles)}</ul></div>'
            for title, tiles in blocks
        )

    def _tile(self, m: Measure, name: str, heading: str = "h3") -> str:
        row = self._glance[m.id]
        own_year = row["school_year"]
        if own_year != self.prepared.school_year:
            name = f"{name}, {year(own_year)}"
        title = f"<{heading}>{unbroken(name)}</{heading}>"
        if row["value"] is None:
            return f'<li>{title}<p class="value withheld">{escape(_("not shown"))}</p></li>'
        mark = level(row["concern"])
        badge = f'<span class="level {mark.id}"><i aria-hidden="true">{mark.shape}</i> {escape(mark.word)}</span>'
        if (held := self._levels.get(m.id)) is not None:
            badge += f' <span class="of-ten">{int(held["level"])}/10</span>'
        trend = sparkline(sorted(self._near.get(("school", m.id), {}).items()), m)
        return (
            f'<li>{title}<div class="value">{_bound(m.write(row["value"]))}</div>'
            f'<p class="stands">{badge} <span class="moved">{escape(self._moved(row, m))}</span></p>'
            f'<div class="beside"><p>{escape(self._beside(row, m))}</p>{trend}</div></li>'
        )

    def _moved(self, row: Mapping, m: Measure) -> str:
        says = _(CHANGE_WORDS.get(row["change_class"], row["change_class"]))
        if row["change"] is None:
            return says
        if row["change_class"] == "not classed":
            return difference(row["change"], m)
        return _("{change} {says}").format(change=difference(row["change"], m), says=says)

    def _beside(self, row: Mapping, m: Measure) -> str:
        """How many it rests on, and the district's and the network's number of the same year."""
        parts = [_("{n} {counted}").format(n=count(row["n"]), counted=m.counted)]
        for unit, words in (("district", N_("district {value}")), ("network", N_("network {value}"))):
            value = self._near.get((unit, m.id), {}).get(row["school_year"])
            if value is not None:
                parts.append(_(words).format(value=m.write(value, sign=False)))
        return " · ".join(parts)

    def _closing(self, mine: list[Measure]) -> str:
        """What is said small at the foot: changes, levels, what is withheld, sources."""
        lower = [_name(m) for m in mine if m.better == "down"]
        gone = [table for table, _ids in self.prepared.notes.missing]
        works = [work for work in dict.fromkeys(_cited(m.source) for m in mine) if _YEAR.search(work)]
        said = [
            _("Lower is better: {names}.").format(names=listing(lower)) if lower else "",
            _("Changes are from the year before, in points: clear where chance alone would hardly make them."),
            _("3/10: level 3 of 10 on the CORE districts’ scale.") if self._levels else "",
            _("Not shown: fewer than {minimum}, or protects a group that small.").format(minimum=self.prepared.minimum),
            _("The records do not hold: {tables}.").format(tables=listing(gone)) if gone else "",
            _("Sources: {sources}.").format(sources="; ".join(works)) if works else "",
            _("How each is counted: see the school’s report."),
        ]
        return f'<p class="note">{escape(" ".join(s for s in said if s))}</p>'


def _name(m: Measure) -> str:
    long = any(len(other.name) > _LONGEST_NAME for other in measures().values() if other.theme == m.theme)
    return m.short if long else m.name


def _construct(m: Measure) -> str:
    return m.name.rsplit(" (", 1)[0]


def _cited(source: str) -> str:
    """Return the work that a source names, without what is said of it."""
    work = re.split(r"[:;]", _PLACE.sub("", source), maxsplit=1)[0].rstrip(". ")
    return work + ")" * (work.count("(") - work.count(")"))


def _bound(text: str) -> str:
    """A number keeps its sign on its line."""
    return escape(text).replace(" ", "\u00a0")


def one_page(
    data: str | Path,
    school_id: str = "",
    school_year: int = 0,
    minimum: int = REPORT_MINIMUM,
    live: bool = True,
    language: str = "en",
) -> OnePage:
    """Open the sheet of one school; parameters and errors are those of :func:`kit.reports.school.school_report`."""
    report = school_report(data, school_id, school_year, minimum, live, language)
    return OnePage(report.prepared, report.school_id, live, report.language)
