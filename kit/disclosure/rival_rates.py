"""Which rates of rival rule sets may stand side by side.

Two rates of one school whose populations differ by a few pupils give those few away: the difference of the
two denominators is their number, the difference of the numerators how many of them are counted. So the pupils
in the one population and not in the other are treated as a group of their own: where it is small, or has to be
withheld so that a small one cannot be worked out from district and network, the later rule set's rate is
withheld. The rates of the published rule set stand exactly where the released table shows them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kit.disclosure.choice import count_problem, number_problem
from kit.disclosure.protect import protect
from kit.disclosure.relations import build_relations
from kit.measures.results import finish_results

__all__ = ["withhold_rival_rates"]

UNIT = ["school_year", "unit_type", "unit_id"]


def withhold_rival_rates(
    rates: pd.DataFrame,
    outside: pd.DataFrame,
    published: pd.Series,
    *,
    measure: str,
    published_rules: str,
    schools: pd.DataFrame | None,
    minimum: int,
    near: int,
    spread: int,
    programs: int = 100,
) -> pd.Series:
    """Return, per row of ``rates``, whether it is withheld.

    Parameters
    ----------
    rates, outside : DataFrame
        See :class:`kit.compare.rival_rules.RivalRates`.
    published : Series of bool
        Per row of ``rates``: the released table shows its unit's row for all students. A rate is never shown
        where the published one is not.
    measure, published_rules : str
        The measure and the rule set of the results table.
    schools, minimum, near, spread, programs
        See :func:`kit.privacy.release`.
    """
    rates = rates.reset_index(drop=True)
    away = (~published.to_numpy(dtype=bool)) | (rates["n"] < minimum).to_numpy(dtype=bool)
    settings = {"schools": schools, "minimum": minimum, "near": near, "spread": spread, "programs": programs}
    names = [published_rules, *(r for r in rates["rule_set"].drop_duplicates() if r != published_rules)]
    for place, name in enumerate(names[1:], start=1):
        mine = (rates["rule_set"] == name).to_numpy()
        rows = rates[mine]
        hidden = away[mine] | _hidden(rows, rows["n"], rows["count"], away[mine], measure, settings)
        for earlier in names[:place]:
            for one, two in ((earlier, name), (name, earlier)):
                part = outside[(outside["rule_set"] == one) & (outside["other"] == two)]
                if len(part):
                    # Where the earlier rate is withheld, the later one gives nothing away.
                    gone = _units(rates[(rates["rule_set"] == earlier) & away], part)
                    closed = gone | _units(rows[hidden], part)
                    found = _hidden(part, part["n"], part["count"], closed, measure, settings)
                    hidden |= _units(part[found & ~gone], rows)
        away[mine] = hidden
    return pd.Series(away, index=rates.index)


def _units(some: pd.DataFrame, of: pd.DataFrame) -> np.ndarray:
    """Say which rows of ``of`` have their unit and year among ``some``."""
    return pd.MultiIndex.from_frame(of[UNIT]).isin(pd.MultiIndex.from_frame(some[UNIT]))


def _hidden(rows, n, count, closed, measure, settings) -> np.ndarray:
    """Withhold what is small or ``closed``, and what would give it away through district and network."""
    if not len(rows):
        return np.zeros(0, bool)
    minimum = settings["minimum"]
    given = rows[UNIT].assign(at=range(len(rows)))
    whole = {"measure": measure, "student_group": "all", "grade": "all", "value": 0.0}
    table = finish_results(rows[UNIT].assign(**whole, n=n, count=count))
    order = table[UNIT].merge(given, on=UNIT)["at"].to_numpy()
    small = (table["n"] < minimum).to_numpy(dtype=bool) | np.asarray(closed, bool)[order]
    rels = build_relations(table, settings["schools"], minimum)
    problem, cells = number_problem(
        table, rels, small, minimum=minimum, near=settings["near"], spread=settings["spread"]
    )
    hidden = protect(problem, programs=settings["programs"]).hidden[cells]
    none = np.full(len(table), np.nan)
    counts = count_problem(table, rels, small, hidden, none, none, minimum=minimum, public=False)
    if counts is not None:
        hidden = hidden | protect(counts, programs=settings["programs"]).hidden[: len(table)]
    out = np.zeros(len(rows), bool)
    out[order] = hidden | small
    return out
