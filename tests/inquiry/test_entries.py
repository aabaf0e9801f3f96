"""What a team writes is kept: every text, who wrote it, and both texts where two wrote at once."""

from __future__ import annotations

import sqlite3

import pandas as pd
import pytest

from kit.errors import InputError, KitError
from kit.inquiry import ConflictError, Store, kinds


def test_an_entry_keeps_author_time_and_earlier_texts(any_url, open_as):
    rosa, lee = open_as("Rosa", any_url), open_as("Lee", any_url)
    project = rosa.new_project(title="Mornings")
    cause = project.add("cause", text="The bus is late", category="Transport")
    seen_by_lee = lee.project(project.id).get(cause.id)
    lee.project(project.id).update(seen_by_lee, text="The 7:40 bus is late")

    now = project.get(cause.id)
    assert (now["text"], now.version, now.author, now.created_by) == ("The 7:40 bus is late", 2, "Lee", "Rosa")
    assert now.created_at <= now.at
    texts = [(r.version, r.fields["text"], r.author) for r in project.history(cause)]
    assert texts == [(1, "The bus is late", "Rosa"), (2, "The 7:40 bus is late", "Lee")]


def test_the_second_writer_sees_both_texts_and_nothing_is_overwritten(any_url, open_as):
    rosa, lee = open_as("Rosa", any_url), open_as("Lee", any_url)
    project = rosa.new_project(title="Mornings")
    cause = project.add("cause", text="The bus is late")
    theirs = lee.project(project.id)
    held = theirs.get(cause.id)
    project.update(cause, text="The bus is full")
    with pytest.raises(ConflictError) as told:
        theirs.update(held, text="There is no bus")
    (conflict,) = told.value.conflicts
    assert (conflict.base, conflict.mine, conflict.theirs) == ("The bus is late", "There is no bus", "The bus is full")
    for text in ("There is no bus", "The bus is full", "Rosa"):
        assert text in str(told.value)
    assert project.get(cause.id)["text"] == "The bus is full"
    # Having read both, Lee saves on.
    theirs.update(told.value.current, text="The bus is full, or there is none")
    assert [r.fields["text"] for r in project.history(cause)][-1] == "The bus is full, or there is none"


def test_edits_of_different_fields_are_both_kept(project):
    cause = project.add("cause", text="The bus is late")
    project.update(cause, category="Transport")
    project.update(cause, in_control=False)
    assert project.get(cause.id).fields == {"text": "The bus is late", "category": "Transport", "in_control": False}


def test_the_same_text_from_two_is_no_conflict(project):
    cause = project.add("cause", text="The bus")
    project.update(cause, text="The bus is late")
    assert project.update(cause, text="The bus is late").version == 2


def test_deleting_keeps_history_and_can_be_undone(project):
    cause = project.add("cause", text="The bus is late")
    gone = project.delete(cause)
    assert project.entries("cause") == []
    assert [e.id for e in project.entries("cause", deleted=True)] == [cause.id]
    assert project.restore(gone)["text"] == "The bus is late"
    assert project.changes().query("kind == 'cause'").deed.tolist() == ["added", "deleted", "brought back"]


def test_editing_what_another_deleted_and_deleting_what_another_edited_are_told(project):
    cause = project.add("cause", text="The bus is late")
    edited = project.update(cause, text="The bus is full")
    with pytest.raises(ConflictError, match="The bus is full"):
        project.delete(cause)
    project.delete(edited)
    with pytest.raises(ConflictError, match="deleted this meanwhile"):
        project.update(edited, text="No bus")


def test_an_edit_must_say_where_it_began(project):
    cause = project.add("cause", text="The bus is late")
    with pytest.raises(KitError, match="version"):
        project.update(cause.id, text="No bus")
    assert project.update(cause.id, version=1, text="No bus").version == 2


def test_every_wrong_field_is_named_at_once(project):
    with pytest.raises(InputError) as told:
        project.add("value", date="31.1.2026", numerator="many", colour="red")
    wrong = {f.column for f in told.value.faults}
    assert wrong == {"date", "numerator", "colour", "measure"}
    assert project.entries("value") == []


def test_rows_are_added_all_or_none_with_their_number(project):
    measure = project.add("measure", name="Absence", role="outcome")
    rows = [{"measure": measure, "date": "2026-01-05", "value": 9.5}, {"measure": measure, "date": "never", "value": 9}]
    with pytest.raises(InputError) as told:
        project.add_many("value", rows)
    assert [(f.row, f.column) for f in told.value.faults] == [(2, "date")]
    assert project.entries("value") == []


def test_a_measure_has_one_value_a_date(project):
    a, b = (project.add("measure", name=n, role="outcome") for n in "ab")
    project.add("value", measure=a, date="2026-01-05", value=9.5)
    project.add("value", measure=b, date="2026-01-05", value=9.5)
    other = project.add("value", measure=a, date="2026-01-12", value=9.5)
    with pytest.raises(InputError, match="there is one already"):
        project.add("value", measure=a, date="2026-01-05", value=8)
    with pytest.raises(InputError, match="there is one already"):
        project.update(other, date="2026-01-05")
    rows = [{"measure": b, "date": "2026-01-19", "value": v} for v in (1, 2)]
    with pytest.raises(InputError) as told:
        project.add_many("value", rows)
    assert [f.row for f in told.value.faults] == [2]


def test_entries_point_only_where_they_may(project, store):
    cause = project.add("cause", text="The bus is late")
    elsewhere = store.new_project(title="Another").add("driver", text="Buses", level="primary")
    with pytest.raises(InputError, match="there is no entry"):
        project.add("driver", text="Buses", level="primary", causes=["cause-none"])
    with pytest.raises(InputError, match="is a cause"):
        project.add("change_idea", text="Ring", drivers=[cause])
    with pytest.raises(InputError, match="there is no entry"):
        project.add("change_idea", text="Ring", drivers=[elsewhere])


def test_saving_together_saves_everything_or_nothing(project):
    def save_both():
        with project.together():
            project.add("note", text="Cold mornings")
            project.add("note", text="")

    with pytest.raises(InputError):
        save_both()
    assert project.entries("note") == []
    with project.together():
        group = project.add("note_group", title="Mornings")
        project.add("note", text="Cold mornings", group=group)
    assert [n["group"] for n in project.entries("note", group=group)] == [group.id]


@pytest.mark.parametrize(
    ("kind", "field", "given", "kept"),
    [
        ("cause", "text", "a\r\nb\rc\x0bd", "a\nb\nc\nd"),
        ("cause", "text", "  =1+1 \n", "  =1+1 \n"),
        ("cause", "category", "two\nlines", "two lines"),
        ("cause", "whys", "late\n\nno bus\n", ["late", "no bus"]),
        ("cause", "in_control", "No", False),
        ("cause", "evidence", "Student Work", "student work"),
        ("cause", "place", 2.0, 2),
        ("cause", "place", "−1.5", -1.5),
        ("project", "grades", [6.0, "7"], ["6", "7"]),
        ("action", "due", pd.Timestamp("2026-03-01"), "2026-03-01"),
        ("action", "due", "2026-03-01 00:00:00", "2026-03-01"),
        ("cause", "text", " \n ", None),
        ("cause", "place", float("nan"), None),
        ("action", "due", pd.NaT, None),
    ],
)
def test_a_field_has_one_form(kind, field, given, kept):
    from kit.inquiry.typed import typed

    assert typed(kinds()[kind].fields[field], given) == kept


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("text", "a\x00b"),
        ("text", "\ud800"),
        ("text", "x" * 16_001),
        ("text", b"bytes"),
        ("whys", ["x" * 9_000] * 2),
        ("place", "1,5"),
        ("place", "inf"),
        ("place", True),
        ("place", 1e16),
        ("evidence", "rumour"),
        ("in_control", "perhaps"),
    ],
)
def test_what_does_not_fit_is_refused(project, field, given):
    with pytest.raises(InputError):
        project.add("cause", **{"text": "The bus", field: given})


@pytest.mark.parametrize(
    "text",
    ["Ask 0100002 about it", "0100002", "see 100002, who …", "(a-77310)", "A-77310’s mother", "grade 7\n0100002"],
)
def test_a_pupils_id_is_refused_with_the_reason_and_not_repeated(project, text):
    with pytest.raises(InputError, match="pupil in the records") as told:
        project.add("quote", text=text)
    assert "0100002" not in str(told.value)
    assert "77310" not in str(told.value)


def test_a_pupils_id_is_refused_in_lists_edits_and_titles(project, store):
    cause = project.add("cause", text="The bus is late")
    for wrong in ({"whys": ["because", "of 0100002"]}, {"category": "0100002"}):
        with pytest.raises(InputError, match="pupil"):
            project.update(cause, **wrong)
    with pytest.raises(InputError, match="pupil"):
        store.new_project(title="For 0100002")
    with pytest.raises(KitError, match="pupil"):
        Store(store.database.url, author="0100002", pupil_ids=["0100002"])


@pytest.mark.parametrize(
    "text", ["20100002", "01000025", "1000-02", "in 2026, 12 of 310 pupils", "A 77 310", "2010-00-02"]
)
def test_what_only_looks_like_an_id_is_kept(project, text):
    assert project.add("quote", text=text)["text"] == text


def test_the_guard_of_a_data_folder_asks_its_records(write_folder, tmp_path):
    from kit.inquiry import open_store
    from kit.workspace import open_workspace

    students = "student_id,school_year,race_ethnicity,gender,english_learner,disability,disadvantaged"
    folder = write_folder(
        schools="school_id,school_name,district_id,district_name,level\n1,One,1,D,middle",
        students=f"{students}\n0045678,2026,white,male,N,N,N\n123,2026,white,male,N,N,N",
    )
    with open_store(open_workspace(folder), author="Rosa") as store:
        assert store.name.endswith("inquiry.sqlite")
        assert (folder / "inquiry.sqlite").exists()
        project = store.new_project(title="Mornings", unit_type="school", unit_id="45678")
        for wrong in ("ring 45678", "ring 0045678"):
            with pytest.raises(InputError, match="pupil"):
                project.add("note", text=wrong)
        assert project.add("note", text="123 pupils")


def test_history_cannot_be_changed_even_by_hand(any_url, open_as, request):
    store = open_as("Rosa", any_url)
    store.new_project(title="Mornings")
    for statement in ("UPDATE revision SET author = 'x'", "DELETE FROM revision"):
        if any_url.startswith("sqlite"):
            with sqlite3.connect(store.database.file) as raw, pytest.raises(sqlite3.DatabaseError, match="is kept"):
                raw.execute(statement)
        else:
            server = request.getfixturevalue("postgres")
            with pytest.raises(RuntimeError, match="is kept"):
                server.sql(statement, any_url.rsplit("/", 1)[1])


def test_the_table_has_types_and_the_teams_order(project):
    measure = project.add("measure", name="Absence", role="outcome")
    project.add("value", measure=measure, date="2026-01-12", numerator=30, denominator=400)
    project.add("value", measure=measure, date="2026-01-05", value=9.5)
    table = project.table("value")
    assert table.date.tolist() == [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-12")]
    assert table.value.isna().tolist() == [False, True]
    for place in (2, 1):
        project.add("driver", text=f"number {place}", level="primary", place=place)
    assert [d["text"] for d in project.entries("driver")] == ["number 1", "number 2"]
    assert project.table("cause").empty


def test_the_stamp_differs_after_any_save(project):
    stamps = [project.stamp()]
    cause = project.add("cause", text="The bus is late")
    stamps.append(project.stamp())
    project.update(cause, text="No bus")
    stamps.append(project.stamp())
    project.delete(project.get(cause.id))
    stamps.append(project.stamp())
    assert len(set(stamps)) == 4


def test_projects_are_listed_and_a_deleted_one_can_be_brought_back(store, project):
    project.add("cause", text="The bus is late")
    other = store.new_project(title="a second")
    listed = store.projects()
    assert listed.title.tolist() == ["a second", "Mornings at Acorn Middle"]
    assert listed.set_index("id").entries.to_dict() == {other.id: 0, project.id: 1}
    about = project.delete(project.about)
    assert store.projects().id.tolist() == [other.id]
    with pytest.raises(KitError, match="was deleted"):
        store.project(project.id)
    with pytest.raises(KitError, match="was deleted"):
        project.add("cause", text="Another")
    project.restore(about)
    assert store.project(project.id).entries("cause")
    with pytest.raises(KitError, match="Did you mean"):
        store.project(project.id[:-1])


def test_every_kind_can_be_written_from_its_description(project):
    plain = {
        "line": "a",
        "code": "a",
        "text": "a",
        "lines": ["a"],
        "number": 1.5,
        "count": 2,
        "date": "2026-01-05",
        "yesno": True,
    }
    made = {}
    for k in kinds().values():
        if k.id == "project":
            continue
        fields = {}
        for f in k.fields.values():
            if f.type in plain:
                fields[f.name] = plain[f.type]
            elif f.type == "choice":
                fields[f.name] = f.choices[0]
            elif f.type in ("one", "many") and (target := next((made[o] for o in f.of if o in made), None)):
                fields[f.name] = target if f.type == "one" else [target]
        made[k.id] = project.add(k.id, **fields).id
    assert len(made) == len(kinds()) - 1
