"""A board that is drawn anew whenever something is saved."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, guarded, look, styled
from kit.reports.section import Section

__all__ = ["BoardView"]


class BoardView(w.VBox):
    """What ``draw`` gives for the open project, as HTML that follows every save.

    Parameters
    ----------
    desk : Desk
    draw : callable
        Gives HTML (escaped), or an object with ``html()``, for the open project.
    """

    def __init__(self, desk: Desk, draw: Callable[[Desk], object]):
        self.desk, self._draw = desk, draw
        self.message, self.drawn = Message(), w.HTML()
        self.again = w.Button(description="Look again", tooltip="Show what others saved meanwhile",
                              layout=w.Layout(width="auto", align_self="flex-start"))  # fmt: skip
        self.again.on_click(guarded(self.message, self._look_again))
        desk.observe(guarded(self.message, self.redraw), ["saves", "project"])
        super().__init__([look(), self.again, self.message, self.drawn])
        guarded(self.message, self.redraw)()

    def redraw(self) -> None:
        """Draw it for what is saved now."""
        if self.desk.project is None:
            self.drawn.value = styled("<p>Choose a project first.</p>")
            return
        self.drawn.value = styled(_html(self._draw(self.desk)))

    def _look_again(self) -> None:
        if not self.desk.look_again():
            self.message.say("Nothing new from others.")


def _html(drawn: object) -> str:
    if isinstance(drawn, str):
        return drawn
    if isinstance(drawn, Section) or hasattr(drawn, "html"):
        return drawn.html() if callable(drawn.html) else drawn.html
    return escape(str(drawn))
