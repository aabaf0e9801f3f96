"""Write everybody's form, and read the answers back: what is broken is named, the rest is kept."""

from __future__ import annotations

from html import escape

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.controls.opened import as_folder
from kit.errors import Fault, KitError
from kit.needs.form import write_forms
from kit.needs.instrument import Instrument
from kit.needs.kept import Kept, is_anonymous, keep_ratings
from kit.needs.people import turnout
from kit.needs.reading import Reading, read_answers

__all__ = ["ReadAnswers", "WriteForms", "reading_words"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")


def _folder(desk: Desk, name: str, asks: str) -> w.Text:
    return w.Text(
        str(desk.workspace.folder / "needs" / name), description=asks, continuous_update=False, style=_STYLE,
        layout=_WIDE,
    )  # fmt: skip


def _names_box() -> w.Checkbox:
    return w.Checkbox(
        False, description="Do not keep names: store ratings under numbers", indent=False,
        layout=w.Layout(width="auto", margin="2px 0 0 calc(9rem + 6px)"),
    )  # fmt: skip


class WriteForms(w.VBox):
    """A form for each member of the team, into a folder."""

    def __init__(self, desk: Desk, instrument: Instrument):
        self.desk, self.instrument, self.message = desk, instrument, Message()
        self.folder = _folder(desk, "forms", "Forms go to")
        self.anonymous = _names_box()
        self.button = w.Button(description="Write the forms", button_style="primary", layout=button_layout("9rem"))
        self.button.on_click(guarded(self.message, self.write))
        super().__init__([look(), self.folder, self.anonymous, self.button, self.message])

    def write(self) -> None:
        """Write a form for each person of the team; one that is there already is left as it is."""
        team = [m["name"] for m in self.desk.require_project().entries("member")]
        if not team:
            raise KitError("No team is written", mend="Write the team above: one form is made for each person.")
        folder = as_folder(self.folder.value)
        made, there = write_forms(folder, self.instrument, team, anonymous=self.anonymous.value)
        left = f" Left as they are, because they are there already: {', '.join(there)}." if there else ""
        self.message.say(f"{len(made)} forms are in {folder}. Send each person theirs.{left}")


class ReadAnswers(w.VBox):
    """The forms of a folder, or an online form's export, read into the project."""

    def __init__(self, desk: Desk, instrument: Instrument):
        self.desk, self.instrument, self.message = desk, instrument, Message()
        self.folder = _folder(desk, "answers", "Answers lie in")
        self.anonymous = _names_box()
        self.button = w.Button(description="Read the answers", button_style="primary", layout=button_layout("9rem"))
        self.found = w.HTML()
        self.button.on_click(guarded(self.message, self.read))
        desk.observe(guarded(self.message, self._another_project), "project")
        super().__init__([look(), self.folder, self.anonymous, self.button, self.message, self.found])
        guarded(self.message, self._another_project)()

    def read(self) -> None:
        """Read what is there now; read again, nothing is doubled."""
        project = self.desk.require_project()
        self.found.value = ""
        reading = read_answers(as_folder(self.folder.value), self.instrument)
        kept = keep_ratings(project, reading, anonymous=self.anonymous.value)
        self.found.value = styled(reading_words(reading, kept, project.entries("member")))
        self.desk.saved()
        self.message.say(f"{len(reading.forms) - _unkept(kept)} forms were read and kept.")

    def _another_project(self) -> None:
        self.found.value = ""
        if self.desk.project is not None:
            self.anonymous.value = is_anonymous(self.desk.project)


def _unkept(kept: Kept) -> int:
    return len({f.file for f in kept.faults})


def reading_words(reading: Reading, kept: Kept, team) -> str:
    """Return what was read as HTML: who has not answered, whose later form counts, blanks, and every fault."""
    unkept = {f.file for f in kept.faults}
    forms = [f for f in reading.forms if f.source not in unkept]
    parts = [f"<p><b>{escape(turnout(team, forms=forms).words())}</b></p>"]
    if reading.replaced:
        lines = [f"{r.rater}: {r.by} counts, not {r.source}" for r in reading.replaced]
        parts.append(_listed("Answered more than once; the latest counts", lines))
    if blanks := [f"{f.rater}: {', '.join(f.blanks)}" for f in forms if f.blanks]:
        parts.append(_listed("Left blank, which counts as nothing (on paper: don't know)", blanks))
    if faults := [*reading.faults, *kept.faults]:
        parts.append(_faults(faults))
    return "".join(parts)


def _listed(heading: str, lines: list[str]) -> str:
    return f"<p>{escape(heading)}:</p><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _faults(faults: list[Fault]) -> str:
    heading = "Not read, until mended (the others are in)"
    return f'<div role="alert">{_listed(heading, [str(f) for f in faults])}</div>'
