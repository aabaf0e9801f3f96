"""The first screens of a school's report: which school, the key to the levels, and what stands out in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Rows, rows
from kit.charts.display import Html, unbroken
from kit.charts.palette import LEVELS, level
from kit.charts.words import count, year
from kit.language import N_, _, tell
from kit.measures.registry import measure
from kit.reports.looks import live_style
from kit.reports.prepared import Prepared

__all__ = ["header", "levels_key", "levels_note", "sentences"]

# The measures whose denominator is nearest to "students of the school", the best first, with its words.
_SIZES = (
    ("suspension", N_("students enrolled at any time in the year")),
    ("chronic_absence", N_("students with a known school day")),
    ("attendance_rate", N_("students with a known school day")),
)


_LEVELS = {
    "elementary": N_("Elementary school"),
    "middle": N_("Middle school"),
    "high": N_("High school"),
    "other": N_("Other"),
}
_KINDS = (("charter", N_("Charter")), ("title_i", N_("Title I")))
_SAYS = {
    "strength": N_("among the most favourable quarter of the schools of its level"),
    "typical": N_("in the middle half"),
    "look_closer": N_("among the least favourable quarter"),
    "too_few_to_say": N_("too few students, or too few schools, to compare"),
}


def _level(level: str) -> str:
    return _(_LEVELS[level]) if level in _LEVELS else level.capitalize()


def _grades(school: dict[str, str]) -> str:
    low, high = school.get("low_grade", ""), school.get("high_grade", "")
    return low if low == high else _("{first} to {last}").format(first=low, last=high) if low and high else low or high


def _size(released: Rows, school_year: int) -> tuple[str, str] | None:
    by = {
        r["measure"]: r["n"]
        for r in rows(released)
        if r["unit_type"] == "school" and r["school_year"] == school_year and r["n"] is not None
    }
    return next(((count(by[m]), _(words)) for m, words in _SIZES if m in by), None)


def header(school: dict[str, str], released: Rows, prepared: Prepared, *, live: bool) -> tuple[Html, ...]:
    """Return the facts of the school."""
    facts = [
        (_("District"), escape(school.get("district_name", ""))),
        (_("Level"), escape(_level(school.get("level", "")))),
        (_("Grades"), escape(_grades(school))),
    ]
    size = _size(released, prepared.school_year)
    if size:
        facts.append((_("Size"), f"{size[0]} <small>{escape(size[1])}</small>"))
    facts.append((_("School year"), year(prepared.school_year)))
    kinds = [_(words) for column, words in _KINDS if _yes(school.get(column))]
    if kinds:
        facts.append((_("Kind"), escape(", ".join(kinds))))
    items = "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in facts if value)
    page = Html(f'<dl class="facts">{items}</dl>')
    if not live:
        return (page,)
    return (Html(live_style()), Html(f"<h2>{escape(school.get('school_name', ''))}</h2>{page.html}"))


def _yes(value: str | None) -> bool:
    return str(value or "").lower() in ("true", "1", "1.0", "y", "yes")


def levels_key() -> str:
    """Return the four levels of concern in words, each with its shape."""
    items = "".join(
        f'<li><span class="level {mark.id}"><i aria-hidden="true">{mark.shape}</i> {escape(mark.word)}</span> '
        f"{escape(_(_SAYS[mark.id]))}</li>"
        for mark in map(level, LEVELS)
    )
    return f'<ul class="key">{items}</ul>'


def levels_note(baseline: tuple[str, dict], levels: Sequence[Mapping]) -> str:
    """Say where the levels from 1 to 10 come from, or why most measures have none."""
    if any(measure(r["measure"]).unit != "percentile" for r in levels):
        parts = (_("Levels from 1 to 10 are those of the CORE districts."), tell(*baseline))
        text = " ".join(part for part in parts if part)
    else:
        text = _(
            "No levels from 1 to 10 of most measures: too few schools of this level had numbers to make cut points of."
        )
    return f'<p class="note">{escape(text)} <a href="#def-levels">{escape(_("How levels are made"))}</a></p>'


def sentences(found: Sequence[dict]) -> str:
    """Return the strengths, the questions and the cautions as lists; all text is escaped."""
    parts = []
    for kind, title, none in (
        ("strength", _("Strengths"), _("No strength stands out more than chance would.")),
        ("question", _("Questions to ask"), _("No question stands out more than chance would.")),
    ):
        lines = [r for r in found if r["kind"] == kind]
        items = "".join(f"<li>{unbroken(r['text'])}{_link(r['measure'])}</li>" for r in lines)
        body = f"<ul>{items}</ul>" if items else f'<p class="nothing">{escape(none)}</p>'
        parts.append(f'<section class="says {kind}"><h3>{escape(title)}</h3>{body}</section>')
    cautions = " ".join(escape(r["text"]) for r in found if r["kind"] == "caution")
    tail = f'<p class="note">{cautions}</p>' if cautions else ""
    return f'<div class="pair">{"".join(parts)}</div>{tail}'


def _link(measure_id: str | None) -> str:
    if not measure_id:
        return ""
    name = escape(_("See the display: {measure}").format(measure=measure(measure_id).short))
    return f' <a class="more" href="#m-{measure_id}" aria-label="{name}">{escape(_("See the display"))}</a>'
