"""What a data carousel leaves on the walls: facts by station, and strengths and challenges with their dots."""

from __future__ import annotations

from html import escape

from kit.charts.boards.affinity_wall import Group, Note, draw_affinity_wall
from kit.charts.boards.sheet import Board
from kit.controls.desk import Desk
from kit.controls.dot_votes import dots_of

__all__ = ["facts_by_station", "patterns"]

_ELSEWHERE = "Without a station"


def facts_by_station(desk: Desk) -> Board:
    """Draw what was seen at each station; what it may mean stands apart, under its own heading."""
    stations: dict[str, list[Note]] = {}
    for seen in desk.entries("notice"):
        figure = f" ({seen['figure']})" if seen["figure"] else ""
        stations.setdefault(seen["station"] or _ELSEWHERE, []).append(Note(f"{seen['text']}{figure}"))
    groups = [Group(name, tuple(notes)) for name, notes in stations.items()]
    if means := tuple(Note(i["text"] or "") for i in desk.entries("inference")):
        groups.append(Group("It may mean", means))
    return draw_affinity_wall("What we see", groups)


def patterns(desk: Desk) -> str:
    """Return strengths and challenges as HTML, those with the most dots first."""
    dots = dots_of(desk)
    parts = []
    for sort, head in (("strength", "Strengths"), ("challenge", "Challenges")):
        found = sorted(desk.entries("finding", sort=sort), key=lambda f: -dots[f.id])
        rows = "".join(f'<tr><th scope="row">{escape(f["text"] or "")}</th><td>{dots[f.id]}</td></tr>' for f in found)
        table = (
            f'<table><caption>{head}</caption><thead><tr><th scope="col">{head[:-1]}</th><th scope="col">Dots</th></tr>'
            f"</thead><tbody>{rows}</tbody></table>"
        )
        parts.append(table if found else f'<p class="nothing">{head}: none is written yet.</p>')
    return "".join(parts)
