"""Student groups by measures: each cell a shape, the gap to the other students, and whether it widens or narrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.display import unbroken
from kit.charts.groups import GAP_WORDS
from kit.charts.palette import LEVELS
from kit.charts.words import count, difference
from kit.language import N_, _
from kit.measures.registry import Measure, group_name

__all__ = ["GAP_SHAPES", "gap_matrix", "gap_numbers"]

# The same shapes as the levels of concern, with the meaning that a gap gives them.
GAP_SHAPES = {
    "unfavourable": ("look_closer", N_("Clearly less favourable than for the other students")),
    "no clear gap": ("typical", N_("No clear gap")),
    "favourable": ("strength", N_("Clearly more favourable")),
    "too small to say": ("too_few_to_say", N_("Too few to say, or a mean without an interval")),
}
_TRENDS = {"widening": N_("widening"), "narrowing": N_("narrowing"), "turned round": N_("turned round")}


def gap_matrix(gaps: Derived | Rows, columns: Sequence[Measure], *, caption: str) -> str:
    """Return the gaps of one district or of the network as a matrix.

    Parameters
    ----------
    gaps : Derived or Rows
        Rows of ``kit.reports.overview_tables.wider_gaps`` of one unit.
    columns : sequence of Measure
    caption : str

    Returns
    -------
    str
        HTML; empty where no group can be compared.
    """
    by = {(r["student_group"], r["measure"]): r for r in rows(gaps) if r["gap"] is not None}
    shown = [m for m in columns if any((g, m.id) in by for g in {g for g, _m in by})]
    groups = sorted({g for g, m in by if any(m == c.id for c in shown)}, key=_order)
    if not groups:
        return ""
    head = "".join(
        f'<th role="columnheader" scope="col"><a href="#def-{m.id}">{escape(m.short)}</a></th>' for m in shown
    )
    body = "".join(
        f'<tr role="row"><th role="rowheader" scope="row">{escape(group_name(g))}</th>'
        + "".join(_cell(by.get((g, m.id)), m) for m in shown)
        + "</tr>"
        for g in groups
    )
    return (
        f'<div class="scroll matrix-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table role="table" class="matrix gaps"><caption>{escape(caption)}</caption><thead role="rowgroup">'
        f'<tr role="row" class="names"><th role="columnheader" scope="col">{escape(_("Student group"))}</th>{head}</tr>'
        f'</thead><tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _order(group: str) -> tuple[int, str]:
    """Put programs first, then race and ethnicity, then gender; each by name."""
    return (2 if group.startswith("gender_") else 1 if group.startswith("race_") else 0, group_name(group))


def _cell(row: Mapping | None, m: Measure) -> str:
    label = f' data-label="{escape(m.short)}"'
    if row is None:
        return f'<td role="cell"{label}>–</td>'
    which, _words = GAP_SHAPES.get(row["gap_class"], GAP_SHAPES["too small to say"])
    mark = LEVELS[which]
    says = escape(_(GAP_WORDS.get(row["gap_class"], row["gap_class"])))
    kind = {"look_closer": ' class="c"', "strength": ' class="s"'}.get(which, "")
    trend = _TRENDS.get(row["gap_trend"] or "")
    way = {"widening": "w", "narrowing": "b"}.get(row["gap_trend"] or "", "n")
    moved = f' <i class="{way}">{escape(_(trend))}</i>' if trend else ""
    return (
        f'<td role="cell"{label}{kind}><b aria-hidden="true">{mark.shape}</b><span class="v">{says} </span>'
        f"{escape(difference(row['gap'], m))}{moved}</td>"
    )


def gap_numbers(gaps: Derived | Rows, columns: Sequence[Measure], *, caption: str) -> str:
    """Return the same gaps with their intervals and denominators as a table to open."""
    known = {m.id: m for m in columns}
    found = [r for r in rows(gaps) if r["gap"] is not None and r["measure"] in known]
    place = {m: i for i, m in enumerate(known)}
    found.sort(key=lambda r: (_order(r["student_group"]), place[r["measure"]]))
    heads = (
        _("Student group"),
        _("Measure"),
        _("Value"),
        _("Counted"),
        _("Other students"),
        _("Gap"),
        _("95 % interval"),
        _("Which says"),
    )
    lines = []
    for r in found:
        m = known[r["measure"]]
        interval = "–"
        if r["gap_low"] is not None:
            low, high = difference(r["gap_low"], m), difference(r["gap_high"], m)
            interval = _("{low} to {high}").format(low=low, high=high)
        cells = (
            m.short,
            m.write(r["value"]),
            count(r["n"]),
            m.write(r["other_value"]),
            difference(r["gap"], m),
            interval,
            _(GAP_WORDS.get(r["gap_class"], r["gap_class"])),
        )
        lines.append(
            f'<tr><th scope="row">{escape(group_name(r["student_group"]))}</th>'
            + "".join(f"<td>{unbroken(c)}</td>" for c in cells)
            + "</tr>"
        )
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    return (
        f"<details><summary>{escape(_('The numbers as a table'))}</summary>"
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
        "</table></div></details>"
    )
