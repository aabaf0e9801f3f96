"""Rates of rival rule sets side by side, as they may be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kit.compare.rival_rules import PUBLISHED, RivalRates, differing_pupils, rival_rates
from kit.compare.rival_words import differences_in_words
from kit.disclosure.rival_rates import withhold_rival_rates
from kit.errors import KitError
from kit.measures.students import NOTICE
from kit.privacy import NEAR, REPORT_MINIMUM, SPREAD
from kit.reports.restricted import restricted_name, write_restricted
from kit.rules.rounding import rate
from kit.workspace import Workspace

__all__ = ["Differing", "SideBySide", "differing_on", "side_by_side"]

UNIT = ["school_year", "unit_type", "unit_id"]
UNIT_ORDER = {"network": 0, "district": 1, "school": 2}


@dataclass(frozen=True)
class SideBySide:
    """What may be shown of several rule sets.

    Attributes
    ----------
    measure : str
    school_year : int
    minimum : int
    table : DataFrame
        One row per unit and rule set: ``school_year``, ``unit_type``, ``unit_id``, ``name``, ``measure``,
        ``rule_set``, ``n``, ``count``, ``value`` (percent, not rounded), ``difference`` (pupils counted more
        or fewer than by the first rule set), ``status`` (shown, suppressed), ``source``. A row that is not
        shown has none of the numbers.
    rules : tuple of str
        A line a rule set: its name, what it counts and the source.
    assumptions : tuple of str
    """

    measure: str
    school_year: int
    minimum: int
    table: pd.DataFrame
    rules: tuple[str, ...]
    assumptions: tuple[str, ...]

    def as_text(self) -> str:
        """Lay the rates out for reading: a row per unit, a column per rule set."""
        names = list(dict.fromkeys(self.table["rule_set"]))
        rows = []
        for (kind, unit), part in self.table.groupby(["unit_type", "unit_id"], sort=False):
            by_rule = part.set_index("rule_set")
            row = {"": f"{kind} {unit}", "name": by_rule["name"].iloc[0]}
            for i, name in enumerate(names):
                row[name] = _cell(by_rule.loc[name]) if name in by_rule.index else "nobody"
                if i:
                    more = by_rule.loc[name, "difference"] if name in by_rule.index else pd.NA
                    row[f"± {name}"] = "" if pd.isna(more) else f"{int(more):+d}".replace("+0", "0")
            rows.append(row)
        lines = [pd.DataFrame(rows).to_string(index=False)]
        if (self.table["status"] != "shown").any():
            lines.append(
                f"Not shown: fewer than {self.minimum} pupils, or the difference from another rule set, a district "
                "or the network would give away a group that small. Restricted: --audience restricted."
            )
        names = f"±: pupils counted more or fewer than under {self.rules[0].split(':')[0]}."
        return "\n".join([*lines, names, *self.rules, *self.assumptions])


def _cell(row: pd.Series) -> str:
    if row["status"] != "shown":
        return "not shown"
    return f"{rate(row['count'], row['n'])} % ({int(row['count']):,} of {int(row['n']):,})"


def side_by_side(
    workspace: Workspace,
    measure: str,
    rules: Sequence[str],
    *,
    school_year: int | None = None,
    schools: Sequence[str] | None = None,
    minimum: int = REPORT_MINIMUM,
) -> SideBySide:
    """Compare rule sets on every school, district and the network in one year.

    Parameters
    ----------
    workspace : Workspace
        With records.
    measure : {"chronic_absence", "el_redesignation"}
    rules : sequence of str
        Two or more; differences are from the first.
    school_year : int, optional
        The latest with data when left out.
    schools : sequence of str, optional
        Only these schools, beside districts and network. What is withheld does not hang on it.
    minimum : int

    Raises
    ------
    KitError
        For an unknown measure, rule set, school or year.
    """
    found = rival_rates(workspace.records, measure, rules)
    released = workspace.released(minimum=minimum).where(measure=measure, student_group="all", grade="all")
    shown = released.where(status="shown").table
    rates = found.rates.reset_index(drop=True)
    published = pd.Series(
        pd.MultiIndex.from_frame(rates[UNIT]).isin(pd.MultiIndex.from_frame(shown[UNIT])), index=rates.index
    )
    away = withhold_rival_rates(
        rates,
        found.outside,
        published,
        measure=measure,
        published_rules=PUBLISHED,
        schools=workspace.schools(),
        minimum=minimum,
        near=NEAR,
        spread=SPREAD,
    )
    asked = [r.name for r in found.rules]
    table = rates.assign(measure=measure, status="shown", first=rates["rule_set"].eq(asked[0]))
    table.loc[away, "status"] = "suppressed"
    table.loc[away, ["n", "count"]] = pd.NA
    table.loc[away, "value"] = float("nan")
    table = table[table["rule_set"].isin(asked)]
    base = table[table["first"]].set_index(UNIT)["count"].rename("base")
    table = table.join(base, on=UNIT)
    table["difference"] = (table["count"] - table["base"]).astype("Int64")
    year = _year(table, school_year)
    table = table[table["school_year"] == year]
    table = _named(table, workspace, schools)
    order = {name: i for i, name in enumerate(asked)}
    table = table.assign(u=table["unit_type"].map(UNIT_ORDER), r=table["rule_set"].map(order))
    table = table.sort_values(["u", "unit_id", "r"], ignore_index=True)
    table["source"] = table["rule_set"].map({r.name: r.source for r in found.rules})
    columns = [
        *UNIT, "name", "measure", "rule_set", "n", "count", "value", "difference", "status", "source",
    ]  # fmt: skip
    return SideBySide(measure, year, minimum, table[columns], _cited(found), found.assumptions)


@dataclass(frozen=True)
class Differing:
    """The pupils on whom rule sets differ: restricted to those who may see single pupils.

    Attributes
    ----------
    measure : str
    school_year : int
    rule_sets : tuple of str
    table : DataFrame
        See :func:`kit.compare.rival_rules.differing_pupils`.
    lines : tuple of str
        The rates in full, how many pupils differ and why, the rule sets with their sources, assumptions.
    """

    measure: str
    school_year: int
    rule_sets: tuple[str, ...]
    table: pd.DataFrame
    lines: tuple[str, ...]

    def as_text(self) -> str:
        """Return the notice, the lines and the list."""
        table = self.table.to_string(index=False, na_rep="–") if len(self.table) else "No pupil."
        return "\n".join([NOTICE, *self.lines, table])

    def write(self, folder: str | Path) -> Path:
        """Write the list with its notice into a folder for restricted files."""
        name = restricted_name("differ", self.measure, *self.rule_sets, self.school_year)
        return write_restricted(self.table, folder, name, self.lines)


def differing_on(
    workspace: Workspace,
    measure: str,
    rules: Sequence[str],
    *,
    school_year: int | None = None,
    schools: Sequence[str] | None = None,
) -> Differing:
    """Name the pupils on whom rule sets differ, with each school's rates in full; nothing is withheld here.

    Raises
    ------
    KitError
        As :func:`side_by_side`.
    """
    found = rival_rates(workspace.records, measure, rules)
    asked = [r.name for r in found.rules]
    rates = found.rates[found.rates["rule_set"].isin(asked) & (found.rates["unit_type"] == "school")]
    year = _year(rates, school_year)
    rates = _named(rates[rates["school_year"] == year], workspace, schools)
    pupils = differing_pupils(workspace.records, measure, asked, school_year=year)
    if schools:
        pupils = pupils[pupils["school_id"].isin(list(schools))].reset_index(drop=True)
    lines = []
    for unit, part in rates.groupby("unit_id", sort=True):
        each = [f"{r.rule_set} {rate(r.count_, r.n)} % ({r.count_:,} of {r.n:,})"
                for r in part.rename(columns={"count": "count_"}).itertuples()]  # fmt: skip
        lines.append(f"School {unit}, {year}: {'; '.join(each)}")
    lines += differences_in_words(pupils) or ["The rule sets differ on no pupil."]
    return Differing(measure, year, tuple(asked), pupils, (*lines, *_cited(found), *found.assumptions))


def _cited(found: RivalRates) -> tuple[str, ...]:
    return tuple(f"{r.name}: {r.label}. Source ({r.grade}): {r.source}" for r in found.rules)


def _year(table: pd.DataFrame, school_year: int | None) -> int:
    years = sorted(table["school_year"].unique())
    if not years:
        raise KitError("No pupil is in the population of any of the rule sets", mend="See kit check DATA.")
    year = int(years[-1]) if school_year is None else school_year
    if year not in years:
        raise KitError(f"There are no rates for {year}", mend=f"Years held: {', '.join(map(str, years))}.")
    return year


def _named(table: pd.DataFrame, workspace: Workspace, schools: Sequence[str] | None) -> pd.DataFrame:
    """Give each unit its name, and keep the schools asked for beside districts and network."""
    known = workspace.schools()
    names = dict(zip(known["school_id"], known["school_name"], strict=True))
    districts = dict(zip(known["district_id"], known["district_name"], strict=True))
    if schools:
        for school in schools:
            if school not in names:
                raise KitError(f"There is no school '{school}'", mend="See the ids in the table schools.")
        table = table[(table["unit_type"] != "school") | table["unit_id"].isin(list(schools))]
    kind = table["unit_type"]
    name = table["unit_id"].map(names).where(kind == "school", table["unit_id"].map(districts))
    return table.assign(name=name.where(kind != "network", workspace.name).fillna("").astype("str"))
