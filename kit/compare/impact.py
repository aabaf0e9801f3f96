"""Did it make a difference? A school's change against the change of schools like it that did not try it.

The difference in differences is the school's change less the mean change of the matched schools. Its interval is how
far one more school of the same kind would change by itself: t(k-1) · s · √(1 + 1/k), s the standard deviation of the k
matched schools' changes. So a school that changed no more than its neighbours do of themselves is «not sure», however
many students it has. Source: the prediction interval of a normal sample; k of at least three is the kit's own setting.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

__all__ = ["CANNOT_TELL", "FEWEST_MATCHED", "difference_in_differences", "dose_response"]

FEWEST_MATCHED = 3
CONFIDENCE = 0.95
FEWEST_PAIRS = 8

CANNOT_TELL = (
    "Schools that are alike in size and students differ in what no table holds; one of them may have tried it too.",
    "A school that was unusually low tends to be nearer the usual the next year, without anything done.",
    "Other things changed in the same months. The comparison does not know them.",
)


def difference_in_differences(
    released: pd.DataFrame, school_id: str, matched: Sequence[str], measure: str, before: int, after: int
) -> pd.DataFrame:
    """Compare a school's change between two school years with that of matched schools, by student group.

    Parameters
    ----------
    released : DataFrame
        The released table; only rows that are shown count.
    school_id : str
    matched : sequence of str
        Schools like it that did not try the change.
    measure : str
    before, after : int
        School years by their ending year.

    Returns
    -------
    DataFrame
        A row per student group of the school with both years: student_group, before, after, change, n_before,
        n_after, matched (how many), matched_change (their mean), effect (change less matched_change), low, high, sure
        (``clear``, ``not sure`` or ``too few schools``), changes (of the matched schools, a list).
    """
    t = released[
        released["unit_type"].eq("school")
        & released["grade"].eq("all")
        & released["status"].eq("shown")
        & released["measure"].eq(measure)
        & released["school_year"].isin([before, after])
        & released["unit_id"].isin([school_id, *matched])
    ]
    wide = t.pivot_table(
        index=["student_group", "unit_id"], columns="school_year", values=["value", "n"], observed=True
    )
    rows = []
    if before in t["school_year"].to_numpy() and after in t["school_year"].to_numpy():
        wide = wide.dropna().copy()
        wide[("change", "")] = wide[("value", after)] - wide[("value", before)]
        for group in wide.index.get_level_values(0).unique():
            part = wide.loc[group]
            if school_id not in part.index:
                continue
            ours = part.loc[school_id]
            others = part.loc[[i for i in part.index if i in set(matched)], ("change", "")].astype(float)
            rows.append(_row(group, ours, others.to_numpy(), before, after))
    columns = [
        "student_group",
        "before",
        "after",
        "change",
        "n_before",
        "n_after",
        "matched",
        "matched_change",
        "effect",
        "low",
        "high",
        "sure",
        "changes",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    frame["first"] = frame["student_group"].ne("all")
    return frame.sort_values(["first", "student_group"], ignore_index=True).drop(columns="first")


def _row(group: str, ours: pd.Series, others: np.ndarray, before: int, after: int) -> dict:
    change = float(ours[("change", "")])
    k = len(others)
    mean = float(others.mean()) if k else np.nan
    half = np.nan
    if k >= FEWEST_MATCHED:
        spread = float(others.std(ddof=1))
        half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, k - 1)) * spread * float(np.sqrt(1 + 1 / k))
    effect = change - mean
    sure = "too few schools" if k < FEWEST_MATCHED else "clear" if abs(effect) > half else "not sure"
    return {
        "student_group": group,
        "before": float(ours[("value", before)]),
        "after": float(ours[("value", after)]),
        "change": change,
        "n_before": int(ours[("n", before)]),
        "n_after": int(ours[("n", after)]),
        "matched": k,
        "matched_change": mean,
        "effect": effect,
        "low": effect - half,
        "high": effect + half,
        "sure": sure,
        "changes": others.tolist(),
    }


def dose_response(dose: pd.Series, response: pd.Series, lag: int = 0) -> dict:
    """Say whether where (or when) more was done, more moved: a rank correlation, and how sure it is.

    Parameters
    ----------
    dose, response : Series
        Indexed by the same dates (or places), in order.
    lag : int
        How many steps later the response is read.

    Returns
    -------
    dict
        ``pairs`` (DataFrame with dose and response), ``n``, ``correlation`` (Spearman's), ``low``, ``high`` (95 %,
        Fisher's z with Bonett and Wright's variance, 2000), ``sure`` (``clear``, ``not sure`` or ``too few``).
    """
    later = response.shift(-lag)
    pairs = pd.DataFrame({"dose": dose, "response": later}).dropna()
    n = len(pairs)
    none = {"pairs": pairs, "n": n, "correlation": np.nan, "low": np.nan, "high": np.nan, "sure": "too few"}
    if n < FEWEST_PAIRS or pairs["dose"].nunique() < 2 or pairs["response"].nunique() < 2:
        return none
    r = float(stats.spearmanr(pairs["dose"], pairs["response"]).statistic)
    z, half = np.arctanh(np.clip(r, -0.999999, 0.999999)), 1.959964 * np.sqrt((1 + r * r / 2) / (n - 3))
    low, high = float(np.tanh(z - half)), float(np.tanh(z + half))
    return {**none, "correlation": r, "low": low, "high": high, "sure": "clear" if low * high > 0 else "not sure"}
