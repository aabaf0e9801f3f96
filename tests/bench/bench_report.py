"""How fast reports are made, beside papermill's and nbconvert's own commands on the same notebook and numbers.

``python tests/bench/bench_report.py --schools 60 [--stock 2] [--jobs 2] [--data DIR]``

The schools are those of the data folder, copied under new ids until there are enough. Both ways read the same
prepared numbers. Lines ``ratio sequential`` and ``ratio equal`` divide the stock commands' time per report (one after
another, and on as many processes as the kit has workers) by the kit's, whose start-up is counted.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

import kit
from kit.reports import batch
from kit.reports.prepare_once import PREPARED, prepare_once
from kit.workspace import open_workspace


def enlarge(data: Path, folder: Path, wanted: int) -> Path:
    """Write a folder of results with as many schools as wanted, by copying those there are."""
    workspace = open_workspace(data)
    results, schools = workspace.results(), workspace.schools()
    of_schools, wider = results[results["unit_type"] == "school"], results[results["unit_type"] != "school"]
    copies, named, made = [wider], [], 0
    for turn in range(-(-wanted // len(schools))):
        some = schools.head(wanted - made)
        made += len(some)
        mark = f"-{turn}" if turn else ""
        named.append(some.assign(school_id=some["school_id"] + mark, school_name=some["school_name"] + mark))
        rows = of_schools[of_schools["unit_id"].isin(some["school_id"])]
        copies.append(rows.assign(unit_id=rows["unit_id"] + mark))
    folder.mkdir()
    pd.concat(copies).to_parquet(folder / "results.parquet", index=False)
    pd.concat(named).to_parquet(folder / "schools.parquet", index=False)
    return folder


class Meter:
    """Wall time, processor time of this process and its children, and the most memory they held together."""

    def __enter__(self) -> Meter:
        self.memory, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        self._cpu, self._start = _processor_seconds(), time.monotonic()
        return self

    def __exit__(self, *_) -> None:
        self.wall = time.monotonic() - self._start
        self.cpu = _processor_seconds() - self._cpu
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.25):
            self.memory = max(self.memory, _memory_mb())


def _processor_seconds() -> float:
    parts = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(p.ru_utime + p.ru_stime for p in parts)


def _memory_mb() -> float:
    """Add up what the processes below this one hold, shared pages counted once (Linux)."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    ours = {os.getpid()}
    while more := {p for p, parent in parents.items() if parent in ours} - ours:
        ours |= more
    total = 0
    for pid in ours:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def stock(prepared: Path, out: Path, school_ids: list[str], processes: int, year: int) -> Meter:
    """Make reports by the commands ``papermill`` and ``jupyter nbconvert``."""
    tools = Path(sys.executable).parent
    template = kit.home() / "templates" / "school-report.ipynb"

    def one(school_id: str) -> None:
        notebook = out / f"stock-{school_id}.ipynb"
        parameters = [f"-p data {prepared}", f"-r school_id {school_id}", f"-p school_year {year}", "-p live False"]
        words = [w for p in parameters for w in p.split(" ", 2)]
        quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([tools / "papermill", template, notebook, *words], **quiet)
        subprocess.run([tools / "jupyter-nbconvert", "--to", "html", "--no-input", notebook], **quiet)

    with Meter() as meter, ThreadPoolExecutor(processes) as pool:
        list(pool.map(one, school_ids))
    return meter


def line(name: str, meter: Meter, reports: int) -> float:
    """Print one way's figures; return its milliseconds a report."""
    each = 1000 * meter.wall / reports
    print(
        f"{name:<44} {each:10,.0f} ms a report {1000 * meter.cpu / reports:10,.0f} ms of processor "
        f"{meter.memory:8,.0f} MB at most ({reports} reports)",
        flush=True,
    )
    return each


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=20)
    parser.add_argument("--stock", type=int, default=2, help="reports by the stock commands, each way")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--data", type=Path, default=kit.home() / "data_samples" / "network")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data = enlarge(options.data, folder / "data", options.schools)
        with Meter() as prepare:
            (folder / "out").mkdir()
            prepared = prepare_once(open_workspace(data), folder / "out", None, 20)  # make_reports will find it
        line("prepare, once for all (before both ways)", prepare, options.schools)

        ids = list(prepared.schools["school_id"])
        made_from = folder / "out" / PREPARED
        year = int(prepared.school_year)
        sequential = stock(made_from, folder, ids[: options.stock], 1, year)
        one_by_one = line("stock commands, one after another", sequential, options.stock)
        several = max(options.stock, options.jobs)
        equal = stock(made_from, folder, ids[:several], options.jobs, year)
        at_once = line(f"stock commands, {options.jobs} processes", equal, several)

        with Meter() as kits:
            result = batch.make_reports(data, folder / "out", jobs=options.jobs, progress=False)
        assert not result.failed, result.failed
        assert len(result.made) == options.schools
        ours = line(f"kit report, {options.jobs} workers, start-up counted", kits, options.schools)
        with Meter() as idle:
            again = batch.make_reports(data, folder / "out", jobs=options.jobs, progress=False)
        assert len(again.skipped) == options.schools
        line("kit report again, nothing to make", idle, options.schools)
        sizes = [p.stat().st_size for p in (folder / "out").glob("*.html")]
        print(f"largest page {max(sizes) / 1000:,.0f} kB")
        print(f"ratio sequential {one_by_one / ours:.1f}")
        print(f"ratio equal {at_once / ours:.1f}")


if __name__ == "__main__":
    main()
