"""Small literal tables for the comparisons."""

import pandas as pd
import pytest


@pytest.fixture
def table():
    """Make a results table from tuples (unit_id, measure, group, year, count, n) or, for a mean, a value."""

    def make(rows, unit_type="school", grade="all"):
        out = []
        for unit, measure, group, year, count, n, *value in rows:
            shown = value[0] if value else (100 * count / n if n else float("nan"))
            out.append((year, unit_type, unit, measure, group, grade, n, count, shown))
        columns = (
            "school_year",
            "unit_type",
            "unit_id",
            "measure",
            "student_group",
            "grade",
            "n",
            "count",
            "value",
        )
        t = pd.DataFrame(out, columns=list(columns))
        return t.astype({"n": "Int64", "count": "Int64", "value": "float64", "school_year": "int32"})

    return make


@pytest.fixture
def school_table():
    """Make a table of schools of one level, or of the levels given."""

    def make(ids, level="elementary", **columns):
        t = pd.DataFrame({"school_id": list(ids)})
        t["school_name"] = "School " + t["school_id"]
        t["district_id"], t["district_name"] = "d1", "District One"
        t["level"] = level
        for name, values in columns.items():
            t[name] = values
        return t

    return make
