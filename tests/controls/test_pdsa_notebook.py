"""«Test changes»: predictions before results, values in four ways, small groups protected on the printed page."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pandas as pd
import pytest
from published_folder import write_published

from kit.controls.desk import Desk
from kit.controls.pdsa import open_tests
from kit.controls.value_entry import ValueEntry, pasted_values, save_values
from kit.errors import InputError, KitError

WEEKS = [date(2025, 9, 1) + timedelta(weeks=i) for i in range(14)]


@pytest.fixture
def folder(tmp_path):
    return write_published(tmp_path / "data")


@pytest.fixture
def tests(folder):
    found = open_tests(str(folder))
    found.desk.open_project(found.desk.store.new_project(title="Mornings").id)
    return found


def measure(desk, **more):
    fields = {"name": "Absent in a week", "role": "outcome", "unit": "percent", "better": "down", "every": "week"}
    return desk.add("measure", **fields | more)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("2025-09-01\t12.5\n2025-09-08\t11", {"date": "2025-09-01", "value": 12.5}),
        ("date,numerator,denominator\n9/1/2025,5,40\n", {"date": "2025-09-01", "numerator": 5.0, "denominator": 40.0}),
        ("date;value;note\n01.09.2025;12,5 %;flu week", {"date": "2025-09-01", "value": 12.5, "note": "flu week"}),
    ],
)
def test_what_teams_paste_is_read(text, first):
    assert pasted_values(text)[0] == first


def test_every_wrong_row_is_named():
    with pytest.raises(InputError) as caught:
        pasted_values("date,value\n2025-13-01,5\n2025-09-08,many\n,7")
    assert [(f.row, f.column) for f in caught.value.faults] == [(2, "date"), (3, "value"), (4, None)]
    with pytest.raises(KitError, match="4 columns"):
        pasted_values("a,b,c,d")


def test_pasting_again_changes_and_keeps_the_earlier_text(tests):
    m = measure(tests.desk)
    assert save_values(tests.desk, m, pasted_values("2025-09-01,10\n2025-09-08,11")) == (2, 0)
    assert save_values(tests.desk, m, pasted_values("2025-09-08,12\n2025-09-15,9")) == (1, 1)
    values = tests.desk.entries("value")
    assert [(v["date"], v["value"]) for v in values] == [("2025-09-01", 10), ("2025-09-08", 12), ("2025-09-15", 9)]
    assert tests.desk.project.history(values[1])[0].fields["value"] == 11


def test_a_spreadsheet_file_is_read(tests):
    measure(tests.desk)
    entry = ValueEntry(tests.desk)
    out = io.BytesIO()
    pd.DataFrame({"date": ["2025-09-01", "2025-09-08"], "value": [4, 5]}).to_excel(out, index=False)
    upload = {
        "name": "values.xlsx",
        "type": "",
        "size": 1,
        "content": memoryview(out.getvalue()),
        "last_modified": None,
    }
    entry.file.value = ({**upload, "last_modified": pd.Timestamp("2025-09-09").to_pydatetime()},)
    assert [v["value"] for v in tests.desk.entries("value")] == [4, 5]


def test_results_wait_for_the_prediction_and_adapt_opens_the_next_cycle(tests):
    m = measure(tests.desk)
    rows = [{"date": d.isoformat(), "numerator": 10.0 - (i > 7) * 6, "denominator": 50.0} for i, d in enumerate(WEEKS)]
    save_values(tests.desk, m, rows)
    form = tests.cycles()
    page = tests.one_page()
    form.title.value = "The advisor calls the same day"
    form.plan_new.click()
    form.forms["plan"].widgets["start"].value = date(2025, 10, 20)
    assert form.charts.outputs == ()
    assert page.charts.outputs == ()
    form.lock.click()
    assert "no question with a prediction" in form.message.value
    asked = form.predictions.children[0]
    asked.form.widgets["question"].value = "Do fewer stay away?"
    asked.form.widgets["prediction"].value = "15 % instead of 20 %"
    form.lock.click()
    assert "Predictions locked on" in form.said.value
    assert "Absent in a week" in str(form.charts.outputs)
    assert "For the team only" in str(form.charts.outputs)
    assert page.charts.outputs != ()
    asked.form.widgets["prediction"].value = "8 %"
    assert tests.desk.entries("prediction")[0]["prediction"] == "15 % instead of 20 %"

    form.close_it.click()
    assert "held against the prediction" in form.message.value
    asked.form.widgets["matched"].value = "partly"
    form.forms["study"].widgets["learned"].value = "Calls before nine work"
    form.close_it.click()
    form.decision.value = "adapt"
    form.next_test.value = "Text first"
    form.decide.click()
    first, second = tests.desk.entries("cycle")
    assert (first["act"], second["previous"], second["objective"]) == ("adapt", first.id, "Text first")
    assert form.cycle.id == second.id
    assert form.charts.outputs == ()
    assert "adapted" in tests.timeline().drawn.value


def test_the_printed_page_withholds_small_weeks_and_bare_percentages(folder, tests):
    small = measure(tests.desk, name="Homeroom", role="driver")
    rows = [{"date": d.isoformat(), "numerator": 3.0, "denominator": 12.0} for d in WEEKS]
    save_values(tests.desk, small, rows)
    bare = measure(tests.desk, name="Bare percent", role="process")
    save_values(tests.desk, bare, [{"date": d.isoformat(), "value": 31.0} for d in WEEKS])
    calls = measure(tests.desk, name="Calls made", role="balancing", unit="calls", counts_students=False)
    save_values(tests.desk, calls, [{"date": d.isoformat(), "value": 7.0 + i % 3} for i, d in enumerate(WEEKS)])
    printed = open_tests(str(folder), tests.desk.project.id, live=False).one_page().html()
    assert "25 %" not in printed.replace("\u00a0", " ")
    assert "«Homeroom» has no value to show yet." in printed
    assert "does not say how many students its values rest on" in printed
    assert "Calls made" in printed
    live = str(tests.one_page().charts.outputs)
    assert "Homeroom" in live


def test_the_daily_records_are_asked_by_grade_and_the_question_is_kept(sample):
    desk = Desk(str(sample), author="Ana")
    schools = desk.workspace.schools()
    school = schools.loc[schools["level"].eq("middle"), "school_id"].iloc[0]
    project = desk.store.new_project(
        title="A test that is deleted", unit_type="school", unit_id=school, school_year=2026
    )
    desk.open_project(project.id)
    try:
        m = measure(desk)
        entry = ValueEntry(desk)
        entry.grades.value = "6"
        entry.ask.click()
        assert "new values saved" in entry.message.value
        values = desk.entries("value")
        assert len(values) > 30
        assert all(v["denominator"] >= 20 for v in values)
        assert '"grades": ["6"]' in desk.project.get(m.id)["query"]
    finally:
        project.delete(project.about)
