"""A batch makes what it can, says what it could not, and leaves nothing half done."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from batch_network import NAMES, made_so_far, pages, processes_of, read, write_data, write_template

from kit import home
from kit.errors import KitError
from kit.reports import batch, manifest, plan
from kit.reports.batch import make_reports
from kit.reports.fingerprints import data_fingerprints, unit_fingerprints
from kit.reports.folder import alone

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
BAD = ("raises", "hangs", "eats", "dies", "takes-its-maker")
# What a school in BAD does, while the folder named in the template holds a file of that name.
BEHAVIOUR = """
import os, signal, time
from pathlib import Path
if Path(FOLDER, school_id).exists() if school_id in BAD else False:
    if school_id == "raises":
        {}["the reason"]
    elif school_id == "hangs":
        sum(range(10**12))
    elif school_id == "eats":
        hoard = bytearray(800 * 2**20)
    elif school_id == "dies":
        os._exit(9)
    else:
        os.kill(os.getppid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Make reports once with five that fail, again with these mended, and keep what was seen."""
    folder = tmp_path_factory.mktemp("batch")
    flags = folder / "flags"
    flags.mkdir()
    for school_id in BAD:
        (flags / school_id).touch()
    data = write_data(folder / "data")
    template = write_template(folder / "t.ipynb", f"FOLDER, BAD = {str(flags)!r}, {BAD!r}\n{BEHAVIOUR}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_EARLY", ())
        out = folder / "out"

        def again(**options):
            return make_reports(
                data, out, template=template, jobs=2, progress=False, timeout=5, memory_mb=500, **options
            )

        first = again()
        seen = {"folder": folder, "out": out, "data": data, "template": template, "again": again}
        seen |= {"first": first, "first_manifest": read(out), "first_pages": pages(out)}
        seen["first_index"] = (out / "index.html").read_text("utf-8")
        seen["first_run"] = json.loads((out / "manifest.json").read_text("utf-8"))["run"]
        for school_id in BAD:
            (flags / school_id).unlink()
        yield seen


def test_those_that_fail_do_not_stop_the_others(run):
    first = run["first"]
    assert set(first.failed) == set(BAD)
    assert set(first.made) == set(NAMES) - set(BAD)
    assert not first.ok
    statuses = {i: e["status"] for i, e in run["first_manifest"].items()}
    assert statuses == {i: "failed" if i in BAD else "made" for i in NAMES}


def test_each_failure_is_named_with_its_cell_and_reason(run):
    failed = run["first"].failed
    assert failed["raises"] == "cell behaviour: KeyError: 'the reason'"
    assert failed["hangs"] == "cell behaviour was stopped: the report took longer than 5 seconds"
    assert failed["dies"].startswith("cell behaviour ended its process")
    assert "status 9" in failed["dies"]
    assert failed["takes-its-maker"] == "the process that made it was ended or hung"
    if sys.platform == "linux":
        assert failed["eats"] == "cell behaviour needed more than the 500 MB it may take (MemoryError)"
    assert all("\n" not in reason for reason in failed.values())
    for school_id in BAD:
        assert run["first_manifest"][school_id]["file"] not in run["first_pages"]


def test_file_names_are_safe_and_apart(run):
    files = {i: e["file"] for i, e in run["first_manifest"].items()}
    assert files["0101"] == "0101.t.html"
    assert len({f.casefold() for f in files.values()}) == len(NAMES)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,80}\.t\.html", f) for f in files.values())
    made = {p.name for p in run["folder"].rglob("*.html")} - {"index.html"}
    assert made <= set(files.values())


def test_each_page_is_its_own_schools(run):
    for school_id, entry in run["first_manifest"].items():
        if entry["status"] == "made":
            page = run["first_pages"][entry["file"]].decode()
            said = re.search(r'<p id="said">(.*?)</p>', page)[1]
            shown = school_id.replace("&", "&amp;")
            assert said == f"{shown}|2026|20|False|en"
            assert "alert(1)</script>" not in page
            assert str(run["folder"]) not in page


def test_the_manifest_says_of_what_and_holds_no_number_of_pupils(run):
    about = run["first_run"]
    assert about["counts"] == {"made": 7, "failed": 5}
    expected = {"template": "t", "school_year": 2026, "minimum": 20, "audience": "internal"}
    assert expected.items() <= about.items()
    assert about["started"] <= about["finished"]
    keys = {"school_id", "name", "district", "district_id", "level", "file", "status", "seconds", "error", "sha256"}
    keys |= {"fingerprint", "fingerprints", "template", "language", "subject", "formats", "own_template"}
    for entry in run["first_manifest"].values():
        assert set(entry) == keys
        if entry["status"] == "made":
            assert hashlib.sha256(run["first_pages"][entry["file"]]).hexdigest() == entry["sha256"]


def test_the_index_links_what_there_is_and_names_what_there_is_not(run):
    index = run["first_index"]
    for entry in run["first_manifest"].values():
        assert (f'href="{entry["file"]}"' in index) == (entry["status"] == "made")
    assert "KeyError: &#39;the reason&#39;" in index


def test_the_runs_that_follow_make_only_what_is_left(run):
    """Resume, nothing to do, one school's data changed, all by force: one after another, as each starts
    from the folder that the one before left."""
    out, again = run["out"], run["again"]
    resumed = again()
    assert (set(resumed.made), set(resumed.skipped), resumed.failed) == (set(BAD), set(NAMES) - set(BAD), {})
    whole = pages(out)
    assert {n: b for n, b in whole.items() if n in run["first_pages"]} == run["first_pages"]

    with pytest.MonkeyPatch.context() as patch:
        # The same files are not computed from twice.
        patch.setattr("kit.reports.prepared.prepare", lambda *a, **k: pytest.fail("computed again"))
        idle = again()
    assert (idle.made, set(idle.skipped)) == ((), set(NAMES))
    assert {e["status"] for e in read(out).values()} == {"up-to-date"}

    write_data(run["data"], changed="ab")
    assert again().made == ("ab",)
    write_data(run["data"])

    (out / "0101.t.html").write_text("cut short")
    forced = again(force=True)
    assert set(forced.made) == set(NAMES)
    assert pages(out) == whole, "the same input gives the same bytes"

    (out / "manifest.json").write_text("{not json")
    with pytest.warns(UserWarning, match=r"manifest\.json cannot be read"):
        one = again(schools=["0101"])
    assert one.made == ("0101",)


def test_what_is_not_current_is_moved_away_and_said(run, tmp_path):
    """A report whose school now fails does not stay among the current ones; it is kept aside."""
    data = write_data(tmp_path / "data")
    good, bad = "pass", "raise ValueError('now')"
    options = {"jobs": 1, "progress": False, "schools": ["0101", "ab"]}
    out, template = tmp_path / "out", tmp_path / "t.ipynb"
    make_reports(data, out, template=write_template(template, good), **options)
    before = (out / "0101.t.html").read_bytes()
    options["schools"] = ["0101"]
    result = make_reports(data, out, template=write_template(template, bad), **options)
    assert result.failed == {"0101": "cell behaviour: ValueError: now"}
    assert not (out / "0101.t.html").exists()
    assert (out / "out-of-date" / "0101.t.html").read_bytes() == before
    entries = read(out)
    assert entries["ab"]["status"] == "out-of-date"
    assert (out / entries["ab"]["file"]).exists()
    index = (out / "index.html").read_text("utf-8")
    assert 'href="0101.t.html"' not in index
    assert "out of date" in index


LONG = """
import json, sys
from kit.reports import batch
batch._EARLY = ()
print("begun", flush=True)
batch.make_reports(sys.argv[1], sys.argv[2], template=sys.argv[3], jobs=2, progress=False, keep_notebooks=True)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_whole_reports_and_no_process(tmp_path, sent):
    data = write_data(tmp_path / "data")
    template = write_template(tmp_path / "t.ipynb", "import time, os; time.sleep(0.7)")
    out, env = tmp_path / "out", os.environ | {"PYTHONPATH": str(home())}
    command = [sys.executable, "-c", LONG, str(data), str(out), str(template)]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not made_so_far(out) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(sent)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    entries = read(out)
    made = {e["file"]: e for e in entries.values() if e["status"] == "made"}
    assert 1 <= len(made) < len(NAMES)
    assert {e["status"] for e in entries.values()} == {"made", "not-made"}
    assert set(pages(out)) == set(made)
    for name, content in pages(out).items():
        assert hashlib.sha256(content).hexdigest() == made[name]["sha256"]
    assert list(out.glob(".unfinished-*")) == []
    assert "not been made yet" in (out / "index.html").read_text("utf-8")
    deadline = time.monotonic() + 10
    while (left := processes_of(out)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


@pytest.mark.parametrize("limit", [1_000])
def test_no_room_leaves_the_old_file_and_nothing_half(tmp_path, limit):
    (tmp_path / "r.html").write_text("old")
    code = (
        "import resource, sys, pathlib; from kit.reports.manifest import write_whole\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "write_whole(pathlib.Path(sys.argv[1]), 'x' * 100_000)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "r.html")], cwd=home(), capture_output=True, text=True
    )
    assert "OSError" in ran.stderr
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"r.html": "old"}


def test_no_room_is_said_as_such(monkeypatch, tmp_path):
    from kit.reports import tasks, workers

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workers, "write_whole", full)
    monkeypatch.setattr(workers, "_run", lambda *a: nbformat.v4.new_notebook())
    job = tasks.Job("t.ipynb", str(tmp_path), {}, 1, 9, 9, "")
    done = workers.make_report(
        job, nbformat.v4.new_notebook(), lambda *a, **k: "", workers.Task("1", "1.html", "", "", 1, {})
    )
    assert done.error == "there is no room to write the report (No space left on device)"


def test_two_runs_do_not_work_in_one_folder(tmp_path):
    data = write_data(tmp_path / "data")
    with alone(tmp_path), pytest.raises(KitError, match="another run"):
        make_reports(data, tmp_path, template=write_template(tmp_path / "t.ipynb", "pass"))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"template": "no-such"}, "no template 'no-such'"), ({"schools": ["9999"]}, "no school '9999'")],
)
def test_wrong_use_is_said(tmp_path, options, message):
    data = write_data(tmp_path / "data")
    options = {"template": write_template(tmp_path / "t.ipynb", "pass")} | options
    with pytest.raises(KitError, match=message):
        make_reports(data, tmp_path / "out", **options)


def test_fingerprints_change_for_whom_a_number_is_shown(tmp_path):
    from kit.reports.prepared import prepare
    from kit.workspace import open_workspace

    def prints(**changes):
        folder = write_data(tmp_path / "data", **changes)
        return data_fingerprints(prepare(open_workspace(folder)))

    before = prints()
    assert prints() == before
    changed = prints(changed="ab", number=50)
    assert {i for i in before if before[i] != changed[i]} == {"ab"}
    district = prints(changed="A", number=50)
    members = [i for i, d in zip(NAMES, "AB" * 6, strict=True) if d == "A"]
    assert {i for i in before if before[i] != district[i]} == set(members)


def test_a_districts_page_is_made_again_where_another_districts_school_changes(tmp_path):
    """It says what the numbers and groups of all schools predict for its own."""
    from kit.reports.prepared import prepare
    from kit.workspace import open_workspace

    def prints(subject, **changes):
        prepared = prepare(open_workspace(write_data(tmp_path / "data", **changes)))
        units = plan.unit_list(prepared.schools, subject, template="t", language="en", network="N")
        return unit_fingerprints(prepared, units)

    districts, network = prints("district"), prints("network")
    assert set(districts) == {"A", "B"}
    assert prints("district") == districts
    changed = prints("district", changed="ab", number=50)  # a school of district B
    assert all(changed[i] != districts[i] for i in "AB")
    assert prints("network", changed="ab", number=50) != network
    own = prints("district", changed="A", number=50)  # the district's own number is on no other district's page
    assert own["A"] != districts["A"]
    assert own["B"] == districts["B"]


def test_file_names_are_the_same_whatever_the_others_are():
    names = plan.file_names(["0101", "a b", "CON", "ab", "AB"])
    assert names["0101"] == "0101.html"
    assert plan.file_names(["a b"]) == {"a b": names["a b"]}
    assert names["CON"] != "CON.html"
    assert len({n.casefold() for n in names.values()}) == 5


def test_a_manifest_that_cannot_be_read_counts_as_none(tmp_path):
    assert manifest.read_manifest(tmp_path) is None
    for content in ("", "[]", '{"form": 9}', '{"form": 2, "run": {}, "schools": [{"x": 1}]}'):
        (tmp_path / "manifest.json").write_text(content)
        with pytest.warns(UserWarning, match="made anew"):
            assert manifest.read_manifest(tmp_path) is None
