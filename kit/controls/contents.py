"""What is in a data folder and what it lacks, in words."""

from __future__ import annotations

from html import escape

from kit.charts.words import listing, years
from kit.controls.opened import OpenedFolder
from kit.measures.registry import measures
from kit.records.schema import tables

__all__ = ["contents"]

_MOST_FAULTS = 8


def _many(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def contents(opened: OpenedFolder) -> str:
    """Return what the folder holds, lacks and has wrong, as HTML; all text is escaped."""
    return "".join((_headline(opened), _faults(opened), _lacks(opened), _tables(opened), _withheld(opened)))


def _headline(opened: OpenedFolder) -> str:
    name = escape(opened.name[:1].upper() + opened.name[1:])
    if opened.latest is None:
        return f"<h3>{name}</h3>"
    schools = opened.latest.schools
    places = f"{_many(len(schools), 'school')} in {_many(schools['district_id'].nunique(), 'district')}"
    return f"<h3>{name}: {places}, school years {years(opened.years())}</h3>"


def _tables(opened: OpenedFolder) -> str:
    known = tables()
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td style="text-align:right">{rows:,}</td>'
        f"<td>one row per {escape(known[name].row if name in known else 'number')}</td></tr>"
        for name, rows in opened.check.tables.items()
    )
    rows = sum(opened.check.tables.values())
    return (
        f"<details><summary>What is in it: {_many(len(opened.check.tables), 'table')}, {_many(rows, 'row')}</summary>"
        '<table><thead><tr><th scope="col">Table</th><th scope="col">Rows</th><th scope="col">What a row is</th>'
        f"</tr></thead><tbody>{lines}</tbody></table></details>"
    )


def _lacks(opened: OpenedFolder) -> str:
    known = measures()
    by: dict[str, list[str]] = {}
    for measure_id, lacks in opened.check.switched_off.items():
        by.setdefault(" and ".join(lacks), []).append(known[measure_id].short if measure_id in known else measure_id)
    items = [
        f"<b>{escape(what)}</b> would switch on {escape(listing(names, len(names)))}." for what, names in by.items()
    ]
    there = opened.measure_ids()
    empty = [m.short for m in known.values() if m.id not in there and m.id not in opened.check.switched_off]
    if empty and there:
        items.append(f"The tables are there, but give no number of {escape(listing(empty, len(empty)))}.")
    if not items:
        return "<p>It lacks nothing: every measure can be computed.</p>"
    return f"<p><b>What it lacks</b></p><ul>{''.join(f'<li>{i}</li>' for i in items)}</ul>"


def _faults(opened: OpenedFolder) -> str:
    report = opened.check
    errors, warnings = (sum(f.count for f in some) for some in (report.errors, report.warnings))
    if not report.faults:
        return "<p>Every row was checked; nothing is wrong with it.</p>"
    found = [f"{_many(n, word)}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
    kinds = len(report.faults)
    head = listing(found) if found else f"{_many(kinds, 'note')}, nothing wrong"
    lines = "".join(
        f"<li>{escape(str(f))}{f' ({f.count:,} rows)' if f.count > 1 else ''}</li>"
        for f in report.faults[:_MOST_FAULTS]
    )
    more = kinds - _MOST_FAULTS
    tail = f"<p>And {_many(more, 'more kind')}; «kit check» lists them all.</p>" if more > 0 else ""
    stop = (
        "<p>No measure can be computed until the errors are mended. Mend them in the files, then open the folder "
        "again.</p>"
        if opened.stops
        else ""
    )
    opening = " open" if report.errors else ""
    return f"{stop}<details{opening}><summary>What the check found: {head}</summary><ul>{lines}</ul>{tail}</details>"


def _withheld(opened: OpenedFolder) -> str:
    if opened.latest is None:
        return ""
    shares = opened.latest.released.shares
    share = sum(shares.get(kind, 0) for kind in ("primary", "complementary"))
    some = f" That is {share:.0%} of the numbers of schools, groups and grades here." if share else ""
    return (
        f'<p class="note">A number that rests on fewer than {opened.minimum} students is never shown on these pages, '
        f"nor a larger one from which it could be worked out.{some}</p>"
    )
