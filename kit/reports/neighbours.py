"""Schools like ours: the nearest, why, whom to write to, and which of them improved more."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape

import pandas as pd

from kit.charts.display import unbroken
from kit.compare.improving_more import every_school_improving_more, improved_words
from kit.compare.schools_like_ours import CANNOT_TELL, likeness_words
from kit.language import _
from kit.measures.registry import measures

__all__ = ["improving", "nearest", "neighbours"]

MOST_SCHOOLS = 5
LONGEST_SPAN = 3
# The measures of which those improving more are named. Growth is left out: it is a place among the schools of a year.
MAIN = (
    "chronic_absence",
    "suspension",
    "ela_proficient",
    "math_proficient",
    "hs_readiness",
    "gpa",
    "el_redesignation",
    "graduation_4",
    "college_going",
)
_TEXT = ["other_id", "other_name", "district_name", "contact_name", "contact_email"]
NEAREST = ["school_id", *_TEXT, "same_district", "size", "likeness"]
_NUMBERS = ["first_value", "last_value", "last_n", "our_first_value", "our_last_value", "clear", "more_low"]
IMPROVING = ["school_id", "measure", *_TEXT, *_NUMBERS]
# What is plainly an address; anything else is written and not linked.
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _told(near: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the columns to show; ``school_id`` is the school whose report it is for."""
    near = near.rename(columns={"school_id": "other_id", "school_name": "other_name", "for_school": "school_id"})
    return near.reindex(columns=columns)


def nearest(_released: pd.DataFrame, near: pd.DataFrame) -> pd.DataFrame:
    """Return up to five schools like each school, the nearest first, of ``kit.compare.every_school_like_ours``."""
    return _told(near.groupby("for_school", sort=False).head(MOST_SCHOOLS), NEAREST).reset_index(drop=True)


def improving(released: pd.DataFrame, near: pd.DataFrame, latest: Mapping[str, int]) -> pd.DataFrame:
    """Return those like each school that improved more, by measure, over at most three years."""
    rows = released[released["unit_type"].eq("school") & released["status"].eq("shown")]
    years = rows.groupby("measure")["school_year"].unique()
    spans = {}
    for measure in MAIN:
        last = latest.get(measure)
        first = [int(y) for y in years.get(measure, ()) if last and last - LONGEST_SPAN <= y < last]
        if first:
            spans[measure] = (min(first), last)
    better = every_school_improving_more(released, near, spans)
    # A change that rounding hides would be read as a mistake.
    seen = [
        measures()[m].write(first) != measures()[m].write(last)
        for m, first, last in zip(better["measure"], better["first_value"], better["last_value"], strict=True)
    ]
    return _told(better[seen], IMPROVING).reset_index(drop=True)


def _contact(row: Mapping) -> str:
    name, address = (str(row[c] or "").strip() for c in ("contact_name", "contact_email"))
    written = escape(address)
    if _ADDRESS.fullmatch(address):
        written = f'<a href="mailto:{written}">{written}</a>'
    both = ", ".join(part for part in (escape(name), written) if part)
    return f'<span class="contact">{both}</span>' if both else ""


def _card(row: Mapping) -> str:
    where = escape(_("our district") if row["same_district"] else row["district_name"] or "")
    alike, differs = (unbroken(likeness_words(part)) for part in json.loads(row["likeness"]))
    entries = [(_("Alike"), alike), (_("Differs most"), differs), (_("Contact"), _contact(row))]
    items = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in entries if value)
    return f"<li><h4>{escape(row['other_name'])} <small>{where}</small></h4><dl>{items}</dl></li>"


def neighbours(near: Sequence[Mapping], better: Sequence[Mapping]) -> str:
    """Return the section: the nearest schools, those that improved more on each measure, and the cautions."""
    cards = "".join(_card(row) for row in near)
    contacts = {row["other_id"] for row in near}
    by: dict[str, list[Mapping]] = {}
    for row in better:
        by.setdefault(row["measure"], []).append(row)
    entries = []
    for measure in (measures()[m] for m in MAIN if m in by):
        lines = []
        for row in by[measure.id]:
            contact = "" if row["other_id"] in contacts else _contact(row)
            said = improved_words({**row, "school_name": row["other_name"]}, measure.id)
            lines.append(f"<li>{unbroken(said)}{contact and f' <small>{contact}</small>'}</li>")
        entries.append(
            f'<dt><a href="#def-{measure.id}">{escape(measure.name)}</a></dt><dd><ul>{"".join(lines)}</ul></dd>'
        )
    improved = (
        f'<dl class="improving">{"".join(entries)}</dl>'
        if entries
        else '<p class="nothing">'
        + escape(_("None of the schools like this one improved more on a measure in these years."))
        + "</p>"
    )
    cautions = "".join(f"<li>{escape(_(text))}</li>" for text in CANNOT_TELL)
    pairs = escape(_("In each pair of numbers theirs comes first, then ours."))
    return (
        f"<h3>{escape(_('The nearest in students and size'))}</h3>"
        f'<p class="note">{pairs} <a href="#def-matching">{escape(_("How schools are matched"))}</a></p>'
        f'<ul class="near">{cards}</ul>'
        f"<h3>{escape(_('Which of them improved more'))}</h3>{improved}"
        f'<h3>{escape(_("Before you write to one"))}</h3><ul class="columns cautions">{cautions}</ul>'
    )
