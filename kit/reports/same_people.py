"""Survey measures of the same people count as one: their answers go together, and a list of all would hide the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kit.language import N_, _, ngettext
from kit.measures.registry import measures

__all__ = ["and_more", "counted_once", "kind"]

_OF = {"student": N_("students’ survey"), "staff": N_("staff survey"), "family": N_("families’ survey")}


def kind(measure_id: str) -> str:
    """Return what a measure counts as: itself, or the survey of its respondents.

    Examples
    --------
    >>> kind("suspension"), kind("climate_safety_staff"), kind("climate_rules_staff")
    ('suspension', 'survey staff', 'survey staff')
    """
    found = measures()[measure_id]
    return f"survey {found.respondent}" if found.theme == "surveys" else measure_id


def counted_once(rows: Iterable[Mapping]) -> list[tuple[Mapping, int]]:
    """Keep one row of each school and kind: of a survey the one that changed most, with how many more there are.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of ``kit.compare.at_a_glance``; the order of first appearance stays.

    Returns
    -------
    list of (mapping, int)
    """
    by: dict[tuple[str, str], list[Mapping]] = {}
    for r in rows:
        by.setdefault((r["unit_id"], kind(r["measure"])), []).append(r)
    return [(max(some, key=lambda r: (abs(r["change"] or 0), r["measure"])), len(some) - 1) for some in by.values()]


def and_more(row: Mapping, more: int) -> str:
    """Say how many more numbers of the same survey there are; nothing where there are none."""
    if not more:
        return ""
    which = _(_OF[measures()[row["measure"]].respondent])
    text = ngettext(" and {n} more of the {survey}", " and {n} more of the {survey}", more)
    return text.format(n=more, survey=which)
