"""The displays of «define the problem»: bird's-eye view, two measures with filters, and schools that improve more."""

from __future__ import annotations

from kit.charts.birds_eye import birds_eye as draw_birds_eye
from kit.charts.derived import derive_more
from kit.charts.quadrants import draw_quadrants
from kit.compare.birds_eye import BANDS, birds_eye
from kit.compare.quadrants import points
from kit.controls.choice import Choice
from kit.controls.displays import says
from kit.language import tell
from kit.measures.registry import measure
from kit.reports.section import Section

__all__ = ["among_schools", "improving", "whole_picture"]


def whole_picture(choice: Choice, *, live: bool, band: str = "", district: str = "") -> Section:
    """Return how the schools of one band of the picked measure spread over the bands of every other measure."""
    if not choice.measure and choice.lacks:
        return says(choice.lacks, live=live)
    prepared = choice.opened.prepared(choice.school_year)
    chosen = measure(choice.measure or "chronic_absence")
    among = [i for i, r in prepared.school_rows.items() if not district or r["district_id"] == district]
    counted = derive_more(prepared.levels, birds_eye, chosen.id, among)
    found = [b for b in BANDS if counted.table["chosen"].eq(b).any()]
    if not found:
        return says(f"No school here has a level on «{chosen.name}»: levels need ten schools of a kind.", live=live)
    drawn = draw_birds_eye(counted, chosen, band if band in found else found[0])
    source = prepared.notes.baseline
    said = tell(*source) if source else ""
    return Section((drawn, *says(said, live=live).parts) if said else (drawn,), live)


def among_schools(
    choice: Choice, *, live: bool, level: str = "", district: str = "", least: int = 0, most: int = 0,
    cut: str = "median", student_group: str = "all",
) -> Section:  # fmt: skip
    """Return the schools on two measures or shares, filtered."""
    if choice.across == choice.upward:
        return says("Choose two different things to compare.", live=live)
    prepared = choice.opened.prepared(choice.school_year)

    def filtered(values):
        found = points(values, prepared.schools, choice.across, choice.upward)
        keep = found["size"].ge(least) if least else found["size"].notna() | True
        keep &= found["size"].le(most) if most else True
        keep &= found["level"].eq(level) if level else True
        keep &= found["district_id"].eq(district) if district else True
        return found[keep].reset_index(drop=True)

    drawn = draw_quadrants(
        derive_more(prepared.school_values(student_group), filtered), choice.across, choice.upward,
        school_year=prepared.school_year, cut=cut, ours=choice.school_id,
    )  # fmt: skip
    if drawn is None:
        return says("No school is left with these filters, or none has both numbers this year.", live=live)
    return Section((drawn,), live)


def improving(choice: Choice, *, live: bool) -> Section:
    """Return schools like the picked one, why they are alike, and which of them improved more."""
    return choice.report(live=live).schools_like_ours()
