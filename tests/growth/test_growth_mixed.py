"""The random-intercept model against published and independently fitted estimates."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kit.errors import KitError
from kit.growth import random_intercept

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "growth"
real = pytest.mark.skipif(not DATA.exists(), reason="the published data are not beside the project")


@pytest.mark.real_data
@real
def test_the_published_null_model_is_reproduced_to_its_digits():
    # Snijders & Bosker, 131 Dutch schools, language test; README of the shared data.
    pupils = pd.read_csv(DATA / "bdf_snijders_bosker.csv")
    fit = random_intercept(pupils["langPOST"], pupils["schoolNR"], method="ml")
    assert len(fit.schools) == 131
    assert fit.fixed[0] == pytest.approx(40.3641, abs=5e-5)
    assert fit.fixed_se[0] == pytest.approx(0.4264, abs=5e-5)
    assert fit.variance_schools == pytest.approx(19.43, abs=5e-3)
    assert fit.variance_students == pytest.approx(64.57, abs=5e-3)
    assert fit.minus_two_log_likelihood == pytest.approx(16253.2, abs=0.05)


@pytest.mark.real_data
@real
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("method", ["ml", "reml"])
def test_high_school_and_beyond_agrees_with_statsmodels(method):
    mixedlm = pytest.importorskip("statsmodels.formula.api").mixedlm
    pupils = pd.read_csv(DATA / "HSB_MathAchieve.csv.gz")
    design = np.column_stack([np.ones(len(pupils)), pupils["cses"], pupils["MEANSES"]])
    ours = random_intercept(pupils["MathAch"], pupils["School"], design, method=method)
    theirs = mixedlm("MathAch ~ cses + MEANSES", pupils, groups=pupils["School"]).fit(
        reml=method == "reml", method="powell", xtol=1e-10, ftol=1e-12
    )
    assert len(ours.schools) == 160
    assert ours.minus_two_log_likelihood == pytest.approx(-2 * theirs.llf, abs=0.01)
    np.testing.assert_allclose(ours.fixed, theirs.fe_params, rtol=1e-4)
    assert ours.variance_schools == pytest.approx(float(theirs.cov_re.iloc[0, 0]), rel=2e-3)
    assert ours.variance_students == pytest.approx(theirs.scale, rel=1e-3)
    effects = pd.Series({k: v.iloc[0] for k, v in theirs.random_effects.items()})
    np.testing.assert_allclose(ours.schools["effect"], effects.reindex(ours.schools.index), atol=0.01)


def test_balanced_schools_match_the_analysis_of_variance():
    # For equal sizes REML equals the ANOVA estimates (Searle, Casella & McCulloch 1992), computed here directly.
    rng = np.random.default_rng(3)
    schools, size = 30, 12
    scores = rng.normal(0, 2, schools)[:, None] + rng.normal(0, 5, (schools, size))
    within = scores.var(axis=1, ddof=1).mean()
    between = scores.mean(axis=1).var(ddof=1) - within / size
    fit = random_intercept(scores.ravel(), np.repeat(np.arange(schools), size))
    assert fit.variance_students == pytest.approx(within, rel=1e-6)
    assert fit.variance_schools == pytest.approx(between, rel=1e-5)
    share = between / (between + within / size)
    expected = share * (scores.mean(axis=1) - scores.mean())
    np.testing.assert_allclose(fit.schools["effect"], expected, rtol=1e-5, atol=1e-8)


def test_schools_that_do_not_differ_get_no_effect():
    scores = np.tile([1.0, 2.0, 3.0], 8)
    fit = random_intercept(scores, np.repeat(np.arange(8), 3))
    assert fit.variance_schools == 0
    assert (fit.schools["effect"] == 0).all()


def test_a_weight_of_two_is_two_students_with_the_same_mean():
    rng = np.random.default_rng(4)
    school = np.repeat(np.arange(12), 6)
    score = rng.normal(size=72) + np.repeat(rng.normal(size=12), 6)
    once = random_intercept(score, school, weights=np.full(72, 2.0))
    plain = random_intercept(score, school)
    np.testing.assert_allclose(once.schools["effect"], plain.schools["effect"], rtol=1e-4)
    assert once.variance_students == pytest.approx(2 * plain.variance_students, rel=1e-4)
    assert once.minus_two_log_likelihood == pytest.approx(plain.minus_two_log_likelihood, abs=1e-6)


@pytest.mark.parametrize(
    ("outcome", "school", "settings", "words"),
    [
        ([1.0, 2.0], ["a", "a"], {}, "two schools"),
        ([1.0, 2.0], ["a", "b"], {"method": "mle"}, "unknown method 'mle'"),
        ([1.0, 2.0], ["a", "b"], {"design": np.ones((2, 2))}, "more fixed coefficients"),
    ],
)
def test_wrong_use_is_named(outcome, school, settings, words):
    with pytest.raises(KitError, match=words):
        random_intercept(outcome, school, **settings)
