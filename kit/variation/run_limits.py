"""How many runs, how long a run and how few crossings chance alone gives, by the number of useful points.

Useful is a point that is not on the median.
"""

from __future__ import annotations

import csv
from fractions import Fraction
from functools import cache
from math import comb
from pathlib import Path

from kit.errors import KitError

__all__ = [
    "ANHOEJ_TAIL",
    "EXACT_TAIL",
    "FEWEST_USEFUL",
    "anhoej_crossings",
    "anhoej_longest",
    "exact_runs",
    "table_runs",
]

# The published table of runs and Anhøj's limits begin here (rules.md §6.1, §6.2).
FEWEST_USEFUL = 10
# Swed and Eisenhart's tail on each side; Chen 2010 and Anhøj and Olesen 2014 for the crossings.
EXACT_TAIL, ANHOEJ_TAIL = Fraction(25, 1000), Fraction(5, 100)


@cache
def _table() -> dict[int, tuple[int, int]]:
    with (Path(__file__).parent / "runs_table.csv").open(encoding="utf-8", newline="") as file:
        return {int(r["useful"]): (int(r["lower"]), int(r["upper"])) for r in csv.DictReader(file)}


def table_runs(useful: int) -> tuple[int, int] | None:
    """Return the lowest and the highest number of runs that are no signal; None outside 10 to 40 useful points.

    Source: the table quoted with Perla, Provost and Murray 2011 (rules.md §6.1, grade C); where it is quoted
    differently, ``runs_table.csv`` has both.
    """
    return _table().get(useful)


@cache
def exact_runs(above: int, below: int) -> tuple[int, int]:
    """Return the lowest and the highest number of runs that are no signal, calculated.

    Every order of the points above and below the median is taken as equally likely (Wald and Wolfowitz 1940); a
    number of runs is a signal where it, or one further out, has a probability of 0.025 or less.

    Raises
    ------
    KitError
        Where there is no point on one side.

    Examples
    --------
    >>> exact_runs(5, 5)
    (3, 9)
    """
    if above < 1 or below < 1:
        raise KitError("runs need points on both sides of the median")
    ways = {r: _orders(above, below, r) for r in range(2, above + below + 1)}
    most = EXACT_TAIL * comb(above + below, above)
    low, tail = 2, ways[2]
    while tail <= most:
        low += 1
        tail += ways[low]
    high, tail = above + below, ways[above + below]
    while tail <= most:
        high -= 1
        tail += ways[high]
    return low, high


def _orders(above: int, below: int, runs: int) -> int:
    """Count the orders of the points that make this many runs."""
    half = runs // 2
    if runs % 2 == 0:
        return 2 * comb(above - 1, half - 1) * comb(below - 1, half - 1)
    return comb(above - 1, half) * comb(below - 1, half - 1) + comb(above - 1, half - 1) * comb(below - 1, half)


@cache
def anhoej_longest(useful: int) -> int:
    """Return the longest run that is no signal: log2 of the useful points, rounded, plus 3.

    Source: Schilling 2012; Anhøj and Olesen 2014; qicharts2 (rules.md §6.2, grade A).
    """
    # round(log2(n)) is the k with 2^(k − 1/2) < n < 2^(k + 1/2), that is 2^(2k − 1) < n² < 2^(2k + 1).
    return (max(useful, 1) ** 2).bit_length() // 2 + 3


@cache
def anhoej_crossings(useful: int) -> int:
    """Return the fewest crossings that are no signal: the 5 % quantile of useful − 1 throws of a coin.

    Source: Chen 2010; Anhøj and Olesen 2014; qicharts2 (rules.md §6.2, grade A).
    """
    throws = max(useful - 1, 0)
    fewest, tail = 0, 1
    while tail < ANHOEJ_TAIL * 2**throws:
        fewest += 1
        tail += comb(throws, fewest)
    return fewest
