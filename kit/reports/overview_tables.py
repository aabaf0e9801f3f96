"""Tables behind a district's and the network's report: their own changes and gaps, and what stands out among schools.

Each is a function of the released table, so that it comes through the same gate as everything else.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kit.compare.bright_spots import PREDICTORS, better_than_predicted, bright_spots
from kit.compare.concern import at_a_glance
from kit.compare.gaps import gap_over_years, gaps
from kit.compare.settings import CompareSettings
from kit.compare.words import said_by_definition

__all__ = ["PAIRS", "PREDICTED", "predicted", "spots", "widening", "wider_gaps", "wider_glance"]

# The measures that are set beside what a school's students and size would predict. Growth and redesignation have
# their own allowance for the students; surveys and means are left out. No source: a setting.
PREDICTED = ("chronic_absence", "suspension", "ela_proficient", "math_proficient", "hs_readiness", "graduation_4")
# Two measures that a school may be among the best quarter of, both.
PAIRS = (
    ("chronic_absence", "ela_proficient"),
    ("suspension", "climate_belonging_student"),
    ("ela_growth", "math_growth"),
    ("hs_readiness", "math_proficient"),
    ("chronic_absence", "graduation_4"),
)
_WIDER = ("district", "network")
_GLANCE = [
    "unit_type", "unit_id", "measure", "school_year", "n", "value", "previous_n", "previous_value",
    "change", "change_low", "change_high", "change_class", "change_why",
]  # fmt: skip


def _by_year(latest: Mapping[str, int]) -> dict[int, list[str]]:
    years: dict[int, list[str]] = {}
    for measure, ending in latest.items():
        years.setdefault(int(ending), []).append(measure)
    return years


def _two_years(table: pd.DataFrame, ending: int, measures: list[str]) -> pd.DataFrame:
    keep = table["school_year"].isin([ending - 1, ending]) & table["measure"].isin(measures) & table["grade"].eq("all")
    return table[keep]


def wider_glance(table: pd.DataFrame, latest: Mapping[str, int]) -> pd.DataFrame:
    """Return the number and the change of each district and of the network, in each measure's latest year.

    Parameters
    ----------
    table : DataFrame
        A released table.
    latest : mapping
        The latest school year of each measure.

    Returns
    -------
    DataFrame
        ``unit_type``, ``unit_id``, ``measure``, ``school_year``, ``n``, ``value``, ``previous_n``, ``previous_value``,
        ``change`` with its interval and class: as :func:`kit.compare.at_a_glance` gives them of a school.
    """
    rows = table[table["unit_type"].isin(_WIDER) & table["student_group"].eq("all")]
    parts = []
    for ending, measures in _by_year(latest).items():
        some = _two_years(rows, ending, measures)
        for kind in _WIDER:
            own = some[some["unit_type"].eq(kind)]
            if own.empty:
                continue
            ids = sorted(own["unit_id"].unique())
            as_schools = pd.DataFrame(
                {"school_id": ids, "school_name": ids, "district_id": ids, "district_name": ids, "level": kind}
            )
            # The change of a district is worked out as that of a school; its place among districts is not looked at.
            glance = at_a_glance(own.assign(unit_type="school"), as_schools, school_year=ending)
            parts.append(glance.assign(unit_type=kind)[_GLANCE])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_GLANCE)


def wider_gaps(table: pd.DataFrame, latest: Mapping[str, int]) -> pd.DataFrame:
    """Return the gaps of each district and of the network in each measure's latest year, and whether they widen.

    Returns
    -------
    DataFrame
        The columns of :func:`kit.compare.gaps`, and ``gap_trend`` and ``gap_change`` since the year before (empty
        without one).
    """
    rows = table[table["unit_type"].isin(_WIDER)]
    parts = []
    for ending, measures in _by_year(latest).items():
        some = _two_years(rows, ending, measures)
        for kind in _WIDER:
            found = gaps(some, unit_type=kind)
            trends = gap_over_years(found, last_year=ending)
            key = ["unit_type", "unit_id", "measure", "student_group"]
            now = found[found["school_year"].eq(ending)]
            parts.append(
                now.merge(trends[[*key, "gap_change", "gap_trend"]], on=key, how="left", validate="one_to_one")
            )
    return pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)


def widening(_table: pd.DataFrame, gap_table: pd.DataFrame, latest: Mapping[str, int]) -> pd.DataFrame:
    """Return the schools' gaps that are clearly unfavourable and clearly wider than the year before.

    Parameters
    ----------
    gap_table : DataFrame
        ``kit.reports.prepared.Prepared.gaps``: the latest two years of each measure.

    Returns
    -------
    DataFrame
        ``school_id``, ``measure``, ``student_group``, ``n``, ``value``, ``other_value``, ``gap``, ``gap_change`` with
        its interval. A group that a measure helps to define (English learners in English) is left out.
    """
    key = ["unit_id", "measure", "student_group"]
    last = gap_table["school_year"].eq(gap_table["measure"].map(dict(latest)))
    bad = gap_table[last & gap_table["gap_class"].eq("unfavourable")]
    marks = pd.MultiIndex.from_frame(bad[key])
    some = gap_table[pd.MultiIndex.from_frame(gap_table[key]).isin(marks)]
    parts = []
    for ending, measures in _by_year(latest).items():
        trends = gap_over_years(some[some["measure"].isin(measures)], last_year=ending)
        # One that turned round to this side is wider on it than it was on the other.
        parts.append(trends[trends["gap_trend"].isin(["widening", "turned round"])])
    out = pd.concat([p for p in parts if len(p)] or parts[:1], ignore_index=True)
    out = out.rename(
        columns={"unit_id": "school_id", "last_n": "n", "last_value": "value", "last_other_value": "other_value"}
        | {"last_gap": "gap"}
    )
    kept = [not said_by_definition(m, g) for m, g in zip(out["measure"], out["student_group"], strict=True)]
    columns = ["school_id", "measure", "student_group", "n", "value", "other_value", "gap", "gap_change"]
    return out.loc[kept, [*columns, "gap_change_low", "gap_change_high"]].reset_index(drop=True)


def _of_schools(table: pd.DataFrame, ending: int) -> pd.DataFrame:
    rows = table[table["school_year"].eq(ending)]  # numbers first: comparing text takes a hundred times as long
    rows = rows[rows["grade"].eq("all")]
    return rows[rows["unit_type"].eq("school")]


def predicted(table: pd.DataFrame, schools: pd.DataFrame, latest: Mapping[str, int]) -> pd.DataFrame:
    """Return the schools clearly better or worse than their students and size predict, on the main measures.

    Levels with fewer schools than the whole prediction needs are passed over.

    Returns
    -------
    DataFrame
        ``school_id``, ``measure``, ``school_year``, ``n``, ``value``, ``predicted``, ``schools`` (in the fit) and
        ``found`` (better than predicted, worse than predicted).
    """
    columns = ["school_id", "measure", "school_year", "n", "value", "predicted", "schools", "found"]
    settings, parts = CompareSettings(), []
    counts = schools["level"].value_counts()
    for ending, measures in _by_year({m: latest[m] for m in PREDICTED if m in latest}).items():
        rows = _of_schools(table, ending)
        # The students of a school are told from the measures that count them all; the rest only costs time.
        needed = rows["measure"].isin([*measures, "suspension", "chronic_absence"])
        rows = rows[needed] if rows["measure"].isin(["suspension", "chronic_absence"]).any() else rows
        for level in sorted(counts.index[counts >= settings.schools_per_predictor * len(PREDICTORS)]):
            for measure in measures:
                found = better_than_predicted(rows, schools, measure, school_year=ending, level=level)
                out = found[found["found"].isin(["better than predicted", "worse than predicted"])]
                parts.append(out.assign(measure=measure, school_year=ending)[columns])
    parts = [p for p in parts if len(p)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def spots(table: pd.DataFrame, schools: pd.DataFrame, latest: Mapping[str, int]) -> pd.DataFrame:
    """Return the schools in the best quarter of their level on both measures of a pair.

    Returns
    -------
    DataFrame
        ``school_id``, ``x``, ``x_value``, ``x_n``, ``y``, ``y_value``, ``y_n`` and ``school_year``.
    """
    columns = ["school_id", "x", "x_value", "x_n", "y", "y_value", "y_n", "school_year"]
    parts = []
    for x, y in PAIRS:
        if x not in latest or latest[x] != latest.get(y):
            continue
        found = bright_spots(_of_schools(table, latest[x]), schools, x, y, school_year=latest[x])
        out = found[found["found"].eq("bright spot")]
        parts.append(out.assign(x=x, y=y, school_year=latest[x])[columns])
    parts = [p for p in parts if len(p)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
