"""Faults put into a batch on purpose: what was made is whole, what failed is named, a re-run does only what is left.

Each is a real one: signals to real processes, a disk that is full, files that are cut short. What a single notebook
can do to its own process (raise, end it, end its maker, loop, eat memory) is in ``test_batch.py``.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from hashlib import sha256
from multiprocessing.connection import Client
from pathlib import Path

import pandas as pd
import pytest
from batch_network import NAMES, made_so_far, pages, processes_of, read, write_data, write_template
from openpyxl import load_workbook
from pypdf import PdfReader

from kit import home
from kit.cli import main
from kit.reports import batch, formats
from kit.reports.batch import make_reports
from kit.reports.estimate import BatchPlan
from kit.reports.pool import Pool
from kit.reports.publish import publish

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
FEW = {i: NAMES[i] for i in ("0101", "ab", "AB", "../up", "...", "raises")}
# Those that the tests can hold up while the others are made: the last two of the list.
HELD = ("ab", "raises")
RUN = """
import resource, sys
from kit.reports import batch, formats
batch._EARLY = ()
data, out, template, asked, limit = sys.argv[1:]
if limit != "0":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
if asked == "pdf":
    batch.FORMATS = formats.FORMATS = {"pdf": "small_writers:Held"}
result = batch.make_reports(data, out, template=template, formats=asked, jobs=2, progress=False)
sys.exit(0 if result.ok else 1)
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a folder with data of six schools and a template."""
    monkeypatch.setattr(batch, "_EARLY", ())
    monkeypatch.setenv("KIT_TEST_FLAGS", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(home()), str(Path(__file__).parent)]))
    write_data(tmp_path / "data", names=FEW)
    write_template(tmp_path / "t.ipynb", "pass")
    return tmp_path


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_EARLY", ())
        write_data(folder / "data", names=FEW)
        write_template(folder / "t.ipynb", "pass")
        assert rerun(folder, folder / "out").ok
    return folder


@pytest.fixture
def finished(place, made_once):
    """The same folder with a finished batch."""
    shutil.copytree(made_once / "out", place / "out")
    return place


def start(place: Path, out: Path, asked: str = "html", limit: int = 0) -> subprocess.Popen:
    arguments = [str(place / "data"), str(out), str(place / "t.ipynb"), asked, str(limit)]
    return subprocess.Popen([sys.executable, "-c", RUN, *arguments], stderr=subprocess.PIPE, text=True)


def until(true, seconds: float = 120):
    """Wait until something is so, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := true()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def rerun(place: Path, out: Path, **options):
    return make_reports(place / "data", out, template=place / "t.ipynb", jobs=2, progress=False, **options)


def require_whole(out: Path) -> None:
    """Every file that the manifest has is the one that was made, and every page in the folder is in the manifest."""
    known = set()
    for entry in read(out).values():
        for file in (entry, *entry["formats"].values()):
            if file["status"] in ("made", "up-to-date"):
                assert sha256((out / file["file"]).read_bytes()).hexdigest() == file["sha256"]
                known.add(file["file"])
            elif file["status"] == "failed":
                assert file["error"]
    assert set(pages(out)) == {name for name in known if name.endswith(".html")}
    assert not list(out.glob(".unfinished-*"))
    assert not (out / ".made-so-far").exists()


def test_the_batch_killed_loses_nothing_that_it_made(place):
    """kill -9 of the process that leads: no time to write a manifest, to tidy up or to end the workers."""
    out = place / "out"
    held = (
        f"import time, os\nwhile school_id in {HELD} and os.path.exists({str(place / 'hold')!r}):\n    time.sleep(0.1)"
    )
    write_template(place / "t.ipynb", held)
    (place / "hold").touch()
    process = start(place, out)
    until(lambda: len(made_so_far(out)) == len(FEW) - len(HELD))
    process.kill()
    process.communicate()
    assert until(lambda: not processes_of(out), 30), "the workers end by themselves"
    noted = {e["unit_id"] for e in made_so_far(out)}
    assert noted == set(FEW) - set(HELD)
    assert not (out / "manifest.json").exists()
    for page in pages(out).values():
        assert page.rstrip().endswith(b"</html>")
    (out / ".unfinished-left-by-a-kill").write_text("half of i")
    before = {name: (out / name).stat().st_mtime_ns for name in pages(out)}

    (place / "hold").unlink()
    again = rerun(place, out)
    assert again.ok
    assert set(again.skipped) == noted
    assert set(again.made) == set(FEW) - noted
    require_whole(out)
    kept = {e["file"] for i, e in read(out).items() if i in noted}
    assert all((out / name).stat().st_mtime_ns == before[name] for name in kept)


def test_a_note_that_was_cut_short_costs_one_report(finished):
    out = finished / "out"
    entries = read(out)
    (out / "manifest.json").unlink()
    lines = [
        json.dumps({"unit_id": unit_id} | {k: v for k, v in entry.items() if k != "school_id"})
        for unit_id, entry in entries.items()
    ]
    (out / ".made-so-far").write_text("\n" + "\n\n".join(lines)[:-40], "utf-8")
    again = rerun(finished, out)
    assert again.made == (list(entries)[-1],)
    require_whole(out)


def test_an_interrupt_between_the_formats_keeps_the_pages(place, monkeypatch):
    """Ctrl-C while the PDF files are made."""
    out = place / "out"
    (place / "hold").touch()
    process = start(place, out, "pdf")
    until(lambda: sum(bool(e["formats"]) for e in made_so_far(out)) == len(FEW) - len(HELD))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    entries = read(out)
    assert {e["status"] for e in entries.values()} == {"made"}
    states = {i: e["formats"]["pdf"]["status"] for i, e in entries.items()}
    assert states == {i: "not-made" if i in HELD else "made" for i in FEW}
    require_whole(out)
    assert until(lambda: not processes_of(out), 30)

    monkeypatch.setattr(batch, "FORMATS", {"pdf": "small_writers:Plain"})
    again = rerun(place, out, formats="pdf")
    assert (again.made, again.formats_made) == ((), {"pdf": len(HELD)})
    require_whole(out)


def opened(out: Path) -> set[str]:
    """Open every PDF and every workbook in the folder as its reader would, and return their names."""
    for path in out.glob("*.pdf"):
        assert len(PdfReader(path).pages) == 1
    for path in out.glob("*.xlsx"):
        assert load_workbook(path, read_only=True).sheetnames
    return {p.name for p in out.iterdir() if p.suffix in (".pdf", ".xlsx")}


def test_the_batch_killed_while_it_prints_loses_no_file_and_leaves_no_browser(finished):
    """kill -9 with real browsers and real workbooks at work."""
    out = finished / "out"
    before = pages(out)
    process = start(finished, out, "pdf,xlsx")

    def noted_files() -> set[str]:
        return {f["file"] for e in made_so_far(out) for f in e["formats"].values() if f["status"] == "made"}

    until(lambda: len(noted_files()) >= 2)
    process.kill()
    process.communicate()
    noted = noted_files()
    assert 2 <= len(noted) < 2 * len(FEW)
    assert until(lambda: not processes_of(out), 30)
    assert noted <= opened(out)
    times = {name: (out / name).stat().st_mtime_ns for name in noted}

    again = rerun(finished, out, formats="pdf,xlsx")
    assert again.ok
    assert again.made == ()
    assert sum(again.formats_made.values()) == 2 * len(FEW) - len(noted)
    assert {name: (out / name).stat().st_mtime_ns for name in noted} == times
    assert len(opened(out)) == 2 * len(FEW)
    assert pages(out) == before
    require_whole(out)


def test_an_interrupt_before_the_first_page_leaves_what_was_there(finished):
    out = finished / "out"
    before = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    write_data(finished / "data", names=FEW, changed="ab")
    code = RUN.replace(
        "batch._EARLY = ()",
        "batch._EARLY = ()\nimport time, kit.reports.prepared\n"
        "def slow(*a, **k): print('begun', flush=True); time.sleep(60)\nkit.reports.prepared.prepare = slow",
    )
    arguments = [str(finished / "data"), str(out), str(finished / "t.ipynb"), "html", "0"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == before
    assert until(lambda: not processes_of(out), 30)
    assert rerun(finished, out).made == ("ab",)


def test_workers_that_die_at_every_report_are_replaced_each_time(place):
    """More of them than a start may fail: each report that ends its maker is named, the last one is made."""
    killing = "import os, signal\nif school_id != '...':\n    os.kill(os.getppid(), signal.SIGKILL)"
    write_template(place / "t.ipynb", killing)
    result = make_reports(place / "data", place / "out", template=place / "t.ipynb", jobs=1, progress=False)
    assert result.made == ("...",)
    assert set(result.failed.values()) == {"the process that made it was ended or hung"}
    assert len(result.failed) == len(FEW) - 1
    require_whole(place / "out")


def test_loops_of_every_kind_are_ended_and_named(place):
    loops = """
import threading
import time
if school_id == "ab":
    while True:
        pass
if school_id == "AB":
    sum(range(10**12))
while school_id == "...":
    try:
        time.sleep(60)
    except BaseException:
        pass
"""
    write_template(place / "t.ipynb", loops)
    result = rerun(place, place / "out", timeout=3)
    reason = "cell behaviour was stopped: the report took longer than 3 seconds"
    assert result.failed == dict.fromkeys(("ab", "AB", "..."), reason)
    assert len(result.made) == len(FEW) - 3
    require_whole(place / "out")
    assert until(lambda: not processes_of(place / "out"), 30)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 16 MB of its own; skips, saying so, where none can be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        sys.platform != "linux"
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True
        ).returncode
    ):
        pytest.skip("no small disk can be mounted here; the limit on a file's size stands in for it")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


# A page of two megabytes, all of it different.
LARGE = "import os\nfrom IPython.display import HTML, display\ndisplay(HTML(os.urandom(1_000_000).hex()))"


def test_a_disk_that_fills_up_while_reports_are_made(place, small_disk, capsys):
    """The estimate says that they fit; the pages are larger than that, and the disk is full before all are made."""
    write_template(place / "t.ipynb", LARGE)
    write_data(place / "data")
    out = small_disk / "out"
    result = rerun(place, out)
    assert result.made
    assert result.failed
    assert set(result.made) | set(result.failed) == set(NAMES)
    assert set(result.failed.values()) == {"there is no room to write the report (No space left on device)"}
    require_whole(out)
    # The next plan knows how large they are: it refuses before it makes anything.
    before = {name: (out / name).stat().st_mtime_ns for name in pages(out)}
    status = main(["report", str(place / "data"), "--out", str(out), "--template", str(place / "t.ipynb")])
    told = capsys.readouterr().err
    assert status == 1
    assert "there is not enough room: about" in told
    assert "are free" in told
    assert {name: (out / name).stat().st_mtime_ns for name in pages(out)} == before
    with pytest.raises(Exception, match="not finished"):
        publish(out, small_disk / "to")

    subprocess.run(["mount", "-o", "remount,size=80m", str(small_disk)], check=True)
    again = rerun(place, out)
    assert (set(again.made), set(again.skipped)) == (set(result.failed), set(result.made))
    require_whole(out)

    # Publishing needs the room once more.
    used = sum(len(page) for page in pages(out).values())
    subprocess.run(["mount", "-o", f"remount,size={int(used * 1.5) + 2**20}", str(small_disk)], check=True)
    with pytest.raises(Exception, match=r"cannot be arranged \(No space left on device\)"):
        publish(out, small_disk / "to")
    assert sorted(p.name for p in small_disk.iterdir()) == ["out"]


def test_a_disk_that_fills_up_while_it_prints(finished, small_disk, monkeypatch):
    """A real browser's files, and the real message of a disk without room; the pages stay."""
    out = small_disk / "out"
    shutil.copytree(finished / "out", out)

    def taken(_plan, _out):
        """After the plan something else takes the room, up to that of a few files."""
        (small_disk / "of-others").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 170_000))

    with monkeypatch.context() as patch:
        patch.setattr(BatchPlan, "require_room", taken)
        result = rerun(finished, out, formats="pdf,xlsx")
    reasons = {reason for failed in result.formats_failed.values() for reason in failed.values()}
    assert reasons == {"there is no room to write it (No space left on device)"}
    assert result.made == ()
    assert set(result.skipped) == set(FEW)
    made = opened(out)
    assert 0 < len(made) < 2 * len(FEW)
    require_whole(out)
    (small_disk / "of-others").unlink()
    again = rerun(finished, out, formats="pdf,xlsx")
    assert again.ok
    assert sum(again.formats_made.values()) == 2 * len(FEW) - len(made)
    assert len(opened(out)) == 2 * len(FEW)
    require_whole(out)


def test_a_file_that_may_not_become_so_large(place):
    """Where no disk can be filled: a limit on the size of a file ends its writing in the same place."""
    write_template(place / "t.ipynb", LARGE.replace("\ndisplay", "\nif school_id == 'ab': display"))
    out = place / "out"
    process = start(place, out, limit=1_500_000)
    process.communicate(timeout=120)
    assert process.returncode == 1
    entries = read(out)
    assert entries["ab"]["error"] == "there is no room to write the report (File too large)"
    assert {i for i, e in entries.items() if e["status"] == "made"} == set(FEW) - {"ab"}
    require_whole(out)
    assert rerun(place, out).made == ("ab",)


def cut_short(data: Path) -> None:
    table = pd.read_csv(data / "results.csv", dtype=str)
    (data / "results.csv").unlink()
    table.to_parquet(data / "results.parquet")
    (data / "results.parquet").write_bytes((data / "results.parquet").read_bytes()[:-100])


def garbage(data: Path) -> None:
    with open(data / "results.csv", "ab") as file:
        file.write(b"2026,school,ab,chronic_absence,all,7,\xff\xfe,many,a lot\n\x00\x00\n")


def a_loop(data: Path) -> None:
    """A file that nobody can open, not even root."""
    (data / "schools.csv").unlink()
    (data / "schools.csv").symlink_to("schools.csv")


def no_permission(data: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (data / "results.csv").chmod(0)


@pytest.mark.parametrize("harm", [cut_short, garbage, a_loop, no_permission])
def test_a_record_that_cannot_be_read_harms_no_report_that_is_there(finished, capsys, harm):
    place, out = finished, finished / "out"
    before = {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    shutil.copytree(place / "data", place / "sound")
    harm(place / "data")
    status = main(["report", str(place / "data"), "--out", str(out), "--template", str(place / "t.ipynb")])
    told = capsys.readouterr().err
    assert status == 1
    assert "results" in told or "schools" in told
    assert "Traceback" not in told
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()} == before
    shutil.rmtree(place / "data")
    (place / "sound").rename(place / "data")
    assert rerun(place, out).made == ()


def test_prepared_numbers_that_are_damaged_are_computed_anew(finished):
    out = finished / "out"
    for name in ("released.parquet", "prepared.json"):
        path = out / ".prepared" / name
        path.write_bytes(path.read_bytes()[:-20])
        assert rerun(finished, out).made == ()
        assert set(read(out)) == set(FEW)


def test_a_full_disk_fails_the_format_and_not_the_page(place, monkeypatch):
    monkeypatch.setattr(batch, "FORMATS", {"pdf": "small_writers:NoRoom"})
    monkeypatch.setattr(formats, "FORMATS", {"pdf": "small_writers:NoRoom"})
    result = rerun(place, place / "out", formats="pdf", schools=["ab"])
    assert result.made == ("ab",)
    assert result.formats_failed == {"ab": {"pdf": "there is no room to write it (No space left on device)"}}
    require_whole(place / "out")


def test_a_pool_ends_although_nobody_accepts_any_more():
    """A dying worker may have been the last that the accepting thread heard."""
    before = set(threading.enumerate())
    pool = Pool()
    (accepting,) = set(threading.enumerate()) - before
    pool._closing = True
    Client(pool._listener.address).close()
    accepting.join(30)
    assert not accepting.is_alive()
    ending = threading.Thread(target=pool.__exit__, daemon=True)
    ending.start()
    ending.join(30)
    assert not ending.is_alive()
