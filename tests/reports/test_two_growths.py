"""Value added beside the median student growth percentile: shown where both rest on enough students."""

from __future__ import annotations

import pandas as pd
import pytest

from kit.cli import main
from kit.growth import growth_percentiles
from kit.measures.growth import growth_details, pupil_scores
from kit.records.sample import write_sample
from kit.reports.two_growths import two_growths
from kit.workspace import open_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return open_workspace(write_sample(tmp_path_factory.mktemp("two") / "network", schools=40, years=2))


@pytest.mark.slow
def test_both_are_those_of_the_shown_schools(workspace):
    table = two_growths(workspace, minimum=20)
    assert set(table.measure) == {"ela_growth", "math_growth"}
    assert table.n.min() >= 20
    released = workspace.released(minimum=20).table
    shown = released[(released.status == "shown") & (released.student_group == "all") & (released.grade == "all")]
    shown = shown[(shown.unit_type == "school") & shown.measure.isin(["ela_growth", "math_growth"])]
    assert len(shown) == len(table)

    details = growth_details(workspace.records)
    details = details[(details.student_group == "all") & (details.grade == "all")]
    both = table.merge(details, left_on=["school_id", "measure"], right_on=["unit_id", "measure"])
    assert len(both) == len(table)
    assert (both.value_added - both.value).abs().max() == 0
    assert (both.value_added_low < both.value_added).all()

    scores = workspace.records.con.to_pandas(pupil_scores(workspace.records))
    placed = growth_percentiles(scores, priors=("own",)).students
    for row in table[table.median_growth_percentile.notna()].itertuples():
        mine = placed[(placed.school_id == row.school_id) & (placed.subject + "_growth" == row.measure)]
        assert len(mine) >= 20
        assert sorted(mine.growth_percentile)[len(mine) // 2 - 1] <= row.median_growth_percentile
        assert row.median_growth_percentile <= sorted(mine.growth_percentile)[len(mine) // 2]
    assert table.median_growth_percentile.notna().sum() > 20


def test_published_results_have_no_growth_to_work_out(tmp_path, capsys):
    row = {"school_year": 2026, "unit_type": "school", "unit_id": "1", "measure": "gpa", "student_group": "all"}
    pd.DataFrame([{**row, "grade": "all", "n": 50, "value": 3.0}]).to_csv(tmp_path / "results.csv", index=False)
    assert main(["growth", str(tmp_path), "--out", str(tmp_path / "growth.csv")]) == 1
    assert "worked out from records" in capsys.readouterr().err
    assert not (tmp_path / "growth.csv").exists()
