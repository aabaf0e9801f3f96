"""Secrets are planted in the records; none is in anything that is made for others."""

from __future__ import annotations

import pandas as pd

from kit.cli import main
from kit.records.sample import write_sample
from kit.reports.batch import make_reports

SECRET = "SECRETPUPIL"


def texts(path):
    """Return a file's words, also where they are packed."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    return path.read_bytes().decode("utf-8", errors="replace")


def test_no_planted_pupil_is_in_any_output(tmp_path):
    data = write_sample(tmp_path / "network", schools=4, students_per_school=60, years=2)
    planted = 0
    for path in data.glob("*.parquet"):
        table = pd.read_parquet(path)
        for column in {"student_id", "respondent_id", "exit_reason"} & set(table.columns):
            table[column] = SECRET + table[column].astype("str")
            planted += len(table)
        table.to_parquet(path)
    assert planted > 1_000
    assert SECRET in texts(data / "students.parquet")
    out = tmp_path / "reports"
    assert make_reports(data, out, progress=False, keep_notebooks=True).ok
    assert main(["release", str(data), "--audience", "public", "--out", str(out / "released.csv")]) == 0
    assert main(["release", str(data), "--audience", "internal", "--out", str(out / "released.parquet")]) == 0
    files = [p for p in out.rglob("*") if p.is_file()]
    assert {".html", ".json", ".csv", ".parquet", ".ipynb"} <= {p.suffix for p in files}
    assert not [p.name for p in files if SECRET in texts(p)]
