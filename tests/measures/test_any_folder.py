"""Whatever lies in the folder, the answer is the right rows, fewer rows or a KitError; never another error."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from oracle import expected_results
from random_folder import TABLES, random_tables, write_folder
from test_against_oracle import assert_same, kit_results

from kit.errors import KitError

SEED = 5


@pytest.mark.parametrize("table", TABLES)
def test_one_table_alone_gives_no_row(table, tmp_path):
    assert kit_results(write_folder(tmp_path / "data", {table: random_tables(SEED)[table]})) == {}


def test_an_empty_folder_gives_no_row(tmp_path):
    (tmp_path / "data").mkdir()
    assert kit_results(tmp_path / "data") == {}


@pytest.mark.parametrize("ending", ["\r\n", ""])
def test_headers_without_rows_give_no_row(ending, tmp_path):
    for table, rows in random_tables(SEED).items():
        header = ",".join(dict.fromkeys(c for row in rows for c in row))
        (tmp_path / f"{table}.csv").write_text(header + ending, encoding="utf-8", newline="")
    assert kit_results(tmp_path) == {}


@pytest.mark.parametrize("table", ["students", "attendance", "enrollments"])
def test_a_table_with_a_header_only_counts_as_no_rows(table, tmp_path):
    tables = random_tables(SEED)
    header = ",".join(dict.fromkeys(c for row in tables[table] for c in row))
    folder = write_folder(tmp_path / "data", {t: rows for t, rows in tables.items() if t != table})
    (folder / f"{table}.csv").write_text(header + "\n", encoding="utf-8")
    assert assert_same(folder)


def test_csv_as_spreadsheets_write_it(tmp_path):
    """A byte-order mark, CRLF, every value quoted, and an unknown column of texts with line breaks and quotes."""
    folder = write_folder(tmp_path / "data", random_tables(SEED), kinds=("csv",))
    for path in folder.iterdir():
        header, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL)
        writer.writerows([[*header, "note"], *([*row, 'two\r\nlines, "quoted"\nthree'] for row in rows)])
        path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    assert assert_same(folder)


def _plain_integers(array: pa.ChunkedArray, seen: dict[str, int]) -> pa.Array:
    return pa.array([None if v is None else seen.setdefault(v, len(seen) + 1) for v in array.to_pylist()], pa.int64())


def test_parquet_as_other_programs_write_it(tmp_path):
    """Integer ids, dictionary and large texts, timestamps for dates, floats for years, 1.0 and 0.0 for flags."""
    folder = write_folder(tmp_path / "data", random_tables(SEED), kinds=("parquet",))
    seen: dict[str, int] = {}
    plain = tmp_path / "integers"
    plain.mkdir()
    for path in folder.iterdir():
        held = pq.read_table(path)
        ids = {"student_id", "school_id", "district_id"}
        integers = {c: _plain_integers(held[c], seen) if c in ids else held[c] for c in held.column_names}
        pq.write_table(pa.table(integers), plain / path.name)
        odd = {}
        for name, column in integers.items():
            if pa.types.is_date(column.type):
                column = column.cast(pa.timestamp("ns"))
            elif pa.types.is_boolean(column.type):
                column = column.cast(pa.int8()).cast(pa.float32())
            elif pa.types.is_int32(column.type):
                column = column.cast(pa.float64())
            elif pa.types.is_string(column.type):
                column = column.cast(pa.large_string()) if name.endswith("name") else column.dictionary_encode()
            odd[name] = column
        pq.write_table(pa.table(odd), path)
    expected = {key: (row.n, row.count) for key, row in expected_results(plain).items()}
    assert len(expected) > 1000
    assert {key: row[:2] for key, row in kit_results(folder).items()} == expected


def test_a_folder_with_one_pupil(tmp_path):
    day = dt.date(2025, 9, 1)
    tables = {
        "schools": [
            {
                "school_id": "01",
                "school_name": 'A\nB "q", x',
                "district_id": "=1+1",
                "district_name": "D",
                "level": "other",
            }
        ],
        "enrollments": [
            {"student_id": "007", "school_id": "01", "school_year": "2026", "grade": "K", "entry_date": f"{day}"}
        ],
        "attendance": [{"student_id": "007", "school_id": "01", "date": f"{day}", "status": "present"}],
    }
    rows = kit_results(write_folder(tmp_path / "data", tables, kinds=("csv",)))
    units = [("district", "=1+1"), ("network", "network"), ("school", "01")]
    assert rows == {
        (2026, *unit, measure, "all", grade): result
        for unit in units
        for grade in ("all", "K")
        for measure, result in (("chronic_absence", (1, 0, 0.0)), ("attendance_rate", (1, None, 100.0)))
    }


@pytest.mark.parametrize("broken", [b"", b"PAR1 nonsense", b"\xff\xfe,\x00", b"student_id;school_id\n1;2\n"])
def test_a_broken_file_is_an_error_that_can_be_mended(broken, tmp_path):
    tables = random_tables(SEED)
    folder = write_folder(tmp_path / "data", {t: tables[t] for t in ("schools", "students")}, kinds=("csv",))
    (folder / "enrollments.csv").write_bytes(broken)
    with pytest.raises(KitError, match="enrollments"):
        kit_results(folder)
