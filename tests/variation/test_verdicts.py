"""NHSE's two verdicts, and what a principal reads."""

from __future__ import annotations

import datetime as dt

import pytest

from kit.errors import KitError
from kit.variation import (
    assurance_verdict,
    p_chart,
    run_chart,
    say_limits,
    summary,
    variation_verdict,
    xmr_chart,
)

BASE = [10, 12] * 8  # mean 11, limits 11 ± 5.32


def _verdicts(values, better, target=None, **settings):
    chart = xmr_chart(values, baseline=16, **settings)
    return variation_verdict(chart, better).id, assurance_verdict(chart, target, better).id


@pytest.mark.parametrize(
    ("latest", "better", "verdict"),
    [
        (17, "up", "improvement"),
        (17, "down", "concern"),
        (17, None, "change"),
        (5, "up", "concern"),
        (5, "down", "improvement"),
        (11, "up", "common_cause"),
    ],
)
def test_the_latest_point_decides_the_variation(latest, better, verdict):
    assert _verdicts([*BASE, latest], better)[0] == verdict
    # A signal that is over does not.
    assert _verdicts([*BASE, 17, 11], better)[0] == "common_cause"


def test_a_trend_is_judged_by_its_direction_unless_the_point_lies_elsewhere():
    rising = [*BASE, 8, 8.5, 9, 9.5, 10, 10.5, 10.9]
    chart = xmr_chart(rising, baseline=16, rules="nelson")
    assert "trend" in chart.points["signal"].iloc[-1]
    assert variation_verdict(chart, "up").direction == "up"
    near_the_limit = xmr_chart([*BASE, 5.7, 5.9, 6.2, 6.5, 6.8, 7.1], baseline=16, rules="nelson")
    assert near_the_limit.points["signal"].iloc[-1] == "trend two_of_three four_of_five"
    assert variation_verdict(near_the_limit, "up").direction == "down"
    fallen = xmr_chart([*BASE, 1, 2, 3, 4, 5, 5.1, 5.2], baseline=16)
    assert variation_verdict(fallen, "up").id == "concern"
    assert variation_verdict(fallen, "up").direction == "down"


@pytest.mark.parametrize(
    ("target", "better", "verdict"),
    [
        (5.67, "up", "passes"),
        (5.67, "down", "fails"),
        (16.33, "up", "fails"),
        (16.33, "down", "passes"),
        (16.32, "up", "inconsistent"),
        (5.68, "down", "inconsistent"),
        (11, "up", "inconsistent"),
        (None, "up", "no_target"),
        (11, None, "no_target"),
    ],
)
def test_a_target_is_judged_by_the_limits(target, better, verdict):
    # Limits 5.68 and 16.32; a target on a limit is between them.
    assert _verdicts(BASE, better, target)[1] == verdict


def test_there_is_no_verdict_from_eleven_points():
    chart = xmr_chart([10, 12] * 5 + [90])
    for verdict in (variation_verdict(chart, "up"), assurance_verdict(chart, 5, "up")):
        assert verdict.id == "not_enough_points"
        assert verdict.sentence == "Not enough points yet: 11 so far, 1 more is needed before the rules are applied."
    assert variation_verdict(xmr_chart([]), "up").id == "not_enough_points"


def test_the_limits_of_the_latest_point_judge_the_target():
    chart = p_chart([*([50] * 12), 5], [*([100] * 12), 10], per=100)
    # The last has ten: its upper limit is 50 + 47.4, the others' 50 + 15.
    assert assurance_verdict(chart, 80, "up").id == "inconsistent"
    assert assurance_verdict(p_chart([50] * 13, [100] * 13, per=100), 80, "up").id == "fails"


def test_a_run_chart_and_unknown_directions_are_refused():
    with pytest.raises(KitError, match="no limits"):
        variation_verdict(run_chart(BASE), "up")
    with pytest.raises(KitError, match="higher"):
        assurance_verdict(xmr_chart(BASE), 3, "higher")
    with pytest.raises(KitError, match="no target"):
        assurance_verdict(xmr_chart(BASE), float("nan"), "up")


def test_each_verdict_has_a_name_a_shape_a_sentence_and_its_limits():
    made = [variation_verdict(xmr_chart([*BASE, v], baseline=16), b) for v in (17, 11) for b in ("up", "down", None)]
    made += [assurance_verdict(xmr_chart(BASE), t, "up") for t in (1, 11, 30)]
    for verdict in made:
        assert verdict.name
        assert verdict.shape
        assert verdict.sentence.endswith(".")
        assert verdict.limits.endswith(".")
    assert len({v.shape for v in made}) == len({v.id for v in made}) == 7


def test_a_summary_is_one_sentence_about_the_chart():
    dates = [dt.date(2026, 1, 5) + dt.timedelta(weeks=i) for i in range(15)]
    shifted = run_chart([78, 80, 80, 79, 82, 84, 80, 85, 86, 88, 87, 90, 84, 80, 89], dates)
    assert summary(shifted) == "Shift: 6 points in a row below the median, from Jan 5, 2026 to Feb 16, 2026."
    assert "does not say what the reason is" in say_limits(shifted)[0]
    quiet = run_chart([3, 9, 4, 8, 2, 7, 7.5, 3, 8, 2, 1, 9])
    assert summary(quiet).startswith("Only the ups and downs that chance gives")
    assert "does not mean that nothing has changed" in say_limits(quiet)[0]
    assert summary(run_chart([1, 2])).startswith("Not enough points yet: 2 so far, 8 more")
    assert summary(run_chart([7] * 12)) == "Every point has the same value: there is no variation to judge."
    assert summary(run_chart([])) == "There is no point yet."
