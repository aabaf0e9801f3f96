"""What may no longer be changed: a prediction once results were shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kit.inquiry.entries import Entry
from kit.inquiry.typed import Problem
from kit.language import _

__all__ = ["lock_problems"]

Get = Callable[[str], Entry | None]


def lock_problems(
    kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, get: Get
) -> list[Problem]:
    """Return what stands against a save because predictions are locked.

    A prediction counts only if it was written before the first result (rules.md section 7): so its question and text
    stay as they were when the cycle was locked, it is not deleted, and none is added afterwards.

    Parameters
    ----------
    kind : str
    before, after : mapping or None
        The fields as they are and as they would be; None where the entry is new, or would be deleted.
    get : function
        Gives an entry of the project by its id.
    """
    if kind == "cycle" and before and before.get("locked_at"):
        if after is None:
            return [
                Problem(
                    "locked_at", _("its predictions are locked: it is part of what the team learned"), _("Keep it.")
                )
            ]
        if after.get("locked_at") != before["locked_at"]:
            return [
                Problem(
                    "locked_at",
                    _("its predictions are locked"),
                    _("They stay so; write a new prediction in the next cycle"),
                )
            ]
    if kind != "prediction":
        return []
    problems = []
    for fields in (before, after):
        cycle = get(fields["cycle"]) if fields and fields.get("cycle") else None
        if cycle is None or not cycle["locked_at"]:
            continue
        for name in ("cycle", "question", "prediction"):
            old, new = (before or {}).get(name), (after or {}).get(name)
            if old != new:
                problems.append(
                    Problem(
                        name,
                        _("the predictions of this cycle are locked, since results were shown"),
                        _("Write what you think now under what was learned, or in the next cycle"),
                    )
                )
        break
    return problems
