"""What changed for whom since the last run, written down: ``changes.json`` with all of it, ``changes.html`` to read."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kit.charts.words import count, listing
from kit.language import _, ngettext
from kit.measures.registry import group_name, measures
from kit.privacy import shown_as
from kit.reports.changes import Change, changed_numbers, new_and_gone
from kit.reports.fingerprints import PARTS
from kit.reports.index import render, school_year_words
from kit.reports.last import Last
from kit.reports.manifest import Entry, write_whole
from kit.reports.plan import alphabetical

__all__ = ["CHANGES", "Changes", "changes_since", "write_changes"]

CHANGES = "changes"
_SUBJECTS = ("school", "district", "network")


@dataclass(frozen=True)
class Changes:
    """What changed since a run.

    Attributes
    ----------
    since : str or None
        When that run ended (ISO, UTC); None where there was none.
    numbers : dict of (str, str) to list of Change
        By unit type and id.
    names : dict of (str, str) to (str, str)
        Unit type and id to its name and its district's.
    new, gone : list of dict
        Rows of the schools tables.
    reports : dict of (str, str) to dict
        What came of each unit's report and, of those made, why (``data``, ``rules``, ``template``, ``kit``).
    """

    since: str | None
    numbers: dict[tuple[str, str], list[Change]] = field(default_factory=dict)
    names: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    new: list[dict] = field(default_factory=list)
    gone: list[dict] = field(default_factory=list)
    reports: dict[tuple[str, str], dict] = field(default_factory=dict)

    def summary(self) -> str:
        """Say it in a few lines."""
        if self.since is None:
            return _("There is no earlier finished run here to compare with: everything is new.")
        day = self.since.replace("T", " ")[:16]
        others = {row["school_id"] for row in (*self.new, *self.gone)}
        schools = sum(kind == "school" and unit_id not in others for kind, unit_id in self.numbers)
        if not self.numbers and not self.new and not self.gone:
            lines = [_("No number has changed since {day} (UTC).").format(day=day)]
        else:
            lines = [
                _("Since {day} (UTC):").format(day=day)
                + " "
                + ngettext("numbers of {n} school changed", "numbers of {n} schools changed", schools).format(n=schools)
                + _(", {new} new, {gone} gone.").format(new=len(self.new), gone=len(self.gone))
            ]
        made = [key for key, report in self.reports.items() if report["status"] == "made" and report["because"]]
        beside = [key for key in made if key not in self.numbers]
        if beside:
            why = Counter(part for key in beside for part in self.reports[key]["because"])
            said = listing([_because(part) for part in PARTS if why[part]])
            n = len(beside)
            lines.append(
                ngettext(
                    "{n} report was made anew though no number of its own changed; what changed: {what}.",
                    "{n} reports were made anew though no number of their own changed; what changed: {what}.",
                    n,
                ).format(n=n, what=said)
            )
        return "\n".join(lines)


def changes_since(last: Last | None, prepared, entries: list[Entry], before: dict) -> Changes:
    """Compare what the reports are made from now with what they were made from last.

    Parameters
    ----------
    last : Last or None
    prepared : kit.reports.prepared.Prepared
    entries : list of Entry
        The run's own.
    before : dict
        The manifest's entries before, by their key.
    """
    reports = {}
    for entry in entries:
        old = before.get(entry.key)
        prints = old.fingerprints if old else {}
        because = [part for part in PARTS if prints and prints.get(part) != entry.fingerprints.get(part)]
        reports[entry.subject, entry.unit_id] = {"status": entry.status, "because": because}
    if last is None:
        return Changes(None, reports=reports)
    numbers: dict[tuple[str, str], list[Change]] = {}
    for change in changed_numbers(last.released, prepared.released):
        numbers.setdefault((change.unit_type, change.unit_id), []).append(change)
    new, gone = new_and_gone(last.schools, prepared.schools)
    names = {("network", "network"): (prepared.notes.network, "")}
    for schools in (last.schools, prepared.schools):
        for row in schools.to_dict("records"):
            names["school", row["school_id"]] = (row["school_name"], row["district_name"])
            names["district", row["district_id"]] = (row["district_name"], "")
    return Changes(last.finished, numbers, names, new, gone, reports)


def write_changes(out: Path, changes: Changes, minimum: int) -> None:
    """Write ``changes.json`` and ``changes.html``, each whole or not at all."""
    write_whole(out / f"{CHANGES}.json", json.dumps(_content(changes), indent=1, ensure_ascii=False) + "\n")
    page = render("changes.html.j2", minimum=minimum, changes=changes, summary=changes.summary(), units=_units(changes))
    write_whole(out / f"{CHANGES}.html", page)


def _content(changes: Changes) -> dict:
    new, gone = ({r["school_id"] for r in rows} for rows in (changes.new, changes.gone))
    content: dict = {"since": changes.since, "summary": changes.summary()}
    for subject, place in zip(_SUBJECTS, ("schools", "districts", "network"), strict=True):
        rows = []
        keys = {k for k in (*changes.numbers, *changes.reports) if k[0] == subject}
        keys |= {("school", i) for i in new | gone} if subject == "school" else set()
        for key in sorted(keys):
            name, district = changes.names.get(key, (key[1], ""))
            state = "new" if key[1] in new else "gone" if key[1] in gone else "kept"
            found = changes.numbers.get(key, [])
            report = changes.reports.get(key)
            if not found and state == "kept" and (report is None or report["status"] == "up-to-date"):
                continue
            row = {"id": key[1], "name": name, "district": district, "report": report}
            row |= {"state": state} if subject == "school" else {}
            drop = ("unit_type", "unit_id")
            row["changes"] = [{k: v for k, v in asdict(c).items() if k not in drop and v is not None} for c in found]
            rows.append(row)
        content[place] = rows
    return content


def _units(changes: Changes) -> list[dict]:
    """Return what the page says of each unit: numbers of all students in a table, groups and grades in words."""
    order = {m: i for i, m in enumerate(measures())}
    out = []
    for key, found in changes.numbers.items():
        name, district = changes.names.get(key, (key[1], ""))
        found = sorted(found, key=lambda c: (order.get(c.measure, len(order)), -c.school_year))
        main = [c for c in found if c.student_group == "all" and c.grade == "all"]
        rest = [c for c in found if c not in main]
        out.append(
            {
                "kind": _SUBJECTS.index(key[0]),
                "name": name,
                "district": district,
                "rows": [_row(c) for c in main],
                "groups": sum(c.kind == "changed" for c in rest),
                "shown": listing([_which(c) for c in rest if c.kind in ("shown", "new")]),
                "withheld": listing([_which(c) for c in rest if c.kind in ("withheld", "gone")]),
            }
        )
    return sorted(out, key=lambda u: (-u["kind"], alphabetical(u["district"]), alphabetical(u["name"])))


def _row(change: Change) -> dict:
    return {
        "measure": _measure(change.measure),
        "year": school_year_words(change.school_year),
        "before": _number(change, change.before) if change.before else _SIDE[change.kind][0](),
        "now": _number(change, change.now) if change.now else _SIDE[change.kind][1](),
    }


# What stands in the table where no number is given: before, and now.
_SIDE = {
    "changed": (str, str),
    "shown": (lambda: _("not shown"), str),
    "withheld": (lambda: _("shown"), lambda: _("not shown")),
    "new": (lambda: _("none"), lambda: _("not shown")),
    "gone": (lambda: _("in the last reports"), lambda: _("none")),
}


def _number(change: Change, side: dict) -> str:
    text = shown_as({"value": None, "low": None, "high": None, **side}, change.measure)
    if side.get("n") is None:
        return text
    found = measures().get(change.measure)
    counted = found.counted if found else _("students")
    return _("{value} of {n} {counted}").format(value=text, n=count(side["n"]), counted=counted)


def _which(change: Change) -> str:
    group = group_name(change.student_group) if change.student_group != "all" else ""
    grade = _("grade {grade}").format(grade=change.grade) if change.grade != "all" else ""
    return f"{_measure(change.measure)} ({group or grade}, {school_year_words(change.school_year)})"


def _measure(measure_id: str) -> str:
    found = measures().get(measure_id)
    return found.short if found else measure_id


def _because(part: str) -> str:
    return {
        "data": _("numbers beside theirs (of the district, the network or schools of the level)"),
        "rules": _("rules or settings"),
        "template": _("the template"),
        "kit": _("the kit"),
    }[part]
