"""The CORE index: points earned over points possible, with its measures, groups and domains shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
import pandas as pd

from kit.errors import KitError
from kit.measures.registry import measure as measure_definition
from kit.rules.assumptions import Assumption, assumed, rule_file, rule_table
from kit.rules.core_baseline import TOP, make_baseline, read_baseline, write_baseline
from kit.rules.core_levels import (
    NextLevel,
    band,
    growth_level,
    level,
    levels,
    next_levels,
    students_to_next_levels,
)
from kit.rules.rounding import Number, exact

__all__ = [
    "CoreIndex",
    "CoreSettings",
    "NextLevel",
    "band",
    "core_index",
    "growth_level",
    "hs_ready",
    "level",
    "levels",
    "lowest_race_ethnicity",
    "make_baseline",
    "measure_points",
    "next_levels",
    "read_baseline",
    "students_to_next_levels",
    "write_baseline",
]

FILE = "core.toml"
GROUPS = tuple(rule_file(FILE)["index"]["groups"])
LOWEST = "lowest_race_ethnicity"
CATEGORIES = ("all", LOWEST, *GROUPS)
DOMAINS = ("academic", "climate")


@dataclass(frozen=True)
class CoreSettings:
    """What the sources leave open, and the minimum that they state.

    Attributes
    ----------
    design : {"2014-15", "full"}
        Which weights of ``core_weights.csv``; 2014-15 counts neither growth nor surveys.
    split : {"half", "fifths"}
        All students against the four groups.
    minimum_n : int
        Students for a group to count (20 in the source).
    weights : DataFrame or None
        A table like ``core_weights.csv`` in place of it.
    """

    design: str = "2014-15"
    split: str = "half"
    minimum_n: int = rule_file(FILE)["index"]["minimum_n"]
    weights: pd.DataFrame | None = None

    @property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The lines that go with every number made with these settings."""
        ids = ["deciles", "cut-rounding", "same-cuts", f"split-{self.split}", "small-groups-leave"]
        if self.weights is None:
            ids += ["academic-weights", "graduation-thirds"]
        if self.design == "full":
            ids += ["growth-whole"] + ["full-design-climate"] * (self.weights is None)
        return assumed(FILE, *ids)


@dataclass(frozen=True)
class CoreIndex:
    """The index of every school, and the points it is made of.

    Attributes
    ----------
    schools : DataFrame
        One row per school: ``school_id``, ``school_year``, ``school_level``, ``index`` (0 to 100, not
        rounded; missing without points), ``academic_earned``, ``academic_possible``, ``climate_earned``,
        ``climate_possible``, ``why``.
    points : DataFrame
        One row per school, measure and category (all students, lowest race or ethnicity, three groups):
        ``domain``, ``student_group`` (the one chosen), ``n``, ``value``, ``level``, ``share``, ``possible``,
        ``earned``, ``counted``, ``why``.
    assumptions : tuple of Assumption
    """

    schools: pd.DataFrame
    points: pd.DataFrame
    assumptions: tuple[Assumption, ...]


def _shares(split: str) -> dict[str, Fraction]:
    splits = rule_file(FILE)["splits"]
    if split not in splits:
        raise KitError(f"'{split}' is not a split", mend=f"Known: {', '.join(splits)}.")
    each = Fraction(splits[split]["each_group"])
    return {"all": Fraction(splits[split]["all"])} | dict.fromkeys(CATEGORIES[1:], each)


def measure_points(
    weight: Number, by_category: Mapping[str, int | None], *, split: str = "half", by_group: bool = True
) -> tuple[Fraction, Fraction]:
    """Return (earned, possible) of one measure at one school, exact.

    Parameters
    ----------
    weight : number
        Points of the measure; ``Fraction(40, 3)`` for thirds.
    by_category : mapping
        Level 1 to 10 of ``all``, ``lowest_race_ethnicity``, ``english_learner``, ``disability``,
        ``disadvantaged``; a category that is missing, None or too small leaves the points possible.
    split : {"half", "fifths"}
    by_group : bool
        False for EL redesignation, which all students carry whole.
    """
    odd = [c for c in by_category if c not in CATEGORIES]
    if odd:
        raise KitError(f"'{odd[0]}' is not a category of the index", mend=f"Known: {', '.join(CATEGORIES)}.")
    shares = _shares(split) if by_group else {"all": Fraction(1)}
    possible = {c: exact(weight) * s for c, s in shares.items() if by_category.get(c) is not None}
    earned = sum((p * by_category[c] / TOP for c, p in possible.items()), Fraction(0))
    return earned, sum(possible.values(), Fraction(0))


def hs_ready(
    *, gpa: Number | None, attendance_percent: Number | None, ela_mark: str, math_mark: str, suspensions: int
) -> bool:
    """Return whether an eighth-grader is ready for high school: all four criteria of CORE.

    Grade-point average of at least 2.5, attendance of at least 96 %, no final D or F in ELA or mathematics,
    not suspended. An average or attendance that is not known is not met. D+ and D− are D [D].
    """
    rules = rule_file(FILE)["high_school_readiness"]
    marks = {m.strip().upper().replace("−", "-") for m in (ela_mark, math_mark)}
    return (
        gpa is not None
        and exact(gpa) >= exact(rules["gpa_at_least"])
        and attendance_percent is not None
        and exact(attendance_percent) >= rules["attendance_percent_at_least"]
        and not marks & set(rules["failing_marks"])
        and suspensions == 0
    )


def lowest_race_ethnicity(levelled: pd.DataFrame, *, minimum_n: int) -> pd.DataFrame:
    """Return, for each school, year and measure, the race or ethnicity that fares worst.

    Only groups with enough students. Chosen separately for each measure (Marsh et al. 2016, note x), by the
    value and not the level. Of equal values the larger group is taken, then the first by name.
    """
    rows = levelled[levelled["student_group"].str.startswith("race_") & (levelled["n"] >= minimum_n)]
    sign = rows["measure"].map({m: 1 if measure_definition(m).better == "up" else -1 for m in rows["measure"].unique()})
    ordered = rows.assign(fares=rows["value"] * sign.astype("float64"), smaller=-rows["n"]).sort_values(
        ["fares", "smaller", "student_group"], kind="stable"
    )
    chosen = ordered[ordered["value"].notna()].drop_duplicates(["unit_id", "school_year", "measure"])
    return chosen.drop(columns=["fares", "smaller"]).sort_index()


def _weights(settings: CoreSettings) -> pd.DataFrame:
    table = rule_table("core_weights.csv") if settings.weights is None else settings.weights
    table = table[table["design"] == settings.design]
    if table.empty:
        raise KitError(f"no weights for the design '{settings.design}'", where="core_weights", mend="2014-15 or full.")
    total = table.assign(w=table["weight"].map(exact)).groupby("school_level")["w"].sum()
    if (total != 100).any():
        wrong = total[total != 100].index[0]
        raise KitError(
            f"weights of {wrong} schools add up to {total[wrong]}", where="core_weights", mend="Make it 100."
        )
    shares = _shares(settings.split)
    rows = []
    for r in table.itertuples():
        given = shares if r.by_group == "Y" else {"all": Fraction(1)}
        for category, share in given.items():
            possible = exact(r.weight) * share
            rows.append((r.school_level, r.domain, r.measure, category, share, possible))
    return pd.DataFrame(rows, columns=["school_level", "domain", "measure", "category", "share", "exact_possible"])


def core_index(
    results: pd.DataFrame,
    schools: pd.DataFrame,
    cuts: pd.DataFrame,
    *,
    school_year: int,
    settings: CoreSettings | None = None,
) -> CoreIndex:
    """Compute the index of every school of a year.

    Parameters
    ----------
    results : DataFrame
        The results table.
    schools : DataFrame
        ``school_id`` and ``level``.
    cuts : DataFrame
        Cut points of the baseline year, see :func:`make_baseline`.
    school_year : int
    settings : CoreSettings, optional

    Returns
    -------
    CoreIndex
        Points are added as whole numbers and divided once: a school at level 10 everywhere has an index of
        exactly 100.

    Raises
    ------
    KitError
        For an unknown design or split, or weights that do not add up to 100.
    """
    settings = settings or CoreSettings()
    weights = _weights(settings)
    # One whole unit for all shares of all weights, so that sums are exact.
    unit = lcm(*(p.denominator for p in weights["exact_possible"]))
    weights = weights.assign(
        units=[int(p * unit) for p in weights["exact_possible"]], share=weights["share"].astype("float64")
    ).drop(columns="exact_possible")

    levelled = levels(results, schools, cuts, school_year=school_year)
    levelled = levelled[levelled["measure"].isin(set(weights["measure"]))]
    lowest = lowest_race_ethnicity(levelled, minimum_n=settings.minimum_n)
    own = levelled[levelled["student_group"].isin(CATEGORIES)]
    rows = pd.concat([own.assign(category=own["student_group"]), lowest.assign(category=LOWEST)], ignore_index=True)
    rows = rows.rename(columns={"unit_id": "school_id"})[
        ["school_id", "measure", "category", "student_group", "n", "value", "level"]
    ]
    frame = schools.drop_duplicates("school_id")[["school_id", "level"]].rename(columns={"level": "school_level"})
    points = frame.merge(weights, on="school_level").merge(rows, on=["school_id", "measure", "category"], how="left")

    small = points["n"].notna() & (points["n"] < settings.minimum_n)
    counted = points["level"].notna() & ~small
    points["why"] = np.select(
        [counted, small, points["n"].notna()],
        ["", f"fewer than {settings.minimum_n} students", "no cut points"],
        default="no data",
    )
    points["counted"] = counted
    units = points["units"].where(counted, 0)
    earned = (units * points["level"].fillna(0)).astype("int64")
    points["possible"] = units / unit
    points["earned"] = earned / (TOP * unit)
    points.insert(1, "school_year", school_year)

    sums = points.assign(p=units, e=earned).pivot_table(
        index="school_id", columns="domain", values=["p", "e"], aggfunc="sum", fill_value=0
    )
    table = frame.copy()
    table.insert(1, "school_year", school_year)
    total = {}
    for kind, divisor in (("e", TOP * unit), ("p", unit)):
        for domain in DOMAINS:
            column = sums[kind, domain] if (kind, domain) in sums else pd.Series(dtype="int64")
            whole = table["school_id"].map(column).fillna(0).astype("int64")
            table[f"{domain}_{'earned' if kind == 'e' else 'possible'}"] = whole / divisor
            total[kind] = total.get(kind, 0) + whole
    table["index"] = (100 * total["e"] / (TOP * total["p"])).where(total["p"] > 0)
    known = table["school_level"].isin(set(weights["school_level"]))
    table["why"] = np.select(
        [~known, total["p"] == 0],
        ["no weights for school level '" + table["school_level"].astype(str) + "'", "no measure counts"],
        default="",
    )
    order = [f"{d}_{k}" for d in DOMAINS for k in ("earned", "possible")]
    return CoreIndex(
        schools=table[["school_id", "school_year", "school_level", "index", *order, "why"]].reset_index(drop=True),
        points=points.drop(columns="units").reset_index(drop=True),
        assumptions=settings.assumptions,
    )
