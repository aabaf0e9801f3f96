"""The workbook beside a report: the released numbers, nothing else, and nothing that a spreadsheet would run."""

from __future__ import annotations

import re
import time
import zipfile

import openpyxl
import pandas as pd
import pytest
from report_network import HOSTILE, Published, results, schools

from kit.errors import KitError
from kit.language import use
from kit.measures.registry import measures
from kit.privacy import release
from kit.reports import workbook
from kit.reports.prepared import prepare
from kit.reports.workbook import WorkbookWriter, write_workbook
from kit.reports.workbook_cells import Number, Sheet

SHEETS = ["Read me", "Measures", "Student groups", "Grades", "Trend", "Definitions"]
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x","y")', "http://example.org", "0102")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepare(Published()).write(tmp_path_factory.mktemp("book") / "prepared")


@pytest.fixture(scope="module")
def book(data, tmp_path_factory):
    out = tmp_path_factory.mktemp("books") / "s0.xlsx"
    page = out.with_suffix(".html")
    page.write_text(f"<title>{HOSTILE.replace('<', '&lt;')} – x</title>", encoding="utf-8")
    WorkbookWriter(str(data)).write("s0", page, out)
    return out


def lines(path, sheet: str) -> list[dict]:
    head, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_it_holds_the_sheets_each_a_table_whose_head_stays(book):
    opened = openpyxl.load_workbook(book)
    assert opened.sheetnames == SHEETS
    assert opened.properties.title == f"{HOSTILE} – x"
    assert opened.properties.creator == "Improvement Inquiry Kit"
    for sheet in opened.worksheets[1:]:
        (table,) = sheet.tables.values()
        assert table.ref == sheet.dimensions
        assert table.headerRowCount in (None, 1)
        assert sheet.freeze_panes.endswith("2")
        assert all(sheet.column_dimensions[c.column_letter].width >= 8 for c in sheet[1])
        assert [c.value for c in sheet[1]] == [c.name for c in table.tableColumns]
    archive = zipfile.ZipFile(book)
    tables = [archive.read(n).decode() for n in archive.namelist() if "tables/" in n]
    assert len(tables) == 5
    assert all(re.search(r'altText="[^"]+" altTextSummary="[^"]{20,}"', xml) for xml in tables)
    words = {a: b for a, b, *_ in openpyxl.load_workbook(book)["Read me"].iter_rows(values_only=True) if b}
    assert words["School"] == HOSTILE
    assert words["School year"] == "2025-26"
    assert "fewer than 20" in words["Withheld"]
    assert "Synthetic" not in words
    assert set(SHEETS[1:]) <= set(words)


def test_the_numbers_are_the_results(book):
    own = results()
    own = own[own["unit_id"].eq("s0") & own["student_group"].eq("all") & own["grade"].eq("all")]
    names = {m.name: m.id for m in measures().values()}
    found = lines(book, "Measures")
    assert [names[r["Measure"]] for r in found] == [
        "chronic_absence", "attendance_rate", "ela_proficient", "climate_safety_student", "climate_safety_staff",
    ]  # fmt: skip
    for row in found:
        truth = own[own["measure"].eq(names[row["Measure"]]) & own["school_year"].eq(2026)].iloc[0]
        assert row["Value"] == pytest.approx(truth["value"], abs=1e-12)
        assert row["Counted"] == truth["n"]
        assert row["Of them"] == (None if pd.isna(truth["count"]) else truth["count"])
        assert row["School year"] == "2025-26"
    absence = found[0]
    assert absence["Better is"] == "lower"
    # 17 % of 300 in 2025-26 (15 + 0 + 2), 16 % the year before; its district of 1,500 is at 15 + 6 + 2.
    assert (absence["Value"], absence["Change from the year before"], absence["District"]) == (17.0, 1.0, 23.0)
    trend = [r for r in lines(book, "Trend") if r["Measure"] == "Chronic absence"]
    assert [(r["School year"], r["School"], r["School: counted"]) for r in trend] == [
        ("2023-24", 15.0, 300), ("2024-25", 16.0, 300), ("2025-26", 17.0, 300),
    ]  # fmt: skip
    grades = [r for r in lines(book, "Grades") if r["Measure"] == "Chronic absence" and r["School year"] == "2025-26"]
    assert [r["Grade"] for r in grades] == ["K", "1", "2", "3", "4", "5"]
    assert [r["Counted"] for r in grades] == [50] * 6
    shown = openpyxl.load_workbook(book)["Measures"]
    assert {shown.cell(row=r, column=4).number_format for r in range(2, 7)} == {'0.0" %"'}


def test_what_is_withheld_says_so_and_holds_no_number(book):
    released = release(results(), schools=schools()).table
    own = released[released["unit_id"].eq("s0") & released["student_group"].ne("all")]
    hidden = own[own["status"].ne("shown")]
    assert len(hidden) >= 12  # foster youth: 8 students in each of three years and four measures
    found = lines(book, "Student groups")
    assert len(found) == len(own)
    withheld = [r for r in found if r["Value"] == "withheld"]
    assert len(withheld) == len(hidden)
    for row in withheld:
        assert row["Counted"] == "withheld"
        assert row["Of them"] == "withheld"
        assert not [v for v in row.values() if isinstance(v, int | float)]
    assert {r["Student group"] for r in found if r["Value"] != "withheld"} >= {"English learners"}
    assert "Foster youth" in {r["Student group"] for r in withheld}
    assert "Foster youth" not in {r["Student group"] for r in found if r["Value"] != "withheld"}


def test_definitions_have_sources(book):
    found = lines(book, "Definitions")
    assert {r["Id"] for r in found} == {
        "chronic_absence", "attendance_rate", "ela_proficient", "climate_safety_student", "climate_safety_staff",
    }  # fmt: skip
    for row in found:
        known = measures()[row["Id"]]
        assert (row["Definition"], row["Source"]) == (known.definition, known.source)


@pytest.mark.parametrize("text", FORMULAS)
def test_text_is_text_wherever_it_stands(text, tmp_path):
    rows = ((text, Number(1.5, "percent")), (f"{text} and more", None))
    sheets = (
        Sheet("Read me", text, (), ((text, text),)),
        Sheet(text, text, (text, "n"), rows),
        Sheet(text, text, (text, "n"), ()),
    )
    write_workbook(sheets, tmp_path / "x.xlsx", title=text)
    opened = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cells = [c for s in opened for line in s.iter_rows() for c in line if c.value is not None]
    assert {c.data_type for c in cells} == {"s", "n"}
    assert [c.value for c in cells if c.data_type == "n"] == [1.5]
    # The title, both words of the first sheet, and the head and a cell of the table; the empty table's head.
    assert [c.value for c in cells].count(text.replace("\r", "\n")) == 6
    archive = zipfile.ZipFile(tmp_path / "x.xlsx")
    for name in archive.namelist():
        xml = archive.read(name).decode()
        assert not re.search(r"<f[ >]|<hyperlink", xml)
        assert "externalLink" not in name


def test_the_hostile_name_is_text_and_no_formula_is_anywhere(book):
    opened = openpyxl.load_workbook(book)
    assert not [c for s in opened for line in s.iter_rows() for c in line if c.data_type == "f"]
    assert HOSTILE in [c.value for c in opened["Read me"]["B"]]
    archive = zipfile.ZipFile(book)
    assert not [n for n in archive.namelist() if re.search(rb"<f[ >]|<hyperlink", archive.read(n))]


def test_the_same_numbers_give_the_same_bytes_and_no_date(data, book, tmp_path):
    time.sleep(2.1)  # a ZIP's clock ticks every two seconds
    WorkbookWriter(str(data)).write("s0", book.with_suffix(".html"), tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == book.read_bytes()
    archive = zipfile.ZipFile(book)
    assert {i.date_time[:3] for i in archive.infolist()} == {(1980, 1, 1)}
    everything = b"".join(archive.read(n) for n in archive.namelist())
    assert time.strftime("%Y-%m-%d").encode() not in everything
    assert str(data).encode() not in everything


def test_a_district_and_the_network_have_their_own_with_every_school(data, tmp_path):
    writer = WorkbookWriter(str(data))
    writer.write("d0", tmp_path / "none.html", tmp_path / "d0.xlsx")
    writer.write("network", tmp_path / "none.html", tmp_path / "network.xlsx")
    district = lines(tmp_path / "d0.xlsx", "Schools")
    assert {r["School id"] for r in district} == {f"s{i}" for i in range(5)}
    assert {r["School id"] for r in lines(tmp_path / "network.xlsx", "Schools")} == {f"s{i}" for i in range(10)}
    absence = next(r for r in lines(tmp_path / "d0.xlsx", "Measures") if r["Measure"] == "Chronic absence")
    assert (absence["Value"], absence["Counted"]) == (23.0, 1500)
    assert any(r["Student group"] == "English learners" for r in lines(tmp_path / "d0.xlsx", "Student groups"))
    # Its latest gaps: English learners against all the others of the district.
    table = results()
    table = table[table["unit_id"].eq("d0") & table["measure"].eq("chronic_absence") & table["grade"].eq("all")]
    table = table[table["school_year"].eq(table["school_year"].max())].set_index("student_group")
    n, count = (table[c]["english_learner"] for c in ("n", "count"))
    every, counted = (table[c]["all"] for c in ("n", "count"))
    of_groups = [r for r in lines(tmp_path / "d0.xlsx", "Student groups") if r["Measure"] == "Chronic absence"]
    gap = [r["Gap to the others"] for r in of_groups if r["Student group"] == "English learners"]
    assert gap[-1] == pytest.approx(100 * count / n - 100 * (counted - count) / (every - n))
    with pytest.raises(KitError, match="'nobody'"):
        writer.write("nobody", tmp_path / "none.html", tmp_path / "nobody.xlsx")
    assert not (tmp_path / "nobody.xlsx").exists()


def test_a_write_that_fails_leaves_the_old_file_as_it_was(data, tmp_path, monkeypatch):
    old = tmp_path / "s0.xlsx"
    old.write_bytes(b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workbook, "_write", full)
    with pytest.raises(OSError, match="No space"):
        WorkbookWriter(str(data)).write("s0", tmp_path / "none.html", old)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"old"]


def test_it_speaks_the_readers_language(data, tmp_path):
    with use("es"):
        WorkbookWriter(str(data)).write("s3", tmp_path / "none.html", tmp_path / "es.xlsx")
        names = [m.name for m in measures().values() if m.id == "chronic_absence"]
    opened = openpyxl.load_workbook(tmp_path / "es.xlsx")
    assert names != ["Chronic absence"]
    assert names[0] in [c.value for s in opened for c in s["B"]]
    assert len(opened.sheetnames) == 6


def test_invented_schools_are_named_so(tmp_path):
    class Invented(Published):
        def schools(self):
            return schools().assign(contact_email=[f"s{i}@example.org" for i in range(10)])

    data = prepare(Invented()).write(tmp_path / "prepared")
    WorkbookWriter(str(data)).write("s1", tmp_path / "none.html", tmp_path / "s1.xlsx")
    words = {a: b for a, b, *_ in openpyxl.load_workbook(tmp_path / "s1.xlsx")["Read me"].iter_rows(values_only=True)}
    assert "no row describes a real student" in words["Synthetic"]


def test_a_school_and_a_district_of_one_id_are_told_apart(tmp_path):
    """Also where both bear the same name, as where a district is one school."""

    class Same(Published):
        def schools(self):
            return schools().assign(district_id="s0", district_name=schools()["school_name"].iloc[0])

        def results(self):
            table = results()
            return table.assign(
                unit_id=table["unit_id"].where(table["unit_type"].ne("district"), "s0")
            ).drop_duplicates(["unit_type", "unit_id", "measure", "student_group", "grade", "school_year"])

    writer = WorkbookWriter(str(prepare(Same()).write(tmp_path / "prepared")))
    page = tmp_path / "page.html"
    page.write_text(f"<title>{HOSTILE.replace('<', '&lt;')}</title>", encoding="utf-8")
    for subject, sheet in (("school", False), ("district", True)):
        writer.subject = subject
        writer.write("s0", page, tmp_path / f"{subject}.xlsx")
        assert ("Schools" in openpyxl.load_workbook(tmp_path / f"{subject}.xlsx").sheetnames) is sheet
