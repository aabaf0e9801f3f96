"""Bright spots, and where to look first: schools named with their reason, in alphabetical order, never by rank."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape

from kit.charts.display import unbroken
from kit.charts.words import change, difference
from kit.compare.bright_spots import CANNOT_TELL
from kit.compare.words import group_words, people
from kit.language import _, ngettext, number
from kit.measures.registry import measures
from kit.reports.attention import REASONS, Reason
from kit.reports.overview_settings import OverviewSettings
from kit.reports.plan import alphabetical
from kit.reports.same_people import and_more, counted_once

__all__ = ["attention", "bright"]


def attention(found: Sequence[Reason], links: Mapping[str, str]) -> str:
    """Return the reasons, under each its schools with the numbers behind it and a question to take along.

    Parameters
    ----------
    found : sequence of Reason
    links : mapping
        Each school's name as a link, by id.
    """
    if not found:
        return f'<p class="nothing">{escape(_("No school stands out by the rules of this list."))}</p>'
    tellers: dict[str, Callable[[Mapping], str]] = {
        "last_and_worse": _moved,
        "several_worse": _moved,
        "several_themes": _value,
        "below_predicted": _against_prediction,
        "gap_widening": _gap,
    }
    parts = []
    for reason in found:
        title, question = REASONS[reason.id]
        items = "".join(_item(links[s], _told(some, tellers[reason.id])) for s, some in reason.schools)
        more = ""
        if reason.left_out:
            text = ngettext(
                "{n} more school has this reason and is not listed.",
                "{n} more schools have this reason and are not listed.",
                reason.left_out,
            )
            more = f'<p class="note">{escape(text.format(n=number(reason.left_out)))}</p>'
        parts.append(
            f'<section class="says question"><h3>{escape(_(title))}</h3><p class="ask">{escape(_(question))}</p>'
            f'<ul class="named">{items}</ul>{more}</section>'
        )
    return "".join(parts)


def _told(some: Sequence[Mapping], tell: Callable[[Mapping], str]) -> list[str]:
    """Write each row; of the surveys of the same people one, and how many more there are."""
    if "unit_id" not in some[0]:
        return [tell(r) for r in some]
    return [tell(r) + and_more(r, more) for r, more in counted_once(some)]


def _item(link: str, lines: Iterable[str]) -> str:
    return f"<li>{link}: {'; '.join(unbroken(t) for t in lines)}.</li>"


def _value(r: Mapping) -> str:
    m = measures()[r["measure"]]
    return _("{measure} {value}").format(measure=m.short, value=m.write(r["value"]))


def _moved(r: Mapping) -> str:
    m = measures()[r["measure"]]
    text = _("{measure} {value} ({people}), {change}")
    if r["change_low"] is not None:
        text = _("{measure} {value} ({people}), {change} (interval {low} to {high})")
    return text.format(
        measure=m.short,
        value=m.write(r["value"]),
        people=people(m.id, r["n"]),
        change=change(r["change"], m),
        low=difference(r["change_low"], m),
        high=difference(r["change_high"], m),
    )


def _against_prediction(r: Mapping) -> str:
    m = measures()[r["measure"]]
    return _("{measure} {value} ({people}); schools with such students and size: about {predicted}").format(
        measure=m.short, value=m.write(r["value"]), people=people(m.id, r["n"]), predicted=m.write(r["predicted"])
    )


def _gap(r: Mapping) -> str:
    m = measures()[r["measure"]]
    # Written as growth whichever way the gap points: of a share at the standard it widens downwards.
    way = -1 if r["gap_change"] < 0 else 1
    low, high = sorted((way * r["gap_change_low"], way * r["gap_change_high"]))
    return _(
        "{measure}, {group}: {value} against {other} ({people}); the gap grew by {change} (interval {low} to {high})"
    ).format(
        measure=m.short,
        group=group_words(r["student_group"]),
        value=m.write(r["value"]),
        other=m.write(r["other_value"]),
        people=people(m.id, r["n"]),
        change=difference(way * r["gap_change"], m),
        low=difference(low, m),
        high=difference(high, m),
    )


def bright(
    glance: Iterable[Mapping],
    predicted: Iterable[Mapping],
    spots: Iterable[Mapping],
    links: Mapping[str, str],
    names: Mapping[str, str],
    settings: OverviewSettings,
) -> str:
    """Return the schools to learn from, by what they have to show, and what that cannot tell.

    Parameters
    ----------
    glance : iterable of mapping
        Rows of ``kit.compare.at_a_glance`` of the schools.
    predicted, spots : iterable of mapping
        Rows of ``kit.reports.overview_tables.predicted`` and ``spots``; other schools' are passed over.
    links, names : mapping
        Each school's name as a link, and as text, by id.
    settings : OverviewSettings
    """
    known = measures()
    kinds: list[tuple[str, dict[str, list[str]]]] = []
    better: dict[str, list[str]] = {}
    for r in predicted:
        if r["school_id"] in names and r["found"] == "better than predicted":
            better.setdefault(r["school_id"], []).append(_against_prediction(r))
    kinds.append((_("More favourable than the school’s students and size predict"), better))
    both: dict[str, list[str]] = {}
    for r in spots:
        if r["school_id"] in names:
            x, y = known[r["x"]], known[r["y"]]
            text = _("{x} {x_value} ({x_people}) and {y} {y_value} ({y_people})").format(
                x=x.short,
                x_value=x.write(r["x_value"]),
                x_people=people(x.id, r["x_n"]),
                y=y.short,
                y_value=y.write(r["y_value"]),
                y_people=people(y.id, r["y_n"]),
            )
            both.setdefault(r["school_id"], []).append(text)
    kinds.append((_("Among the most favourable quarter of its level on two measures that belong together"), both))
    rows_of: dict[str, list[Mapping]] = {}
    for r in glance:
        if r["unit_id"] in names and r["concern"] == "strength" and r["change_class"] == "improved":
            rows_of.setdefault(r["unit_id"], []).append(r)
    rising = {s: _told(some, _moved) for s, some in rows_of.items()}
    kinds.append((_("Among the most favourable quarter, and clearly better than the year before"), rising))
    parts = [_spot_block(title, by, links, names, settings.most_schools) for title, by in kinds if by] or [
        f'<p class="nothing">{escape(_("No school stands out by the rules of this list."))}</p>'
    ]
    limits = "".join(f"<li>{escape(_(text))}</li>" for text in CANNOT_TELL)
    title = escape(_("What a bright spot cannot tell"))
    return f'{"".join(parts)}<h3>{title}</h3><ul class="limits">{limits}</ul>'


def _spot_block(
    title: str, by: Mapping[str, Sequence[str]], links: Mapping[str, str], names: Mapping[str, str], most: int
) -> str:
    kept = sorted(by, key=lambda s: (-len(by[s]), alphabetical(names[s]), s))[:most]
    kept.sort(key=lambda s: (alphabetical(names[s]), s))
    items = "".join(_item(links[s], by[s]) for s in kept)
    more = ""
    if len(by) > len(kept):
        rest = len(by) - len(kept)
        text = ngettext("{n} more school is not listed.", "{n} more schools are not listed.", rest)
        more = f'<p class="note">{escape(text.format(n=number(rest)))}</p>'
    return f'<section class="says strength"><h3>{escape(title)}</h3><ul class="named">{items}</ul>{more}</section>'
