"""What the notebook «5-sustain-and-spread» holds."""

from __future__ import annotations

from html import escape

import ipywidgets as w

from kit.charts.display import Html
from kit.charts.verdict_mark import verdict_mark
from kit.controls.cycle import CycleNotebook, entries_table
from kit.controls.desk import Desk
from kit.controls.displays import outputs, says
from kit.controls.entry_form import EntryForm
from kit.controls.measure_charts import chart_of, measure_section, stacked
from kit.controls.messages import Message, guarded, look
from kit.errors import KitError
from kit.inquiry import Entry
from kit.inquiry.network import practices, who_tested
from kit.reports.section import Section
from kit.variation import assurance_verdict, variation_verdict

__all__ = ["Sustain", "holding", "open_sustain"]

_STORY = ("story",)


def holding(desk: Desk, *, shared: bool, live: bool = False) -> Section:
    """Return a control chart of each measure that is watched, with an alert where a gain is lost.

    Watched are the measures that standard work names; without any, the outcome measures.
    """
    project = desk.project
    if project is None:
        return says("No project is chosen.", live=live)
    watched = [e["measure"] for e in project.entries("standard_work") if e["measure"]]
    watched = list(dict.fromkeys(watched)) or [m.id for m in project.entries("measure", role="outcome")]
    parts: list = []
    for measure_id in watched:
        parts += _one(desk, project.get(measure_id), shared=shared)
    return Section(
        tuple(parts) or says("No measure is watched yet: name one in the standard work.", live=live).parts, live
    )


def _one(desk: Desk, measure: Entry, *, shared: bool) -> list:
    kind = "p" if (measure["unit"] or "").lower() in ("percent", "%") else "xmr"
    section = None
    for tried in dict.fromkeys((kind, "xmr")):
        try:
            analysed = chart_of(desk.project, measure, tried, shared=shared)
            section = measure_section(desk.project, measure, tried, shared=shared)
            break
        except KitError:
            continue
    if section is None or analysed is None:
        return [Html(f'<p class="nothing">«{escape(measure.title)}» has no chart yet.</p>')]
    moved = variation_verdict(analysed.chart, measure["better"])
    target = assurance_verdict(analysed.chart, measure["target"], measure["better"])
    lost = moved.id == "concern"
    alert = (
        '<p role="alert" style="border-inline-start:4px solid var(--closer);padding-inline-start:.75rem"><b>Alert.</b> '
        f"The gain in «{escape(measure.title)}» may be lost. What was agreed for that case: "
        f"{escape(_if_lost(desk, measure))}</p>"
        if lost
        else ""
    )
    said = "".join(f"<p>{verdict_mark(v)} {escape(v.sentence)}</p>" for v in (moved, target) if v.id != "no_target")
    return [Html(f"<h3>{escape(measure.title)}</h3>{alert}{said}"), *section.parts]


def _if_lost(desk: Desk, measure: Entry) -> str:
    found = [e["if_lost"] for e in desk.entries("standard_work", measure=measure) if e["if_lost"]]
    return "; ".join(found) or "nothing is written yet; write it in the standard work."


def others(desk: Desk) -> str:
    """Return who else in the network tested the project's change ideas, and what they found, as HTML."""
    names = sorted({i["practice"] for i in desk.entries("change_idea") if i["practice"]})
    if not names:
        known = ", ".join(practices(desk.store)) or "none yet"
        return (
            '<p class="nothing">No change idea of this project carries the name of a practice (notebook 2), so others '
            f"cannot be found. Names in use: {escape(known)}.</p>"
        )
    parts = []
    for name in names:
        table = who_tested(desk.store, name)
        table = table[table["project_id"] != desk.require_project().id]
        parts.append(f"<h3>{escape(name)}</h3>" + (_found(table) if len(table) else _nobody()))
    return "".join(parts)


def _nobody() -> str:
    return '<p class="nothing">Nobody else in the network has tested it yet.</p>'


def _found(table) -> str:
    head = "".join(f'<th scope="col">{h}</th>' for h in ("Project", "Cycle", "From", "Act", "What they learned"))
    rows = "".join(
        f'<tr><th scope="row">{escape(str(r.project))}</th>'
        + "".join(f"<td>{escape('' if v is None else str(v))}</td>" for v in (r.cycle, r.start, r.act, r.learned))
        + "</tr>"
        for r in table.itertuples()
    )
    return f"<table><caption>Who tested it</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


class Sustain(CycleNotebook):
    """Is it holding, and who else should have it?"""

    def __init__(self, data: str, project: str = "", live: bool = True):
        super().__init__(data, project, live, agenda="sustain-and-spread")

    def holding(self) -> w.Widget | Section:
        """Control charts of what was adopted, with an alert when a gain is lost."""
        if self.live:
            return Watch(self.desk)
        return holding(self.desk, shared=True)

    def standard_work(self) -> w.Widget | Section:
        """What is done from now on, by whom, and when someone looks."""
        return self.together(
            "Standard work",
            self.entries("standard_work"),
            self.entries("check_in", ("about", "date", "state", "text", "next", "next_date")),
        )

    def others(self) -> w.Widget | Section:
        """Who else tested this change idea, and what they found."""
        return self.board(others)

    def story(self) -> w.Widget | Section:
        """The project's story on one page, to share."""
        if self.live:
            return Story(self.desk)
        if self.desk.project is None:
            return self.says("")
        about = self.desk.project.about
        text = "".join(
            f"<p>{escape(p)}</p>" for p in (about["story"] or "The story is not written yet.").split("\n") if p
        )
        parts = [Html(f"<h3>{escape(about.title)}</h3>{text}")]
        for kind_id, only in (
            ("problem", ("statement",)),
            ("aim", ("statement", "by")),
            ("cycle", ("number", "title", "act", "learned")),
        ):
            parts.append(Html(entries_table(self.desk, kind_id, only)))
        return Section((*parts, *stacked(self.desk.project, shared=True).parts))


class Watch(w.VBox):
    """The control charts, drawn when asked for."""

    def __init__(self, desk: Desk):
        self.desk, self.message, self.charts = desk, Message(), w.Output()
        self.button = w.Button(
            description="Show the control charts",
            button_style="primary",
            layout=w.Layout(width="auto", align_self="flex-start"),
        )
        self.button.on_click(guarded(self.message, self.redraw))
        super().__init__([look(), self.button, self.message, self.charts])

    def redraw(self) -> None:
        """Draw them for what is saved now."""
        self.desk.require_project()
        self.message.clear()
        self.charts.outputs = outputs(holding(self.desk, shared=False, live=True))


class Story(w.VBox):
    """The story, saved as it is written."""

    def __init__(self, desk: Desk):
        self.desk, self.message = desk, Message()
        self.form = EntryForm(desk, "project", _STORY)
        desk.observe(guarded(self.message, self._another), "project")
        super().__init__([look(), self.form, self.message])
        guarded(self.message, self._another)()

    def _another(self) -> None:
        self.form.show(self.desk.project.about if self.desk.project else None)


def open_sustain(data: str, project: str = "", live: bool = True) -> Sustain:
    """Begin the notebook; see :class:`kit.controls.cycle.CycleNotebook`."""
    return Sustain(data, project, live)
