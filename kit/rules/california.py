"""The California School Dashboard: status, change, level, colour and box of one row, as published.

Cut points, colour grids and years are tables beside this module (``california_*.csv``), the other numbers
are in ``california.toml``. All arithmetic is on whole numbers and fractions; the levels are read from the
rounded figures, the change from the unrounded ones (rules.md §2.4).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kit.errors import KitError
from kit.language import N_
from kit.rules.assumptions import Assumption, assumed, rule_file
from kit.rules.california_levels import colour_level, cut_points, level_of, years_given
from kit.rules.rounding import HALF_UP, Number, exact, half_up

__all__ = ["Dashboard", "colour_level", "dashboard", "level_of"]

FILE = "california.toml"
KINDS = {"SUSP": ("ED", "HD", "UD", "ES", "MS", "HS"), "ELA": ("3-8", "11"), "MATH": ("3-8", "11")}


@dataclass(frozen=True)
class Dashboard:
    """One row of the Dashboard.

    Attributes
    ----------
    indicator, kind, unit, group, year
        As given.
    rate, prior_rate, change : Decimal or None
        One decimal: percent, or points from the standard (ELA, MATH). None where withheld or not given.
    status_level, change_level : int
        5 (best) to 1 (worst), 0 for none; the change level as it is published.
    change_used : int
        The change level that colour and box use (folded inward for a small denominator).
    colour : int
        5 Blue, 4 Green, 3 Yellow, 2 Orange, 1 Red, 0 none.
    colour_name : str
    box : int
        ``(5 − status)·50 + change_used·10``; 0 without a colour.
    small_denominator : bool
        Fewer than 150 this year (counted indicators only).
    suppressed, prior_suppressed : bool
        Ten or fewer: numerator, rate and change are blank, the denominator is printed.
    enough, prior_enough : bool
        Whether n reaches the floor for a colour.
    notes : tuple of str
        Why something is not given.
    assumptions : tuple of Assumption
    """

    indicator: str
    kind: str
    unit: str
    group: str
    year: int
    rate: Decimal | None
    prior_rate: Decimal | None
    change: Decimal | None
    status_level: int
    change_level: int
    change_used: int
    colour: int
    colour_name: str
    box: int
    small_denominator: bool
    suppressed: bool
    prior_suppressed: bool
    enough: bool
    prior_enough: bool
    notes: tuple[str, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def _assumptions(indicator: str, kind: str, year: int, change_from_display: bool, na: bool) -> tuple:
    ids = []
    if indicator in ("MATH", "SCIENCE") or kind in ("ED", "HD"):
        ids.append("cells-not-checked")
    if change_from_display:
        ids.append("displayed-change")
    if year == 2022:
        ids.append("cuts-of-2023")
    if na:
        ids.append("no-box-for-na")
    return (HALF_UP, *assumed(FILE, *ids))


def _check(indicator: str, kind: str, year: int, numerator, denominator, value) -> None:
    if indicator not in {i for i, *_ in cut_points()}:
        raise KitError(
            f"'{indicator}' is not a Dashboard indicator",
            mend="CHRO, SUSP, GRAD, ELPI, CCI, ELA, MATH, SCIENCE.",
        )
    kinds = KINDS.get(indicator, ("",))
    if kind not in kinds:
        raise KitError(
            f"{indicator} has no kind '{kind}'",
            mend=f"Give the published type: {', '.join(kinds)}." if indicator in KINDS else "Leave the kind empty.",
        )
    if (year, "*") not in years_given():
        known = sorted({y for y, _ in years_given()})
        raise KitError(f"no rules for the {year} Dashboard", mend=f"Years held: {known[0]} to {known[-1]}.")
    if numerator is not None and (denominator is None or not 0 <= numerator <= denominator):
        raise KitError(f"{numerator} of {denominator} is not a count of students", mend="0 ≤ numerator ≤ denominator.")
    if indicator in ("ELA", "MATH") and numerator is not None:
        raise KitError(f"{indicator} is a distance from the standard", mend="Give `value`, not a numerator.")
    if numerator is None and value is not None and denominator is None:
        raise KitError("a value without its number of students", mend="Give the denominator.")


def dashboard(
    indicator: str,
    *,
    denominator: int | None,
    numerator: int | None = None,
    prior_denominator: int | None = None,
    prior_numerator: int | None = None,
    value: Number | None = None,
    prior_value: Number | None = None,
    change: Number | None = None,
    kind: str = "",
    unit: str = "S",
    group: str = "ALL",
    year: int = 2025,
    withheld: str = "",
) -> Dashboard:
    """Compute one row of the Dashboard from its counts, or from its published value.

    Parameters
    ----------
    indicator, kind, year
        As for :func:`level_of`.
    denominator, numerator, prior_denominator, prior_numerator : int, optional
        Students this year and the year before. With numerators, rates and change are computed exactly.
    value, prior_value, change : number, optional
        Published figures in place of numerators: always for ELA and MATH (points from the standard), where
        counts are not published also for the others. Without ``change`` the difference of the values is
        taken and said.
    unit : {"X", "D", "S"}
        State, district or county office, school.
    group : str
        The state's code (``ALL``, ``FOS``, ``HOM``, ``LTEL`` …).
    withheld : str
        Reason for which the state withholds the colour (data error, not certified); overrides it.

    Raises
    ------
    KitError
        For an unknown indicator, kind or year, impossible counts, or cut points that are not held.

    Examples
    --------
    >>> row = dashboard("CHRO", numerator=18, denominator=331, prior_numerator=13, prior_denominator=290)
    >>> str(row.rate), str(row.change), row.colour_name, row.box
    ('5.4', '1.0', 'Orange', 120)
    """
    _check(indicator, kind, year, numerator, denominator, value)
    rules, labels = rule_file(FILE)["n"], rule_file(FILE)["labels"]
    gives_status, gives_change, gives_colour, year_note = years_given().get((year, indicator), years_given()[year, "*"])
    first_year = rule_file(FILE)["indicators"]["groups_from_year"].get(group)
    if first_year and year < first_year:
        raise KitError(f"group {group} is not in the {year} Dashboard", mend=f"It was added in {first_year}.")
    notes = [] if gives_colour else [f"{year}: {year_note}"]

    n, prior_n = denominator or 0, prior_denominator or 0
    floor = rules["coloured_from"]
    if group in rules["small_groups"] and unit in rules["small_group_units"]:
        floor = rules["coloured_from_small"]
    suppressed = n <= rules["suppressed_through"]
    prior_suppressed = prior_n <= rules["suppressed_through"]
    counted = indicator in rules["small_denominator_indicators"]
    small = counted and n < rules["small_denominator_below"]

    now = _figure(numerator, denominator, value) if not suppressed else None
    before = _figure(prior_numerator, prior_denominator, prior_value) if not prior_suppressed else None
    from_display = False
    moved = None
    if now is not None and before is not None:
        from_display = numerator is None and change is None
        moved = exact(change) if change is not None else now - before

    status = change_level = used = colour = box = 0
    na = False
    if now is not None and gives_status:
        status = level_of(indicator, "status", now, kind=kind, year=year)
    if moved is not None and gives_change:
        full = level_of(indicator, "change", moved, kind=kind, year=year)
        used = min(max(full, 2), 4) if small else full
        change_level = full if indicator in rules["publishes_unfolded_change"] else used
    enough, prior_enough = n >= floor, prior_n >= floor
    if suppressed:
        notes.append(N_("fewer than {n} students").format(n=rules["suppressed_through"] + 1))
    elif not (enough and prior_enough):
        notes.append(
            N_("fewer than {n} students in one of the two years").format(n=floor) if prior_n else N_("no year before")
        )
    if withheld:
        notes.append(withheld)
    elif status and used and enough and prior_enough and gives_colour:
        cell = colour_level(indicator, status, used, kind=kind)
        na = cell is None
        colour = cell or 0
        box = (5 - status) * 50 + used * 10 if colour else 0
    return Dashboard(
        indicator=indicator,
        kind=kind,
        unit=unit,
        group=group,
        year=year,
        rate=None if now is None else half_up(now, 1),
        prior_rate=None if before is None else half_up(before, 1),
        change=None if moved is None else half_up(moved, 1),
        status_level=status,
        change_level=change_level,
        change_used=used,
        colour=colour,
        colour_name=labels["colour"][colour],
        box=box,
        small_denominator=small,
        suppressed=suppressed,
        prior_suppressed=prior_suppressed,
        enough=enough,
        prior_enough=prior_enough,
        notes=tuple(notes),
        assumptions=_assumptions(indicator, kind, year, from_display and moved is not None, na),
    )


def _figure(numerator: int | None, denominator: int | None, value: Number | None) -> Fraction | None:
    if numerator is not None and denominator:
        return Fraction(100 * int(numerator), int(denominator))
    return None if value is None else exact(value)
