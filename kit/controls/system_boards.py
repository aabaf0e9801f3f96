"""The boards of «see the system», drawn from what a project holds."""

from __future__ import annotations

from kit.charts.boards.affinity_wall import Group, Note, draw_affinity_wall
from kit.charts.boards.driver_diagram import Box, draw_driver_diagram
from kit.charts.boards.fishbone import Cause, draw_fishbone
from kit.charts.boards.process_map import Step, draw_process_map
from kit.charts.boards.sheet import Board
from kit.controls.desk import Desk
from kit.controls.dot_votes import dots_of
from kit.inquiry.statements import aim_sentence

__all__ = ["affinity", "drivers", "fishbone", "processes", "themes"]


def _latest(desk: Desk, kind_id: str, field: str) -> str:
    found = desk.entries(kind_id)
    return (found[-1][field] or "") if found else ""


def fishbone(desk: Desk) -> Board:
    """Draw the project's causes; the head is its latest problem statement."""
    dots, evidence = dots_of(desk), desk.entries("evidence")
    causes = [
        Cause(
            text=c["text"] or "",
            category=c["category"] or "",
            whys=tuple(c["whys"] or ()),
            known_from=c["evidence"] or "",
            evidence_for=sum(e["cause"] == c.id and e["direction"] == "for" for e in evidence),
            evidence_against=sum(e["cause"] == c.id and e["direction"] == "against" for e in evidence),
            votes=dots[c.id],
            in_control=c["in_control"],
            kept=bool(c["kept"]),
        )
        for c in desk.entries("cause")
    ]
    return draw_fishbone(_latest(desk, "problem", "statement"), causes)


def drivers(desk: Desk) -> Board:
    """Draw the driver diagram; its left box is the project's latest aim."""
    every = desk.entries("driver")
    boxes = {
        level: [Box(d.id, d["text"] or "", tuple(d["under"] or ())) for d in every if d["level"] == level]
        for level in ("primary", "secondary")
    }
    ideas = [
        Box(i.id, i["text"] or "", tuple(i["drivers"] or ()), i["status"] or "idea")
        for i in desk.entries("change_idea")
    ]
    aim = desk.entries("aim")
    words = (aim[-1]["statement"] or aim_sentence(aim[-1])) if aim else ""
    return draw_driver_diagram(words, boxes["primary"], boxes["secondary"], ideas)


def processes(desk: Desk) -> str:
    """Draw every process map of the project, one under the other."""
    maps = desk.entries("process")
    if not maps:
        return draw_process_map("Process map", []).html()
    return "".join(
        draw_process_map(
            p["title"] or "",
            [
                Step(s.id, s["text"] or "", s["shape"] or "step", s["who"] or "", tuple(s["next"] or ()),
                     tuple(s["answers"] or ()), s["days"], bool(s["varies"]), s["trouble"] or "")
                for s in desk.entries("step", process=p)
            ],
        ).html()
        for p in maps
    )  # fmt: skip


def affinity(desk: Desk) -> str:
    """Draw every wall of the project: the notes by group, and those without one."""
    dots, notes, groups = dots_of(desk), desk.entries("note"), desk.entries("note_group")
    walls = dict.fromkeys([e["wall"] or "" for e in (*groups, *notes)])
    if not walls:
        return draw_affinity_wall("Affinity wall", []).html()
    known = {g.id for g in groups}

    def drawn(wall: str) -> str:
        here = [n for n in notes if (n["wall"] or "") == wall]
        inside = {g.id: tuple(Note(n["text"] or "", dots[n.id]) for n in here if n["group"] == g.id) for g in groups}
        shown = [Group(g["title"] or "", inside[g.id], dots[g.id]) for g in groups if (g["wall"] or "") == wall]
        loose = tuple(Note(n["text"] or "", dots[n.id]) for n in here if n["group"] not in known)
        return draw_affinity_wall(wall or "Affinity wall", [*shown, *([Group("", loose)] if loose else [])]).html()

    return "".join(drawn(wall) for wall in walls)


def themes(desk: Desk) -> Board:
    """Draw what people said by theme, in their own words."""
    quotes = desk.entries("quote")
    groups = [
        Group(t["title"] or "", tuple(Note(f"“{q['text']}”") for q in quotes if t.id in (q["themes"] or ())))
        for t in desk.entries("theme")
    ]
    loose = tuple(Note(f"“{q['text']}”") for q in quotes if not q["themes"])
    return draw_affinity_wall("What people told us", [*groups, *([Group("", loose)] if loose else [])])
