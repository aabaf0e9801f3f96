"""The report of a district: its own schools only, planted changes and reasons, nothing ranked, nothing told."""

import re
from math import sqrt

import pytest
from overview_network import MANY, SMALL, Planted, every_measure, run_overview
from report_network import HOSTILE

from kit.errors import KitError
from kit.reports.attention import reasons
from kit.reports.district import DistrictReport, district_report
from kit.reports.html import page
from kit.reports.overview_schools import attention
from kit.reports.overview_settings import OverviewSettings
from kit.reports.prepared import prepare
from kit.reports.same_people import counted_once, kind

SECTIONS = (
    "header",
    "at_a_glance",
    "matrix",
    "attention",
    "changed",
    "bright_spots",
    "gaps",
    "trend",
    "not_shown",
    "definitions",
)


@pytest.fixture(scope="module")
def prepared():
    return prepare(Planted())


@pytest.fixture(scope="module")
def folder(prepared, tmp_path_factory):
    return prepared.write(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def first(prepared):
    return DistrictReport(prepared, "d0")


def _plain(html: str) -> str:
    text = re.sub(r"<(script|style)>.*?</\1>", "", html, flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\u00a0", " ").replace("\u2011", "-").split())


def _newcombe(x: int, n: int, y: int, m: int) -> tuple[float, float]:
    """Newcombe's interval of x/n − y/m in percent, written out anew (Newcombe 1998, method 10)."""

    def wilson(a, b, z=1.959964):
        p = a / b
        half = z * sqrt(p * (1 - p) / b + z * z / (4 * b * b))
        return (p + z * z / (2 * b) - half) / (1 + z * z / b), (p + z * z / (2 * b) + half) / (1 + z * z / b)

    (l1, u1), (l2, u2) = wilson(x, n), wilson(y, m)
    d = x / n - y / m
    return (
        100 * (d - sqrt((x / n - l1) ** 2 + (u2 - y / m) ** 2)),
        100 * (d + sqrt((u1 - x / n) ** 2 + (y / m - l2) ** 2)),
    )


def test_only_the_districts_own_schools_are_on_its_page_in_alphabetical_order(prepared, first):
    html = DistrictReport(prepared, "d1").matrix().html()
    rows = re.findall(r'<tr role="row"><th role="rowheader" scope="row"><a href="(s\d+)\.html">School \d+</a>', html)
    own = [f"s{i}" for i in range(MANY // 2, MANY)]
    assert rows[: len(own)] == own  # results; the surveys follow
    assert set(rows) == set(own)
    mine = re.findall(r'scope="row"><a href="(s\d+)\.html">', first.matrix().html())
    assert set(mine) == {f"s{i}" for i in range(MANY // 2)}
    assert mine[0] == "s0"  # its hostile name begins with a sign, which stands before letters


def test_the_header_counts_schools_and_students(first):
    text = _plain(first.header().html())
    assert "Schools 12 elementary schools: 12" in text
    # eleven schools of 200 and one of 15
    assert "Students 2,215 students enrolled at any time in the year" in text


def test_the_districts_own_change_is_that_of_its_sums(first):
    html = first.at_a_glance().html()
    row = _plain(re.search(r"Chronic absence</a>.*?</tr>", html, re.S)[0])
    # s5 rises from 30 to 90 students of 200; the sums of the district move with it.
    x = sum(round(200 * (10 + i) / 100) for i in range(11) if i not in (3, 5)) + 60 + round(15 * 21 / 100)
    before, now, n = x + 30, x + 90, 2215
    assert f"{100 * now / n:.1f} %" in row
    assert f"+{100 * (now - before) / n:.1f} points" in row
    low, high = _newcombe(now, n, before, n)
    assert f"interval {low:+.1f} to {high:+.1f}".replace("-", "−") in row.replace("; interval", " interval")
    assert "clearly worse" in row


def test_planted_changes_are_listed_with_n_and_interval_and_nothing_else(first):
    html = first.changed().html()
    text = _plain(html)
    low, high = _newcombe(90, 200, 30, 200)
    assert f"Chronic absence +30.0 points ({low:+.1f} to {high:+.1f}) 15.0 % in 2024-25, 45.0 % in 2025-26" in text
    assert "200 students (200)" in text
    low, high = _newcombe(120, 200, 80, 200)
    assert f"ELA met standard +20.0 points ({low:+.1f} to {high:+.1f}) 40.0 % in 2024-25, 60.0 % in 2025-26" in text
    assert html.count('class="improved"') + html.count("class='improved'") == 1
    assert html.count('class="worsened"') + html.count("class='worsened'") == 1
    # Ten schools (s11 is small, and one more is withheld so that s11 cannot be worked out), by five measures.
    assert "50 numbers of schools could be set beside the year before, with an interval. 2 changed clearly" in text
    assert re.search(r"in about [23] of so many, chance alone", text)  # one in twenty


def test_what_stands_first_has_its_reason(first):
    html = first.attention().html()
    by = dict(re.findall(r"<section.*?<h3>(.*?)</h3>(.*?)</section>", html, re.S))
    worst = by["Among the least favourable quarter, and clearly worse than the year before"]
    assert "School 005</a>: Chronic absence 45.0" in worst.replace("\u00a0", " ")
    assert worst.count("<li>") == 1
    assert "School 005</a>" in by["Less favourable than the school’s students and size predict"]
    gap = by["A student group clearly less favourable, and its gap wider than the year before"]
    # s3: 48 of 80 against 12 of 120, the year before 20 of 80 against 40 of 120.
    assert "economically disadvantaged students: 60.0 % against 10.0 %" in gap.replace("\u00a0", " ")
    assert "the gap grew by +58.3 (interval +" in gap  # from −8.3 to +50
    assert gap.count("<li>") == 1
    assert not re.search(r"\brank|\bworst|\bbest school|#\d", _plain(html))


def _row(school: str, measure: str, concern: str, change_class: str = "no clear change", change: float = 1.0) -> dict:
    return {
        "unit_id": school,
        "measure": measure,
        "concern": concern,
        "change_class": change_class,
        "value": 1.0,
        "change": change,
    }


def test_reasons_are_capped_and_stand_in_alphabetical_order():
    names = {f"x{i}": f"School {chr(90 - i)}" for i in range(8)}
    glance = [_row(s, "suspension", "look closer", "worsened") for s in names]
    # two of them have a second measure: they stay when the list is cut, wherever their name stands
    glance += [_row(s, "chronic_absence", "look closer", "worsened") for s in ("x0", "x1")]
    first, second = reasons(glance, [], [], names, OverviewSettings(most_schools=3))
    assert first.id == "last_and_worse"
    assert [s for s, _ in first.schools] == ["x7", "x1", "x0"]
    assert [r["measure"] for r in first.schools[1][1]] == ["chronic_absence", "suspension"]
    assert first.left_out == 5
    assert (second.id, [s for s, _ in second.schools], second.left_out) == ("several_worse", ["x1", "x0"], 0)


def test_surveys_of_the_same_people_count_once():
    names = {"a": "A", "b": "B"}
    student = ("climate_safety_student", "climate_rules_student", "sel_self_efficacy")
    glance = [_row("a", m, "typical", "worsened", -i) for i, m in enumerate(student, 1)]
    assert reasons(glance, [], [], names, OverviewSettings()) == ()
    glance += [_row("a", "climate_safety_staff", "typical", "worsened", -9)]
    (only,) = reasons(glance, [], [], names, OverviewSettings())
    assert only.id == "several_worse"
    assert [(r["measure"], more) for r, more in counted_once(glance)] == [
        ("sel_self_efficacy", 2),
        ("climate_safety_staff", 0),
    ]
    assert kind("suspension") == "suspension"


def test_themes_are_counted_and_other_schools_passed_over():
    names = {"a": "A"}
    glance = [
        _row(s, m, "look closer") for s in ("a", "z") for m in ("suspension", "ela_proficient", "math_proficient")
    ]
    assert reasons(glance, [], [], names, OverviewSettings()) == ()  # discipline and achievement: two themes
    glance += [_row("a", "chronic_absence", "look closer")]
    (only,) = reasons(glance, [], [], names, OverviewSettings())
    assert (only.id, [s for s, _ in only.schools]) == ("several_themes", ["a"])


def test_a_gap_grows_upwards_in_words_whichever_way_it_points():
    row = {"school_id": "a", "measure": "ela_proficient", "student_group": "disability", "n": 80, "value": 20.0}
    row |= {"other_value": 60.0, "gap": -40.0, "gap_change": -25.0, "gap_change_low": -40.2, "gap_change_high": -8.1}
    found = reasons([], [], [row], {"a": "A"}, OverviewSettings())
    assert "the gap grew by +25.0 (interval +8.1 to +40.2)" in attention(found, {"a": "A"})


def test_bright_spots_say_what_they_cannot_tell(first):
    text = _plain(first.bright_spots().html())
    # s7 rose from 40 % to 60 %: above all of the network but s0, whose 60 % is equal.
    assert "School 007 : ELA met standard 60.0 % (200 students), +20.0 points" in text
    # chronic absence of s1 is 11 %, its share at the standard 59 %: in the best quarter of 24 schools on both
    assert "School 001 : Chronic absence 11.0 % (200 students) and ELA met standard 59.0 % (200 students)" in text
    assert "its numbers do not say what was done" in text


def test_a_withheld_number_is_nowhere_and_is_said_to_be(prepared, first):
    table = prepared.released.table
    hidden = table[table["unit_id"].eq(SMALL) & table["school_year"].eq(2026)]
    assert (hidden["status"] != "shown").all()
    html = first.matrix().html()
    row = re.search(rf'<a href="{SMALL}.html">.*?</tr>', html, re.S)[0]
    assert re.findall(r"<td[^>]*>(.*?)</td>", row) == ["<small>not shown</small>"] * 4
    assert "Foster" not in first.gaps().html()  # twelve in the district, one in each school
    text = _plain(first.not_shown().html())
    assert "fewer than 20 students or answers is not shown" in text
    # s11, and one more so that s11 cannot be worked out from the district
    assert "Suspension: 2 schools" in text
    assert "Suspension: Foster youth" in text
    assert "There is no table marks , which switches off" in text


def test_gaps_are_the_districts_own_with_their_interval(first):
    text = _plain(first.gaps().html())
    # disability in chronic absence: the same rates as all, so 0 but for rounding of the counts
    assert re.search(r"Students with disabilities Chronic absence [\d.]+ % 44\d", text)
    assert "Economically disadvantaged" in text
    assert "their gaps must not be added up" in text


def test_every_link_within_the_page_leads_somewhere_and_ids_are_once(first):
    html = "".join(getattr(first, s)().html() for s in SECTIONS)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_hostile_names_stay_text(folder):
    html = page(run_overview("district-report", folder, district_id="d0"), title=HOSTILE, subtitle="District report")
    assert "<script>alert" not in html
    assert "{{7*7}}" in html
    scripts = re.findall(r"<script>(.*?)</script>", html, re.S)
    assert len(scripts) == 1
    assert "Finds and orders rows" in scripts[0]


def test_the_settings_are_printed(first):
    text = _plain(first.definitions().html())
    for words in (
        "At most 10 schools stand under one reason",
        "“Several themes” are 3 or more",
        "The 10 largest changes in each direction",
        "A verdict on variation needs 10 points or more.",
    ):
        assert words in text


def test_how_many_points_a_verdict_needs_is_said(first):
    assert "There are 2 school years here. A verdict on variation" in _plain(first.matrix().html())


def test_an_unknown_district_is_named_with_the_nearest(folder):
    with pytest.raises(KitError, match=r"no district has the id 'd01'.*Did you mean d"):
        district_report(folder, "d01")
    assert district_report(folder).unit_id == "d0"


def test_live_and_batch_hold_the_same_matrix(folder):
    def shown(live):
        book = run_overview("district-report", folder, live=live, district_id="d1")
        return {c.id: c.outputs for c in book.cells if c.cell_type == "code"}["schools-matrix"]

    (batch,) = shown(False)
    last = shown(True)[-1]
    assert batch.data["text/html"] in last.data["text/html"]


@pytest.mark.slow
def test_a_district_of_three_hundred_schools_is_a_light_page(tmp_path):
    data = prepare(Planted(300, 1, names=every_measure(), groups=("all",))).write(tmp_path / "prepared")
    html = page(run_overview("district-report", data, district_id="d0"), title="Many", subtitle="District report")
    tables = re.findall(r'<table role="table" class="matrix.*?</table>', html, re.S)
    assert [t.count('scope="row"><a href="s') for t in tables] == [300, 300]  # results and surveys
    assert len(html.encode()) < 700_000
