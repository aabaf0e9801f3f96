"""Dot votes: each person gives a few dots to what matters most; the board counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import ipywidgets as w

from kit.controls.desk import Desk
from kit.controls.messages import Message, button_layout, guarded, look, styled
from kit.errors import KitError

__all__ = ["DotVotes", "dots_of"]

# Two votes each in Advance CTE's goal setting; other sessions say how many in their agenda. A setting.
DOTS = 3


def dots_of(desk: Desk) -> Counter:
    """Return how many dots each entry has, by id."""
    counted: Counter = Counter()
    for vote in desk.entries("vote"):
        counted[vote["on"]] += vote["dots"] or 0
    return counted


class DotVotes(w.VBox):
    """One person votes at a time, or the room votes by show of hands and one types.

    Parameters
    ----------
    desk : Desk
    kind_ids : sequence of str
        What is voted on.
    dots : int
        How many dots a person has.
    """

    def __init__(self, desk: Desk, kind_ids: Sequence[str], dots: int = DOTS):
        self.desk, self.kind_ids, self.dots, self.message = desk, tuple(kind_ids), dots, Message()
        self.voter = w.Text(
            description="Who votes", placeholder="Left empty, the vote is secret", continuous_update=False,
            style={"description_width": "9rem"}, layout=w.Layout(width="auto", max_width="46rem"),
        )  # fmt: skip
        self.left, self.rows = w.HTML(), w.VBox()
        self.next = w.Button(description="Next person", button_style="primary", layout=button_layout("0rem"))
        self._given: Counter = Counter()
        self.next.on_click(guarded(self.message, self._next))
        desk.observe(guarded(self.message, self.refresh), ["saves", "project"])
        super().__init__([look(), self.voter, self.left, self.rows, self.next, self.message])
        self.refresh()

    def refresh(self) -> None:
        """Show what can be voted on, with the dots that it has."""
        counted = dots_of(self.desk)
        entries = [e for k in self.kind_ids for e in self.desk.entries(k)]
        self.left.value = styled(f"<b>{self.dots - sum(self._given.values())} of {self.dots} dots left</b>")
        shown = []
        for entry in entries:
            button = w.Button(description="Give a dot", layout=w.Layout(width="auto"))
            button.tooltip = f"Give a dot to {entry.title}"
            button.disabled = sum(self._given.values()) >= self.dots
            button.on_click(guarded(self.message, lambda e=entry: self.give(e.id)))
            words = w.Label(f"{counted[entry.id]}  ·  {entry.title}", layout=w.Layout(width="auto"))
            shown.append(w.HBox([button, words]))
        self.rows.children = shown or [w.Label("There is nothing to vote on yet.")]

    def give(self, entry_id: str) -> None:
        """Give one dot."""
        if sum(self._given.values()) >= self.dots:
            raise KitError(f"All {self.dots} dots are given", mend="Press «Next person».")
        who = self.voter.value.strip()
        mine = [v for v in self.desk.entries("vote") if who and v["voter"] == who]
        if sum(v["dots"] or 0 for v in mine) >= self.dots:
            raise KitError(f"{who} has given all {self.dots} dots", mend="Press «Next person».")
        fields = {"voter": who} if who else {}
        self._given[entry_id] += 1
        self.desk.add("vote", on=entry_id, dots=1, **fields)

    def _next(self) -> None:
        self._given.clear()
        self.voter.value = ""
        self.message.say("The next person may vote.")
        self.refresh()
