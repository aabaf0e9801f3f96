"""Records that Spark reads give the same numbers and the same faults as the same records in files."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from database_tables import as_held, same_results, tally
from nasty_records import write_nasty
from random_folder import random_tables, write_folder

from kit.errors import KitError
from kit.measures.compute import compute
from kit.records.check import check_records
from kit.records.records import open_records

# A small local Spark, its many small queries interpreted rather than compiled one by one.
SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}

pytestmark = [
    pytest.mark.filterwarnings("ignore:The copy keyword is deprecated"),  # PySpark's own use of pandas
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed (extra «spark»)"),
    pytest.mark.skipif(
        not (os.environ.get("JAVA_HOME") or shutil.which("java")),
        reason="Java is not installed (Debian: apt-get install default-jre-headless)",
    ),
]


def in_spark(folder: Path, tables: dict, **settings: str) -> str:
    """Write the tables as Parquet and return the connection string of a Spark that reads them."""
    folder.mkdir(parents=True)
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    return f"pyspark://{folder}?" + "&".join(f"{k}={v}" for k, v in (SETTINGS | settings).items())


@pytest.fixture(scope="module", autouse=True)
def _stopped():
    yield
    from pyspark.sql import SparkSession

    if session := SparkSession.getActiveSession():
        session.stop()


def test_a_random_folder_gives_the_same_results(tmp_path):
    folder = write_folder(tmp_path / "files", random_tables(11), 11)
    found = compute(open_records(in_spark(tmp_path / "spark", as_held(folder))))
    expected = compute(open_records(folder))
    same_results(found, expected)
    assert expected.measure.nunique() >= 15


def test_a_check_finds_the_same_faults(tmp_path):
    folder = write_nasty(tmp_path / "files")
    wanted = ("schools", "students", "enrollments", "attendance", "marks")
    tables = {name: t for name, t in as_held(folder).items() if name in wanted}
    for name in set(as_held(folder)) - set(wanted):
        (folder / f"{name}.csv").unlink()
    in_files = check_records(open_records(folder))
    in_spark_ = check_records(open_records(in_spark(tmp_path / "spark", tables)))
    assert tally(in_spark_) == tally(in_files)
    assert len({f.rule for f in in_files.faults}) >= 10


def test_spark_without_the_tables_says_so(tmp_path):
    records = open_records(in_spark(tmp_path / "spark", {}))
    assert records.found() == []
    with pytest.raises(KitError, match="There is no table 'students'"):
        records.table("students")
