"""Secrets are planted in the records; none is in anything that is made for others."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pandas as pd
import pikepdf
import pypdf
import pytest

from kit.cli import main
from kit.errors import KitError
from kit.records.sample import write_sample
from kit.reports.batch import make_reports
from kit.reports.chromium import find_chromium
from kit.reports.pdf import PdfWriter

SECRET = "SECRETPUPIL"


def texts(path):
    """Return a file's words, also where they are packed."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv()
    if path.suffix == ".xlsx":
        book = zipfile.ZipFile(path)
        return " ".join(book.read(name).decode("utf-8", errors="replace") for name in book.namelist())
    if path.suffix == ".pdf":
        unpacked = io.BytesIO()
        with pikepdf.open(path) as pdf:
            pdf.save(unpacked, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)
        drawn = " ".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        return unpacked.getvalue().decode("latin-1") + drawn
    return path.read_bytes().decode("utf-8", errors="replace")


def formats() -> list[str]:
    try:
        find_chromium()
    except KitError:
        return ["xlsx"]
    return ["xlsx", "pdf"]


def test_the_scanner_finds_what_is_packed(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = SECRET
    book.save(tmp_path / "a.xlsx")
    assert SECRET in texts(tmp_path / "a.xlsx")
    if "pdf" not in formats():
        pytest.skip("there is no Chromium here: set KIT_CHROMIUM")
    html = "<html lang=en><title>{}</title><h1>{}</h1><p>{}"
    writer = PdfWriter()
    for place in range(3):
        words = ["x", "x", "x"]
        words[place] = SECRET
        (tmp_path / "a.html").write_text(html.format(*words), encoding="utf-8")
        writer.write("a", tmp_path / "a.html", tmp_path / "a.pdf")
        assert SECRET in texts(tmp_path / "a.pdf")
    writer.close()


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
    assert make_reports(data, out, progress=False, keep_notebooks=True, formats=formats()).ok
    assert main(["release", str(data), "--audience", "public", "--out", str(out / "released.csv")]) == 0
    assert main(["release", str(data), "--audience", "internal", "--out", str(out / "released.parquet")]) == 0
    files = [p for p in out.rglob("*") if p.is_file()]
    assert {".html", ".json", ".csv", ".parquet", ".ipynb", *(f".{f}" for f in formats())} <= {p.suffix for p in files}
    assert not [p.name for p in files if SECRET in texts(p)]
