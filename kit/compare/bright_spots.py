"""Bright spots and double concerns: schools to learn from, and schools to look at first, named in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.compare.composition import composition_wide
from kit.compare.concern import at_a_glance
from kit.compare.inputs import compared_counts, school_rows, shown_rows
from kit.compare.settings import CompareSettings
from kit.compare.words import as_text, group_words, level_words, people, subject
from kit.errors import KitError
from kit.language import N_
from kit.measures.registry import measure as find_measure

__all__ = ["CANNOT_TELL", "better_than_predicted", "bright_spots"]

CANNOT_TELL = (
    N_(
        "A bright spot is a place to ask and to visit; its numbers do not say what was done, nor that it would "
        "work here."
    ),
    N_("With many schools some stand at both ends by chance; look for the same in another year."),
    N_(
        "The prediction is from a few shares and the size: it is not what a school's students can reach, and what "
        "is left over is not the school's effect."
    ),
)

PREDICTORS = ("disadvantaged", "english_learner", "disability", "log_size")
_FRONT = ["school_id", "school_name", "district_id", "district_name", "level"]


def _of_group(student_group: str) -> str:
    return "" if student_group == "all" else f" for {group_words(student_group)}"


def bright_spots(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    x: str,
    y: str,
    *,
    school_year: int,
    level: str | None = None,
    student_group: str = "all",
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """Name the schools in the best quarter of their level on both of two measures, and in the last on both.

    Returns
    -------
    DataFrame
        Only the schools that are either, by level, name and id: the school's columns, ``x_value``, ``x_n``,
        ``y_value``, ``y_n``, ``found`` (bright spot, double concern) and ``sentence``. The quarter is
        ``settings.quarter``; equal values are treated alike.

    Raises
    ------
    KitError
        If a measure is unknown or both are the same.
    """
    settings = settings or CompareSettings()
    for m in (x, y):
        find_measure(m)
    if x == y:
        raise KitError(f"both measures are '{x}'", mend="Choose two measures.")
    known = school_rows(schools)
    if level is not None:
        known = known[known["level"].eq(level)]
    mine = results[results["measure"].isin([x, y])]
    glance = at_a_glance(mine, known, school_year=school_year, student_group=student_group, settings=settings)
    sides = []
    for m, side in ((x, "x"), (y, "y")):
        one = glance[glance["measure"].eq(m)].set_index("unit_id")[["value", "n", "concern", "schools_compared"]]
        sides.append(one.add_prefix(f"{side}_"))
    t = known[_FRONT].merge(sides[0].join(sides[1], how="inner"), left_on="school_id", right_index=True)
    both = {"strength": "bright spot", "look closer": "double concern"}
    t["found"] = t["x_concern"].map(both).where(t["x_concern"].eq(t["y_concern"]))
    t = t[t["found"].notna()].sort_values(["level", "school_name", "school_id"], ignore_index=True)
    part = "quarter" if settings.quarter == 0.25 else f"{settings.quarter:.0%}"
    t["sentence"] = [
        f"{as_text(r.school_name)} ({as_text(r.district_name)}) is among the "
        f"{'best' if r.found == 'bright spot' else 'last'} {part} of {level_words(r.level)} on both: "
        f"{subject(x)}{_of_group(student_group)} {find_measure(x).write(r.x_value)} ({people(x, r.x_n)}) and "
        f"{subject(y)} {find_measure(y).write(r.y_value)} ({people(y, r.y_n)})."
        for r in t.itertuples()
    ]
    return t[[*_FRONT, "x_value", "x_n", "y_value", "y_n", "found", "sentence"]]


def _predict(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Least squares with an intercept: fitted values, leave-one-out residuals, number of terms."""
    spread = x.std(axis=0)
    x = (x - x.mean(axis=0))[:, spread > 1e-9] / spread[spread > 1e-9]
    design = np.column_stack([np.ones(len(y)), x])
    inverse = np.linalg.pinv(design)
    terms = int(np.linalg.matrix_rank(design))
    hat = np.einsum("ij,ji->i", design, inverse)
    fitted = design @ (inverse @ y)
    residual = y - fitted
    free = len(y) - terms - 1
    left = 1 - hat
    usable = left > 1e-9
    # Belsley, Kuh and Welsch 1980, eq. 2.26: the variance as if the school had not been in the fit.
    without = np.full(len(y), np.nan)
    without[usable] = (residual @ residual - residual[usable] ** 2 / left[usable]) / max(free, 1)
    # Below this the fit is exact but for rounding, and any residual is noise.
    floor = 1e-18 * max(float(y @ y), 1.0)
    good = usable & (without > floor)
    standardised = np.full(len(y), np.nan)
    standardised[good] = residual[good] / np.sqrt(without[good] * left[good])
    standardised[usable & ~good & (np.abs(residual) <= 1e-7)] = 0.0
    return fitted, standardised, terms


def better_than_predicted(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    measure: str,
    *,
    school_year: int,
    level: str,
    student_group: str = "all",
    settings: CompareSettings | None = None,
) -> pd.DataFrame:
    """Compare each school of a level with what its students and size would predict.

    Least squares over the schools of the level on the shares of economically disadvantaged students, English
    learners and students with disabilities and the logarithm of size. Race is left out: a lower expectation
    for a race is not to be built into a number.

    Returns
    -------
    DataFrame
        One row per school of the level with the number and a whole composition, by name and id: the school's
        columns, ``n``, ``value``, ``predicted``, ``residual`` (value less predicted), ``standardised``
        (residual in standard errors of a fit without the school), ``schools`` in the fit, ``found``
        (better than predicted, worse than predicted, as predicted, too few to say) and ``sentence`` (empty
        unless better or worse).

    Raises
    ------
    KitError
        If the measure is unknown.
    """
    settings = settings or CompareSettings()
    about = find_measure(measure)
    known = school_rows(schools)
    known = known[known["level"].eq(level)]
    rows = shown_rows(
        results,
        school_year=school_year,
        unit_type="school",
        measure=measure,
        student_group=student_group,
        grade="all",
    )
    _, persons = compared_counts(rows, settings)
    rows = rows[persons >= settings.minimum_students]
    wide = composition_wide(results, school_year=school_year)
    used = [c for c in PREDICTORS if c in wide.columns]
    t = known[_FRONT].merge(rows[["unit_id", "n", "value"]], left_on="school_id", right_on="unit_id")
    t = t.merge(wide[used].dropna(), left_on="unit_id", right_index=True)
    t = t.sort_values("school_id", ignore_index=True)
    columns = [*_FRONT, "n", "value", "predicted", "residual", "standardised", "schools", "found", "sentence"]
    t["schools"] = len(t)
    enough = len(t) >= max(settings.minimum_schools, settings.schools_per_predictor * len(used), len(used) + 3)
    if enough and used:
        fitted, standardised, _ = _predict(t[used].to_numpy(dtype=float), t["value"].to_numpy(dtype=float))
        t["predicted"], t["standardised"] = fitted, standardised
    else:
        t["predicted"] = t["standardised"] = np.nan
    t["residual"] = t["value"] - t["predicted"]
    good = t["standardised"].astype(float) * (1 if about.better == "up" else -1)
    t["found"] = np.select(
        [good.isna(), good >= settings.outlying, good <= -settings.outlying],
        ["too few to say", "better than predicted", "worse than predicted"],
        default="as predicted",
    )
    t["sentence"] = [
        f"At {as_text(r.school_name)} ({as_text(r.district_name)}), "
        f"{subject(measure)}{_of_group(student_group)} is {about.write(r.value)} "
        f"({people(measure, r.n)}); schools with such students and size: about {about.write(r.predicted)}."
        if r.found in ("better than predicted", "worse than predicted")
        else ""
        for r in t.itertuples()
    ]
    return t[columns].sort_values(["school_name", "school_id"], ignore_index=True)
