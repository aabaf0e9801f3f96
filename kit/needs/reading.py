"""Answers come back: forms in a folder, an online form's export, or both; what is broken is named, the rest is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kit.errors import Fault, KitError
from kit.needs.answers import DONT_KNOW, Answer, Form, NoScoreError, same_person, score_of
from kit.needs.cells import as_written
from kit.needs.columns import CsvColumns
from kit.needs.content import LARGEST_FILE, MOST_ROWS, open_workbook, table_rows
from kit.needs.form import COLUMNS, LONGEST_EVIDENCE, NAME, ROLE, SHEET
from kit.needs.instrument import Instrument

__all__ = ["Reading", "Replaced", "read_answers"]

_CALLED = {NAME.casefold(): "rater", ROLE.casefold(): "role"}


@dataclass(frozen=True)
class Replaced:
    """A form that a later one of the same person replaces."""

    rater: str
    source: str
    by: str


@dataclass
class Reading:
    """What was read.

    Attributes
    ----------
    forms : list of Form
        One a person, the latest.
    replaced : list of Replaced
        Earlier forms of the same persons.
    faults : list of Fault
        What is wrong, with file, row, column and the mend; a form with a fault is not among ``forms``.
    """

    forms: list[Form] = field(default_factory=list)
    replaced: list[Replaced] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_answers(place: str | Path, instrument: Instrument) -> Reading:
    """Read the forms (.xlsx) and exports of an online form (.csv) of a folder, or one such file.

    A person who answered twice counts once, with the latest answers, and is named.

    Raises
    ------
    KitError
        If there is no such folder or file, or nothing in it to read.
    """
    place = Path(place)
    if not place.exists():
        raise KitError("There is no such folder or file", where=str(place), mend="Give where the answers lie.")
    try:
        files = sorted(p for p in place.iterdir() if p.is_file()) if place.is_dir() else [place]
    except OSError as error:
        raise KitError(f"The folder cannot be read ({error.strerror})", where=str(place)) from None
    # What an office program keeps beside an open file, and hidden files, are nobody's answers.
    files = [p for p in files if not p.name.startswith((".", "~$"))]
    if not files:
        raise KitError("There is no form in the folder", where=str(place), mend="Put the forms in, as .xlsx or .csv.")
    reading = Reading()
    found: list[Form] = []
    for path in files:
        try:
            found += _read_file(path, instrument, reading.faults)
        except KitError as error:
            reading.faults.append(Fault("error", path.name, error.problem, error.mend.rstrip("."), rule="form"))
    _keep_latest(found, reading)
    return reading


def _read_file(path: Path, instrument: Instrument, faults: list[Fault]) -> Iterable[Form]:
    ending = path.suffix.lower()
    if ending not in (".xlsx", ".csv"):
        raise KitError("It is neither .xlsx nor .csv", mend="Save it as one of them, or move it out of the folder")
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise KitError("It is far too large for a form", mend="Look whether it is the right file")
        content, saved = path.read_bytes(), path.stat().st_mtime
    except OSError as error:
        raise KitError(f"It cannot be read ({error.strerror})", mend="Close it elsewhere, or copy it again") from None
    if ending == ".csv":
        return list(_Export(path.name, instrument, faults).read(content))
    return list(_Sheet(path.name, instrument, faults, saved).read(content))


class _Sheet:
    """One form as it was filled in."""

    def __init__(self, name: str, instrument: Instrument, faults: list[Fault], saved: float):
        self.name, self.instrument, self.faults, self.saved = name, instrument, faults, saved
        self.wrong = False

    def fault(self, problem: str, mend: str, row: int | None = None, column: str | None = None) -> None:
        self.faults.append(Fault("error", self.name, problem, mend, row=row, column=column, rule="form"))
        self.wrong = True

    def read(self, content: bytes) -> Iterator[Form]:
        book = open_workbook(content)
        sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
        if sheet.max_row > MOST_ROWS:
            raise KitError(f"It has more than {MOST_ROWS} rows", mend="Look whether it is the right file")
        rows = [[as_written(c.value) for c in row[:26]] for row in sheet.iter_rows(max_col=26)]
        about, top = self._about(rows), self._heading(rows)
        places = {str(v).strip().casefold(): i for i, v in enumerate(rows[top]) if v is not None}
        code, score = places[COLUMNS[0].casefold()], places[COLUMNS[4].casefold()]
        evidence = places.get(COLUMNS[5].casefold())
        answers = self._answers(rows, top, code, score, evidence)
        if not about.get("rater"):
            self.fault("It has no name", f"Write it beside «{NAME}»", row=2, column=NAME)
        if not self.wrong and all(a.score is None for a in answers):
            self.fault("Nothing is answered in it", "Ask for it again, or take it out of the folder")
        if not self.wrong:
            at = book.properties.modified or datetime.fromtimestamp(self.saved, UTC)
            rater = about.pop("rater")
            named = tuple(Answer(rater, a.element, a.score, a.unknown, a.evidence) for a in answers)
            yield Form(rater, named, self.name, at.replace(tzinfo=None).isoformat(timespec="seconds"), **about)

    def _about(self, rows: list[list]) -> dict[str, str]:
        about = {}
        for row in rows[:12]:
            label = next((str(v).strip().casefold().rstrip(":") for v in row if v is not None), "")
            if label in _CALLED:
                words = [str(v).strip() for v in row[1:3] if v is not None and str(v).strip()]
                about[_CALLED[label]] = " ".join(words[:1])
        return about

    def _heading(self, rows: list[list]) -> int:
        wanted = {COLUMNS[0].casefold(), COLUMNS[4].casefold()}
        for n, row in enumerate(rows[:20]):
            if wanted <= {str(v).strip().casefold() for v in row if v is not None}:
                return n
        raise KitError(
            f"It has no columns «{COLUMNS[0]}» and «{COLUMNS[4]}»", mend="Fill in the form that «kit needs form» writes"
        )

    def _answers(self, rows: list[list], top: int, code: int, score: int, evidence: int | None) -> list[Answer]:
        answers: dict[str, Answer] = {}
        seen: set[str] = set()
        for number, row in enumerate(rows[top + 1 :], start=top + 2):
            written = "" if row[code] is None else str(row[code]).strip()
            # 1 is the code of an element, and a spreadsheet may have made a number of it.
            item = self.instrument.item(written.removesuffix(".0"))
            if item is None:
                if row[score] is not None:
                    self.fault(
                        f"«{written[:20]}» is not in the instrument", "Use the form as it was sent", number, "Code"
                    )
                continue
            if item not in self.instrument.items:
                continue
            if item.code in seen:
                self.fault(f"{item.code} is there twice", "Keep one of the rows", number, "Code")
            seen.add(item.code)
            said = "" if evidence is None or row[evidence] is None else str(row[evidence]).strip()
            if answer := self._answer(item.code, row[score], said, number):
                answers[item.code] = answer
        if absent := [i.code for i in self.instrument.items if i.code not in seen]:
            self.fault(f"There is no row for {', '.join(absent)}", "Send the person the form of this instrument again")
        return list(answers.values())

    def _answer(self, code: str, value: Any, said: str, number: int) -> Answer | None:
        return _answer(self, code, value, said, number, (COLUMNS[4], COLUMNS[5]))


class _Export:
    """The export of an online form: one row a person, two columns an element at most."""

    def __init__(self, name: str, instrument: Instrument, faults: list[Fault]):
        self.name, self.instrument, self.faults, self.wrong = name, instrument, faults, False

    def fault(self, problem: str, mend: str, row: int | None = None, column: str | None = None) -> None:
        self.faults.append(Fault("error", self.name, problem, mend, row=row, column=column, rule="form"))
        self.wrong = True

    def read(self, content: bytes) -> Iterator[Form]:
        rows = table_rows(content)
        columns = CsvColumns(rows[0], self.instrument)
        for problem, mend in columns.problems:
            self.fault(problem, mend, 1)
        if columns.problems:
            return
        for number, row in rows[1:]:
            if form := self._form(number, row, columns):
                yield form

    def _form(self, number: int, row: list[str], columns: CsvColumns) -> Form | None:
        self.wrong = False
        if len(row) > len(columns.heads):
            self.fault(
                "It has more cells than there are headings", "Export it again, with texts in quotation marks", number
            )
            return None
        row = row + [""] * (len(columns.heads) - len(row))
        rater = row[columns.rater].strip()
        if not rater:
            self.fault("There is no name", "Write it", number, columns.heads[columns.rater])
        answers = []
        for code, (score, evidence) in columns.of.items():
            said = row[evidence].strip() if evidence is not None else ""
            heads = (columns.heads[score], columns.heads[evidence] if evidence is not None else "")
            if answer := _answer(self, code, row[score], said, number, heads):
                answers.append(Answer(rater, code, answer.score, answer.unknown, answer.evidence))
        if not self.wrong and all(a.score is None for a in answers):
            self.fault("Nothing is answered in it", "Ask the person again, or delete the row", number)
        if self.wrong:
            return None
        at, problem = columns.when(row)
        if problem:
            self.fault(problem, "Write it as 2026-01-31 14:05", number, columns.heads[columns.at])
            return None
        about = {
            name: row[i].strip() for name, i in (("role", columns.role), ("email", columns.email)) if i is not None
        }
        return Form(rater, tuple(answers), f"{self.name}, row {number}", at, **about)


def _answer(
    reader: _Sheet | _Export, code: str, value: Any, said: str, row: int, heads: tuple[str, str]
) -> Answer | None:
    if isinstance(value, str) and value.startswith("=") and isinstance(reader, _Sheet):
        reader.fault("The cell holds a formula", "Write the score itself", row, heads[0])
        return None
    if len(said) > LONGEST_EVIDENCE:
        reader.fault(f"The evidence has {len(said):,} characters", f"Keep {LONGEST_EVIDENCE:,}", row, heads[1])
        return None
    try:
        score, unknown = score_of(value, reader.instrument)
    except NoScoreError as error:
        reader.fault(str(error), error.mend, row, heads[0])
        return None
    # The guide's web form: not knowing is a 1 with that comment.
    if score == 1 and not unknown and said and _says_dont_know(said, reader.instrument):
        unknown = True
    return Answer("", code, score, unknown, said)


def _says_dont_know(said: str, instrument: Instrument) -> bool:
    try:
        return score_of(said, instrument)[1] and said.strip() != "?"
    except NoScoreError:
        return said.casefold().startswith(DONT_KNOW)


def _same(one: Form, other: Form) -> bool:
    if one.email and other.email:
        return same_person(one.email) == same_person(other.email)
    return same_person(one.rater) == same_person(other.rater)


def _keep_latest(found: list[Form], reading: Reading) -> None:
    """Keep the latest form of each person; without times, the one that was read last."""
    for form in found:
        at = next((n for n, held in enumerate(reading.forms) if _same(held, form)), None)
        if at is None:
            reading.forms.append(form)
            continue
        held = reading.forms[at]
        newer, older = (form, held) if not held.at or not form.at or form.at >= held.at else (held, form)
        reading.forms[at] = newer
        reading.replaced.append(Replaced(older.rater, older.source, newer.source))
