"""The settings of a district's and the network's report. None has an official source, so each is printed."""

from __future__ import annotations

from dataclasses import dataclass

from kit.compare.settings import CompareSettings
from kit.language import _, number
from kit.variation.run_chart import FEWEST_POINTS

__all__ = ["OverviewSettings"]


@dataclass(frozen=True)
class OverviewSettings:
    """Choices behind the lists and the matrix; :meth:`assumptions` says them in words.

    Attributes
    ----------
    most_changes : int
        How many changes are listed in each direction.
    most_schools : int
        How many schools are named under one reason to look first, or as one kind of bright spot.
    several_themes : int
        From how many themes in the last quarter on a school is named.
    several_worse : int
        From how many clearly worse measures on a school is named.
    full_cells, marked_cells : int
        From more cells than these on, the matrix has links and words only where a cell stands out, then links of the
        schools' names only.
    most_cells : int
        With more cells than this the network's page has no matrix of schools: the districts' pages have them.
    """

    most_changes: int = 10
    most_schools: int = 10
    several_themes: int = 3
    several_worse: int = 2
    full_cells: int = 2_500
    marked_cells: int = 7_500
    most_cells: int = 10_000

    def density(self, cells: int) -> str:
        """Return how much each of so many cells may hold (``kit.charts.matrix.DENSITIES``)."""
        return "full" if cells <= self.full_cells else "marked" if cells <= self.marked_cells else "plain"

    def assumptions(self) -> tuple[str, ...]:
        """Say each setting in a sentence."""
        quarter = f"{CompareSettings().quarter:.0%}"
        return (
            _(
                "The {n} largest changes in each direction are listed, by their percentage points; a change is listed "
                "only where its interval does not touch 0."
            ).format(n=self.most_changes),
            _(
                "At most {n} schools stand under one reason or one kind of bright spot: where there are more, those "
                "with the most measures of it, then in alphabetical order. They are printed in alphabetical order."
            ).format(n=self.most_schools),
            _("“Several themes” are {n} or more, each with a measure in the last {quarter} of its level.").format(
                n=self.several_themes, quarter=quarter
            ),
            _(
                "“Several measures” are {n} or more, each clearly worse than the year before; the surveys of the same "
                "people count as one measure, and of them the one that changed most is printed."
            ).format(n=self.several_worse),
            _(
                "With more than {full} cells a matrix has links and words only where a cell stands out; with more than "
                "{marked} only the schools’ names are links; with more than {most} the network’s page leaves the "
                "schools to the districts’ pages."
            ).format(full=number(self.full_cells), marked=number(self.marked_cells), most=number(self.most_cells)),
            _("A verdict on variation needs {n} points or more.").format(n=FEWEST_POINTS),
        )
