"""Leading measures: which earlier measures and grades go with an outcome across schools."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from kit.compare.inputs import compared_counts, school_rows, shown_rows
from kit.compare.proportions import normal_quantile
from kit.compare.settings import CompareSettings
from kit.compare.words import level_words, sentence_start, subject
from kit.language import N_
from kit.measures.registry import measure as find_measure
from kit.measures.registry import measures

__all__ = ["CANNOT_TELL", "leading_measures", "spearman"]

CANNOT_TELL = (
    N_("An association between schools is no cause: both may follow something else, such as who attends."),
    N_("What holds between schools need not hold for students within a school."),
    N_(
        "The earlier number is of the same school, so of other students where few years lie between; the schools "
        "from which students came are not known here."
    ),
    N_("Many pairs were looked at: some look strong by chance. Those that hold for all pairs together are marked."),
)

_COLUMNS = [
    "measure",
    "grade",
    "from_year",
    "years_before",
    "level",
    "schools",
    "rho",
    "low",
    "high",
    "near_end",
    "size",
    "goes_with",
    "same_measure",
    "looked_at",
    "holds_for_all",
    "sentence",
]


def spearman(x: pd.Series, y: pd.Series, confidence: float = 0.95) -> tuple[float, float, float, int]:
    """Spearman's correlation with an interval and the number of pairs; empty where either is constant.

    The interval is on Fisher's z with standard error sqrt((1 + rho²/2) / (m - 3)): Bonett and Wright 2000,
    Psychometrika 65, 23-28. Equal values share their middle rank.
    """
    both = x.notna() & y.notna()
    m = int(both.sum())
    a, b = (v[both].round(9).rank().to_numpy(dtype=float) for v in (x, y))
    if m < 4 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan, math.nan, math.nan, m
    a, b = a - a.mean(), b - b.mean()
    rho = float(np.clip((a @ b) / math.sqrt((a @ a) * (b @ b)), -1, 1))
    low, high = _interval(rho, m, confidence)
    return rho, low, high, m


def _interval(rho: float, m: int, confidence: float) -> tuple[float, float]:
    # Fisher's z is infinite at ±1; a hair inside keeps the formula finite.
    z = math.atanh(min(max(rho, -1 + 1e-12), 1 - 1e-12))
    half = normal_quantile(confidence) * math.sqrt((1 + rho * rho / 2) / (m - 3))
    return math.tanh(z - half), math.tanh(z + half)


def _near_end(low: float, high: float) -> float:
    return max(low, -high, 0.0)


def _word(size: float, settings: CompareSettings) -> str:
    return next(word for least, word in settings.sizes if size >= least)


def _enough(rows: pd.DataFrame, settings: CompareSettings) -> pd.DataFrame:
    _, persons = compared_counts(rows, settings)
    return rows[persons >= settings.minimum_students]


def leading_measures(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    outcome: str,
    *,
    school_year: int,
    level: str | None = None,
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """List the earlier measures and grades of a school that go with an outcome, across schools of a level.

    Every measure and grade (all students) of the ``settings.longest_lead`` years before is tried against the
    outcome (all students, all grades) of the year, by Spearman's correlation over the schools that have both.

    Parameters
    ----------
    outcome : str
        A measure's id.
    level : str, optional
        One level; otherwise each level by itself, since a difference between levels is one of age.

    Returns
    -------
    DataFrame
        One row per level, measure, grade and earlier year with ``settings.minimum_correlated`` schools or
        more: ``schools``, ``rho``, ``low``, ``high``; ``near_end`` (the end of the interval nearer to 0, as
        an absolute number; 0 where the interval holds 0); ``size`` (word for ``near_end``, or «not clear»);
        ``goes_with`` (better or worse outcomes go with a better earlier value); ``same_measure`` (the
        outcome's own past); ``looked_at`` (pairs tried in the level); ``holds_for_all`` (the interval
        excludes 0 also when the error is shared among all pairs: Bonferroni); ``sentence``. Largest
        ``near_end`` first, then absolute ``rho``; equals in the order of the measures, the latest year
        first, then the grade.

    Raises
    ------
    KitError
        If the outcome is unknown.
    """
    settings = settings or CompareSettings()
    find_measure(outcome)
    levels = school_rows(schools).set_index("school_id")["level"].dropna()
    years = [school_year - lag for lag in range(1, settings.longest_lead + 1)]
    of_outcome = _enough(
        shown_rows(
            results,
            school_year=school_year,
            unit_type="school",
            measure=outcome,
            student_group="all",
            grade="all",
        ),
        settings,
    ).set_index("unit_id")["value"]
    earlier = _enough(shown_rows(results, school_year=years, unit_type="school", student_group="all"), settings)
    out = []
    for one in [level] if level is not None else sorted(levels.unique()):
        ids = levels.index[levels.eq(one)]
        y = of_outcome[of_outcome.index.isin(ids)]
        mine = earlier[earlier["unit_id"].isin(y.index)]
        if len(y) < settings.minimum_correlated or mine.empty:
            continue
        wide = mine.pivot(index="unit_id", columns=["measure", "grade", "school_year"], values="value")
        wide = wide.reindex(y.index)
        tried = [
            (name, *spearman(wide[name], y, settings.confidence))
            for name in wide.columns
            if wide[name].notna().sum() >= settings.minimum_correlated
        ]
        tried = [t for t in tried if not math.isnan(t[1])]
        out += [_row(t, outcome, school_year, one, len(tried), settings) for t in tried]
    table = pd.DataFrame(out, columns=_COLUMNS)
    order = {m: i for i, m in enumerate(measures())}
    keys = pd.DataFrame(
        {
            "near": -table["near_end"].astype(float).round(9),
            "rho": -table["rho"].astype(float).abs().round(9),
            "measure": table["measure"].map(order),
            "year": -table["from_year"].astype(float),
            "grade": table["grade"].astype(str),
            "level": table["level"].astype(str),
        }
    )
    return table.loc[keys.sort_values(list(keys.columns)).index].reset_index(drop=True)


def _row(tried: tuple, outcome: str, school_year: int, level: str, looked: int, settings: CompareSettings) -> tuple:
    (measure, grade, year), rho, low, high, m = tried
    near = _near_end(low, high)
    favourable = rho * (1 if find_measure(measure).better == find_measure(outcome).better else -1) > 0
    goes = "better" if favourable else "worse"
    size = _word(near, settings) if near > 0 else "not clear"
    strict = _interval(rho, m, 1 - (1 - settings.confidence) / looked)
    where = "" if grade == "all" else f" in grade {grade},"
    years = school_year - year
    sentence = (
        f"{sentence_start(subject(measure))}{where} {years} year{'' if years == 1 else 's'} before: over "
        f"{m} {level_words(level)}, better values then go with {goes} values of {subject(outcome)} now "
        f"(rank correlation {rho:.2f}, interval {low:.2f} to {high:.2f}; "
        f"{'not clear' if near == 0 else f'at least {size}'}). An association, no cause."
    )
    holds = _near_end(*strict) > 0
    return (
        measure,
        grade,
        int(year),
        int(years),
        level,
        m,
        rho,
        low,
        high,
        near,
        size,
        goes,
        measure == outcome,
        looked,
        holds,
        sentence,
    )
