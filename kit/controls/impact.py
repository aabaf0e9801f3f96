"""What the notebook «4-measure-impact» holds."""

from __future__ import annotations

from datetime import date
from html import escape

import ipywidgets as w
import pandas as pd

from kit.charts.derived import Rows, derive, rows_at
from kit.charts.display import Html
from kit.charts.impact import draw_difference, draw_dose
from kit.charts.words import year
from kit.compare.impact import CANNOT_TELL, difference_in_differences, dose_response
from kit.controls.board_view import BoardView
from kit.controls.choice import Choice
from kit.controls.cycle import CycleNotebook, entries_table
from kit.controls.desk import Desk
from kit.controls.displays import outputs, says
from kit.controls.measure_charts import drawn_series, measure_section
from kit.controls.messages import Message, guarded, look
from kit.controls.pickers import MeasurePicker, SchoolPicker
from kit.controls.step import Prompts
from kit.errors import KitError
from kit.inquiry.network import who_tested
from kit.measures.registry import measure as find_measure
from kit.reports.section import Section

__all__ = ["Impact", "open_impact"]

_MATCHED = Prompts(
    title="Schools that did not try it",
    predict="How much do you expect schools like ours to have changed of themselves?",
    look="The diamond is our change; each tick is a school like ours. Then read the student groups.",
    notice="Where is our change inside the ticks, and where outside?",
    wonder="What else changed in those months, here and there?",
    decide="What do you believe now, and how sure are you?",
)


class Impact(CycleNotebook):
    """Did it make a difference, and for whom?"""

    def __init__(self, data: str, project: str = "", live: bool = True):
        super().__init__(data, project, live, agenda="measure-impact")

    def believe(self) -> w.Widget | Section:
        """What would convince the team, written before any display."""
        return self.together(
            "What we would believe", self.entries("expectation", ("text",)), self.entries("wondering", ("text",))
        )

    def before_and_after(self) -> w.Widget | Section:
        """The outcome measures on run charts with the cycles marked."""
        if self.live:
            return Charts(self.desk)
        if self.desk.project is None:
            return self.says("")
        parts = [
            p
            for m in self.desk.entries("measure", role="outcome")
            for p in measure_section(self.desk.project, m, shared=True).parts
        ]
        return Section(tuple(parts) or (Html('<p class="nothing">No outcome measure is written yet.</p>'),))

    def matched(self) -> w.Widget | Section:
        """The same measure in matched schools that did not test it, and the difference of the differences."""
        pickers = (SchoolPicker(self.desk.choice), MeasurePicker(self.desk.choice)) if self.live else ()
        return self.step(_MATCHED, self._difference, ("school_id", "school_year", "measure"), pickers)

    def dose(self) -> w.Widget | Section:
        """Where (or when) more of it was done, did it move more?"""
        if self.live:
            return Dose(self.desk)
        if self.desk.project is None:
            return self.says("")
        return _dose_section(self.desk, *_first_pair(self.desk), 0, shared=True)

    def limits(self) -> w.Widget | Section:
        """What none of these comparisons can tell."""
        lines = "".join(f"<li>{escape(line)}</li>" for line in CANNOT_TELL)
        return self.html(f"<h3>What these comparisons cannot tell</h3><ul>{lines}</ul>")

    def learned(self) -> w.Widget | Section:
        """What the team holds to be true now: the learning of each cycle, and the story."""
        if self.live:
            return BoardView(
                self.desk, lambda desk: entries_table(desk, "cycle", ("number", "title", "act", "learned"))
            )
        return self.html(entries_table(self.desk, "cycle", ("number", "title", "act", "learned")))

    def _difference(self, choice: Choice, *, live: bool) -> Section:
        if not choice.measure:
            none = "No measure is picked. Name one in notebook 1, or choose one that the folder has a number of."
            return says(choice.lacks or none, live=live)
        prepared = choice.opened.prepared(choice.school_year)
        before, after, why = self._years(prepared.school_year)
        near = prepared.of_school("near", choice.school_id).items
        tried = self._tried_it()
        matched = [r["other_id"] for r in near if r["other_id"] not in tried]
        rows = [i for unit in (choice.school_id, *matched) for i in prepared.units.get(("school", unit), ())]
        found = derive(
            prepared.released, _of_these, rows_at(prepared.released, rows), choice.school_id, matched, choice.measure,
            before, after,
        )  # fmt: skip
        name = prepared.school_rows[choice.school_id]["school_name"]
        drawn = draw_difference(found, find_measure(choice.measure), name, before, after)
        if drawn is None:
            both = f"{year(before)} and {year(after)}"
            return says(f"This school has no number of both {both} that can be shown.", live=live)
        left = sum(r["other_id"] in tried for r in near)
        names = ", ".join(r["other_name"] for r in near if r["other_id"] in matched) or "no school"
        said = f"{why} Matched with: {names}."
        said += f" {left} left out: the store says that they tested the same change idea." if left else ""
        return Section((drawn, Html(f'<p class="note">{escape(said)}</p>')), live)

    def _years(self, latest: int) -> tuple[int, int, str]:
        """Return the last school year before the first cycle, the year to compare it with, and why these."""
        starts = [c["start"] for c in self.desk.entries("cycle") if c["start"]]
        if not starts:
            return latest - 1, latest, "No cycle has a date, so the two latest years are compared."
        first = date.fromisoformat(min(starts))
        ending = first.year + (first.month >= 7)
        return (
            ending - 1,
            max(ending, min(latest, ending + 1) if latest > ending else ending),
            (f"The first cycle began in {year(ending)}."),
        )

    def _tried_it(self) -> set[str]:
        """Return the schools whose projects tested one of this project's change ideas."""
        names = {i["practice"] for i in self.desk.entries("change_idea") if i["practice"]}
        tested = [who_tested(self.desk.store, n) for n in sorted(names)]
        return {r.unit_id for t in tested for r in t.itertuples() if r.cycle and r.unit_type == "school"}


class Charts(w.VBox):
    """The outcome measures before and after; drawn when asked for, after the group said what it expects."""

    def __init__(self, desk: Desk):
        self.desk, self.message, self.charts = desk, Message(), w.Output()
        self.button = w.Button(
            description="Show the charts",
            button_style="primary",
            layout=w.Layout(width="auto", align_self="flex-start"),
        )
        self.button.on_click(guarded(self.message, self.redraw))
        desk.observe(guarded(self.message, self._clear), "project")
        super().__init__([look(), self.button, self.message, self.charts])

    def redraw(self) -> None:
        """Draw the outcome measures for what is saved now."""
        project = self.desk.require_project()
        found = project.entries("measure", role="outcome")
        if not found:
            raise KitError("No outcome measure is written yet", mend="Write one in notebook 3.")
        self.charts.outputs = tuple(
            o for m in found for o in outputs(measure_section(project, m, shared=False, live=True))
        )
        self.message.clear()

    def _clear(self) -> None:
        self.charts.outputs = ()


class Dose(w.VBox):
    """A process measure against an outcome, date by date, as many steps later as the team thinks it takes."""

    def __init__(self, desk: Desk):
        self.desk, self.message, self.chart = desk, Message(), w.Output()
        label = {"style": {"description_width": "9rem"}, "layout": w.Layout(width="auto", max_width="46rem")}
        self.what, self.moved = (
            w.Dropdown(description="What was done", **label),
            w.Dropdown(description="What moved", **label),
        )
        self.lag = w.BoundedIntText(
            0, min=0, max=12, description="Steps later", style=label["style"], layout=w.Layout(width="16rem")
        )
        for widget in (self.what, self.moved, self.lag):
            widget.observe(guarded(self.message, self.redraw), "value")
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        super().__init__([look(), self.what, self.moved, self.lag, self.message, self.chart])
        guarded(self.message, self.refresh)()

    def refresh(self) -> None:
        """Offer the measures that are there now."""
        options = [(m.title, m.id) for m in self.desk.entries("measure")]
        first = _first_pair(self.desk)
        for drop, wanted in ((self.what, first[0]), (self.moved, first[1])):
            if list(drop.options) != options:
                drop.options = options
                drop.value = wanted if wanted in [v for _, v in options] else None
        self.redraw()

    def redraw(self) -> None:
        """Draw the pair for what is saved now."""
        section = _dose_section(self.desk, self.what.value, self.moved.value, self.lag.value, shared=False, live=True)
        self.chart.outputs = outputs(section)


def _of_these(released: pd.DataFrame, rows: Rows, *asked) -> pd.DataFrame:
    """Compare the rows of a few schools: to look for them in a large network takes longer than to draw them."""
    return difference_in_differences(pd.DataFrame(list(rows.items), columns=released.columns), *asked)


def _first_pair(desk: Desk) -> tuple[str | None, str | None]:
    process = [m.id for role in ("process", "driver") for m in desk.entries("measure", role=role)]
    outcome = [m.id for m in desk.entries("measure", role="outcome")]
    return (process or [None])[0], (outcome or [None])[0]


def _dose_section(
    desk: Desk, dose: str | None, response: str | None, lag: int, *, shared: bool, live: bool = False
) -> Section:
    if desk.project is None or not dose or not response or dose == response:
        return says("It takes a process or driver measure and an outcome measure, each with values.", live=live)
    project = desk.project
    names = [project.get(i).title for i in (dose, response)]
    try:
        drawn = [drawn_series(project, project.get(i), shared=shared) for i in (dose, response)]
        points = [pd.Series(d.values, index=list(d.labels), dtype=float) for d in drawn]
    except KitError as error:
        return says(str(error), live=live)
    index = sorted(set(points[0].index) & set(points[1].index))
    found = dose_response(points[0].reindex(index), points[1].reindex(index), lag)
    if found["sure"] == "too few":
        return says(f"{names[0]} and {names[1]} have {found['n']} dates in common: too few to say.", live=live)
    said = f"rank correlation {found['correlation']:.2f} ({found['low']:.2f} to {found['high']:.2f}): {found['sure']}"
    return Section((draw_dose(found["pairs"], names[0], names[1], said.replace("-", "−")),), live)


def open_impact(data: str, project: str = "", live: bool = True) -> Impact:
    """Begin the notebook; see :class:`kit.controls.cycle.CycleNotebook`."""
    return Impact(data, project, live)
