"""Ten elementary schools whose levels, growth and neighbours can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kit.measures.results import KEY, RESULT_COLUMNS
from kit.privacy import release

__all__ = ["HOSTILE", "Folder", "growth_ends", "level_rows", "level_schools"]

HOSTILE = 'x"onclick="alert(1)@example.org'
# Students chronically absent of 100 in the baseline year: ten schools, so each begins a level.
ABSENT = {f"s{i}": 28 - 2 * i for i in range(10)}
# s4 is at level 3 in 2026; s7 is California's example row (18 of 331 after 13 of 290); s9 is too small to show.
NOW = {"s4": (23, 100), "s7": (18, 331), "s9": (1, 15)}


def level_rows() -> pd.DataFrame:
    rows = []
    for i, (s, count) in enumerate(ABSENT.items()):
        for year in (2024, 2025, 2026):
            x, n = (count, 100) if year == 2024 else (13, 290) if s == "s7" else NOW.get(s, (count, 100))
            x, n = NOW[s] if year == 2026 and s in NOW else (x, n)
            rows.append((year, s, "chronic_absence", "all", n, x, 100 * x / n))
        rows.append((2026, s, "suspension", "all", 200, 4, 2.0))
        for group, size in (("disadvantaged", 40 + 10 * i), ("english_learner", 160 - 12 * i)):
            rows.append((2026, s, "suspension", group, size, 1, 100 / size))
        for year, value in ((2025, 40.0 + i), (2026, 60.0 - i)):
            rows.append((year, s, "ela_growth", "all", 15 if s == "s9" else 60, None, value))
        rows.append((2026, s, "ela_proficient", "all", 80, 40 + i, 100 * (40 + i) / 80))
    t = pd.DataFrame(rows, columns=["school_year", "unit_id", "measure", "student_group", "n", "count", "value"])
    return t.assign(unit_type="school", grade="all")[list(RESULT_COLUMNS)].astype(RESULT_COLUMNS)


def level_schools() -> pd.DataFrame:
    ids = list(ABSENT)
    return pd.DataFrame(
        {
            "school_id": ids,
            "school_name": [f"School {i}" for i in ids],
            "district_id": "d",
            "district_name": "District",
            "level": "elementary",
            "low_grade": "K",
            "high_grade": "5",
            "contact_name": [f"<b>Contact</b> {i}" for i in ids],
            "contact_email": [f"{i}@example.org" for i in ids[:-2]] + [HOSTILE, ""],
        }
    )


def growth_ends() -> pd.DataFrame:
    t = level_rows()
    t = t.loc[t["measure"].eq("ela_growth"), list(KEY)]
    return t.assign(percentile_low=[6.0, 55.0] * 10, percentile_high=[48.0, 88.0] * 10).reset_index(drop=True)


class Folder:
    """Stands in for a workspace."""

    name, folder, settings, has_records, records = "network", Path("none"), {}, True, None

    def results(self):
        return level_rows()

    def schools(self):
        return level_schools()

    def released(self, *, audience="internal", minimum=20):
        return release(level_rows(), minimum=minimum)

    def missing(self):
        return []

    def fingerprint(self):
        return "0"
