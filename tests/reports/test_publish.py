"""A published batch: to each its own, checksums that check, nothing restricted, never half."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import zipfile
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from batch_network import write_template
from report_network import HOSTILE
from report_network import results as all_results
from report_network import schools as all_schools

from kit.cli import main
from kit.errors import KitError
from kit.measures.students import NOTICE
from kit.reports import batch, formats
from kit.reports import publish as published
from kit.reports.batch import make_reports
from kit.reports.publish import publish
from kit.reports.published_links import with_links

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
WRITERS = {"pdf": "small_writers:Plain"}
LINKS = """
from IPython.display import display, HTML
display(HTML('<a href="s1.html#growth">one</a> <a href="s7.html">two</a> <a href="index.html">all</a>'
             '<a href="d1.district-report.html">three</a> <a href="https://example.org/s1.html">four</a>'))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make reports of ten schools, their districts and the network; the folder is read, never changed."""
    folder = tmp_path_factory.mktemp("publish")
    data, out = folder / "data", folder / "out"
    data.mkdir()
    table = all_results()
    table[table["measure"].ne("attendance_rate")].to_csv(data / "results.csv", index=False)
    schools = all_schools()
    schools["school_name"] = [HOSTILE, *(f"Heron School {'ABCDEFGHIJ'[i]}" for i in range(1, 10))]
    schools.to_csv(data / "schools.csv", index=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_EARLY", ())
        patch.setattr(batch, "FORMATS", WRITERS)
        patch.setattr(formats, "FORMATS", WRITERS)
        patch.setenv("KIT_TEST_FLAGS", str(folder))
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        options = {"jobs": 2, "progress": False}
        assert make_reports(data, out, formats="pdf", **options).ok
        for name, subject in (("family", "school"), ("district-report", "district"), ("network-report", "network")):
            template = write_template(folder / f"{name}.ipynb", LINKS if subject != "school" else "pass", subject)
            assert make_reports(data, out, template=template, **options).ok
    (out / ".lock").unlink()
    return out


@pytest.fixture(scope="module")
def arranged(made):
    to = made.parent / "for-schools"
    return to, publish(made, to, zipped=True)


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def names_in(text: str) -> set[str]:
    return set(re.findall(r"Heron School [A-J]", text))


def test_each_folder_holds_its_own_files_only(arranged):
    to, done = arranged
    expected = {"index.html", "SHA256SUMS", "network.network-report.html", "d0.zip", "d1.zip"}
    for i in range(10):
        d = "d0" if i < 5 else "d1"
        expected |= {f"{d}/s{i}/s{i}.html", f"{d}/s{i}/s{i}.pdf", f"{d}/s{i}/s{i}.family.html", f"{d}/s{i}.zip"}
    for d in ("d0", "d1"):
        expected |= {f"{d}/index.html", f"{d}/{d}.district-report.html"}
    assert files(to) == expected
    assert (done.schools, done.districts, done.files, done.left_out) == (10, 2, len(expected) - 1, ())


def test_the_checksums_check(arranged):
    to, _ = arranged
    if not shutil.which("sha256sum"):
        pytest.skip("there is no sha256sum here")
    ran = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=to, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(": OK") == len(files(to)) - 1


def test_a_schools_folder_names_no_other_school_than_its_own_report_does(made, arranged):
    to, _ = arranged
    for i in range(10):
        own = (made / f"s{i}.html").read_text("utf-8")
        assert (to / ("d0" if i < 5 else "d1") / f"s{i}" / f"s{i}.html").read_text("utf-8") == own
        folder = to / ("d0" if i < 5 else "d1") / f"s{i}"
        for path in folder.iterdir():
            assert path.name.startswith(f"s{i}.")
            allowed = names_in(own) if path.suffix == ".html" else set()
            assert names_in(path.read_text("utf-8", errors="replace")) <= allowed
        assert names_in((folder / f"s{i}.family.html").read_text("utf-8")) <= {f"Heron School {'ABCDEFGHIJ'[i]}"}


def test_a_district_index_lists_its_schools_and_no_other(arranged):
    to, _ = arranged
    for district, letters in (("d0", "BCDE"), ("d1", "FGHIJ")):
        page = (to / district / "index.html").read_text("utf-8")
        assert names_in(page) == {f"Heron School {x}" for x in letters}
        assert "<script>alert" not in page
        assert "manifest.json" not in page
    assert names_in((to / "index.html").read_text("utf-8")) == {f"Heron School {x}" for x in "BCDEFGHIJ"}


def test_every_link_leads_somewhere_within_what_its_reader_gets(arranged):
    to, _ = arranged
    seen = 0
    for page in to.rglob("*.html"):
        place = page.relative_to(to).parts
        within = to / Path(*place[: {1: 0, 2: 1, 3: 2}[len(place)]])
        for href in re.findall(r'href="([^"#]+)', page.read_text("utf-8")):
            if not re.match(r"[a-z]+:", href):
                target = (page.parent / unquote(unescape(href))).resolve()
                assert target.is_file(), (page, href)
                assert within.resolve() in target.parents
                seen += 1
    assert seen > 40
    district = (to / "d0" / "d0.district-report.html").read_text("utf-8")
    assert '<a href="s1/s1.html#growth">one</a> <a>two</a> <a href="index.html">all</a><a>three</a>' in district
    assert 'href="https://example.org/s1.html"' in district
    network = (to / "network.network-report.html").read_text("utf-8")
    assert '<a href="d1/s7/s7.html">two</a>' in network
    assert '<a href="d1/d1.district-report.html">three</a>' in network


def test_zips_hold_the_folders_and_the_same_bytes_each_time(made, arranged):
    to, _ = arranged
    with zipfile.ZipFile(to / "d0" / "s1.zip") as packed:
        assert set(packed.namelist()) == {"s1/s1.html", "s1/s1.pdf", "s1/s1.family.html"}
        assert packed.read("s1/s1.html") == (made / "s1.html").read_bytes()
    with zipfile.ZipFile(to / "d1.zip") as packed:
        assert "d1/s7/s7.pdf" in packed.namelist()
        assert not [n for n in packed.namelist() if n.startswith("d0") or n.endswith(".zip")]
    sums = (to / "SHA256SUMS").read_text()
    publish(made, to, zipped=True)  # takes the place of what it made before
    assert (to / "SHA256SUMS").read_text() == sums
    assert not list(to.parent.glob(".unfinished-*"))


def test_an_unfinished_batch_is_refused_and_its_whole_part_published_on_demand(made, tmp_path, capsys):
    out = tmp_path / "out"
    shutil.copytree(made, out)
    record = json.loads((out / "manifest.json").read_text("utf-8"))
    for entry in record["schools"]:
        if entry["school_id"] == "s2" and entry["template"] == "school-report":
            entry |= {"status": "failed", "error": "cell x: KeyError: 'a secret of a cell'"}
        if entry["school_id"] == "s3" and entry["template"] == "school-report":
            entry["formats"]["pdf"]["status"] = "failed"
        if entry["school_id"] == "s4" and entry["template"] == "family":
            entry["status"] = "out-of-date"
    (out / "manifest.json").write_text(json.dumps(record), "utf-8")
    (out / "s8.html").write_text("changed by somebody")
    with pytest.raises(KitError, match=r"not finished: .*Heron School C \(school-report, html\): failed"):
        publish(out, tmp_path / "to")
    assert not (tmp_path / "to").exists()

    assert main(["publish", str(out), "--to", str(tmp_path / "to"), "--partial"]) == 0
    told = capsys.readouterr()
    for letter, what in (("C", ""), ("D", " (school-report, pdf)"), ("E", " (family, html)"), ("I", "")):
        assert f"Left out: Heron School {letter}{what}" in told.err
    found = files(tmp_path / "to")
    assert not {"d0/s2/s2.html", "d0/s2/s2.pdf", "d0/s3/s3.pdf", "d0/s4/s4.family.html", "d1/s8/s8.html"} & found
    assert {"d0/s2/s2.family.html", "d0/s3/s3.html", "d0/s4/s4.html"} <= found
    index = (tmp_path / "to" / "d0" / "index.html").read_text("utf-8")
    assert "Without a report: 2" in index
    assert "a secret of a cell" not in index

    (out / ".made-so-far").touch()
    assert main(["publish", str(made), "--to", str(tmp_path / "to2")]) == 0
    with pytest.raises(KitError, match="ended before it was finished"):
        publish(out, tmp_path / "to3")


@pytest.mark.parametrize(
    ("name", "text"),
    [("README-RESTRICTED.txt", "x"), ("deep/list.csv", f"# {NOTICE}\nstudent_id\n1\n"), ("s1.html", None)],
)
def test_restricted_files_stop_it(made, tmp_path, name, text):
    out = tmp_path / "out"
    shutil.copytree(made, out)
    path = out / name
    path.parent.mkdir(exist_ok=True)
    if text is None:  # a template of somebody's own that lists pupils makes a page like any other
        page = path.read_text("utf-8").replace("</main>", f"<p>{NOTICE}</p></main>")
        path.write_text(page, "utf-8")
        record = (out / "manifest.json").read_text("utf-8")
        before = hashlib.sha256((made / name).read_bytes()).hexdigest()
        (out / "manifest.json").write_text(record.replace(before, hashlib.sha256(page.encode()).hexdigest()), "utf-8")
    else:
        path.write_text(text, "utf-8")
    with pytest.raises(KitError, match="nothing was published"):
        publish(out, tmp_path / "to")
    assert not (tmp_path / "to").exists()
    assert not list(tmp_path.glob(".unfinished-*"))


def test_it_replaces_only_what_it_made(made, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("")
    (tmp_path / "secret" / "to").mkdir(parents=True)
    (tmp_path / "secret" / "README-RESTRICTED.txt").write_text(NOTICE)
    for to in (made, made / "sub", made.parent, tmp_path / "mine", tmp_path / "file", tmp_path / "secret" / "to"):
        with pytest.raises(KitError):
            publish(made, to)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
    with pytest.raises(KitError, match="there are no reports"):
        publish(tmp_path / "mine", tmp_path / "to")


def test_what_cannot_be_finished_leaves_what_was_there(made, tmp_path, monkeypatch):
    to = tmp_path / "to"
    publish(made, to)
    before = {name: (to / name).read_bytes() for name in files(to)}

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(published, "_write_checksums", full)
    with pytest.raises(KitError, match="No space left on device"):
        publish(made, to)
    assert {name: (to / name).read_bytes() for name in files(to)} == before
    assert [p.name for p in tmp_path.iterdir()] == ["to"]


def test_links_to_what_is_not_there_are_none():
    page = '<a class="x" href="a%20b.html">1</a> <a href="gone.html">2</a> <a href="#x">3</a><a href="../up.html">4</a>'
    moved = with_links(page, "d/d.html", {"a b.html": "d/s/a b.html"}, within="d/")
    assert moved == '<a class="x" href="s/a%20b.html">1</a> <a>2</a> <a href="#x">3</a><a href="../up.html">4</a>'
