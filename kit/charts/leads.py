"""Leading measures as a table: each earlier measure with its correlation drawn as a mark and its interval as a bar."""

from __future__ import annotations

from html import escape

from kit.charts.derived import Derived, Rows, rows
from kit.charts.words import MINUS, count
from kit.compare.words import level_words, sentence_start
from kit.language import _, ngettext, number
from kit.measures.registry import measure

__all__ = ["leads"]

_WIDE, _TALL = 160, 16


def leads(found: Derived | Rows, *, outcome: str, level: str, caption: str) -> str:
    """Return the earlier measures that go with an outcome, as a table whose last column is drawn.

    Parameters
    ----------
    found : Derived or Rows
        Rows of ``kit.compare.leading_measures`` of one outcome and level, in the order to show.
    outcome, level : str
    caption : str

    Returns
    -------
    str
        HTML; all text is escaped.
    """
    heads = (
        _("Earlier measure"),
        _("How long before"),
        _("Better values then go with"),
        _("Rank correlation and its interval"),
        _("Schools"),
        _("Also when all pairs are taken together"),
    )
    sure = {True: _("yes"), False: _("no: may be chance")}
    better = {"better": _("better values now"), "worse": _("worse values now")}
    lines = []
    for r in rows(found):
        m = measure(r["measure"])
        where = (
            m.name if r["grade"] == "all" else _("{measure}, grade {grade}").format(measure=m.name, grade=r["grade"])
        )
        before = ngettext("{n} year", "{n} years", r["years_before"]).format(n=r["years_before"])
        rho, low, high = (number(r[k], 2).replace("-", MINUS) for k in ("rho", "low", "high"))
        interval = _("{rho} ({low} to {high})").format(rho=rho, low=low, high=high)
        cells = (
            before,
            better[r["goes_with"]],
            f'{_bar(r)} <span class="together">{escape(interval)}</span>',
            count(r["schools"]),
        )
        cells = (escape(cells[0]), escape(cells[1]), cells[2], cells[3], escape(sure[bool(r["holds_for_all"])]))
        lines.append(
            f'<tr role="row"><th role="rowheader" scope="row"><a href="#def-{m.id}">{escape(where)}</a></th>'
            + "".join(
                f'<td role="cell" data-label="{escape(h)}">{c}</td>' for h, c in zip(heads[1:], cells, strict=True)
            )
            + "</tr>"
        )
    head = "".join(f'<th role="columnheader" scope="col">{escape(h)}</th>' for h in heads)
    name = f"{sentence_start(level_words(level))}: {measure(outcome).name}"
    return (
        f'<h3>{escape(name)}</h3><table role="table" class="leads"><caption>{escape(caption)}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{"".join(lines)}</tbody>'
        "</table>"
    )


def _bar(r: dict) -> str:
    """Draw the interval from −1 to 1 with its correlation; the numbers stand beside it."""

    def at(value: float) -> float:
        return 4 + (_WIDE - 8) * (value + 1) / 2

    middle = _TALL / 2
    return (
        f'<svg class="span" aria-hidden="true" focusable="false" viewBox="0 0 {_WIDE} {_TALL}" width="{_WIDE}" '
        f'height="{_TALL}"><path class="grid" d="M4 {middle}H{_WIDE - 4}M{at(0):.1f} 1V{_TALL - 1}"/>'
        f'<path class="interval" d="M{at(r["low"]):.1f} {middle}H{at(r["high"]):.1f}"/>'
        f'<circle cx="{at(r["rho"]):.1f}" cy="{middle}" r="4"/></svg>'
    )
