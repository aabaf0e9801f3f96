"""What changed since the year before among a district's or the network's schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Rows, rows
from kit.charts.display import unbroken
from kit.charts.movements import movements
from kit.charts.words import change, count, difference, year
from kit.compare.settings import CompareSettings
from kit.language import _, ngettext, number
from kit.measures.registry import measures
from kit.reports.overview_settings import OverviewSettings
from kit.reports.plan import alphabetical
from kit.reports.same_people import and_more, counted_once

__all__ = ["changes"]


def changes(
    glance: Rows,
    links: Mapping[str, str],
    files: Mapping[str, str],
    names: Mapping[str, str],
    settings: OverviewSettings,
) -> str:
    """Return how many schools moved on each measure, and the largest clear changes in both directions.

    Parameters
    ----------
    glance : Rows
        Rows of ``kit.compare.at_a_glance`` of the schools.
    links : mapping
        Each school's name as a link, by id.
    files : mapping
        Each school's report by id.
    names : mapping
        Names by id, to sort by.
    settings : OverviewSettings

    Returns
    -------
    str
        HTML; all text is escaped.
    """
    found = [r for r in rows(glance) if r["change"] is not None]
    tried = [r for r in found if r["change_low"] is not None]
    clear = {k: [r for r in tried if r["change_class"] == k] for k in ("improved", "worsened")}
    if not tried:
        return f'<p class="nothing">{escape(_("No change from the year before has an interval."))}</p>'
    by_chance = round((1 - CompareSettings().confidence) * len(tried))
    moved = len(clear["improved"]) + len(clear["worsened"])
    small = sum(r["change_class"] == "too small to say" for r in tried)
    said = _(
        "{n} numbers of schools could be set beside the year before, with an interval. {moved} changed clearly; in "
        "about {chance} of so many, chance alone would look like a clear change. {small} rest on too few students to "
        "say. Means and percentiles have no interval here and are left out."
    ).format(n=number(len(tried)), moved=number(moved), chance=number(by_chance), small=number(small))
    counted = movements(glance, caption=_("How many schools changed clearly since the year before, by measure."))
    parts = [f'<p class="how">{escape(said)}</p>{counted}']
    for kind, title in (("improved", _("Largest clear improvements")), ("worsened", _("Largest clear worsenings"))):
        parts.append(_listed(clear[kind], title, links, files, names, settings.most_changes, kind))
    return "".join(parts)


def _listed(
    clear: Sequence[Mapping],
    title: str,
    links: Mapping[str, str],
    files: Mapping[str, str],
    names: Mapping[str, str],
    most: int,
    kind: str,
) -> str:
    order = {m: i for i, m in enumerate(measures())}
    clear = counted_once(clear)
    kept = sorted(clear, key=lambda c: (-round(abs(c[0]["change"]), 9), order[c[0]["measure"]], c[0]["unit_id"]))[:most]
    kept.sort(key=lambda c: (alphabetical(names[c[0]["unit_id"]]), c[0]["unit_id"], order[c[0]["measure"]]))
    if not kept:
        return f'<h3>{escape(title)}</h3><p class="nothing">{escape(_("There is none."))}</p>'
    heads = (_("School"), _("Measure"), _("Change and its interval"), _("From and to"), _("Counted now (before)"))
    lines = "".join(_line(r, more, links, files, heads, kind) for r, more in kept)
    more = ""
    if len(clear) > len(kept):
        rest = len(clear) - len(kept)
        text = ngettext("{n} smaller change is not listed.", "{n} smaller changes are not listed.", rest)
        more = f'<p class="note">{escape(text.format(n=number(rest)))}</p>'
    caption = escape(
        _("{title}, in alphabetical order of the schools; the surveys of the same people are one line.").format(
            title=title
        )
    )
    head = "".join(f'<th role="columnheader" scope="col">{escape(h)}</th>' for h in heads)
    return (
        f'<h3>{escape(title)}</h3><table role="table" class="listed"><caption>{caption}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{lines}</tbody></table>{more}'
    )


def _line(
    r: Mapping, more: int, links: Mapping[str, str], files: Mapping[str, str], heads: Sequence[str], kind: str
) -> str:
    m = measures()[r["measure"]]
    low, high = difference(r["change_low"], m), difference(r["change_high"], m)
    moved = _("{change} ({low} to {high})").format(change=change(r["change"], m), low=low, high=high)
    span = _("{before} in {year_before}, {now} in {year}").format(
        before=m.write(r["previous_value"]),
        year_before=year(r["school_year"] - 1),
        now=m.write(r["value"]),
        year=year(r["school_year"]),
    )
    n = _("{n} {counted} ({before})").format(n=count(r["n"]), counted=m.counted, before=count(r["previous_n"]))
    place = f'<a href="{escape(files[r["unit_id"]])}#m-{m.id}">{escape(m.short)}</a>{escape(and_more(r, more))}'
    cells = (place, unbroken(moved), unbroken(span), escape(n))
    inner = "".join(
        f'<td role="cell" data-label="{escape(h)}"{f" class={kind!r}" if i == 1 else ""}>{c}</td>'
        for i, (h, c) in enumerate(zip(heads[1:], cells, strict=True))
    )
    return f'<tr role="row"><th role="rowheader" scope="row">{links[r["unit_id"]]}</th>{inner}</tr>'
