"""What a run or control chart says beside its picture: how to read it, its alternative text, its note."""

from __future__ import annotations

from collections.abc import Sequence

from kit.charts.display import Table
from kit.charts.process_table import Cycle
from kit.charts.series import Analysed
from kit.language import _, ngettext
from kit.variation.words import label_words, say_limits

__all__ = ["alternative", "how_to_read", "note"]


def how_to_read(analysed: Analysed, goal: bool, tests: bool) -> str:
    """Say how the picture is read."""
    if analysed.chart.kind == "run":
        first = _("Each dot is one time; half of the baseline's dots lie above the median, half below it.")
    else:
        first = _("Each dot is one time; the dashed lines are limits that chance alone seldom goes beyond.")
    parts = [first, _("Larger marks belong to a signal: a triangle is for the better, a diamond for the worse.")]
    if not analysed.series.better:
        parts[1] = _("Larger squares belong to a signal.")
    if tests:
        parts.append(_("Numbers at the top are cycles."))
    return " ".join(parts)


def alternative(analysed: Analysed, said: str, table: Table, cycles: Sequence[Cycle], target: float | None) -> str:
    """Put the chart and every point of it into words."""
    parts = [f"{table.caption}. {said}"]
    parts += [f"{row[0]}: {', '.join(cell for cell in row[1:] if cell != '–')}." for row in table.rows]
    parts += [
        _("Cycle {n}, from {start}: {title}.").format(n=k, start=label_words(c.start), title=c.title)
        for k, c in enumerate(cycles, start=1)
    ]
    return " ".join(parts)


def note(analysed: Analysed) -> str:
    """Say what the chart cannot tell, and what is left out."""
    series, notes = analysed.series, list(say_limits(analysed.chart))
    withheld = sum(series.withheld)
    if withheld:
        notes.append(
            ngettext(
                "{n} point is not shown: it rests on fewer than {minimum} students.",
                "{n} points are not shown: they rest on fewer than {minimum} students.",
                withheld,
            ).format(n=withheld, minimum=series.minimum)
        )
    if series.audience == "team":
        notes.append(_("For the team only: small numbers stand in it. Do not pass it on."))
    return " ".join(notes)
