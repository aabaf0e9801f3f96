"""The end of a district's and the network's report: what the data lack, and how everything is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from kit.charts.derived import Rows, rows
from kit.charts.words import listing, year
from kit.compare.concern import CANNOT_TELL as LEVELS_CANNOT_TELL
from kit.compare.gaps import CANNOT_TELL as GAPS_CANNOT_TELL
from kit.language import _, ngettext, number
from kit.measures.registry import Measure, group_name, measures
from kit.reports import closing
from kit.reports.overview_settings import OverviewSettings
from kit.reports.prepared import Prepared

__all__ = ["definitions", "lacking"]


def lacking(
    prepared: Prepared,
    glance: Rows,
    own: Iterable[Mapping],
    schools: Sequence[Mapping[str, str]],
    withheld: Mapping[str, Sequence[str]],
) -> str:
    """Return what is withheld, which schools have no number, which tables are missing, and what nothing here tells.

    Parameters
    ----------
    prepared : Prepared
    glance : Rows
        Rows of ``kit.compare.at_a_glance`` of the schools.
    own : iterable of mapping
        The unit's own rows at a glance.
    schools : sequence of mapping
    withheld : mapping
        For each measure the student groups of the unit whose number is withheld.
    """
    known = measures()
    small = _(
        "A number that rests on fewer than {n} students or answers is not shown, and now and then a larger one is left "
        "out too, because the small one could be worked out from it. A district’s number is withheld where it would "
        "give a school’s away."
    ).format(n=prepared.minimum)
    items = []
    for m, text in _withheld_schools(glance).items():
        items.append(f"<li>{escape(known[m].short)}: <small>{escape(text)}</small></li>")
    groups = [
        f"<li>{escape(known[m].short)}: <small>{escape(listing([group_name(g) for g in some]))}</small></li>"
        for m, some in withheld.items()
        if m in known
    ]
    seen = {r["unit_id"] for r in rows(glance)}
    without = [s["school_name"] for s in schools if s["school_id"] not in seen]
    of_schools = {r["measure"] for r in rows(glance)}
    here = {r["measure"] for r in own}
    absent = [m.short for m in known.values() if m.theme != "surveys" and m.id not in here | of_schools]
    schools_only = [m.short for m in known.values() if m.id in of_schools - here]
    later = [
        _("{measure}: {year}").format(measure=known[m].short, year=year(y))
        for m, y in prepared.latest.items()
        if y != prepared.school_year and m in known
    ]
    lacks = [
        (_("Not in these records: {measures}."), absent),
        (_("Only schools have a number of these: {measures}."), schools_only),
        (_("The latest year of these is an earlier one: {measures}."), later),
        (_("Schools without any number this year: {measures}."), without),
    ]
    missing = "".join(f"<li>{escape(text.format(measures=listing(some)))}</li>" for text, some in lacks if some)
    missing += "".join(closing.lack(table, ids) for table, ids in prepared.notes.missing)
    nothing = f'<p class="nothing">{escape(_("Nothing is missing."))}</p>'
    cannot = "".join(f"<li>{escape(_(text))}</li>" for text in (*LEVELS_CANNOT_TELL, *GAPS_CANNOT_TELL))
    return (
        f"<h3>{escape(_('Withheld to protect students'))}</h3><p>{escape(small)}</p>"
        + _list(_("Schools whose number is not shown"), items)
        + _list(_("Student groups whose number here is not shown"), groups)
        + f"<h3>{escape(_('What the records do not hold'))}</h3>"
        + (f"<ul>{missing}</ul>" if missing else nothing)
        + f'<h3>{escape(_("What these numbers cannot tell"))}</h3><ul class="columns">{cannot}</ul>'
    )


def _list(title: str, items: Sequence[str]) -> str:
    return f'<h4>{escape(title)}</h4><ul class="columns">{"".join(items)}</ul>' if items else ""


def _withheld_schools(glance: Rows) -> dict[str, str]:
    counts: dict[str, int] = {}
    for r in rows(glance):
        if r["value"] is None:
            counts[r["measure"]] = counts.get(r["measure"], 0) + 1
    return {
        m: ngettext("{n} school", "{n} schools", counts[m]).format(n=number(counts[m]))
        for m in measures()
        if m in counts
    }


def definitions(shown: Sequence[Measure], prepared: Prepared, settings: OverviewSettings) -> str:
    """Return how each measure is counted, and the choices behind this page."""
    says = "".join(f"<li>{escape(text)}</li>" for text in settings.assumptions())
    return (
        f'<h3>{escape(_("Choices behind this page"))}</h3><ul class="choices columns">{says}</ul>'
        + closing.definitions(shown, prepared)
    )
