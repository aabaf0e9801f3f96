"""What the notebook «0-start-here» holds: a folder, a school, three steps with displays, and what was written."""

from __future__ import annotations

import ipywidgets as w
from IPython.display import display

from kit.charts.display import Html
from kit.controls import displays
from kit.controls.choice import Choice
from kit.controls.contents import contents
from kit.controls.folder_picker import FolderPicker
from kit.controls.messages import Message, guarded, look
from kit.controls.opened import open_folder
from kit.controls.pickers import MeasurePicker, PairPicker, SchoolPicker
from kit.controls.step import Prompts, Step
from kit.errors import KitError
from kit.reports.section import Section

__all__ = ["Start", "open_start"]

_GLANCE = Prompts(
    title="At a glance",
    predict="Which measure do you expect to stand out for this school, for better or worse?",
    look="Read along a row: the number, whether it moved, and where it stands among schools of its level.",
    notice="Name a number you see. What is it, without a reason?",
    wonder="What would you ask the people who know the school?",
    decide="Which one measure will you look at more closely?",
)
_MEASURE = Prompts(
    title="One measure",
    predict="Has it gone up or down? For which students, in which grade, is it different?",
    look="First the line over the years, then the student groups, then the grades. Point at a mark to read it.",
    notice="Which mark is not where you expected it?",
    wonder="Whom could you ask, and what?",
    decide="What will you find out before you meet again, and who does it?",
)
_AMONG = Prompts(
    title="Among schools of its level",
    predict="Do schools with more of the one have less of the other? Where does this school lie?",
    look="Point at a dot for its name. The dashed lines are the medians. Two measures that go together need not "
    "be cause and effect.",
    notice="Which school in a like situation does better on both?",
    wonder="What might that school do that could be learned?",
    decide="Which school will you call?",
)
_WRITTEN = "Nothing on this page is stored yet: copy this text before you close the notebook."
_EMPTY = "What you write in the boxes above comes together here."


class Start:
    """The notebook's pickers and displays; :func:`open_start` makes it.

    Live, each method returns widgets that follow the picks. In a batch the same calls return what they show
    of the first school, drawn once.
    """

    def __init__(self, data: str, live: bool):
        self.live, self.choice = live, Choice()
        self.folder_picker = FolderPicker(self.choice, str(data))
        self.school_picker = SchoolPicker(self.choice)
        self.measure_picker = MeasurePicker(self.choice)
        self.pair_picker = PairPicker(self.choice)
        around = ("school_id", "school_year")
        self.glance_step = Step(self.choice, _GLANCE, displays.glance, around)
        self.measure_step = Step(
            self.choice,
            _MEASURE,
            displays.one_measure,
            (*around, "theme", "measure"),
            (self.school_picker, self.measure_picker),
        )
        self.among_step = Step(
            self.choice,
            _AMONG,
            displays.among_schools,
            (*around, "across", "upward"),
            (self.school_picker, self.pair_picker),
        )
        self.steps = (self.glance_step, self.measure_step, self.among_step)

    def data_folder(self) -> Section | None:
        """Show the folder's picker and open the folder; in a batch, what is in it."""
        if self.live:
            display(self.folder_picker)
            self.folder_picker.start()
            return None
        opened = open_folder(self.folder_picker.text.value)
        if opened.latest is None:
            raise KitError(
                "The folder has faults that must be mended first", where=str(opened.folder), mend="Run «kit check»."
            )
        self.choice.opened = opened
        if not self.choice.ready:
            raise KitError("There is no school in this folder", where=str(opened.folder))
        return Section((Html(contents(opened)),))

    def school(self) -> w.Widget | Section:
        """Show the picker of district, school and school year."""
        return self.school_picker if self.live else self._says(f"{self.choice.words()}.")

    def at_a_glance(self) -> w.Widget | Section:
        """Show every measure, the strengths and the questions."""
        return self._step(self.glance_step, displays.glance)

    def one_measure(self) -> w.Widget | Section:
        """Show the trend, student groups and grades of a measure."""
        return self._step(self.measure_step, displays.one_measure)

    def among_schools(self) -> w.Widget | Section:
        """Show the schools of the same level on two measures."""
        return self._step(self.among_step, displays.among_schools)

    def what_we_wrote(self) -> w.Widget | Section:
        """Show everything that was written, to copy; nothing is stored."""
        if not self.live:
            return self._says(_WRITTEN)
        text = w.Textarea(
            description="We wrote",
            placeholder=_EMPTY,
            rows=10,
            style={"description_width": "6rem"},
            layout=w.Layout(width="auto", max_width="46rem"),
        )

        def gather() -> None:
            text.value = "\n\n".join(s.written() for s in self.steps if s.written())

        for step in self.steps:
            step.on_writing(gather)
        gather()
        note = Message()
        note.say(_WRITTEN)
        return w.VBox([look(), note, text])

    def not_shown(self) -> w.Widget | Section:
        """Show what is left out for the picked school, and what the numbers cannot tell."""
        if not self.live:
            return displays.limits(self.choice, live=False)
        return Following(self.choice)

    def _step(self, step: Step, draw) -> w.Widget | Section:
        return step if self.live else draw(self.choice, live=False)

    def _says(self, text: str) -> Section:
        return displays.says(text, live=False)


class Following(w.VBox):
    """What is not shown of the picked school."""

    def __init__(self, choice: Choice):
        self.choice, self.message, self.display = choice, Message(), w.Output()
        choice.observe(guarded(self.message, self.redraw), ["opened", "school_id", "school_year"])
        super().__init__([look(), self.message, self.display])
        guarded(self.message, self.redraw)()

    def redraw(self) -> None:
        """Draw it for the school that is picked now."""
        self.message.clear()
        if not self.choice.ready:
            self.display.outputs = ()
            self.message.say("Open a data folder and choose a school first.")
            return
        self.display.outputs = displays.outputs(displays.limits(self.choice, live=True))


def open_start(data: str, live: bool = True) -> Start:
    """Begin the notebook.

    Parameters
    ----------
    data : str
        The data folder that is opened first.
    live : bool
        True where a person looks at it in JupyterLab; False draws the first school once.
    """
    return Start(data, live)
