"""Missouri's annual performance report: share of points, accreditation, standards beside tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kit.errors import KitError
from kit.rules.assumptions import Assumption, assumed, rule_file, rule_table
from kit.rules.rounding import HALF_UP, Number, exact, half_up

__all__ = [
    "AnnualReport",
    "annual_report",
    "attendance_points",
    "available_points",
    "college_career_rate",
    "share_of_points",
]

FILE = "msip5.toml"


@dataclass(frozen=True)
class AnnualReport:
    """Points earned and possible, their share, and the accreditation that the share alone would give."""

    earned: Fraction
    possible: Fraction
    percent: Decimal
    accreditation: str
    assumptions: tuple[Assumption, ...]


def available_points(kind: str) -> dict[str, int]:
    """Return the points available by measure for a ``k12`` or ``k8`` district (140 and 80 in all)."""
    if kind not in ("k12", "k8"):
        raise KitError(f"'{kind}' is not a kind of district", mend="Use 'k12' or 'k8'.")
    return {r["measure"]: int(r[kind]) for r in rule_table("msip5_available.csv").to_dict("records") if r[kind]}


def annual_report(
    earned: Mapping[str, Number], *, kind: str = "k12", possible: Mapping[str, Number] | None = None
) -> AnnualReport:
    """Return the district's share of the points possible for it.

    Parameters
    ----------
    earned : mapping of measure to points
        Only measures that are reportable; the others leave the points possible.
    kind : {"k12", "k8"}
    possible : mapping, optional
        Points possible by measure where the state gave others than the available ones.

    Raises
    ------
    KitError
        For an unknown measure, points outside 0 to what is possible, or no measure at all.
    """
    available = {**available_points(kind), **(possible or {})}
    total, out_of = Fraction(0), Fraction(0)
    for measure, points in earned.items():
        if measure not in available:
            raise KitError(f"'{measure}' is not a measure of a {kind} district", mend=f"Known: {', '.join(available)}.")
        if not 0 <= exact(points) <= exact(available[measure]):
            raise KitError(f"{points} points for {measure}", mend=f"0 to {available[measure]} are possible.")
        total += exact(points)
        out_of += exact(available[measure])
    return share_of_points(total, out_of)


def share_of_points(earned: Number, possible: Number) -> AnnualReport:
    """Return the share and accreditation of totals that are already added up."""
    if exact(possible) <= 0:
        raise KitError("no points are possible", mend="Give at least one reportable measure.")
    rules = rule_file(FILE)["accreditation"]
    percent = half_up(100 * exact(earned) / exact(possible), rules["decimals"])
    name = next(level["name"] for level in rules["levels"] if percent >= Decimal(level["at_least"]))
    return AnnualReport(
        exact(earned),
        exact(possible),
        percent,
        name,
        (HALF_UP, *assumed(FILE, "apr-one-decimal", "one-year-of-three")),
    )


def college_career_rate(graduates_by_weight: Mapping[Number, int], not_tested: int = 0) -> Fraction:
    """Return the rate of college and career readiness (measures 1 to 3): weights over graduates, times 100.

    Parameters
    ----------
    graduates_by_weight : mapping of weight to graduates
        Each graduate once, by the best weight (0.25, 0.75, 1 or 1.25; secondary source).
    not_tested : int
        Graduates without a score; they weigh 0 and stay in the denominator.
    """
    known = {exact(w) for w in rule_file(FILE)["college_career_1_3"]["weights"]}
    odd = [w for w in graduates_by_weight if exact(w) not in known]
    if odd:
        raise KitError(f"{odd[0]} is not a weight", mend="0, 0.25, 0.75, 1 or 1.25.")
    graduates = sum(graduates_by_weight.values()) + not_tested
    if graduates <= 0:
        raise KitError("no graduates", mend="Give at least one.")
    return 100 * sum((exact(w) * n for w, n in graduates_by_weight.items()), Fraction(0)) / graduates


def attendance_points(attending: int, pupils: int) -> int:
    """Return the points for attendance, 10 where 90 % of pupils or more attend 90 % of their time.

    Raises
    ------
    KitError
        Below 90 %: the lower bands were not found.
    """
    rules = rule_file(FILE)["attendance"]
    if not 0 <= attending <= pupils or pupils == 0:
        raise KitError(f"{attending} of {pupils} pupils", mend="0 ≤ attending ≤ pupils, at least one pupil.")
    if 100 * attending >= rules["pupil_percent"] * pupils:
        return rules["points_at_90_percent"]
    raise KitError(
        f"no points are known below {rules['pupil_percent']} % of pupils",
        mend="Take the points from the state's own report; its lower bands were not found.",
    )
