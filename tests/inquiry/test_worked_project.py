"""The project that ships with the sample says what the sample's daily records say."""

from __future__ import annotations

import re
from datetime import date
from statistics import median

import duckdb
import pytest

import kit
from kit.inquiry import open_store
from kit.inquiry.cycle_quality import cycle_checks
from kit.inquiry.files import read_project_file
from kit.inquiry.importing import import_project
from kit.inquiry.network import actions_due, who_tested
from kit.inquiry.pdsa import chain
from kit.inquiry.series import series
from kit.inquiry.statements import aim_checks, problem_checks
from kit.inquiry.worked_project import worked_project
from kit.variation import run_chart

SHIPPED = kit.home() / "data_samples" / "project.json"


@pytest.fixture
def project(open_as):
    """Return the shipped project, imported."""
    return import_project(open_as("Lee"), read_project_file(SHIPPED)).project


def _weeks(sample, school: str, year: int, where: str = "true") -> dict[str, tuple[float, int, int]]:
    """Count days missed, late arrivals and days enrolled by week, in SQL of its own."""
    rows = duckdb.sql(f"""
        WITH days AS (
            SELECT date FROM '{sample}/calendar.parquet' WHERE school_id = '{school}' AND instructional
              AND date BETWEEN '{year - 1}-07-01' AND '{year}-06-30'),
        who AS (
            SELECT student_id, entry_date, coalesce(exit_date, DATE '{year}-06-30') AS left_on
            FROM '{sample}/enrollments.parquet' WHERE school_id = '{school}' AND school_year = {year} AND {where}),
        enrolled AS (
            SELECT DISTINCT student_id, date FROM days JOIN who ON date BETWEEN entry_date AND left_on),
        marks AS (
            SELECT student_id, date, status,
                   coalesce(absent_portion, CASE status WHEN 'absent' THEN 1 ELSE 0 END) AS missed
            FROM '{sample}/attendance.parquet' WHERE school_id = '{school}')
        SELECT strftime(date_trunc('week', date), '%Y-%m-%d'), coalesce(sum(missed), 0)::DOUBLE,
               count(*) FILTER (status = 'tardy'), count(*)
        FROM enrolled LEFT JOIN marks USING (student_id, date) GROUP BY 1""").fetchall()
    return {week: (missed, late, n) for week, missed, late, n in rows}


def _median(weeks: dict, start: str, end: str, what: int = 0) -> float:
    return median(100 * w[what] / w[2] for day, w in weeks.items() if start <= day < end)


def test_it_is_written_again_byte_for_byte(sample):
    assert worked_project(sample) == SHIPPED.read_text(encoding="utf-8")


def test_its_values_are_those_of_the_daily_records(project, sample):
    whole, grade_7 = _weeks(sample, "0211", 2026), _weeks(sample, "0211", 2026, "grade = '7'")
    for measure, weeks, what in (
        ("measure-absence", whole, 0),
        ("measure-late", whole, 1),
        ("measure-grade-7", grade_7, 0),
    ):
        values = {v["date"]: (v["numerator"], v["denominator"]) for v in project.entries("value", measure=measure)}
        assert values == {day: (w[what], w[2]) for day, w in weeks.items()}


def test_its_texts_say_what_the_records_say(project, sample):
    whole, other = _weeks(sample, "0211", 2026), _weeks(sample, "0210", 2026)
    last = _weeks(sample, "0211", 2025).values()
    last_year = 100 * sum(w[0] for w in last) / sum(w[2] for w in last)
    before, after = _median(whole, "2025-08", "2025-11-03"), _median(whole, "2025-11-03", "2025-12-22")
    study = project.get("cycle-3")
    assert f"a median of {after:.1f} percent a week, against {before:.1f} in the twelve weeks before" in study["result"]
    late = [_median(whole, *span, 1) for span in (("2025-11-03", "2025-12-22"), ("2025-08", "2025-11-03"))]
    assert f"Late arrivals: {late[0]:.1f} percent, against {late[1]:.1f}" in study["result"]
    maple = [_median(other, *span) for span in (("2025-08", "2025-11-03"), ("2025-11-03", "2025-12-22"))]
    assert f"from {maple[0]:.1f} to {maple[1]:.1f} percent" in study["before"]
    assert maple[1] > maple[0]
    assert project.get("aim")["start_value"] == project.get("baseline")["value"] == round(last_year, 1)
    rates = [100 * w[0] / w[2] for _day, w in sorted(whole.items())]
    assert rates[:4] == sorted(rates[:4])
    assert project.get("notice-rise")["figure"] == f"from {rates[0]:.1f} to {rates[3]:.1f} percent"
    grade_7 = _weeks(sample, "0211", 2026, "grade = '7'")
    test, earlier = _median(grade_7, "2025-10-13", "2025-11-03"), _median(grade_7, "2025-08", "2025-10-13")
    assert project.get("prediction-2b")["result"] == f"{test:.1f} percent against {earlier:.1f}: not fewer"
    assert test > earlier


def test_the_chart_shows_the_change_and_no_earlier_one(project):
    s = series(project, "measure-absence")
    weeks = s[s.denominator.notna()]
    before = weeks[weeks.phase == "before"]
    assert len(before) == 12
    chart = run_chart(weeks.value.tolist(), rules="ihi", baseline=12)
    shift = chart.signals[chart.signals.rule == "shift"]
    assert shift.last.max() > 12
    assert (weeks[weeks.phase == "open door"].value < before.value.min()).all()
    # Holidays are gaps.
    assert s.value.isna().any()


def test_three_linked_cycles_that_hold_to_the_method(project):
    cycles = project.entries("cycle")
    assert [c["act"] for c in cycles] == ["adapt", "adapt", "adopt"]
    assert [c.id for c in chain(project, cycles[0])] == ["cycle-1", "cycle-2", "cycle-3"]
    for cycle in cycles:
        assert [c.criterion for c in cycle_checks(project, cycle) if not c.met] == []
    # Not every prediction came true: that is where they learned.
    assert [p["matched"] for p in project.entries("prediction")].count("no") == 3


def test_the_problem_and_the_aim_are_whole(project):
    assert all(c.met for c in problem_checks(project.get("problem")))
    assert all(c.met for c in aim_checks(project.get("aim"), today=date(2025, 9, 10)))


def test_the_board_hangs_together(project):
    drivers = {d.id for d in project.entries("driver")}
    for idea in project.entries("change_idea"):
        assert set(idea["drivers"]) <= drivers
    reached = {c for d in project.entries("driver") for c in d["causes"]}
    assert {c.id for c in project.entries("cause") if c["kept"]} <= reached
    assert all(len(c["whys"]) >= 3 and c["evidence"] for c in project.entries("cause"))
    assert 4 <= len({c["category"] for c in project.entries("cause")}) <= 7
    assert {m["role"] for m in project.entries("measure")} == {"outcome", "driver", "process", "balancing"}


def test_small_groups_are_respected(project):
    for value in project.entries("value"):
        assert value["denominator"] >= 20
        if value["measure"] == "measure-calls":
            assert min(value["numerator"], value["denominator"] - value["numerator"]) >= 11


def test_it_names_no_pupil_of_the_sample(sample, tmp_path):
    ids = [i for (i,) in duckdb.sql(f"SELECT DISTINCT student_id FROM '{sample}/students.parquet'").fetchall()]
    with open_store(tmp_path / "a.sqlite", author="Lee", pupil_ids=ids) as store:
        import_project(store, read_project_file(SHIPPED))
        assert len(who_tested(store, "welcome late arrivals")) == 1
        assert actions_due(store, date(2026, 5, 1)).overdue.tolist() == [True, False]
    text = SHIPPED.read_text(encoding="utf-8")
    assert len(ids) > 20_000
    assert not set(ids) & set(re.findall(r"\d+", text))
