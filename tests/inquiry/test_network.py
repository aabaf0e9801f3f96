"""What is asked of all projects together, and a measure as a series."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from kit.inquiry.network import actions_due, practices, unanswered, who_tested
from kit.inquiry.series import series


@pytest.fixture
def network(any_url, open_as):
    """Return a store with two schools' projects."""
    store = open_as("Rosa", any_url)
    for unit, title, group in (("0211", "Acorn", None), ("0108", "Magpie", "disadvantaged")):
        p = store.new_project(
            id=title.lower(),
            title=title,
            unit_type="school",
            unit_id=unit,
            records_measure="chronic_absence",
            student_group=group,
        )
        idea = p.add(
            "change_idea", text=f"{title} calls", practice="Same-day  call" if unit == "0211" else "same-day CALL"
        )
        if unit == "0211":
            p.add("cycle", title="One", change_idea=idea, start="2025-09-15", act="adapt", learned="before ten")
            p.add("cycle", title="Two", change_idea=idea, start="2025-11-03", act="adopt", learned="all year")
        p.add("action", text=f"{title} orders phones", owner="Lee", due="2026-01-10")
        p.add("action", text="done", owner="Lee", due="2026-01-01", status="done")
        p.add("action", text=f"{title} some day", owner="rosa")
    return store


def test_who_else_tested_a_change_idea(network):
    assert practices(network) == ["Same-day  call"]
    found = who_tested(network, "same-day call")
    assert found[["project", "unit_id", "cycle", "act"]].values.tolist() == [
        ["Acorn", "0211", "Two", "adopt"],
        ["Acorn", "0211", "One", "adapt"],
        ["Magpie", "0108", None, None],
    ]
    assert found.learned.tolist()[:2] == ["all year", "before ten"]
    assert who_tested(network, "another").empty


def test_actions_due(network):
    due = actions_due(network, date(2026, 1, 10))
    assert due.text.tolist()[:2] == ["Acorn orders phones", "Magpie orders phones"]
    assert len(due) == 4
    assert not due.overdue.any()
    assert actions_due(network, date(2026, 1, 11)).overdue.tolist() == [True, True, False, False]
    assert actions_due(network, date(2026, 1, 11), owner="Rosa").text.tolist() == ["Acorn some day", "Magpie some day"]
    network.project("acorn").delete(network.project("acorn").about)
    assert set(actions_due(network, date(2026, 1, 10)).project) == {"Magpie"}


def test_signals_that_no_project_answers(network):
    signals = pd.DataFrame(
        [
            ("0211", "chronic_absence", "all"),
            ("0211", "chronic_absence", "english_learner"),
            ("0211", "suspension", "all"),
            ("0108", "chronic_absence", "all"),
            ("0108", "chronic_absence", "disadvantaged"),
            ("0999", "chronic_absence", "all"),
        ],
        columns=["unit_id", "measure", "student_group"],
    )
    assert unanswered(network, signals).index.tolist() == [0, 1, 2]
    assert unanswered(network, signals)[["unit_id", "measure", "student_group"]].values.tolist() == [
        ["0211", "suspension", "all"],
        ["0108", "chronic_absence", "all"],
        ["0999", "chronic_absence", "all"],
    ]
    acorn = network.project("acorn")
    acorn.update(acorn.about, status="closed")
    assert len(unanswered(network, signals)) == 5


def test_a_series_computes_keeps_gaps_and_knows_its_phase(project):
    measure = project.add("measure", name="Absence", role="outcome", unit="percent", every="week")
    for day, num, den in (("2026-01-05", 30, 400), ("2026-01-26", 0, 0), ("2026-01-12", 20, 400)):
        project.add("value", measure=measure, date=day, numerator=num, denominator=den)
    project.add("phase", measure=measure, start="2026-01-12", label="after", reason="the change began")
    s = series(project, measure)
    assert s.date.dt.strftime("%m-%d").tolist() == ["01-05", "01-12", "01-19", "01-26"]
    assert s.value.tolist()[:2] == [7.5, 5.0]
    assert s.value.isna().tolist() == [False, False, True, True]  # no row that week; nobody enrolled
    assert s.phase.tolist() == [None, "after", "after", "after"]


def test_a_value_as_entered_stands_before_a_computed_one(project):
    measure = project.add("measure", name="Calls", role="process", unit="calls per day", every="month")
    project.add("value", measure=measure, date="2026-01-05", numerator=30, denominator=4, value=7)
    project.add("value", measure=measure, date="2026-03-17", numerator=30, denominator=4)
    s = series(project, measure.id)
    assert s.value.tolist() == [7, 7.5]  # dates without a rhythm: no gap is made up
    assert series(project, project.add("measure", name="None", role="driver")).empty
