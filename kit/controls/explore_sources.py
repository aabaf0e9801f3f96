"""Where the numbers of a theme come from, how its measures are defined, and what is missing."""

from __future__ import annotations

from html import escape

from kit.charts.words import listing, years
from kit.controls.explore_place import Place
from kit.controls.explore_themes import Theme
from kit.controls.opened import OpenedFolder
from kit.measures.registry import measures

__all__ = ["lacking", "sources"]


def lacking(theme: Theme, opened: OpenedFolder) -> str:
    """Say what a folder lacks that has no number of the theme; empty where it has one."""
    if any(m in opened.measure_ids() for m in theme.measures):
        return ""
    if not opened.has_records:
        return "The published results hold no number of this theme."
    lacks = [f"'{what}'" for what, off in opened.missing() if set(off) & set(theme.measures)]
    if not lacks:
        return "The tables are there, but give no number of this theme."
    return f"This folder has no number of this theme: it takes {listing(lacks)}."


def sources(theme: Theme, choice: Place) -> str:
    """Return it as HTML; all text is escaped."""
    opened, known = choice.opened, measures()
    there = [m for m in theme.measures if m in opened.measure_ids()]
    where = (
        f"records: {', '.join(t for t in theme.tables if opened.records.has(t)) or 'none of the tables it needs'}"
        if opened.has_records
        else "published results; the records behind them are not in this folder"
    )
    lines = [f"<p>From <b>{escape(opened.name)}</b>, {escape(where)}.</p>"]
    for m in there:
        d = known[m]
        table = opened.latest.released.table
        span = sorted({int(y) for y in table.loc[table["measure"].eq(m), "school_year"]})
        better = "Lower is better." if d.better == "down" else "Higher is better."
        lines.append(
            f'<details id="def-{m}"><summary><b>{escape(d.name)}</b> ({escape(years(span))})</summary>'
            f"<p>{escape(d.definition)} "
            f"{better}</p><p>Who is counted: {escape(d.population)}</p><p>Source: {escape(d.source)}</p></details>"
        )
    lacks: dict[str, list[str]] = {}
    for what, off in opened.missing():
        for m in off:
            lacks.setdefault(m, []).append(what)
    gone = [m for m in theme.measures if m not in there]
    if gone:
        items = "".join(
            f"<li>{escape(known[m].name)}: "
            + (f"it takes {escape(' and '.join(lacks[m]))}." if m in lacks else "there is no number of it here.")
            + "</li>"
            for m in gone
        )
        lines.append(f"<p><b>What is missing</b></p><ul>{items}</ul>")
    lines.append(f"<p><b>What it cannot tell.</b> {escape(theme.cannot)}</p>")
    shares = opened.latest.released.shares
    share = sum(shares.get(k, 0) for k in ("primary", "complementary"))
    lines.append(
        f'<p class="note">A number of fewer than {opened.minimum} students is never shown here, nor a larger one from '
        f"which it could be worked out ({share:.0%} of all rows).</p>"
    )
    return "".join(lines)
