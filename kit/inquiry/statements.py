"""The problem statement and the aim: are their parts there, and do they say how much, of what, for whom, by when?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kit.inquiry.advice import Check
from kit.inquiry.entries import Entry
from kit.language import _

__all__ = ["aim_checks", "aim_sentence", "problem_checks"]

PROBLEM_SOURCE = "cycle.md, phase 1: what, who, where, since when, how we know, how much"
AIM_SOURCE = "rules.md section 7, aim statement; cycle.md, phase 1: specific, measurable and dated"


def fields_of(entry: Entry | Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of an entry, or of a form that is being filled in."""
    return entry.fields if isinstance(entry, Entry) else entry


def problem_checks(problem: Entry | Mapping[str, Any]) -> list[Check]:
    """Return a check for each part of a problem statement."""
    f = fields_of(problem)

    def part(name: str, criterion: str, there: str, absent: str) -> Check:
        return Check(criterion, bool(f.get(name)), there if f.get(name) else absent, PROBLEM_SOURCE)

    there = _("It is there.")
    checks = [
        part("what", _("What"), there, _("Say what is not as it should be, without a reason or a remedy yet.")),
        part("who", _("Who"), there, _("Say which students it concerns.")),
        part("where", _("Where"), there, _("Say where it happens: a school, a grade, a class, a time of day.")),
        part("since", _("Since when"), there, _("Say since when; the trend of the measure helps.")),
        part("how_known", _("How we know"), there, _("Name the measure, observation or interview that shows it.")),
    ]
    much = str(f.get("how_much") or "")
    if any(c.isdigit() for c in much):
        checks.append(Check(_("How much"), True, there, PROBLEM_SOURCE))
    else:
        words = _("Put a number to it, with its unit.")
        checks.append(Check(_("How much"), False, words, PROBLEM_SOURCE))
    return checks


def aim_sentence(aim: Entry | Mapping[str, Any]) -> str:
    """Return the aim as one sentence, put together from its parts; what is missing is an ellipsis.

    The form is that of rules.md section 7: by [date], [population] will [outcome] from [baseline] to [target], measured
    by [indicator].
    """
    f = fields_of(aim)
    unit = f" {f['unit']}" if f.get("unit") else ""

    def number(name: str) -> str:
        return "…" if f.get(name) is None else f"{f[name]}{unit}"

    return _("By {date}, {population} will {outcome} from {start} to {target}, measured by {indicator}.").format(
        date=f.get("by") or "…",
        population=f.get("population") or "…",
        outcome=f.get("outcome") or "…",
        start=number("start_value"),
        target=number("target"),
        indicator=f.get("indicator") or "…",
    )


def aim_checks(aim: Entry | Mapping[str, Any], *, today: date) -> list[Check]:
    """Return whether an aim is specific, measurable and dated.

    Parameters
    ----------
    aim : Entry or mapping
    today : date
        A date that has passed is no date to aim at.
    """
    f = fields_of(aim)
    missing = [
        label for name, label in (("population", _("for whom")), ("outcome", _("what will change"))) if not f.get(name)
    ]
    specific = Check(
        _("Specific"),
        not missing,
        _("It says for whom and what.") if not missing else _("Add: {parts}.").format(parts=", ".join(missing)),
        AIM_SOURCE,
    )
    return [specific, _measurable(f), dated(f.get("by"), today, AIM_SOURCE)]


def _measurable(f: Mapping[str, Any]) -> Check:
    return measurable(f, AIM_SOURCE)


def measurable(f: Mapping[str, Any], source: str) -> Check:
    """Return whether a baseline, a target and a measure are there, and the target goes the way that is better."""
    parts = (
        ("start_value", _("the baseline")),
        ("target", _("the target")),
        ("indicator", _("what it is measured by")),
    )
    missing = [label for name, label in parts if f.get(name) is None]
    if missing:
        return Check(_("Measurable"), False, _("Add: {parts}.").format(parts=", ".join(missing)), source)
    start, target = f["start_value"], f["target"]
    if start == target:
        return Check(_("Measurable"), False, _("The target is the baseline: nothing would have to change."), source)
    if (f.get("better") == "up" and target < start) or (f.get("better") == "down" and target > start):
        return Check(_("Measurable"), False, _("The target lies on the worse side of the baseline."), source)
    return Check(_("Measurable"), True, _("It has a baseline, a target and a measure."), source)


def dated(by: str | None, today: date, source: str) -> Check:
    """Return whether there is a date that is still to come."""
    if not by:
        return Check(_("Dated"), False, _("Say by when."), source)
    if date.fromisoformat(by) <= today:
        return Check(
            _("Dated"),
            False,
            _("{date} has passed: look at where it stands, and set a new date.").format(date=by),
            source,
        )
    return Check(_("Dated"), True, _("It has a date."), source)
