"""Any series gives what a plain calculation on fractions gives, and the laws that a chart must keep."""

from __future__ import annotations

from fractions import Fraction

import charts_by_hand as oracle
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kit.variation import (
    Phase,
    assurance_verdict,
    control_charts,
    p_chart,
    p_prime_chart,
    run_chart,
    run_charts,
    say_limits,
    say_signal,
    summary,
    u_chart,
    variation_verdict,
    xmr_chart,
)

# Few different values, so that ties, points on the line and long runs are common; one decimal, so that floats err.
_TENTHS = st.one_of(st.none(), st.integers(-4, 9).map(lambda k: k / 10))
_STEPS = st.lists(st.sampled_from([-1, 0, 1, 2, 9]), max_size=45).map(lambda s: (np.cumsum(s) / 10).round(1).tolist())
SERIES = st.one_of(st.lists(_TENTHS, max_size=45), _STEPS)
ANY = st.lists(st.one_of(st.none(), st.floats(-1e15, 1e15), st.just(float("nan"))), max_size=25)
MANY = settings(max_examples=60, deadline=None)
SOME = settings(max_examples=25, deadline=None)


@MANY
@given(SERIES)
def test_a_run_chart_is_that_of_the_oracle(values):
    chart, exact = run_chart(values, minimum_points=0), oracle.exact(values)
    line = oracle.median(exact)
    row = chart.phases.iloc[0]
    assert line is None or row["centre"] == float(line)
    assert chart.points["side"].tolist() == oracle.sides(exact, line)
    runs = oracle.runs(exact, line)
    assert row["runs"] == len(runs)
    assert row["longest_run"] == max(map(len, runs), default=0)
    assert row["useful"] == sum(map(len, runs))
    found = [list(p) for p in chart.signals.loc[chart.signals["rule"] == "shift", "points"]]
    assert found == [run for run in runs if len(run) >= 6]
    found = [list(p) for p in chart.signals.loc[chart.signals["rule"] == "trend", "points"]]
    assert found == oracle.ihi_trends(exact)


@MANY
@given(SERIES, st.booleans())
@example([0.1, 0.2, 0.3] * 5, False)
def test_an_xmr_chart_is_that_of_the_oracle(values, screened):
    chart, exact = xmr_chart(values, screened=screened, minimum_points=0), oracle.exact(values)
    mean, average = oracle.xmr(exact, screened)
    if mean is None:
        assert chart.signals.empty
        return
    assert chart.phases["centre"].item() == float(mean)
    reach = None if average is None else Fraction("2.66") * average
    high = chart.points["high"].iloc[0]
    assert np.isnan(high) if reach is None else high == pytest.approx(float(mean + reach))
    found = {rule: set() for rule in ("outside", "shift", "trend", "two_of_three")}
    for signal in chart.signals.to_dict("records"):
        found[signal["rule"]] |= set(signal["points"])
    assert found == oracle.nhse(exact, mean, reach)


@SOME
@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 30), st.integers(0, 20))), max_size=30))
def test_a_p_prime_chart_is_that_of_the_oracle(pairs):
    counts = [None if p is None else p[0] for p in pairs]
    below = [None if p is None else p[0] + p[1] for p in pairs]
    chart = p_prime_chart(counts, below)
    if not any(below[i] for i in range(len(below))):
        assert chart.phases["points"].item() == 0
        return
    p, reach = oracle.p_prime(counts, below)
    there = [i for i, n in enumerate(below) if n]
    assert chart.phases["centre"].item() == pytest.approx(p)
    if reach is not None:
        expected = [min(1, p + reach[i]) for i in there]
        assert chart.points["high"].iloc[there].tolist() == pytest.approx(expected)


@MANY
@given(ANY, st.sampled_from(["nhse", "western_electric", "nelson", "ihi"]), st.sampled_from(["ihi", "anhoej"]))
@example([None] * 14, "nhse", "ihi")
@example([], "nelson", "anhoej")
@example([1e15, -1e15] * 8, "nelson", "ihi")
@example([5e-324, 0.0] * 8, "nelson", "ihi")
def test_no_series_breaks_a_chart_or_its_words(values, control, run):
    run = run_chart(values, rules=run)
    chart = xmr_chart(values, rules=control)
    for each in (run, chart):
        assert len(each.points) == len(values)
        assert each.points["value"].isna().sum() == sum(v is None or v != v for v in values)
        assert summary(each)
        assert all(say_limits(each))
        assert all(say_signal(each, s) for s in each.signals.to_dict("records"))
    for better in ("up", "down", None):
        assert variation_verdict(chart, better).sentence
        assert assurance_verdict(chart, 1, better).sentence


@SOME
@given(SERIES, st.integers(-1000, 1000), st.integers(1, 50))
def test_moving_and_stretching_a_series_changes_no_signal(values, shift, times):
    moved = [None if v is None else float(Fraction(repr(v)) * times + shift) for v in values]
    for make in (run_chart, xmr_chart):
        one, other = make(values), make(moved)
        assert one.signals.equals(other.signals)
        assert one.points["side"].equals(other.points["side"])


@SOME
@given(SERIES)
def test_turning_a_series_upside_down_turns_the_directions(values):
    turned = [None if v is None else -v for v in values]
    turn = {"up": "down", "down": "up", "": ""}
    for make in (run_chart, xmr_chart):
        one, other = make(values).signals, make(turned).signals
        rows = zip(one["rule"], one["points"], one["direction"].map(turn), strict=True)
        assert sorted(rows) == sorted(zip(other["rule"], other["points"], other["direction"], strict=True))


@SOME
@given(SERIES)
def test_a_series_backwards_has_the_same_centre_runs_and_limits(values):
    one, other = run_chart(values).phases, run_chart(values[::-1]).phases
    for column in ("centre", "useful", "runs", "longest_run"):
        assert one[column].equals(other[column])
    assert xmr_chart(values).points["high"][::-1].reset_index(drop=True).equals(xmr_chart(values[::-1]).points["high"])


@SOME
@given(SERIES)
def test_missing_points_at_the_ends_change_nothing(values):
    for make in (run_chart, xmr_chart):
        one, other = make(values), make([*values, None, None])
        assert one.signals.equals(other.signals)
        assert one.phases["points"].equals(other.phases["points"])


@SOME
@given(st.lists(SERIES, min_size=1, max_size=4), st.randoms())
def test_many_series_are_each_what_it_is_alone(several, random):
    rows = [(i, v) for i, values in enumerate(several) for v in values]
    # Any interleaving that keeps each series in its order.
    ids = [i for i, _v in rows]
    random.shuffle(ids)
    left = [iter(values) for values in several]
    values = [next(left[i]) for i in ids]
    runs = run_charts(values, ids).set_index("series")
    limits = control_charts("xmr", values, ids, rules="nelson").set_index("series")
    for i in set(ids):
        run, xmr = run_chart(several[i]), xmr_chart(several[i], rules="nelson")
        assert {r for r in ("shift", "trend", "too_few_runs", "too_many_runs") if runs.loc[i, r]} == set(
            run.signals["rule"]
        )
        rules = limits.columns[list(limits.columns).index("outside") :]
        assert {r for r in rules if limits.loc[i, r]} == set(xmr.signals["rule"])
        np.testing.assert_equal(float(limits.loc[i, "centre"]), float(xmr.phases["centre"].item()))


@SOME
@given(SERIES, st.data())
def test_phases_are_judged_apart(values, data):
    if len(values) < 2:
        return
    at = data.draw(st.integers(1, len(values) - 1))
    for make in (run_chart, xmr_chart):
        both = make(values, phases=[Phase(at, "why")])
        first, second = make(values[:at]), make(values[at:])
        assert both.points["signal"].tolist() == first.points["signal"].tolist() + second.points["signal"].tolist()
        assert both.phases["points"].tolist() == [first.phases["points"].item(), second.phases["points"].item()]


@SOME
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=20))
def test_rates_that_are_equal_are_on_the_line_whatever_their_denominators(pairs):
    counts, below = zip(*pairs, strict=True)
    # All points have one rate, 3 in 7, of denominators that differ.
    same = u_chart([3 * n for n in below], [7 * n for n in below], minimum_points=0)
    assert same.points["side"].eq(0).all()
    assert same.signals.empty
    one = u_chart(counts, below, minimum_points=0)
    scaled = p_chart(counts, [9 * n for n in below], minimum_points=0)
    assert one.points["side"].tolist() == scaled.points["side"].tolist()
