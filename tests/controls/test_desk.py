"""The widgets of the cycle on a real store: nothing is lost, nothing overwritten, nothing private shared."""

from __future__ import annotations

import pytest
from published_folder import write_published

from kit.controls.desk import Desk
from kit.controls.dot_votes import DotVotes, dots_of
from kit.controls.entry_editor import EntryEditor
from kit.controls.kept_step import KeptStep
from kit.controls.project_picker import ProjectPicker
from kit.controls.session_panel import Closing, SessionPanel, team_agenda
from kit.controls.step import Prompts
from kit.errors import KitError
from kit.reports.section import Section

NASTY = "<script>alert(1)</script> {{x}} =1+1 🎓"
PROMPTS = Prompts("One measure", *("?" for _ in range(5)))


@pytest.fixture
def folder(tmp_path):
    return write_published(tmp_path / "data")


@pytest.fixture
def desk(folder):
    desk = Desk(str(folder), author="Ana")
    desk.open_project(desk.store.new_project(title="Mornings").id)
    return desk


def test_a_new_project_is_begun_and_found_again(folder):
    first = Desk(str(folder), author="Ana")
    picker = ProjectPicker(first)
    picker.begin.click()
    assert "no title" in picker.message.value
    picker.title.value = NASTY
    picker.begin.click()
    assert first.project.about.title == NASTY
    assert "<script>" not in picker.stands.value
    again = ProjectPicker(Desk(str(folder)))
    again.project.value = first.project.id
    assert again.desk.project.about["title"] == NASTY


def test_an_entry_is_saved_field_by_field_and_found_by_another_notebook(desk, folder):
    editor = EntryEditor(desk, "cause")
    editor.form.widgets["category"].value = "Process"
    assert desk.entries("cause") == []
    assert "Needed first: Cause" in editor.form.message.value
    editor.form.widgets["text"].value = NASTY
    editor.form.widgets["whys"].value = "because\nand because"
    other = EntryEditor(Desk(str(folder), desk.project.id), "cause")
    (found,) = other.desk.entries("cause")
    assert (found["text"], found["category"], found["whys"]) == (NASTY, "Process", ["because", "and because"])
    assert NASTY in [words for words, _ in other.list.options]


def test_two_people_at_one_field_see_both_texts(desk, folder):
    entry = desk.add("cause", text="Nobody calls", category="Process")
    mine = EntryEditor(desk, "cause")
    mine.choose(entry)
    ben = Desk(str(folder), desk.project.id, author="Ben")
    ben.update(ben.entries("cause")[0], category="People", evidence="data")
    mine.form.widgets["category"].value = "Routines"
    shown = mine.form.message.value
    assert "Ben changed this meanwhile" in shown
    assert "yours: Routines" in shown
    assert "theirs: People" in shown
    assert desk.entries("cause")[0]["category"] == "People"
    keep_mine = mine.form.conflict.children[0].children[1].children[0]
    keep_mine.click()
    (after,) = desk.entries("cause")
    assert (after["category"], after["evidence"]) == ("Routines", "data")
    assert "People" in [r.fields.get("category") for r in desk.project.history(after)]


def test_what_is_deleted_comes_back(desk):
    entry = desk.add("cause", text="Nobody calls")
    editor = EntryEditor(desk, "cause")
    editor.choose(entry)
    editor.delete.click()
    assert desk.entries("cause") == []
    editor.undo.click()
    assert [e.id for e in desk.entries("cause")] == [entry.id]


def test_a_number_that_is_none_is_said_and_nothing_is_saved(desk):
    editor = EntryEditor(desk, "baseline")
    editor.form.widgets["value"].value = "twelve"
    assert "«twelve» is not a number" in editor.form.message.value
    assert desk.entries("baseline") == []
    editor.form.widgets["value"].value = "12.5 %"
    assert desk.entries("baseline")[0]["value"] == 12.5


def test_what_a_group_says_is_kept_with_the_display(desk):
    desk.numbers()
    desk.choice.school_id = "s3"
    step = KeptStep(desk, PROMPTS, lambda choice, live: Section(()), ("school_id", "measure"))
    step.prediction.value = "It fell"
    step.button.click()
    step.boxes["notice"].value = "It rose"
    step.boxes["notice"].value = "It rose by 2"
    (expected,), (notice,) = desk.entries("expectation"), desk.entries("notice")
    assert expected["text"] == "It fell"
    assert notice["text"] == "It rose by 2"
    assert '"school_id": "s3"' in notice["view"]
    assert "School 3" in notice["display"]
    step.again.click()
    assert not step.message.failed, step.message.value
    assert not step.revealed
    assert step.prediction.value == step.boxes["notice"].value == "", "empty for the next prediction"
    step.prediction.value = "It will fall"
    assert [e["text"] for e in desk.entries("expectation")] == ["It fell", "It will fall"]
    assert len(desk.entries("notice")) == 1


def test_a_session_leaves_a_record_without_the_facilitators_notes(desk, folder):
    panel = SessionPanel(desk, team_agenda(desk, "define-the-problem"))
    panel.notes.value = "Keep an eye on time"
    panel.clock.began = [0.0]
    closing = Closing(desk)
    closing.decisions.form.widgets["text"].value = NASTY
    closing.actions.form.widgets["text"].value = "Draft the letter"
    panel.clock.began = [0.0, 420_000.0]
    panel.clock.ended = 900_000.0
    place = closing.make()
    page = place.read_text(encoding="utf-8")
    assert place.parent == folder / "records"
    assert "<script>alert(1)" not in page
    assert "alert(1)" in page
    assert "Draft the letter" in page
    assert "Welcome and purpose: 7 of 5 minutes" in page
    assert "Keep an eye on time" not in page
    assert "Keep an eye" not in closing.shown.value
    assert desk.entries("session")[0]["facilitator_notes"] == "Keep an eye on time"
    assert "Without an owner or a date: Draft the letter" in closing.message.value


def test_without_a_project_widgets_say_so(folder):
    desk = Desk(str(folder), author="Ana")
    editor = EntryEditor(desk, "cause")
    editor.form.widgets["text"].value = "x"
    assert "No project is open" in editor.form.message.value
    with pytest.raises(KitError):
        Closing(desk).make()


def test_each_person_has_a_few_dots_and_the_board_counts_them(desk):
    first, second = desk.add("cause", text="Nobody calls"), desk.add("cause", text="The bus is late")
    votes = DotVotes(desk, ("cause",))
    for entry in (first, first, second):
        votes.give(entry.id)
    assert dots_of(desk) == {first.id: 2, second.id: 1}
    with pytest.raises(KitError, match="All 3 dots are given"):
        votes.give(second.id)
    votes.next.click()
    votes.voter.value = "Ana"
    votes.give(second.id)
    votes.next.click()
    votes.voter.value = "Ana"
    votes.give(second.id)
    votes.give(second.id)
    votes.next.click()
    votes.voter.value = "Ana"
    with pytest.raises(KitError, match="Ana has given all 3 dots"):
        votes.give(first.id)
