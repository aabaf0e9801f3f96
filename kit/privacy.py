"""The gate: the only way from results to a chart, a table or a file.

Whatever is drawn or written takes a :class:`Released` table and nothing else; a plain DataFrame is refused.
How the rows are chosen is in :mod:`kit.disclosure`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from kit.errors import KitError
from kit.measures.results import KEY, RESULT_COLUMNS

__all__ = [
    "LOWEST_MINIMUM",
    "RELEASED_COLUMNS",
    "REPORT_MINIMUM",
    "Released",
    "release",
    "require_released",
    "shown_as",
]

# CORE reported groups of 20 and more (Marsh et al. 2016); California withholds below 11.
REPORT_MINIMUM = 20
LOWEST_MINIMUM = 11
# Measures whose n differ by no more than this are taken to count the same students; no source: a setting.
NEAR = 2
# What can be worked out about a withheld number leaves a range at least this wide; no source: a setting.
SPREAD = 3

RELEASED_COLUMNS = {**RESULT_COLUMNS, "status": "str", "low": "float64", "high": "float64"}
_TOKEN = object()


@dataclass(frozen=True)
class Released:
    """Results that may leave: small groups withheld, and whatever would give them away.

    Attributes
    ----------
    table : DataFrame
        The results columns plus ``status`` (shown, suppressed, banded), ``low`` and ``high`` (percent
        bounds where banded). A row that is not shown has empty ``n``, ``count`` and ``value``.
    audience : {"internal", "public"}
    minimum : int
        The smallest group that is shown.
    profile : str
        The table of bands used for the public.
    shares : dict of str to float
        Share of the rows that were withheld as ``primary`` and ``complementary``, and ``banded``; of the
        whole release, also in a part of it made by :meth:`where`.
    assumptions : tuple of str
        The settings without a source, in words.
    """

    table: pd.DataFrame
    audience: str
    minimum: int
    _made_by: object = None
    profile: str = ""
    shares: dict[str, float] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()

    def __post_init__(self):
        if self._made_by is not _TOKEN:
            raise KitError("A released table is made by kit.privacy.release only")

    def where(self, **columns) -> Released:
        """Keep the rows whose columns equal (or are among) the values given."""
        t = self.table
        for name, value in columns.items():
            keep = t[name].isin(value) if isinstance(value, list | tuple | set) else t[name] == value
            t = t[keep]
        return Released(t, self.audience, self.minimum, _TOKEN, self.profile, self.shares, self.assumptions)

    def report(self) -> str:
        """Say what was withheld and on which assumptions, in a few lines."""
        s = self.shares
        lines = [f"{len(self.table):,} rows, {self.audience} audience; groups below {self.minimum} withheld."]
        if s:
            lines.append(
                f"Withheld as small {s['primary']:.1%}, to protect those {s['complementary']:.1%}"
                + (f"; shown as a band {s['banded']:.1%}." if self.audience == "public" else ".")
            )
        return "\n".join([*lines, *self.assumptions])

    def write(self, path: str | Path) -> Path:
        """Write to ``.parquet``, ``.csv`` or ``.csv.gz``, whole or not at all; see :mod:`kit.disclosure.files`."""
        from kit.disclosure.files import write_released

        return write_released(self.table, Path(path), self.audience, self.minimum, self.profile)

    @classmethod
    def read(cls, path: str | Path) -> Released:
        """Read a file that :meth:`write` made; anything else is refused.

        Raises
        ------
        InputError
            If the file is no released table, or a row that is not shown holds a number.
        """
        from kit.disclosure.files import read_released

        table, audience, minimum, profile = read_released(Path(path))
        return cls(table, audience, minimum, _TOKEN, profile)


def release(
    results: pd.DataFrame,
    *,
    audience: str = "internal",
    minimum: int = REPORT_MINIMUM,
    schools: pd.DataFrame | None = None,
    profile: str = "nces",
    near: int = NEAR,
    spread: int = SPREAD,
    programs: int = 100,
) -> Released:
    """Withhold what must not be shown, and what would give it away, and return the rest.

    Give it everything that will be published in one call: reports made from one released table cannot be
    played against each other; two separate releases can.

    Parameters
    ----------
    results : DataFrame
        The results table (``kit.measures.results``).
    audience : {"internal", "public"}
        The public sees bands in place of the highest and lowest rates.
    minimum : int
        Groups with a smaller ``n`` are withheld; 11 is the lowest allowed.
    schools : DataFrame, optional
        ``school_id`` and ``district_id``; without it the sums of schools to districts are not protected, only
        those to the network.
    profile : {"nces", "ccsd", "local", "edfacts", "california"}
        The table of bands for the public.
    near : int
        Measures of one unit and group whose ``n`` differ by at most this many students are taken to count
        the same students, and are withheld together.
    spread : int
        The range that can be worked out about a small ``n`` is at least this wide.
    programs : int
        The most integer programs to solve for a cheaper choice; it changes how much is withheld, never how
        safe it is.

    Raises
    ------
    KitError
        If the minimum is below 11, or the audience or the profile is unknown.
    """
    if minimum < LOWEST_MINIMUM:
        raise KitError(f"The minimum is {minimum}", mend=f"The lowest that is allowed is {LOWEST_MINIMUM}.")
    if audience not in ("internal", "public"):
        raise KitError(f"'{audience}' is not an audience", mend="Use internal or public.")
    from kit.disclosure.bands import check_profile
    from kit.disclosure.choice import choose_rows

    check_profile(profile)
    out = results[list(RESULT_COLUMNS)].sort_values(list(KEY), ignore_index=True)
    out["school_year"] = out["school_year"].astype(RESULT_COLUMNS["school_year"])
    choice = choose_rows(
        out,
        public=audience == "public",
        minimum=minimum,
        schools=schools,
        profile=profile,
        near=near,
        spread=spread,
        programs=programs,
    )
    out["status"] = "shown"
    out.loc[choice.banded, "status"] = "banded"
    out.loc[choice.primary | choice.complementary, "status"] = "suppressed"
    unplaced = _unplaced_districts(out, schools)
    out.loc[unplaced, "status"] = "suppressed"
    away = out["status"] != "shown"
    out.loc[away, ["n", "count"]] = pd.NA
    out.loc[away, "value"] = float("nan")
    out["low"], out["high"] = choice.low, choice.high
    out.loc[unplaced, ["low", "high"]] = float("nan")
    rows = max(len(out), 1)
    shares = {name: float(getattr(choice, name).sum()) / rows for name in ("primary", "complementary", "banded")}
    assumptions = (
        f"Assumption: measures of one group whose n differ by at most {near} count the same students.",
        f"Assumption: a withheld n is safe where a range of {spread} or more is left to whoever subtracts.",
    )
    if unplaced.any():
        assumptions += (
            f"{int(unplaced.sum()):,} district rows are withheld because it is not known which schools are theirs: "
            "whoever knows could subtract. Give schools with their district_id to show them.",
        )
    return Released(out, audience, minimum, _TOKEN, profile if audience == "public" else "", shares, assumptions)


def _unplaced_districts(out: pd.DataFrame, schools: pd.DataFrame | None) -> pd.Series:
    """Find district rows whose schools are not known, where a school's row of the same kind is withheld."""
    placed = set() if schools is None else set(schools["district_id"].dropna().astype(str))
    district = (out["unit_type"] == "district") & ~out["unit_id"].isin(placed)
    if not district.any():
        return district
    kind = pd.MultiIndex.from_frame(out[["school_year", "measure", "student_group", "grade"]])
    withheld = kind[(out["unit_type"] == "school") & (out["status"] != "shown")]
    return district & kind.isin(withheld)


def require_released(data: object) -> Released:
    """Refuse anything that did not come through the gate."""
    if not isinstance(data, Released):
        raise TypeError(f"only released results may be drawn or written, not {type(data).__name__}")
    return data


def shown_as(row, measure: str, minimum: int = REPORT_MINIMUM) -> str:
    """Write what a table shows for a released row: the value, a band, or why there is none.

    A row withheld because it is small and one withheld to protect it read alike: the difference would tell
    which is which.

    Parameters
    ----------
    row : Series or mapping
        ``status``, ``value``, ``low`` and ``high`` of a released row.
    measure : str
        Id of the measure, which decides how the value is written.
    minimum : int
        The release's minimum.

    Examples
    --------
    >>> shown_as({"status": "banded", "value": None, "low": 95.0, "high": 100.0}, "graduation_4")
    '≥ 95 %'
    """
    from kit.measures.registry import measures

    if row["status"] == "suppressed":
        return f"not shown (fewer than {minimum} students, or protects a group that small)"
    if row["status"] == "banded":
        if row["low"] > 0:
            return f"≥ {row['low']:g} %"
        return f"{'<' if row['high'] == 50 else '≤'} {row['high']:g} %"
    known = measures().get(measure)
    return known.write(row["value"]) if known else f"{row['value']:g}"
