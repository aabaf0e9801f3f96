"""The affinity wall: a note with Enter, a group with one click, from what others do as well."""

import pytest
from published_folder import write_published

from kit.controls.desk import Desk
from kit.controls.see_system import open_system
from kit.controls.wall import Wall
from kit.inquiry import open_store
from kit.workspace import open_workspace

NASTY = "<script>alert(1)</script> nobody calls"


@pytest.fixture
def desk(tmp_path):
    folder = write_published(tmp_path / "published")
    with open_store(open_workspace(folder), author="Rosa") as store:
        made = store.new_project(title="Mornings")
    return Desk(str(folder), made.id, author="Rosa")


def test_notes_are_written_one_after_another_and_moved_with_one_click(desk):
    wall = Wall(desk)
    for text in (NASTY, "The bus comes late", "  "):
        wall.note.value = text
    assert wall.note.value.strip() == "", "empty for the next note"
    wall.heading.value = "Getting here"
    first, second = desk.entries("note")
    assert (first["text"], second["text"]) == (NASTY, "The bus comes late")
    assert len(wall.rows.children) == 2
    words, buttons = wall.rows.children[1].children
    assert buttons.index == 0, "it shows that the note is in no group"
    assert "The bus comes late" in words.value
    assert "<script>" not in wall.rows.children[0].children[0].value
    assert [label for label, _ in buttons.options] == ["Not yet grouped", "Getting here"]
    (group,) = desk.entries("note_group")
    buttons.value = group.id
    assert [n["group"] for n in desk.entries("note")] == [None, group.id]
    assert len(desk.project.history(second)) == 2
    assert buttons.index == 1
    buttons.value = ""
    assert desk.entries("note")[1]["group"] is None


def test_the_walls_of_two_questions_are_apart_and_what_others_move_is_followed(desk):
    wall = Wall(desk)
    wall.wall.value = "What helps?"
    wall.note.value = "A call"
    wall.heading.value = "People"
    wall.wall.value = "What hinders?"
    wall.note.value = "The bus"
    assert [n["wall"] for n in desk.entries("note")] == ["What helps?", "What hinders?"]
    assert [len(row.children[1].options) for row in wall.rows.children] == [1], "the other wall's heading is not here"
    wall.wall.value = "What helps?"
    other = Desk(str(desk.workspace.folder), desk.project.id, author="Lee")
    (group,) = other.entries("note_group")
    other.update(other.entries("note")[0], group=group.id)
    assert desk.look_again()
    assert wall.rows.children[0].children[1].value == group.id
    assert [e.author for e in desk.project.history(desk.entries("note")[0])] == ["Rosa", "Lee"], "nothing saved back"


def test_a_refused_note_stays_in_the_box_and_without_a_project_it_says_so(desk):
    wall = Wall(desk)
    desk.project = None
    wall.note.value = "A call"
    assert "No project is open" in wall.message.value
    assert wall.note.value == "A call"


def test_the_notebook_offers_the_wall_live_and_prints_it(desk):
    live = open_system(str(desk.workspace.folder), desk.project.id)
    assert any(isinstance(part, Wall) for part in live.wall().children)
    desk.add("note", text="The bus comes late")
    printed = open_system(str(desk.workspace.folder), desk.project.id, live=False).wall().html()
    assert "The bus comes late" in printed
