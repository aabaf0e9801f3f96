"""A file comes in whole, or every fault and every conflict is listed and nothing comes in."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from openpyxl import load_workbook

from kit.errors import InputError, KitError
from kit.inquiry.files import export_project, read_project_file
from kit.inquiry.importing import ImportConflicts, import_project
from kit.inquiry.pdsa import lock_predictions, new_cycle
from kit.inquiry.portable import collect, from_json, to_json
from kit.inquiry.workbook import from_xlsx, to_xlsx


@pytest.fixture
def full(project):
    """Return a project with a cause, a measure and its values."""
    project.add("cause", id="bus", text="The bus is late", category="Transport")
    project.add("measure", id="absence", name="Absence", role="outcome")
    project.add("value", id="v1", measure="absence", date="2026-01-05", value=9.5)
    return project


def _edited(project, change) -> bytes:
    """Return the project's workbook after somebody worked in it."""
    book = load_workbook(io.BytesIO(to_xlsx(collect(project))))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet, id_: str, heading: str):
    row = next(r for r in sheet.iter_rows() if r[0].value == id_)
    return row[[c.value for c in sheet[1]].index(heading)]


def test_edits_and_new_rows_of_a_sheet_are_saved_as_edits_of_who_imports(full, open_as):
    def work(book):
        _cell(book["causes"], "bus", "Cause").value = "The 7:40 bus is late"
        book["causes"].append([None, "Nobody calls home", "Process", "late\nno list"])
        book["values"].append([None, "absence", "2026-01-12", None, None, 8.5])

    lee = open_as("Lee", pupil_ids=full.store.guard)
    done = import_project(lee, from_xlsx(_edited(full, work)))
    assert (done.added, done.changed) == (2, 1)
    bus = full.get("bus")
    assert (bus["text"], bus["category"], bus.version, bus.author) == ("The 7:40 bus is late", "Transport", 2, "Lee")
    assert [r.fields["text"] for r in full.history("bus")] == ["The bus is late", "The 7:40 bus is late"]
    new = full.entries("cause")[1]
    assert (new["whys"], new.created_by) == (["late", "no list"], "Lee")
    assert full.table("value").value.tolist() == [9.5, 8.5]


def test_a_row_that_is_missing_deletes_nothing_and_yes_in_deleted_does(full, store):
    def work(book):
        book["values"].delete_rows(2)
        _cell(book["causes"], "bus", "deleted").value = "yes"

    done = import_project(store, from_xlsx(_edited(full, work)))
    assert done.changed == 1
    assert full.entries("cause") == []
    assert full.restore(full.get("bus"))["text"] == "The bus is late"
    assert len(full.entries("value")) == 1


def test_what_both_changed_is_shown_with_both_texts_and_nothing_comes_in(full, store):
    def work(book):
        _cell(book["causes"], "bus", "Cause").value = "No bus"
        _cell(book["measures"], "absence", "Name").value = "Absence rate"

    sheets = _edited(full, work)
    full.update(full.get("bus"), text="The bus is full")
    with pytest.raises(ImportConflicts) as told:
        import_project(store, from_xlsx(sheets))
    for text in ("No bus", "The bus is full", "Cause", "Nothing was imported"):
        assert text in str(told.value)
    assert "Absence rate" not in str(told.value)
    assert full.get("absence")["name"] == "Absence"


def test_a_sheets_edit_of_another_field_is_put_beside_the_stores(full, store):
    sheets = _edited(full, lambda book: setattr(_cell(book["causes"], "bus", "Bone"), "value", "Roads"))
    full.update(full.get("bus"), text="The bus is full")
    import_project(store, from_xlsx(sheets))
    assert full.get("bus").fields == {"text": "The bus is full", "category": "Roads"}


def test_an_old_export_changes_nothing(full, store):
    sheets, text = to_xlsx(collect(full)), to_json(collect(full))
    full.update(full.get("bus"), text="The bus is full")
    for file in (from_xlsx(sheets), from_json(text)):
        done = import_project(store, file)
        assert (done.added, done.changed) == (0, 0)
    assert full.get("bus")["text"] == "The bus is full"


def test_a_copy_that_went_on_is_taken_over_and_one_that_parted_is_a_conflict(full, store, open_as, tmp_path):
    elsewhere = open_as("Lee", f"sqlite:///{tmp_path / 'lee.sqlite'}")
    copy = import_project(elsewhere, from_json(to_json(collect(full)))).project
    copy.update(copy.get("bus"), text="The bus is full")
    copy.update(copy.get("bus"), text="The bus is full on Mondays")
    went_on = to_json(collect(copy))
    assert import_project(store, from_json(went_on)).changed == 1
    assert [(r.author, r.fields["text"]) for r in full.history("bus")] == [
        ("Rosa", "The bus is late"),
        ("Lee", "The bus is full"),
        ("Lee", "The bus is full on Mondays"),
    ]
    assert to_json(collect(full)) == went_on

    copy.update(copy.get("bus"), text="Full on Fridays")
    full.update(full.get("bus"), text="Full on Tuesdays")
    with pytest.raises(ImportConflicts, match="Full on Fridays") as told:
        import_project(store, from_json(to_json(collect(copy))))
    assert "Full on Tuesdays" in str(told.value)
    assert full.get("bus")["text"] == "Full on Tuesdays"


def test_as_new_leaves_the_old_project_alone(full, store):
    done = import_project(store, from_json(to_json(collect(full))), as_new=True)
    assert done.project.id != full.id
    assert len(store.projects()) == 2
    done.project.update(done.project.get("bus"), text="Another")
    assert full.get("bus")["text"] == "The bus is late"


def test_every_fault_of_a_workbook_is_listed_with_its_place(full, store):
    def work(book):
        causes, values = book["causes"], book["values"]
        causes.append(["new one", None, "Process"])  # row 3: no id like this, and no text
        causes.append([None, "Ask 0100002", None, None, "rumour"])  # row 4: a pupil, a choice that is none
        values.append([None, "absence", "12 January", None, None, 1])  # row 3
        values.append([None, "bus", "2026-01-12", None, None, 1])  # row 4: points to a cause
        values.append([None, "absence", "2026-01-05", None, None, 1])  # row 5: a second value that day
        values.append([None, "absence", "2026-01-19", "=2+2"])  # row 6: a formula without its result
        values.append([None, "absence", "2026-01-26", 0.125])  # row 7: a percentage
        values["D7"].number_format = "0.0%"
        values.append([None, "absence", "2026-02-02", "#DIV/0!"])  # row 8
        values["D8"].data_type = "e"
        causes["J1"] = "Colour"
        book.create_sheet("my notes")["A1"] = "hello"

    stamp = full.stamp()
    with pytest.raises(InputError) as told:
        import_project(store, from_xlsx(_edited(full, work), "team.xlsx"))
    found = {(f.file.split("'")[1], f.row, f.column) for f in told.value.faults}
    assert found == {
        ("causes", 1, "Colour"),
        ("my notes", None, None),
        ("values", 6, "numerator"),
        ("values", 7, "numerator"),
        ("values", 8, "numerator"),
        ("causes", 3, "id"),
        ("causes", 3, "text"),
        ("causes", 4, "text"),
        ("causes", 4, "evidence"),
        ("values", 3, "date"),
        ("values", 4, "measure"),
        ("values", 5, "date"),
    }
    assert all(f.mend for f in told.value.faults)
    assert "0100002" not in str(told.value)
    assert full.stamp() == stamp


def test_a_formula_with_its_result_is_its_result(full, store):
    # A spreadsheet program stores the result beside the formula.
    content = _edited(full, lambda book: setattr(_cell(book["values"], "v1", "Value"), "value", "=19/2"))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.namelist():
            new.writestr(
                item, re.sub(rb"(<f>19/2</f>)<v ?/>|(<f>19/2</f>)<v></v>", rb"<f>19/2</f><v>9.25</v>", old.read(item))
            )
    import_project(store, from_xlsx(out.getvalue()))
    assert full.get("v1")["value"] == 9.25


def test_a_workbook_begun_by_hand_is_a_new_project(store, tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "Projects"
    for row in (["Title", "Level"], ["Mornings", "School"]):
        book.active.append(row)
    causes = book.create_sheet("cause")
    for row in (["text", "Bone"], [None, None], ["The bus", 7.0], ["Phones", None]):
        causes.append(row)
    book.save(tmp_path / "hand.xlsx")
    done = import_project(store, read_project_file(tmp_path / "hand.xlsx"))
    assert done.added == 2
    assert done.project.about.fields == {"title": "Mornings", "unit_type": "school"}
    assert [c["category"] for c in done.project.entries("cause")] == ["7", None]


def test_a_project_without_its_title_or_twice_is_told(full, store):
    file = from_json(to_json(collect(full)))
    file.project_id, file.entries = "other", [f for f in file.entries if f.kind != "project"]
    with pytest.raises(InputError, match="which project"):
        import_project(store, file)
    twice = from_xlsx(_edited(full, lambda book: book["projects"].append([None, "Another"])))
    with pytest.raises(InputError, match="there twice"):
        import_project(store, twice)


def test_a_pupils_id_comes_in_by_no_field_and_no_earlier_text(full, store):
    whole = json.loads(to_json(collect(full)))
    whole["project"] = "copy"

    def with_(change) -> str:
        text = json.loads(json.dumps(whole))
        change(next(e for e in text["entries"] if e["id"] == "bus"))
        return json.dumps(text)

    earlier = {"version": 1, "fields": {"text": "0100002"}, "deleted": False, "author": "Rosa"}
    for change in (
        lambda e: e["fields"].update(text="0100002"),
        lambda e: e["fields"].update(whys=["A-77310"]),
        lambda e: e.update(author="0100002"),
        lambda e: e.update(version=2, earlier=[{**earlier, "at": e["at"]}]),
    ):
        with pytest.raises(InputError, match="pupil"):
            import_project(store, from_json(with_(change)))
    assert len(store.projects()) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.update(format="other"), "not a project"),
        (lambda w: w.update(format_version=2), "newer kit"),
        (lambda w: w["entries"].append("x"), "not an entry"),
        (lambda w: w["entries"][1].pop("at"), "'at'"),
        (lambda w: w["entries"][1].update(version=0), "'version'"),
        (lambda w: w["entries"][1].update(earlier=[{}]), "'earlier'"),
        (lambda w: w["entries"][1].update(kind="colour"), "not a kind"),
        (lambda w: w["entries"][1].update(id="Ä"), "'id'"),
        (lambda w: w["entries"][1]["fields"].update(nonsense=1), "no such field"),
        (lambda w: w["entries"][1]["fields"].update(text="\x00"), "cannot be written"),
    ],
)
def test_a_json_file_that_is_not_right_is_told(full, store, change, said):
    whole = json.loads(to_json(collect(full)))
    whole["project"] = "copy"
    change(whole)
    with pytest.raises(KitError, match=said):
        import_project(store, from_json(json.dumps(whole)))
    assert len(store.projects()) == 1


def test_what_is_no_such_file_is_told(tmp_path):
    for name, content in (("a.json", b"{"), ("a.json", b"\xff\xfe"), ("a.xlsx", b"PK"), ("b.json", b"[]")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(KitError, match=r"It is not"):
            read_project_file(tmp_path / name)


def test_an_import_cannot_get_round_a_lock(full, store):
    cycle = new_cycle(full, "Call the same day")
    full.add("prediction", id="p1", cycle=cycle, question="Do we reach families?", prediction="Half")
    lock_predictions(full, cycle)

    def work(book):
        _cell(book["questions and predictions"], "p1", "Prediction").value = "Nearly all"
        book["questions and predictions"].append([None, cycle.id, "Who?", "Mothers"])

    with pytest.raises(InputError) as told:
        import_project(store, from_xlsx(_edited(full, work)))
    assert {(f.row, f.column) for f in told.value.faults} >= {(2, "prediction"), (3, "prediction")}


def test_what_is_shared_leaves_out_the_facilitators_notes(store, tmp_path, full):
    session = full.add("session", title="One", facilitator_notes="Lee talks too much", record="We decided")
    full.update(session, facilitator_notes="Lee talks a lot")
    for name in ("shared.json", "shared.xlsx"):
        export_project(full, tmp_path / name, shared=True)
        file = read_project_file(tmp_path / name)
        assert "talks" not in to_json(collect(import_project(store, file, as_new=True).project))
        with pytest.raises(KitError, match="Import it as a new project"):
            import_project(store, read_project_file(tmp_path / name))
    export_project(full, tmp_path / "whole.json")
    assert "talks a lot" in (tmp_path / "whole.json").read_text()


def test_an_export_replaces_no_file(full, tmp_path):
    (tmp_path / "a.xlsx").write_text("a team worked in this")
    with pytest.raises(KitError, match="there already"):
        export_project(full, tmp_path / "a.xlsx")
    assert (tmp_path / "a.xlsx").read_text() == "a team worked in this"
    with pytest.raises(KitError, match=r"json or \.xlsx"):
        export_project(full, tmp_path / "a.docx")


def test_a_sheet_helps_who_fills_it_in(full):
    book = load_workbook(io.BytesIO(to_xlsx(collect(full))))
    assert book.sheetnames == ["read me", "projects", "causes", "measures", "values"]
    sheet = book["causes"]
    assert [c.value for c in sheet[1]][:3] == ["id", "Cause", "Bone"]
    lists = {v.formula1: str(v.sqref) for v in sheet.data_validations.dataValidation}
    assert '"data,interview,observation,student work,hunch"' in lists
    assert '"yes,no"' in lists
    assert "one a line" in sheet["D1"].comment.text
