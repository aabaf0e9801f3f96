"""Run charts and control charts draw only what may be drawn, mark signals by shape, and say all of it in words."""

from __future__ import annotations

import datetime as dt
import json
import re

import altair as alt
import numpy as np
import pandas as pd
import pytest

from kit.charts.display import Display
from kit.charts.process import process_chart
from kit.charts.process_table import MARKS, Cycle, Place, axis_ends, ticks
from kit.charts.series import Analysed, TimeSeries, analyse, released_series, team_series
from kit.charts.verdict_mark import verdict_mark
from kit.errors import InputError, KitError
from kit.privacy import release
from kit.variation import Phase, assurance_verdict, run_chart, variation_verdict, xmr_chart

WEEKS = [dt.date(2025, 9, 1) + dt.timedelta(weeks=i) for i in range(16)]
HOSTILE = '<script>alert(1)</script> {{7*7}} "q" & =1+1'
# 30 of 100, then 10 of 100: a shift for the better at the end of a measure whose baseline is frozen.
COUNTS = [30, 32, 28, 31, 29, 33, 27, 30, 10, 11, 9, 10, 12, 8, 10, 9]


def _series(**settings) -> TimeSeries:
    given = {"numerators": COUNTS, "denominators": [100] * 16, "better": "down"} | settings
    return team_series("Weekly absence", WEEKS, **given)


def _rows(display: Display, name: str = "rows") -> list[dict]:
    return display.spec["datasets"].get(name, [])


def test_only_a_series_that_may_be_drawn_is_drawn():
    with pytest.raises(TypeError, match="only a series"):
        analyse([1, 2, 3])
    with pytest.raises(TypeError, match="only an analysed series"):
        process_chart(run_chart([1, 2, 3]))
    with pytest.raises(KitError, match="team_series or released_series only"):
        TimeSeries("x", (), (), (), (), 1, "number", None, (), 0, "team", (), ())
    with pytest.raises(KitError, match="analyse only"):
        Analysed(_series(), run_chart(COUNTS))


def test_a_point_of_few_students_is_in_no_number_word_or_line():
    # 431 of 487 is 88.5 %, withheld below 500; without it the median of the others is 15 %.
    top, bottom, names = [431, *([75] * 6), *([50] * 5)], [487, *([500] * 11)], [f"W{i}" for i in range(12)]
    series = team_series("Absence", names, numerators=top, denominators=bottom, better="down", minimum=500)
    assert np.isnan([series.values[0], series.numerators[0], series.denominators[0]]).all()
    for kind in ("run", "xmr", "p", "p_prime", "u", "c"):
        shown = process_chart(analyse(series, kind))
        whole = json.dumps(shown.spec) + shown.html()
        assert [secret for secret in ("431", "487", "88.5") if secret in whole] == []
        assert shown.table.rows[0][1] == "not shown"
        assert "1 point is not shown: it rests on fewer than 500 students." in shown.note
    alone = team_series("A", names[1:], numerators=top[1:], denominators=bottom[1:], minimum=500)
    assert analyse(series).chart.phases["centre"].item() == analyse(alone).chart.phases["centre"].item() == 15
    assert team_series("A", WEEKS[:2], numerators=[1, 2], denominators=[20, 19]).withheld == (False, True)


def test_students_need_their_number_and_a_tally_does_not():
    with pytest.raises(KitError, match="do not say how many"):
        team_series("Absent", WEEKS[:2], [3, 4])
    with pytest.raises(KitError, match="lowest that is allowed is 11"):
        _series(minimum=10)
    with pytest.raises(KitError, match="internal or team"):
        _series(audience="public")
    tally = team_series("Calls home", WEEKS[:2], [3, 4], counts_students=False)
    assert tally.values == (3, 4)
    assert tally.minimum == 0


def test_the_team_sees_small_numbers_and_is_told_to_keep_them():
    series = team_series("Absent", WEEKS[:2], numerators=[1, 2], denominators=[5, 6], audience="team")
    assert series.values == (20, pytest.approx(100 / 3))
    assert "For the team only" in process_chart(analyse(series)).note
    assert "For the team only" not in process_chart(analyse(_series())).note


def test_a_released_year_that_is_not_shown_is_withheld():
    def row(ending, n, count):
        return (ending, "school", "a", "chronic_absence", "all", "all", n, count, 100 * count / n)

    columns = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade", "n", "count", "value"]
    table = pd.DataFrame([row(2022, 200, 50), row(2023, 9, 4), row(2025, 100, 30)], columns=columns)
    series = released_series(release(table), "chronic_absence", "school", "a")
    assert series.labels == ("2021-22", "2022-23", "2023-24", "2024-25")
    assert [None if v != v else v for v in series.values] == [25, None, None, 30]
    assert series.withheld == (False, True, False, False)
    shown = process_chart(analyse(series, "p"))
    assert [r[1] for r in shown.table.rows] == ["25.0 %", "not shown", "missing", "30.0 %"]
    with pytest.raises(TypeError, match="only released results"):
        released_series(table, "chronic_absence", "school", "a")


def test_every_point_is_drawn_once_and_a_gap_breaks_the_line():
    series = _series(numerators=[*COUNTS[:5], None, *COUNTS[6:]])
    rows = _rows(process_chart(analyse(series)))
    assert [r["value"] for r in rows] == [*COUNTS[:5], *COUNTS[6:]]
    assert [r["stretch"] for r in rows] == [0] * 5 + [1] * 10
    assert [r["x"] for r in rows[:2]] == [1756684800000, 1757289600000]  # 1 and 8 September 2025, midnight UTC


def test_signals_are_marked_by_shape_and_colour_for_better_and_for_worse():
    assert len({shape for _w, shape, _c in MARKS.values()}) == len({c for _w, _s, c in MARKS.values()}) == len(MARKS)
    for better, word in (("down", "Signal, for the better"), ("up", "Signal, for the worse"), (None, "Signal")):
        # Six before the frozen median's 30, then 27, then 30 on the median, which is passed over.
        rows = _rows(process_chart(analyse(_series(better=better), baseline=8)))
        assert [r["mark"] for r in rows] == ["No signal"] * 6 + [word, "No signal"] + [word] * 8
        assert rows[-1]["rules"] == "Shift"
    # Too few runs is about the whole line: no point is marked for it.
    chart = analyse(team_series("x", WEEKS[:10], [1] * 5 + [9] * 5, counts_students=False, better="up"))
    assert chart.chart.signals["rule"].tolist() == ["too_few_runs"]
    assert {r["mark"] for r in _rows(process_chart(chart))} == {"No signal"}


def test_a_frozen_median_is_carried_on_and_a_phase_begins_anew():
    lines = _rows(process_chart(analyse(_series(), baseline=8)), "lines")
    assert {(r["look"], r["y"]) for r in lines} == {("centre", 30), ("carried", 30)}
    carried = min(r["x"] for r in lines if r["look"] == "carried")
    assert carried == max(r["x"] for r in lines if r["look"] == "centre")
    shown = process_chart(analyse(_series(), phases=[Phase(WEEKS[8], "calls home adopted")]))
    assert {r["y"] for r in _rows(shown, "lines")} == {30, 10}
    assert [r["x"] for r in _rows(shown, "phases")] == [carried]
    assert "new baseline: calls home adopted" in shown.table.rows[8][-1]


def test_limits_step_with_the_denominators_and_stop_at_a_missing_one():
    bottom = [100] * 4 + [400] * 4 + [None] + [100] * 7
    shown = process_chart(analyse(_series(denominators=bottom), "p", minimum_points=4))
    high = [r for r in _rows(shown, "lines") if r["part"].startswith("high")]
    assert len({r["part"] for r in high}) == 2
    first = [r["y"] for r in high if r["part"] == high[0]["part"]]
    assert first[0] == first[1] > first[-1]
    chart = analyse(_series(denominators=bottom), "p").chart
    assert {round(y, 6) for y in chart.points["high"].dropna()} == {r["y"] for r in high}
    words = [w["text"] for w in _rows(shown, "words")]
    assert [w.rsplit(" ", 2)[0] for w in words] == ["Lower limit", "Average", "Upper limit"]


def test_trial_limits_look_and_read_otherwise():
    few = process_chart(analyse(team_series("x", WEEKS[:11], range(11), counts_students=False), "xmr"))
    assert {r["look"] for r in _rows(few, "lines")} == {"centre", "trial"}
    assert "Trial limits" in few.note
    assert "1 more is needed" in few.title


def test_cycles_targets_and_unusual_points_are_drawn_and_said():
    cycles = [Cycle("Call home", WEEKS[8], WEEKS[10]), Cycle(HOSTILE, WEEKS[12])]
    series = _series(unusual=[i == 3 for i in range(16)], notes=["flu week" if i == 3 else "" for i in range(16)])
    shown = process_chart(analyse(series), target=15, cycles=cycles)
    assert [(r["number"], r["title"]) for r in _rows(shown, "cycles")] == [("1", "Call home"), ("2", HOSTILE)]
    assert [r["y"] for r in _rows(shown, "target")] == [15]
    assert _rows(shown, "unusual") == [{"x": _rows(shown)[3]["x"], "value": 31}]
    assert "flu week; out of the ordinary" in shown.table.rows[3][-1]
    for text in ("target 15.0 %", "Cycle 1, from Oct 27, 2025: Call home.", "flu week"):
        assert text in shown.alternative_text
    html = shown.html()
    assert "<script>alert" not in html
    assert html.count("</script>") == 1


@pytest.mark.parametrize("kind", ["run", "xmr", "p", "p_prime", "u", "c"])
def test_words_and_table_hold_every_number_and_the_chart_calculates_nothing(kind):
    shown = process_chart(analyse(_series(), kind), target=12.5)
    assert len(shown.table.rows) == 16
    for row in shown.table.rows:
        assert len(row) == len(shown.table.columns)
        for cell in row[1:]:
            for number in re.findall(r"\d[\d.,]*", cell):
                assert number in shown.alternative_text
    text = json.dumps(shown.spec)
    assert "aggregate" not in text
    assert "transform" not in text
    assert "url" not in text
    alt.LayerChart.from_dict({k: v for k, v in shown.spec.items() if k != "params"})


def test_no_layer_is_without_rows():
    shown = process_chart(analyse(team_series("x", ["a", "b"], [1, None], counts_students=False)))
    assert all(shown.spec["datasets"][layer["data"]["name"]] for layer in shown.spec["layer"])
    assert process_chart(analyse(team_series("x", ["a", "b"], [None, None], counts_students=False))) is None
    assert process_chart(analyse(team_series("x", [], [], counts_students=False))) is None


def test_two_measures_stand_on_one_axis():
    span = (WEEKS[0], WEEKS[-1])
    one = process_chart(analyse(_series()), span=span)
    other = process_chart(analyse(team_series("Calls", WEEKS[3:7], [1, 2, 3, 4], counts_students=False)), span=span)
    for name in ("from", "stop", "ticks", "names"):
        ends = [next(p for p in d.spec["params"] if p["name"] == name)["value"] for d in (one, other)]
        assert ends[0] == ends[1]


def test_the_axis_is_labelled_by_days_months_or_years():
    def names(first, last):
        place = Place.of([first, last])
        return [name for _x, name in ticks(place, place.at[0], place.at[-1])]

    assert names(dt.date(2026, 1, 5), dt.date(2026, 1, 9)) == ["Jan 5", "Jan 6", "Jan 7", "Jan 8", "Jan 9"]
    assert names(dt.date(2025, 9, 15), dt.date(2026, 2, 20)) == ["Oct 2025", "Nov", "Dec", "Jan 2026", "Feb"]
    assert names(dt.date(2012, 11, 1), dt.date(2015, 10, 1)) == [
        "Jan 2013", "Jul", "Jan 2014", "Jul", "Jan 2015", "Jul",
    ]  # fmt: skip
    assert names(dt.date(2001, 6, 1), dt.date(2009, 6, 1)) == [str(y) for y in range(2002, 2010)]
    place = Place.of([f"W{i}" for i in range(1, 17)])
    assert [name for _x, name in ticks(place, 0, 15)] == [f"W{i}" for i in range(1, 17, 2)]


def test_the_axis_begins_at_0_where_that_does_not_press_the_line_flat():
    assert axis_ends([10, 40], "percent")[0] == 0
    assert 0 < axis_ends([90, 95], "percent")[0] < 90
    low, high = axis_ends([-5, 5], "number")
    assert low < -5 < 5 < high


def test_faults_of_a_series_are_said():
    with pytest.raises(KitError, match="has no values"):
        team_series("x", WEEKS)
    with pytest.raises(InputError, match="2 values and 3 labels"):
        team_series("x", WEEKS[:3], [1, 2], counts_students=False)
    with pytest.raises(KitError, match="notes or marks"):
        _series(notes=["a"])
    with pytest.raises(KitError, match="no direction"):
        _series(better="higher")
    with pytest.raises(KitError, match="no chart"):
        analyse(_series(), "pareto")


def test_each_verdict_has_its_own_mark_with_its_name_and_description():
    base = [10, 12] * 8
    charts = [xmr_chart([*base, v], baseline=16) for v in (17, 5, 11)]
    made = [variation_verdict(c, b) for c in charts for b in ("up", "down", None)]
    made += [assurance_verdict(charts[2], t, "up") for t in (1, 11, 30, None)]
    made.append(variation_verdict(xmr_chart([1]), "up"))
    drawn = {(v.id, v.direction): verdict_mark(v) for v in made}
    paths = {key: re.search(r'<path d="[^"]+"( transform="[^"]+")?', html)[0] for key, html in drawn.items()}
    assert len(set(paths.values())) == len(paths) == 12
    assert {v.id for v in made} == {
        "improvement", "concern", "change", "common_cause", "not_enough_points",
        "passes", "fails", "inconsistent", "no_target",
    }  # fmt: skip
    for verdict in made:
        html = drawn[verdict.id, verdict.direction]
        assert f"<title>{verdict.shape}</title>" in html
        assert f"<b>{verdict.name}</b>" in html
