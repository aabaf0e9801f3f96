"""Missouri's MSIP 6 scale: an adapter of its own, because its weights are not those of MSIP 5."""

from __future__ import annotations

from fractions import Fraction

from kit.errors import KitError
from kit.rules.assumptions import assumed, rule_file
from kit.rules.rounding import Number, exact

__all__ = ["ASSUMPTIONS", "annual_share", "mpi6"]

FILE = "msip5.toml"
ASSUMPTIONS = assumed(FILE, "msip6-scale")


def mpi6(below_basic: int, basic: int, proficient: int, advanced: int) -> Fraction:
    """Return the MSIP 6 performance index, exact, 100 to 450 (100, 250, 350, 450 by level; 2022 and later).

    Examples
    --------
    >>> mpi6(25, 25, 25, 25)
    Fraction(575, 2)
    """
    counts = {"below_basic": below_basic, "basic": basic, "proficient": proficient, "advanced": advanced}
    if any(c < 0 for c in counts.values()) or not any(counts.values()):
        raise KitError(f"{tuple(counts.values())} are no counts of pupils by level", mend="At least one pupil.")
    weights = rule_file(FILE)["msip6"]["mpi"]
    return Fraction(sum(weights[k] * n for k, n in counts.items()), sum(counts.values()))


def annual_share(performance: Number, continuous_improvement: Number) -> Fraction:
    """Return the annual share in percent from its two parts in percent (70 and 30 of 100)."""
    split = rule_file(FILE)["msip6"]["apr"]
    return exact(performance) * Fraction(split["performance"]) + exact(continuous_improvement) * Fraction(
        split["continuous_improvement"]
    )
