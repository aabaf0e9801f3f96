"""Puts the files of a data folder into a database as a district's holds them: texts from CSV, types from Parquet."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from kit.records.check import CheckReport

__all__ = ["as_held", "into_postgres", "same_results", "tally"]

KEY = ["school_year", "unit_type", "unit_id", "measure", "student_group", "grade"]
TYPES = {
    pa.date32(): "date",
    pa.bool_(): "boolean",
    pa.int8(): "smallint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "real",
    pa.float64(): "double precision",
    pa.string(): "text",
}


def as_held(folder: Path) -> dict[str, pa.Table]:
    """Read every table of a folder: CSV as text with empty cells as they are, Parquet in its types."""
    tables = {}
    for path in sorted(folder.iterdir()):
        name = path.name.split(".")[0]
        if path.suffix == ".parquet":
            tables[name] = pq.read_table(path)
        elif ".csv" in path.name:
            raw = path.read_bytes()
            tables[name] = _text_table(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return tables


def _text_table(raw: bytes) -> pa.Table:
    header = next(csv.reader(raw.decode().splitlines()))
    return pyarrow.csv.read_csv(
        pa.BufferReader(raw),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False
        ),
    )


def _type(kind: pa.DataType) -> str:
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision}, {kind.scale})"
    return TYPES[kind.value_type if pa.types.is_dictionary(kind) else kind]


def into_postgres(url: str, tables: dict[str, pa.Table], types: dict[str, str] | None = None) -> None:
    """Create the tables; ``types`` gives other column types, as ``"students.gender": "char(3)"``."""
    import psycopg

    types = types or {}
    with psycopg.connect(url) as con, con.cursor() as cursor:
        for name, table in tables.items():
            columns = {f.name: types.get(f"{name}.{f.name}", _type(f.type)) for f in table.schema}
            made = ", ".join(f'"{c}" {t}' for c, t in columns.items())
            cursor.execute(f'CREATE TABLE "{name}" ({made})')
            with cursor.copy(f'COPY "{name}" FROM STDIN') as copy:
                for row in zip(*(table[c].to_pylist() for c in columns), strict=True):
                    copy.write_row(row)


def same_results(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Assert that two results tables have the same rows, n and count, and values within 1e-9."""
    found, expected = found.set_index(KEY).sort_index(), expected.set_index(KEY).sort_index()
    assert list(found.columns) == ["n", "count", "value"]
    assert found.index.is_unique
    assert found.index.difference(expected.index).tolist() == [], "rows that should not be there"
    assert expected.index.difference(found.index).tolist() == [], "rows that are missing"
    assert len(found), "there is nothing to compare"
    for column in ("n", "count"):
        differ = found[column].fillna(-1) != expected[column].fillna(-1)
        assert not differ.any(), pd.concat([found[differ], expected[differ]], axis=1).head(10).to_string()
    pd.testing.assert_series_equal(found["value"], expected["value"], rtol=0, atol=1e-9)


def tally(report: CheckReport) -> Counter:
    """Count a check's faults by severity, table, rule and column."""
    counted: Counter = Counter()
    for f in report.faults:
        counted[f.severity, f.file.split(".")[0], f.rule, f.column] += f.count
    return counted
