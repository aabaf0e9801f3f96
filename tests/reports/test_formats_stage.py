"""Reports of districts and the network, other languages and other formats: one folder, one manifest, one index."""

import hashlib
import os
import re
from pathlib import Path

import pytest
from batch_network import NAMES, content, pages, read, write_data, write_template

from kit.errors import KitError
from kit.reports import batch, formats
from kit.reports.batch import make_reports
from kit.reports.formats import chosen_formats
from kit.reports.plan import file_names, subject_of
from kit.reports.publish import publish

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
FEW = {i: NAMES[i] for i in ("0101", "raises", "hangs", "dies", "eats", "../up")}
WRITERS = {"pdf": "small_writers:Plain", "xlsx": "small_writers:Faulty"}


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return a function that makes reports of six schools with small writers, and its folder."""
    (tmp_path / "flags").mkdir()
    monkeypatch.setenv("KIT_TEST_FLAGS", str(tmp_path / "flags"))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    monkeypatch.setattr(batch, "_EARLY", ())
    monkeypatch.setattr(batch, "FORMATS", WRITERS)
    monkeypatch.setattr(formats, "FORMATS", WRITERS)
    data = write_data(tmp_path / "data", names=FEW)
    template = write_template(tmp_path / "t.ipynb", "pass")

    def make(**options):
        options = {"template": template, "progress": False, "jobs": 2, "timeout": 3} | options
        return make_reports(data, tmp_path / "out", **options)

    make.out, make.flags, make.folder = tmp_path / "out", tmp_path / "flags", tmp_path
    return make


def said(page: bytes) -> str:
    return re.search(r'<p id="said">(.*?)</p>', page.decode())[1]


def test_templates_about_districts_and_the_network_stand_beside_those_about_schools(made):
    make, out = made, made.out
    district = write_template(make.folder / "district-report.ipynb", "pass", "district")
    network = write_template(make.folder / "network-report.ipynb", "pass", "network")
    assert set(make().made) == set(FEW)
    assert set(make(template=district).made) == {"A", "B"}
    assert make(template=network, language="es").made == ("network",)

    found = pages(out)
    assert said(found["A.district-report.html"]) == "A|2026|20|False|en"
    assert said(found["network.network-report.es.html"]) == "network|2026|20|False|es"
    assert '<html lang="es"' in found["network.network-report.es.html"].decode()
    assert len(found) == len(FEW) + 2 + 1

    record = content(out)
    assert {e["district_id"]: e["status"] for e in record["districts"]} == {"A": "up-to-date", "B": "up-to-date"}
    assert [e["status"] for e in record["network"]] == ["made"]
    assert {e["school_id"]: e["status"] for e in record["schools"]} == dict.fromkeys(FEW, "up-to-date")
    index = (out / "index.html").read_text("utf-8")
    for name in found:
        assert f'href="{name}"' in index
    assert index.count('<section class="district"') == 2

    # One district's numbers change: its report and those of its schools are out of date until they are asked for.
    write_data(make.folder / "data", names=FEW, changed="A")
    assert make(template=district).made == ("A",)
    record = content(out)
    own = {i for i, d in zip(FEW, "AB" * 3, strict=True) if d == "A"}
    assert {e["school_id"] for e in record["schools"] if e["status"] == "out-of-date"} == own
    assert record["network"][0]["status"] == "out-of-date"
    assert (out / "index.html").read_text("utf-8").count("out of date</span>") == len(own) + 1


def test_only_those_whom_the_template_is_about_can_be_asked_for(made):
    district = write_template(made.folder / "d.ipynb", "pass", "district")
    assert made(template=district, districts=["B"]).made == ("B",)
    assert [(e["district_id"], e["status"]) for e in content(made.out)["districts"]] == [
        ("A", "not-made"),
        ("B", "made"),
    ]
    with pytest.raises(KitError, match="makes a report of each district"):
        made(template=district, schools=["0101"])
    with pytest.raises(KitError, match="makes a report of each school"):
        made(districts=["A"])
    with pytest.raises(KitError, match="there is no district 'C'"):
        made(template=district, districts=["C"])
    with pytest.raises(KitError, match="no catalogue of the language 'xx'"):
        made(language="xx")


def test_formats_are_made_of_the_pages_and_only_what_is_missing_is_made_again(made):
    make, out = made, made.out
    for school_id in ("raises", "hangs", "dies", "eats"):
        (make.flags / school_id).touch()
    first = make(formats="html,pdf,xlsx")
    assert set(first.made) == set(FEW)
    assert first.failed == {}
    assert not first.ok
    assert first.formats_made == {"pdf": 6, "xlsx": 2}
    reasons = {i: found["xlsx"] for i, found in first.formats_failed.items()}
    assert reasons == {
        "raises": "ValueError: the reason in two lines",
        "hangs": "it was stopped: the file took longer than 3 seconds",
        "dies": "the process that made it was ended or hung",
        "eats": "ValueError: the file is empty",
    }
    entries = read(out)
    for school_id, entry in entries.items():
        page = (out / entry["file"]).read_bytes()
        assert (out / entry["formats"]["pdf"]["file"]).read_text("utf-8") == f"{school_id}|en|{len(page)}\n"
        for file in (entry, *entry["formats"].values()):
            path = out / file["file"]
            if file["status"] == "made":
                assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
            else:
                assert file["error"] == reasons[school_id]
                assert not path.exists()
    assert entries["0101"]["formats"]["xlsx"]["file"] == "0101.t.xlsx"
    assert not list(out.glob(".unfinished-*"))
    assert (make.flags / "closed").exists()
    index = (out / "index.html").read_text("utf-8")
    assert 'href="0101.t.pdf"' in index
    assert "Without one of its files: 4" in index

    # Another template made into the same folder forgets nothing of what failed here.
    assert make(template=write_template(make.folder / "d.ipynb", "pass", "district")).ok
    assert {i: e["formats"]["xlsx"].get("error") for i, e in read(out).items()} == reasons | {
        "0101": None,
        "../up": None,
    }
    with pytest.raises(KitError, match=r"not finished: .*xlsx\): failed"):
        publish(out, make.folder / "to")

    before = {p.name: p.stat().st_mtime_ns for p in out.glob("*.t.*")}
    for school_id in ("raises", "hangs", "dies", "eats"):
        (make.flags / school_id).unlink()
    (out / "0101.t.pdf").write_text("cut sho")
    again = make(formats=["pdf", "xlsx"])
    assert again.ok
    assert (again.made, len(again.skipped), again.formats_made) == ((), 6, {"pdf": 1, "xlsx": 4})
    touched = {p.name for p in out.glob("*.t.*") if p.stat().st_mtime_ns != before.get(p.name)}
    mended = {read(out)[i]["formats"]["xlsx"]["file"] for i in ("raises", "hangs", "dies", "eats")}
    assert touched == {"0101.t.pdf", *mended}

    # A page that is made anew takes its other formats with it: those asked for anew, the others out of the way.
    write_data(make.folder / "data", names=FEW, changed="raises")
    changed = make(formats="pdf")
    assert (changed.made, changed.formats_made) == (("raises",), {"pdf": 1})
    assert not (out / "raises.t.xlsx").exists()
    assert (out / "out-of-date" / "raises.t.xlsx").exists()
    assert (out / "0101.t.xlsx").exists()


def test_a_format_that_cannot_be_made_at_all_costs_no_page(made, monkeypatch):
    monkeypatch.setattr(batch, "FORMATS", {"pdf": "small_writers:Unopened", "xlsx": "no_such_module:Writer"})
    result = made(formats="pdf,xlsx", schools=["0101", "dies"])
    assert set(result.made) == {"0101", "dies"}
    assert result.formats_failed["dies"] == {
        "pdf": "RuntimeError: there is no browser",
        "xlsx": "ModuleNotFoundError: No module named 'no_such_module'",
    }


def test_which_formats():
    assert chosen_formats("html") == ()
    assert chosen_formats("PDF, html,xlsx,pdf") == ("pdf", "xlsx")
    with pytest.raises(KitError, match="'docx' is not a format"):
        chosen_formats("docx")


def test_file_names_of_templates_and_languages_never_meet():
    ids = ["0101", "family", "0101.family", "network"]
    names = [
        *file_names(ids).values(),
        *file_names(ids, "family").values(),
        *file_names(ids, "family", "es").values(),
        *file_names(ids, "school-report", "es").values(),
        *file_names(ids, "district-report", subject="district").values(),
        *file_names(["network"], "network-report", subject="network").values(),
    ]
    assert len({n.casefold() for n in names}) == len(names)
    assert names[0] == "0101.html"
    assert file_names(["0101"], "family", "es") == {"0101": "0101.family.es.html"}


@pytest.mark.parametrize("text", ["", "[]", '{"metadata": []}', '{"metadata": {"kit": {"subject": "pupil"}}}'])
def test_a_template_that_says_nothing_of_use_is_refused(tmp_path, text):
    (tmp_path / "t.ipynb").write_text(text)
    with pytest.raises(KitError, match="template"):
        subject_of(tmp_path / "t.ipynb")
