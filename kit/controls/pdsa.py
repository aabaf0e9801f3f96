"""What the notebook «3-test-changes-pdsa» holds."""

from __future__ import annotations

from datetime import date
from html import escape

import ipywidgets as w

from kit.charts.boards.cycle_timeline import Cycle, draw_cycle_timeline
from kit.charts.boards.sheet import Board
from kit.controls.cycle import CycleNotebook, entries_table, field_html
from kit.controls.cycle_form import CycleForm
from kit.controls.define import checks_list
from kit.controls.desk import Desk
from kit.controls.displays import outputs
from kit.controls.measure_charts import stacked
from kit.controls.messages import Message, guarded, look
from kit.controls.value_entry import ValueEntry
from kit.inquiry import kind
from kit.inquiry.cycle_quality import cycle_checks
from kit.reports.section import Section

__all__ = ["ChangeTests", "cycles_board", "open_tests"]


def cycles_board(desk: Desk) -> Board:
    """Draw the project's cycles on one axis of days."""
    return draw_cycle_timeline(
        [
            Cycle(
                c.id,
                f"{c['number'] or ''}. {c['title'] or ''}",
                _day(c["start"]),
                _day(c["end"]),
                c["act"] or "",
                c["previous"] or "",
                c["learned"] or "",
            )
            for c in desk.entries("cycle")
        ]
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


class ChangeTests(CycleNotebook):
    """Plan, do, study, act: what was learned from this test, and what next."""

    def __init__(self, data: str, project: str = "", live: bool = True):
        super().__init__(data, project, live, agenda="test-changes-pdsa")

    def measures(self) -> w.Widget | Section:
        """Measures of four kinds, each with an operational definition."""
        fields = (
            "name",
            "role",
            "definition",
            "numerator",
            "denominator",
            "unit",
            "counts_students",
            "better",
            "target",
            "driver",
            "every",
            "plan",
            "place",
        )
        return self.together("Measures", self.entries("measure", fields))

    def values(self) -> w.Widget | Section:
        """Values over time, typed, pasted, from a file or from the daily records."""
        if self.live:
            return self.together("Values", ValueEntry(self.desk))
        return Section(())

    def phases(self) -> w.Widget | Section:
        """A baseline is frozen, and set anew only with a reason."""
        return self.together(
            "Baseline and phases", self.entries("phase", ("measure", "start", "end", "label", "reason"))
        )

    def cycles(self) -> w.Widget | Section:
        """The cycle's form; in a batch every cycle with its predictions and how it holds to the method."""
        if self.live:
            return CycleForm(self.desk)
        if self.desk.project is None:
            return self.says("")
        return self.html("".join(_printed(self.desk, c) for c in self.desk.entries("cycle")) or _none("cycle"))

    def timeline(self) -> w.Widget | Section:
        """All cycles of the project on one axis."""
        return self.board(cycles_board)

    def one_page(self) -> w.Widget | Section:
        """Process, driver, outcome and balancing measures on one time axis with the cycles."""
        if self.live:
            return Stacked(self.desk)
        if self.desk.project is None:
            return self.says("")
        return stacked(self.desk.project, shared=True)


class Stacked(w.VBox):
    """The one page; it follows every save."""

    def __init__(self, desk: Desk):
        self.desk, self.message, self.charts = desk, Message(), w.Output()
        desk.observe(guarded(self.message, self.redraw), ["saves", "project"])
        super().__init__([look(), self.message, self.charts])
        guarded(self.message, self.redraw)()

    def redraw(self) -> None:
        """Draw it for what is saved now; results of a cycle whose predictions are not locked stay hidden."""
        if self.desk.project is None:
            self.message.say("Choose a project first.")
            self.charts.outputs = ()
            return
        waiting = [c for c in self.desk.entries("cycle") if not c["locked_at"] and not c["done"]]
        if waiting and any(self.desk.entries("prediction", cycle=c) or c["start"] for c in waiting):
            self.message.say(f"Predict first: the predictions of «{waiting[-1].title}» are not locked yet.")
            self.charts.outputs = ()
            return
        self.message.clear()
        self.charts.outputs = outputs(stacked(self.desk.project, shared=False, live=True))


def _none(what: str) -> str:
    return f'<p class="nothing">No {what} is written yet.</p>'


def _printed(desk: Desk, cycle) -> str:
    rows = [
        (f.label, cycle[n])
        for n, f in _fields()
        if cycle[n] not in (None, "", []) and f.type not in ("one", "many", "time") and n not in ("title", "number")
    ]
    cells = "".join(f"<div><dt>{escape(k)}</dt><dd>{field_html(v, {})}</dd></div>" for k, v in rows)
    heading = f"<h3>Cycle {cycle['number'] or ''}: {escape(cycle['title'] or '')}</h3>"
    table = entries_table(desk, "prediction", ("question", "prediction", "result", "matched"), {"cycle": cycle.id})
    checks = checks_list(cycle_checks(desk.require_project(), cycle))
    return f'{heading}<dl class="definitions">{cells}</dl>{table}{checks}'


def _fields():
    return kind("cycle").fields.items()


def open_tests(data: str, project: str = "", live: bool = True) -> ChangeTests:
    """Begin the notebook; see :class:`kit.controls.cycle.CycleNotebook`."""
    return ChangeTests(data, project, live)
