"""The group's score for each element with its reason; the most contested is offered first."""

from __future__ import annotations

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, button_layout, guarded, look
from kit.errors import KitError
from kit.needs.instrument import SCORES, Instrument
from kit.needs.kept import kept_answers
from kit.needs.scores import Score, most_contested, scores

__all__ = ["Decide"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")


class Decide(w.VBox):
    """One element at a time: the proposed score stands ready; another score asks for a reason."""

    def __init__(self, desk: Desk, instrument: Instrument):
        self.desk, self.instrument, self.message, self._filling = desk, instrument, Message(), False
        self.element = w.Dropdown(description="Element", style=_STYLE, layout=_WIDE)
        names = [(f"{s} {instrument.levels[s].name}", s) for s in SCORES]
        self.score = w.Dropdown(options=[("–", None), *names], description="We agree on", style=_STYLE, layout=_WIDE)
        self.reason = w.Textarea(
            description="Why", placeholder="Needed where it differs from the proposed score", rows=2,
            continuous_update=False, style=_STYLE, layout=_WIDE,
        )  # fmt: skip
        self.keep = w.Button(description="Keep this score", button_style="primary", layout=button_layout("9rem"))
        self.rest = w.Button(
            description="Accept the proposed scores that are not far apart", layout=button_layout("9rem")
        )
        self.element.observe(guarded(self.message, self._chosen), "value")
        self.keep.on_click(guarded(self.message, self.decide))
        self.rest.on_click(guarded(self.message, self.accept))
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        super().__init__([look(), self.element, self.score, self.reason, self.keep, self.rest, self.message])
        guarded(self.message, self.refresh)()

    def _found(self) -> list[Score]:
        """Return everything that has a proposed score: what was rated, then elements that are a mean of their parts."""
        if self.desk.project is None:
            return []
        found = scores(kept_answers(self.desk.project), self.instrument)
        rated = most_contested(found)
        return [s for s in (*rated, *(s for s in found if s not in rated)) if s.proposed is not None]

    def refresh(self) -> None:
        """Offer what was rated, keeping what is chosen."""
        agreed = self._agreed()
        options = []
        for s in self._found():
            mark = "✔ " if s.item.code in agreed else "far apart: " if s.contested else ""
            options.append((f"{mark}{s.item.code}  {s.item.text[:70]}", s.item.code))
        if list(self.element.options) == options:
            return
        held, self._filling = self.element.value, True
        try:
            self.element.options = options
            codes = [v for _, v in options]
            self.element.value = held if held in codes else next(iter(codes), None)
        finally:
            self._filling = False
        if self.element.value != held:
            self._chosen()

    def _agreed(self) -> dict:
        return {c["element"]: c for c in self.desk.entries("consensus")}

    def _now(self) -> Score:
        self.desk.require_project()
        if not self.element.value:
            raise KitError("There is no score yet", mend="Read the answers first.")
        return next(s for s in self._found() if s.item.code == self.element.value)

    def _chosen(self) -> None:
        if self._filling or not self.element.value:
            return
        kept, now = self._agreed().get(self.element.value), self._now()
        self.score.value = kept["score"] if kept is not None else now.proposed
        self.reason.value = (kept["reason"] or "") if kept is not None else ""

    def decide(self) -> None:
        """Keep the group's score."""
        now = self._now()
        if self.score.value is None:
            raise KitError("No score is chosen", mend="Choose one.")
        if self.score.value != now.proposed and not self.reason.value.strip():
            raise KitError(
                f"The group's score differs from the proposed {now.proposed}", mend="Write why, in a few words."
            )
        self._keep(now, self.score.value, self.reason.value.strip() or None)
        self.message.say(f"{now.item.code}: {self.score.value} is kept.")

    def accept(self) -> None:
        """Keep the proposed score wherever nothing is agreed yet and the ratings are not far apart."""
        self.desk.require_project()
        agreed = self._agreed()
        taken = [s for s in self._found() if s.item.code not in agreed and not s.contested]
        for s in taken:
            self._keep(s, s.proposed, None)
        self.message.say(f"{len(taken)} proposed scores are kept.")

    def _keep(self, s: Score, score: int, reason: str | None) -> None:
        fields = {"score": score, "proposed": s.proposed, "reason": reason}
        held = self._agreed().get(s.item.code)
        if held is None:
            self.desk.add("consensus", element=s.item.code, **fields)
        else:
            self.desk.update(held, **fields)
