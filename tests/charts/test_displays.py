"""Charts draw released rows only, say in words what they draw, and keep text text."""

import json
import re

import pandas as pd
import pytest

from kit.charts import groups, scatter, surveys, trend
from kit.charts.derived import Derived, Rows, derive, gather
from kit.charts.display import Table, script_json
from kit.charts.glance_table import glance_table, sparkline
from kit.charts.grades import grades
from kit.charts.growth import growth
from kit.charts.labels import place_label, two_lines
from kit.charts.level_mark import colour_mark, level_mark
from kit.charts.palette import DARK, LIGHT, level
from kit.charts.spans import gap_span, value_span
from kit.charts.words import change, difference, grade_order, listing, year
from kit.compare.concern import at_a_glance
from kit.compare.gaps import gaps
from kit.errors import KitError
from kit.measures.registry import measure
from kit.privacy import release

ABSENCE = measure("chronic_absence")
GPA = measure("gpa")
HOSTILE = '<script>alert(1)</script> {{7*7}} "q" & =1+1'


def _results() -> pd.DataFrame:
    """One school of 200 in a district and network, by hand: two years, two groups, two grades."""
    rows = []
    for unit_type, unit, times, shift in (("school", "a", 1, 0), ("district", "d", 2, 4), ("network", "network", 5, 8)):
        for ending, count in ((2025, 50), (2026, 40)):
            n = 200 * times
            rows.append((ending, unit_type, unit, "chronic_absence", "all", "all", n, (count + shift) * times))
            rows.append((ending, unit_type, unit, "chronic_absence", "all", "9", n // 2, 24 * times))
            rows.append((ending, unit_type, unit, "chronic_absence", "all", "10", n // 2, 16 * times))
            rows.append((ending, unit_type, unit, "chronic_absence", "english_learner", "all", 50 * times, 20 * times))
            rows.append((ending, unit_type, unit, "chronic_absence", "foster", "all", 5 * times, 4 * times))
    table = pd.DataFrame(
        rows, columns=["school_year", "unit_type", "unit_id", "measure", "student_group", "grade", "n", "count"]
    )
    return table.assign(value=100 * table["count"] / table["n"])


@pytest.fixture(scope="module")
def released():
    return release(_results())


@pytest.mark.parametrize(
    "draw",
    [
        lambda t: trend.trend(t, ABSENCE),
        lambda t: grades(t, ABSENCE, 2026),
        lambda t: growth(t, measure("ela_growth"), 2026),
        lambda t: groups.groups(t, ABSENCE),
        lambda t: groups.withheld_groups(t, 2026),
        lambda t: surveys.surveys([t], {}, 2026, title="x"),
        lambda t: scatter.scatter(t, {}, ABSENCE, GPA, school_id="a", school_year=2026, level="high"),
        lambda t: glance_table(t, t, school_year=2026, minimum=20),
        gather,
        lambda t: derive(t, at_a_glance),
    ],
)
def test_a_plain_table_is_refused(draw):
    with pytest.raises(TypeError, match="only released results"):
        draw(_results())


def test_nobody_else_can_say_that_a_table_was_released():
    with pytest.raises(KitError):
        Derived(_results())
    with pytest.raises(KitError):
        Rows(({"value": 1.0},))


def test_trend_shows_each_year_of_school_district_and_network(released):
    shown = trend.trend(released, ABSENCE)
    assert shown.title == "Chronic absence: from 25.0 % in 2024-25 to 20.0 % in 2025-26"
    assert shown.table.rows == (
        ("2024-25", "25.0 %", "200", "27.0 %", "29.0 %"),
        ("2025-26", "20.0 %", "200", "22.0 %", "24.0 %"),
    )
    drawn = {(d["year"], d["series"]): d["value"] for d in shown.spec["datasets"]["rows"]}
    assert drawn["2025-26", "This school"] == 20.0
    assert drawn["2024-25", "Network"] == 29.0
    assert len(drawn) == 6


def test_groups_show_the_gap_to_the_other_students_and_no_small_group(released):
    table = derive(released, gaps, school_year=2026, unit_id="a")
    shown = groups.groups(table, ABSENCE)
    # 20 of 50 against (40 - 20) of (200 - 50): 40.0 against 13.3 percent, a gap of 26.7 points.
    [row] = shown.table.rows
    assert row[:5] == ("English learners", "40.0 %", "50", "13.3 %", "+26.7")
    assert row[6] == "clearly less favourable"
    assert "less favourable for English learners" in shown.title
    assert "Foster" not in json.dumps(shown.spec)
    assert groups.withheld_groups(released.where(unit_type="school"), 2026) == ["Foster youth"]


def test_grades_are_in_school_order_not_in_text_order(released):
    shown = grades(released, ABSENCE, 2026)
    assert [r[0] for r in shown.table.rows] == ["Grade 9", "Grade 10"]
    assert shown.title == "Chronic absence: highest in grade 9 (24.0 %), lowest in grade 10 (16.0 %)"


def test_the_words_hold_every_number_of_the_table(released):
    table = derive(released, gaps, school_year=2026, unit_id="a")
    for shown in (trend.trend(released, ABSENCE), grades(released, ABSENCE, 2026), groups.groups(table, ABSENCE)):
        for row in shown.table.rows:
            for cell in row[1:]:
                for number in re.findall(r"[+−]?\d[\d.,]*", cell):
                    assert number in shown.alternative_text, (shown.kind, number)


def test_a_chart_does_not_calculate(released):
    table = derive(released, gaps, school_year=2026, unit_id="a")
    for shown in (trend.trend(released, ABSENCE), grades(released, ABSENCE, 2026), groups.groups(table, ABSENCE)):
        text = json.dumps(shown.spec)
        assert "aggregate" not in text
        assert "transform" not in text
        assert '"href"' not in text
        assert "url" not in text


def test_two_schools_share_the_form_but_not_the_data(released):
    one = trend.trend(released, ABSENCE)
    other = trend.trend(released.where(school_year=2026), ABSENCE)
    assert one.spec["layer"] is other.spec["layer"]
    assert len(one.spec["datasets"]["rows"]) == 6
    assert len(other.spec["datasets"]["rows"]) == 3


def test_the_lab_gets_its_own_vega_lite_and_a_fixed_width(released):
    bundle = trend.trend(released, ABSENCE)._repr_mimebundle_()
    spec = bundle["application/vnd.vegalite.v5+json"]
    assert spec["$schema"].endswith("vega-lite/v5.json")
    assert isinstance(spec["width"], int)
    assert 'role="img"' in bundle["text/html"]


def _glance_of(names: int) -> Derived:
    rows = []
    for i in range(names):
        for name, value in (("chronic_absence", 10.0 + i), ("gpa", 3.0 - i / 20)):
            n = 100
            count = round(value) if name == "chronic_absence" else None
            rows.append((2026, "school", f"s{i}", name, "all", "all", n, count, value))
    columns = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade", "n", "count", "value"]
    schools = pd.DataFrame({"school_id": [f"s{i}" for i in range(names)], "school_name": "x", "district_id": "d"})
    schools = schools.assign(district_name="D", level="high")
    return derive(release(pd.DataFrame(rows, columns=columns)), at_a_glance, schools, school_year=2026)


def test_scatter_marks_the_school_and_names_the_others_as_text():
    known = {f"s{i}": (f"School {i}", "D") for i in range(10)} | {"s3": (HOSTILE, "D")}
    shown = scatter.scatter(_glance_of(10), known, ABSENCE, GPA, school_id="s3", school_year=2026, level="high")
    [ours] = shown.spec["datasets"]["ours"]
    assert (ours["name"], ours["x"], ours["y"]) == (HOSTILE, 13.0, 2.85)
    assert shown.spec["datasets"]["medians"] == [{"x": 14.5, "y": pytest.approx(2.775)}]
    assert len(shown.spec["datasets"]["rows"]) == 9
    html = shown.html()
    assert "<script>alert" not in html
    assert html.count("</script>") == 1
    held = re.search(r'<script type="application/json">(.*?)</script>', html, re.S)[1]
    assert json.loads(held)["datasets"]["ours"][0]["name"] == HOSTILE


def test_scatter_needs_a_cloud():
    few = {f"s{i}": (f"School {i}", "D") for i in range(4)}
    assert scatter.scatter(_glance_of(4), few, ABSENCE, GPA, school_id="s1", school_year=2026, level="high") is None


def test_text_of_a_table_and_of_a_script_is_inert():
    html = Table(HOSTILE, ("<b>", "x"), ((HOSTILE, "</td>"),)).html()
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 1
    assert "<" not in script_json({"a": "</script><!--", "b": "\u2028"})


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_reach_the_contrast_of_wcag(colours):
    for name in ("ink", "muted", "ours", "strength", "closer"):
        assert _contrast(colours[name], colours["paper"]) >= 4.5, name
    for name in ("district", "network", "others"):
        assert _contrast(colours[name], colours["paper"]) >= 3, name
    assert len(set(LIGHT.values())) == len(LIGHT), "the dark colours are found by the light ones"


def test_levels_have_a_shape_and_a_word_each():
    said = [level(c) for c in ("strength", "typical", "look closer", "too few to say")]
    assert [m.word for m in said] == ["Strength", "Typical", "Look closer", "Too few to say"]
    assert len({m.shape for m in said}) == 4


def test_a_level_has_as_many_marks_as_it_counts_a_number_and_a_word():
    html = level_mark(1, "<b>low</b>")
    assert "level 1 of 10" in html
    assert "&lt;b&gt;low" in html
    # A mark is five wide with a gap of one: 5 for one, 59 for ten.
    assert re.findall(r"h(\d+)", html) == ["59", "5"]
    assert re.findall(r"h(\d+)", colour_mark(0, "None")) == ["29"]
    assert "<b>Red</b>" in colour_mark(1, "Red")


def test_growth_puts_years_then_grades_then_groups_and_needs_the_year_itself():
    def row(year, group, grade, value, low, high):
        return (year, group, grade, 40, value, low, high)

    table = [row(2026, "race_asian", "all", 20.0, 3.0, 44.0), row(2026, "all", "10", 50.0, 20.0, 80.0)]
    table += [row(2026, "all", "9", 51.0, 20.0, 80.0), row(2025, "all", "all", 70.0, 51.0, 90.0)]
    table += [row(2026, "all", "all", 30.0, 10.0, 49.0), row(2025, "race_asian", "all", 99.0, 90.0, 99.9)]
    columns = ["school_year", "student_group", "grade", "n", "value", "low", "high"]
    figures = derive(release(_results()), lambda _: pd.DataFrame(table, columns=columns))
    shown = growth(figures, measure("ela_growth"), 2026)
    names = [r[0] for r in shown.table.rows]
    assert names == ["All students, 2025-26", "All students, 2024-25", "Grade 9", "Grade 10", "Asian"]
    assert [d["clear"] for d in shown.spec["datasets"]["rows"]] == [True, True, False, False, True]
    assert shown.title.endswith("30 of 100; from 10 to 49, clearly below the average school")
    assert len(shown.how_to_read) < 230
    assert growth(figures, measure("ela_growth"), 2024) is None


def test_words():
    assert year(2026) == "2025-26"
    assert year(2000) == "1999-00"
    assert difference(-2.14, ABSENCE) == "−2.1"
    assert difference(-0.04, ABSENCE) == "0.0"
    assert change(0.125, GPA) == "+0.12 grade points"
    assert listing(["a", "b", "c"]) == "a, b and c"
    assert listing(list("abcde"), 3) == "a, b and 3 more"
    assert sorted(["10", "K", "2", "TK"], key=grade_order) == ["TK", "K", "2", "10"]
    assert two_lines("Economically disadvantaged, 25.2 %") == "Economically\ndisadvantaged, 25.2\u00a0%"


def test_a_value_stands_where_no_other_mark_is_and_never_on_the_axis():
    def side(value, beside):
        placed = place_label("x", value, beside, (0, 20), 110)  # 5.5 pixels a point
        assert sorted(placed.values()) == ["", "x"]
        return "over" if placed["over"] else "under"

    assert side(10, []) == "over"
    assert side(10, [12]) == "under"  # 11 pixels above: there the words would be
    assert side(10, [8]) == "over"
    assert side(10, [16]) == "under"  # away from a line that runs far above
    assert side(10, [16, 8]) == "over"  # but not into one that is near
    assert side(0, [2, 3]) == "over"  # under 0 are the axis's own words
    assert side(3, [5]) == "over"


def test_axes_are_wide_enough_for_noise_to_look_small():
    low, high = value_span([20.0, 20.5], ABSENCE)
    assert low == 0
    assert high > 20.5
    low, high = value_span([93.0, 93.2], measure("attendance_rate"))
    assert high - low >= 10
    low, high = gap_span([24.0, -9.0], ABSENCE)
    assert low == -high
    assert high >= 24


def test_a_tiny_trend_needs_two_years():
    assert sparkline([(2026, 20.0)], ABSENCE) == ""
    assert "2024-25 25.0 %, 2025-26 20.0 %" in sparkline([(2025, 25.0), (2026, 20.0)], ABSENCE)
