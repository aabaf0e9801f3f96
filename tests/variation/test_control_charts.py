"""Control charts do what rules.md §6.3 and §6.4 say: published numbers, and every rule at its boundary."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from fractions import Fraction
from itertools import pairwise
from math import sqrt
from pathlib import Path

import pytest

from kit.errors import InputError, KitError
from kit.variation import Phase, c_chart, control_charts, p_chart, p_prime_chart, run_chart, u_chart, xmr_chart

# rules.md §6.3 and §6.4.
XMR = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
P = [24, 30, 26, 22, 28, 25, 31, 27, 24, 23]


def _limits(chart, place=0):
    return chart.points[["low", "centre", "high"]].iloc[place].tolist()


def _of(chart, rule):
    return [s["points"] for s in chart.signals.to_dict("records") if s["rule"] == rule]


def _found(chart):
    return [(s["rule"], s["points"]) for s in chart.signals.to_dict("records")]


def test_xmr_limits_are_those_of_the_document_screened_and_not():
    chart = xmr_chart(XMR)
    assert _limits(chart) == pytest.approx([-3.06, 1.944, 6.95], abs=0.005)
    assert chart.points["moving_range_limit"].iloc[0] == pytest.approx(6.15, abs=0.005)
    assert any("not screened" in note for note in chart.notes)
    screened = xmr_chart(XMR, screened=True)
    assert _limits(screened) == pytest.approx([-0.72, 1.944, 4.60], abs=0.005)
    assert any("2 moving ranges" in note for note in screened.notes)
    assert _found(chart) == [("outside", (4,))]


def test_limits_stop_where_the_measure_does():
    assert _limits(xmr_chart(XMR, lowest=0))[0] == 0
    with pytest.raises(InputError, match="beyond the highest"):
        xmr_chart(XMR, highest=9)
    with pytest.raises(InputError, match="beyond the lowest"):
        xmr_chart([-1, 2], lowest=0)


def test_p_limits_are_those_of_the_document():
    chart = p_chart(P, [200] * 10)
    assert _limits(chart) == pytest.approx([0.0587, 0.130, 0.2013], abs=0.00005)
    assert _limits(p_chart(P, [200] * 10, per=100)) == pytest.approx([5.87, 13.0, 20.13], abs=0.005)


def test_p_limits_step_with_the_denominators_and_stay_within_0_and_1():
    chart = p_chart([1, 10, 200], [10, 100, 400], per=100, minimum_points=3)
    p = 211 / 510
    for i, n in enumerate((10, 100, 400)):
        reach = 3 * sqrt(p * (1 - p) / n)
        assert _limits(chart, i) == pytest.approx([100 * max(0, p - reach), 100 * p, 100 * min(1, p + reach)])
    assert _limits(chart, 0)[0] == 0


def test_u_and_c_limits():
    chart = u_chart([3, 5], [10, 40], per=1000, minimum_points=2)
    u = 8 / 50
    assert _limits(chart, 1) == pytest.approx([0, 160, 1000 * (u + 3 * sqrt(u / 40))])
    assert _limits(c_chart([4, 4, 4, 4])) == [0, 4, 10]


def test_a_denominator_of_0_is_a_gap_and_what_cannot_be_is_refused():
    chart = p_chart([0, *P], [0, *([200] * 10)])
    assert chart.phases[["points", "missing"]].iloc[0].tolist() == [10, 1]
    assert _limits(chart, 1) == pytest.approx([0.0587, 0.130, 0.2013], abs=0.00005)
    assert p_chart([0] * 14, [0] * 14).phases["points"].item() == 0
    with pytest.raises(InputError) as caught:
        p_chart([1, 5, -1, 2], [0, 4, 9, -3])
    assert sorted({f.row for f in caught.value.faults}) == [1, 2, 3, 4]
    with pytest.raises(InputError, match="more than its denominator 0"):
        u_chart([1], [0])
    u_chart([5], [4])
    with pytest.raises(InputError, match="2 counts and 1 denominators"):
        p_chart([1, 2], [3])
    with pytest.raises(KitError, match="per 0"):
        p_chart([1], [2], per=0)


def test_a_moving_range_needs_two_neighbours():
    # 1, 3 | gap | 9, 11: two moving ranges of 2, and none of 6 across the gap.
    chart = xmr_chart([1, 3, None, 9, 11])
    assert chart.points["moving_range"].dropna().tolist() == [2, 2]
    low, centre, high = _limits(chart)
    assert (centre, high - centre) == (6, pytest.approx(5.32))
    cut = xmr_chart([1, 3, 9, 11], phases=[Phase(2, "moved to another room")])
    assert cut.points["moving_range"].isna().tolist() == [True, False, True, False]
    assert cut.points["centre"].tolist() == [2, 2, 10, 10]
    assert low < centre


def test_a_frozen_baseline_freezes_the_limits_and_judges_all_points():
    first = [10, 12, 11, 13, 10, 12, 11, 12, 10, 13, 11, 12]
    frozen = xmr_chart([*first, 30, 31], baseline=12)
    assert _limits(frozen) == _limits(xmr_chart(first))
    assert _found(frozen)[:2] == [("outside", (12,)), ("outside", (13,))]
    assert frozen.phases[["frozen", "limits"]].iloc[0].tolist() == [True, "locked"]


def test_fewer_than_twelve_points_give_trial_limits_and_no_signals():
    eleven = xmr_chart([1, 2] * 5 + [50])
    assert eleven.phases[["limits", "enough", "needed"]].iloc[0].tolist() == ["trial", False, 1]
    assert _found(eleven) == []
    assert any("Trial" in note for note in eleven.notes)
    twelve = xmr_chart([*([1, 2] * 10), 50])
    assert twelve.phases[["limits", "enough", "needed"]].iloc[0].tolist() == ["locked", True, 0]
    assert _of(twelve, "outside") == [(20,)]
    assert xmr_chart([1, 2] * 6).phases["limits"].item() == "locked"


def test_a_constant_series_is_on_its_mean_to_the_last_decimal():
    for value in (0.1, 33.3, 1e-7, 100 / 3):
        chart = xmr_chart([value] * 14, screened=True)
        assert chart.points["side"].eq(0).all()
        assert _found(chart) == []
        assert _limits(chart) == [value] * 3


def test_the_mean_is_exact_on_the_decimals():
    # Floats put the mean of 0.1, 0.2 and 0.3 beside 0.2.
    assert xmr_chart([0.1, 0.2, 0.3]).points["side"].tolist() == [-1, 0, 1]


def test_large_numbers_stay_exact():
    # Products beyond 64 bits.
    below = [7 * 10**12 + 11 * k for k in range(14)]
    counts = [3 * 10**12 + (-1) ** k * 10**11 * (k + 1) for k in range(14)]
    mean = Fraction(sum(counts), sum(below))
    expected = [(Fraction(x, n) > mean) - (Fraction(x, n) < mean) for x, n in zip(counts, below, strict=True)]
    assert p_chart(counts, below).points["side"].tolist() == expected
    assert set(expected) == {-1, 1}
    chart = xmr_chart([1e15, 0] * 8, screened=True)
    assert _limits(chart) == pytest.approx([5e14 - 2.66e15, 5e14, 5e14 + 2.66e15])
    # A mean of many: the sum of 1,000 numbers of 15 digits, times their number.
    many = xmr_chart([900719925474.125, 900719925474.375] * 500)
    assert many.phases["centre"].item() == 900719925474.25
    assert many.points["side"].tolist() == [-1, 1] * 500


def test_nhse_shift_is_seven_points_and_one_on_the_mean_breaks_it():
    base = [0, 10] * 8
    six = xmr_chart([*base, 0, *([6] * 6)], baseline=16)
    assert _found(six) == []
    seven = xmr_chart([*base, 0, *([6] * 7)], baseline=16)
    assert _found(seven) == [("shift", tuple(range(17, 24)))]
    broken = xmr_chart([*base, 0, 6, 6, 6, 5, 6, 6, 6, 4], baseline=16)
    assert broken.points["side"].tolist()[20] == 0
    assert _found(broken) == []


def test_nhse_trend_is_seven_points_and_a_tie_breaks_it():
    base = [0, 10] * 8
    assert _found(xmr_chart([*base, 2, 3, 4, 5, 6, 7, 1], baseline=16)) == []
    rising = xmr_chart([*base, 2, 3, 4, 5, 6, 7, 8, 1], baseline=16)
    # 10, then 2 to 8: seven points that rise.
    assert _found(rising) == [("trend", tuple(range(16, 23)))]
    assert _found(xmr_chart([*base, 2, 3, 4, 4, 5, 6, 7, 1], baseline=16)) == []


def test_nhse_two_of_three_needs_all_three_on_one_side():
    base = [0, 3] * 8  # mean 1.5, mean moving range 3: limits 1.5 ± 7.98, two thirds of it at 1.5 ± 5.32
    near = xmr_chart([*base, 7, 2, 7, 0], baseline=16)
    assert _found(near) == [("two_of_three", (16, 18))]
    other_side = xmr_chart([*base, 7, 1, 7, 0], baseline=16)
    assert _found(other_side) == []
    western = xmr_chart([*base, 7, 1, 7, 0], baseline=16, rules="western_electric")
    assert _found(western) == [("two_of_three", (16, 18))]
    assert _found(xmr_chart([*base, 7, 2, 2, 7, 0], baseline=16)) == []


def test_a_point_on_a_limit_is_not_beyond_it():
    base = [0, 100] * 8  # mean 50, limits 50 ± 266
    assert _found(xmr_chart([*base, 316, 0], baseline=16)) == []
    assert _found(xmr_chart([*base, 316.0001, 0], baseline=16)) == [("outside", (16,))]


@pytest.mark.parametrize(("rules", "points"), [("western_electric", 8), ("nelson", 9), ("ihi", 8)])
def test_the_shift_of_the_other_sets(rules, points):
    base = [0, 10] * 8
    values = [*base, 0, *([5.1, 5.2] * 5)[: points - 1]]
    assert _of(xmr_chart(values, baseline=16, rules=rules), "shift") == []
    values = [*base, 0, *([5.1, 5.2] * 5)[:points]]
    assert _of(xmr_chart(values, baseline=16, rules=rules), "shift") == [tuple(range(17, 17 + points))]


@pytest.mark.parametrize("rules", ["nelson", "ihi"])
def test_six_points_that_rise_are_a_trend(rules):
    base = [0, 10] * 8
    assert _of(xmr_chart([*base, 2, 3, 4, 5.5, 6, 4], baseline=16, rules=rules), "trend") == []
    assert _of(xmr_chart([*base, 2, 3, 4, 5.5, 6, 7, 4], baseline=16, rules=rules), "trend") == [tuple(range(16, 22))]


def test_four_of_five_beyond_one_sigma():
    base = [0, 30] * 8  # mean 15, limits 15 ± 79.8, a third at 15 ± 26.6
    values = [*base, 42, 42, 0, 42, 42, 0]
    assert _found(xmr_chart(values, baseline=16, rules="western_electric")) == [("four_of_five", (16, 17, 19, 20))]
    assert _found(xmr_chart(values, baseline=16, rules="nhse")) == []
    assert _of(xmr_chart([*base, 41, 42, 0, 42, 42, 0], baseline=16, rules="nelson"), "four_of_five") == []


def test_fourteen_points_up_and_down_by_turns():
    wobble = [1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1]
    assert _of(xmr_chart(wobble, rules="nelson"), "alternating") == []
    assert _of(xmr_chart([*wobble, 5, 5], rules="nelson"), "alternating") == [tuple(range(14))]


@pytest.mark.parametrize("rules", ["nelson", "ihi"])
def test_fifteen_points_close_to_the_average(rules):
    base = [0, 100] * 8  # mean 50, limits 50 ± 266: a third of the way is 88.7
    close = [900, *([50] * 14), 900]
    chart = xmr_chart([*base, *close], baseline=16, rules=rules)
    assert 17 not in [p[0] for p in _of(chart, "within")]
    close = [900, *([50] * 15), 900]
    chart = xmr_chart([*base, *close], baseline=16, rules=rules)
    assert tuple(range(17, 32)) in _of(chart, "within")


def test_eight_points_none_close_to_the_average():
    base = [0, 30] * 8  # a third of the way: below −11.6, above 41.6
    far = [45, -15, -15, 45, 45, -15, -15, 45]
    assert "outside_middle" not in dict(_found(xmr_chart([*base, *far[:7], 15], baseline=16, rules="nelson")))
    assert dict(_found(xmr_chart([*base, *far, 15], baseline=16, rules="nelson")))["outside_middle"] == tuple(
        range(16, 24)
    )


def test_unknown_names_are_refused():
    with pytest.raises(KitError, match="nhse, western_electric, nelson, ihi"):
        xmr_chart(XMR, rules="anhoej")
    with pytest.raises(KitError, match="xmr, p, p_prime, u, c"):
        control_charts("i", XMR, XMR)
    with pytest.raises(KitError, match="its denominators"):
        control_charts("p", [1], ["a"])
    with pytest.raises(KitError, match="no denominators"):
        control_charts("c", [1], ["a"], [2])


def test_many_series_give_what_each_gives_alone():
    ids = ["a"] * len(XMR) + ["b"] * 16
    other = [3, 4, 3, 5, 4, 4, 5, 3, 4, 6, 7, 8, 9, 10, 11, 30]
    table = control_charts("xmr", [*XMR, *other], ids, rules="nelson").set_index("series")
    for name, values in (("a", XMR), ("b", other)):
        alone = xmr_chart(values, rules="nelson")
        row = table.loc[name]
        assert row[["low", "centre", "high"]].tolist() == pytest.approx(_limits(alone))
        rules = {"outside", "shift", "trend", "two_of_three", "four_of_five", "alternating", "within", "outside_middle"}
        assert {rule for rule in rules if row[rule]} == set(alone.signals["rule"])


def _rows(path: Path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.real_data
def test_cdi_splits_into_the_published_centres(real_data):
    rows = _rows(real_data / "spc_runcharts" / "cdi.csv")
    chart = c_chart([r["n"] for r in rows], phases=[Phase(24, "the published split")])
    # data/README: C chart 18.71, then 7.08 with an upper limit of 15.07.
    assert chart.phases["centre"].round(2).tolist() == [18.71, 7.08]
    assert round(chart.points["high"].iloc[-1], 2) == 15.07


@pytest.mark.real_data
def test_gtt_gives_the_published_rates_and_no_signal(real_data):
    harms, days, patients, harmed = Counter(), Counter(), Counter(), Counter()
    for r in _rows(real_data / "spc_runcharts" / "gtt.csv"):
        month, n = r["month"], int(r["harms"])
        harms[month], days[month] = harms[month] + n, days[month] + int(r["days"])
        patients[month], harmed[month] = patients[month] + 1, harmed[month] + (n > 0)
    months = sorted(days)
    assert [patients[m] for m in months] == [20] * 17
    u = u_chart([harms[m] for m in months], [days[m] for m in months], months, per=1000)
    p = p_chart([harmed[m] for m in months], [patients[m] for m in months], months)
    # data/README: U chart 59.49 per 1000 days; P chart 0.326 harmed; no signal.
    assert round(u.phases["centre"].item(), 2) == 59.49
    assert round(p.phases["centre"].item(), 3) == 0.326
    for chart in (u, p, run_chart(u.points["value"], rules="anhoej"), run_chart(p.points["value"], rules="anhoej")):
        assert _found(chart) == []


@pytest.mark.real_data
def test_large_denominators_need_p_prime(real_data):
    rows = _rows(real_data / "spc_runcharts" / "nhs_accidents.csv")
    counts, below = [int(r["r"]) for r in rows], [int(r["n"]) for r in rows]
    p, prime = p_chart(counts, below), p_prime_chart(counts, below)
    centre = Fraction(sum(counts), sum(below))
    assert p.phases["centre"].item() == prime.phases["centre"].item() == float(centre)
    outside = sum(abs(x / n - centre) > 3 * sqrt(centre * (1 - centre) / n) for x, n in zip(counts, below, strict=True))
    assert outside == len(p.signals[p.signals["rule"] == "outside"]) > 10
    assert not prime.has("outside")
    assert any("too narrow" in note for note in p.notes)


@pytest.mark.real_data
def test_monthly_attendances_give_the_limits_of_a_plain_calculation(real_data):
    series = defaultdict(dict)
    for r in _rows(real_data / "spc_runcharts" / "ae_attendances.csv"):
        series[r["org_code"], r["type"]][r["period"]] = float(r["attendances"])
    full = {key: [months[m] for m in sorted(months)] for key, months in series.items() if len(months) == 36}
    assert len(full) > 100
    ids = [f"{key}" for key, values in full.items() for _v in values]
    table = control_charts("xmr", [v for values in full.values() for v in values], ids).set_index("series")
    for key, values in full.items():
        mean = sum(values) / 36
        reach = 2.66 * sum(abs(b - a) for a, b in pairwise(values)) / 35
        row = table.loc[f"{key}"]
        assert row[["low", "high"]].tolist() == pytest.approx([mean - reach, mean + reach])
        assert row["outside"] == any(abs(v - mean) > reach for v in values)
