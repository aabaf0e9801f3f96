"""Simulated schools whose true growth effects are known."""

from __future__ import annotations

import numpy as np
import pandas as pd

OWN_SLOPE, OTHER_SLOPE = 0.70, 0.20
FLAG_POINTS = {
    "disadvantaged": -3.0,
    "disability": -8.0,
    "english_learner": 2.0,
    "homeless": -1.0,
    "foster": 1.0,
}
FLAG_SHARES = {
    "disadvantaged": 0.5,
    "disability": 0.12,
    "english_learner": 0.2,
    "homeless": 0.04,
    "foster": 0.01,
}
SPREAD, PRIOR_ERROR, SCHOOL_EFFECT = 100.0, 35.0, 12.0


def simulate(
    seed: int,
    schools: int,
    students_per_grade: int,
    grades=("4", "5"),
    subjects=("ela",),
    year: int = 2026,
    effects: np.ndarray | None = None,
    prior_error: float = PRIOR_ERROR,
    school_effect: float = SCHOOL_EFFECT,
    contextual: float = 0.05,
):
    """Return the students' table and each school's true effect in scale points.

    Score = 0.7 own + 0.2 other true prior score + flags + context (the school's mean own score) + effect.
    School sizes vary from half to one and a half times `students_per_grade`.
    """
    rng = np.random.default_rng(seed)
    size = rng.integers(students_per_grade // 2, students_per_grade * 3 // 2 + 1, schools)
    school = np.repeat(np.arange(schools), size * len(grades))
    grade = np.concatenate([np.repeat(grades, n) for n in size])
    n = len(school)
    level = rng.normal(0, 40, schools)
    if effects is None:
        effects = rng.normal(0, school_effect, schools)
    own = 2500 + level[school] + rng.normal(0, 75, n)
    other = 2500 + 0.75 * (own - 2500) + rng.normal(0, 60, n)
    lean = 1 / (1 + np.exp(level / 40))
    flags = {name: rng.random(n) < np.clip(2 * share * lean[school], 0, 0.97) for name, share in FLAG_SHARES.items()}
    mean = np.bincount(school, own, schools) / np.bincount(school, minlength=schools)
    tables = []
    for subject in subjects:
        first, second = (own, other) if subject == "ela" else (other, own)
        growth = OWN_SLOPE * (first - 2500) + OTHER_SLOPE * (second - 2500) + contextual * (mean[school] - 2500)
        growth = growth + sum(FLAG_POINTS[name] * flag for name, flag in flags.items())
        score = 2535 + growth + effects[school] + rng.normal(0, 40, n)
        seen = {"ela": own + rng.normal(0, prior_error, n), "math": other + rng.normal(0, prior_error, n)}
        tables.append(
            pd.DataFrame(
                {
                    "student_id": np.arange(n).astype(str),
                    "school_id": np.char.add("s", school.astype(str)),
                    "school_year": year,
                    "subject": subject,
                    "grade": grade,
                    "scale_score": score,
                    "standard_error": prior_error,
                    "prior_ela": seen["ela"],
                    "prior_math": seen["math"],
                    "prior_ela_se": prior_error,
                    "prior_math_se": prior_error,
                    **flags,
                }
            )
        )
    truth = pd.Series(effects, index=[f"s{j}" for j in range(schools)], name="truth")
    return pd.concat(tables, ignore_index=True), truth
