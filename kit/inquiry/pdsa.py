"""A test of a change idea: predictions locked before results, study against them, adapt opens the linked next cycle."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kit.errors import Fault, InputError, KitError
from kit.inquiry.entries import Entry
from kit.inquiry.project import Project
from kit.language import _

__all__ = [
    "act", "chain", "close_study", "lock_predictions", "new_cycle", "require_locked", "timeline",
]  # fmt: skip

# What the next cycle takes over from the one that is adapted; its dates, size and predictions are new.
CARRIED = ("change_idea", "driver", "measures", "who", "where", "how_we_know", "data_plan", "size_of", "whole")


def new_cycle(project: Project, title: str, *, follows: Entry | None = None, **fields: Any) -> Entry:
    """Begin a cycle; its number is the next of the project's.

    Parameters
    ----------
    project : Project
    title : str
    follows : Entry, optional
        The cycle that it goes on from.
    **fields
        As ``kinds.toml`` has them for a cycle.
    """
    with project.together():
        last = max((c["number"] or 0 for c in project.entries("cycle")), default=0)
        return project.add("cycle", title=title, number=last + 1, previous=follows, **fields)


def lock_predictions(project: Project, cycle: Entry) -> Entry:
    """Lock the cycle's questions and predictions, so that results may be shown; return the cycle.

    Raises
    ------
    KitError
        If there is no question yet, or one without a prediction.
    """
    with project.together():
        cycle = project.get(cycle.id)
        if cycle["locked_at"]:
            return cycle
        asked = project.entries("prediction", cycle=cycle)
        empty = [p for p in asked if not p["prediction"]]
        if not asked or empty:
            raise KitError(
                _("There is no prediction yet for «{question}»").format(question=empty[0]["question"])
                if empty
                else _("The cycle has no question with a prediction yet"),
                where=cycle["title"],
                mend=_("Write what you expect, however rough; results are shown after that."),
            )
        return project.update(cycle, locked_at=project.store.now())


def require_locked(project: Project, cycle: Entry) -> Entry:
    """Return the cycle if its results may be shown.

    Raises
    ------
    KitError
        If its predictions are not locked.
    """
    cycle = project.get(cycle.id)
    if not cycle["locked_at"]:
        raise KitError(
            _("The predictions are not locked yet"),
            where=cycle["title"],
            mend=_("Write and lock them first: results are shown after that."),
        )
    return cycle


def close_study(project: Project, cycle: Entry, **fields: Any) -> Entry:
    """Close the study and return the cycle: each result stands against its prediction, and what was learned is written.

    Raises
    ------
    KitError
        If the predictions were not locked.
    InputError
        With each part that is missing (rules.md section 7: study cannot close without result against prediction).
    """
    with project.together():
        require_locked(project, cycle)
        cycle = project.update(cycle, **fields) if fields else project.get(cycle.id)
        mend = _("Say whether it came as predicted: yes, partly or no")
        faults = [
            Fault("error", p["question"], _("the result is not held against the prediction"), mend, column="matched")
            for p in project.entries("prediction", cycle=cycle)
            if not p["matched"]
        ]
        if not cycle["learned"]:
            what = _("what was learned is not written")
            faults.append(Fault("error", cycle["title"], what, _("A sentence is enough"), column="learned"))
        if faults:
            raise InputError(faults, cycle["title"])
        return cycle if cycle["studied_at"] else project.update(cycle, studied_at=project.store.now())


def act(
    project: Project, cycle: Entry, decision: str, *, why: str | None = None, next_test: str | None = None
) -> tuple[Entry, Entry | None]:
    """Decide, and return the cycle and, for ``adapt``, the next one, linked and begun with what goes on.

    Parameters
    ----------
    project : Project
    cycle : Entry
    decision : {"adopt", "adapt", "abandon"}
    why, next_test : str, optional

    Raises
    ------
    KitError
        If the study is not closed, or a next cycle is there already.
    """
    with project.together():
        current = project.get(cycle.id)
        if not current["studied_at"]:
            raise KitError(
                _("The study is not closed yet"),
                where=current["title"],
                mend=_("Hold the result against the prediction and write what you learned; then decide."),
            )
        following = project.entries("cycle", previous=current)
        if following and decision != "adapt":
            raise KitError(
                _("The next cycle is open already"), where=following[0]["title"], mend=_("Decide in that cycle.")
            )
        decided = project.update(cycle, act=decision, why=why, next_test=next_test)
        if decided["act"] != "adapt":
            return decided, None
        if following:
            return decided, following[0]
        carried = {name: decided[name] for name in CARRIED}
        title = _("{title}, adapted").format(title=chain(project, decided)[0]["title"])
        return decided, new_cycle(project, title, follows=decided, objective=decided["next_test"], **carried)


def chain(project: Project, cycle: Entry) -> list[Entry]:
    """Return the linked cycles that a cycle belongs to, first to last."""
    cycles = {c.id: c for c in project.entries("cycle")}
    first, seen = cycles.get(cycle.id, cycle), {cycle.id}
    while (earlier := cycles.get(first["previous"] or "")) and earlier.id not in seen:
        first = earlier
        seen.add(first.id)
    out, waiting = [], [first]
    while waiting:
        current = waiting.pop(0)
        if current.id in {c.id for c in out}:
            continue
        out.append(current)
        waiting += [c for c in cycles.values() if c["previous"] == current.id]
    return out


def timeline(project: Project) -> pd.DataFrame:
    """Return the project's cycles by number.

    Returns
    -------
    DataFrame
        ``id``, ``number``, ``title``, ``start``, ``end`` (datetimes), ``act``, ``change_idea`` (its text), ``follows``
        (number of the cycle before), ``step`` (plan, do, study, act or done: what comes next).
    """
    cycles = project.entries("cycle")
    numbers = {c.id: c["number"] for c in cycles}
    ideas = {e.id: e["text"] for e in project.entries("change_idea")}
    rows = [
        {"id": c.id, "number": c["number"], "title": c["title"], "start": c["start"], "end": c["end"], "act": c["act"],
         "change_idea": ideas.get(c["change_idea"]), "follows": numbers.get(c["previous"]), "step": _step(c)}
        for c in cycles
    ]  # fmt: skip
    columns = ["id", "number", "title", "start", "end", "act", "change_idea", "follows", "step"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["start"], frame["end"] = pd.to_datetime(frame.start), pd.to_datetime(frame.end)
    return frame


def _step(cycle: Entry) -> str:
    if cycle["act"]:
        return "done"
    if cycle["studied_at"]:
        return "act"
    if not cycle["locked_at"]:
        return "plan"
    return "study" if cycle["done"] else "do"
