"""The report of a school: its sections, its look-ups, and the prepared folder behind it."""

import re

import pytest
from report_network import HOSTILE, MEASURES, Published, run_template

from kit.errors import KitError
from kit.privacy import release
from kit.reports.prepared import Prepared, prepare
from kit.reports.school import SchoolReport, school_report


@pytest.fixture(scope="module")
def prepared():
    return prepare(Published())


@pytest.fixture(scope="module")
def folder(prepared, tmp_path_factory):
    return prepared.write(tmp_path_factory.mktemp("prepared"))


def test_a_prepared_folder_gives_back_what_was_written(prepared, folder):
    again = Prepared.read(folder)
    assert again.released.table.equals(prepared.released.table)
    assert again.glance.table["concern"].tolist() == prepared.glance.table["concern"].tolist()
    assert (again.school_year, again.minimum, again.notes) == (2026, 20, prepared.notes)
    assert Prepared.read(folder) is again


def test_years_after_the_one_asked_for_are_left_out():
    earlier = prepare(Published(), school_year=2025)
    assert earlier.released.table["school_year"].max() == 2025
    with pytest.raises(KitError, match="2031"):
        prepare(Published(), school_year=2031)


def test_an_unknown_school_is_named_with_the_nearest(folder):
    with pytest.raises(KitError, match=r"no school has the id 's11'.*s1"):
        school_report(folder, "s11")
    assert school_report(folder, "").school_id == "s0"


def test_the_header_says_the_size_from_the_released_numbers(folder):
    html = school_report(folder, "s1", live=False).header().html()
    assert "300 <small>students with a known school day</small>" in html
    assert "2025-26" in html
    assert "K to 5" in html


def test_at_a_glance_has_every_measure_with_its_numbers(prepared):
    html = SchoolReport(prepared, "s2").at_a_glance().html()
    for name in MEASURES:
        assert f'href="#def-{name}"' in html
    # chronic absence of s2 in 2026: 15 + 1.5·2 + 2 = 20.0 % of 300; the year before 19.0 %.
    row = re.search(r"Chronic absence</a>.*?</tr>", html, re.S)[0].replace("\u00a0", " ")
    assert "<b>20.0 %</b> <small>300 students</small>" in row
    assert "+1.0 points" in row
    assert "was 19.0 %" in row
    assert re.search(r'aria-hidden="true">[▲●◆○]</i> (Strength|Typical|Look closer|Too few to say)', row)


def test_a_theme_draws_trend_groups_and_grades(prepared):
    shown = SchoolReport(prepared, "s2").theme("attendance").displays()
    assert [d.kind for d in shown] == ["trend", "groups", "grades"] * 2
    for d in shown:
        assert d.title
        assert len(d.how_to_read) < 230
        assert d.table.rows


def test_surveys_are_one_display_a_kind_with_each_construct_in_plain_words(prepared):
    section = SchoolReport(prepared, "s2").theme("surveys")
    assert [d.kind for d in section.displays()] == ["surveys"]
    assert "Feeling safe at school and on the way there." in section.html()


def test_a_theme_without_numbers_says_so_in_one_line(prepared):
    section = SchoolReport(prepared, "s2").theme("graduation")
    assert section.displays() == ()
    assert section.html().count("<p") == 1
    with pytest.raises(KitError, match="Themes: attendance"):
        SchoolReport(prepared, "s2").theme("weather")


def test_small_groups_are_named_where_they_are_left_out_and_their_numbers_are_nowhere(prepared):
    report = SchoolReport(prepared, "s2")
    assert "Foster youth" in report.not_shown().html()
    for section in (report.at_a_glance(), report.theme("attendance"), report.where_it_stands()):
        for d in section.displays():
            assert all("Foster" not in row[0] for row in d.table.rows)


def test_what_the_records_lack_is_said(prepared):
    html = SchoolReport(prepared, "s2").not_shown().html()
    assert "There is no table <b>discipline</b>" in html
    assert "Suspension" in html


def test_every_link_of_the_report_leads_somewhere(prepared):
    report = SchoolReport(prepared, "s2")
    sections = [report.header(), report.at_a_glance(), report.strengths_and_questions(), report.where_it_stands()]
    sections += [report.theme(t) for t in ("attendance", "achievement", "surveys")]
    sections += [report.not_shown(), report.definitions()]
    html = "".join(s.html() for s in sections)
    ids = re.findall(r' id="([^"]+)"', html)
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_sentences_never_rank_and_hold_released_numbers(prepared):
    html = SchoolReport(prepared, "s9").strengths_and_questions().html()
    assert "Questions to ask" in html
    assert not re.search(r"\brank(ed|s)? \d|because|\bcause", html)


def test_live_gives_lab_a_chart_and_the_page_the_same_section(folder):
    live, batch = (run_template(folder, "s0", live=live) for live in (True, False))
    shown = {c.id: c.outputs for c in live.cells if c.cell_type == "code"}["attendance-displays"]
    assert sum("application/vnd.vegalite.v5+json" in o.data for o in shown) == 6
    in_batch = {c.id: c.outputs for c in batch.cells if c.cell_type == "code"}["attendance-displays"]
    assert len(in_batch) == 1
    assert in_batch[0].data["text/html"] in shown[-1].data["text/html"]


def test_hostile_names_reach_every_section_as_text(prepared):
    report = SchoolReport(prepared, "s0")
    html = report.header().html() + report.where_it_stands().html() + report.definitions().html()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{7*7}}" in html
    [drawn] = report.where_it_stands().displays()
    assert drawn.spec["datasets"]["ours"][0]["name"] == HOSTILE


class _Late(Published):
    """Staff were last asked in 2025."""

    def results(self):
        table = super().results()
        return table[~(table["measure"].eq("climate_safety_staff") & table["school_year"].eq(2026))]

    def released(self, *, audience="internal", minimum=20):
        return release(self.results(), audience=audience, minimum=minimum, schools=self.schools())


def test_a_measure_that_comes_later_is_shown_with_its_own_year():
    late = prepare(_Late())
    assert late.school_year == 2026
    assert late.latest["climate_safety_staff"] == 2025
    html = SchoolReport(late, "s2").at_a_glance().html()
    row = re.search(r"Safety \(staff\)</a>.*?</tr>", html, re.S)[0].replace("\u00a0", " ")
    assert "latest is 2024-25" in row
    # s2 in 2025: 50 + 1.5·2 + 1 = 54.0 % of 300 answers.
    assert "<b>54.0 %</b>" in row
