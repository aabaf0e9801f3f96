"""«Define the problem»: displays come from released numbers, words are kept, and without numbers it says so."""

from __future__ import annotations

import pandas as pd
import pytest

from kit.compare.birds_eye import BANDS, birds_eye
from kit.compare.quadrants import corners, quadrants
from kit.controls.define import open_define
from kit.inquiry import open_store
from kit.workspace import open_workspace

ABOUT = {"unit_type": "school", "unit_id": "s3", "records_measure": "chronic_absence"}


def test_birds_eye_counts_each_school_once_a_measure():
    levels = pd.DataFrame(
        [("a", "x", 1), ("a", "y", 9), ("b", "x", 2), ("b", "y", 4), ("c", "x", 10), ("c", "y", 4), ("d", "y", 3),
         ("e", "x", 1)],
        columns=["school_id", "measure", "level"],
    )  # fmt: skip
    found = birds_eye(levels, "x")
    low = found[found["chosen"] == "1 and 2"].set_index("band")["schools"].to_dict()
    assert low == {"3 and 4": 1, "9 and 10": 1}
    assert found["of"].tolist() == found.groupby("chosen")["schools"].transform("sum").tolist()
    assert set(found["band"]) <= set(BANDS)
    assert birds_eye(levels, "x", ["a"])["schools"].tolist() == [1]


def test_corners_are_better_on_both_and_worse_on_both():
    points = pd.DataFrame({"school_id": list("abcd"), "x": [1.0, 2, 3, 4], "y": [10.0, 40, 20, 30]})
    lines, named = corners(points, {"x": "down", "y": "up"})
    assert lines == {"x": (2.5, 2.5), "y": (25.0, 25.0)}
    assert named == {"bright": ["b"], "concern": ["c"]}
    assert corners(points, {"x": "down"})[1] == {"bright": [], "concern": []}
    quarter = corners(points, {"x": "up", "y": "up"}, "quarter")
    assert quarter[0]["x"] == (1.75, 3.25)
    assert quarter[1]["concern"] == ["a"]


@pytest.fixture
def data(tmp_path):
    from published_folder import write_published

    return write_published(tmp_path / "data")


def test_shares_and_size_stand_beside_measures(data):
    workspace = open_workspace(data)
    released = workspace.released(minimum=20).table
    points = quadrants(released, workspace.schools(), "chronic_absence", "english_learner", school_year=2026)
    assert len(points) == 10
    assert set(points["y"]) == {20.0}
    assert set(quadrants(released, workspace.schools(), "size", "ela_proficient", school_year=2026)["x"]) == {300.0}


def test_in_a_batch_the_whole_notebook_is_printed(data):
    with open_store(open_workspace(data), author="Ana") as store:
        project = store.new_project(title="Mornings", **ABOUT)
        project.add("problem", statement="One in four <b>pupils</b> misses a day in ten", who="grade 6")
        project.add("aim", by="2027-06-01", population="grade 6")
    found = open_define(str(data), project.id, live=False)
    parts = [found.project(), found.session(), found.about(), found.whole_picture(), found.two_measures()]
    parts += [
        found.closer(),
        found.schools_like_ours(),
        found.problem(),
        found.baseline(),
        found.aim(),
        found.closing(),
    ]
    text = "".join(p.html() for p in parts)
    assert "One in four &lt;b&gt;pupils&lt;/b&gt; misses" in text
    assert "Schools at levels" in text
    assert "School 3" in text
    assert "<b>Since when</b> (not yet)" in text
    assert "By 2027-06-01, grade 6 will" in text


def test_without_a_project_or_numbers_it_says_so(data, tmp_path):
    none = open_define(str(data), live=False)
    assert "No project is chosen" in none.whole_picture().html()
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "schools.csv").write_text("school_id,school_name,level\na,A,middle\n", encoding="utf-8")
    with open_store(open_workspace(empty), author="Ana") as store:
        project = store.new_project(title="T", **ABOUT)
    bare = open_define(str(empty), project.id, live=False)
    assert 'class="nothing"' in bare.whole_picture().html()


def test_live_displays_follow_their_filters(data):
    with open_store(open_workspace(data), author="Ana") as store:
        project = store.new_project(title="Mornings", **ABOUT)
    found = open_define(str(data), project.id)
    opened = found.school()
    opened.button.click()
    assert opened.school.school.value == "s3"
    step = found.two_measures()
    step.prediction.value = "They go together"
    step.button.click()
    shown = str(step.display.outputs)
    assert "10 schools" in shown
    filters = step.children[2]
    filters.drops["district"].value = "d1"
    assert "5 schools" in str(step.display.outputs)
    filters.drops["least"].value = 1000
    assert "No school is left with these filters" in str(step.display.outputs)
    assert [e["text"] for e in found.desk.entries("expectation")] == ["They go together"]
