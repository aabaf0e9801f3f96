"""Value added against simulated schools whose effects are known, and on the real district's file."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from simulated_schools import FLAG_POINTS, SCHOOL_EFFECT, simulate

from kit.errors import KitError
from kit.growth import COVARIATES, explain, value_added

REPETITIONS = 25


def all_students(result):
    schools = result.schools
    return schools[(schools["student_group"] == "all") & (schools["grade"] == "all")].set_index("school_id")


@pytest.fixture(scope="module")
def repetitions():
    """Effects and truth, in scale points, of 25 sets of 40 schools."""
    pieces = []
    for seed in range(REPETITIONS):
        table, truth = simulate(seed, schools=40, students_per_grade=25)
        found = all_students(value_added(table, grades=False))
        points = table.groupby("grade")["scale_score"].std().mean()
        truth = truth.reindex(found.index)
        place = 100 * norm.cdf(truth / SCHOOL_EFFECT)
        pieces.append(found.assign(truth=truth / points, true_percentile=place, seed=seed))
    return pd.concat(pieces)


def test_intervals_cover_the_true_effects_as_often_as_stated(repetitions):
    covered = repetitions["truth"].between(repetitions["effect_low"], repetitions["effect_high"])
    placed = repetitions["true_percentile"].between(repetitions["percentile_low"], repetitions["percentile_high"])
    # Binomial error of 95 % over 25 × 40 schools, tripled for schools of a set sharing their variance: 2.1 %.
    reach = 3 * np.sqrt(0.95 * 0.05 / len(repetitions))
    assert abs(covered.mean() - 0.95) < reach
    assert abs(placed.mean() - 0.95) < reach


def test_shrinkage_lowers_the_mean_squared_error(repetitions):
    shrunken = (repetitions["effect"] - repetitions["truth"]) ** 2
    raw = (repetitions["raw_effect"] - repetitions["truth"]) ** 2
    by_set = (raw - shrunken).groupby(repetitions["seed"]).mean()
    assert by_set.mean() > 3 * by_set.std() / np.sqrt(REPETITIONS)
    assert (repetitions["effect"].abs() <= repetitions["raw_effect"].abs()).all()


def test_the_average_school_is_at_50(repetitions):
    error = repetitions.groupby("seed")["percentile"].mean()
    assert abs(error.mean() - 50) < 3 * error.std() / np.sqrt(REPETITIONS) + 0.5
    nearest = repetitions.loc[repetitions["effect"].abs() < 1e-3, "percentile"]
    assert nearest.between(49, 51).all()


def test_stated_errors_of_the_percentile_match_what_happens(repetitions):
    mean_square = float(np.mean((repetitions["true_percentile"] - repetitions["percentile"]) ** 2))
    stated = float(np.mean(repetitions["percentile_se"] ** 2))
    assert np.sqrt(stated) == pytest.approx(np.sqrt(mean_square), rel=0.12)


def test_without_correction_schools_with_low_prior_scores_lose():
    # Least squares leaves part of the prior score in the residual (Lockwood & McCaffrey 2014).
    def lean(known):
        slopes = []
        for seed in range(100, 112):
            table, truth = simulate(seed, schools=60, students_per_grade=40, contextual=0.0)
            if not known:
                table[["prior_ela_se", "prior_math_se"]] = 0.0
            found = all_students(value_added(table, grades=False, school_means=False))
            prior = table.groupby("school_id")["prior_ela"].mean().reindex(found.index)
            error = found["effect_points"] - truth.reindex(found.index)
            slopes.append(np.polyfit(prior, error, 1)[0])
        return np.mean(slopes), np.std(slopes, ddof=1) / np.sqrt(len(slopes))

    corrected, error = lean(known=True)
    plain, _ = lean(known=False)
    assert abs(corrected) < 3 * error
    assert abs(corrected) < 0.03
    assert plain > 0.05


def test_a_prediction_is_the_sum_of_its_parts():
    table, _ = simulate(2, schools=60, students_per_grade=30, subjects=("ela", "math"))
    table.loc[table.index[::9], "prior_math"] = np.nan
    table.loc[table.index[1::9], "prior_ela"] = np.nan
    result = value_added(table, grades=False)
    assert set(result.students["fit"]) == {"both", "own", "other"}
    means = result.school_means.set_index(["school_id", "subject"])
    rows = result.students.merge(table[["student_id", "subject", "prior_ela", "prior_math", *COVARIATES]])
    rows = rows.groupby(["subject", "fit"]).head(2)
    assert len(rows) == 12
    for row in rows.to_dict("records"):
        own, other = ("ela", "math") if row["subject"] == "ela" else ("math", "ela")
        terms = result.coefficients.query(
            "subject == @row['subject'] and grade == @row['grade'] and fit == @row['fit']"
        )
        student = {c: row[c] for c in COVARIATES} | means.loc[(row["school_id"], row["subject"])].to_dict()
        student |= {"prior_own": row[f"prior_{own}"], "prior_other": row[f"prior_{other}"]}
        student = {k: v for k, v in student.items() if k in set(terms["term"])}
        start = 0.0 if row["fit"] == "other" else student["prior_own"]
        assert start + explain(terms, student)["growth"].iloc[-1] == pytest.approx(row["predicted"], abs=1e-6)


def test_characteristics_get_back_their_points():
    table, _ = simulate(3, schools=150, students_per_grade=80, grades=("4", "5", "6"))
    result = value_added(table, grades=False)
    for name, points in FLAG_POINTS.items():
        found = result.coefficients[result.coefficients["term"] == name]
        weight = 1 / found["points_se"] ** 2
        mean = (found["points"] * weight).sum() / weight.sum()
        assert abs(mean - points) < 3.5 / np.sqrt(weight.sum())


def test_groups_and_grades_are_compared_among_themselves():
    table, _ = simulate(4, schools=50, students_per_grade=60)
    # In one school students with a disability grow 60 points less than in others.
    one = (table["school_id"] == "s7") & table["disability"]
    table.loc[one, "scale_score"] -= 60
    result = value_added(table, groups=["disability", "disadvantaged"])
    schools = result.schools
    assert set(map(tuple, schools[["student_group", "grade"]].drop_duplicates().to_numpy())) == {
        ("all", "all"), ("disability", "all"), ("disadvantaged", "all"), ("all", "4"), ("all", "5"),
    }  # fmt: skip
    group = schools[schools["student_group"] == "disability"].set_index("school_id")
    assert group["percentile"].idxmin() == "s7"
    assert group.loc["s7", "n"] == one.sum()
    for _, part in schools.groupby(["student_group", "grade"]):
        assert part["percentile"].mean() == pytest.approx(50, abs=5)
    everyone = schools.query("student_group == 'all' and grade == 'all'").set_index("school_id")
    by_grade = schools.query("student_group == 'all' and grade != 'all'").groupby("school_id")["n"].sum()
    assert (everyone["n"] == by_grade.reindex(everyone.index)).all()


def test_who_is_left_out_is_counted():
    table, _ = simulate(5, schools=12, students_per_grade=30)
    table.loc[:6, ["prior_ela", "prior_math"]] = np.nan
    table.loc[10:12, "scale_score"] = np.nan
    table.loc[20:24, "prior_math"] = np.nan
    table["homeless"] = table["homeless"].astype("boolean")
    table.loc[30:31, "homeless"] = pd.NA
    result = value_added(table)
    said = result.notes.set_index("note")["n"].groupby(level=0).sum()
    assert said["left out: no prior score in either subject"] == 7
    assert said["left out: no score this year"] == 3
    assert said["left out: fewer than 50 students with these prior scores (own)"] == 5
    assert said["homeless is empty: taken as false"] == 2
    assert any("12 schools, and a school mean needs 5 each" in note for note in said.index)
    assert len(result.students) == len(table) - 15


def test_unknown_standard_errors_are_said_not_hidden():
    table, _ = simulate(6, schools=20, students_per_grade=30)
    table["prior_ela_se"] = np.nan
    table.loc[table.index[::2], "prior_math_se"] = np.nan
    notes = value_added(table, grades=False).notes["note"]
    assert any("(own subject) is unknown: its slope is not corrected" in n for n in notes)
    assert any("(other subject) is unknown: the mean of the known ones is used" in n for n in notes)


def test_too_few_schools_give_no_figure_and_say_so():
    table, _ = simulate(7, schools=4, students_per_grade=60)
    result = value_added(table)
    assert result.schools.empty
    assert result.students.empty
    assert "no figure: 4 schools, and 5 are needed to tell schools from chance" in set(result.notes["note"])


def test_the_order_of_rows_does_not_matter_and_the_input_is_untouched():
    table, _ = simulate(8, schools=10, students_per_grade=30)
    before = table.copy()
    first = all_students(value_added(table))["percentile"]
    pd.testing.assert_frame_equal(table, before)
    second = all_students(value_added(table.sample(frac=1, random_state=1)))["percentile"]
    pd.testing.assert_series_equal(first, second, rtol=1e-5)


def test_points_do_not_depend_on_the_scale_of_the_test():
    table, _ = simulate(9, schools=10, students_per_grade=30)
    other = table.copy()
    scores = ["scale_score", "prior_ela", "prior_math"]
    other[scores] = table[scores] * 0.1 + 40
    other[["prior_ela_se", "prior_math_se"]] *= 0.1
    first, second = all_students(value_added(table)), all_students(value_added(other))
    pd.testing.assert_series_equal(first["percentile"], second["percentile"], rtol=1e-5)
    pd.testing.assert_series_equal(first["effect_points"], 10 * second["effect_points"], rtol=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns=["prior_math_se", "foster"]), "columns are missing: prior_math_se, foster"),
        (lambda t: pd.concat([t, t.head(3)]), "3 rows repeat a student"),
        (lambda t: t.assign(subject="science"), "unknown subject 'science'"),
    ],
)
def test_a_wrong_table_is_refused(change, words):
    table, _ = simulate(10, schools=6, students_per_grade=20)
    with pytest.raises(KitError, match=words):
        value_added(change(table))
