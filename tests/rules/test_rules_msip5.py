"""MSIP 5 on the literal tests of rules.md §3."""

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from kit.errors import KitError
from kit.rules.msip5 import (
    growth_level,
    held_harmless,
    mpi,
    points_for,
    progress_level,
    progress_share,
    rolling_mpi,
    status_level,
    status_mpi,
    subject_points,
)
from kit.rules.msip5_report import (
    annual_report,
    attendance_points,
    available_points,
    college_career_rate,
    share_of_points,
)
from kit.rules.msip6 import ASSUMPTIONS, annual_share, mpi6


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((25, 25, 25, 25), 325),
        ((0, 50, 0, 0), 300),
        ((0, 0, 50, 0), 400),
        ((0, 0, 0, 50), 500),
        ((50, 0, 0, 0), 100),
        ((40, 60, 70, 30), 325),
        ((10, 30, 40, 20), 360),
    ],
)
def test_mpi(counts, expected):
    assert mpi(*counts) == Fraction(expected)


def test_mpi_needs_pupils():
    with pytest.raises(KitError):
        mpi(0, 0, 0, 0)
    with pytest.raises(KitError):
        mpi(-1, 5, 5, 5)


# rules.md §3.2: last approaching and first on-track value of each year.
@pytest.mark.parametrize(
    ("year", "approaching_to", "on_track_from"),
    [
        (2013, "358.1", "358.2"),
        (2014, "360.5", "360.6"),
        (2015, "362.9", "363.0"),
        (2016, "365.3", "365.4"),
        (2017, "367.7", "367.8"),
        (2018, "370.1", "370.2"),
        (2019, "372.5", "372.6"),
        (2020, "374.9", "375.0"),
    ],
)
def test_math_status_by_year(year, approaching_to, on_track_from):
    def of(index):
        return status_level("math", year, index)

    assert [of(100), of("299.9"), of("300.0"), of(approaching_to)] == ["floor", "floor"] + ["approaching"] * 2
    assert [of(on_track_from), of("392.7"), of("392.8"), of(500)] == ["on_track"] * 2 + ["target"] * 2
    assert Fraction(on_track_from) == Fraction("358.2") + Fraction("2.4") * (year - 2013)


@pytest.mark.parametrize(("subject", "year"), [("ela", 2014), ("science", 2015), ("math", 2021)])
def test_targets_that_are_not_held_are_refused(subject, year):
    with pytest.raises(KitError, match=f"no MSIP 5 targets for {subject} in {year}"):
        status_level(subject, year, 360)


def test_targets_can_be_given():
    targets = pd.DataFrame({"subject": ["ela"], "year": [2014], "on_track_min": ["366.1"], "target_min": [385]})
    assert status_level("ela", 2014, "366.05", targets=targets) == "on_track"  # 366.1 when rounded half-up
    assert status_level("ela", 2014, "366.04", targets=targets) == "approaching"
    assert status_level("ela", 2014, 385, targets=targets) == "target"
    with pytest.raises(KitError, match="target_min"):
        status_level("ela", 2014, 366, targets=targets.drop(columns="target_min"))
    with pytest.raises(KitError, match="2 MSIP 5 targets"):
        status_level("ela", 2014, 366, targets=pd.concat([targets, targets]))


def test_three_year_status_by_mean_or_pooled():
    years = [(0, 10, 0, 0), (0, 0, 10, 0), (0, 0, 0, 80)]
    assert status_mpi(years) == Decimal("400.0")
    assert status_mpi(years, method="pooled") == Decimal("470.0")
    with pytest.raises(KitError, match="three"):
        status_mpi(years[:2])


@pytest.mark.parametrize(
    ("current", "share", "level", "points"),
    [
        ("357.5", Fraction(5, 100), "exceeding", 12),
        ("354.5", Fraction(3, 100), "on_track", 6),
        ("351.5", Fraction(1, 100), "approaching", 3),
        ("351.4", Fraction(14, 1500), "floor", 0),
        ("340", Fraction(-10, 150), "floor", 0),
    ],
)
def test_progress(current, share, level, points):
    assert progress_share("350.0", current) == share
    assert progress_level("350.0", float(current)) == level
    assert points_for("progress", level) == points


def test_progress_at_the_ceiling_is_refused():
    with pytest.raises(KitError, match="ceiling"):
        progress_share(500, 500)
    assert progress_share(350, 355, gap_ceiling=450) == Fraction(1, 20)


def test_rolling_mean_of_two_years():
    assert rolling_mpi({2013: "350.1", 2014: 352}, 2014) == Fraction("351.05")
    with pytest.raises(KitError, match="no MPI for 2012"):
        rolling_mpi({2013: 350}, 2013)


@pytest.mark.parametrize(
    ("estimate", "significant", "level"),
    [(53, True, "exceeding"), (53, False, "on_track"), (47, True, "floor"), (47, False, "on_track")],
)
def test_growth(estimate, significant, level):
    assert growth_level(estimate, significant) == level


def test_a_subject_in_full():
    got = subject_points("math", 2014, status="361.0", prior="350.0", current="357.5", growth="on_track")
    assert (got.status, got.status_points) == ("on_track", 12)
    assert (got.progress_points, got.growth_points) == (12, 6)
    assert got.points == 16  # capped
    assert {a.id for a in got.assumptions} >= {"mpi-gap", "mean-of-years", "mpi-one-decimal"}


def test_the_better_of_progress_and_growth_counts_and_not_their_sum():
    got = subject_points("math", 2014, status="299.9", prior="250", current="260", growth="on_track")
    assert (got.progress, got.progress_points, got.growth_points) == ("on_track", 6, 6)
    assert got.points == 6


def test_status_at_the_edge_and_floor_with_progress():
    assert subject_points("math", 2014, status="360.5").points == 9
    got = subject_points("math", 2014, status="299.9", prior="250", current="280")
    assert (got.status, got.points) == ("floor", 12)


def test_eight_points_are_an_assumption_and_the_group_ladder_has_gaps():
    targets = pd.DataFrame({"subject": ["social_studies"], "year": [2014], "on_track_min": [360], "target_min": [390]})
    got = subject_points("social_studies", 2014, status=350, possible=8, targets=targets)
    assert got.points == Fraction(9, 2)
    assert "ladder-halved" in {a.id for a in got.assumptions}
    group = subject_points("math", 2014, status=361, prior=350, current=360, possible=4, standard="subgroup")
    assert group.points == 4
    with pytest.raises(KitError, match="not found in any text"):
        points_for("progress", "on_track", possible=4, standard="subgroup")


@pytest.mark.parametrize(
    ("subject", "year", "points", "of_2014", "expected"),
    [
        ("math", 2015, 9, 12, 12),
        ("math", 2015, 12, 9, 12),
        ("ela", 2016, 0, 16, 16),
        ("science", 2015, 9, 12, 9),
        ("math", 2017, 9, 12, 9),
    ],
)
def test_hold_harmless(subject, year, points, of_2014, expected):
    assert held_harmless(subject, year, points, of_2014) == expected


@pytest.mark.parametrize(
    ("earned", "possible", "percent", "name"),
    [
        (126, 140, "90.0", "Accredited with Distinction (eligible)"),
        (98, 140, "70.0", "Accredited"),
        ("97.9", 140, "69.9", "Provisionally accredited"),
        (70, 140, "50.0", "Provisionally accredited"),
        ("69.9", 140, "49.9", "Unaccredited"),
        (138, 138, "100.0", "Accredited with Distinction (eligible)"),
    ],
)
def test_accreditation(earned, possible, percent, name):
    got = share_of_points(earned, possible)
    assert (str(got.percent), got.accreditation) == (percent, name)


def test_points_available_and_the_share_of_what_is_possible():
    assert sum(available_points("k12").values()) == 140
    assert sum(available_points("k8").values()) == 80
    got = annual_report({"math": 12, "ela": 16, "attendance": 10})
    assert (got.earned, got.possible, str(got.percent)) == (38, 42, "90.5")
    with pytest.raises(KitError, match="0 to 16"):
        annual_report({"math": 17})
    with pytest.raises(KitError, match="k8 district"):
        annual_report({"graduation": 30}, kind="k8")
    with pytest.raises(KitError, match="no points"):
        annual_report({})


def test_college_and_career_rate():
    assert college_career_rate({"0.25": 10, "0.75": 20, 1: 15, "1.25": 5}) == Fraction("77.5")
    assert college_career_rate({1: 1}, not_tested=1) == 50
    with pytest.raises(KitError, match="not a weight"):
        college_career_rate({"0.5": 3})


def test_attendance_points():
    assert attendance_points(182, 200) == 10
    assert attendance_points(180, 200) == 10
    with pytest.raises(KitError, match="not found"):
        attendance_points(179, 200)


def test_msip6_is_a_scale_of_its_own():
    assert mpi6(25, 25, 25, 25) == Fraction("287.5")
    assert mpi6(0, 0, 0, 9) == 450
    assert annual_share(80, 60) == 74
    assert ASSUMPTIONS[0].grade == "C"
