"""The displays of many schools: each cell says in words what its shape says, leads to its school, and escapes text."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
from overview_network import Planted
from report_network import HOSTILE

from kit.charts.derived import derive, gather, rows
from kit.charts.gap_matrix import gap_matrix
from kit.charts.leads import leads
from kit.charts.matrix import Row, column_groups, icon_matrix, phone_labels
from kit.charts.movements import movements
from kit.charts.wider_trend import wider_trend
from kit.measures.registry import measures

RELEASED = Planted(4).released()


def _glance(*found: tuple) -> object:
    names = ("unit_id", "measure", "value", "concern", "change_class")
    table = pd.DataFrame([dict(zip(names, r, strict=True)) for r in found])
    return gather(derive(RELEASED, lambda _released: table))


GLANCE = _glance(
    ("a", "chronic_absence", 23.62, "look closer", "worsened"),
    ("a", "gpa", 2.914, "strength", "not classed"),
    ("a", "climate_safety_staff", 70.0, "typical", "improved"),
    ("b", "chronic_absence", 9.0, "typical", "no clear change"),
    ("b", "gpa", 3.0, "too few to say", "no earlier year"),
    ("b", "climate_safety_staff", None, "too few to say", "too small to say"),
)
UNITS = (Row("a", HOSTILE, "x-92c4def6.html", "North"), Row("b", "Bee", "b.html", "South"))
COLUMNS = [measures()[m] for m in ("chronic_absence", "gpa", "climate_safety_staff")]


def _matrix(**changed) -> str:
    return icon_matrix(GLANCE, UNITS, COLUMNS, **({"anchor": "m1", "caption": "Schools"} | changed))


def _cells(html: str, unit: str) -> list[str]:
    row = re.search(rf'<th role="rowheader" scope="row"><a href="{unit}">.*?</tr>', html, re.S)[0]
    return re.findall(r"<td.*?</td>", row)


def _words(cell: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", cell).split())


def test_a_cell_says_its_level_number_and_change_in_words_and_leads_to_the_display():
    first, second, third = _cells(_matrix(), "x-92c4def6.html")
    assert _words(first) == "Look closer 23.6 worse"
    assert 'href="x-92c4def6.html#m-chronic_absence"' in first
    assert _words(second) == "Strength 2.91"
    assert _words(third) == "Typical 70.0 better"
    assert [re.search(r'class="(\w)"', c)[1] for c in (first, second, third)] == ["c", "s", "t"]


def test_what_is_withheld_has_no_number_and_what_is_missing_a_dash():
    cells = _cells(_matrix(), "b.html")
    assert _words(cells[2]) == "not shown"
    assert "<a" not in cells[2]
    html = icon_matrix(GLANCE, [Row("c", "Sea", "c.html")], COLUMNS, anchor="m", caption="c")
    assert [_words(c) for c in _cells(html, "c.html")] == ["–"] * 3


def test_a_marked_matrix_keeps_words_and_links_where_a_cell_stands_out_only():
    html = _matrix(density="marked")
    assert [_words(c) for c in _cells(html, "b.html")] == ["● 9.0", "○ 3.00", "not shown"]
    assert "<a" not in "".join(_cells(html, "b.html"))
    assert ["<a" in c for c in _cells(html, "x-92c4def6.html")] == [True, True, True]


def test_a_plain_matrix_has_no_links_but_the_names_and_still_says_everything():
    html = _matrix(density="plain")
    cells = _cells(html, "x-92c4def6.html")
    assert "<a" not in "".join(cells)
    assert [_words(c) for c in cells] == ["◆ Look closer 23.6 worse", "▲ Strength 2.91", "● Typical 70.0 better"]
    assert html.count('<th role="rowheader" scope="row"><a ') == 2


def test_headers_have_their_scope_and_every_row_its_cells():
    html = _matrix()
    heads = re.findall(r"<th [^>]*>", html)
    assert all("scope=" in h for h in heads)
    assert html.count('scope="colgroup"') == 3  # attendance, readiness, safety
    assert html.count('scope="rowgroup"') == 2  # North, South
    assert [len(_cells(html, u.file)) for u in UNITS] == [3, 3]
    assert html.index("North") < html.index("x-92c4def6") < html.index("South") < html.index("b.html")


def test_survey_columns_stand_under_their_construct():
    groups = column_groups([measures()[m] for m in ("climate_safety_student", "climate_safety_family")])
    assert [(h, [s for s, _m in some]) for h, some in groups] == [("Safety", ["Students", "Families"])]


def test_names_stay_text_and_no_name_ends_the_style():
    html = _matrix()
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    measure = replace(COLUMNS[0], short='x"}</style><script>alert(1)</script>\n\\')
    style = phone_labels("m1", [("g", [("s", measure)])])
    assert not set("<>\n") & set(style.split("content:")[1])
    # Read back as a browser does: escapes end with a space.
    text = re.search(r'content:"(.*?)"\}', style)[1]
    assert re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m[1], 16)), text) == measure.short


def test_only_released_rows_are_drawn():
    table = pd.DataFrame(rows(GLANCE))
    for draw in (
        lambda: icon_matrix(table, UNITS, COLUMNS, anchor="m", caption="c"),
        lambda: movements(table, caption="c"),
        lambda: gap_matrix(table, COLUMNS, caption="c"),
        lambda: wider_trend(table, COLUMNS[0], unit=("district", "d0"), name="d", names={}),
        lambda: leads(table, outcome="gpa", level="high", caption="c"),
    ):
        with pytest.raises(TypeError, match="only released results"):
            draw()


def test_movements_count_the_schools_of_each_kind():
    found = [("s", "suspension", 1.0, "typical", c) for c in ["improved"] * 3 + ["worsened", "too small to say"]]
    html = movements(_glance(*found, ("s", "gpa", 3.0, "typical", "not classed")), caption="c")
    cells = [_words(c) for c in re.findall(r"<td.*?</td>", html)]
    assert cells == ["3", "1", "0", "1"]
    assert "GPA" not in html  # a mean has no interval here
    widths = [float(w) for w in re.findall(r"width:([\d.]+)rem", html)]
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.02)


def _lines(**years_of: dict[int, float]):
    found = [
        {
            "unit_type": "network" if u == "network" else "district",
            "unit_id": u,
            "school_year": y,
            "student_group": "all",
            "grade": "all",
            "n": 300,
            "value": v,
        }
        for u, values in years_of.items()
        for y, v in values.items()
    ]
    return gather(derive(RELEASED, lambda _released: pd.DataFrame(found)))


def test_a_trend_says_its_numbers_and_has_them_as_a_table():
    lines = _lines(d0={2024: 20.0, 2025: 15.0, 2026: 10.0}, network={2024: 12.0, 2025: 12.0, 2026: 12.0})
    html = wider_trend(lines, COLUMNS[0], unit=("district", "d0"), name="North", names={}).html
    said = re.search(r'role="img" aria-label="([^"]*)"', html)[1]
    assert "from 20.0 % in 2023-24 to 10.0 % in 2025-26" in said
    assert "2024-25: North 15.0 % (300 students), network 12.0 %" in said
    table = [[_words(c) for c in re.findall(r"<t[hd].*?</t[hd]>", r)] for r in re.findall(r"<tr>.*?</tr>", html)]
    assert table[0] == ["School year", "North", "Students", "Network"]
    assert table[2] == ["2024-25", "15.0 %", "300", "12.0 %"]
    # 20, 15 and 10 stand at even steps, the highest number highest
    y = [float(v) for v in re.findall(r'<circle cx="\d+" cy="([\d.]+)"', html)]
    assert y[0] < y[1] < y[2]
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.11)


def test_a_missing_year_breaks_the_line_and_one_year_draws_none():
    lines = _lines(d0={2023: 20.0, 2024: 15.0, 2026: 10.0}, network=dict.fromkeys(range(2023, 2027), 12.0))
    html = wider_trend(lines, COLUMNS[0], unit=("district", "d0"), name="North", names={}).html
    ours = re.search(r'<path class="ours" d="([^"]*)"', html)[1]
    assert re.sub(r"[\d. ]+", "", ours) == "MLM"
    assert wider_trend(_lines(d0={2026: 1.0}), COLUMNS[0], unit=("district", "d0"), name="N", names={}) is None
