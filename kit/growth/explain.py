"""A predicted score, part by part: what a coach says aloud when asked where a prediction comes from."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kit.errors import KitError

__all__ = ["explain"]

ALWAYS = ("average_growth", "average_score")


def explain(coefficients: pd.DataFrame, student: Mapping[str, float]) -> pd.DataFrame:
    """List what each part adds to the predicted score of one kind of student.

    Parameters
    ----------
    coefficients : pandas.DataFrame
        Rows of one fit: `term`, `points` (scale points for one unit, or for true), `reference` (the value at
        which the part is 0). `ValueAdded.coefficients`, cut to one subject, year, grade and fit, is such a
        table.
    student : mapping
        A value for each term except `average_growth` and `average_score`: true or false for a
        characteristic, a scale score for a prior score, a share for a school's mean. `prior_own` is the
        score at which the growth starts; without that term the parts start at 0.

    Returns
    -------
    pandas.DataFrame
        `term`, `points` that it adds, `growth` so far (the running sum). Add the last `growth` to
        `prior_own` for the predicted score; where the fit has no prior score in the subject, it is the
        predicted score.

    Raises
    ------
    KitError
        A value is not given, or names no term.

    Examples
    --------
    >>> terms = pd.DataFrame(
    ...     {"term": ["average_growth", "disability"], "points": [35, -4], "reference": [0, 0]})
    >>> explain(terms, {"disability": True})["growth"].tolist()
    [35.0, 31.0]
    """
    terms = coefficients["term"].tolist()
    needed = [t for t in terms if t not in ALWAYS]
    missing = [t for t in needed if t not in student]
    unknown = [t for t in student if t not in needed]
    if missing or unknown or len(set(terms)) != len(terms):
        raise KitError(
            "; ".join(
                [f"no value for '{t}'" for t in missing]
                + [f"'{t}' is not a part of this prediction" for t in unknown]
                + ["a term appears twice"] * (len(set(terms)) != len(terms))
            ),
            where="explain",
            mend=f"Give the rows of one fit and a value for each of: {', '.join(needed)}",
        )
    given = [1.0 if t in ALWAYS else float(student[t]) for t in terms]
    points = coefficients["points"].to_numpy(float) * (given - coefficients["reference"].to_numpy(float))
    return pd.DataFrame({"term": terms, "points": points, "growth": points.cumsum()})
