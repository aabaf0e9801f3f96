"""What is due: the next quarterly look at each goal and chosen strategy, and open actions by their date."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from kit.inquiry import Entry, Project
from kit.inquiry.advice import Check

__all__ = ["Due", "due_list", "findings_checks", "forms_due", "three_months_later"]

# rules.md section 4.2 [A]: ratings are due one full week before they are calibrated; check-ins are quarterly.
_WEEK_BEFORE, _MONTHS = 7, 3
# cycle.md, «Data quality and use»: three to five strengths and three to five challenges.
FEWEST_FINDINGS, MOST_FINDINGS = 3, 5
_GUIDE = "rules.md section 4.2; cycle.md, Data quality and use"


@dataclass(frozen=True)
class Due:
    """Something to look at.

    Attributes
    ----------
    about : Entry
        A goal, a strategy, an action or standard work.
    on : date or None
        None where no date is set.
    late : bool
    why : str
    """

    about: Entry
    on: date | None
    late: bool
    why: str


def three_months_later(day: date) -> date:
    """Return the same day three months on; the month's last day where it has no such day."""
    months = day.month - 1 + _MONTHS
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def forms_due(calibration: date) -> date:
    """Return when the forms are due: one full week before they are calibrated."""
    return calibration - timedelta(days=_WEEK_BEFORE)


def due_list(project: Project, today: date) -> tuple[Due, ...]:
    """Return what is due, the earliest first, then what has no date.

    A check-in without a next date is due again after three months; a goal or chosen strategy without any check-in is
    due three months after it was written.
    """
    looked: dict[str, Entry] = {}
    for check in sorted(project.entries("check_in"), key=lambda c: (c["date"] or "", c.created_at)):
        looked[check["about"]] = check
    watched = [*project.entries("goal"), *(s for s in project.entries("strategy") if s["kept"])]
    watched += project.entries("standard_work")
    found = [d for e in watched if (d := _next(e, looked.get(e.id), today))]
    for action in project.entries("action"):
        if action["status"] in (None, "open"):
            on = date.fromisoformat(action["due"]) if action["due"] else None
            found.append(Due(action, on, bool(on and on < today), "Action, open"))
    return tuple(sorted(found, key=lambda d: (d.on is None, d.on or today, d.about.title)))


def _next(about: Entry, last: Entry | None, today: date) -> Due | None:
    if last is not None:
        if last["state"] == "done":
            return None
        on = last["next_date"] or three_months_later(date.fromisoformat(last["date"])).isoformat()
        why = f"Last looked at on {last['date']}" + (f": {last['state']}" if last["state"] else "")
    elif about.kind == "standard_work":
        on, why = about["next_look"], "Not looked at yet"
    else:
        on, why = three_months_later(date.fromisoformat(about.created_at[:10])).isoformat(), "Not looked at yet"
    day = date.fromisoformat(on) if on else None
    return Due(about, day, bool(day and day < today), why)


def findings_checks(project: Project) -> list[Check]:
    """Return whether there are three to five strengths and three to five challenges."""
    out = []
    for sort in ("strength", "challenge"):
        n = len(project.entries("finding", sort=sort))
        many = f"{sort}s"
        there = f"There is 1 {sort}" if n == 1 else f"There are {n} {many}"
        if n > MOST_FINDINGS:
            words = f"{there}. Keep the {MOST_FINDINGS} that matter most."
        elif n < FEWEST_FINDINGS:
            words = f"{there} so far; the guide asks for {FEWEST_FINDINGS} to {MOST_FINDINGS}."
        else:
            words = f"{there}."
        out.append(Check(many.capitalize(), FEWEST_FINDINGS <= n <= MOST_FINDINGS, words, _GUIDE))
    return out
