"""What is asked of all projects together: who tried this too, what is due, which signals nobody has answered."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kit.inquiry.store import Store

__all__ = ["actions_due", "practices", "unanswered", "who_tested"]


def _places(store: Store) -> pd.DataFrame:
    return store.projects().set_index("id")[["title", "unit_type", "unit_id", "status"]]


def _plain(text: str | None) -> str:
    return " ".join((text or "").casefold().split())


def practices(store: Store) -> list[str]:
    """Return the names of practices in the network, as the change ideas call them, by name; one spelling of each."""
    names = {_plain(e["practice"]): e["practice"] for e in reversed(store.entries("change_idea")) if e["practice"]}
    return sorted(names.values(), key=str.casefold)


def who_tested(store: Store, practice: str) -> pd.DataFrame:
    """Return the cycles that tested a practice anywhere in the network, latest first.

    Parameters
    ----------
    store : Store
    practice : str
        As the change ideas call it; capitals and spaces do not matter.

    Returns
    -------
    DataFrame
        ``project_id``, ``project``, ``unit_type``, ``unit_id``, ``change_idea``, ``cycle``, ``start``, ``end``,
        ``act``, ``result``, ``learned``. A change idea that no cycle has tested yet is a row without a cycle.
    """
    ideas = {(e.project_id, e.id): e for e in store.entries("change_idea") if _plain(e["practice"]) == _plain(practice)}
    places = _places(store)
    rows, tested = [], set()

    def row(project_id: str, idea, cycle=None) -> dict:
        place = places.loc[project_id]
        out = {"project_id": project_id, "project": place.title, "unit_type": place.unit_type, "unit_id": place.unit_id}
        out |= {"change_idea": idea["text"], "cycle": cycle["title"] if cycle else None}
        return out | {n: cycle[n] if cycle else None for n in ("start", "end", "act", "result", "learned")}

    for cycle in store.entries("cycle"):
        if idea := ideas.get((cycle.project_id, cycle["change_idea"])):
            tested.add((idea.project_id, idea.id))
            rows.append(row(cycle.project_id, idea, cycle))
    rows += [row(key[0], idea) for key, idea in ideas.items() if key not in tested]
    columns = ["project_id", "project", "unit_type", "unit_id", "change_idea", "cycle", "start", "end", "act", "result"]
    frame = pd.DataFrame(rows, columns=[*columns, "learned"], dtype=object)
    return frame.sort_values("start", ascending=False, na_position="last", ignore_index=True, kind="stable")


def actions_due(store: Store, on: date, *, owner: str | None = None) -> pd.DataFrame:
    """Return the open actions, earliest due first.

    Returns
    -------
    DataFrame
        ``project_id``, ``project``, ``id``, ``text``, ``owner``, ``due``, ``overdue`` (due before ``on``); without a
        date last.
    """
    places = _places(store)
    rows = []
    for e in store.entries("action"):
        if e["status"] in ("done", "dropped") or (owner is not None and _plain(e["owner"]) != _plain(owner)):
            continue
        overdue = bool(e["due"]) and date.fromisoformat(e["due"]) < on
        rows.append(
            {"project_id": e.project_id, "project": places.title[e.project_id], "id": e.id, "text": e["text"],
             "owner": e["owner"], "due": e["due"], "overdue": overdue}
        )  # fmt: skip
    frame = pd.DataFrame(rows, columns=["project_id", "project", "id", "text", "owner", "due", "overdue"])
    return frame.sort_values("due", na_position="last", ignore_index=True, kind="stable")


def unanswered(store: Store, signals: pd.DataFrame) -> pd.DataFrame:
    """Return the signals to which no project has responded.

    Parameters
    ----------
    store : Store
    signals : DataFrame
        At least ``unit_id`` and ``measure``; ``student_group`` where there is one.

    Returns
    -------
    DataFrame
        The rows that have no open project on the same unit and measure. A project without a student group answers for
        all groups.
    """
    open_ = store.projects()
    open_ = open_[(open_.status != "closed") & open_.records_measure.notna() & open_.unit_id.notna()]
    answered = {(p.unit_id, p.records_measure, p.student_group or "all") for p in open_.itertuples()}

    def is_answered(row) -> bool:
        group = getattr(row, "student_group", "all")
        return (row.unit_id, row.measure, group) in answered or (row.unit_id, row.measure, "all") in answered

    return signals[[not is_answered(row) for row in signals.itertuples()]].reset_index(drop=True)
