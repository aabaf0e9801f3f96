"""Pick the data folder, and see what is in it and what it lacks."""

from __future__ import annotations

import ipywidgets as w

from kit.controls.choice import Choice
from kit.controls.contents import contents
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.controls.opened import folders_beside, open_folder

__all__ = ["FolderPicker"]

_NONE = "(choose one)"
_WIDE = {"description_width": "7rem"}


class FolderPicker(w.VBox):
    """A text field, the data folders beside it, a button, and what was found.

    Parameters
    ----------
    choice : Choice
        Is given the folder once it is open.
    data : str
        The folder at first.
    """

    def __init__(self, choice: Choice, data: str):
        self.choice = choice
        full = w.Layout(width="auto", max_width="46rem")
        self.text = w.Text(data, description="Data folder", continuous_update=False, style=_WIDE, layout=full)
        self.beside = w.Dropdown(options=[(_NONE, "")], description="Found beside", style=_WIDE, layout=full)
        self.button = w.Button(description="Open this folder", button_style="primary", layout=button_layout("7rem"))
        self.message, self.found = Message(), w.HTML()
        self._busy = False
        # Enter and leaving the field both send the text; the button opens it again, as after a mend.
        self.text.observe(guarded(self.message, self.open_it), "value")
        self.beside.observe(guarded(self.message, self._take_beside), "value")
        self.button.on_click(guarded(self.message, self.open_it))
        super().__init__([look(), self.text, self.beside, self.button, self.message, self.found])

    def start(self) -> None:
        """Open the folder that stands in the field; an error is shown, not raised."""
        guarded(self.message, self.open_it)()

    def open_it(self) -> None:
        """Open the folder in the field and hand it to the displays."""
        if self._busy:
            return
        self._busy = self.button.disabled = True
        try:
            self.found.value = ""
            self._list_beside()
            opened = open_folder(self.text.value, self._say)
            self.found.value = styled(contents(opened))
            self._hand_over(opened)
        except Exception:
            self.choice.opened = None
            raise
        finally:
            self._busy = self.button.disabled = False

    def _say(self, step: str) -> None:
        self.message.say(f"{step} This happens once; a large folder takes a minute or two.")

    def _hand_over(self, opened) -> None:
        if opened.latest is None:
            self.choice.opened = None
            self.message.say("The folder was read, but there is no number to show yet. The faults are listed below.")
            return
        self.choice.opened = opened
        self.message.say("Ready. Go on to the school.")

    def _list_beside(self) -> None:
        near = [(p.name, str(p)) for p in folders_beside(self.text.value)]
        self.beside.options = [(_NONE, ""), *near]

    def _take_beside(self) -> None:
        if self.beside.value and not self._busy:
            self.text.value = self.beside.value
