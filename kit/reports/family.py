"""The report for families: a few numbers of one school in everyday words, with a picture each.

Nothing on it is about a student group or a grade: only numbers of all students that are released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path

from kit.charts.derived import gather, pick, rows
from kit.charts.display import Html
from kit.charts.hundred import hundred, of_hundred
from kit.charts.words import count, year
from kit.compare.words import as_text, level_words, sentence_start
from kit.language import N_, Language, _, in_its_language, number, the_language
from kit.privacy import REPORT_MINIMUM
from kit.reports import looks
from kit.reports.family_words import COMMON_QUESTIONS, LIMITS, TOPICS, Topic, grade_words
from kit.reports.prepared import Prepared
from kit.reports.school import school_report
from kit.reports.section import Section

__all__ = ["FamilyReport", "family_report"]

MOST_TOPICS = 8
MOST_QUESTIONS = 6
_KINDS = {
    "elementary": N_("{school} is an elementary school in {district}."),
    "middle": N_("{school} is a middle school in {district}."),
    "high": N_("{school} is a high school in {district}."),
}
# Measures that count students of a school, the nearest to «everyone enrolled» first.
_SIZES = ("suspension", "chronic_absence", "attendance_rate")
# What the number of a measure did since the year before; what is not here is not said.
_CHANGES = {
    "improved": N_("Better than last year ({share})."),
    "worsened": N_("Not as good as last year ({share})."),
    "no clear change": N_("Last year: {share}. The change is too small to be sure."),
    "not classed": N_("Last year: {share}."),
}
# The same, where both years are written alike.
_HARDLY = {
    "improved": N_("A little better than last year."),
    "worsened": N_("A little worse than last year."),
    "no clear change": N_("About the same as last year."),
    "not classed": N_("About the same as last year."),
}


def _share(value: float) -> str:
    """Write a percentage in everyday words: ``12 of 100``."""
    if 0 < value < 0.5:
        return _("fewer than 1 of 100")
    if 99.5 <= value < 100:
        return _("more than 99 of 100")
    return _("{n} of 100").format(n=number(of_hundred(value)))


@dataclass(frozen=True)
class FamilyReport:
    """One school's numbers for families.

    Attributes
    ----------
    prepared : Prepared
        The numbers of all schools.
    school_id : str
    live : bool
        True where a person looks at it in JupyterLab.
    language : Language
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
        return {r["measure"]: r for r in rows(found) if r["value"] is not None}

    @cached_property
    def _topics(self) -> tuple[Topic, ...]:
        return tuple(t for t in TOPICS if t.measure in self._glance)[:MOST_TOPICS]

    @cached_property
    def _district(self) -> dict[tuple[str, int], float]:
        """The district's numbers of all students by measure and year."""
        positions = self.prepared.units.get(("district", self.school.get("district_id", "")), [])
        return {
            (r["measure"], r["school_year"]): r["value"]
            for r in rows(gather(pick(self.prepared.released, positions)))
            if r["student_group"] == "all" and r["grade"] == "all" and r["value"] is not None
        }

    @in_its_language
    def header(self) -> Section:
        """Say what the school is."""
        school = self.school
        name, district = as_text(school.get("school_name")), as_text(school.get("district_name"))
        kind = _KINDS.get(school.get("level", ""), N_("{school} is a school in {district}."))
        said = [_(kind).format(school=name, district=district)]
        low, high = school.get("low_grade", ""), school.get("high_grade", "")
        if low and high and low != high:
            said.append(
                _("It teaches students from {first} to {last}.").format(first=grade_words(low), last=grade_words(high))
            )
        elif low or high:
            said.append(_("It teaches students in {grade}.").format(grade=grade_words(low or high)))
        size = next((self._glance[m]["n"] for m in _SIZES if m in self._glance and self._glance[m]["n"]), None)
        if size and self._glance[next(m for m in _SIZES if m in self._glance)]["school_year"] == self._year:
            said.append(_("{n} students were here in {year}.").format(n=count(size), year=year(self._year)))
        style = f"<style>{(looks.folder() / 'family.css').read_text(encoding='utf-8')}</style>"
        return self._section(
            looks.live_style() if self.live else "", style, f'<p class="lead">{escape(" ".join(said))}</p>'
        )

    @property
    def _year(self) -> int:
        return self.prepared.school_year

    @in_its_language
    def numbers(self) -> Section:
        """Up to eight numbers, each with a picture of a hundred dots."""
        if not self._topics:
            return self._section(self._nothing(_("There is no number of this school that can be shown.")))
        cards = "".join(self._card(t) for t in self._topics)
        return self._section(f'<ul class="cards">{cards}</ul>')

    def _card(self, topic: Topic) -> str:
        row = self._glance[topic.measure]
        said = sentence_start(_(topic.says).format(share=_share(row["value"])))
        more = []
        if row["school_year"] != self._year:
            more.append(_("This number is of {year}.").format(year=year(row["school_year"])))
        if row["change_class"] in _CHANGES and row["previous_value"] is not None:
            was = _share(row["previous_value"])
            words = _HARDLY if was == _share(row["value"]) else _CHANGES
            text = words[row["change_class"]]
            more.append(_(text).format(share=was))
        beside = self._district.get((topic.measure, row["school_year"]))
        if beside is not None:
            more.append(_("All schools of the district together: {share}.").format(share=_share(beside)))
        return (
            f"<li><h3>{escape(_(topic.title))}</h3>{hundred(row['value'], _(topic.what))}"
            f'<p>{escape(said)}</p><p class="beside">{escape(" ".join(more))}</p></li>'
        )

    @in_its_language
    def going_well(self) -> Section:
        """What is clearly better than last year, or better than at most schools of its level."""
        items = self._standing("improved", "strength")
        none = _(
            "From these numbers we cannot say that anything is clearly better than last year, or better than at most "
            "schools. Much of what goes well is in no number."
        )
        return self._section(self._listed(items) or self._nothing(none))

    @in_its_language
    def working_on(self) -> Section:
        """What the school says it works on, and which numbers need a closer look."""
        own = self.prepared.notes.working_on.get(self.school_id, {})
        texts = own.get(self.language.tag) or own.get("") or own.get("en", [])
        items = self._standing("worsened", "look closer")
        parts = []
        if texts:
            parts += [f"<p>{escape(_('The school writes:'))}</p>", self._listed([escape(as_text(t)) for t in texts])]
        if items:
            parts += [f"<p>{escape(_('These numbers need a closer look:'))}</p>", self._listed(items)]
        if not items:
            none = _(
                "From these numbers we cannot say that anything is clearly worse than last year, or worse than at most "
                "schools."
            )
            parts.append(self._nothing(none))
        if not texts:
            parts.append(
                f"<p>{escape(_('Numbers do not show what a school works on. Ask what it is trying now.'))}</p>"
            )
        return self._section(*parts)

    def _standing(self, moved: str, stands: str) -> list[str]:
        """Say of each measure on the page whether it moved or stands out, as escaped text."""
        good = stands == "strength"
        out = []
        for topic in self._topics:
            row = self._glance[topic.measure]
            has_moved, stands_out = row["change_class"] == moved, row["concern"] == stands
            if has_moved and stands_out:
                text = (
                    _("better than last year, and better than at most {schools} here")
                    if good
                    else _("not as good as last year, and not as good as at most {schools} here")
                )
            elif has_moved:
                text = _("better than last year") if good else _("not as good as last year")
            elif stands_out:
                text = _("better than at most {schools} here") if good else _("not as good as at most {schools} here")
            else:
                continue
            said = text.format(schools=level_words(row["level"]))
            out.append(f"<b>{escape(_(topic.title))}</b>: {escape(said)}.")
        return out

    @in_its_language
    def questions(self) -> Section:
        """What a family may ask: first of the numbers that need a closer look."""
        closer = [
            t
            for t in self._topics
            if self._glance[t.measure]["change_class"] == "worsened"
            or self._glance[t.measure]["concern"] == "look closer"
        ]
        own = [t.question for t in [*closer, *(t for t in self._topics if t not in closer)]]
        asked = [*own[: MOST_QUESTIONS - len(COMMON_QUESTIONS)], *COMMON_QUESTIONS]
        return self._section(self._listed([escape(_(q)) for q in asked]))

    @in_its_language
    def limits(self) -> Section:
        """What the numbers cannot say, and what is left out."""
        small = _(
            "We leave out every number about fewer than {n} students. So nobody can tell from it how one child is "
            "doing."
        ).format(n=self.prepared.minimum)
        return self._section(self._listed([escape(_(text)) for text in LIMITS] + [escape(small)]))

    def _listed(self, items: list[str]) -> str:
        return f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>" if items else ""

    def _nothing(self, text: str) -> str:
        return f'<p class="nothing">{escape(text)}</p>'

    def _section(self, *parts: str) -> Section:
        return Section((Html("".join(parts)),), self.live)


def family_report(
    data: str | Path,
    school_id: str = "",
    school_year: int = 0,
    minimum: int = REPORT_MINIMUM,
    live: bool = True,
    language: str = "en",
) -> FamilyReport:
    """Open the report of one school for families; parameters and errors as of ``kit.reports.school.school_report``."""
    report = school_report(data, school_id, school_year, minimum, live, language)
    return FamilyReport(report.prepared, report.school_id, live, report.language)
