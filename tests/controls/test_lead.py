"""«Lead a session»: every agenda runs, the printed one has no notes, station sheets hold the displays."""

from __future__ import annotations

import pytest
from published_folder import write_published

from kit.controls.carousel_boards import facts_by_station, patterns
from kit.controls.carousel_plan import CarouselPlan
from kit.controls.lead import AnySession, StationSheets, agenda_page, open_session
from kit.controls.session_panel import SessionPanel, team_agenda
from kit.reports.session_record import session_record
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
    labels = {name: label for label, name in panel.choose.options}
    assert set(labels) == {*agenda_files(), "ours"}
    assert labels["ours"] == "Ours (5 min)"
    assert labels["data-carousel"] == "Data carousel (120 min)"
    for name in labels:
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
    plan = CarouselPlan(lead.desk)
    sheets = StationSheets(lead.desk, plan)
    sheets.button.click()
    assert "Read the numbers" in sheets.message.value
    sheets.read.click()
    sheets.school.school.value = "s3"
    plan.stations.value = "achievement\nBehaviour\nWhat families brought"
    made = sheets.make()
    pages = [p.read_text(encoding="utf-8") for p in made]
    assert [p.name for p in made] == [
        "station-1-achievement.html", "station-2-behaviour.html", "station-3-what-families-brought.html",
    ]  # fmt: skip
    assert 'class="chart"' in pages[0]
    assert "School 3" in pages[0]
    assert "Chronic absence" in pages[1]
    assert "bring what you have on paper" in pages[2]
    plan.stations.value = "A\na"
    sheets.button.click()
    assert "a name of its own" in sheets.message.value


def test_in_a_batch_the_agenda_is_printed(folder):
    lead = open_session(str(folder), live=False, agenda="peer-review")
    assert "The plan in short (10 min)" in lead.session().html()
    assert lead.carousel().html() == ""


def test_an_agenda_with_faults_is_listed_and_says_them_when_it_is_chosen(folder):
    (folder / "sessions").mkdir()
    (folder / "sessions" / "ours.md").write_text("# Ours\n\n## One\n", encoding="utf-8")
    panel = AnySession(open_session(str(folder)).desk, "data-carousel")
    assert ("ours (has faults)", "ours") in panel.choose.options
    panel.choose.value = "ours"
    assert "does not say how many minutes" in panel.message.value
    assert panel.panel.children == ()


def project_of(folder, author="Ana"):
    desk = open_session(str(folder)).desk
    desk.author = author
    desk.open_project(desk.store.new_project(title="Autumn").id)
    return desk


def test_a_session_that_was_cut_off_is_gone_on_with(folder):
    desk = project_of(folder)
    found = team_agenda(desk, "data-carousel")
    panel = SessionPanel(desk, found)
    assert panel.go_on.layout.display == "none"
    assert list(panel.roles) == ["timekeeper", "one recorder a group"]
    began = [1_790_000_000_000.0, 1_790_000_900_500.0]
    panel.clock.began = began[:1]
    panel.roles["timekeeper"].value = "M. Ortiz: by phone"
    panel.clock.began = began

    again = open_session(str(folder), desk.project.id).desk
    panel = SessionPanel(again, found)
    assert panel.go_on.layout.display == ""
    panel.go_on.click()
    assert panel.clock.began == began
    assert panel.roles["timekeeper"].value == "M. Ortiz: by phone"
    assert panel.go_on.layout.display == "none"
    panel.clock.ended = began[1] + 60_000
    (session,) = again.entries("session")
    assert session["timing"] == ["Welcome and how it works: 15 of 15 minutes", "First station: 1 of 15 minutes"]
    assert again.add("notice", text="It rose")["session"] == session.id
    # Ended, it is not offered again.
    last = open_session(str(folder), desk.project.id).desk
    assert SessionPanel(last, found).go_on.layout.display == "none"


def test_the_plan_of_a_carousel_stands_there_again(folder):
    desk = project_of(folder)
    panel, plan = SessionPanel(desk, team_agenda(desk, "data-carousel")), CarouselPlan(desk)
    plan.people.value = "40"
    plan.minutes.value = 10
    panel.clock.began = [1_790_000_000_000.0]
    plan.stations.value = "Achievement\nContext"
    (session,) = desk.entries("session")
    assert (session["present"], session["stations"], session["station_minutes"]) == (
        ["40"], ["Achievement", "Context"], 10,
    )  # fmt: skip
    assert panel.present.value == "40"
    plan.people.value = "1"
    assert "cannot form a group" in plan.message.value

    again = CarouselPlan(open_session(str(folder), desk.project.id).desk)
    assert again.names() == ("Achievement", "Context")
    assert "Each station has 3 tables" in again.shown.value
    assert "Group 1: 7 people" in again.shown.value
    again.people.value = "Ana, teacher\nBen, parent\nCy"
    assert "Group 1: Cy, Ana" in again.shown.value
    # Another project has its own.
    assert CarouselPlan(project_of(folder)).names() == ("Achievement", "Demographics", "Perception", "Context")


def test_facts_and_dots_are_drawn_and_stand_in_the_record(folder):
    desk = project_of(folder)
    SessionPanel(desk, team_agenda(desk, "data-carousel")).clock.began = [1_790_000_000_000.0]
    desk.add("notice", text="It rose by 2", station="Achievement", figure="41 %")
    desk.add("inference", text="Harder <test>")
    few, most = (desk.add("finding", sort="challenge", text=t) for t in ("Late buses", "Mondays <i>"))
    for on, dots in ((few, 1), (most, 1), (most, 2)):
        desk.add("vote", on=on.id, dots=dots)
    board = facts_by_station(desk).html()
    assert "It rose by 2 (41 %)" in board
    assert "<test>" not in board
    ranked = patterns(desk)
    assert ranked.index("Mondays &lt;i&gt;</th><td>3") < ranked.index("Late buses</th><td>1")
    record = session_record(desk.project, desk.project.get(desk.session.id))
    assert "It rose by 2 <small>Achievement, 41 %</small>" in record
    assert "Mondays &lt;i&gt;</th><td>challenge</td><td>3</td>" in record
