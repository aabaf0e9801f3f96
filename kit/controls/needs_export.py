"""The needs assessment as one page and as a workbook, to send round; no rater's name is in either."""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import ipywidgets as w
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from kit.controls import needs_boards as boards
from kit.controls.desk import Desk
from kit.controls.dot_votes import dots_of
from kit.controls.messages import Message, button_layout, guarded, look
from kit.errors import KitError
from kit.inquiry import Entry, kind
from kit.needs.cells import put
from kit.needs.instrument import SCORES, Instrument
from kit.needs.kept import kept_answers
from kit.needs.scores import scores
from kit.reports.session_record import write_page

__all__ = ["SendRound", "assessment_page", "assessment_workbook", "results_place"]

_KINDS = {
    "finding": ("sort", "text", "element"),
    "strategy": ("text", "causes", "research", "measure", "kept"),
    "goal": ("statement", "population", "indicator", "start_value", "target", "unit", "achievable", "relevant", "by",
             "owner", "strategies"),
    "action": ("text", "owner", "due", "status", "about", "outcome"),
    "check_in": ("date", "about", "state", "text", "value", "next", "next_date"),
}  # fmt: skip


def assessment_page(desk: Desk, instrument: Instrument) -> str:
    """Return the whole assessment as HTML."""
    parts = (
        ("Scores", boards.overview(desk, instrument)),
        ("Element by element, the most contested first", boards.contested(desk, instrument, shared=True)),
        ("Strengths and challenges", boards.findings(desk)),
        ("Strategies", boards.strategies(desk)),
        ("Goals", boards.goals(desk)),
        ("Action plan", boards.actions(desk)),
        ("Check-ins", boards.due(desk)),
    )
    gaps = "".join(f'<p class="nothing">{g}</p>' for g in instrument.gaps())
    return "".join(f"<h2>{heading}</h2>{html}" for heading, html in parts) + gaps


def assessment_workbook(desk: Desk, instrument: Instrument) -> Workbook:
    """Return the assessment as a workbook: how many gave each score, what was agreed, and what follows from it."""
    project = desk.require_project()
    book = Workbook()
    found = scores(kept_answers(project), instrument)
    agreed = {c["element"]: c for c in project.entries("consensus")}
    heads = ["Element", "Text", *(f"Gave {s}" for s in SCORES), "of them don't know", "Left blank", "Average",
             "Proposed", "Agreed", "Colour", "Why"]  # fmt: skip
    rows = []
    for row in boards.distribution(found):
        kept = agreed.get(row[0])
        score = kept["score"] if kept is not None else row[-1]
        colour = instrument.levels[score].colour if score in instrument.levels else None
        rows.append((*row, kept["score"] if kept is not None else None, colour, kept["reason"] if kept else None))
    _sheet(book.active, "Scores", heads, rows)
    titles, dots = {e.id: e.title for e in project.entries()}, dots_of(desk)
    for kind_id, fields in _KINDS.items():
        known, votes = kind(kind_id), kind_id == "strategy"
        heads = [known.fields[f].label for f in fields] + (["Votes"] if votes else [])
        rows = [
            (*(_written(e, f, titles) for f in fields), *((dots[e.id],) if votes else ()))
            for e in project.entries(kind_id)
        ]
        _sheet(book.create_sheet(), known.many[:31], heads, rows)
    _sheet(book.create_sheet(), "Assumptions", ["Assumptions and what is to be filled"],
           [(t,) for t in (*instrument.settings.assumptions(), *instrument.gaps())])  # fmt: skip
    return book


def _sheet(sheet, title: str, heads, rows) -> None:
    sheet.title = title
    for number, head in enumerate(heads, start=1):
        put(sheet.cell(1, number), head).font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            put(sheet.cell(number, column), value).alignment = Alignment(wrap_text=True, vertical="top")
    for column in sheet.columns:
        longest = max(len(str(c.value or "")) for c in column)
        sheet.column_dimensions[column[0].column_letter].width = min(48, max(10, longest + 2))
    sheet.freeze_panes = "A2"


def _written(entry: Entry, field: str, titles: dict[str, str]):
    value = entry[field]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(titles.get(v, str(v)) for v in value)
    return titles.get(value, value) if isinstance(value, str) else value


def results_place(desk: Desk, ending: str) -> Path:
    """Return where a project's results go: ``records`` beside the data, or in the user's home."""
    from kit.inquiry.location import OWN_FOLDER, _is_sample

    folder = desk.workspace.folder
    if _is_sample(folder) or not os.access(folder, os.W_OK):
        folder = Path.home() / OWN_FOLDER
    project = desk.require_project()
    name = re.sub(r"[^\w]+", "-", f"{date.today()} {project.about.title}".lower()).strip("-")[:80]
    return folder / "records" / f"{name}-{project.id[-4:]}{ending}"


class SendRound(w.VBox):
    """A button that writes the page and the workbook."""

    def __init__(self, desk: Desk, instrument: Instrument):
        self.desk, self.instrument, self.message = desk, instrument, Message()
        self.button = w.Button(
            description="Write the page and the workbook", button_style="primary", layout=button_layout("0rem")
        )
        self.button.on_click(guarded(self.message, self.write))
        super().__init__([look(), self.button, self.message])

    def write(self) -> None:
        """Write both, each whole or not at all."""
        project = self.desk.require_project()
        place = results_place(self.desk, ".html")
        page = assessment_page(self.desk, self.instrument)
        write_page(place, page, title=project.about.title, subtitle=self.instrument.title)
        sheet = place.with_suffix(".xlsx")
        beside = sheet.with_suffix(".unfinished")
        try:
            assessment_workbook(self.desk, self.instrument).save(beside)
            os.replace(beside, sheet)
        except OSError as error:
            raise KitError(f"The workbook cannot be written ({error.strerror})", where=str(sheet)) from None
        self.message.say(f"Written, without raters' names: {place} and {sheet.name}.")
