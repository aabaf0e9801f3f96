"""The needs assessment's widgets and printed pages: forms, answers, calibration, votes, goals, what is due."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

sys.path.insert(0, str(Path(__file__).parents[1] / "needs"))
from published_folder import errors_shown, write_published
from test_ratings import all_of, filled

import kit
from kit.controls.needs import open_needs
from kit.controls.needs_spread import strip
from kit.inquiry import open_store
from kit.needs.answers import Answer
from kit.needs.due import due_list, findings_checks, forms_due, three_months_later
from kit.needs.instrument import instrument_for
from kit.needs.scores import scores
from kit.workspace import open_workspace

BOOKS = sorted((kit.home() / "notebooks" / "needs").glob("*.ipynb"))
PARTS = (
    "project", "session", "team", "dates", "vision", "how_to_rate", "forms", "rate", "answers", "overview", "contested",
    "decide", "findings", "strategies", "goals", "actions", "check_ins", "send_round", "closing",
)  # fmt: skip


@pytest.fixture
def data(tmp_path):
    return write_published(tmp_path / "data")


@pytest.fixture
def assessment(data):
    instrument = instrument_for(data)
    with open_store(open_workspace(data), author="coach") as store:
        project = store.new_project(title="Our data", purpose="needs assessment")
        for name in ("Ana Ruiz", "Ben <b>Cho</b>", "Cy Day", "Di Eck"):
            project.add("member", name=name)
    answers = data / "needs" / "answers"
    filled(answers / "ana.xlsx", instrument, "Ana Ruiz", all_of(4), {"1A": "<script>alert(1)</script>"})
    filled(answers / "ben.xlsx", instrument, "Ben <b>Cho</b>", all_of(3) | {"1A": "don't know"})
    filled(answers / "cy.xlsx", instrument, "Cy Day", all_of(3) | {"2": "five"})
    return data, project.id


def read(needs):
    box = needs.answers().children[2]
    box.button.click()
    assert not box.message.failed, box.message.value
    return box


def test_forms_are_written_for_the_team_and_never_over_somebodys_answers(assessment):
    data, project = assessment
    box = open_needs(str(data), project, meeting="kickoff").forms()
    box.button.click()
    assert len(list((data / "needs" / "forms").glob("*.xlsx"))) == 4
    box.button.click()
    assert "0 forms" in box.message.value
    assert "Left as they are" in box.message.value


def test_answers_are_read_with_the_broken_ones_named(assessment):
    data, project = assessment
    needs = open_needs(str(data), project, meeting="calibration")
    box = read(needs)
    assert "2 forms were read and kept" in box.message.value
    assert "2 of 4 of the team have answered. Not yet: Cy Day, Di Eck." in box.found.value
    assert re.search(r"cy\.xlsx, row \d+, column &#x27;My score&#x27;: «five» is no score", box.found.value)
    assert "Ben &lt;b&gt;Cho&lt;/b&gt;" not in box.found.value
    box.button.click()
    assert len(needs.desk.entries("rating")) == 16


def test_the_group_agrees_with_the_most_contested_first_and_gives_its_reason(assessment):
    data, project = assessment
    needs = open_needs(str(data), project, meeting="calibration")
    read(needs)
    # 1A: 4 and a «don't know» that counts as 1: average 2.5, proposed 3, far apart.
    decide = needs.decide()
    assert (decide.element.value, decide.score.value) == ("1A", 3)
    decide.score.value = 2
    decide.keep.click()
    assert decide.message.failed
    assert not needs.desk.entries("consensus")
    decide.reason.value = "Only two of us know it"
    decide.keep.click()
    decide.rest.click()
    kept = {c["element"]: (c["score"], c["proposed"]) for c in needs.desk.entries("consensus")}
    assert kept["1A"] == (2, 3)
    assert len(kept) == 9
    assert kept["2"] == (4, 4)
    shown = needs.contested().drawn.value
    assert shown.index("1A  ") < shown.index("1B  ")
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "Ana Ruiz" in shown


def test_ratings_stay_without_names_where_that_is_asked(assessment):
    data, project = assessment
    needs = open_needs(str(data), project, meeting="calibration")
    box = needs.answers().children[2]
    box.anonymous.value = True
    box.button.click()
    assert "Not yet: Cy Day, Di Eck." in box.found.value
    assert {r["rater"] for r in needs.desk.entries("rating")} == {"rater 1", "rater 2"}
    assert {r["source"] for r in needs.desk.entries("rating")} == {"answers read from files"}
    assert "Ana Ruiz" not in needs.contested().drawn.value
    assert "2 of 4 in the team" in needs.answers().children[3].drawn.value


def test_rating_in_the_notebook_is_saved_and_found_again(assessment):
    data, project = assessment
    needs = open_needs(str(data), project, meeting="kickoff")
    mine = needs.rate()
    mine.scores["1A"].value = "3"
    assert mine.message.failed
    mine.rater.value = "Di Eck"
    mine.scores["1A"].value = "3"
    mine.evidence["1A"].value = "The audit"
    mine.scores["2"].value = "don't know"
    kept = {r["element"]: (r["score"], r["unknown"], r["evidence"]) for r in needs.desk.entries("rating")}
    assert kept == {"1A": (3, None, "The audit"), "2": (1, True, None)}
    again = open_needs(str(data), project, meeting="kickoff").rate()
    again.rater.value = "di eck"
    assert (again.scores["1A"].value, again.scores["2"].value) == ("3", "don't know")
    again.rater.value = "Someone else"
    assert again.scores["1A"].value == ""


def test_anonymous_rating_in_the_notebook_carries_no_author(data):
    with open_store(open_workspace(data), author="coach") as store:
        project = store.new_project(title="Our data")
    needs = open_needs(str(data), project.id, meeting="kickoff")
    needs.desk.author = "Ana Ruiz"
    mine = needs.rate()
    mine.anonymous.value = True
    assert re.fullmatch(r"rater \d{4}", mine.rater.value)
    mine.scores["3"].value = "2"
    (rating,) = needs.desk.entries("rating")
    assert (rating.author, rating.created_by, rating["rater"]) == ("anonymous", "anonymous", mine.rater.value)
    assert needs.desk.author == "Ana Ruiz"


def test_votes_goals_and_results_to_send_round(assessment):
    data, project = assessment
    needs = open_needs(str(data), project, meeting="goals")
    read(needs)
    for n in range(3):
        needs.desk.add("finding", text=f"=Challenge {n}", sort="challenge")
    first = needs.desk.add("strategy", text="One shared dictionary", causes=[needs.desk.entries("finding")[0].id])
    votes = needs.strategies().children[3]
    votes.give(first.id)
    votes.give(first.id)
    assert "0 of 2 dots left" in votes.left.value
    votes.next.click()
    assert "2 of 2 dots left" in votes.left.value
    needs.desk.add("goal", statement="Fewer errors", population="all programs", by="2099-06-01", owner="Ana")
    shown = needs.goals().children[3].drawn.value
    assert "<b>Specific</b> (met)" in shown
    assert "<b>Measurable</b> (not yet)" in shown
    assert "There is 1 goal so far; plans usually hold 3 to 5." in shown
    send = needs.send_round()
    send.button.click()
    assert not send.message.failed, send.message.value
    (page,) = (data / "records").glob("*.html")
    (sheet,) = (data / "records").glob("*.xlsx")
    html = page.read_text(encoding="utf-8")
    assert "<script>alert(1)" not in html
    assert "Ana Ruiz" not in html
    book = load_workbook(sheet)
    assert book.sheetnames[0] == "Scores"
    row = next(r for r in book["Scores"].iter_rows(values_only=True) if r[0] == "1A")
    assert row[2:10] == (1, 0, 0, 1, 1, 0, 2.5, 3)
    cell = next(c for r in book["strengths and challenges"].iter_rows() for c in r if c.value == "=Challenge 0")
    assert cell.data_type == "s"
    assert not any(c.value == "Ana Ruiz" for s in book for r in s.iter_rows() for c in r)


def test_the_spread_is_drawn_with_words_for_those_who_do_not_see_it():
    found = scores([Answer("a", "2", 4), Answer("b", "2", 1, True), Answer("c", "2", 1)], instrument_for(kit.home()))
    drawn = strip(next(s for s in found if s.item.code == "2"))
    assert drawn.count("<circle") == 3
    assert drawn.count('fill="none"') == 1
    assert "Of 3 scores: 2 × 1, 1 × 4. Average 2.00. 1 of the 1s is «don&#x27;t know»" in drawn


def test_quarters_and_weeks():
    assert three_months_later(date(2026, 11, 30)) == date(2027, 2, 28)
    assert three_months_later(date(2026, 1, 31)) == date(2026, 4, 30)
    assert forms_due(date(2026, 3, 10)) == date(2026, 3, 3)


def test_what_is_due_comes_late_first_and_what_is_done_is_gone(data):
    with open_store(open_workspace(data), author="coach") as store:
        project = store.new_project(title="Our data")
        goal, done = (project.add("goal", statement=s) for s in ("Fewer errors", "Finished"))
        project.add("goal", statement="Never looked at")
        project.add("check_in", about=goal, date="2026-01-31", state="at risk")
        project.add("check_in", about=done, date="2026-01-31", state="done")
        project.add("action", text="Call", owner="Ana", due="2026-02-01")
        project.add("action", text="Undated")
        project.add("action", text="Over", status="done", due="2026-01-01")
        today = date(2026, 4, 15)
        found = [(d.about.title, d.on, d.late) for d in due_list(project, today)]
        assert found[:2] == [("Call", date(2026, 2, 1), True), ("Fewer errors", date(2026, 4, 30), False)]
        assert found[-1] == ("Undated", None, False)
        assert [t for t, _, _ in found if t in ("Finished", "Over")] == []
        assert "Never looked at" in [t for t, _, _ in found]
        assert [c.met for c in findings_checks(project)] == [False, False]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("kind_of_folder", ["published", "missing tables", "faulty instrument"])
@pytest.mark.parametrize("with_project", [True, False])
def test_every_part_says_what_is_missing(tmp_path, live, kind_of_folder, with_project):
    data = tmp_path / "data"
    if kind_of_folder == "published":
        write_published(data)
    else:
        data.mkdir()
        (data / "schools.csv").write_text("school_id,school_name,level\na,A,middle\n", encoding="utf-8")
    if kind_of_folder == "faulty instrument":
        (data / "needs").mkdir()
        (data / "needs" / "instrument.toml").write_text('title = "x"\n', encoding="utf-8")
    project = ""
    if with_project:
        with open_store(open_workspace(data), author="Ana") as store:
            project = store.new_project(title="Our data").id
    needs = open_needs(str(data), project, live, meeting="calibration")
    made = [getattr(needs, part)() for part in PARTS]
    if live:
        states = {str(i): m.get_state() for i, m in enumerate(_widgets(made))}
        errors = errors_shown(states)
        assert all("The input" in e or "instrument" in e for e in errors)
        assert bool(errors) == (kind_of_folder == "faulty instrument")
    else:
        html = "".join(m.html() for m in made)
        wanted = "no level" if kind_of_folder == "faulty instrument" else "to be filled by the user"
        assert wanted in html or "levels are not 1, 2, 3 and 4" in html
        assert ("No project is chosen" in html) == (not with_project)
        assert "Traceback" not in html


def _widgets(made):
    for m in made:
        yield m
        yield from _widgets(getattr(m, "children", ()))


@pytest.mark.slow
@pytest.mark.parametrize("book", BOOKS, ids=lambda p: p.stem)
def test_each_notebook_runs_in_a_batch(book, assessment, tmp_path):
    import papermill

    data, project = assessment
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        str(book), str(out), {"data": str(data), "project": project, "live": False}, engine_name="kit",
        progress_bar=False, kernel_name="python3",
    )  # fmt: skip
    assert '"output_type": "error"' not in out.read_text(encoding="utf-8")
