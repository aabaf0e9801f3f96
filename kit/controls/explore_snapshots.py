"""What changed since last month: new data, restated data and real change told apart.

A snapshot of the released numbers is kept each month beside the team's store, with how far the records reached.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from kit.charts.words import year
from kit.controls.opened import OpenedFolder
from kit.errors import KitError
from kit.inquiry.location import OWN_FOLDER, store_url
from kit.measures.registry import group_name, measures
from kit.privacy import Released
from kit.reports.changes import Change, changed_numbers
from kit.reports.manifest import write_whole

__all__ = ["KINDS", "Since", "keep_snapshot", "since_last_month"]

FOLDER = "snapshots"
# The column of dates that says how far a table reaches.
_DATES = {"attendance": "date", "discipline": "action_date", "assessments": "date"}
KINDS = {
    "new": ("New data", "a school year, place or number that was not there, or not shown, before"),
    "restated": ("Restated data", "a number of a year that was over, or of days that had been reported already"),
    "real": ("Real change", "a number of the year that goes on, with records that reach further than they did"),
    "gone": ("No longer there", "a number that is withheld now, or has no records any more"),
    "unknown": ("Restated or real", "a number of the latest year, in a folder that has no dates to tell the two apart"),
}  # fmt: skip
_MOST = 12


@dataclass(frozen=True)
class Since:
    """What changed for a place and theme.

    Attributes
    ----------
    month : str
        The month that is compared with; empty where there is none.
    same : bool
        Whether the data files are the very same.
    changes : dict of str to list of Change
        By a key of :data:`KINDS`.
    """

    month: str = ""
    same: bool = False
    changes: dict[str, list[Change]] | None = None

    def html(self) -> str:
        """Say it; all text is escaped."""
        if not self.month:
            return (
                "<p>There is no snapshot of an earlier month yet. Today's numbers are kept now; from next month on "
                "this part tells new data, restated data and real change apart.</p>"
            )
        if self.same:
            return f"<p>The data files are the same as in the snapshot of {escape(self.month)}: nothing changed.</p>"
        if not any(self.changes.values()):
            return f"<p>The files are others than in the snapshot of {escape(self.month)}; no number here changed.</p>"
        lines = [f"<p>Compared with the snapshot of {escape(self.month)}.</p>"]
        for kind, found in self.changes.items():
            if not found:
                continue
            name, means = KINDS[kind]
            items = "".join(f"<li>{escape(_words(c))}</li>" for c in found[:_MOST])
            more = f"<p>And {len(found) - _MOST:,} more.</p>" if len(found) > _MOST else ""
            lines.append(f"<h4>{escape(name)}</h4><p>({escape(means)}: {len(found):,})</p><ul>{items}</ul>{more}")
        return "".join(lines)


def _words(c: Change) -> str:
    known = measures().get(c.measure)
    name = known.short if known else c.measure
    who = "" if c.student_group == "all" else f", {group_name(c.student_group)}"
    grade = "" if c.grade == "all" else f", grade {c.grade}"
    said = [_number(known, side) for side in (c.before, c.now)]
    text = f"from {said[0]} to {said[1]}" if c.before and c.now else said[1] if c.now else "not shown now"
    return f"{name}{who}{grade}, {year(c.school_year)}: {text}"


def _number(known, side: dict | None) -> str:
    if side is None or known is None or "value" not in side:
        return "not shown"
    return f"{known.write(side['value'])} of {side['n']:,}" if side.get("n") else known.write(side["value"])


def snapshots_folder(workspace) -> Path:
    """Return where the snapshots lie: beside a store that is a file, else in the data folder or the user's own."""
    url = store_url(workspace)
    database = str(getattr(url, "database", None) or "")
    text = str(url)
    if database and "sqlite" in text:
        return Path(database).parent / FOLDER
    return (workspace.folder if workspace.folder.is_dir() else Path.home() / OWN_FOLDER) / FOLDER


def keep_snapshot(workspace, opened: OpenedFolder, today: date) -> Path | None:
    """Keep this month's numbers; the month's last reading stands. None where nothing can be written there.

    Only released numbers are kept.
    """
    folder = snapshots_folder(workspace)
    mark = folder / f"{today:%Y-%m}.json"
    details = {"fingerprint": opened.fingerprint(), "minimum": opened.minimum, "reach": _reach(opened)}
    try:
        if mark.is_file() and json.loads(mark.read_text(encoding="utf-8")) == details:
            return mark
        folder.mkdir(parents=True, exist_ok=True)
        opened.latest.released.write(mark.with_suffix(".parquet"))
        write_whole(mark, json.dumps(details, indent=1))
    except (OSError, ValueError):
        return None
    return mark


def since_last_month(
    workspace, opened: OpenedFolder, today: date, unit: tuple[str, str], measure_ids: Sequence[str]
) -> Since:
    """Compare the numbers of a place and theme with the latest snapshot of an earlier month.

    A change of an earlier school year is restated data. One of the latest year is real where the records of its measure
    reach a later date than they did, and restated where they do not; without dates the two cannot be told apart.
    """
    marks = sorted(p for p in snapshots_folder(workspace).glob("????-??.json") if p.stem < f"{today:%Y-%m}")
    if not marks:
        return Since()
    try:
        details = json.loads(marks[-1].read_text(encoding="utf-8"))
        before = Released.read(marks[-1].with_suffix(".parquet"))
    except (OSError, ValueError, KitError):
        return Since()
    if details.get("fingerprint") == opened.fingerprint():
        return Since(marks[-1].stem, True)
    only = {"unit_type": unit[0], "unit_id": unit[1], "measure": list(measure_ids)}
    then, reach, last = details.get("reach", {}), _reach(opened), int(before.table["school_year"].max())
    found: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    for change in changed_numbers(before.where(**only), opened.latest.released.where(**only)):
        found[_kind(change, last, then, reach)].append(change)
    return Since(marks[-1].stem, False, found)


def _kind(change: Change, last: int, then: dict, now: dict) -> str:
    if change.kind in ("new", "shown"):
        return "new"
    if change.kind in ("gone", "withheld"):
        return "gone"
    if change.school_year < last:
        return "restated"
    needs = measures()[change.measure].needs if change.measure in measures() else ()
    tables = [t for need in needs for t in need.split("|") if t in then and t in now]
    if not tables:
        return "unknown"
    return "real" if any(now[t] > then[t] for t in tables) else "restated"


def _reach(opened: OpenedFolder) -> dict[str, str]:
    """Return the latest date of each table that has dates."""
    if not opened.has_records:
        return {}
    if "reach" not in vars(opened):
        reach = {}
        for table, column in _DATES.items():
            if opened.records.has(table):
                t = opened.records.table(table)
                latest = opened.records.con.to_pandas(t.agg(latest=t[column].max()))["latest"].iloc[0]
                if latest is not None and latest == latest:
                    reach[table] = str(latest)[:10]
        opened.reach = reach
    return opened.reach
