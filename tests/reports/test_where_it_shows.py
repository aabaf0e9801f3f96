"""The report shows levels, next levels, colours, growth and schools like ours: of shown numbers only."""

import re
from pathlib import Path

import pandas as pd
import pytest
from levels_network import Folder, growth_ends, level_rows, level_schools

from kit.errors import InputError
from kit.measures.registry import measure
from kit.privacy import release
from kit.reports.california_colours import school_colours
from kit.reports.fingerprints import data_fingerprints
from kit.reports.growth_figures import growth_figures
from kit.reports.prepared import Prepared, prepare
from kit.reports.school import SchoolReport
from kit.reports.school_levels import level_line
from kit.workspace import open_workspace


@pytest.fixture(scope="module")
def prepared():
    patch = pytest.MonkeyPatch()
    patch.setattr("kit.measures.growth.growth_details", lambda records: growth_ends())
    yield prepare(Folder())
    patch.undo()


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).replace("\u00a0", " ")


def test_the_way_to_the_next_levels_is_counted_on_the_cut_points_of_the_first_year(prepared):
    # Tenths of ten schools: level 2 begins at 26 of 100, 3 at 24, 4 at 22, 5 at 20, 6 at 18.
    html = SchoolReport(prepared, "s4").theme("attendance").html()
    assert "Level 3 of 10, below average." in _plain(html)
    assert (
        "Arithmetic, not a target: of the same 100 students, 1 fewer student chronically absent would reach level 4; "
        "3, level 5; 5, level 6." in _plain(html)
    )


def test_a_level_stands_beside_the_concern_with_its_band_and_its_definition(prepared):
    report = SchoolReport(prepared, "s4")
    html = report.at_a_glance().html()
    row = re.search(r"Chronic absence</a>.*?</tr>", html, re.S)[0]
    assert '<a href="#def-levels">level 3 of 10</a>, below average' in row
    assert 'd="M0 4.5h17"' in row, "three marks of ten: 3 · 5 and two gaps"
    assert "the cut points were fixed in 2023-24, the first year in this folder" in html
    assert 'id="def-levels"' in report.definitions().html()


def test_what_is_not_shown_has_no_level_no_distance_no_growth_and_is_in_no_match(prepared):
    levels = prepared.levels.table
    assert set(levels.loc[levels["school_id"].eq("s9"), "measure"]) == {"ela_proficient", "suspension"}
    assert "s9" not in set(prepared.growth.table["school_id"])
    report = SchoolReport(prepared, "s9")
    row = re.search(r"Chronic absence</a>.*?</tr>", report.at_a_glance().html(), re.S)[0]
    assert "level" not in _plain(row)
    assert "Arithmetic" not in report.theme("attendance").html()
    better = prepared.improving.table
    assert "s9" not in set(better.loc[better["measure"].eq("chronic_absence"), "other_id"])


def test_two_levels_at_one_cut_point_name_the_higher_and_the_top_names_none():
    row = {"level": 4, "band": "average", "n": 50, "to_next_1": 2, "to_next_2": 2, "to_next_3": 9}
    assert "2 more graduates would reach level 6; 9, level 7." in level_line(row, measure("graduation_4"))
    top = {"level": 10, "band": "above average", "n": 50, "to_next_1": None, "to_next_2": None, "to_next_3": None}
    assert _plain(level_line(top, measure("graduation_4"))).strip() == "Level 10 of 10, above average."
    assert "Arithmetic" not in level_line(row, measure("climate_safety_student"))
    assert level_line(None, measure("graduation_4")) == ""


def test_growth_has_its_interval_what_fifty_means_and_its_first_limits(prepared):
    report = SchoolReport(prepared, "s0")
    section = report.theme("growth")
    [shown] = section.displays()
    assert shown.title == "ELA growth in 2025-26: 60 of 100; from 55 to 88, clearly above the average school"
    assert shown.table.rows == (
        ("All students, 2025-26", "60", "55 to 88", "60"),
        ("All students, 2024-25", "40", "6 to 48", "60"),
    )
    for number in ("60", "55 to 88", "40", "6 to 48"):
        assert number in shown.alternative_text
    text = _plain(section.html())
    assert "50 is the average of these schools" in text
    assert "does not say whether they reach the standard" in text
    assert "not that the school caused it" in text
    assert "Level 7 of 10" in text, "a percentile of 60 to 69"
    assert 'id="def-growth"' in report.definitions().html()


def test_growth_without_records_says_that_its_interval_is_not_known():
    released = release(level_rows())
    figures = growth_figures(released.table, None)
    assert figures["low"].isna().all()
    bare = prepare(type("Bare", (Folder,), {"has_records": False})())
    [shown] = SchoolReport(bare, "s0").theme("growth").displays()
    assert shown.title == "ELA growth in 2025-26: 60 of 100; how sure it is, is not known here"


def test_status_against_growth_is_among_the_schools_of_its_level(prepared):
    [first, *_] = SchoolReport(prepared, "s0").where_it_stands().displays()
    assert first.measures == ("ela_proficient", "ela_growth")
    assert (first.spec["datasets"]["ours"][0]["x"], first.spec["datasets"]["ours"][0]["y"]) == (50.0, 60.0)


def test_schools_like_ours_say_why_and_whom_to_write_to(prepared):
    html = SchoolReport(prepared, "s4").schools_like_ours().html()
    cards = re.findall(r"<li><h4>(School s\d)", html)
    assert len(cards) == 5
    assert set(cards[:2]) == {"School s3", "School s5"}, "one step away in both shares"
    assert '<a href="mailto:s3@example.org">s3@example.org</a>' in html
    assert "&lt;b&gt;Contact&lt;/b&gt; s3" in html
    assert 'href="#def-matching"' in html
    assert "nor that the same would work here" in html


def test_those_improving_more_come_with_both_values(prepared):
    # s7 went from 14 of 100 in 2024 to 18 of 331 in 2026; s4 from 20 to 23 of 100.
    text = _plain(SchoolReport(prepared, "s4").schools_like_ours().html())
    assert "went from 14.0 % to 5.4 % (331 students); here from 20.0 % to 23.0 %" in text


def test_an_address_that_is_none_is_text(prepared):
    html = SchoolReport(prepared, "s7").schools_like_ours().html()
    assert "School s8" in html
    assert "&quot;onclick=&quot;" in html
    assert not re.search(r"mailto:[^\"]*onclick", html)
    assert 'onclick="' not in html


def test_a_school_without_neighbours_says_so(prepared):
    alone = level_schools().assign(level=["high"] + ["elementary"] * 9)
    one = prepare(type("Alone", (Folder,), {"has_records": False, "schools": lambda self: alone})())
    assert "No school like this one can be named" in SchoolReport(one, "s0").schools_like_ours().html()


def test_every_link_leads_to_a_definition(prepared):
    report = SchoolReport(prepared, "s4")
    sections = [report.header(), report.at_a_glance(), report.strengths_and_questions(), report.where_it_stands()]
    sections += [report.theme(t) for t in ("attendance", "discipline", "achievement", "growth")]
    html = "".join(s.html() for s in (*sections, report.schools_like_ours(), report.not_shown(), report.definitions()))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_what_was_written_is_read_again(prepared, tmp_path):
    again = Prepared.read(prepared.write(tmp_path / "prepared"))
    assert again.notes == prepared.notes
    for name in ("levels", "colours", "growth", "near", "improving"):
        assert len(getattr(again, name).table) == len(getattr(prepared, name).table)
    one, other = (SchoolReport(p, "s4").schools_like_ours().html() for p in (prepared, again))
    assert one == other
    assert SchoolReport(again, "s4").at_a_glance().html() == SchoolReport(prepared, "s4").at_a_glance().html()


def test_a_report_is_out_of_date_when_a_school_that_it_names_has_another_contact(prepared):
    changed = level_schools().replace({"contact_email": {"s3@example.org": "new@example.org"}})
    patched = type("Changed", (Folder,), {"schools": lambda self: changed, "has_records": False})()
    before = prepare(type("Bare", (Folder,), {"has_records": False})())
    one, other = data_fingerprints(before), data_fingerprints(prepare(patched))
    naming = set(before.near.table.loc[before.near.table["other_id"].eq("s3"), "school_id"])
    assert naming
    assert all(one[s] != other[s] for s in naming)


# --- a folder with settings -------------------------------------------------------------------------------------


def _folder(path: Path, settings: str) -> Path:
    path.mkdir()
    level_rows().to_csv(path / "results.csv", index=False)
    level_schools().assign(contact_email="a@example.org").to_csv(path / "schools.csv", index=False)
    if settings:
        (path / "kit.toml").write_text(settings, encoding="utf-8")
    return path


def test_california_is_off_by_default(tmp_path):
    plain = prepare(open_workspace(_folder(tmp_path / "a", "")))
    assert plain.colours.table.empty
    html = SchoolReport(plain, "s7").theme("attendance").html() + SchoolReport(plain, "s7").definitions().html()
    assert "California" not in html


def test_california_shows_status_change_and_colour_in_words(tmp_path):
    asked = prepare(open_workspace(_folder(tmp_path / "a", '[rules]\nshow = ["california"]\n')))
    report = SchoolReport(asked, "s7")
    # The Dashboard's own row: 18 of 331 after 13 of 290 is 5.4 %, up 1.0, Orange (2 of 5).
    text = _plain(report.theme("attendance").html())
    assert "California Dashboard: status Medium, change Increased, Orange." in text
    assert 'd="M0 4.5h11"' in report.theme("attendance").html()
    said = _plain(report.definitions().html())
    assert "For 2025-26 the cut points and colours of the 2025 Dashboard are used." in said
    assert "elementary ES, middle MS, high HS" in said
    # Too small to show: no colour either.
    assert "s9" not in set(asked.colours.table.query("measure == 'chronic_absence'")["school_id"])


def test_a_high_school_has_no_colour_for_chronic_absence():
    schools = level_schools().assign(level="high", low_grade="9", high_grade="12")
    found = school_colours(release(level_rows()).table, schools, 2026)
    assert set(found["measure"]) == {"suspension"}
    # 2.0 % of 200 in one year only: a status, no change, no colour.
    assert set(found["change"]) == {""}
    assert set(found["colour"]) == {0}


def test_given_cut_points_are_used_and_said(tmp_path):
    folder = _folder(tmp_path / "a", '[levels]\nbaseline = "cuts.csv"\n')
    steps = {level: 30 - level for level in range(2, 11)}  # level 7 begins at 23 %
    cuts = [("elementary", "chronic_absence", level, cut, 10, 2020, "given") for level, cut in steps.items()]
    columns = ["school_level", "measure", "level", "cut", "schools", "baseline_year", "source"]
    pd.DataFrame(cuts, columns=columns).to_csv(folder / "cuts.csv", index=False)
    workspace = open_workspace(folder)
    given = prepare(workspace)
    table = given.levels.table.set_index(["school_id", "measure"])
    assert table.loc[("s4", "chronic_absence"), "level"] == 7
    assert ("s4", "suspension") not in table.index
    assert "The cut points are those of cuts.csv, fixed in 2019-20." in SchoolReport(given, "s4").at_a_glance().html()
    before = workspace.fingerprint()
    (folder / "cuts.csv").write_text((folder / "cuts.csv").read_text().replace("given", "other"), encoding="utf-8")
    assert open_workspace(folder).fingerprint() != before
    (folder / "cuts.csv").write_text("school_level,measure\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"cuts\.csv"):
        prepare(open_workspace(folder))
