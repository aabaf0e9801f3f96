"""Rate alone in a notebook: a score and evidence for each element; nobody else's ratings are shown."""

from __future__ import annotations

import secrets
from html import escape

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, guarded, look, styled
from kit.errors import KitError
from kit.needs.answers import DONT_KNOW, same_person, score_of
from kit.needs.instrument import SCORES, Instrument, Item
from kit.needs.kept import ANONYMOUS, is_anonymous

__all__ = ["RateAlone"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")
_NOTEBOOK = "notebook"


class RateAlone(w.VBox):
    """The form in the notebook; each answer is saved when it is chosen.

    Parameters
    ----------
    desk : Desk
    instrument : Instrument
    """

    def __init__(self, desk: Desk, instrument: Instrument):
        self.desk, self.instrument, self.message, self._filling = desk, instrument, Message(), False
        self.rater = w.Text(
            description="Who rates", placeholder="Your name", continuous_update=False, style=_STYLE, layout=_WIDE
        )
        self.anonymous = w.Checkbox(
            False, description="Do not keep my name: store my ratings under a number", indent=False,
            layout=w.Layout(width="auto", margin="2px 0 0 calc(9rem + 6px)"),
        )  # fmt: skip
        self.scores, self.evidence, rows = {}, {}, []
        for item in instrument.items:
            rows.append(self._row(item))
        self.rater.observe(guarded(self.message, self._fill), "value")
        self.anonymous.observe(guarded(self.message, self._turned), "value")
        desk.observe(guarded(self.message, self._another_project), "project")
        super().__init__([look(), self.rater, self.anonymous, self.message, *rows])
        guarded(self.message, self._another_project)()

    def _row(self, item: Item) -> w.Widget:
        described = "".join(
            f"<br><small>Described under {n}: {escape(text or 'to be filled by the user')}</small>"
            for n, text in ((1, item.one), (4, item.four))
        )
        words = w.HTML(styled(f"<p><b>{escape(item.code)}</b> {escape(item.text)}{described}</p>"))
        names = [(f"{s} {self.instrument.levels[s].name}", str(s)) for s in SCORES]
        self.scores[item.code] = w.Dropdown(
            options=[("–", ""), *names, (DONT_KNOW, DONT_KNOW)], description=f"{item.code} score", style=_STYLE,
            layout=_WIDE,
        )  # fmt: skip
        self.evidence[item.code] = w.Textarea(
            description=f"{item.code} evidence", placeholder="What you saw: a report, a meeting, a number", rows=2,
            continuous_update=False, style=_STYLE, layout=_WIDE,
        )  # fmt: skip
        for box in (self.scores[item.code], self.evidence[item.code]):
            box.observe(guarded(self.message, lambda code=item.code: self._save(code)), "value")
        return w.VBox([words, self.scores[item.code], self.evidence[item.code]])

    def _another_project(self) -> None:
        self.anonymous.value = self.desk.project is not None and is_anonymous(self.desk.project)
        self._fill()

    def _turned(self) -> None:
        # A number of its own, which the person notes to come back to the ratings.
        self.rater.value = f"{ANONYMOUS}{1000 + secrets.randbelow(9000)}" if self.anonymous.value else ""
        if self.anonymous.value:
            self.message.say(f"Note your number, «{self.rater.value}»: with it you find your ratings again.")

    def _mine(self) -> dict:
        me = same_person(self.rater.value)
        return {r["element"]: r for r in self.desk.entries("rating") if me and same_person(r["rater"] or "") == me}

    def _fill(self) -> None:
        """Show what this person gave before."""
        mine, self._filling = self._mine(), True
        try:
            for code, box in self.scores.items():
                r = mine.get(code)
                box.value = "" if r is None else DONT_KNOW if r["unknown"] else str(r["score"] or "")
                self.evidence[code].value = (r["evidence"] or "") if r is not None else ""
        finally:
            self._filling = False

    def _save(self, code: str) -> None:
        if self._filling:
            return
        project, name = self.desk.require_project(), self.rater.value.strip()
        if not name:
            raise KitError("Nobody rates yet", mend="Write your name, or choose not to keep it.")
        anonymous = self.anonymous.value
        if anonymous and not name.startswith(ANONYMOUS):
            raise KitError("This is no number", mend=f"Write «{ANONYMOUS}» and your number.")
        if project.entries("rating") and anonymous != is_anonymous(project):
            raise KitError("The ratings of this project are kept the other way", mend="Turn the mark above.")
        score, unknown = score_of(self.scores[code].value, self.instrument)
        fields = {"score": score, "unknown": unknown or None, "evidence": self.evidence[code].value.strip() or None}
        held, writer = self._mine().get(code), self.desk.store.author
        try:
            if anonymous:
                self.desk.store.author = "anonymous"
            if held is not None:
                self.desk.update(held, **fields)
            elif score is not None:
                self.desk.add("rating", element=code, rater=name, source=_NOTEBOOK, **fields)
        finally:
            self.desk.store.author = writer
        given = sum(bool(b.value) for b in self.scores.values())
        self.message.say(f"Saved. {given} of {len(self.scores)} are rated.")
