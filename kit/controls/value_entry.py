"""Values of a measure over time: typed, pasted from a spreadsheet, read from a file, or asked of the daily records."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import date

import ipywidgets as w
import pandas as pd

from kit.controls.desk import Desk
from kit.controls.entry_editor import EntryEditor
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.errors import Fault, InputError, KitError
from kit.inquiry import Entry
from kit.inquiry.daily import WEEKLY, weekly

__all__ = ["ValueEntry", "pasted_values", "save_values"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")
_COLUMNS = ("date", "value", "numerator", "denominator", "note")
_FIELDS = ("date", "numerator", "denominator", "value", "note", "astronomical")


def pasted_values(text: str, what: str = "pasted text") -> list[dict]:
    """Read rows of values from text with tabs, commas or semicolons; a first line of names says which column is which.

    Without names: two columns are date and value, three are date, numerator and denominator.

    Raises
    ------
    InputError
        With every row that cannot be read.
    """
    if not text.strip():
        raise KitError(
            "There is nothing to read", mend="Copy the cells in the spreadsheet, with their dates, and paste."
        )
    separator = "\t" if "\t" in text else ";" if ";" in text else ","
    frame = pd.read_csv(io.StringIO(text.strip("\n")), sep=separator, header=None, dtype=str, keep_default_na=False)
    first = [str(c).strip().lower() for c in frame.iloc[0]]
    named = any(c in _COLUMNS for c in first)
    if named:
        columns, frame = first, frame.iloc[1:]
    else:
        columns = list({2: ("date", "value"), 3: ("date", "numerator", "denominator")}.get(len(first), ()))
    if "date" not in columns or not {"value", "numerator"} & set(columns):
        raise KitError(
            f"It is not clear which of the {len(first)} columns is what",
            mend="Begin with a line of names: date, value; or date, numerator, denominator.",
        )
    rows, faults = [], []
    for number, cells in zip(frame.index + 1, frame.to_numpy().tolist(), strict=True):
        row = {}
        for name, cell in zip(columns, cells, strict=True):
            if name not in _COLUMNS or not str(cell).strip():
                continue
            try:
                row[name] = _read(name, str(cell).strip())
            except ValueError:
                asks = "Write it as 2026-09-28" if name == "date" else "Write digits, such as 12.5"
                faults.append(Fault("error", what, f"'{cell}' is not a {name}", asks, row=int(number), column=name))
        if "date" not in row and not any(f.row == number for f in faults) and row:
            faults.append(Fault("error", what, "the row has no date", "Give each value its date", row=int(number)))
        if row:
            rows.append(row)
    if faults:
        raise InputError(faults, what)
    return rows


def _read(name: str, cell: str) -> object:
    if name == "note":
        return cell
    if name == "date":
        for form in ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%m/%d/%y"):
            try:
                return pd.to_datetime(cell, format=form).date().isoformat()
            except ValueError:
                continue
        raise ValueError(cell)
    return float(cell.rstrip("%").replace(",", ".").strip())


def save_values(desk: Desk, measure: Entry, rows: Sequence[dict]) -> tuple[int, int]:
    """Save rows of values, changing a date's that is there already; return how many are new and how many changed."""
    project = desk.require_project()
    added = changed = 0
    with project.together():
        there = {v["date"]: v for v in project.entries("value", measure=measure)}
        new = [{"measure": measure.id, **row} for row in rows if row["date"] not in there]
        if new:
            project.add_many("value", new)
            added = len(new)
        for row in rows:
            if (old := there.get(row["date"])) is not None:
                after = project.update(old, **row)
                changed += after.version != old.version
    desk.saved()
    return added, changed


class ValueEntry(w.VBox):
    """Four ways to give a measure its values."""

    def __init__(self, desk: Desk):
        self.desk, self.message, self._filling = desk, Message(), False
        self.measure = w.Dropdown(description="Measure", style=_STYLE, layout=_WIDE)
        self.one = w.VBox()
        self.text = w.Textarea(
            description="Paste here",
            rows=4,
            style=_STYLE,
            layout=_WIDE,
            continuous_update=False,
            placeholder="date, value; or date, numerator, denominator; one row a week",
        )
        self.paste = w.Button(description="Take the pasted rows", layout=button_layout("9rem"))
        self.file = w.FileUpload(accept=".csv,.xlsx,.txt", description="Read a file", layout=button_layout("9rem"))
        self.of = w.Dropdown(
            options=[(words, i) for i, words in WEEKLY.items()],
            description="From the records",
            style=_STYLE,
            layout=_WIDE,
        )
        self.grades = w.Text(description="Grades", placeholder="Such as 6, 7; empty: all", style=_STYLE, layout=_WIDE)
        self.sections = w.Text(
            description="Classes", placeholder="Ids of sections; empty: all", style=_STYLE, layout=_WIDE
        )
        self.ask = w.Button(description="Ask the daily records, week by week", layout=button_layout("9rem"))
        self.measure.observe(guarded(self.message, self._chosen), "value")
        self.paste.on_click(guarded(self.message, self.take_pasted))
        self.file.observe(guarded(self.message, self.take_file), "value")
        self.ask.on_click(guarded(self.message, self.take_records))
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        head = w.HTML(styled("<b>One by one</b>"))
        several = w.HTML(styled("<b>Many at once.</b> A week without a value stays a gap; nothing is filled in."))
        super().__init__(
            [
                look(),
                self.measure,
                head,
                self.one,
                several,
                self.text,
                self.paste,
                self.file,
                self.of,
                self.grades,
                self.sections,
                self.ask,
                self.message,
            ]
        )
        self.refresh()

    def refresh(self) -> None:
        """Offer the measures that are there now."""
        options = [(m.title, m.id) for m in self.desk.entries("measure")]
        if list(self.measure.options) != options:
            held = self.measure.value
            self.measure.options = options
            if options:
                self.measure.value = held if held in [v for _, v in options] else options[0][1]
            self._chosen()

    def _chosen(self) -> None:
        self.one.children = (
            (EntryEditor(self.desk, "value", _FIELDS, {"measure": self.measure.value}),) if self.measure.value else ()
        )

    def _measure(self) -> Entry:
        if not self.measure.value:
            raise KitError("There is no measure yet", mend="Write one above, with its operational definition.")
        return self.desk.require_project().get(self.measure.value)

    def take_pasted(self) -> None:
        """Save the pasted rows."""
        self._save(pasted_values(self.text.value))
        self.text.value = ""

    def take_file(self) -> None:
        """Save the rows of an uploaded file."""
        for upload in self.file.value:
            content = bytes(upload["content"])
            if upload["name"].lower().endswith(".xlsx"):
                frame = pd.read_excel(io.BytesIO(content), dtype=str, keep_default_na=False)
                frame.columns = [str(c) for c in frame.columns]
                if "date" in frame:
                    frame["date"] = frame["date"].str.slice(0, 10)
                text = frame.to_csv(index=False, sep="\t")
            else:
                text = content.decode("utf-8-sig", errors="replace")
            self._save(pasted_values(text, upload["name"]))

    def take_records(self) -> None:
        """Ask the daily records of the project's school, and remember the question in the measure."""
        measure, project = self._measure(), self.desk.require_project()
        about = project.about
        if about["unit_type"] != "school" or not about["unit_id"]:
            raise KitError("The project names no school", mend="Choose it in notebook 1, «The school and the measure».")
        if not self.desk.workspace.has_records:
            raise KitError("The data folder holds results only, no daily records", mend="Type or paste the values.")
        year = about["school_year"] or _school_year(date.today())
        asked = {"of": self.of.value, "grades": _items(self.grades.value), "sections": _items(self.sections.value)}
        known = self.desk.workspace.records
        rows = weekly(known, about["unit_id"], year, asked["of"], grades=asked["grades"], sections=asked["sections"])
        if rows.empty:
            raise KitError(
                f"The daily records hold no week of {year - 1}-{str(year)[2:]} with enough students there",
                mend="Look at the project's school year, grades and classes; small groups are not counted.",
            )
        self._save(
            [
                {
                    "date": r.date.date().isoformat(),
                    "numerator": float(r.numerator),
                    "denominator": float(r.denominator),
                }
                for r in rows.itertuples()
            ]
        )
        self.desk.update(
            project.get(measure.id),
            query=json.dumps(asked, sort_keys=True),
            entered="daily records",
            every="week",
            unit="percent",
        )

    def _save(self, rows: list[dict]) -> None:
        added, changed = save_values(self.desk, self._measure(), rows)
        self.message.say(
            f"{added} new values saved, {changed} changed; {len(rows) - added - changed} were there already."
        )


def _items(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


def _school_year(today: date) -> int:
    # A school year is named by the year in which it ends; it begins on 1 July (records.md).
    return today.year + (today.month >= 7)
