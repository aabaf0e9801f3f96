"""The end of a school's report: what is not shown and why, and how every measure is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Rows
from kit.charts.glance_table import THEMES
from kit.charts.groups import withheld_groups
from kit.charts.words import listing, year
from kit.compare.composition import CANNOT_TELL as SHARES_CANNOT_TELL
from kit.compare.concern import CANNOT_TELL as LEVELS_CANNOT_TELL
from kit.compare.gaps import CANNOT_TELL as GAPS_CANNOT_TELL
from kit.compare.settings import CompareSettings
from kit.growth.limits import limits
from kit.language import N_, _, tell
from kit.measures.registry import Measure, measures
from kit.reports.prepared import Prepared
from kit.rules.assumptions import assumed

__all__ = ["definitions", "lack", "not_shown"]


def not_shown(rows_of: Mapping[str, Rows], prepared: Prepared) -> str:
    """Return the withheld groups, the measures that the records do not give, and what the numbers cannot tell."""
    known = measures()
    by_groups: dict[str, list[str]] = {}
    for measure_id, some in rows_of.items():
        hidden = withheld_groups(some, prepared.latest.get(measure_id, prepared.school_year))
        if hidden:
            named = by_groups.setdefault(listing(hidden), [])
            if _called(known[measure_id]) not in named:
                named.append(_called(known[measure_id]))
    items = "".join(
        f"<li>{escape(groups)} <small>{escape(_('in {measures}').format(measures=listing(names)))}</small></li>"
        for groups, names in by_groups.items()
    )
    why = _(
        "A number that rests on fewer than {n} students or answers is not shown: it could tell of a single student, "
        "and it swings by chance. Now and then a larger group is left out too, because the small one could be "
        "worked out from it. In this report:"
    ).format(n=prepared.minimum)
    none = f'<p class="nothing">{escape(_("No student group is left out."))}</p>'
    small = f"<p>{escape(why)}</p>" + (f"<ul>{items}</ul>" if items else none)
    absent = listing([m.short for m in known.values() if m.id not in rows_of and m.theme != "surveys"])
    missing = ""
    if absent:
        text = _("No number of this school, because of its grades or because the records do not give it: {measures}.")
        missing = f"<p>{escape(text.format(measures=absent))}</p>"
    lacks = "".join(lack(table, ids) for table, ids in prepared.notes.missing)
    cannot = "".join(f"<li>{escape(_(text))}</li>" for text in (*LEVELS_CANNOT_TELL, *GAPS_CANNOT_TELL[:2]))
    nothing = f'<p class="nothing">{escape(_("Nothing is missing."))}</p>'
    return (
        f"<h3>{escape(_('Small groups'))}</h3>{small}<h3>{escape(_('What the records do not hold'))}</h3>"
        + (missing + (f"<ul>{lacks}</ul>" if lacks else "") or nothing)
        + f'<h3>{escape(_("What these numbers cannot tell"))}</h3><ul class="columns">{cannot}</ul>'
    )


_ANSWERS = {"student": N_("students’ answers"), "staff": N_("staff answers"), "family": N_("families’ answers")}


def _called(measure: Measure) -> str:
    if measure.theme == "surveys":
        return _(_ANSWERS[measure.respondent])
    return measure.short


def lack(table: str, ids: Sequence[str]) -> str:
    """Say which measures a missing table switches off, as an item of a list."""
    known = measures()
    off = listing(list(dict.fromkeys(_called(known[i]) for i in ids if i in known)), 8)
    text = escape(_("There is no table {table}, which switches off {measures}."))
    return f"<li>{text.format(table=f'<b>{escape(table)}</b>', measures=escape(off))}</li>"


def definitions(shown: Sequence[Measure], prepared: Prepared) -> str:
    """Return each measure's definition, population and source, with an anchor, by theme."""
    parts = []
    for theme, name in THEMES.items():
        some = [m for m in shown if m.theme == theme]
        if some:
            entries = "".join(_survey_entries(some) if theme == "surveys" else map(_entry, some))
            parts.append(f'<h3>{escape(_(name))}</h3><dl class="definitions">{entries}</dl>')
    title = escape(_("Levels, growth and schools like ours"))
    parts.append(f'<h3>{title}</h3><dl class="definitions">{_ways(prepared)}</dl>')
    says = "".join(f"<li>{escape(a.removeprefix('ASSUMPTION: '))}</li>" for a in CompareSettings().assumptions())
    made = (
        _("{network}: made from its records up to the school year {year}, by the Improvement Inquiry Kit.")
        if prepared.notes.network
        else _("Made from the records up to the school year {year}, by the Improvement Inquiry Kit.")
    ).format(network=prepared.notes.network, year=year(prepared.school_year))
    none_official = _("None of these has an official source; each is a setting of the kit.")
    return (
        "".join(parts) + f"<h3>{escape(_('Choices behind the comparisons'))}</h3><p>{escape(none_official)}</p>"
        f'<ul class="choices columns">{says}</ul><p class="note">{escape(made)}</p>'
    )


def _ways(prepared: Prepared) -> str:
    """Return how levels, next levels, colours, growth and the match of schools are made."""
    notes = prepared.notes
    levels = (
        _(
            "A level from 1 to 10 says between which cut points a number lies. The cut points stay the same from year "
            "to year, so every school can rise. 8 to 10 is above average, 4 to 7 average, 1 to 3 below, by the schools "
            "of its level in the year of the cut points."
        )
        + (f" {tell(*notes.baseline)}" if notes.baseline[0] else ""),
        _("Growth has its own levels: a percentile of 0 to 9 is level 1, of 90 to 100 level 10."),
        _(
            "How many students would reach a higher level is arithmetic on this year’s students: the fewest whose "
            "result would have to be another one. It is no target, and it names nobody."
        ),
        *(_(a.text) for a in assumed("core.toml", "deciles", "few-schools", "growth-whole")),
        _("An index that adds the levels up to one number is left out on purpose: no school is one number."),
    )
    ways = [
        (
            "levels",
            _("Levels 1 to 10"),
            levels,
            _("CORE School Quality Improvement Index (Marsh et al. 2016)."),
        )
    ]
    if notes.california:
        colours = tuple(tell(*said) for said in notes.california)
        source = _("Cut points and colours of the state’s tables.")
        ways.append(("california", _("California Dashboard"), colours, source))
    growth = _("American Statistical Association 2014; Hough, Byun and Mulfinger 2018.")
    ways.append(("growth", _("What growth cannot tell"), limits(), growth))
    matching = (
        _(
            "Schools like ours are of the same level, and nearest in the shares of economically disadvantaged "
            "students, English learners, students with disabilities and each race or ethnicity, and in size. Each "
            "is divided by its spread over the schools of the level; the race shares together weigh as much as one "
            "other. CORE’s own rule is not published: this one is an assumption."
        ),
        _(
            "Named as improving more are those among the nearest whose number moved further in the direction of "
            "improvement than this school’s, over the years in the folder, at most three back."
        ),
        *(_(text) for text in SHARES_CANNOT_TELL),
    )
    paired = _("Choice of the kit, after the pairing of Marsh et al. 2016.")
    ways.append(("matching", _("Schools like ours"), matching, paired))
    return "".join(
        f'<div id="def-{anchor}"><dt>{escape(name)}</dt>{"".join(f"<dd>{escape(t)}</dd>" for t in texts)}'
        f"{_labelled(_('Source:'), source)}</div>"
        for anchor, name, texts, source in ways
    )


def _entry(measure: Measure) -> str:
    better = _("Lower is better.") if measure.better == "down" else _("Higher is better.")
    return (
        f'<div id="def-{measure.id}"><dt>{escape(measure.name)}</dt>'
        f"<dd>{escape(measure.definition)} {escape(better)}</dd>"
        f"{_labelled(_('Who is counted:'), measure.population)}{_labelled(_('Source:'), measure.source)}</div>"
    )


def _labelled(label: str, text: str) -> str:
    return f"<dd><b>{escape(label)}</b> {escape(text)}</dd>"


def _survey_entries(some: Sequence[Measure]) -> list[str]:
    """Return one entry a construct; the measures of its respondents share it."""
    by: dict[str, list[Measure]] = {}
    for m in some:
        by.setdefault(m.construct, []).append(m)
    share = _("The share of answers of 4 or 5 on a scale of 1 to 5, out of all answers. Higher is better.")
    out = []
    for construct, same in by.items():
        anchors = "".join(f'<span id="def-{m.id}"></span>' for m in same)
        counted = " ".join(dict.fromkeys(m.population for m in same))
        out.append(
            f"<div><dt>{anchors}{escape(construct)}</dt><dd>{escape(same[0].plain)} {escape(share)}</dd>"
            f"{_labelled(_('Who is counted:'), counted)}{_labelled(_('Source:'), same[0].source)}</div>"
        )
    return out
