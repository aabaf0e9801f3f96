"""Run charts do what rules.md §6.1 and §6.2 say, on its own vectors and at each boundary."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

import kit
from kit.errors import InputError, KitError
from kit.variation import Phase, run_chart, run_charts
from kit.variation.run_limits import anhoej_crossings, anhoej_longest, exact_runs, table_runs
from kit.variation.run_rules import find_trends

# rules.md §6.1, tests R1 and R2.
R1 = [78, 80, 80, 79, 82, 84, 80, 85, 86, 88, 87, 90, 84, 80, 89]
R2 = [12, 15, 11, 14, 13, 13, 14, 10, 9, 8, 13, 9, 10, 8, 7, 9]


def _rules(chart):
    return chart.signals["rule"].tolist()


def test_r1_is_a_shift_for_ihi_and_nothing_for_anhoej():
    ihi = run_chart(R1)
    [row] = ihi.phases.to_dict("records")
    assert (row["centre"], row["useful"], row["runs"]) == (84, 13, 4)
    assert (row["runs_low"], row["runs_high"]) == (4, 11)
    assert _rules(ihi) == ["shift"]
    # 78, 80, 80, 79, 82, then 84 on the median is passed over, then 80.
    assert ihi.signals["points"].item() == (0, 1, 2, 3, 4, 6)
    anhoej = run_chart(R1, rules="anhoej")
    [row] = anhoej.phases.to_dict("records")
    assert (row["longest_run"], row["longest_run_limit"]) == (6, 7)
    assert (row["crossings"], row["crossings_limit"]) == (3, 3)
    assert _rules(anhoej) == []


def test_r2_has_too_few_runs_and_crossings():
    ihi = run_chart(R2)
    [row] = ihi.phases.to_dict("records")
    assert (row["centre"], row["useful"], row["runs"], row["longest_run"]) == (10.5, 16, 4, 7)
    assert _rules(ihi) == ["shift", "too_few_runs"]
    anhoej = run_chart(R2, rules="anhoej")
    [row] = anhoej.phases.to_dict("records")
    assert (row["longest_run_limit"], row["crossings_limit"]) == (7, 4)
    assert _rules(anhoej) == ["few_crossings"]


def _trends(values):
    found = find_trends(np.array(values, dtype=float), np.zeros(len(values), dtype=int)).at_least(5)
    return [(where.tolist(), way) for where, _segment, way in found]


def test_r3_ignores_a_repeat_in_a_trend():
    assert _trends([1, 2, 2, 3, 4, 5]) == [([0, 1, 3, 4, 5], 1)]
    assert _trends([5, 4, 4, 4, 3, 2]) == []
    assert _trends([5, 4, 4, 4, 3, 2, 1]) == [([0, 1, 4, 5, 6], -1)]


def test_a_trend_needs_five_points_and_may_cross_the_median():
    base = [5, 9, 5, 9, 5, 9, 5, 9]
    assert _rules(run_chart([*base, 4, 6, 8, 10, 5])) == []
    chart = run_chart([*base, 4, 6, 8, 10, 12, 5])
    assert _rules(chart) == ["trend"]
    assert chart.signals["points"].item() == (8, 9, 10, 11, 12)
    assert chart.signals["direction"].item() == "up"


def test_a_shift_needs_six_points():
    assert _rules(run_chart([1, 9, 1, 9, 1] + [9] * 5 + [1] * 4)) == []
    chart = run_chart([1, 9, 1, 9, 1] + [9] * 6 + [1] * 5)
    assert _rules(chart) == ["shift"]
    assert chart.signals["points"].item() == (5, 6, 7, 8, 9, 10)
    assert chart.points["signal"].tolist() == [""] * 5 + ["shift"] * 6 + [""] * 5


def test_anhoej_limits_are_those_of_the_document():
    expected = {10: (6, 2), 12: (7, 3), 16: (7, 4), 20: (7, 6), 22: (7, 7), 24: (8, 8), 30: (8, 10), 40: (8, 14)}
    assert {n: (anhoej_longest(n), anhoej_crossings(n)) for n in expected} == expected


def test_anhoej_crossings_are_the_quantile_of_a_coin():
    # A quantile is checked by its own definition, in floats by scipy.
    for n in range(2, 400):
        k = anhoej_crossings(n)
        assert binom.cdf(k, n - 1, 0.5) >= 0.05
        assert k == 0 or binom.cdf(k - 1, n - 1, 0.5) < 0.05


def test_exact_runs_are_those_of_the_document():
    # Rejection bounds 2/10, 3/11, 3/13, 6/16: the limits accepted lie one inside.
    assert [exact_runs(n, n) for n in (5, 6, 7, 10)] == [(3, 9), (4, 10), (4, 12), (7, 15)]
    assert exact_runs(11, 11) == (8, 16)


def test_the_table_agrees_with_the_exact_limits_where_the_document_says_so():
    same = {n for n in range(10, 41) if exact_runs(n // 2, n - n // 2) == table_runs(n)}
    assert same == {10, 13, 14, 15, 16, 18, 19, 21, 24, 26, 28, 29, 31, 34, 36, 38, 40}
    for n in range(10, 41):
        (low, high), (exact_low, exact_high) = table_runs(n), exact_runs(n // 2, n - n // 2)
        assert 0 <= exact_low - low <= 1
        assert 0 <= high - exact_high <= 1


def test_the_table_is_that_of_the_document():
    text = (kit.home() / "kit" / "variation" / "runs_table.csv").read_text(encoding="utf-8")
    table = {r["useful"]: f"{r['lower']}-{r['upper']}" for r in csv.DictReader(text.splitlines())}
    for line in ("10:3-9", "12:3-11", "20:6-16", "25:8-18", "26:9-19", "27:9-20", "33:11-24", "40:15-27"):
        n, limits = line.split(":")
        assert table[n] == limits
    assert [int(n) for n in table] == list(range(10, 41))
    assert table_runs(9) is None
    assert table_runs(41) is None


def test_beyond_the_table_the_runs_are_judged_by_the_exact_limits_and_it_is_said():
    chart = run_chart([0, 1] * 20)
    assert chart.notes == ()
    assert _rules(chart) == ["too_many_runs"]
    chart = run_chart([0, 1] * 21)
    assert _rules(chart) == ["too_many_runs"]
    row = chart.phases.iloc[0]
    assert (row["runs_low"], row["runs_high"]) == exact_runs(21, 21)
    assert any("calculated" in note for note in chart.notes)
    assert run_chart([0, 1] * 6, runs_limits="exact").phases["runs_high"].item() == 10
    assert run_chart([0, 1] * 6).phases["runs_high"].item() == 11


def test_fewer_than_ten_points_are_not_judged_and_say_how_many_are_needed():
    nine = run_chart(range(9))
    assert _rules(nine) == []
    assert (nine.phases["enough"].item(), nine.phases["needed"].item()) == (False, 1)
    ten = run_chart(range(10))
    assert ten.phases["needed"].item() == 0
    assert _rules(ten) == ["trend", "too_few_runs"]


def test_a_frozen_median_is_that_of_its_points_and_compared_exactly():
    # The median of 1.1 and 2.3 is 1.7; floats make it 1.7000000000000002.
    chart = run_chart([1.1, 2.3, *([1.7] * 8), 1.8, 1.6], baseline=2)
    assert chart.phases["centre"].item() == 1.7
    assert chart.points["side"].tolist() == [-1, 1] + [0] * 8 + [1, -1]


def test_the_median_may_lie_between_two_values():
    chart = run_chart([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert chart.phases["centre"].item() == 5.5
    assert chart.phases["useful"].item() == 10


def test_missing_points_are_gaps_that_neither_add_to_a_run_nor_break_it():
    with_gaps = [R1[0], None, *R1[1:7], float("nan"), "", *R1[7:]]
    chart = run_chart(with_gaps)
    assert chart.phases["missing"].item() == 3
    assert chart.phases["useful"].item() == 13
    assert chart.signals["points"].item() == (0, 2, 3, 4, 5, 7)
    assert chart.points["value"].isna().sum() == 3


def test_a_constant_series_has_no_signal_and_says_why():
    chart = run_chart([0.1] * 20)
    assert _rules(chart) == []
    assert chart.phases["centre"].item() == 0.1
    assert "Only 0 points" in chart.notes[0]


def test_a_new_phase_has_its_own_median_and_its_reason():
    values = [10, 12] * 6 + [3, 5] * 6
    whole = run_chart(values)
    assert "shift" in _rules(whole)
    cut = run_chart(values, phases=[Phase(12, "new routine from January")])
    assert cut.phases["centre"].tolist() == [11, 4]
    assert cut.phases["reason"].tolist() == ["", "new routine from January"]
    assert "shift" not in _rules(cut)


def test_a_phase_by_date_and_a_baseline_up_to_a_date():
    dates = [dt.date(2026, 1, 5) + dt.timedelta(weeks=i) for i in range(24)]
    values = [10, 12] * 6 + [3, 5] * 6
    by_date = run_chart(values, dates, baseline=dates[3], phases=[Phase(dates[12], "x", baseline=dates[14])])
    by_place = run_chart(values, dates, baseline=4, phases=[Phase(12, "x", baseline=3)])
    assert by_date.phases.equals(by_place.phases)
    assert by_date.phases["baseline_points"].tolist() == [4, 3]


def test_a_new_baseline_needs_a_reason_and_every_fault_is_said():
    with pytest.raises(InputError) as caught:
        run_chart(R1, phases=[Phase(3, "  "), Phase(99, "x"), Phase(0, "y"), Phase(5, "a"), Phase(5, "b")])
    said = str(caught.value)
    assert "has no reason" in said
    assert "cannot begin at 99" in said
    assert "cannot begin at 0" in said
    assert "two phases begin at 5" in said
    with pytest.raises(InputError, match="15 points and its baseline 16"):
        run_chart(R1, baseline=16)
    with pytest.raises(InputError, match="baseline 1"):
        run_chart(R1, baseline=1)


def test_values_that_are_no_numbers_are_all_named():
    with pytest.raises(InputError) as caught:
        run_chart([1, "two", 3, float("inf"), True, object()])
    assert [f.row for f in caught.value.faults] == [2, 4, 5, 6]
    with pytest.raises(InputError, match="does not come after"):
        run_chart([1, 2], [dt.date(2026, 2, 1), dt.date(2026, 1, 1)])
    with pytest.raises(InputError, match="2 values and 1 labels"):
        run_chart([1, 2], ["a"])


def test_unknown_names_are_refused():
    with pytest.raises(KitError, match="ihi or anhoej"):
        run_chart(R1, rules="nhse")
    with pytest.raises(KitError, match="table or exact"):
        run_chart(R1, runs_limits="printed")
    with pytest.raises(KitError, match="ids of series"):
        run_charts(R1, ["a"])


def test_many_series_give_what_each_gives_alone_in_any_order():
    ids = ["b"] * len(R2) + ["a"] * len(R1)
    mixed = sorted(range(len(ids)), key=lambda i: i % 16)
    values = [*R2, *R1]
    table = run_charts([values[i] for i in mixed], [ids[i] for i in mixed])
    for name, alone in (("a", run_chart(R1)), ("b", run_chart(R2))):
        row = table[table["series"] == name].iloc[0]
        assert {rule for rule in ("shift", "trend", "too_few_runs", "too_many_runs") if row[rule]} == set(_rules(alone))
        for column in ("centre", "useful", "runs", "longest_run", "runs_low"):
            assert row[column] == alone.phases[column].item()


@pytest.mark.real_data
def test_cdi_gives_what_the_vignette_of_qicharts2_publishes(real_data: Path):
    with (real_data / "spc_runcharts" / "cdi.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    months = [dt.date.fromisoformat(r["month"]) for r in rows]
    chart = run_chart([r["n"] for r in rows], months, rules="anhoej", baseline=24)
    [row] = chart.phases.to_dict("records")
    # data/README: median of the first 24 months 19; longest run 15 below, limit 8.
    assert (row["centre"], row["longest_run"], row["longest_run_limit"]) == (19, 15, 8)
    long = chart.signals[chart.signals["rule"] == "long_run"].iloc[0]
    assert (long["size"], long["direction"]) == (15, "down")
