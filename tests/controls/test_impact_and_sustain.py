"""«Measure impact» and «sustain and spread»: differences against matched schools, alerts, and who else tried it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from published_folder import write_published
from scipy import stats

from kit.compare.impact import difference_in_differences, dose_response
from kit.controls.impact import open_impact
from kit.controls.sustain import open_sustain
from kit.controls.value_entry import save_values
from kit.records.sample import write_sample

WEEKS = [date(2025, 9, 1) + timedelta(weeks=i) for i in range(30)]


def released(changes: dict[str, float], group: str = "all"):
    rows = []
    for school, change in changes.items():
        for year, value in ((2025, 20.0), (2026, 20.0 + change)):
            rows.append((year, "school", school, "chronic_absence", group, "all", 100, value, value, "shown"))
    columns = [
        "school_year",
        "unit_type",
        "unit_id",
        "measure",
        "student_group",
        "grade",
        "n",
        "count",
        "value",
        "status",
    ]
    return pd.DataFrame(rows, columns=columns)


def test_the_difference_and_its_interval_are_those_of_the_textbook():
    changes = {"ours": -6.0, "a": 1.0, "b": -1.0, "c": 2.0, "d": 0.0}
    row = difference_in_differences(released(changes), "ours", list("abcd"), "chronic_absence", 2025, 2026).iloc[0]
    others = np.array([1.0, -1.0, 2.0, 0.0])
    half = stats.t.ppf(0.975, 3) * others.std(ddof=1) * np.sqrt(1.25)
    assert row["effect"] == pytest.approx(-6.5)
    assert (row["low"], row["high"]) == pytest.approx((-6.5 - half, -6.5 + half))
    assert row["sure"] == "clear"
    assert row["matched"] == 4


def test_few_schools_or_none_are_too_few_and_withheld_rows_do_not_count():
    changes = {"ours": -6.0, "a": 1.0, "b": -1.0}
    table = released(changes)
    assert difference_in_differences(table, "ours", ["a", "b"], "chronic_absence", 2025, 2026)["sure"].tolist() == [
        "too few schools"
    ]
    table.loc[table["unit_id"].eq("ours") & table["school_year"].eq(2025), "status"] = "suppressed"
    assert difference_in_differences(table, "ours", ["a", "b"], "chronic_absence", 2025, 2026).empty
    assert difference_in_differences(table, "ours", [], "suspension", 2025, 2026).empty


def test_a_placebo_is_seldom_clear():
    rng = np.random.default_rng(1)
    clear = 0
    for _ in range(400):
        drawn = rng.normal(0, 3, 6)
        table = released(dict(zip(["ours", *"abcde"], drawn, strict=True)))
        clear += (
            difference_in_differences(table, "ours", list("abcde"), "chronic_absence", 2025, 2026)["sure"][0] == "clear"
        )
    assert 0.02 < clear / 400 < 0.09


def test_dose_against_response():
    index = pd.date_range("2025-09-01", periods=20, freq="7D")
    dose = pd.Series(np.arange(20.0), index)
    assert dose_response(dose, -dose)["sure"] == "clear"
    assert dose_response(dose, -dose)["correlation"] == pytest.approx(-1)
    assert dose_response(dose[:5], dose[:5])["sure"] == "too few"
    noise = pd.Series(np.tile([1.0, 2.0], 10), index)
    assert dose_response(dose, noise)["sure"] == "not sure"
    later = pd.Series(np.r_[0.0, 0.0, dose.to_numpy()[:-2]], index)
    assert dose_response(dose, later, lag=2)["n"] == 18


@pytest.fixture
def folder(tmp_path):
    return write_published(tmp_path / "data")


def project_with_values(notebook, level=8.0, **about):
    desk = notebook.desk
    desk.open_project(desk.store.new_project(title="Mornings", **about).id)
    m = desk.add(
        "measure", name="Absent in a week", role="outcome", unit="percent", better="down", every="week", target=9
    )
    rows = [{"date": d.isoformat(), "numerator": 8.0 + i % 3, "denominator": 100.0} for i, d in enumerate(WEEKS[:22])]
    rows += [
        {"date": d.isoformat(), "numerator": level + i % 3, "denominator": 100.0} for i, d in enumerate(WEEKS[22:], 22)
    ]
    save_values(desk, m, rows)
    return m


@pytest.mark.slow
def test_matched_schools_show_ours_and_leave_out_those_who_tried_it(tmp_path):
    folder = write_sample(tmp_path / "data", schools=12, years=2, students_per_school=150)
    found = open_impact(str(folder))
    schools = found.desk.workspace.schools()
    school = schools[schools["level"].eq("elementary")].iloc[2]
    about = {"unit_type": "school", "unit_id": school["school_id"], "records_measure": "chronic_absence"}
    project_with_values(found, **about)
    found.desk.numbers()
    step = found.matched()
    step.button.click()
    assert f"{school['school_name']}, " in str(step.display.outputs)
    assert "Matched with: " in str(step.display.outputs)
    near = [r["other_id"] for r in found.desk.choice.opened.latest.of_school("near", school["school_id"]).items]
    idea = found.desk.add("change_idea", text="Call", practice="Same-day call")
    found.desk.add("cycle", title="x", change_idea=idea.id)
    other = found.desk.store.new_project(title="Theirs", unit_type="school", unit_id=near[0])
    theirs = other.add("change_idea", text="Call", practice="same-day  CALL")
    other.add("cycle", title="y", change_idea=theirs.id, learned="Works before nine")
    again = found.matched()
    again.button.click()
    assert "1 left out" in str(again.display.outputs)
    sustain = open_sustain(str(folder), found.desk.project.id)
    assert "Works before nine" in sustain.others().drawn.value


@pytest.mark.parametrize(("level", "lost"), [(30.0, True), (8.0, False)])
def test_an_alert_only_where_the_rule_says_so(folder, level, lost):
    found = open_sustain(str(folder))
    m = project_with_values(found, level)
    found.desk.add("standard_work", text="Call by nine", measure=m.id, if_lost="Ask <b>why</b> the same week")
    watch = found.holding()
    watch.button.click()
    shown = str(watch.charts.outputs)
    assert ("may be lost" in shown) == lost
    assert ("Ask &lt;b&gt;why&lt;/b&gt; the same week" in shown) == lost


@pytest.mark.parametrize("open_it", [open_impact, open_sustain])
def test_in_a_batch_everything_is_printed_or_said(folder, open_it):
    names = {
        open_impact: (
            "project",
            "session",
            "believe",
            "before_and_after",
            "matched",
            "dose",
            "limits",
            "learned",
            "closing",
        ),
        open_sustain: ("project", "session", "holding", "standard_work", "others", "story", "closing"),
    }[open_it]
    bare = open_it(str(folder), live=False)
    for name in names:
        assert getattr(bare, name)() is not None
    live = open_it(str(folder))
    project_with_values(live, unit_type="school", unit_id="s3", records_measure="chronic_absence")
    full = open_it(str(folder), live.desk.project.id, live=False)
    text = "".join(getattr(full, name)().html() for name in names)
    assert "Absent in a week" in text
    assert "kit-error" not in text
