"""The needs assessment: the form goes out, answers come back, averages and colours follow the guide."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime
from fractions import Fraction
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook

import kit
from kit.errors import InputError, KitError
from kit.inquiry import open_store
from kit.needs.answers import Answer, NoScoreError, score_of
from kit.needs.form import SHEET, form_bytes, write_form
from kit.needs.instrument import instrument_for, read_instrument
from kit.needs.kept import keep_ratings, kept_answers, kept_raters
from kit.needs.people import turnout
from kit.needs.reading import read_answers
from kit.needs.scores import most_contested, rounded, scores, spread_words

CODES = ("1A", "1B", "1C", "2", "3", "4", "5", "6")


@pytest.fixture(scope="module")
def instrument():
    return instrument_for(kit.home())


def filled(path, instrument, name, given, evidence=None, at=None):
    """Fill the form in as a person does in a spreadsheet."""
    book = load_workbook(BytesIO(form_bytes(instrument)))
    sheet = book[SHEET]
    sheet["C2"] = name
    for row in sheet.iter_rows(min_row=6):
        if row[0].value in given:
            row[4].value = given[row[0].value]
            row[5].value = (evidence or {}).get(row[0].value)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    if at:
        # A spreadsheet program writes when it saved; openpyxl writes now.
        _saved_at(path, at)
    return path


def _saved_at(path, at):
    import re

    with zipfile.ZipFile(path) as packed:
        parts = {i: packed.read(i) for i in packed.namelist()}
    core = parts["docProps/core.xml"].decode()
    core, changed = re.subn(r"(<dcterms:modified[^>]*>)[^<]*", rf"\g<1>{at}Z", core)
    assert changed == 1
    parts["docProps/core.xml"] = core.encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)


def all_of(score):
    return dict.fromkeys(CODES, score)


def test_the_instrument_has_the_six_elements_and_invents_nothing(instrument):
    assert [e.code for e in instrument.elements] == list("123456")
    assert instrument.elements[0].text == "Data is collected consistently and accurately"
    assert instrument.elements[3].text == "Information is relevant, timely and disaggregated"
    assert [p.code for p in instrument.parts] == ["1A", "1B", "1C"]
    assert instrument.parts[1].text == "Processes and protocols in place to validate career readiness data"
    assert [i.code for i in instrument.items] == list(CODES)
    assert not any(i.one or i.four for i in (*instrument.elements, *instrument.parts))
    assert any("2, 3, 4, 5, 6 are to be filled by the user" in g for g in instrument.gaps())
    assert {s: v.colour for s, v in instrument.levels.items()} == {1: "red", 2: "orange", 3: "yellow", 4: "green"}
    assert [v.name for v in instrument.levels.values()] == ["Undefined", "Building", "Promising", "Established"]


def test_a_teams_own_instrument_is_read_and_its_faults_are_named(tmp_path):
    (tmp_path / "needs").mkdir()
    own = tmp_path / "needs" / "instrument.toml"
    shipped = (kit.home() / "templates" / "needs" / "instrument.toml").read_text(encoding="utf-8")
    own.write_text(shipped + '\n[[element.part]]\ncode = "6A"\ntext = "Ours"\none = "Nobody"\nfour = "All"\n')
    found = instrument_for(tmp_path)
    assert found.item("6a").four == "All"
    assert [i.code for i in found.items][-1] == "6A"
    own.write_text('[settings]\ntie = "even"\n[[element]]\ncode = "1"\nname = "A"\n[[element]]\ncode = "1"\n')
    with pytest.raises(InputError) as caught:
        read_instrument(own)
    said = str(caught.value)
    assert all(words in said for words in ("tie", "there twice", "no name", "levels are not 1, 2, 3 and 4"))
    own.write_text("title = ")
    with pytest.raises(KitError, match="cannot be read"):
        read_instrument(own)


def test_averages_and_colours_are_those_of_the_guides_own_figure(instrument):
    # rules.md section 4.2: 4,3,3,3,3 is 3.2 and yellow; the sample's 2.4 and 1.9 are both orange.
    given = {"1A": (4, 3, 3, 3, 3), "1B": (3, 3, 2, 2, 2), "1C": (2, 2, 2, 2, 2, 2, 2, 2, 2, 1)}
    answers = [Answer(f"r{n}", code, s) for code, of in given.items() for n, s in enumerate(of)]
    by_code = {s.item.code: s for s in scores(answers, instrument)}
    shown = {c: (by_code[c].average, by_code[c].proposed, by_code[c].level.colour) for c in given}
    assert shown == {
        "1A": (Fraction(16, 5), 3, "yellow"),
        "1B": (Fraction(12, 5), 2, "orange"),
        "1C": (Fraction(19, 10), 2, "orange"),
    }
    # The mean of 3.2, 2.4 and 1.9 is exactly 2.5: half goes up.
    assert (by_code["1"].average, by_code["1"].proposed, by_code["1"].level.colour) == (Fraction(5, 2), 3, "yellow")
    assert by_code["1"].whole
    assert by_code["2"].average is None
    assert by_code["2"].proposed is None


@pytest.mark.parametrize(
    ("average", "up"), [((1, 1), 1), ((3, 2), 2), ((5, 2), 3), ((7, 2), 4), ((249, 100), 2), ((17, 5), 3)]
)
def test_half_goes_up_exactly(average, up):
    assert rounded(Fraction(*average)) == up


def test_disagreement_is_flagged_at_a_range_of_two_and_comes_first(instrument):
    given = {"1A": (1, 4, 4, 1), "1B": (2, 3, 2, 3), "1C": (2, 4, 3, 3), "2": (3, 3, 3, 3)}
    answers = [Answer(f"r{n}", code, s) for code, of in given.items() for n, s in enumerate(of)]
    found = most_contested(scores(answers, instrument))
    assert [s.item.code for s in found] == ["1A", "1C", "1B", "2"]
    assert [s.contested for s in found] == [True, True, False, False]
    assert found[0].variance == Fraction(9, 4)
    assert "far apart" in spread_words(found[0])
    assert "far apart" not in spread_words(found[2])


def test_not_knowing_counts_as_one_and_a_blank_counts_as_nothing(instrument):
    answers = [Answer("a", "2", 4), Answer("b", "2", 1, True), Answer("c", "2", None)]
    found = next(s for s in scores(answers, instrument) if s.item.code == "2")
    assert (found.average, found.unknown, found.blank) == (Fraction(5, 2), 1, 1)
    assert "1 of the 1s is «don't know»" in spread_words(found)
    assert "1 left it blank" in spread_words(found)


@pytest.mark.parametrize(
    ("cell", "means"),
    [
        *((c, (3, False)) for c in (3, 3.0, " 3 ", "3 - Promising", "3 Promising", "promising")),
        *((c, (1, True)) for c in ("Don’t know", "don't know", "DK")),
        *((c, (None, False)) for c in (None, "  ")),
    ],
)
def test_what_a_cell_means(cell, means, instrument):
    assert score_of(cell, instrument) == means


@pytest.mark.parametrize("cell", [0, 5, 2.5, "2.5", "3-4", "good", True, datetime(2026, 3, 4), "4 Building"])
def test_what_is_no_score(cell, instrument):
    with pytest.raises(NoScoreError):
        score_of(cell, instrument)


def test_the_form_is_locked_but_for_the_answers_and_offers_the_scores(tmp_path, instrument):
    path = write_form(tmp_path / "ana.xlsx", instrument, '=HYPERLINK("http://x")')
    book = load_workbook(path)
    sheet = book[SHEET]
    assert sheet.protection.sheet
    assert book["How to rate"].protection.sheet
    assert (sheet["C2"].value, sheet["C2"].data_type) == ('=HYPERLINK("http://x")', "s")
    open_cells = {c.coordinate for row in sheet.iter_rows() for c in row if not c.protection.locked}
    rated = [r[0].row for r in sheet.iter_rows(min_row=6) if r[0].value in CODES]
    assert len(rated) == 8
    assert open_cells == {"C2", "C3", *(f"{c}{r}" for r in rated for c in "EF")}
    lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert [v.formula1 for v in lists] == ['"1,2,3,4,don\'t know"']
    assert all(f"E{r}" in lists[0].sqref for r in rated)
    assert {sheet.cell(r, 3).value for r in rated} == {"to be filled by the user"}
    with pytest.raises(KitError, match="already"):
        write_form(path, instrument)


def test_forms_come_back_and_what_is_broken_is_named(tmp_path, instrument):
    folder = tmp_path / "answers"
    filled(folder / "ana.xlsx", instrument, "Ana Ruiz", all_of(3), {"1A": "=the audit of May"})
    filled(folder / "ben.xlsx", instrument, "Ben Cho", all_of(2) | {"1B": "don't know", "2": None})
    bad = all_of(2) | {"1A": 7, "3": "good"}
    filled(folder / "cy.xlsx", instrument, "Cy Day", bad)
    filled(folder / "nobody.xlsx", instrument, None, all_of(1))
    filled(folder / "empty.xlsx", instrument, "Eve Fox", {})
    (folder / "torn.xlsx").write_bytes((folder / "ana.xlsx").read_bytes()[:700])
    (folder / "notes.docx").write_bytes(b"PK")
    (folder / "~$ana.xlsx").write_bytes(b"locked")
    other = Workbook()
    other.active["A1"] = "Budget"
    other.save(folder / "budget.xlsx")
    found = read_answers(folder, instrument)
    assert sorted(f.rater for f in found.forms) == ["Ana Ruiz", "Ben Cho"]
    ben = next(f for f in found.forms if f.rater == "Ben Cho")
    said = {a.element: (a.score, a.unknown) for a in ben.answers}
    assert (said["1A"], said["1B"], said["2"]) == ((2, False), (1, True), (None, False))
    assert ben.blanks == ("2",)
    ana = next(f for f in found.forms if f.rater == "Ana Ruiz")
    assert ana.answers[0].evidence == "=the audit of May"
    faults = {(f.file, f.row, f.column) for f in found.faults}
    sheet = load_workbook(folder / "cy.xlsx")[SHEET]
    rows = {r[0].value: r[0].row for r in sheet.iter_rows(min_row=6)}
    assert {("cy.xlsx", rows["1A"], "My score"), ("cy.xlsx", rows["3"], "My score")} <= faults
    assert {f.file for f in found.faults} == {
        "cy.xlsx", "nobody.xlsx", "empty.xlsx", "torn.xlsx", "notes.docx", "budget.xlsx"
    }  # fmt: skip
    assert all(f.problem and f.mend for f in found.faults)


def test_the_latest_form_of_a_person_counts_and_is_named(tmp_path, instrument):
    filled(tmp_path / "a" / "z-first.xlsx", instrument, "Ana Ruiz", all_of(1), at="2026-03-01T08:00:00")
    filled(tmp_path / "a" / "a-second.xlsx", instrument, "ana  RUIZ", all_of(4), at="2026-03-02T08:00:00")
    found = read_answers(tmp_path / "a", instrument)
    (form,) = found.forms
    assert {a.score for a in form.answers} == {4}
    assert [(r.source, r.by) for r in found.replaced] == [("z-first.xlsx", "a-second.xlsx")]


def test_an_online_forms_export_is_read(tmp_path, instrument):
    heads = ["Timestamp", "Your name", "Email Address"]
    for code in CODES:
        heads += [f"{code}: {instrument.item(code).text}", f"{code} Evidence or comments"]
    rows = [
        ["3/2/2026 9:05:00", "Ana Ruiz", "ana@x.org", *["2 Building", ""] * 8],
        ["3/5/2026 10:00:00", "Ana Ruiz", "ana@x.org", *["3", "a, b"] * 8],
        ["3/4/2026 10:00:00", "Ben Cho", "", *["1", "Don't know"] * 8],
        ["3/4/2026 10:00:00", "Cy Day", "", "9", *[""] * 15],
        ["soon", "Di Eck", "", *["3", ""] * 8],
    ]
    import csv

    with (tmp_path / "form.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows([heads, *rows])
    found = read_answers(tmp_path / "form.csv", instrument)
    by_name = {f.rater: f for f in found.forms}
    assert set(by_name) == {"Ana Ruiz", "Ben Cho"}
    assert {(a.score, a.evidence) for a in by_name["Ana Ruiz"].answers} == {(3, "a, b")}
    assert {(a.score, a.unknown) for a in by_name["Ben Cho"].answers} == {(1, True)}
    assert [(f.row, f.column.split(":")[0]) for f in found.faults] == [(5, "1A"), (6, "Timestamp")]
    assert [(r.source, r.by) for r in found.replaced] == [("form.csv, row 2", "form.csv, row 3")]
    (tmp_path / "short.csv").write_text("Name,1A,1B\nAna,1,2\n", encoding="utf-8")
    (fault,) = read_answers(tmp_path / "short.csv", instrument).faults
    assert "1C, 2, 3, 4, 5, 6" in fault.problem


def test_who_has_not_answered_is_listed_against_the_team(tmp_path, instrument):
    filled(tmp_path / "a" / "a.xlsx", instrument, "A. Ruiz", all_of(3))
    filled(tmp_path / "a" / "b.xlsx", instrument, "Guest", all_of(3))
    with open_store(tmp_path / "s.sqlite", author="coach") as store:
        project = store.new_project(title="Data")
        for name in ("a ruiz", "Ben Cho"):
            project.add("member", name=name)
        found = turnout(project.entries("member"), forms=read_answers(tmp_path / "a", instrument).forms)
    assert (found.answered, found.waiting, found.others) == (("a ruiz",), ("Ben Cho",), ("Guest",))
    assert "Not yet: Ben Cho." in found.words()


def test_read_again_nothing_is_doubled_and_the_later_answer_stands(tmp_path, instrument):
    folder = tmp_path / "a"
    filled(folder / "ana.xlsx", instrument, "Ana", all_of(3))
    with open_store(tmp_path / "s.sqlite", author="coach") as store:
        project = store.new_project(title="Data")
        first = keep_ratings(project, read_answers(folder, instrument))
        again = keep_ratings(project, read_answers(folder, instrument))
        assert (first.added, again.added, again.changed) == (8, 0, 0)
        filled(folder / "ana.xlsx", instrument, "ANA", all_of(3) | {"1A": 4})
        keep_ratings(project, read_answers(folder, instrument))
        kept = kept_answers(project)
        assert len(kept) == 8
        assert {a.element: a.score for a in kept}["1A"] == 4


def test_anonymous_ratings_leave_no_name_anywhere_in_the_store(tmp_path, instrument):
    folder = tmp_path / "a"
    for n, name in enumerate(("Anastasia", "Bartholomew", "Cyrille")):
        filled(folder / f"{name.lower()}.xlsx", instrument, name, all_of(n + 1))
    place = tmp_path / "s.sqlite"
    with open_store(place, author="coach") as store:
        project = store.new_project(title="Data")
        reading = read_answers(folder, instrument)
        keep_ratings(project, reading, anonymous=True)
        keep_ratings(project, reading, anonymous=True)
        assert sorted(kept_raters(project)) == ["rater 1", "rater 2", "rater 3"]
        assert sorted(a.score for a in kept_answers(project)) == [1] * 8 + [2] * 8 + [3] * 8
        with pytest.raises(KitError, match="another project"):
            keep_ratings(project, reading)
    held = b"".join(p.read_bytes() for p in tmp_path.glob("s.sqlite*")).lower()
    assert b"rater 2" in held
    assert not any(name in held for name in (b"anastasia", b"bartholomew", b"cyrille"))


def test_a_pupils_id_in_the_evidence_keeps_the_form_out(tmp_path, instrument):
    from kit.inquiry.pupils import PupilGuard

    folder = tmp_path / "a"
    filled(folder / "ana.xlsx", instrument, "Ana", all_of(3), {"2": "I saw it with 10455 in May"})
    filled(folder / "ben.xlsx", instrument, "Ben", all_of(3))
    with open_store(tmp_path / "s.sqlite", author="coach") as store:
        store.guard = PupilGuard(["10455"])
        project = store.new_project(title="Data")
        kept = keep_ratings(project, read_answers(folder, instrument))
        assert kept_raters(project) == ("Ben",)
    (fault,) = kept.faults
    assert (fault.file, fault.column) == ("ana.xlsx", "Evidence")
    assert "10455" not in str(fault)


def test_a_packed_giant_is_refused(tmp_path, instrument):
    path = tmp_path / "giant.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    assert os.path.getsize(path) < 1_000_000
    (fault,) = read_answers(path, instrument).faults
    assert "far too large" in fault.problem
