"""A data carousel for the people who are there: tables, groups and turns, to read out and to print."""

from __future__ import annotations

from html import escape

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, guarded, look, styled
from kit.inquiry import Entry
from kit.sessions.carousel import MINUTES_A_STATION, STATIONS, Carousel, plan_carousel

__all__ = ["CarouselPlan", "plan_table", "printed_plan"]

_STYLE = {"description_width": "9rem"}
_WIDE = w.Layout(width="auto", max_width="46rem")


class CarouselPlan(w.VBox):
    """How many people, or their names and roles; which stations; how long at each.

    What is typed is kept in the session that runs, and stands there again when the project is opened.
    """

    def __init__(self, desk: Desk):
        self.desk, self.message, self._typed, self._filling = desk, Message(), False, False
        self.people = w.Textarea(
            "12", description="People", rows=2, continuous_update=False, style=_STYLE, layout=_WIDE,
            placeholder="How many; or a line for each: name, role",
        )  # fmt: skip
        self.stations = w.Textarea(
            "\n".join(STATIONS), description="Stations", rows=4, continuous_update=False, style=_STYLE, layout=_WIDE
        )
        self.minutes = w.BoundedIntText(
            MINUTES_A_STATION, min=1, max=120, description="Minutes each", style=_STYLE, layout=w.Layout(width="14rem")
        )
        self.shown = w.HTML()
        for widget in (self.people, self.stations, self.minutes):
            widget.observe(guarded(self.message, self._changed), "value")
        desk.observe(guarded(self.message, self._another_session), ["project", "session"])
        super().__init__([look(), self.people, self.stations, self.minutes, self.message, self.shown])
        guarded(self.message, self.redraw)()
        guarded(self.message, self._another_session)()

    def names(self) -> tuple[str, ...]:
        """Return the stations that are typed."""
        return tuple(_typed(self.stations))

    def plan(self) -> Carousel:
        """Return the plan for what stands in the fields."""
        return plan_carousel(self._who(), self.names(), minutes=self.minutes.value)

    def _who(self) -> int | list[tuple[str, str]]:
        lines = _typed(self.people)
        if len(lines) == 1 and lines[0].isdigit():
            return int(lines[0])
        return [(name.strip(), role.strip()) for name, _, role in (line.partition(",") for line in lines)]

    def redraw(self) -> None:
        """Work the plan out again."""
        self.shown.value = ""
        self.shown.value = styled(plan_table(self.plan(), counted=isinstance(self._who(), int)))
        self.message.clear()

    def _changed(self) -> None:
        if self._filling:
            return
        self.redraw()
        self._typed = True
        self._keep()

    def _keep(self) -> None:
        """Keep a plan that can be worked out; one that cannot stays in the fields only."""
        running = self.desk.session
        kept = {"present": _typed(self.people), "stations": list(self.names()), "station_minutes": self.minutes.value}
        if running is not None and any(running[n] != v for n, v in kept.items()):
            self.desk.session = self.desk.update(self.desk.require_project().get(running.id), **kept)

    def _another_session(self) -> None:
        """Show the plan of the session that runs, or of the last one that had a plan; or keep what is typed."""
        held = [s for s in self.desk.entries("session") if s["stations"]]
        found = self.desk.session if self.desk.session is not None else (held[-1] if held else None)
        if found is not None and found["stations"]:
            self._fill(found)
        elif self._typed:
            self._keep()

    def _fill(self, session: Entry) -> None:
        self._filling = True
        try:
            self.people.value = "\n".join(session["present"] or ())
            self.stations.value = "\n".join(session["stations"])
            self.minutes.value = int(session["station_minutes"] or MINUTES_A_STATION)
        finally:
            self._filling = False
        self.redraw()


def _typed(box: w.Textarea) -> list[str]:
    return [line.strip() for line in box.value.split("\n") if line.strip()]


def plan_table(plan: Carousel, *, counted: bool = False) -> str:
    """Return the plan as HTML: who is in which group, and where each group stands in each turn.

    Parameters
    ----------
    plan : Carousel
    counted : bool
        True where only the number of people is known: the room counts off.
    """
    size = len(plan.stations)
    head = "".join(f'<th scope="col">Turn {i + 1}</th>' for i in range(len(plan.turns)))
    rows = []
    for g, people in enumerate(plan.groups):
        table = f" (table {g // size + 1})" if plan.sets > 1 else ""
        cells = "".join(f"<td>{escape(turn[g])}{table}</td>" for turn in plan.turns)
        who = f"{len(people)} people" if counted else ", ".join(people)
        rows.append(f'<tr><th scope="row">Group {g + 1}: {escape(who)}</th>{cells}</tr>')
    doubled = f"Each station has {plan.sets} tables. " if plan.sets > 1 else ""
    said = f"{doubled}{len(plan.groups)} groups, {plan.minutes} minutes a turn, {plan.total_minutes} minutes in all."
    count_off = f" Count off from 1 to {len(plan.groups)} round the room: your number is your group." if counted else ""
    return (
        # Shown whole: the last group would else be cut off.
        f'<p>{said}{count_off}</p><div class="scroll" style="max-height:none" tabindex="0" role="region" '
        'aria-label="Groups and turns"><table><caption>'
        f'Groups and turns</caption><thead><tr><th scope="col">Group</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def printed_plan(desk: Desk) -> str:
    """Return a plan for the project's team, where it is large enough for one; else a sentence."""
    team = [(m["name"] or "", m["role"] or "") for m in desk.entries("member")]
    if len(team) < len(STATIONS):
        return '<p class="nothing">Groups and turns are worked out live, for the people who are there.</p>'
    return plan_table(plan_carousel(team))
