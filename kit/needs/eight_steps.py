"""An improvement plan in Missouri's eight steps: what each step holds already, and what is missing.

The steps and what must hold are those of rules.md section 4.1.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import kit
from kit.errors import KitError
from kit.inquiry import Entry, Project
from kit.inquiry.advice import Check
from kit.inquiry.goals import goal_checks, number_of_goals, strategy_checks
from kit.inquiry.series import series

__all__ = ["CATEGORIES", "Step", "plan_steps", "step_checks", "text_of"]

# rules.md section 4.1, step 2: the five categories of data.
CATEGORIES = ("perception", "achievement", "behavior", "contextual", "demographic")
_SAME = {"behaviour": "behavior", "context": "contextual", "demographics": "demographic"}
# rules.md section 4.1: rewritten every three to five years, reviewed every year.
LONGEST_YEARS = 5
_SOURCE = "rules.md section 4.1"


@dataclass(frozen=True)
class Step:
    """A step of the plan.

    Attributes
    ----------
    number : int
    name, feeds : str
        What it is called, and the sections of the plan that it feeds.
    parts : tuple of str
        Texts that stand nowhere else.
    """

    number: int
    name: str
    feeds: str
    parts: tuple[str, ...]


def plan_steps(folder: str | Path = "") -> tuple[Step, ...]:
    """Read the steps: a data folder's own ``needs/eight-steps.toml``, else those that ship.

    Raises
    ------
    KitError
        If the file cannot be read or does not number its steps from 1 on.
    """
    own = Path(folder or ".") / "needs" / "eight-steps.toml"
    path = own if folder and own.is_file() else kit.home() / "templates" / "needs" / "eight-steps.toml"
    try:
        blocks = tomllib.loads(path.read_text(encoding="utf-8")).get("step", [])
        steps = [
            Step(b["number"], str(b["name"]), str(b.get("feeds", "")), tuple(map(str, b.get("parts", ()))))
            for b in blocks
        ]
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as error:
        raise KitError(
            f"The plan's steps cannot be read ({error})", where=path.name, mend="Correct the file."
        ) from None
    if [s.number for s in steps] != list(range(1, 9)):
        raise KitError("The plan's steps are not numbered 1 to 8", where=path.name, mend="Write eight blocks [[step]].")
    return tuple(steps)


def text_of(project: Project, step: int, part: str) -> Entry | None:
    """Return the text of a part of a step, the latest where there are several."""
    found = [p for p in project.entries("plan_part", step=step) if (p["part"] or "").casefold() == part.casefold()]
    return found[-1] if found else None


def step_checks(project: Project, step: Step, *, today: date) -> list[Check]:
    """Return what a step holds and what it still lacks."""
    own = {1: _readiness, 2: _gathered, 3: _analysed, 4: _goals, 5: _strategies, 6: _actions, 7: _monitored}
    checks = own[step.number](project, today) if step.number in own else _reviewed(project, today)
    dated = ("Yearly review", "Last full rewrite")
    for part in step.parts:
        if step.number == 8 and part in dated:
            continue
        entry = text_of(project, step.number, part)
        there = entry is not None and bool(entry["text"])
        checks.append(_check(part, there, "It is written.", "It is not written yet."))
    return checks


def _check(criterion: str, met: bool | None, there: str, absent: str) -> Check:
    return Check(criterion, met, there if met else absent, _SOURCE)


def _count(n: int, one: str, many: str) -> str:
    return f"There {'is' if n == 1 else 'are'} {n} {one if n == 1 else many}."


def _readiness(project: Project, today: date) -> list[Check]:
    n = len(project.entries("member"))
    return [_check("Planning team", n > 0, _count(n, "person", "people"), "Write who is in the planning team.")]


def _gathered(project: Project, today: date) -> list[Check]:
    seen = set()
    for notice in project.entries("notice"):
        station = (notice["station"] or "").strip().casefold()
        seen.add(_SAME.get(station, station))
    lacking = [c for c in CATEGORIES if c not in seen]
    words = "Facts are written for all five: " + ", ".join(CATEGORIES) + "."
    rated = len(project.entries("consensus"))
    checks = [
        _check("Five categories of data", not lacking, words, f"No fact is written yet for: {', '.join(lacking)}.")
    ]
    if rated:
        checks.append(Check("Needs assessment", True, f"{rated} elements have an agreed score.", _SOURCE))
    return checks


def _analysed(project: Project, today: date) -> list[Check]:
    roots = sum(bool(c["kept"]) for c in project.entries("cause"))
    strengths, challenges = (len(project.entries("finding", sort=s)) for s in ("strength", "challenge"))
    has = bool(project.entries("problem"))
    return [
        _check("Problem statement", has, "It is written.", "Write it in notebook 1."),
        _check("Root causes", roots > 0, _count(roots, "root cause", "root causes"), "Mark the causes that were kept."),
        _check("Strengths", strengths > 0, _count(strengths, "strength", "strengths"), "Write the strengths."),
        _check("Challenges", challenges > 0, _count(challenges, "challenge", "challenges"), "Write the challenges."),
    ]


def _goals(project: Project, today: date) -> list[Check]:
    found = project.entries("goal")
    checks = [number_of_goals(found)]
    for goal in found:
        lacking = [c for c in goal_checks(goal, today=today) if not c.met]
        words = "; ".join(f"{c.criterion.lower()}: {c.words[:1].lower()}{c.words[1:].rstrip('.')}" for c in lacking)
        checks.append(_check(f"Goal «{goal.title}»", not lacking, "It is SMART.", f"{words}."))
    placed = all(g["place"] is not None for g in found)
    if found:
        checks.append(_check("Priority", placed, "The goals are in order.", "Put the goals in order of priority."))
    return checks


def _strategies(project: Project, today: date) -> list[Check]:
    found = _in_plan(project)
    if not found:
        return [_check("Strategies", False, "", "Write strategies, each tied to a root cause.")]
    checks = []
    for strategy in found:
        lacking = [c.criterion.lower() for c in strategy_checks(strategy) if not c.met]
        checks.append(
            _check(f"Strategy «{strategy.title}»", not lacking, "It has all.", f"Without: {', '.join(lacking)}.")
        )
    return checks


def _in_plan(project: Project) -> list[Entry]:
    """Return the chosen strategies; all of them where none is chosen yet."""
    found = project.entries("strategy")
    return [s for s in found if s["kept"]] or list(found)


def _actions(project: Project, today: date) -> list[Check]:
    found = [a for a in project.entries("action") if a["status"] != "dropped"]
    if not found:
        return [_check("Actions", False, "", "Write who does what by when.")]
    lacking = [a.title for a in found if not (a["owner"] and a["due"])]
    late = [a.title for a in found if a["status"] in (None, "open") and a["due"] and a["due"] < today.isoformat()]
    words = _count(len(found), "action", "actions") + " Each has an owner and a date."
    checks = [_check("Owners and dates", not lacking, words, f"Without an owner or a date: {'; '.join(lacking)}.")]
    if late:
        checks.append(Check("On time", False, f"Open and past its date: {'; '.join(late)}.", _SOURCE))
    idle = [s.title for s in _in_plan(project) if not _served(s, found, project)]
    if _in_plan(project):
        absent = f"No action belongs to: {'; '.join(idle)}."
        checks.append(_check("Actions for each strategy", not idle, "Each strategy has actions.", absent))
    return checks


def _served(strategy: Entry, actions: list[Entry], project: Project) -> bool:
    goals = [g.id for g in project.entries("goal") if strategy.id in (g["strategies"] or ())]
    return any(a["about"] in (strategy.id, *goals) for a in actions)


def _monitored(project: Project, today: date) -> list[Check]:
    looked = {c["about"] for c in project.entries("check_in")}
    unseen = [g.title for g in project.entries("goal") if g.id not in looked]
    goals = bool(project.entries("goal"))
    measured = [m for m in project.entries("measure") if len(series(project, m))]
    formative = any(m["role"] in ("process", "driver") for m in measured)
    summative = any(m["role"] == "outcome" for m in measured) or bool(project.about["records_measure"])
    absent = f"No check-in yet for: {'; '.join(unseen)}." if goals else "There is no goal to look at yet."
    return [
        _check("Check-ins", goals and not unseen, "Each goal was looked at.", absent),
        _check(
            "Formative measures", formative, "They have values.", "Follow a process or driver measure (notebook 3)."
        ),
        _check("Summative measures", summative, "There is one.", "Name the measure that the plan should move."),
    ]


def _reviewed(project: Project, today: date) -> list[Check]:
    checks = []
    for part, years, often in (
        ("Yearly review", 1, "every year"),
        ("Last full rewrite", LONGEST_YEARS, "every three to five years"),
    ):
        entry = text_of(project, 8, part)
        on = date.fromisoformat(entry["date"]) if entry is not None and entry["date"] else None
        if on is None:
            checks.append(_check(part, False, "", f"Write its date; it is done {often}."))
        else:
            fresh = (on.year + years, on.month, on.day) >= (today.year, today.month, today.day)
            absent = f"It was on {on}; it is done {often}."
            checks.append(_check(part, fresh, f"It was on {on}.", absent))
    return checks
