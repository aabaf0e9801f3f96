"""Top and bottom bands: «≥ 95 %» in place of a percentage that would tell about nearly every student."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from kit.errors import KitError

__all__ = ["PROFILES", "band_limits", "bands", "check_profile"]

# California withholds below 11 and prints every other rate (rules.md §8, grade B): no bands.
PROFILES = ("nces", "ccsd", "edfacts", "california")


@cache
def bands() -> pd.DataFrame:
    """Return the table of bands: profile, from_n, to_n (students), low_percent, high_percent, source."""
    return pd.read_csv(Path(__file__).parent / "bands.csv")


def band_limits(n: np.ndarray, profile: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the percentages at or below and at or above which a group of n students is banded.

    Parameters
    ----------
    n : ndarray of int
    profile : {"nces", "ccsd", "local", "edfacts", "california"}
        ``local`` is the method of a live district, CCSD.

    Returns
    -------
    low, high : ndarray of float
        Percent; −1 and 101 where the profile has no bands.
    """
    profile = "ccsd" if profile == "local" else profile
    if profile not in PROFILES:
        raise KitError(f"'{profile}' is not a disclosure profile", mend=f"Use one of {', '.join(PROFILES)}.")
    low, high = np.full(len(n), -1.0), np.full(len(n), 101.0)
    for row in bands().query("profile == @profile").itertuples():
        here = (n >= row.from_n) & (n <= (row.to_n if row.to_n == row.to_n else np.inf))
        low[here], high[here] = row.low_percent, row.high_percent
    return low, high


def check_profile(profile: str) -> None:
    """Refuse a profile that is not known."""
    band_limits(np.array([], int), profile)
