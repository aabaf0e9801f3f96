"""Student groups are called what a reader calls them, wherever they stand."""

import pytest

from kit.compare.words import group_words
from kit.measures.registry import group_name


@pytest.mark.parametrize(
    ("slug", "name", "in_a_sentence"),
    [
        ("race_black_or_african_american", "Black or African American", "Black or African American students"),
        ("race_hispanic_or_latino", "Hispanic or Latino", "Hispanic or Latino students"),
        (
            "race_american_indian_or_alaska_native",
            "American Indian or Alaska Native",
            "American Indian or Alaska Native students",
        ),
        ("race_two_or_more_races", "Two or more races", "students of two or more races"),
        ("race_asian", "Asian", "Asian students"),
        ("gender_nonbinary", "Nonbinary", "nonbinary students"),
        ("english_learner", "English learners", "English learners"),
        ("all", "All students", "all students"),
        ("long_term_learner", "Long term learner", "Long term learner students"),
    ],
)
def test_a_group_has_one_name(slug, name, in_a_sentence):
    assert group_name(slug) == name
    assert group_words(slug) == in_a_sentence
