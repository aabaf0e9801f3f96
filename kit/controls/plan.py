"""What the notebook «plan» holds: an improvement plan in eight steps, assembled from what is written already."""

from __future__ import annotations

from datetime import date
from html import escape

import ipywidgets as w

from kit.charts.display import Html
from kit.controls import needs_boards as boards
from kit.controls.cycle import CycleNotebook, entries_table
from kit.controls.define import checks_list
from kit.controls.desk import Desk
from kit.controls.displays import outputs
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.controls.needs_export import results_place
from kit.controls.plan_measures import measures_now
from kit.controls.project_picker import ProjectPicker
from kit.errors import KitError
from kit.needs.eight_steps import Step, plan_steps, step_checks, text_of
from kit.reports.section import Section
from kit.reports.session_record import write_page

__all__ = ["Plan", "open_plan", "plan_page"]

# What the team wrote elsewhere, by step: kind of entry and the fields that a board reads.
_FROM_ELSEWHERE: dict[int, tuple[tuple[str, tuple[str, ...]], ...]] = {
    1: (("member", ("name", "role", "duty")),),
    2: (("notice", ("station", "text", "figure")),),
    3: (("problem", ("statement",)), ("cause", ("text", "category")), ("finding", ("sort", "text"))),
    4: (("goal", ("place", "statement", "indicator", "start_value", "target", "unit", "by", "owner")),),
    5: (("strategy", ("text", "causes", "research", "measure")),),
    6: (("action", ("text", "owner", "due", "status", "about", "outcome")),),
    7: (("check_in", ("date", "about", "state", "text", "next", "next_date")),),
    8: (),
}


def plan_page(desk: Desk, steps: tuple[Step, ...]) -> Section:
    """Return the whole plan to print: what is missing first, then step by step."""
    if desk.project is None:
        return Section((Html('<p class="nothing">No project is chosen.</p>'),))
    parts: list = [Html(_missing(desk, steps))]
    for step in steps:
        parts.append(Html(f"<h2>{step.number}. {escape(step.name)}</h2>{_step(desk, step)}"))
        if step.number == 7:
            parts += [Html("<h3>Where the measures stand</h3>"), *measures_now(desk).parts]
    return Section(tuple(parts))


def _checks(desk: Desk, step: Step):
    return step_checks(desk.require_project(), step, today=date.today())


def _missing(desk: Desk, steps: tuple[Step, ...]) -> str:
    """Return a row a step: how much is there, and what is missing."""
    rows = []
    for step in steps:
        checks = _checks(desk, step)
        lacking = [escape(c.criterion) for c in checks if not c.met]
        there = f"{len(checks) - len(lacking)}\u00a0of\u00a0{len(checks)}"
        rows.append((f"{step.number}. {escape(step.name)}", there, "; ".join(lacking) or "nothing"))
    return boards.table("What is there and what is missing", ("Step", "There", "Missing"), rows)


def _step(desk: Desk, step: Step) -> str:
    texts = []
    for part in step.parts:
        entry = text_of(desk.require_project(), step.number, part)
        if entry is not None and (entry["text"] or entry["date"]):
            on = f" <small>{escape(entry['date'])}</small>" if entry["date"] else ""
            said = "".join(f"<p>{escape(p)}</p>" for p in (entry["text"] or "").split("\n") if p.strip())
            texts.append(f"<h3>{escape(part)}{on}</h3>{said}")
    tables = [entries_table(desk, kind_id, only) for kind_id, only in _FROM_ELSEWHERE[step.number]]
    feeds = f"<p><small>In the plan: {escape(step.feeds)}.</small></p>" if step.feeds else ""
    return feeds + checks_list(_checks(desk, step)) + "".join(texts) + "".join(tables)


class Plan(CycleNotebook):
    """A plan assembled from what the team already wrote."""

    def __init__(self, data: str, project: str = "", live: bool = True):
        super().__init__(data, project, live, agenda="needs-check-in")
        self.problem = ""
        try:
            self.steps = plan_steps(self.desk.workspace.folder)
        except KitError as error:
            self.steps, self.problem = (), str(error)

    def project(self) -> w.Widget | Section:
        """Choose the project whose plan it is, or begin one."""
        return ProjectPicker(self.desk, "plan") if self.live else super().project()

    def missing(self) -> w.Widget | Section:
        """What is there and what is missing, step by step."""
        if not self.steps:
            return self._faulty()
        return self.board(lambda desk: _missing(desk, self.steps))

    def step_of(self, number: int) -> w.Widget | Section:
        """One step: its own texts, what comes from elsewhere, and what is missing."""
        if not self.steps:
            return self._faulty()
        step = self.steps[number - 1]
        board = self.board(lambda desk: _step(desk, step))
        texts = (PlanTexts(self.desk, step),) if self.live else ()
        return self.together(f"{step.number}. {step.name}", *texts, *self._lists(number), board)

    def _lists(self, number: int) -> tuple:
        """Live, the lists that a plan alone is written in; other steps are written in their own notebooks."""
        kinds = {1: ("member",), 3: ("finding",), 4: ("goal",), 5: ("strategy",), 6: ("action",), 7: ("check_in",)}
        return tuple(self.entries(k) for k in kinds.get(number, ())) if self.live else ()

    def measures(self) -> w.Widget | Section:
        """The plan's measures, read anew."""
        return Refresh(self.desk) if self.live else measures_now(self.desk)

    def print_it(self) -> w.Widget | Section:
        """The plan as one page for a board; in a batch the notebook itself is the page."""
        if not self.live:
            return Section(())
        return PrintPlan(self.desk, self.steps) if self.steps else self._faulty()

    def _faulty(self) -> w.Widget | Section:
        if not self.live:
            return self.says(self.problem)
        message = Message()
        message.fail(KitError(self.problem))
        return w.VBox([look(), message])


class PlanTexts(w.VBox):
    """The texts of a step that stand nowhere else; each is saved when its box is left."""

    def __init__(self, desk: Desk, step: Step):
        self.desk, self.step, self.message, self._filling = desk, step, Message(), False
        self.texts, self.dates, rows = {}, {}, []
        for part in step.parts:
            self.texts[part] = w.Textarea(
                description=part, rows=2, continuous_update=False, style={"description_width": "9rem"},
                layout=w.Layout(width="auto", max_width="46rem"),
            )  # fmt: skip
            self.dates[part] = w.DatePicker(
                description=f"{part}: date", style={"description_width": "12rem"},
                layout=w.Layout(width="auto", max_width="24rem"),
            )  # fmt: skip
            for box in (self.texts[part], self.dates[part]):
                box.observe(guarded(self.message, lambda p=part: self._save(p)), "value")
            rows += [self.texts[part], self.dates[part]]
        desk.observe(guarded(self.message, self.fill), ["project", "saves"])
        super().__init__([look(), *rows, self.message])
        guarded(self.message, self.fill)()

    def fill(self) -> None:
        """Show what is saved."""
        self._filling = True
        try:
            for part, box in self.texts.items():
                entry = text_of(self.desk.project, self.step.number, part) if self.desk.project else None
                box.value = (entry["text"] or "") if entry is not None else ""
                on = entry["date"] if entry is not None else None
                self.dates[part].value = date.fromisoformat(on) if on else None
        finally:
            self._filling = False

    def _save(self, part: str) -> None:
        if self._filling:
            return
        on = self.dates[part].value
        fields = {"text": self.texts[part].value.strip() or None, "date": on.isoformat() if on else None}
        entry = text_of(self.desk.require_project(), self.step.number, part)
        if entry is not None:
            self.desk.update(entry, **fields)
        elif any(fields.values()):
            self.desk.add("plan_part", step=self.step.number, part=part, **fields)
        self.message.say(f"«{part}» is saved.")


class Refresh(w.VBox):
    """The measures, drawn when asked for: a large folder takes a minute or two."""

    def __init__(self, desk: Desk):
        self.desk, self.message, self.charts = desk, Message(), w.Output()
        self.button = w.Button(description="Refresh the measures", button_style="primary", layout=button_layout("0rem"))
        self.button.on_click(guarded(self.message, self.redraw))
        super().__init__([look(), self.button, self.message, self.charts])

    def redraw(self) -> None:
        """Read the released numbers and draw them."""
        self.desk.require_project()
        self.message.say("Reading the numbers. A large folder takes a minute or two.")
        self.charts.outputs = outputs(measures_now(self.desk, live=True))
        self.message.say(f"As of {date.today()}.")


class PrintPlan(w.VBox):
    """A button that writes the plan as one page."""

    def __init__(self, desk: Desk, steps: tuple[Step, ...]):
        self.desk, self.steps, self.message, self.shown = desk, steps, Message(), w.HTML()
        self.button = w.Button(description="Write the plan", button_style="primary", layout=button_layout("0rem"))
        self.button.on_click(guarded(self.message, self.write))
        super().__init__([look(), self.button, self.message, self.shown])

    def write(self) -> None:
        """Write the page beside the data."""
        project = self.desk.require_project()
        self.message.say("Reading the numbers. A large folder takes a minute or two.")
        place = results_place(self.desk, "-plan.html")
        page = plan_page(self.desk, self.steps).html()
        write_page(place, page, title=project.about.title, subtitle="Improvement plan")
        self.shown.value = styled(_missing(self.desk, self.steps))
        self.message.say(f"The plan is in {place}. Open it in a browser and print it.")


def open_plan(data: str, project: str = "", live: bool = True) -> Plan:
    """Begin the notebook; see :class:`kit.controls.cycle.CycleNotebook`."""
    return Plan(data, project, live)
