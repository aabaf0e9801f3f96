"""«Lead a session»: every agenda runs, the printed one has no notes, station sheets hold the displays."""

from __future__ import annotations

import pytest
from published_folder import write_published

from kit.controls.lead import AnySession, StationSheets, agenda_page, open_session
from kit.sessions.agenda import agenda, agenda_files


@pytest.fixture
def folder(tmp_path):
    return write_published(tmp_path / "data")


def test_any_agenda_and_the_teams_own_can_be_chosen(folder):
    (folder / "sessions").mkdir()
    text = "# Ours\nRoles: facilitator\n\n## One (5 min)\nAsk: What?\n> Secret.\n"
    (folder / "sessions" / "ours.md").write_text(text, encoding="utf-8")
    lead = open_session(str(folder))
    panel = AnySession(lead.desk, "data-carousel")
    assert set(panel.choose.options) == {*agenda_files(), "ours"}
    for name in panel.choose.options:
        panel.choose.value = name
        assert panel.panel.children[0].clock.title
        assert "kit-error" not in panel.message.value


@pytest.mark.parametrize("name", sorted(agenda_files()))
def test_a_printed_agenda_keeps_the_facilitators_notes_back(name):
    found = agenda(name)
    page = agenda_page(found)
    for part in found.parts:
        assert part.name.split("'")[0] in page
        assert part.notes.split("\n")[0] not in page


def test_station_sheets_hold_the_schools_displays(folder):
    lead = open_session(str(folder))
    sheets = StationSheets(lead.desk)
    sheets.button.click()
    assert "Read the numbers" in sheets.message.value
    sheets.read.click()
    sheets.school.school.value = "s3"
    sheets.stations.value = "Achievement\nBehavior\nWhat families brought"
    made = sheets.make()
    pages = [p.read_text(encoding="utf-8") for p in made]
    assert [p.name for p in made] == [
        "station-1-achievement.html", "station-2-behavior.html", "station-3-what-families-brought.html",
    ]  # fmt: skip
    assert 'class="chart"' in pages[0]
    assert "School 3" in pages[0]
    assert "Chronic absence" in pages[1]
    assert "bring what you have on paper" in pages[2]
    sheets.stations.value = "A\nA"
    sheets.button.click()
    assert "a name of its own" in sheets.message.value


def test_in_a_batch_the_agenda_is_printed(folder):
    lead = open_session(str(folder), live=False, agenda="peer-review")
    assert "The plan in short (10 min)" in lead.session().html()
    assert lead.carousel().html() == ""
