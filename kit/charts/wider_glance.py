"""Every measure of a district or of the network in one table: its number, its change, and how its schools stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import unbroken
from kit.charts.glance_table import CHANGE_WORDS, THEMES, sparkline
from kit.charts.palette import LEVELS, level
from kit.charts.words import change, count, difference, year
from kit.language import _
from kit.measures.registry import Measure, measures

__all__ = ["moved_words", "wider_glance_table"]


def moved_words(row: Mapping, measure: Measure) -> str:
    """Write a change, what it says and its interval, as HTML."""
    says = escape(_(CHANGE_WORDS.get(row["change_class"], row["change_class"])))
    if row["change"] is None:
        return f"<small>{says}</small>"
    interval = ""
    if row["change_low"] is not None:
        low, high = (difference(row[end], measure) for end in ("change_low", "change_high"))
        interval = escape(_("; interval {low} to {high}").format(low=low, high=high))
    was = escape(_("was {value}").format(value=measure.write(row["previous_value"])))
    return f"{unbroken(change(row['change'], measure))} <small>{says}{interval}; {unbroken(was)}</small>"


def wider_glance_table(
    own: Derived | Rows,
    beside: Derived | Rows,
    years_of: Mapping[str, Sequence[tuple[int, float]]],
    concerns: Mapping[str, Mapping[str, int]],
    *,
    caption: str,
    name: str,
    network: bool,
    school_year: int,
    minimum: int,
) -> str:
    """Return the table, by theme.

    Parameters
    ----------
    own : Derived or Rows
        Rows of ``kit.reports.overview_tables.wider_glance`` of this district or the network.
    beside : Derived or Rows
        The same of the network.
    years_of : mapping
        For each measure the school years and values of this unit.
    concerns : mapping
        For each measure how many of its schools have each level of concern.
    caption, name : str
        The table's caption, and the heading of its column of numbers.
    network : bool
        True for the network itself: there is nothing beside it.
    school_year : int
    minimum : int
        The smallest group that is shown.

    Returns
    -------
    str
        HTML; all text is escaped.
    """
    by = {r["measure"]: r for r in rows(own)}
    wide = {r["measure"]: r for r in rows(beside)}
    labels = {
        "measure": _("Measure"),
        "own": _("{name}, {year}").format(name=name, year=year(school_year)),
        "change": _("Change from {year}").format(year=year(school_year - 1)),
        "network": _("Network"),
        "schools": _("Its schools"),
        "trend": _("Trend"),
    }
    if network:
        del labels["network"]
    bodies = []
    for theme, theme_name in THEMES.items():
        lines = [
            _line(
                m,
                by[m.id],
                wide.get(m.id),
                years_of.get(m.id, ()),
                concerns.get(m.id, {}),
                labels,
                school_year,
                minimum,
            )
            for m in measures().values()
            if m.theme == theme and m.id in by
        ]
        if lines:
            bodies.append(
                '<tbody role="rowgroup"><tr role="row" class="theme"><th role="rowheader" scope="rowgroup" '
                f'colspan="{len(labels)}">{escape(_(theme_name))}</th></tr>' + "".join(lines) + "</tbody>"
            )
    head = "".join(f'<th role="columnheader" scope="col">{escape(text)}</th>' for text in labels.values())
    return (
        f'<table role="table" class="glance"><caption>{escape(caption)}</caption><thead role="rowgroup">'
        f'<tr role="row">{head}</tr></thead>{"".join(bodies)}</table>'
    )


def _line(
    m: Measure,
    row: Mapping,
    wide: Mapping | None,
    values: Sequence[tuple[int, float]],
    concerns: Mapping[str, int],
    labels: Mapping[str, str],
    school_year: int,
    minimum: int,
) -> str:
    arrow = _("lower is better") if m.better == "down" else _("higher is better")
    if row["school_year"] != school_year:
        arrow = _("latest is {year}; {direction}").format(year=year(row["school_year"]), direction=arrow)
    cells = {}
    if row["value"] is None:
        why = _("not shown: fewer than {minimum}, or protects a group that small").format(minimum=minimum)
        cells["own"], cells["change"] = f"<small>{escape(why)}</small>", "<small>–</small>"
    else:
        cells["own"] = f"<b>{unbroken(m.write(row['value']))}</b> <small>{count(row['n'])} {escape(m.counted)}</small>"
        cells["change"] = moved_words(row, m)
    if "network" in labels:
        cells["network"] = unbroken(m.write(wide["value"] if wide else None))
    cells["schools"] = _schools(concerns)
    cells["trend"] = sparkline(values, m) or f"<small>{escape(_('one year'))}</small>"
    sure = {"change": row["change_class"]} if row["change_class"] in ("improved", "worsened") else {}
    short = {"own": _("Number"), "change": _("Change")}
    inner = "".join(
        f'<td role="cell" data-label="{escape(short.get(k, labels[k]))}"'
        + (f' class="{sure[k]}"' if k in sure else "")
        + f">{cells[k]}</td>"
        for k in labels
        if k != "measure"
    )
    name = f'<a href="#def-{m.id}">{escape(m.name)}</a> <small>{escape(arrow)}</small>'
    return f'<tr role="row"><th role="rowheader" scope="row">{name}</th>{inner}</tr>'


def _schools(concerns: Mapping[str, int]) -> str:
    """Write how many schools have each level of concern, shapes with their words."""
    parts = []
    for concern in LEVELS:
        number_of = concerns.get(concern, 0)
        if number_of:
            mark = level(concern)
            parts.append(
                f'<span class="level {mark.id}"><i aria-hidden="true">{mark.shape}</i> '
                f"{count(number_of)} {escape(mark.word.lower())}</span>"
            )
    return f'<span class="tally">{" ".join(parts)}</span>' if parts else "<small>–</small>"
