"""Boards: every word of the team is on the drawing, as text, inside its box, and in the table twin."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.charts.boards.affinity_wall import Group, Note, draw_affinity_wall
from kit.charts.boards.cycle_timeline import Cycle, draw_cycle_timeline
from kit.charts.boards.driver_diagram import Box, draw_driver_diagram
from kit.charts.boards.fishbone import Cause, draw_fishbone
from kit.charts.boards.process_map import Step, draw_process_map
from kit.charts.boards.sheet import wrap

NASTY = '<script>alert(1)</script> & "quotes" {{braces}} =1+1 🎓'
SVG = "{http://www.w3.org/2000/svg}"


def texts(board) -> str:
    root = ElementTree.fromstring(board.drawing)
    return " ".join(e.text or "" for e in root.iter(f"{SVG}text"))


def boards(text: str):
    yield draw_fishbone(text, [Cause(text, text, (text, text), "data", votes=3)])
    yield draw_driver_diagram(text, [Box("p", text)], [Box("s", text, ("p",))], [Box("i", text, ("s",), "testing")])
    yield draw_process_map(text, [Step("a", text, "start", text), Step("b", text, "decision", trouble=text)])
    yield draw_affinity_wall(text, [Group(text, (Note(text, 2),), 4), Group("", (Note(text),))])
    yield draw_cycle_timeline([Cycle("1", text, date(2026, 1, 5), None, "adapt", learned=text), Cycle("2", text)])


def test_a_teams_text_is_text():
    for board in boards(NASTY):
        assert "<script" not in board.html()
        assert "alert(1)" in texts(board).replace(" ", "")
        assert NASTY in unescape(board.table.html())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.integers(60, 400))
def test_wrapping_keeps_every_letter_and_every_board_is_whole_xml(text, room):
    lines = wrap(text, room, 14)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    printable = "".join(c for c in text if c.isprintable())
    for board in boards(printable):
        ElementTree.fromstring(board.drawing)


def test_boxes_of_a_wall_do_not_overlap_and_hold_their_text():
    groups = [Group(f"Group {i}", tuple(Note("word " * (3 * n + 1), n) for n in range(4)), i) for i in range(6)]
    root = ElementTree.fromstring(draw_affinity_wall("Wall", groups).drawing)
    boxes = [{k: float(r.get(k)) for k in ("x", "y", "width", "height")} for r in root.iter(f"{SVG}rect")]
    outer = [b for b in boxes if b["width"] > 260]
    assert len(outer) == 6
    for i, a in enumerate(outer):
        for b in outer[i + 1 :]:
            apart = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            assert apart or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]
    for t in root.iter(f"{SVG}text"):
        x, y = float(t.get("x")), float(t.get("y"))
        assert any(b["x"] <= x <= b["x"] + b["width"] and b["y"] <= y <= b["y"] + b["height"] for b in outer)


def test_what_leads_nowhere_is_named():
    board = draw_driver_diagram("aim", [Box("p", "P")], [Box("s", "Loose driver")], [Box("i", "Poster", ("gone",))])
    assert "Leading nowhere yet: Loose driver; Poster." in board.says
    assert "Leading" not in draw_driver_diagram("aim", [Box("p", "P")], [], [Box("i", "I", ("p",))]).says


def test_a_process_says_how_long_it_waits_and_where_it_stalls():
    steps = [Step("a", "Mark", who="Teacher"), Step("b", "Wait", "wait", days=3), Step("c", "Call", varies=True)]
    said = draw_process_map("Call", steps).says
    assert "3 days of waiting in all" in said
    assert "stalls or varies at: Call" in said


@pytest.mark.parametrize(
    "empty",
    [draw_fishbone("", []), draw_driver_diagram("", [], [], []), draw_process_map("", []), draw_affinity_wall("", []),
     draw_cycle_timeline([])],
    ids=lambda b: b.title,
)  # fmt: skip
def test_an_empty_board_says_so(empty):
    ElementTree.fromstring(empty.drawing)
    assert "no" in empty.says.lower() or empty.says.startswith("0")


def test_the_answers_of_a_decision_are_written_apart_each_beside_its_own_way():
    steps = [
        Step("ask", "Did they call?", "decision", "Office", ("end", "call"), ("Yes", "No")),
        Step("call", "A recorded call", "step", ""),
        Step("end", "They know", "end", ""),
    ]
    root = ElementTree.fromstring(draw_process_map("Calls", steps).drawing)
    at = {e.text: (float(e.get("x")), float(e.get("y"))) for e in root.iter(f"{SVG}text")}
    assert at["Yes"][1] == at["No"][1]
    assert at["Yes"][0] - at["No"][0] > 100, "in another column"
