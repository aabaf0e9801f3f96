"""Where to look first: schools by reason, never by rank."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kit.language import N_
from kit.measures.registry import measures
from kit.reports.overview_settings import OverviewSettings
from kit.reports.plan import alphabetical
from kit.reports.same_people import kind

__all__ = ["REASONS", "Reason", "reasons"]


@dataclass(frozen=True)
class Reason:
    """Why schools are named, and which.

    Attributes
    ----------
    id : str
        A key of :data:`REASONS`.
    schools : tuple of (str, tuple of dict)
        School id and the rows behind it, in alphabetical order of names.
    left_out : int
        How many more schools have the same reason.
    """

    id: str
    schools: tuple[tuple[str, tuple[Mapping, ...]], ...]
    left_out: int = 0


# The heading of each reason, and what to ask under it. A reason never says why a number is what it is.
REASONS = {
    "last_and_worse": (
        N_("Among the least favourable quarter, and clearly worse than the year before"),
        N_("What was different this year, and for which students? Who noticed first?"),
    ),
    "several_worse": (
        N_("Clearly worse on several measures"),
        N_("Is it the same students in each? What changed at the school at that time?"),
    ),
    "several_themes": (
        N_("Among the least favourable quarter in several themes"),
        N_("Which of these comes first in a student’s day? Where would one change reach more than one of them?"),
    ),
    "below_predicted": (
        N_("Less favourable than the school’s students and size predict"),
        N_("Which school with such students has another number, and what do its people say?"),
    ),
    "gap_widening": (
        N_("A student group clearly less favourable, and its gap wider than the year before"),
        N_("What do students of the group say that they need? Did the others gain, or did the group lose?"),
    ),
}


def reasons(
    glance: Iterable[Mapping],
    predicted: Iterable[Mapping],
    widening: Iterable[Mapping],
    names: Mapping[str, str],
    settings: OverviewSettings,
) -> tuple[Reason, ...]:
    """Gather the schools to look at first under each reason.

    Parameters
    ----------
    glance : iterable of mapping
        Rows of ``kit.compare.at_a_glance`` of the schools, their id in ``unit_id``.
    predicted, widening : iterable of mapping
        Rows of ``kit.reports.overview_tables.predicted`` and ``widening``.
    names : mapping
        School names by id; rows of other schools are passed over.
    settings : OverviewSettings

    Returns
    -------
    tuple of Reason
        Only reasons that a school has. Within a reason at most ``settings.most_schools`` schools: those with the most
        measures of it, among equals the first by name.
    """
    themes = {i: m.theme for i, m in measures().items()}
    found: dict[str, dict[str, list[Mapping]]] = {reason: {} for reason in REASONS}
    low: dict[str, list[Mapping]] = {}
    worse: dict[str, list[Mapping]] = {}
    for r in glance:
        school = r["unit_id"]
        if school not in names or r["value"] is None:
            continue
        if r["concern"] == "look closer":
            low.setdefault(school, []).append(r)
            if r["change_class"] == "worsened":
                found["last_and_worse"].setdefault(school, []).append(r)
        if r["change_class"] == "worsened":
            worse.setdefault(school, []).append(r)
    found["several_worse"] = {s: some for s, some in worse.items() if _kinds(some) >= settings.several_worse}
    found["several_themes"] = {
        s: some for s, some in low.items() if len({themes[r["measure"]] for r in some}) >= settings.several_themes
    }
    for r in predicted:
        if r["school_id"] in names and r["found"] == "worse than predicted":
            found["below_predicted"].setdefault(r["school_id"], []).append(r)
    for r in widening:
        if r["school_id"] in names:
            found["gap_widening"].setdefault(r["school_id"], []).append(r)
    return tuple(_capped(reason, by, names, settings.most_schools) for reason, by in found.items() if by)


def _kinds(some: Sequence[Mapping]) -> int:
    return len({kind(r["measure"]) for r in some})


def _capped(reason: str, by: Mapping[str, Sequence[Mapping]], names: Mapping[str, str], most: int) -> Reason:
    order = {m: i for i, m in enumerate(measures())}

    def name(school: str) -> tuple[str, str]:
        return (alphabetical(names[school]), school)

    kept = sorted(by, key=lambda s: (-_kinds(by[s]), name(s)))[:most]
    schools = tuple((s, tuple(sorted(by[s], key=lambda r: order[r["measure"]]))) for s in sorted(kept, key=name))
    return Reason(reason, schools, len(by) - len(kept))
