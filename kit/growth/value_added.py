"""Value added: how much more or less students' scores rose than those of similar students, by school.

As CORE describes its growth model (domain rules, 1.3): prior scores in both subjects with correction for
their measurement error, student characteristics, the school's concentration of them, residuals, shrinkage,
percentile. Two stages. First, within schools and per grade, slopes on prior scores and characteristics:
schools cannot bias them, since only students of one school are compared. Second, a random-intercept model
of what is left on the school's means: the school effects are its shrunken predictions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from kit.errors import KitError
from kit.growth.mixed import random_intercept
from kit.growth.prediction import predict_subject
from kit.growth.school_percentiles import school_percentiles

__all__ = ["COVARIATES", "ValueAdded", "value_added"]

COVARIATES = ("disadvantaged", "disability", "english_learner", "homeless", "foster")
KEY = ["student_id", "subject", "school_year"]
PRIORS = ["prior_ela", "prior_math", "prior_ela_se", "prior_math_se"]
NEEDED = [*KEY, "school_id", "grade", "scale_score", *PRIORS]
SUBJECTS = ("ela", "math")
EFFECTS = ["raw_effect", "raw_se", "effect", "effect_se", "effect_low", "effect_high"]


@dataclass(frozen=True)
class ValueAdded:
    """Growth figures of schools and what stands behind them.

    Attributes
    ----------
    schools : pandas.DataFrame
        One row per school, year, subject, `student_group` and `grade` (`all` and `all`; a group with `all`;
        `all` with a grade): `n` students, `raw_effect` (mean of actual less predicted), `raw_se`, `effect`
        (shrunken), `effect_se`, `effect_low`, `effect_high`, all in standard deviations of students' scores
        in the grade; `effect_points` (scale points), `reliability` (share of `raw_effect` kept),
        `percentile` with `percentile_se`, `percentile_low`, `percentile_high`; `group_average` (mean of
        actual less predicted in the whole group or grade: effects are differences from it).
    students : pandas.DataFrame
        One row per student, year and subject in the figures: `predicted`, `residual` (scale points), `fit`
        (which prior scores are known: `both`, `own`, `other`).
    coefficients : pandas.DataFrame
        `subject`, `school_year`, `grade`, `fit`, `n`, `term`, `points` for one unit, `points_se`,
        `reference`: what `explain` reads. `points_se` of the first-stage slopes only; empty for constants
        and school means.
    school_means : pandas.DataFrame
        `school_id`, `school_year`, `subject` and one `mean_…` column per school mean.
    variances : pandas.DataFrame
        `subject`, `school_year`, `student_group`, `grade`, `schools`, `variance_schools`,
        `variance_students`.
    notes : pandas.DataFrame
        `subject`, `school_year`, `grade`, `n` students, `note`: who is left out and which assumption was
        made.
    """

    schools: pd.DataFrame
    students: pd.DataFrame
    coefficients: pd.DataFrame
    school_means: pd.DataFrame
    variances: pd.DataFrame
    notes: pd.DataFrame


def value_added(
    table: pd.DataFrame,
    *,
    covariates: Sequence[str] = COVARIATES,
    groups: Sequence[str] = (),
    grades: bool = True,
    school_means: bool = True,
    percentile: str = "normal",
    level: float = 0.95,
    minimum_students: int = 50,
    minimum_schools: int = 5,
    schools_per_mean: int = 5,
) -> ValueAdded:
    """Compute value added of each school, subject and year.

    Parameters
    ----------
    table : pandas.DataFrame
        One row per student, subject and year: `student_id`, `school_id`, `school_year`, `subject` (`ela`,
        `math`), `grade`, `scale_score`, `prior_ela`, `prior_math` (the year before; empty where unknown),
        `prior_ela_se`, `prior_math_se` (standard errors of measurement), the covariates.
    covariates : sequence of str
        True/false columns; an empty value counts as false and is noted.
    groups : sequence of str
        True/false columns for which figures are given apart; the column's name is the student group's id.
    grades : bool
        Give figures by grade.
    school_means : bool
        Adjust for school means of the covariates and prior scores.
    percentile : {"normal", "rank"}
        See `school_percentiles`.
    level : float
        Of the intervals.
    minimum_students : int
        A grade is fitted only with so many students who have the same prior scores known.
    minimum_schools : int
        Fewer schools give no figure: their variance cannot be told from chance.
    schools_per_mean : int
        School means enter, in a fixed order (prior score in the subject, then the covariates in order, then
        the other prior score), as far as there are so many schools for each.

    Returns
    -------
    ValueAdded

    Raises
    ------
    KitError
        Columns are missing, a student appears twice in a subject and year, or a subject is not `ela` or
        `math`.

    Notes
    -----
    A student with one prior score is predicted from that one, by a fit of its own; a student with none is
    left out and counted in `notes`. Variances are estimated by restricted maximum likelihood.
    """
    _check(table, [*covariates, *groups])
    found = {name: [] for name in ("schools", "students", "coefficients", "school_means", "variances", "notes")}
    for (subject, year), rows in table.groupby(["subject", "school_year"], sort=True, observed=True):
        label = {"subject": subject, "school_year": year}
        prediction = predict_subject(
            rows,
            subject,
            covariates=tuple(covariates),
            school_means=school_means,
            minimum_students=minimum_students,
            minimum_schools=minimum_schools,
            schools_per_mean=schools_per_mean,
        )
        if prediction.model is None:
            found["notes"] += [{**label, **note} for note in prediction.notes]
            continue
        found["students"].append(prediction.students)
        found["coefficients"].append(prediction.coefficients.assign(**label))
        found["school_means"].append(prediction.school_means.assign(**label))
        for part, model, scale in _parts(prediction, rows, groups, grades, minimum_students, minimum_schools):
            schools = model.schools.reset_index()
            places = school_percentiles(
                schools["effect"],
                schools["effect_se"],
                model.variance_schools,
                method=percentile,
                level=level,
            )
            part = {**label, **part}
            average = 0.0 if part["student_group"] == part["grade"] == "all" else float(model.fixed[0])
            points = schools["school_id"].map(scale).to_numpy() * schools["effect"].to_numpy()
            schools = schools.join(places).assign(effect_points=points, group_average=average, **part)
            found["schools"].append(schools)
            found["variances"].append(
                {
                    **part,
                    "schools": len(schools),
                    "variance_schools": model.variance_schools,
                    # At weight 1 the model's residual variance is in units of the first stage's; undo that.
                    "variance_students": model.variance_students * float((1 / prediction.weights).mean()),
                }
            )
        found["notes"] += [{**label, **note} for note in prediction.notes]
    return _tables(found)


def _check(table, flags):
    missing = [c for c in dict.fromkeys([*NEEDED, *flags]) if c not in table.columns]
    if missing:
        raise KitError(
            f"columns are missing: {', '.join(missing)}",
            where="value added",
            mend="See the table's description",
        )
    strange = sorted(set(table["subject"].dropna().unique()) - set(SUBJECTS))
    if strange:
        raise KitError(f"unknown subject '{strange[0]}'", where="value added", mend="Use 'ela' or 'math'")
    twice = int(table.duplicated(KEY).sum())
    if twice:
        raise KitError(
            f"{twice} rows repeat a student, subject and year",
            where="value added",
            mend="Keep one sitting each",
        )


def _parts(prediction, rows, groups, grades, minimum_students, minimum_schools):
    """Yield what to report, its model, and each school's scale points in a standard deviation."""
    students = prediction.students
    scale = pd.Series(prediction.deviation).groupby(students["school_id"].to_numpy()).mean()
    yield {"student_group": "all", "grade": "all"}, prediction.model, scale
    subsets = [(group, "all", _flag(rows.loc[students.index, group])) for group in groups]
    if grades:
        every = students["grade"].to_numpy()
        subsets += [("all", grade, every == grade) for grade in pd.unique(every)]
    for group, grade, members in subsets:
        schools = students["school_id"].to_numpy()[members]
        if members.sum() < minimum_students or len(pd.unique(schools)) < minimum_schools:
            which = f"student group {group}" if grade == "all" else f"grade {grade}"
            reason = f"no figure of {which}: too few students or schools"
            prediction.notes.append({"grade": grade, "n": int(members.sum()), "note": reason})
            continue
        model = random_intercept(prediction.left_over[members], schools, weights=prediction.weights[members])
        yield {"student_group": group, "grade": grade}, model, scale


def _flag(column):
    return column.fillna(False).to_numpy(dtype=bool)


def _tables(found):
    keys = ["school_id", "school_year", "subject", "student_group", "grade"]
    order = [*keys, "n", *EFFECTS, "effect_points", "reliability", "percentile", "percentile_se"]
    order += ["percentile_low", "percentile_high", "group_average"]
    part = ["subject", "school_year", "student_group", "grade"]
    columns = {
        "schools": order,
        "students": [*KEY, "school_id", "grade", "scale_score", "predicted", "residual", "fit"],
        "coefficients": [
            "subject",
            "school_year",
            "grade",
            "fit",
            "n",
            "term",
            "points",
            "points_se",
            "reference",
        ],
        "variances": [*part, "schools", "variance_schools", "variance_students"],
        "notes": ["subject", "school_year", "grade", "n", "note"],
    }
    tables = {}
    for name, pieces in found.items():
        if pieces and isinstance(pieces[0], pd.DataFrame):
            tables[name] = pd.concat(pieces, ignore_index=True)
        else:
            tables[name] = pd.DataFrame(pieces)
        if name in columns:
            tables[name] = tables[name].reindex(columns=columns[name])
    return ValueAdded(**tables)
