"""SMART goals, letter by letter, and the strategies under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kit.inquiry.advice import Check
from kit.inquiry.entries import Entry
from kit.inquiry.statements import dated, fields_of, measurable
from kit.language import _, ngettext

__all__ = ["FEWEST_GOALS", "MOST_GOALS", "goal_checks", "number_of_goals", "strategy_checks"]

# rules.md section 4.1, step 4, and section 4.2: three to five goals.
FEWEST_GOALS, MOST_GOALS = 3, 5
GOAL_SOURCE = "rules.md section 4.1, step 4: a goal without a measure or a date is not ready"
STRATEGY_SOURCE = (
    "rules.md section 4.1, steps 5 and 6: each strategy is tied to a root cause and has an outcome measure"
)


def goal_checks(goal: Entry | Mapping[str, Any], *, today: date) -> list[Check]:
    """Return a check for each letter: specific, measurable, achievable, relevant, timed."""
    f = fields_of(goal)

    def letter(name: str, met: bool, there: str, absent: str) -> Check:
        return Check(name, met, there if met else absent, GOAL_SOURCE)

    m, t = measurable(f, GOAL_SOURCE), dated(f.get("by"), today, GOAL_SOURCE)
    return [
        letter(
            _("Specific"),
            bool(f.get("statement") and f.get("population")),
            _("It says what and for whom."),
            _("Say for whom, so that all see the same students before them."),
        ),
        m,
        letter(
            _("Achievable"),
            bool(f.get("achievable")),
            _("It says why it is within reach."),
            _("Say why it is within reach: a school like yours that did it, or what you did before."),
        ),
        letter(
            _("Relevant"),
            bool(f.get("relevant") or f.get("answers")),
            _("It answers a challenge that you found."),
            _("Name the challenge or root cause that it answers."),
        ),
        Check(_("Timed"), t.met, t.words, t.source),
    ]


def number_of_goals(goals: Sequence[Entry]) -> Check:
    """Return whether there are three to five goals."""
    n = len(goals)
    if n > MOST_GOALS:
        words = _("There are {n} goals. Keep the {most} that matter most, so that each gets the time it needs.")
    elif n < FEWEST_GOALS:
        words = ngettext(
            "There is {n} goal so far; plans usually hold {fewest} to {most}.",
            "There are {n} goals so far; plans usually hold {fewest} to {most}.",
            n,
        )
    else:
        words = _("There are {n} goals.")
    words = words.format(n=n, fewest=FEWEST_GOALS, most=MOST_GOALS)
    return Check(_("Number of goals"), FEWEST_GOALS <= n <= MOST_GOALS, words, "rules.md section 4.1, step 4")


def strategy_checks(strategy: Entry | Mapping[str, Any]) -> list[Check]:
    """Return whether a strategy is tied to a root cause, rests on something, and will be measured."""
    f = fields_of(strategy)

    def part(name: str, criterion: str, there: str, absent: str) -> Check:
        return Check(criterion, bool(f.get(name)), there if f.get(name) else absent, STRATEGY_SOURCE)

    return [
        part("causes", _("Root cause"), _("It answers a root cause."), _("Tie it to a root cause or a challenge.")),
        part("research", _("Research or practice"), _("It rests on something."), _("Say where it has worked.")),
        part("measure", _("Outcome measure"), _("It will be measured."), _("Say how you will know that it works.")),
    ]
