"""The boundary of 90 % under each rule set, bands, and rules of thumb (rules.md §0, §2.5, §5)."""

from decimal import Decimal

import pytest

from kit.errors import KitError
from kit.rules.absence import absence_band, chronic, chronic_rule, chronic_rules, school_rule_of_thumb

# rules.md §0, trap 1: days absent of 180. MSIP 5 is a success there (attending), so it is negated here.
TRAP_1 = {
    17: {"core": False, "california": False, "attendance_works": False, "msip5": not True, "abc": False},
    18: {"core": True, "california": True, "attendance_works": True, "msip5": not True, "abc": False},
    19: {"core": True, "california": True, "attendance_works": True, "msip5": not False, "abc": True},
}


@pytest.mark.parametrize(("absent", "rule_set"), [(a, r) for a, row in TRAP_1.items() for r in row])
def test_trap_one(absent, rule_set):
    assert chronic(rule_set, 180, absent, "5") is TRAP_1[absent][rule_set]


@pytest.mark.parametrize(
    ("enrolled", "absent", "expected"),
    [
        (100, 9, True),  # attended exactly 91 %
        (100, "8.9", False),
        (180, 17, True),  # 90.56 %: the pupils on whom the district and CORE differ
        (180, 16, False),  # 91.1 %
    ],
)
def test_the_district_at_91(enrolled, absent, expected):
    assert chronic("district_91", enrolled, absent) is expected


@pytest.mark.parametrize(
    ("enrolled", "absent", "grade", "expected"),
    [
        (30, 12, "3", None),  # rules.md §2.5: thirty days expected, not eligible
        (31, 4, "3", True),  # 12.9 %
        (31, 3, "3", False),
        (180, 40, "8", True),
        (180, 40, "9", None),  # K–8 only
        (180, 40, "TK", True),
        (180, 40, "K", True),
        (180, 40, 8, True),
        (180, 180, "3", None),  # never attended
        (180, 179, "3", True),
        (180, 40, None, None),  # grade not known
    ],
)
def test_california_population(enrolled, absent, grade, expected):
    assert chronic("california", enrolled, absent, grade) is expected


def test_core_has_no_floor_of_days_or_grades():
    assert chronic("core", 5, 1) is True
    assert chronic("core", 180, 18, "12") is True
    assert chronic("core", 0, 0) is None


def test_part_days_are_exact():
    assert chronic("core", 3, 0.1 + 0.2) is True  # 0.30000000000000004 as written is above
    assert chronic("abc", 3, "0.3") is False
    assert chronic("abc", 3, Decimal("0.3000001")) is True
    assert chronic("core", 3, sum([Decimal("0.1")] * 3)) is True


@pytest.mark.parametrize(("enrolled", "absent"), [(10, 11), (10, -1), (-5, 0)])
def test_impossible_days_are_refused(enrolled, absent):
    with pytest.raises(KitError, match="days absent"):
        chronic("core", enrolled, absent)


def test_an_unknown_rule_set_lists_the_names():
    with pytest.raises(KitError, match="district_91"):
        chronic("cor", 180, 18)


def test_parameters_are_enough_for_a_query():
    """The fields alone, without the function, decide every case: what an Ibis expression is built from."""
    for rule in chronic_rules().values():
        for enrolled in range(1, 60):
            for absent in range(0, enrolled + 1):
                left, right = rule.absent_multiplier * absent, rule.enrolled_multiplier * enrolled
                by_fields = {"ge": left >= right, "gt": left > right}[rule.comparison]
                in_it = enrolled >= rule.min_days and enrolled - absent >= rule.min_days_attended
                assert rule(enrolled, absent, "4") is (by_fields if in_it else None)


def test_every_rule_has_a_source_and_a_grade():
    for rule in chronic_rules().values():
        assert rule.source
        assert rule.grade in "ABCD"
    assert [a.id for a in chronic_rule("district_91").assumptions] == ["at-91"]


@pytest.mark.parametrize(
    ("absent", "expected"),
    [  # rules.md §5, out of 180 days
        (8, "satisfactory"),
        (9, "at-risk"),
        (17, "at-risk"),
        (18, "moderate chronic"),
        (35, "moderate chronic"),
        (36, "severe chronic"),
    ],
)
def test_bands(absent, expected):
    assert absence_band(180, absent) == expected


def test_bands_take_part_days_and_no_days():
    assert absence_band(10, "0.5") == "at-risk"
    assert absence_band(10, "0.49") == "satisfactory"
    assert absence_band(0, 0) is None
    with pytest.raises(KitError):
        absence_band(10, 11)


@pytest.mark.parametrize(
    ("measure", "value", "words"),
    [
        ("chronic_absence", "19.9", "below 20"),
        ("chronic_absence", 20, "high"),
        ("chronic_absence", "29.9", "high"),
        ("chronic_absence", 30, "extreme"),
        ("attendance_rate", "92.9", "nearly always"),
        ("attendance_rate", 93, "average hides"),
        ("attendance_rate", 97, "average hides"),
        ("attendance_rate", "97.1", "rarely"),
    ],
)
def test_school_figures_are_called_rules_of_thumb(measure, value, words):
    thumb = school_rule_of_thumb(measure, value)
    assert words in thumb.text
    assert (thumb.label, thumb.grade) == ("rule of thumb", "C")


@pytest.mark.parametrize("bad", [-1, 101])
def test_a_rule_of_thumb_needs_a_percentage(bad):
    with pytest.raises(KitError, match="percentage"):
        school_rule_of_thumb("chronic_absence", bad)
