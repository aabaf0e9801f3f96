"""One cycle: plan with its predictions, lock, do, study against the predictions, act; adapt opens the next."""

from __future__ import annotations

from html import escape

import ipywidgets as w

from kit.controls.define import checks_list
from kit.controls.desk import Desk
from kit.controls.displays import outputs
from kit.controls.entry_editor import EntryEditor
from kit.controls.entry_form import EntryForm
from kit.controls.measure_charts import measure_section
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.errors import KitError
from kit.inquiry import Entry
from kit.inquiry.cycle_quality import cycle_checks
from kit.inquiry.pdsa import act, close_study, lock_predictions, new_cycle

__all__ = ["CycleForm"]

_PLAN = (
    "title",
    "change_idea",
    "driver",
    "objective",
    "description",
    "how_we_know",
    "who",
    "where",
    "start",
    "end",
    "size",
    "whole",
    "size_of",
    "measures",
    "data_plan",
)
_DO = ("as_planned", "done", "seen", "unplanned")
_STUDY = ("result", "before", "learned")
_CHARTS = (
    ("run chart, IHI's rules", ("run", "ihi")),
    ("run chart, Anhøj's rules", ("run", "anhoej")),
    ("XmR chart", ("xmr", "")),
    ("p chart", ("p", "")),
    ("p′ chart", ("p_prime", "")),
    ("u chart", ("u", "")),
)


class CycleForm(w.VBox):
    """The form of the cycle that is chosen; results stay hidden until its predictions are locked."""

    def __init__(self, desk: Desk):
        self.desk, self.message, self._filling = desk, Message(), False
        self.choose = w.Dropdown(
            description="Cycle", style={"description_width": "9rem"}, layout=w.Layout(width="auto", max_width="46rem")
        )
        self.title = w.Text(
            description="Or plan a new one",
            placeholder="What you will try, in a few words",
            style={"description_width": "9rem"},
            layout=w.Layout(width="auto", max_width="46rem"),
        )
        self.plan_new = w.Button(description="Plan it", button_style="primary", layout=button_layout("9rem"))
        self.forms = {
            name: EntryForm(desk, "cycle", only) for name, only in (("plan", _PLAN), ("do", _DO), ("study", _STUDY))
        }
        self.predictions, self.results = w.VBox(), w.VBox()
        self.lock = w.Button(
            description="Lock the predictions and show results", button_style="warning", layout=button_layout("9rem")
        )
        self.kind = w.Dropdown(
            options=list(_CHARTS),
            description="Chart",
            style={"description_width": "9rem"},
            layout=w.Layout(width="auto", max_width="32rem"),
        )
        self.charts, self.said, self.quality = w.Output(), w.HTML(), w.HTML()
        self.close_it = w.Button(description="Close the study", layout=button_layout("9rem"))
        self.decision = w.Dropdown(
            options=[("–", ""), *((d, d) for d in ("adopt", "adapt", "abandon"))],
            description="Act",
            style={"description_width": "9rem"},
            layout=w.Layout(width="auto", max_width="32rem"),
        )
        self.why = _area("Why", "What in the result led to it")
        self.next_test = _area("Next test", "For adapt: what you will try next")
        self.decide = w.Button(description="Decide", button_style="primary", layout=button_layout("9rem"))
        self.choose.observe(guarded(self.message, self._chosen), "value")
        self.kind.observe(guarded(self.message, self.redraw), "value")
        for button, action in (
            (self.plan_new, self._plan),
            (self.lock, self._lock),
            (self.close_it, self._close),
            (self.decide, self._decide),
        ):
            button.on_click(guarded(self.message, action))
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        self.body = w.VBox(
            [
                _head("Plan"),
                self.forms["plan"],
                _head("Questions and predictions"),
                self.predictions,
                self.lock,
                _head("Do"),
                self.forms["do"],
                self.said,
                self.results,
                _head("How the cycle holds to the method"),
                self.quality,
            ],
        )
        self._studied = (
            _head("Study"),
            self.kind,
            self.charts,
            self.forms["study"],
            self.close_it,
            _head("Act"),
            self.decision,
            self.why,
            self.next_test,
            self.decide,
        )
        super().__init__([look(), self.choose, self.title, self.plan_new, self.message, self.body])
        self.refresh()

    @property
    def cycle(self) -> Entry | None:
        """The cycle that is chosen, as it stands in the store."""
        return self.desk.project.get(self.choose.value) if self.desk.project and self.choose.value else None

    def refresh(self) -> None:
        """Offer the cycles that are there now and follow what changed in the chosen one."""
        options = [
            (f"{c['number'] or '?'}. {c.title} ({c['act'] or 'open'})", c.id) for c in self.desk.entries("cycle")
        ]
        if list(self.choose.options) != options:
            held = self.choose.value
            self._filling = True
            try:
                self.choose.options = options
                self.choose.value = held if held in [v for _, v in options] else (options[-1][1] if options else None)
            finally:
                self._filling = False
            if self.choose.value != held:
                self._chosen()
        self._follow()

    def _chosen(self) -> None:
        if self._filling:
            return
        cycle = self.cycle
        for form in self.forms.values():
            form.show(cycle)
        fixed = {"cycle": cycle.id} if cycle else {}
        only = ("question", "prediction", "measure", "result", "matched")
        self.predictions.children = (EntryEditor(self.desk, "prediction", only, fixed),) if cycle else ()
        self.decision.value = (cycle["act"] or "") if cycle else ""
        self.why.value, self.next_test.value = (cycle["why"] or "", cycle["next_test"] or "") if cycle else ("", "")
        self._follow()
        self.redraw()

    def _follow(self) -> None:
        cycle = self.cycle
        self.body.layout.display = "" if cycle else "none"
        if cycle is None:
            return
        locked = bool(cycle["locked_at"])
        self.lock.disabled = locked
        self.said.value = styled(
            f"<p>Predictions locked on {escape(cycle['locked_at'][:10])}; they stay as they are.</p>"
            if locked
            else "<p>Results and the study come after the predictions are locked.</p>"
        )
        if bool(self.results.children) != locked:
            self.results.children = self._studied if locked else ()
        self.quality.value = styled(checks_list(cycle_checks(self.desk.project, cycle)))

    def redraw(self) -> None:
        """Draw the cycle's measures, where its predictions are locked."""
        cycle = self.cycle
        if cycle is None or not cycle["locked_at"]:
            self.charts.outputs = ()
            return
        project, (kind, rules) = self.desk.project, self.kind.value
        wanted = cycle["measures"] or [m.id for m in project.entries("measure")]
        drawn = []
        for measure_id in wanted:
            section = measure_section(
                project, project.get(measure_id), kind, shared=False, rules=rules or "ihi", live=True
            )
            drawn += outputs(section)
        self.charts.outputs = tuple(drawn)

    def _plan(self) -> None:
        if not self.title.value.strip():
            raise KitError("The cycle has no title", mend="Say in a few words what you will try.")
        made = new_cycle(self.desk.require_project(), self.title.value)
        self.title.value = ""
        self.desk.saved()
        self.choose.value = made.id
        self.message.say("The cycle is begun. Write the plan, then a question with a prediction, then lock it.")

    def _lock(self) -> None:
        lock_predictions(self.desk.require_project(), self._required())
        self._changed()

    def _close(self) -> None:
        close_study(self.desk.require_project(), self._required())
        self._changed()
        self.message.say("The study is closed. Decide: adopt, adapt or abandon.")

    def _decide(self) -> None:
        if not self.decision.value:
            raise KitError("No decision is chosen", mend="Choose adopt, adapt or abandon.")
        words = {"why": self.why.value.strip() or None, "next_test": self.next_test.value.strip() or None}
        _, following = act(self.desk.require_project(), self._required(), self.decision.value, **words)
        self._changed()
        if following is not None:
            self.choose.value = following.id
            self.message.say(f"The next cycle is open: {following.title}. Write its prediction before anything else.")
        else:
            self.message.say("Decided and saved.")

    def _required(self) -> Entry:
        cycle = self.cycle
        if cycle is None:
            raise KitError("No cycle is chosen", mend="Choose one, or plan a new one.")
        return cycle

    def _changed(self) -> None:
        self.desk.saved()
        for form in self.forms.values():
            form.show(self.cycle)
        self.redraw()


def _head(text: str) -> w.HTML:
    return w.HTML(styled(f"<h3>{escape(text)}</h3>"))


def _area(description: str, asks: str) -> w.Textarea:
    return w.Textarea(
        description=description,
        placeholder=asks,
        rows=2,
        continuous_update=False,
        style={"description_width": "9rem"},
        layout=w.Layout(width="auto", max_width="46rem"),
    )
