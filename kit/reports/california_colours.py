"""Colours of the California Dashboard for the schools of a report, where the data folder asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import pandas as pd

from kit.charts.level_mark import colour_mark
from kit.charts.words import year
from kit.language import N_, _
from kit.rules.assumptions import all_assumed, rule_file
from kit.rules.california_levels import years_given
from kit.rules.california_table import dashboard_table
from kit.rules.rounding import HALF_UP

__all__ = ["assumptions", "colour_line", "school_colours", "wanted"]

INDICATORS = {"chronic_absence": "CHRO", "suspension": "SUSP", "graduation_4": "GRAD"}
# The state gives suspension by type of school district or school (rules.md §2): elementary, middle, high.
KINDS = {"elementary": "ES", "middle": "MS", "high": "HS"}
# Chronic absence is an indicator of kindergarten to grade 8.
LAST_GRADES = ("TK", "PK", "K", *map(str, range(1, 9)))
COLUMNS = ["school_id", "measure", "status", "change", "colour", "colour_name", "notes"]


def wanted(settings: Mapping) -> bool:
    """Say whether ``kit.toml`` asks for them: ``[rules] show = ["california"]``."""
    show = settings.get("rules", {}).get("show", [])
    return "california" in ([show] if isinstance(show, str) else show)


def _rules_year(school_year: int) -> int | None:
    known = {y for y, _indicator in years_given()}
    return min(school_year, max(known)) if school_year >= min(known) else None


def _indicators(schools: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Return the kind by school and measure, for the measures that the state gives for such a school."""
    kinds = {}
    for school in schools.to_dict("records"):
        level, last = school["level"], school.get("high_grade", "")
        if last in LAST_GRADES or (not last and level in ("elementary", "middle")):
            kinds[school["school_id"], "chronic_absence"] = ""
        if level in KINDS:
            kinds[school["school_id"], "suspension"] = KINDS[level]
        if level == "high":
            kinds[school["school_id"], "graduation_4"] = ""
    return kinds


def school_colours(released: pd.DataFrame, schools: pd.DataFrame, school_year: int) -> pd.DataFrame:
    """Return status, change and colour of each school, from counts that are shown.

    Parameters
    ----------
    released : DataFrame
        A released table.
    schools : DataFrame
        As text: ``school_id``, ``level``, ``high_grade``.
    school_year : int

    Returns
    -------
    DataFrame
        ``school_id``, ``measure``, ``status`` and ``change`` (the state's words), ``colour`` (5 Blue … 1 Red, 0
        none), ``colour_name``, ``notes`` (why there is none). ``attrs["assumptions"]`` holds the lines to print.
    """
    rules_year, kinds = _rules_year(school_year), _indicators(schools)
    whole = released["unit_type"].eq("school") & released["student_group"].eq("all") & released["grade"].eq("all")
    rows = released[whole & released["status"].eq("shown") & released["measure"].isin(INDICATORS)]
    rows = rows[rows["count"].notna()]
    key = ["unit_id", "measure"]
    now = rows.loc[rows["school_year"].eq(school_year), [*key, "n", "count"]]
    before = rows.loc[rows["school_year"].eq(school_year - 1), [*key, "n", "count"]]
    t = now.merge(before, on=key, how="left", suffixes=("", "_before"))
    kind = [kinds.get(k) for k in zip(t["unit_id"], t["measure"], strict=True)]
    t = t.assign(kind=kind).dropna(subset="kind").sort_values(key, ignore_index=True)
    if t.empty or rules_year is None:
        return pd.DataFrame(columns=COLUMNS).astype({"school_id": "str"})
    asked = pd.DataFrame(
        {
            "indicator": t["measure"].map(INDICATORS),
            "kind": t["kind"],
            "year": rules_year,
            "numerator": t["count"],
            "denominator": t["n"],
            "prior_numerator": t["count_before"],
            "prior_denominator": t["n_before"],
        }
    )
    found = dashboard_table(asked)
    labels, rules = rule_file("california.toml")["labels"], rule_file("california.toml")["indicators"]
    way = ["down" if i in rules["lower_is_better"] else "up" for i in asked["indicator"]]
    out = pd.DataFrame(
        {
            "school_id": t["unit_id"],
            "measure": t["measure"],
            "status": [labels[f"status_{w}"][v] for w, v in zip(way, found["status_level"], strict=True)],
            "change": [labels[f"change_{w}"][v] for w, v in zip(way, found["change_level"], strict=True)],
            "colour": found["colour"].astype("int64"),
            "colour_name": found["colour_name"],
            "notes": found["notes"],
        }
    )
    out.attrs["assumptions"] = found.attrs["assumptions"]
    return out


def assumptions(school_year: int, of_rows: list[str]) -> tuple[tuple[str, dict], ...]:
    """Return what the colours assume, as messages with their values (``kit.language.tell``)."""
    rules_year = _rules_year(school_year)
    own = [
        N_(
            "The counts are those of this report, not the state's: a student counts as absent, suspended or graduated "
            "by the definitions above."
        ),
        N_("The type for suspension is taken from the school's level: elementary ES, middle MS, high HS."),
        N_(
            "Chronic absence has a colour only where no grade is above 8, as the state gives it for kindergarten to "
            "grade 8."
        ),
        N_("Graduation is read within four years; since 2019 the state reads four and five years together."),
    ]
    said = [(text, {}) for text in own]
    if rules_year != school_year:
        text = N_("For {year} the cut points and colours of the {rules_year} Dashboard are used.")
        said.append((text, {"year": year(school_year), "rules_year": rules_year}))
    known = {str(a): a for a in (*all_assumed("california.toml"), HALF_UP)}
    for line in of_rows:
        a = known.get(line)
        text = N_("{text} Alternative: {alternative}")
        said.append((text, {"text": a.text, "alternative": a.alternative}) if a else (line.split(": ", 1)[-1], {}))
    return tuple(said)


def colour_line(row: Mapping | None) -> str:
    """Return status, change and colour as a paragraph; nothing without a row."""
    if row is None:
        return ""
    parts = []
    status, change = row["status"], row["change"]
    if status:
        parts.append(escape(_("status {status}").format(status=_(status))))
    if change:
        parts.append(escape(_("change {change}").format(change=_(change))))
    parts.append(colour_mark(row["colour"], row["colour_name"]) if row["colour"] else escape(_("no colour")))
    why = f" <small>({escape(_noted(row['notes']))})</small>" if row["notes"] and not row["colour"] else ""
    name = escape(_("California Dashboard"))
    return f'<p class="ahead"><a href="#def-california">{name}</a>: {", ".join(parts)}.{why}</p>'


def _noted(notes: str) -> str:
    """Say the notes of the rules in the language of the moment; their numbers stand outside the message."""
    said = []
    for note in notes.split("; "):
        before, _colon, after = note.partition(": ")
        if after and before.isdigit():  # a year and what was so in it
            said.append(f"{before}: {_(after)}")
            continue
        found = re.search(r"\d+", note)
        said.append(_(note.replace(found[0], "{n}", 1)).format(n=found[0]) if found else _(note))
    return "; ".join(said)
