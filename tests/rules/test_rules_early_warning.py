"""Early-warning sets at their boundaries (rules.md §5)."""

import pandas as pd
import pytest

from kit.errors import KitError
from kit.rules.early_warning import early_warning, early_warning_table, warning_set, warning_sets


def test_the_worked_example():
    w = early_warning("egc_default", days_enrolled=100, days_absent=12, suspensions=0, marks={"math": "F", "ela": "C"})
    assert (w.attendance, w.behaviour, w.course, w.count) == (True, False, True, 2)
    assert w.set_name == "egc_default"
    assert w.reasons == ("attended less than 90 % of days", "failed math")


@pytest.mark.parametrize(
    ("set_name", "absent", "expected"),
    [
        ("egc_default", 10, False),  # exactly 90.0 % attended: no flag
        ("egc_default", "10.1", True),
        ("egc_baltimore", 10, False),
        ("nhsc_high_school", 10, True),  # missed 10 % or more
        ("nhsc_high_school", "9.9", False),
        ("abc_balfanz_grade6", 20, True),
        ("abc_balfanz_grade6", 19, False),
    ],
)
def test_attendance_at_the_boundary(set_name, absent, expected):
    assert early_warning(set_name, days_enrolled=100, days_absent=absent).attendance is expected


@pytest.mark.parametrize(
    ("set_name", "given", "expected"),
    [
        ("egc_default", {"suspensions": 1}, True),
        ("egc_default", {"suspensions": 0}, False),
        ("egc_baltimore", {"suspensions": 2}, False),
        ("egc_baltimore", {"suspensions": 3}, True),
        ("nhsc_high_school", {"suspension_days": 1}, True),
        ("nhsc_high_school", {"suspension_days": "0.5"}, False),
        ("nhsc_high_school", {"suspensions": 4}, None),  # the set asks for days
        ("abc_balfanz_grade6", {"suspensions": 0, "poor_behaviour_mark": True}, True),
        ("abc_balfanz_grade6", {"suspensions": 0, "poor_behaviour_mark": False}, False),
        ("egc_default", {"poor_behaviour_mark": True}, None),
    ],
)
def test_behaviour(set_name, given, expected):
    assert early_warning(set_name, **given).behaviour is expected


@pytest.mark.parametrize(
    ("set_name", "given", "expected"),
    [
        ("egc_default", {"marks": {"ela": "F", "math": "A"}}, True),
        ("egc_default", {"marks": {"ela": "D-", "math": "D"}}, False),
        ("egc_default", {"marks": {"science": "F"}}, None),
        ("nhsc_high_school", {"gpa": 2.0}, True),
        ("nhsc_high_school", {"gpa": 2.01}, False),
        ("nhsc_high_school", {"failed_semester_courses": 1, "gpa": 3}, True),
        ("nhsc_high_school", {"failed_credits": 2}, True),
        ("nhsc_high_school", {"failed_credits": 1}, False),
        ("nhsc_high_school", {"marks": {"ela": "F"}}, None),
    ],
)
def test_course(set_name, given, expected):
    assert early_warning(set_name, **given).course is expected


def test_what_is_not_known_is_listed_and_clears_nobody():
    w = early_warning("nhsc_high_school", gpa=3.5)
    assert w.attendance is None
    assert w.course is False
    assert "failed 1 semester course(s) or more" in w.unknown
    assert any(a.id == "only-what-is-known" for a in w.assumptions)


def test_a_table_names_its_set():
    pupils = pd.DataFrame(
        {
            "student_id": ["01", "02", "03"],
            "days_enrolled": [100, 100, None],
            "days_absent": [12, 10, None],
            "suspensions": [0, 1, 0],
            "mark_ela": ["C", "B", None],
            "mark_math": ["F", "A", None],
        }
    )
    out = early_warning_table(pupils, "egc_default")
    assert out["flags"].tolist() == [2, 1, 0]
    assert out["attendance_flag"].tolist()[:2] == [True, False]
    assert pd.isna(out["attendance_flag"].iloc[2])
    assert pd.isna(out["course_flag"].iloc[2])
    assert set(out["warning_set"]) == {"egc_default"}
    assert any("failed subject" in line for line in out.attrs["assumptions"])
    assert "flags" not in pupils


def test_sets_by_name():
    assert set(warning_sets()) == {"abc_balfanz_grade6", "nhsc_high_school", "egc_default", "egc_baltimore"}
    with pytest.raises(KitError, match="egc_baltimore"):
        warning_set("baltimore")
    with pytest.raises(KitError, match="days absent"):
        early_warning("egc_default", days_enrolled=5, days_absent=6)
