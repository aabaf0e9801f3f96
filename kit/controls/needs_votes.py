"""Two votes each on the strategies, as the guide has it."""

from __future__ import annotations

from collections import Counter

from kit.controls.desk import Desk
from kit.controls.dot_votes import DotVotes
from kit.controls.messages import guarded

__all__ = ["DOTS", "StrategyVotes"]

# rules.md section 4.2 [A]: two votes each.
DOTS = 2


class StrategyVotes(DotVotes):
    """Two dots a person on the strategies; «Next person» begins anew."""

    def __init__(self, desk: Desk):
        # What is given counts from the first drawing on, which the list of votes does while it is made.
        self._given: Counter = Counter()
        super().__init__(desk, ("strategy",), dots=DOTS)
        self.next.on_click(guarded(self.message, self._next))
