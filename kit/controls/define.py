"""What the notebook «1-define-the-problem» holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from html import escape

import ipywidgets as w

from kit.charts.quadrants import axis_name
from kit.compare.birds_eye import BANDS
from kit.compare.quadrants import CUTS, axes
from kit.controls import define_displays, displays
from kit.controls.cycle import CycleNotebook
from kit.controls.desk import Desk
from kit.controls.messages import Message, button_layout, guarded, look
from kit.controls.pickers import MeasurePicker, SchoolPicker
from kit.controls.step import Prompts
from kit.inquiry.advice import Check
from kit.inquiry.statements import aim_checks, aim_sentence, problem_checks
from kit.reports.section import Section

__all__ = ["Define", "checks_list", "open_define"]

_WHOLE = Prompts(
    title="Bird's-eye view",
    predict="Schools that stand low on this measure: on which other measures do you expect them to stand low too?",
    look="Read a bar from the left: how many of these schools stand low on that measure as well.",
    notice="On which measure do they stand better than you thought?",
    wonder="What might these schools have in common?",
    decide="Which measure do you want to see more closely?",
)
_TWO = Prompts(
    title="Two measures, school by school",
    predict="Do the two go together? Where does our school lie?",
    look="Point at a dot for its name. Change the filters and see who stays.",
    notice="Name a school that does better on both. Name one that surprises you.",
    wonder="What would you ask that school?",
    decide="Whom will you call?",
)
_CLOSER = Prompts(
    title="Years, grades and student groups",
    predict="Since when? For which students, in which grade?",
    look="First the years, then the student groups with their gaps, then the grades.",
    notice="Which group or grade stands apart, and how sure is it?",
    wonder="Who could tell you why?",
    decide="What belongs into the problem statement?",
)
_LIKE = Prompts(
    title="Schools like ours that improve more",
    predict="Which school in a like situation do you expect to improve more?",
    look="Read why a school counts as alike before you read its numbers.",
    notice="What did it improve, and by how much?",
    wonder="What might it do that could be learned?",
    decide="Who calls, and by when?",
)
_LABEL = {"style": {"description_width": "6rem"}, "layout": w.Layout(width="auto", max_width="32rem")}


class _Filters(w.VBox):
    """Dropdowns beside a display that are no picks of the project: band, level, district, size, lines."""

    def __init__(self, desk: Desk, drops: dict[str, w.Widget], fill: Callable[[dict[str, w.Widget]], None]):
        self.desk, self.drops, self.message, self._fill = desk, drops, Message(), fill
        desk.choice.observe(guarded(self.message, self.refill), "opened")
        super().__init__([look(), *drops.values(), self.message])
        guarded(self.message, self.refill)()

    def refill(self) -> None:
        """Offer what the opened folder holds."""
        if self.desk.choice.opened is not None:
            self._fill(self.drops)

    def values(self) -> dict:
        """Return what is chosen, by name."""
        return {name: drop.value for name, drop in self.drops.items()}


class Define(CycleNotebook):
    """Where, for whom and since when it is not working; ends with a problem statement, a baseline and an aim."""

    def __init__(self, data: str, project: str = "", live: bool = True):
        super().__init__(data, project, live, agenda="define-the-problem")

    def about(self) -> w.Widget | Section:
        """Who is in the team, and which school or measure the project is about."""
        return self.together("The team", self.entries("member"))

    def school(self) -> w.Widget | Section:
        """Read the numbers, then pick the school and the measure that the displays follow."""
        if not self.live:
            return Section(())
        return OpenNumbers(self.desk)

    def whole_picture(self) -> w.Widget | Section:
        """Every measure at once."""
        filters = self._filters({"band": _drop("Levels", [(b, b) for b in BANDS]), "district": _drop("District")})
        return self._filtered(_WHOLE, define_displays.whole_picture, ("school_year", "measure"), filters)

    def two_measures(self) -> w.Widget | Section:
        """Any two measures or shares, with filters and quadrants."""
        drops = {
            "level": _drop("Schools", [("of every level", ""), *((x, x) for x in ("elementary", "middle", "high"))]),
            "district": _drop("District"),
            "least": w.BoundedIntText(0, min=0, max=10**6, description="From size", **_LABEL),
            "most": w.BoundedIntText(0, min=0, max=10**6, description="To size", tooltip="0: no limit", **_LABEL),
            "cut": _drop("Lines at the", [(c, c) for c in CUTS]),
        }
        filters = self._filters(drops)
        pair = (AxisPair(self.desk),) if self.live else ()
        return self._filtered(_TWO, define_displays.among_schools, ("school_id", "school_year", "across", "upward"),
                              filters, pair)  # fmt: skip

    def closer(self) -> w.Widget | Section:
        """The years beside district and network, student groups with their gaps, grades."""
        return self.step(_CLOSER, displays.one_measure, ("school_id", "school_year", "theme", "measure"))

    def schools_like_ours(self) -> w.Widget | Section:
        """Three schools in a like situation that improve more, and why they are alike."""
        return self.step(_LIKE, define_displays.improving, ("school_id", "school_year"))

    def problem(self) -> w.Widget | Section:
        """The problem statement, checked for its parts."""
        fields = ("statement", "what", "who", "where", "since", "how_known", "how_much")
        return self.together(
            "Problem statement", self.entries("problem", fields), self.board(partial(_checked, "problem"))
        )

    def baseline(self) -> w.Widget | Section:
        """Where the measure stood before anything was tried."""
        return self.together("Baseline", self.entries("baseline"))

    def aim(self) -> w.Widget | Section:
        """How much, of what, for whom, by when; checked for being specific, measurable and dated."""
        return self.together("Aim", self.entries("aim"), self.board(partial(_checked, "aim")))

    def _filters(self, drops: dict[str, w.Widget]) -> _Filters | None:
        return _Filters(self.desk, drops, self._fill) if self.live else None

    def _fill(self, drops: dict[str, w.Widget]) -> None:
        rows = self.desk.choice.opened.latest.school_rows.values()
        names = {r["district_id"]: r["district_name"] or r["district_id"] for r in rows if r["district_id"]}
        held = drops["district"].value
        drops["district"].options = [("All districts", ""), *sorted((n, i) for i, n in names.items())]
        drops["district"].value = held if held in names else ""

    def _filtered(self, prompts, draw, follows, filters: _Filters | None, pickers: tuple = ()) -> w.Widget | Section:
        def drawn(choice, *, live):
            return draw(choice, live=live, **(filters.values() if filters else {}))

        step = self.step(prompts, drawn, follows, (*pickers, *([filters] if filters else [])))
        if filters:
            for drop in filters.drops.values():
                drop.observe(guarded(step.message, partial(_again, step)), "value")
        return step


class OpenNumbers(w.VBox):
    """A button that reads the numbers, then the pickers of school and measure, and what the project is about."""

    def __init__(self, desk: Desk):
        self.desk, self.message = desk, Message()
        self.button = w.Button(description="Read the numbers", button_style="primary", layout=button_layout("0rem"))
        self.school, self.measure = SchoolPicker(desk.choice), MeasurePicker(desk.choice)
        self.keep = w.Button(description="The project is about this school and measure", layout=button_layout("0rem"))
        self.button.on_click(guarded(self.message, self.read))
        self.keep.on_click(guarded(self.message, self.remember))
        super().__init__([look(), self.button, self.message, self.school, self.measure, self.keep])

    def read(self) -> None:
        """Read the numbers and pick what the project is about."""
        self.desk.numbers(lambda step: self.message.say(f"{step} This happens once."))
        about = self.desk.project.about.fields if self.desk.project else {}
        if about.get("unit_type") == "school":
            self.school.school.value = about.get("unit_id") or self.school.school.value
        self.message.say("Ready.")

    def remember(self) -> None:
        """Write the picked school and measure into the project."""
        project, choice = self.desk.require_project(), self.desk.choice
        fields = {"unit_type": "school", "unit_id": choice.school_id, "records_measure": choice.measure or None}
        project.update(project.about, **fields)
        self.desk.saved()
        self.message.say(f"The project is about {choice.words()}.")


class AxisPair(w.VBox):
    """What goes across and what goes upward: any measure, any share of students, or size."""

    def __init__(self, desk: Desk):
        self.desk, self.message = desk, Message()
        self.across, self.upward = _drop("Across"), _drop("Upward")
        for drop in (self.across, self.upward):
            drop.observe(guarded(self.message, self._write), "value")
        desk.choice.observe(guarded(self.message, self.refill), "opened")
        super().__init__([look(), self.across, self.upward, self.message])
        guarded(self.message, self.refill)()

    def refill(self) -> None:
        """Offer what the opened folder holds."""
        if self.desk.choice.opened is None:
            return
        opened = self.desk.choice.opened
        there = axes(opened.measure_ids() | set(opened.latest.school_values().table))
        for drop, held, first in (
            (self.across, self.desk.choice.across, 0), (self.upward, self.desk.choice.upward, 1)
        ):  # fmt: skip
            drop.options = [(axis_name(a), a) for a in there]
            drop.value = held if held in there else there[min(first, len(there) - 1)]

    def _write(self) -> None:
        with self.desk.choice.hold_trait_notifications():
            self.desk.choice.across, self.desk.choice.upward = self.across.value or "", self.upward.value or ""


def _again(step) -> None:
    step._drawn = None
    step.redraw()


def _drop(description: str, options=()) -> w.Dropdown:
    return w.Dropdown(description=description, options=options or [("All", "")], **_LABEL)


def checks_list(checks: list[Check]) -> str:
    """Return checks as an HTML list: a mark, a word and a sentence for each."""
    marks = {True: ("✔", "met"), False: ("○", "not yet"), None: ("–", "too early to say")}
    lines = "".join(
        f'<li><span aria-hidden="true">{marks[c.met][0]}</span> <b>{escape(c.criterion)}</b> ({marks[c.met][1]}): '
        f"{escape(c.words)}</li>"
        for c in checks
    )
    return f'<ul class="checks" style="list-style:none;padding-inline-start:0">{lines}</ul>'


def _checked(kind_id: str, desk: Desk) -> str:
    found = desk.entries(kind_id)
    if not found:
        return f'<p class="nothing">No {"problem statement" if kind_id == "problem" else "aim"} is written yet.</p>'
    latest = found[-1]
    if kind_id == "problem":
        return f"<p><b>{escape(latest['statement'] or '')}</b></p>{checks_list(problem_checks(latest))}"
    sentence = latest["statement"] or aim_sentence(latest)
    return f"<p><b>{escape(sentence)}</b></p>{checks_list(aim_checks(latest, today=date.today()))}"


def open_define(data: str, project: str = "", live: bool = True) -> Define:
    """Begin the notebook; see :class:`kit.controls.cycle.CycleNotebook`."""
    return Define(data, project, live)
