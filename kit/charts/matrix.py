"""The icon matrix: schools by measures, each cell a shape, a number and a word, and a way to the school's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.glance_table import THEMES
from kit.charts.palette import LEVELS, level
from kit.language import _
from kit.measures.registry import Measure

__all__ = ["DENSITIES", "MANY", "Row", "column_groups", "column_heads", "icon_matrix", "phone_labels", "row_head"]

# How much each cell holds: «full» a link and every word; «marked» these only where a cell stands out; «plain» no links
# but those of the schools. A page with very many cells would otherwise be too heavy to send.
DENSITIES = ("full", "marked", "plain")
_SHAPE = {"strength": "s", "typical": "t", "look_closer": "c", "too_few_to_say": "o"}
# From more columns than this on they are set narrower.
MANY = 13
_MOVED = {"improved": "b", "worsened": "w"}


@dataclass(frozen=True)
class Row:
    """One row of the matrix: whom it is about, the file it leads to, and the heading that it stands under."""

    unit_id: str
    name: str
    file: str = ""
    under: str = ""


def column_groups(columns: Sequence[Measure]) -> list[tuple[str, list[tuple[str, Measure]]]]:
    """Gather columns under headings, each with its own short name there.

    Parameters
    ----------
    columns : sequence of Measure

    Returns
    -------
    list of (str, list of (str, Measure))
        Theme and measures; of surveys, construct and who answered.
    """
    who = {"student": _("Students"), "staff": _("Staff"), "family": _("Families")}
    groups: dict[str, list[tuple[str, Measure]]] = {}
    for m in columns:
        if m.theme == "surveys":
            groups.setdefault(m.construct, []).append((who[m.respondent], m))
        else:
            groups.setdefault(_(THEMES[m.theme]), []).append((m.short, m))
    return list(groups.items())


def icon_matrix(
    glance: Derived | Rows,
    units: Sequence[Row],
    columns: Sequence[Measure],
    *,
    anchor: str,
    caption: str,
    density: str = "full",
) -> str:
    """Return the matrix as a table that is whole without a script.

    A cell has the shape of the level of concern, the number, and a word where the number is clearly better or worse
    than the year before. Rows stand in the order given; cells without a number hold a dash.

    Parameters
    ----------
    glance : Derived or Rows
        Rows of ``kit.compare.at_a_glance``.
    units : sequence of Row
        Schools, in the order to show; those ``under`` one heading stand together.
    columns : sequence of Measure
    anchor : str
        Id of the table.
    caption : str
    density : {"full", "marked", "plain"}
        See :data:`DENSITIES`.

    Returns
    -------
    str
        HTML; all text is escaped.
    """
    by = {(r["unit_id"], r["measure"]): r for r in rows(glance)}
    groups = column_groups(columns)
    ordered = [m for _heading, some in groups for _short, m in some]
    cells = _cells(density)
    bodies: dict[str, list[str]] = {}
    for unit in units:
        inner = "".join(cells(by.get((unit.unit_id, m.id)), m, unit.file) for m in ordered)
        bodies.setdefault(unit.under, []).append(f'<tr role="row">{row_head(unit)}{inner}</tr>')
    many = " many" if len(ordered) > MANY else ""
    return (
        f"<style>{phone_labels(anchor, groups)}</style>"
        f'<div class="scroll matrix-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table role="table" class="matrix{many}" id="{escape(anchor)}"><caption>{escape(caption)}</caption>'
        f"{column_heads(groups, _('School'))}"
        + "".join(_body(under, lines, len(ordered)) for under, lines in bodies.items())
        + "</table></div>"
    )


def row_head(unit: Row) -> str:
    """Return a row's header, which leads to its report where there is one."""
    name = escape(unit.name)
    inner = f'<a href="{escape(unit.file)}">{name}</a>' if unit.file else name
    return f'<th role="rowheader" scope="row">{inner}</th>'


def _body(under: str, lines: Sequence[str], columns: int) -> str:
    head = ""
    if under:
        head = (
            f'<tr role="row" class="theme"><th role="rowheader" scope="rowgroup" colspan="{columns + 1}">'
            f"<span>{escape(under)}</span></th></tr>"
        )
    return f'<tbody role="rowgroup">{head}{"".join(lines)}</tbody>'


def column_heads(groups: Sequence[tuple[str, Sequence[tuple[str, Measure]]]], corner: str) -> str:
    """Return the two rows of headers; ``corner`` heads the rows' names."""
    over = "".join(
        f'<th role="columnheader" scope="colgroup" colspan="{len(some)}">{escape(heading)}</th>'
        for heading, some in groups
    )
    under = "".join(
        f'<th role="columnheader" scope="col" data-name="{escape(m.short)}"><a href="#def-{m.id}">{escape(short)}</a>'
        "</th>"
        for _heading, some in groups
        for short, m in some
    )
    widths = "".join(f'<colgroup span="{len(some)}"></colgroup>' for _heading, some in groups)
    return (
        f"<colgroup></colgroup>{widths}"
        f'<thead role="rowgroup"><tr role="row"><td role="cell" class="corner"></td>{over}</tr><tr role="row" '
        f'class="names"><th role="columnheader" scope="col">{escape(corner)}</th>{under}</tr></thead>'
    )


def phone_labels(anchor: str, groups: Sequence[tuple[str, Sequence[tuple[str, Measure]]]]) -> str:
    """Return the names that stand before the cells where a row is a card; as style, they are written once a table."""
    names = [m.short for _heading, some in groups for _short, m in some]
    rules = "".join(
        f"#{anchor} td:nth-child({place}):before{{content:{_css_text(name)}}}" for place, name in enumerate(names, 2)
    )
    return f"@media screen and (max-width:44rem){{{rules}}}"


def _css_text(text: str) -> str:
    """Write any text as a CSS string that ends neither the string nor the style element."""
    return '"' + "".join(c if c.isalnum() or c in " ,.-()" else f"\\{ord(c):x} " for c in text) + '"'


def _cells(density: str):
    """Return the function that writes a cell, its words looked up once."""
    words = {_SHAPE[i]: escape(level(i).word) for i in LEVELS}
    shapes = {_SHAPE[i]: mark.shape for i, mark in LEVELS.items()}
    moved_words = {"b": escape(_("better")), "w": escape(_("worse"))}
    withheld = f"<td><small>{escape(_('not shown'))}</small></td>"

    def cell(row: Mapping | None, m: Measure, file: str) -> str:
        if row is None or row["value"] is None:
            return "<td>–</td>" if row is None else withheld
        kind = _SHAPE[level(row["concern"]).id]
        moved = _MOVED.get(row["change_class"], "")
        value = escape(m.write(row["value"], sign=False))
        if density != "full" and not moved and kind in "to":
            return f"<td>{shapes[kind]} {value}</td>"
        change = f' <i class="{moved}">{moved_words[moved]}</i>' if moved else ""
        inner = f'<span class="v">{words[kind]} </span>{value}{change}'
        if file and density != "plain":
            # The style sheet draws the shape beside the word that says the same: a third less to send.
            return f'<td class="{kind}"><a href="{escape(file)}#m-{m.id}">{inner}</a></td>'
        return f'<td class="{kind}"><b aria-hidden="true">{shapes[kind]}</b>{inner}</td>'

    return cell
