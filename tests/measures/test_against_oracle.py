"""The kit's results against an independent count of the same folders, row by row."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from oracle import expected_results
from random_folder import random_tables, write_folder

from kit.measures.compute import compute
from kit.records.records import open_records

KEY = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]
ALL_MEASURES = {
    "chronic_absence", "attendance_rate", "suspension", "ela_proficient", "math_proficient", "graduation_4",
    "graduation_5", "graduation_6", "hs_readiness", "el_redesignation", "college_going", "gpa", "sel_growth_mindset",
    "sel_self_management", "sel_self_efficacy", "climate_safety_student", "climate_belonging_family",
    "climate_rules_staff",
}  # fmt: skip


def kit_results(folder: Path) -> dict[tuple, tuple]:
    table = compute(open_records(folder))
    assert list(table.columns) == [*KEY, "n", "count", "value"]
    rows = {}
    for *key, n, count, value in table.itertuples(index=False, name=None):
        assert tuple(key) not in rows, f"two rows for {key}"
        rows[tuple(key)] = (int(n), None if pd.isna(count) else int(count), float(value))
    return rows


def assert_same(folder: Path) -> dict[tuple, tuple]:
    expected, got = expected_results(folder), kit_results(folder)
    assert sorted(got.keys() - expected.keys())[:10] == [], "rows that should not be there"
    assert sorted(expected.keys() - got.keys())[:10] == [], "rows that are missing"
    for key, row in expected.items():
        n, count, value = got[key]
        assert (n, count) == (row.n, row.count), f"{key}: the kit has {n}, {count}; by hand {row.n}, {row.count}"
        assert abs(value - float(row.value)) < 1e-9, f"{key}: the kit has {value}; by hand {float(row.value)}"
    return got


@pytest.mark.parametrize("seed", range(5))
def test_random_folder_counts_as_by_hand(seed, tmp_path):
    """Eight sets of schools and pupils a folder: forty in all."""
    folder = write_folder(tmp_path / "data", random_tables(seed, worlds=8), seed)
    got = assert_same(folder)
    assert {key[3] for key in got} >= ALL_MEASURES, "the folder does not reach every measure"


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_the_kind_of_file_changes_no_number(kind, tmp_path):
    tables = random_tables(77)
    assert_same(write_folder(tmp_path / kind, tables, kinds=(kind,)))
