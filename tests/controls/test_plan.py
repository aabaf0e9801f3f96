"""The plan: assembled from what is written, each step says what is missing, and only released numbers are in it."""

from __future__ import annotations

from datetime import date

import pytest
from published_folder import errors_shown, write_published

import kit
from kit.cli import main
from kit.controls.plan import open_plan
from kit.errors import KitError
from kit.inquiry import open_store
from kit.needs.eight_steps import plan_steps, step_checks
from kit.workspace import open_workspace

TODAY = date(2026, 4, 15)


@pytest.fixture
def data(tmp_path):
    return write_published(tmp_path / "data")


@pytest.fixture
def planned(data):
    with open_store(open_workspace(data), author="Ana") as store:
        project = store.new_project(
            title="Our <i>plan</i>", purpose="plan", unit_type="school", unit_id="s3", records_measure="chronic_absence"
        )
        project.add("problem", statement="One in four <b>misses</b> a day in ten")
        cause = project.add("cause", text="Nobody calls home", kept=True)
        strategy = project.add(
            "strategy", text="Call the same day", causes=[cause], research="A pilot", measure="Calls"
        )
        goal = project.add(
            "goal", statement="Fewer days missed", population="grade 6", indicator="chronic_absence", start_value=25,
            target=15, achievable="Two schools did it", relevant="Nobody calls", by="2099-06-01", strategies=[strategy],
        )  # fmt: skip
        project.add("goal", statement="Without measure or date", population="grade 6")
        project.add("action", text="Draft the list", owner="M. Ortiz", due="2026-03-01", about=goal)
    return data, project.id


def checks(data, project, number, today=TODAY):
    with open_store(open_workspace(data)) as store:
        step = plan_steps()[number - 1]
        return {c.criterion: c for c in step_checks(store.project(project), step, today=today)}


def test_the_eight_steps_are_missouris():
    assert [s.name for s in plan_steps()] == [
        "Orientation and readiness", "Gather and organize data", "Analyze data", "Prioritize and set goals",
        "Research and identify effective strategies and practices", "Develop and implement the plan",
        "Monitor implementation and progress", "Review and revise",
    ]  # fmt: skip


def test_a_goal_without_measure_or_date_is_not_ready(planned):
    found = checks(*planned, 4)
    assert found["Goal «Fewer days missed»"].met
    lacking = found["Goal «Without measure or date»"]
    assert not lacking.met
    assert "measurable" in lacking.words
    assert "timed" in lacking.words
    assert found["Number of goals"].words == "There are 2 goals so far; plans usually hold 3 to 5."


def test_a_strategy_without_a_root_cause_is_not_ready(planned):
    data, project = planned
    assert checks(data, project, 5)["Strategy «Call the same day»"].met
    with open_store(open_workspace(data)) as store:
        store.project(project).add("strategy", text="A new app", research="An advertisement", measure="Use")
    assert checks(data, project, 5)["Strategy «A new app»"].words == "Without: root cause."


def test_actions_past_their_date_and_strategies_without_one_are_named(planned):
    data, project = planned
    found = checks(data, project, 6)
    assert found["On time"].words == "Open and past its date: Draft the list."
    assert found["Actions for each strategy"].met
    with open_store(open_workspace(data)) as store:
        store.project(project).add("strategy", text="A new app")
    assert "A new app" in checks(data, project, 6)["Actions for each strategy"].words


@pytest.mark.parametrize(
    ("on", "met"), [("2021-04-15", True), ("2021-04-14", False), ("2026-01-01", True), (None, False)]
)
def test_a_rewrite_more_than_five_years_ago_is_a_warning(planned, on, met):
    data, project = planned
    with open_store(open_workspace(data)) as store:
        store.project(project).add("plan_part", step=8, part="last full rewrite", text="By the board", date=on)
    assert checks(data, project, 8)["Last full rewrite"].met is met


def test_five_categories_of_data(planned):
    data, project = planned
    with open_store(open_workspace(data)) as store:
        kept = store.project(project)
        for station in ("Achievement", "Demographics", "perception", "Behaviour"):
            kept.add("notice", text="A fact", station=station)
    assert checks(data, project, 2)["Five categories of data"].words == "No fact is written yet for: contextual."


def test_the_page_for_the_board_holds_it_all_and_released_numbers_only(planned, tmp_path, capsys):
    data, project = planned
    out = tmp_path / "plan.html"
    assert main(["plan", str(data), project, "--out", str(out)]) == 0
    assert str(out) in capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    for words in (
        "One in four &lt;b&gt;misses",
        "Fewer days missed",
        "Call the same day",
        "M. Ortiz",
        "8. Review and revise",
    ):
        assert words in page
    assert "<b>misses</b>" not in page
    from kit.measures.registry import measures

    assert f"<h3>{measures()['chronic_absence'].name}</h3>" in page
    latest = open_workspace(data).released().where(
        measure="chronic_absence", unit_id="s3", student_group="all", grade="all", school_year=2026
    )  # fmt: skip
    (value,) = latest.table["value"]
    assert measures()["chronic_absence"].write(value) in page


def test_a_districts_small_numbers_are_withheld(tmp_path, data):
    import pandas as pd

    rows = pd.read_csv(data / "results.csv", dtype={"unit_id": str})
    small = (rows.unit_type == "district") & (rows.measure == "chronic_absence") & (rows.school_year == 2026)
    rows.loc[small & (rows.student_group == "all"), ["n", "count", "value"]] = [7, 3, 300 / 7]
    rows.to_csv(data / "results.csv", index=False)
    with open_store(open_workspace(data)) as store:
        about = {"unit_type": "district", "unit_id": "d1", "records_measure": "chronic_absence"}
        project = store.new_project(title="District", **about)
    html = open_plan(str(data), project.id, live=False).measures().html()
    assert "not shown" in html
    assert "42.9" not in html


def test_texts_are_saved_as_they_are_written_and_found_again(planned):
    data, project = planned
    plan = open_plan(str(data), project)
    texts = plan.step_of(1).children[2]
    texts.texts["Mission"].value = "Every child <u>belongs</u>"
    texts.dates["Mission"].value = date(2026, 1, 31)
    (part,) = plan.desk.entries("plan_part")
    assert (part["step"], part["part"], part["text"], part["date"]) == (
        1, "Mission", "Every child <u>belongs</u>", "2026-01-31",
    )  # fmt: skip
    again = open_plan(str(data), project)
    assert again.step_of(1).children[2].texts["Mission"].value == "Every child <u>belongs</u>"
    printed = open_plan(str(data), project, live=False).step_of(1).html()
    assert "Every child &lt;u&gt;belongs&lt;/u&gt;" in printed
    written = plan.print_it()
    written.button.click()
    assert not written.message.failed, written.message.value
    assert len(list((data / "records").glob("*-plan.html"))) == 1
    refresh = plan.measures()
    refresh.button.click()
    assert not refresh.message.failed
    assert refresh.charts.outputs


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("with_project", [True, False])
def test_without_numbers_or_project_it_says_so(tmp_path, live, with_project):
    data = tmp_path / "data"
    data.mkdir()
    (data / "schools.csv").write_text("school_id,school_name,level\na,A,middle\n", encoding="utf-8")
    project = ""
    if with_project:
        with open_store(open_workspace(data)) as store:
            project = store.new_project(title="Plan", records_measure="suspension").id
    plan = open_plan(str(data), project, live)
    made = [plan.project(), plan.session(), plan.missing(), *(plan.step_of(n) for n in range(1, 9)), plan.measures()]
    made += [plan.print_it(), plan.closing()]
    if live:
        assert errors_shown({str(n): m.get_state() for n, m in enumerate(_widgets(made))}) == []
        return
    html = "".join(m.html() for m in made)
    if with_project:
        assert "The numbers cannot be read: " in html
        assert "Write who is in the planning team." in html
    else:
        assert "No project is chosen" in html


def _widgets(made):
    for m in made:
        yield m
        yield from _widgets(getattr(m, "children", ()))


def test_a_wrong_file_of_steps_is_named(data):
    (data / "needs").mkdir()
    (data / "needs" / "eight-steps.toml").write_text('[[step]]\nnumber = 2\nname = "x"\n', encoding="utf-8")
    with pytest.raises(KitError, match="not numbered 1 to 8"):
        plan_steps(data)
    assert "not numbered 1 to 8" in open_plan(str(data), live=False).missing().html()


@pytest.mark.slow
def test_the_notebook_runs_in_a_batch(planned, tmp_path):
    import papermill

    data, project = planned
    out = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        str(kit.home() / "notebooks" / "plan.ipynb"), str(out), {"data": str(data), "project": project, "live": False},
        engine_name="kit", progress_bar=False, kernel_name="python3",
    )  # fmt: skip
    assert '"output_type": "error"' not in out.read_text(encoding="utf-8")
