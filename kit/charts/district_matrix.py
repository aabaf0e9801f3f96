"""Districts by measures: each cell the district's number, whether it moved, and how many of its schools stand where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.matrix import MANY, Row, column_groups, column_heads, phone_labels, row_head
from kit.charts.palette import level
from kit.charts.words import count
from kit.language import _
from kit.measures.registry import Measure

__all__ = ["district_matrix"]


def district_matrix(
    glance: Derived | Rows,
    tallies: Mapping[tuple[str, str], Mapping[str, int]],
    units: Sequence[Row],
    columns: Sequence[Measure],
    *,
    anchor: str,
    caption: str,
) -> str:
    """Return the matrix of districts. Districts are not set against each other: no cell has a level of concern.

    Parameters
    ----------
    glance : Derived or Rows
        Rows of ``kit.reports.overview_tables.wider_glance`` of districts.
    tallies : mapping
        For district id and measure how many of its schools have each level of concern.
    units : sequence of Row
        Districts, in the order to show.
    columns : sequence of Measure
    anchor, caption : str

    Returns
    -------
    str
        HTML; all text is escaped.
    """
    by = {(r["unit_id"], r["measure"]): r for r in rows(glance)}
    groups = column_groups(columns)
    ordered = [m for _heading, some in groups for _short, m in some]
    lines = "".join(
        f'<tr role="row">{row_head(unit)}'
        + "".join(_cell(by.get((unit.unit_id, m.id)), tallies.get((unit.unit_id, m.id), {}), m) for m in ordered)
        + "</tr>"
        for unit in units
    )
    many = " many" if len(ordered) > MANY else ""
    return (
        f"<style>{phone_labels(anchor, groups)}</style>"
        f'<div class="scroll matrix-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table role="table" class="matrix districts{many}" id="{escape(anchor)}"><caption>{escape(caption)}</caption>'
        f"{column_heads(groups, _('District'))}"
        f'<tbody role="rowgroup">{lines}</tbody></table></div>'
    )


def _cell(row: Mapping | None, tally: Mapping[str, int], m: Measure) -> str:
    if row is None:
        return "<td>–</td>"
    if row["value"] is None:
        return f"<td><small>{escape(_('not shown'))}</small></td>"
    moved = {"improved": ("b", _("better")), "worsened": ("w", _("worse"))}.get(row["change_class"])
    change = f' <i class="{moved[0]}">{escape(moved[1])}</i>' if moved else ""
    compared = sum(n for concern, n in tally.items() if concern != "too_few_to_say")
    stand = ""
    if compared:
        said = []
        for concern in ("strength", "look_closer"):
            mark = level(concern)
            # The style sheet draws the shape beside the word that says the same.
            said.append(
                f'<span class="{"s" if concern == "strength" else "c"}">{count(tally.get(concern, 0))}'
                f'<span class="v"> {escape(mark.word)}, </span></span>'
            )
        of = escape(_("of {n}").format(n=count(compared)))
        stand = f"<small>{''.join(said)}<span>{of}</span></small>"
    return f"<td>{escape(m.write(row['value'], sign=False))}{change}{stand}</td>"
