"""The results table: what every measure gives and all that anything downstream reads."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kit.errors import Fault, InputError

__all__ = ["KEY", "RESULT_COLUMNS", "read_results", "validate_results"]

KEY = ("school_year", "unit_type", "unit_id", "measure", "student_group", "grade")
RESULT_COLUMNS = {
    "school_year": "int32",
    "unit_type": "str",
    "unit_id": "str",
    "measure": "str",
    "student_group": "str",
    "grade": "str",
    "n": "Int64",
    "count": "Int64",
    "value": "float64",
}
UNIT_TYPES = ("school", "district", "network")
