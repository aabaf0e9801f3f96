"""A time without a point is a gap."""

from __future__ import annotations

import datetime as dt

import pytest

from kit.errors import InputError, KitError
from kit.variation import fill_gaps


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _filled(every: str, *days: str) -> list[str]:
    dates, [marks] = fill_gaps([_day(d) for d in days], every, ["x"] * len(days))
    return [d.isoformat() + ("" if m else " gap") for d, m in zip(dates, marks, strict=True)]


def test_a_week_without_a_point_is_a_gap_whatever_its_days():
    # A Monday, the Wednesday of the week after, and the Friday two weeks later.
    assert _filled("week", "2026-01-05", "2026-01-14", "2026-01-30") == [
        "2026-01-05", "2026-01-14", "2026-01-19 gap", "2026-01-30",
    ]  # fmt: skip
    assert _filled("week", "2025-12-22", "2026-01-05") == ["2025-12-22", "2025-12-29 gap", "2026-01-05"]
    assert _filled("two weeks", "2026-01-07", "2026-02-02") == ["2026-01-07", "2026-01-19 gap", "2026-02-02"]


def test_months_and_school_days():
    assert _filled("month", "2025-11-20", "2026-02-01") == [
        "2025-11-20", "2025-12-01 gap", "2026-01-01 gap", "2026-02-01",
    ]  # fmt: skip
    # Thursday to Tuesday: Friday and Monday are missing, the weekend is not.
    assert _filled("day", "2026-01-08", "2026-01-13") == [
        "2026-01-08", "2026-01-09 gap", "2026-01-12 gap", "2026-01-13",
    ]  # fmt: skip
    assert _filled("day", "2026-01-10", "2026-01-12") == ["2026-01-10", "2026-01-12"]


def test_two_points_of_a_week_stay_and_no_point_stays_none():
    assert _filled("week", "2026-01-05", "2026-01-09") == ["2026-01-05", "2026-01-09"]
    assert fill_gaps([], "week", []) == ([], [[]])


def test_faults():
    with pytest.raises(KitError, match="two weeks"):
        fill_gaps([_day("2026-01-05")], "term")
    with pytest.raises(InputError, match="does not come after"):
        fill_gaps([_day("2026-01-05"), _day("2026-01-05")], "week")
    with pytest.raises(InputError, match="2 values and 1 labels"):
        fill_gaps([_day("2026-01-05")], "week", [1, 2])
