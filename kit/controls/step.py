"""One step of a session: predict, look, notice, wonder, decide. The display stays hidden until it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import ipywidgets as w

from kit.controls.choice import Choice
from kit.controls.displays import outputs
from kit.controls.messages import Message, button_layout, guarded, look, paragraph, styled
from kit.reports.section import Section

__all__ = ["Prompts", "Step"]

_BOXES = (("notice", "We notice"), ("wonder", "We wonder"), ("decide", "We decide"))


@dataclass(frozen=True)
class Prompts:
    """What a step asks a group, one short sentence each."""

    title: str
    predict: str
    look: str
    notice: str
    wonder: str
    decide: str


def _box(description: str, asks: str, rows: int) -> w.Textarea:
    return w.Textarea(
        description=description,
        placeholder=asks,
        rows=rows,
        continuous_update=False,
        style={"description_width": "6rem"},
        layout=w.Layout(width="auto", max_width="46rem"),
    )


class Step(w.VBox):
    """Prompts around one display that follows what is picked.

    Parameters
    ----------
    choice : Choice
    prompts : Prompts
    draw : callable
        Gives the display of the choice.
    follows : sequence of str
        The traits of the choice that change the display.
    pickers : sequence of Widget
        Shown above the prompts.
    """

    def __init__(
        self,
        choice: Choice,
        prompts: Prompts,
        draw: Callable[..., Section],
        follows: tuple[str, ...],
        pickers: tuple[w.Widget, ...] = (),
    ):
        self.choice, self.prompts, self._draw, self._follows = choice, prompts, draw, follows
        self.message, self.display, self.said = Message(), w.Output(), w.HTML()
        self.shown_for, self._drawn, self._earlier, self._listeners = "", None, [], []
        self.prediction = _box("We expect", prompts.predict, 2)
        self.button = w.Button(description="Show the display", button_style="primary", layout=button_layout("6rem"))
        self.again = w.Button(description="Hide it and predict again", layout=button_layout("6rem"))
        self.boxes = {name: _box(label, getattr(prompts, name), 2) for name, label in _BOXES}
        self._before = w.VBox(
            [w.HTML(styled(f"<b>Predict.</b> {escape(prompts.predict)}")), self.prediction, self.button]
        )
        look_line = w.HTML(styled(f"<b>Look.</b> {escape(prompts.look)}"))
        asks = [w.HTML(styled("<b>Notice</b> what is there, <b>wonder</b> why, then <b>decide</b> on one next step."))]
        self._after = w.VBox(
            [self.said, look_line, self.display, *asks, *self.boxes.values(), self.again],
            layout=w.Layout(display="none"),
        )
        self.button.on_click(guarded(self.message, self.reveal))
        self.again.on_click(guarded(self.message, self.hide))
        choice.observe(guarded(self.message, self.redraw), ["opened", *follows])
        super().__init__([look(), *pickers, self._before, self.message, self._after])

    @property
    def revealed(self) -> bool:
        """Whether the display is shown."""
        return self._after.layout.display != "none"

    def reveal(self) -> None:
        """Show the display, and what was expected above it."""
        if not self.choice.ready:
            self.message.say("Open a data folder and choose a school first.")
            return
        self.shown_for = self.choice.words()
        wrote = self.prediction.value.strip()
        text = (
            f"For {self.shown_for} we expected: {wrote}"
            if wrote
            else "No prediction was written. Say aloud what you expected."
        )
        self.said.value = styled(paragraph(text))
        self._before.layout.display, self._after.layout.display = "none", ""
        self.redraw()
        self._tell()

    def hide(self) -> None:
        """Hide the display again and empty the boxes for the next prediction; what was written is kept."""
        if now := self._now():
            self._earlier.append(now)
        for box in (self.prediction, *self.boxes.values()):
            box.value = ""
        self.shown_for, self._drawn, self.display.outputs = "", None, ()
        self._before.layout.display, self._after.layout.display = "", "none"

    def redraw(self) -> None:
        """Draw the display for what is picked now; hidden, nothing is drawn."""
        if not self.revealed:
            self.message.clear()
            return
        if not self.choice.ready:
            self._drawn, self.display.outputs = None, ()
            self.message.say("Open a data folder and choose a school first.")
            return
        wanted = tuple(getattr(self.choice, name) for name in ("opened", *self._follows))
        if wanted == self._drawn:
            return  # Two picks that change together call twice.
        self.message.clear()
        try:
            self.display.outputs = outputs(self._draw(self.choice, live=True))
        except Exception:
            # An old display under an error would be taken for the new one.
            self._drawn, self.display.outputs = None, ()
            raise
        self._drawn = wanted

    def written(self) -> str:
        """Return what was written here as plain text, also before it was hidden; empty where nothing was."""
        return "\n\n".join([*self._earlier, *([self._now()] if self._now() else [])])

    def _now(self) -> str:
        lines = [("We expected", self.prediction.value)]
        lines += [(label, self.boxes[name].value) for name, label in _BOXES]
        said = [f"{label}: {text.strip()}" for label, text in lines if text.strip()]
        head = f"{self.prompts.title}{f' ({self.shown_for})' if self.shown_for else ''}"
        return "\n".join([head, *said]) if said else ""

    def on_writing(self, action: Callable[[], None]) -> None:
        """Call this whenever something was written."""
        self._listeners.append(action)
        for box in (self.prediction, *self.boxes.values()):
            box.observe(guarded(self.message, action), "value")

    def _tell(self) -> None:
        for action in self._listeners:
            action()
