"""Rival rule sets on the same pupils: each one's rate, and the pupils on whom they differ.

The rule sets are data (``kit.rules``): whole numbers, comparisons, populations. Here they become one Ibis
expression each, so that a million pupils are judged in one pass and compared as exact decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

from kit.compare.rival_words import reason_of
from kit.errors import KitError
from kit.measures.compute import student_rows
from kit.measures.english_learners import learner_facts
from kit.measures.population import pupils
from kit.measures.registry import measure
from kit.records.records import Records
from kit.rules.absence import ChronicRule, chronic_rule
from kit.rules.assumptions import assumption_texts
from kit.rules.redesignation import RedesignationRule, redesignation_rule

__all__ = ["PUBLISHED", "RIVAL_MEASURES", "RivalRates", "differing_pupils", "named_rules", "rival_rates"]

Rule = ChronicRule | RedesignationRule
RIVAL_MEASURES = {"chronic_absence": chronic_rule, "el_redesignation": redesignation_rule}
# The rule set of the results table: its rates are in every report.
PUBLISHED = "core"
UNIT = ["school_year", "unit_type", "unit_id"]


@dataclass(frozen=True)
class RivalRates:
    """The rates of several rule sets, not protected.

    Attributes
    ----------
    measure : str
    rules : tuple of rule
        As asked, in that order; each with ``name``, ``label``, ``source``, ``grade`` (of evidence).
    rates : DataFrame
        ``school_year``, ``unit_type``, ``unit_id``, ``rule_set``, ``n``, ``count``, ``value`` (percent), all
        students. The rule set of the results table is among them also where it was not asked.
    outside : DataFrame
        ``school_year``, ``unit_type``, ``unit_id``, ``rule_set``, ``other``, ``n``, ``count``: pupils in the
        population of the one rule set and not in that of the other, where there are any, and those of them
        whom it counts.
    assumptions : tuple of str
        The lines to print.
    """

    measure: str
    rules: tuple[Rule, ...]
    rates: pd.DataFrame
    outside: pd.DataFrame
    assumptions: tuple[str, ...]


def named_rules(measure_id: str, names: Sequence[str]) -> tuple[Rule, ...]:
    """Return the rule sets named, or raise an error that says what is known."""
    m = measure(measure_id)
    if m.id not in RIVAL_MEASURES:
        raise KitError(
            f"'{m.name}' has one rule set only", mend=f"Rule sets are held for {' and '.join(RIVAL_MEASURES)}."
        )
    wanted = tuple(dict.fromkeys(n.strip() for n in names if n.strip()))
    if len(wanted) < 2:
        raise KitError("Fewer than two rule sets are named", mend="Name two or more, with commas between them.")
    return tuple(RIVAL_MEASURES[m.id](name) for name in wanted)


def _chronic(t: ir.Table, rule: ChronicRule) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    inside = (t.days > 0) & (t.days >= rule.min_days) & (t.days - t.absent >= rule.min_days_attended)
    if rule.grades is not None:
        inside = inside & t.grade.isin(rule.grades).coalesce(False)
    left, right = rule.absent_multiplier * t.absent, rule.enrolled_multiplier * t.days
    return inside, left >= right if rule.comparison == "ge" else left > right


def _redesignated(t: ir.Table, rule: RedesignationRule) -> tuple[ir.BooleanValue, ir.BooleanValue]:
    waiting = ibis.literal(False)
    if "not_reclassified" in rule.counted:
        waiting = t.still
    elif "not_reclassified_after" in rule.counted:
        waiting = t.still & (t.years >= rule.years_as_learner).coalesce(False)
    return t.now | waiting, t.now


def _judged(records: Records, measure_id: str, rules: Sequence[Rule]) -> ir.Table:
    """Return one row per unit and pupil with the facts and, by rule set, ``in_0`` and ``counted_0`` …"""
    # The measure's own rows say what is missing, and count as its definition does.
    rows = student_rows(records, measure_id)
    if measure_id == "chronic_absence":
        t, judge, facts = rows, _chronic, ["days", "absent"]
    else:
        t = pupils(records).inner_join(learner_facts(records), ["student_id", "school_year"])
        t, judge, facts = t.filter(t.now | t.still), _redesignated, ["now", "still", "years"]
    verdicts = {}
    for i, rule in enumerate(rules):
        inside, counted = judge(t, rule)
        verdicts |= {f"in_{i}": inside, f"counted_{i}": inside & counted}
    return t.select(*UNIT, "student_id", "grade", *facts, **verdicts)


def rival_rates(records: Records, measure_id: str, names: Sequence[str]) -> RivalRates:
    """Compute the rates of several rule sets for every school, district, the network and year.

    Parameters
    ----------
    records : Records
    measure_id : {"chronic_absence", "el_redesignation"}
    names : sequence of str
        Two or more rule sets of the measure.

    Raises
    ------
    KitError
        If the measure has no rule sets, one is not known, or a table is missing.
    """
    records.require_sound()
    asked = named_rules(measure_id, names)
    rules = list(asked)
    if PUBLISHED not in [r.name for r in rules]:
        rules.append(RIVAL_MEASURES[measure_id](PUBLISHED))
    judged = _judged(records, measure_id, rules)
    sums = {}
    for i in range(len(rules)):
        sums |= {f"n_{i}": judged[f"in_{i}"].sum(), f"c_{i}": judged[f"counted_{i}"].sum()}
        for j in range(len(rules)):
            if i != j:
                sums[f"out_{i}_{j}"] = (judged[f"in_{i}"] & ~judged[f"in_{j}"]).sum()
                sums[f"yes_{i}_{j}"] = (judged[f"counted_{i}"] & ~judged[f"in_{j}"]).sum()
    wide = records.con.to_pandas(judged.group_by(UNIT).agg(**sums)).sort_values(UNIT, ignore_index=True)
    rates, outside = [], []
    for i, rule in enumerate(rules):
        part = wide[UNIT].assign(rule_set=rule.name, n=wide[f"n_{i}"], count=wide[f"c_{i}"])
        rates.append(part[part.n > 0])
        for j, other in enumerate(rules):
            if i != j:
                part = wide[UNIT].assign(
                    rule_set=rule.name, other=other.name, n=wide[f"out_{i}_{j}"], count=wide[f"yes_{i}_{j}"]
                )
                outside.append(part[part.n > 0])
    table = pd.concat(rates, ignore_index=True).astype({"n": "Int64", "count": "Int64"})
    table["value"] = 100 * table["count"].astype("float64") / table["n"].astype("float64")
    lines = dict.fromkeys(text for rule in asked for text in assumption_texts(rule.assumptions))
    away = pd.concat(outside, ignore_index=True).astype({"n": "Int64", "count": "Int64"})
    return RivalRates(measure_id, asked, table, away, tuple(lines))


def differing_pupils(
    records: Records, measure_id: str, names: Sequence[str], *, school_id: str | None = None, school_year: int
) -> pd.DataFrame:
    """Return the pupils on whom the rule sets differ from the first one named, with the reason in words.

    Restricted to those who may see single pupils.

    Returns
    -------
    DataFrame
        One row per school, pupil and rule set that differs: ``school_year``, ``school_id``, ``student_id``,
        ``grade``, the facts (``days``, ``absent``; or ``still``, ``years``), ``rule_set`` and ``first`` (names),
        ``says`` and ``first_says`` (counted, not counted, not in its population), ``reason``.

    Raises
    ------
    KitError
        As :func:`rival_rates`.
    """
    records.require_sound()
    rules = named_rules(measure_id, names)
    judged = _judged(records, measure_id, rules)
    here = judged.filter((judged.unit_type == "school") & (judged.school_year == ibis.literal(school_year, "int32")))
    if school_id is not None:
        here = here.filter(here.unit_id == school_id)
    differs = ibis.or_(
        *(here[f"{kind}_{i}"] != here[f"{kind}_0"] for i in range(1, len(rules)) for kind in ("in", "counted"))
    )
    found = records.con.to_pandas(here.filter(differs))
    facts = [c for c in ("days", "absent", "still", "years") if c in found]
    parts = []
    for i, rule in enumerate(rules[1:], start=1):
        rows = found[(found[f"in_{i}"] != found["in_0"]) | (found[f"counted_{i}"] != found["counted_0"])]
        part = rows[["school_year", "unit_id", "student_id", "grade", *facts]].rename(columns={"unit_id": "school_id"})
        says = {
            name: [_verdict(a, b) for a, b in zip(rows[f"in_{k}"], rows[f"counted_{k}"], strict=True)]
            for name, k in (("says", i), ("first_says", 0))
        }
        reasons = [reason_of(rules[0], rule, row) for row in rows.itertuples(index=False)]
        reasons = [r or "differ for a reason that the rule sets do not name" for r in reasons]
        part = part.assign(rule_set=rule.name, first=rules[0].name, **says, reason=reasons)
        parts.append(part)
    out = pd.concat(parts, ignore_index=True)
    for column in ("days", "absent"):
        if column in out:
            out[column] = out[column].astype("float64")
    return out.sort_values(["school_id", "rule_set", "reason", "student_id"], ignore_index=True)


def _verdict(inside: bool, counted: bool) -> str:
    return "not in its population" if not inside else "counted" if counted else "not counted"
