"""A decision of an exploration opens a project, with the problem already drafted for notebook 1."""

from __future__ import annotations

import json
from datetime import date

import ipywidgets as w

from kit.charts.derived import gather
from kit.charts.words import count, year
from kit.controls.explore_place import ExploringDesk, Place
from kit.controls.messages import Message, guarded, look
from kit.errors import KitError
from kit.inquiry import Entry, Project
from kit.measures.registry import group_name, measure

__all__ = ["OpenProject", "draft_problem", "open_project"]

_TITLE = 80


def draft_problem(choice: Place) -> dict[str, str]:
    """Return the parts of a problem statement that the numbers of the place give; never a cause.

    Parameters
    ----------
    choice : Place
        With the picks that the decision was made on.
    """
    found, group = measure(choice.measure), choice.student_group
    unit = choice.unit_key
    rows = gather(
        choice.prepared.released.where(
            unit_type=unit[0], unit_id=unit[1], measure=found.id, student_group=group, grade="all"
        )
    ).items
    shown = sorted((r for r in rows if r["value"] is not None), key=lambda r: r["school_year"])
    who = "all students" if group == "all" else group_name(group)
    values = "; ".join(f"{year(r['school_year'])}: {found.write(r['value'])} of {count(r['n'])}" for r in shown)
    last = found.write(shown[-1]["value"]) if shown else "not shown"
    statement = f"{found.name} at {choice.place()}, {who}: {last} in {year(choice.school_year)}."
    return {
        "statement": statement, "what": found.definition, "who": who, "where": choice.place(),
        "since": values or "No year is shown.",
        "how_known": f"{found.name}, {found.source}", "how_much": last,
    }  # fmt: skip


def open_project(desk: ExploringDesk, decision: Entry) -> Project:
    """Begin a project from a decision, on the place, measure, group and year that it was made on.

    Raises
    ------
    KitError
        If the decision opened one already, or was made without a display of numbers.
    """
    if decision["opened"]:
        raise KitError("This decision opened a project already", mend="Open it in notebook 1.")
    try:
        view = json.loads(decision["view"] or "{}")
    except ValueError:
        view = {}
    if not view.get("measure") or not view.get("unit"):
        raise KitError("This decision was made without a display", mend="Write it under a display, in its third box.")
    picks = {n: view[n] for n in ("unit", "level", "student_group", "measure", "school_year") if n in view}
    seen = Place(opened=desk.choice.opened, **picks)
    if seen.opened is None:
        seen.opened = desk.numbers().opened
    kind, unit_id = seen.unit_key
    group = None if seen.student_group == "all" else seen.student_group
    made = desk.store.new_project(
        title=decision["text"][:_TITLE], purpose="improvement", unit_type=kind,
        unit_id=None if kind == "network" else unit_id, records_measure=seen.measure, student_group=group,
        school_year=seen.school_year, started=date.today().isoformat(),
    )  # fmt: skip
    made.add("problem", **draft_problem(seen))
    desk.update(desk.require_project().get(decision.id), opened=made.id)
    return made


class OpenProject(w.VBox):
    """Choose a decision and open a project from it."""

    def __init__(self, desk: ExploringDesk):
        self.desk, self.message = desk, Message()
        self.decision = w.Dropdown(description="Decision", style={"description_width": "7rem"},
                                   layout=w.Layout(width="auto", max_width="46rem"))  # fmt: skip
        self.button = w.Button(description="Open a project from this decision", button_style="primary",
                               layout=w.Layout(width="auto", align_self="flex-start"))  # fmt: skip
        self.button.on_click(guarded(self.message, self.begin))
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        super().__init__([look(), self.decision, self.button, self.message])
        guarded(self.message, self.refresh)()

    def refresh(self) -> None:
        """List the decisions that have not opened a project."""
        found = [(e.title, e.id) for e in self.desk.entries("decision") if not e["opened"]]
        held = self.decision.value
        self.decision.options = found
        ids = [i for _, i in found]
        self.decision.value = held if held in ids else (ids[-1] if ids else None)
        self.button.disabled = not found

    def begin(self) -> None:
        """Open a project from the decision that is chosen."""
        if not self.decision.value:
            raise KitError("No decision is written yet", mend="Write one under a display, in its third box.")
        made = open_project(self.desk, self.desk.require_project().get(self.decision.value))
        self.message.say(f"The project «{made.about.title}» is begun. Open notebook 1 and choose it: the problem is "
                         "drafted there.")  # fmt: skip
