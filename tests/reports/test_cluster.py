"""A Dask cluster makes the same reports as this machine, fails in the same words, and outlives its workers' deaths."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import dask
import psutil
import pytest
from batch_network import NAMES, pages, read, write_data, write_template
from distributed import Client, LocalCluster
from test_batch import BEHAVIOUR

from kit import home
from kit.cli import main
from kit.errors import KitError
from kit.reports import batch
from kit.reports.batch import make_reports

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
FAIL = ("raises", "hangs", "takes-its-maker")
FEW = {i: NAMES[i] for i in ("0101", "ab", "AB", "../up", "🏫 1", *FAIL)}
# Says where the numbers lie that it was given, and which processes it runs in.
SAYS = """
import json, os, psutil
from pathlib import Path
_ = Path(FOLDER, f"{os.getpid()}.json").write_text(json.dumps({
    "school": school_id, "data": data, "here": os.getcwd(),
    "parents": [p.pid for p in psutil.Process().parents()],
}))
"""


@contextlib.contextmanager
def workers(number: int, scratch: Path):
    """Start a scheduler, and workers each a process of its own that nobody starts again when it dies."""
    settings = os.environ | {"PYTHONPATH": os.pathsep.join([str(home()), str(Path(__file__).parent)])}
    with (
        # One death, and Dask gives up all that waited at the worker: the kit then finds out which it was.
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as scheduler,
        contextlib.ExitStack() as stack,
    ):
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler.scheduler_address, "--no-nanny"]
        options = ["--nthreads=1", "--no-dashboard", "--host=127.0.0.1", f"--local-directory={scratch}"]
        for _ in range(number):
            process = subprocess.Popen([*command, *options], env=settings, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        workers_of(scheduler, number)
        yield scheduler


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with workers(2, tmp_path_factory.mktemp("scratch")) as two:
        yield two


@pytest.fixture(autouse=True)
def _no_early_imports(monkeypatch):
    monkeypatch.setattr(batch, "_EARLY", ())


def workers_of(cluster, number: int = 2) -> dict[str, int]:
    """Return the process ids of the workers, by address, when there are so many."""
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=60)
        return client.run(os.getpid)


def makers_of(cluster) -> list[psutil.Process]:
    """Return the processes that the workers have started and that are still there."""
    return [p for pid in workers_of(cluster).values() for p in psutil.Process(pid).children(recursive=True)]


def without_times(out: Path) -> list[dict]:
    """Return the manifest's entries without what differs from one run, and one edition of the kit, to the next."""
    apart = ("seconds", "fingerprint", "fingerprints")
    data = {i: entry["fingerprints"]["data"] for i, entry in read(out).items()}
    return [{k: v for k, v in entry.items() if k not in apart} | {"data": data[i]} for i, entry in read(out).items()]


def test_the_same_bytes_and_the_same_words_as_on_this_machine(cluster, tmp_path):
    data = write_data(tmp_path / "data", names=FEW)
    flags, said = tmp_path / "flags", tmp_path / "said"
    said.mkdir()
    flags.mkdir()
    for school_id in FAIL:
        (flags / school_id).touch()
    # Those that fail say it too: one that hangs keeps its worker while the other makes all the rest.
    code = f"FOLDER = {str(said)!r}\n{SAYS}\nFOLDER, BAD = {str(flags)!r}, {FAIL!r}\n{BEHAVIOUR}"
    template = write_template(tmp_path / "t.ipynb", code)
    options = {"template": template, "progress": False, "timeout": 3, "keep_notebooks": True}
    here, there = tmp_path / "here", tmp_path / "there"
    local = make_reports(data, here, **options)
    for path in said.iterdir():
        path.unlink()
    result = make_reports(data, there, cluster=cluster.scheduler_address, **options)
    assert set(result.failed) == set(FAIL), result.failed
    assert result.failed == local.failed
    assert "cell behaviour" in result.failed["raises"]
    assert "KeyError: 'the reason'" in result.failed["raises"]
    assert set(result.made) == set(FEW) - set(FAIL)
    assert pages(there) == pages(here)
    assert len(pages(there)) == 5
    assert without_times(there) == without_times(here)
    assert notebooks(there) == notebooks(here)
    assert makers_of(cluster) == []
    # Nothing was read where the batch keeps its files, and both workers took part.
    notes = [json.loads(p.read_text()) for p in said.iterdir()]
    assert len(notes) >= 5
    assert not [n for n in notes if str(there) in n["data"] + n["here"] or str(here) in n["data"] + n["here"]]
    took_part = set(workers_of(cluster).values()) & {pid for n in notes for pid in n["parents"]}
    assert len(took_part) == 2
    # What was sent is not kept, and what is left is made by the next run.
    assert not list(tmp_path.parent.rglob("scratch*/**/*.parquet"))
    for path in flags.iterdir():
        path.unlink()
    again = make_reports(data, there, cluster=cluster.scheduler_address, **options)
    assert set(again.made) == set(FAIL)
    assert len(again.skipped) == 5


def notebooks(out: Path) -> dict[str, str]:
    """Return the code of the notebooks that were kept, by their names."""
    kept = {p.name: json.loads(p.read_text("utf-8"))["cells"] for p in (out / "notebooks").iterdir()}
    return {name: [c["source"] for c in cells if "injected" not in str(c["metadata"])] for name, cells in kept.items()}


def wait_for(found, seconds: float = 90):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what := found():
            return what
        time.sleep(0.05)
    raise AssertionError("it did not come")


KILLS = """
import os, time, psutil
from pathlib import Path
if school_id == "ab" and Path(FLAG).exists():
    [worker] = [p for p in psutil.Process().parents() if "dask_worker" in " ".join(p.cmdline())]
    with open(FLAG, "a") as file:
        file.write(f"{worker.pid} {os.getpid()}\\n")
    worker.kill()
    time.sleep(60)
"""


def test_workers_that_die_with_a_report_cost_that_report_alone(tmp_path, monkeypatch):
    """It is tried again by itself; the worker that is left makes the others, and later what was not made."""
    data, flag, out = write_data(tmp_path / "data"), tmp_path / "flag", tmp_path / "out"
    flag.touch()
    template = write_template(tmp_path / "t.ipynb", f"FLAG = {str(flag)!r}\n{KILLS}")
    options = {"template": template, "progress": False, "schools": ["0101", "ab", "AB", "...", "raises"]}
    with workers(3, tmp_path / "scratch") as cluster:
        before = set(workers_of(cluster, 3).values())
        result = make_reports(data, out, cluster=cluster.scheduler_address, **options)
        deaths = [tuple(map(int, line.split())) for line in flag.read_text().splitlines()]
        assert len({worker for worker, _ in deaths}) == 2
        assert set(workers_of(cluster, 1).values()) == before - {worker for worker, _ in deaths}
        assert result.failed == {"ab": "the process that made it was ended or hung"}
        assert set(result.made) == {"0101", "AB", "...", "raises"}
        assert {i for i, e in read(out).items() if e["status"] == "made"} == set(result.made)
        assert len(pages(out)) == 4
        assert wait_for(lambda: not any(psutil.pid_exists(report) for _, report in deaths)), "a report goes on alone"
        flag.unlink()
        again = make_reports(data, out, cluster=cluster.scheduler_address, **options)
        assert (again.made, set(again.skipped)) == (("ab",), set(result.made))
        # Where the last one dies too, it is said, and what was made stays.
        flag.touch()
        monkeypatch.setattr("kit.reports.cluster._WORKER_SECONDS", 2)
        with pytest.raises(KitError, match="The workers of the cluster went away"):
            make_reports(data, out, cluster=cluster.scheduler_address, force=True, **options)
    entries = read(out)
    assert entries["ab"]["status"] in ("not-made", "up-to-date")
    assert set(pages(out)) >= {e["file"] for e in entries.values() if e["status"] == "made"}


def test_an_interrupt_leaves_whole_reports_and_nothing_running(cluster, tmp_path):
    data = write_data(tmp_path / "data")
    template = write_template(tmp_path / "t.ipynb", "import time; time.sleep(0.7)")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "kit.cli", "report", str(data), "--out", str(out), "--template", str(template)]
    process = subprocess.Popen(
        [*command, "--cluster", cluster.scheduler_address],
        env=os.environ | {"PYTHONPATH": str(home())},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: pages(out) if out.is_dir() else None)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 130
    assert "What was finished is whole" in errors
    assert "Traceback" not in errors
    made = {e["file"] for e in read(out).values() if e["status"] == "made"}
    assert 1 <= len(made) < len(NAMES)
    assert set(pages(out)) == made
    assert all(b.rstrip().endswith(b"</html>") for b in pages(out).values())
    assert wait_for(lambda: not makers_of(cluster))


def test_another_kit_is_refused_before_anything_is_made(cluster, tmp_path, monkeypatch, capsys):
    data, out = write_data(tmp_path / "data"), tmp_path / "out"
    monkeypatch.setattr("kit.__version__", "0.0.1")
    assert main(["report", str(data), "--out", str(out), "--cluster", cluster.scheduler_address]) == 1
    said = capsys.readouterr().err
    assert re.search(r"2 of 2 workers of the cluster have another version of the kit: tcp://", said)
    assert not list(out.glob("*.html"))


@pytest.mark.parametrize(
    ("address", "says"),
    [("tcp://127.0.0.1:1", "No scheduler answers there"), ("reports", "no address of a scheduler")],
)
def test_no_cluster_is_one_clear_error(tmp_path, monkeypatch, address, says):
    monkeypatch.setattr("kit.reports.cluster._ANSWER_SECONDS", 1)
    with pytest.raises(KitError, match=says):
        make_reports(write_data(tmp_path / "data"), tmp_path / "out", cluster=address, progress=False)


def test_a_cluster_without_workers_is_one_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr("kit.reports.cluster._ANSWER_SECONDS", 2)
    with (
        LocalCluster(n_workers=0, processes=True, host="127.0.0.1", dashboard_address="127.0.0.1:0") as empty,
        pytest.raises(KitError, match="has no workers"),
    ):
        make_reports(write_data(tmp_path / "data"), tmp_path / "out", cluster=empty.scheduler_address, progress=False)


# Does not wait long for a scheduler that is gone.
LEFT_ALONE = """
import sys, dask
dask.config.set({"distributed.comm.timeouts.connect": "2s"})
from kit.cli import main
sys.exit(main(["report", sys.argv[1], "--out", sys.argv[2], "--template", sys.argv[3], "--cluster", sys.argv[4]]))
"""


def test_a_scheduler_that_goes_away_is_said_and_what_was_made_is_whole(tmp_path):
    data = write_data(tmp_path / "data")
    template = write_template(tmp_path / "t.ipynb", "import time; time.sleep(0.7)")
    out = tmp_path / "out"
    with workers(1, tmp_path / "scratch") as short:
        process = subprocess.Popen(
            [sys.executable, "-c", LEFT_ALONE, str(data), str(out), str(template), short.scheduler_address],
            env=os.environ | {"PYTHONPATH": str(home())},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(lambda: pages(out) if out.is_dir() else None)
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "The scheduler of the cluster went away" in errors
    assert "Traceback" not in errors
    entries = read(out)
    made = {e["file"] for e in entries.values() if e["status"] == "made"}
    assert 1 <= len(made) < len(NAMES)
    assert set(pages(out)) == made
    assert {e["status"] for e in entries.values()} == {"made", "not-made"}
