"""Rounding on exact fractions, and published rates of two states reproduced from their counts."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import KitError
from kit.rules.rounding import HALF_UP, exact, half_up, rate, round_rates


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (Fraction(9, 4), 1, "2.3"),  # 2.25, a tie: away from zero
        (Fraction(-9, 4), 1, "-2.3"),
        ("2.2499999999999999999", 1, "2.2"),
        (2.675, 2, "2.68"),  # a float is the decimal that was written, not 2.67499…
        (Fraction(1, 2), 0, "1"),
        (Decimal("-0.04"), 1, "0.0"),
        (np.float64(0.05), 1, "0.1"),
        (np.int64(7), 1, "7.0"),
    ],
)
def test_ties_go_away_from_zero(value, decimals, expected):
    assert half_up(value, decimals) == Decimal(expected)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 4))
def test_a_rate_is_rounded_as_the_decimal_module_rounds_a_long_division(count, n, decimals):
    # Forty digits hold every tie of these sizes exactly, so the decimal module is an independent answer.
    from decimal import localcontext

    with localcontext(prec=60):
        expected = (Decimal(100 * count) / n).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    assert rate(count, n, decimals) == expected
    column = round_rates(pd.Series([count]), pd.Series([n]), decimals)
    assert column.iloc[0] == float(expected)


def test_decimals_are_added_as_written():
    assert exact(0.1) * 3 == exact("0.3") == Fraction(3, 10)


@pytest.mark.parametrize("bad", ["", "12 %", float("nan"), float("inf"), None])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(KitError, match="not a number"):
        exact(bad)


def test_no_students_is_no_rate():
    assert rate(0, 0) is None
    column = round_rates(pd.Series([0, 3, None, 1]), pd.Series([0, 0, 5, 8]), 1)
    assert column.isna().tolist() == [True, True, True, False]
    assert column.iloc[3] == 12.5


def test_the_assumption_is_printed_with_its_alternative():
    assert str(HALF_UP).startswith("ASSUMPTION (D)")
    assert "Half to even" in str(HALF_UP)


@pytest.mark.real_data
@pytest.mark.parametrize(("span", "rows", "ties"), [("em", 4398, 20), ("hs", 3655, 29)])
def test_new_york_absence_rates_reproduce(shared_data, span, rows, ties):
    """All 8,053 published district rates, of which 49 are exact ties that only half-up gives."""
    d = pd.read_csv(shared_data / "ny_absence_ela" / "nysed_district_2022.csv.gz")
    d = d[d[f"{span}_absent_rate"].notna()]
    count, n = d[f"{span}_absent_count"], d[f"{span}_enrollment"]
    assert len(d) == rows
    assert (round_rates(count, n, 1) == d[f"{span}_absent_rate"]).all()
    tie = (2000 * count) % (2 * n) == n
    assert tie.sum() == ties
    to_even = (100 * count[tie] / n[tie]).round(1)
    assert (to_even != d.loc[tie, f"{span}_absent_rate"]).any()


@pytest.mark.real_data
def test_california_truancy_rates_reproduce(shared_data):
    """Every row with an enrolment: schools half-up to six decimals, districts and above cut after the fourth.

    The 309 rows without enrolment publish 0 (17 of them with truants); the kit gives no rate there.
    """
    t = pd.read_csv(shared_data / "ca_truancy_discipline" / "ca_truancy.csv.gz", dtype=str)
    count, n = t["TRUANT STUDENTS"].astype("int64"), t["CUMULATIVE ENROLLMENT"].astype("int64")
    none = n == 0
    assert none.sum() == 309
    assert (t.loc[none, "TRUANCY RATE"].astype(float) == 0).all()
    assert (count[none] > 0).sum() == 17
    assert round_rates(count[none], n[none], 4).isna().all()

    school = (t["AGGLEVEL"] == "S") & ~none
    published = t.loc[school, "TRUANCY RATE"].astype(float)
    assert (round_rates(count[school], n[school], 6) == published).all()
    assert school.sum() == 31_645

    above = t[~school & ~none]
    assert set(above["AGGLEVEL"]) == {"D", "O", "T"}
    assert len(above) == 3_267
    for i, published in above["TRUANCY RATE"].items():
        full = rate(count[i], n[i], None)
        cut = Fraction(floor(full * 10_000), 10_000)
        assert cut == exact(published)
