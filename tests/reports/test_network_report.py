"""The report of the network: districts beside each other without a rank, schools where there is room, leads."""

import re

import pandas as pd
import pytest
from overview_network import MANY, Planted, run_overview
from report_network import HOSTILE

from kit.charts.derived import rows
from kit.language import get_language
from kit.measures.results import RESULT_COLUMNS
from kit.reports.html import page
from kit.reports.network import NetworkReport, network_report, strongest_leads
from kit.reports.overview_settings import OverviewSettings
from kit.reports.overview_tables import wider_gaps, wider_glance
from kit.reports.prepared import prepare


@pytest.fixture(scope="module")
def prepared():
    return prepare(Planted(MANY, 4))


@pytest.fixture(scope="module")
def report(prepared):
    return NetworkReport(prepared, "network")


def _plain(html: str) -> str:
    text = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").replace("\u2011", "-").split())


def test_every_district_is_there_once_and_leads_to_its_report(report):
    html = report.districts().html()
    for table in re.findall(r"<table.*?</table>", html, re.S):
        # «District 1» to «District 3», and among them, by the alphabet, the one with signs in its name
        found = re.findall(r'scope="row"><a href="([^"]+)"', table)
        assert found == [f"d{i}.district-report.html" for i in (1, 2, 3, 0)]
    assert "not set against each other" in html


def test_a_districts_cell_counts_its_schools_by_level_of_concern(report):
    html = report.districts().html()
    row = re.search(r'href="d3.district-report.html">.*?</tr>', html, re.S)[0]
    cell = _plain(re.findall(r"<td>.*?</td>", row, re.S)[0])
    # s18 to s23 have the highest chronic absence of all but s5's: the most of the last quarter are theirs.
    mine = [r for r in rows(report._glance) if r["unit_id"] in {f"s{i}" for i in range(18, 24)}]
    closer = sum(r["measure"] == "chronic_absence" and r["concern"] == "look closer" for r in mine)
    assert closer >= 3
    assert re.search(rf"0 Strength, {closer} Look closer, of 6$", cell)


def test_a_small_network_has_all_schools_under_their_districts(report):
    html = report.matrix().html()
    first = html[: html.index("</table>")]
    heads = re.findall(r'scope="rowgroup" colspan="\d+"><span>(.*?)</span>', first)
    assert len(heads) == 4
    assert len(re.findall(r'scope="row"><a href="s\d+\.html">', first)) == MANY


def test_a_very_large_network_leaves_the_schools_to_its_districts(prepared):
    report = NetworkReport(prepared, "network", settings=OverviewSettings(most_cells=100))
    text = _plain(report.matrix().html())
    assert text.startswith(f"{MANY} schools make {MANY * 5} cells")
    assert "Each district’s report has the matrix" in text


def test_the_links_of_another_language_lead_to_its_files(prepared):
    html = NetworkReport(prepared, "network", language=get_language("es")).districts().html()
    assert 'href="d0.district-report.es.html"' in html


def _by(table: pd.DataFrame, **where) -> pd.Series:
    for column, value in where.items():
        table = table[table[column].eq(value)]
    assert len(table) == 1
    return table.iloc[0]


def test_the_change_of_a_district_is_that_of_its_own_rows(prepared):
    table = prepared.released.table
    found = wider_glance(table, prepared.latest)
    for unit_type, unit in (("district", "d0"), ("network", "network")):
        where = {"unit_type": unit_type, "unit_id": unit, "measure": "chronic_absence"}
        row = _by(found, **where)
        all_students = {**where, "student_group": "all", "grade": "all"}
        now = _by(table, **all_students, school_year=2026)
        before = _by(table, **all_students, school_year=2025)
        assert row["value"] == pytest.approx(now["value"])
        assert row["change"] == pytest.approx(now["value"] - before["value"])
        assert row["change_low"] < row["change"] < row["change_high"]
    assert set(found["unit_type"]) == {"district", "network"}


def test_gaps_of_the_network_are_to_its_other_students(prepared):
    found = wider_gaps(prepared.released.table, prepared.latest)
    row = _by(found, unit_type="network", unit_id="network", measure="chronic_absence", student_group="disadvantaged")
    table = prepared.released.table
    where = {"unit_type": "network", "measure": "chronic_absence", "grade": "all", "school_year": 2026}
    whole = _by(table, **where, student_group="all")
    group = _by(table, **where, student_group="disadvantaged")
    rest = 100 * (whole["count"] - group["count"]) / (whole["n"] - group["n"])
    assert row["gap"] == pytest.approx(group["value"] - rest)


def _history(schools: int = 30) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Results in which suspension in grade 2, two years before, is in the order of chronic absence now."""
    lines = []

    def add(year, school, measure, grade, value):
        lines.append((year, "school", f"s{school}", measure, "all", grade, 100, None, float(value)))

    for i in range(schools):
        add(2026, i, "chronic_absence", "all", i)
        add(2025, i, "chronic_absence", "all", i)  # its own past
        add(2025, i, "attendance_rate", "all", 100 - i)  # the same record
        add(2024, i, "suspension", "2", i * i)
        add(2025, i, "math_proficient", "all", (i * 17) % schools)  # no order
    table = pd.DataFrame(lines, columns=list(RESULT_COLUMNS)).astype(RESULT_COLUMNS)
    known = pd.DataFrame(
        {
            "school_id": [f"s{i}" for i in range(schools)],
            "school_name": "S",
            "district_id": "d",
            "district_name": "D",
            "level": "elementary",
        }
    )
    return table, known


def test_a_lead_is_neither_the_outcomes_own_past_nor_the_same_record():
    table, schools = _history()
    found = strongest_leads(table, schools, {"chronic_absence": 2026, "suspension": 2024})
    assert found[["outcome", "measure", "grade", "years_before", "schools"]].values.tolist() == [
        ["chronic_absence", "suspension", "2", 2, 30]
    ]
    assert found["rho"].iloc[0] == pytest.approx(1.0)
    assert bool(found["holds_for_all"].iloc[0])


def test_without_a_lead_it_is_said_and_the_limits_stand(report):
    text = _plain(report.leading().html())
    assert "No earlier measure goes clearly with" in text
    assert "An association between schools is no cause" in text
    assert "they go with it by construction" in text


def test_the_page_is_whole_and_hostile_names_stay_text(prepared, tmp_path):
    data = prepared.write(tmp_path / "prepared")
    html = page(run_overview("network-report", data), title=HOSTILE, subtitle="Network report")
    assert "<script>alert" not in html
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    assert 'class="chart"' not in html  # no drawing library: the page stays light
    assert len(html.encode()) < 300_000
    assert network_report(data, live=False).unit_id == "network"
