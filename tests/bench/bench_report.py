"""How fast reports are made, beside papermill's and nbconvert's own commands on the same notebook and numbers.

``python tests/bench/bench_report.py [--schools 1000] [--jobs 2] [--stock 2] [--no-plain]``

The first run makes a network of so many schools and its results (tests/bench/data, some ten minutes for 1,000), and an
environment without JupyterLab. Then, in one run: the numbers are prepared (results read, small groups protected,
comparisons computed); the stock commands make a few reports before and after ``kit report``, a process of its own,
makes all of them; every page is opened and checked. Both ways read the same prepared numbers.

``ratio sequential`` and ``ratio equal`` divide the stock commands' time per report (one after another, and on as many
processes as the kit has workers) by that of the kit, whose start-up is counted. On a busy machine only these ratios
mean something, and the processor times.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from check_pages import LARGEST_KB, check_pages  # noqa: E402
from meter import Meter  # noqa: E402
from report_parts import report_parts  # noqa: E402

from kit.reports.prepare_once import PREPARED  # noqa: E402
from kit.reports.prepared import Prepared  # noqa: E402

HOME = HERE.parents[1]
DATA = HERE / "data"
BIN = Path(sys.executable).parent
QUIET = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
PREPARE = """
import json, sys, time
from pathlib import Path
from kit.reports.prepare_once import prepare_once
from kit.workspace import Workspace, open_workspace
took, begun = {}, time.process_time()
def timed(name):
    done = getattr(Workspace, name)
    def run(self, **options):
        start = time.process_time()
        found = done(self, **options)
        took[name] = took.get(name, 0) + time.process_time() - start
        return found
    setattr(Workspace, name, run)
workspace = open_workspace(sys.argv[1])
start = time.process_time()
workspace.results()
took["results"] = time.process_time() - start
timed("released")
prepare_once(workspace, Path(sys.argv[2]), None, 20)
took["all"] = time.process_time() - begun
print(json.dumps(took))
"""


def network(schools: int) -> Path:
    """Make a network and its results once; return the folder of results."""
    folder = DATA / f"network-{schools}"
    if not (folder / "results.parquet").is_file():
        print(f"making a network of {schools:,} schools in {folder.relative_to(HOME)}", flush=True)
        records = DATA / f"records-{schools}"
        shutil.rmtree(records, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([BIN / "kit", "sample", records, "--schools", str(schools)], **QUIET)
        shutil.copy(records / "schools.parquet", folder)
        subprocess.run([BIN / "kit", "measures", records, "--out", folder / "results.parquet"], **QUIET)
        shutil.rmtree(records)
    return folder


def without_jupyterlab() -> Path:
    """Make an environment with the same packages but JupyterLab once; return its folder of commands."""
    place = DATA / "without-jupyterlab"
    tools = place / "bin"
    if not (place / "ready").is_file():
        print(f"making an environment without JupyterLab in {place.relative_to(HOME)}", flush=True)
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", place], **QUIET)
        project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
        wanted = [d for d in project["dependencies"] if not d.startswith("jupyterlab")]
        pip = [tools / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", HOME / "requirements.lock", *wanted], check=True)
        subprocess.run([*pip, "--no-deps", "--editable", HOME], check=True)
        (place / "ready").touch()
    return tools


def stock(tools: Path, prepared: Path, out: Path, school_ids: list[str], processes: int, year: int) -> Meter:
    """Make reports by the commands ``papermill`` and ``jupyter nbconvert`` of an environment."""
    template = HOME / "templates" / "school-report.ipynb"

    def one(school_id: str) -> None:
        notebook = out / f"stock-{school_id}.ipynb"
        given = [("-p", "data", prepared), ("-r", "school_id", school_id), ("-p", "school_year", year)]
        words = [str(word) for parameter in [*given, ("-p", "live", "False")] for word in parameter]
        subprocess.run([tools / "papermill", template, notebook, *words], **QUIET)
        subprocess.run([tools / "jupyter-nbconvert", "--to", "html", "--no-input", notebook], **QUIET)

    with Meter() as meter, ThreadPoolExecutor(processes) as pool:
        list(pool.map(one, school_ids))
    return meter


def kit_report(data: Path, out: Path, jobs: int, school_ids: list[str] | None = None) -> Meter:
    """Make reports by ``kit report``, a process of its own."""
    only = [word for school_id in school_ids or [] for word in ("--school", school_id)]
    with Meter() as meter:
        subprocess.run([BIN / "kit", "report", data, "--out", out, "--jobs", str(jobs), *only], **QUIET)
    return meter


class Way:
    """What one way took, over several measurements."""

    def __init__(self, name: str):
        self.name, self.reports, self.wall, self.cpu, self.memory = name, 0, 0.0, 0.0, 0.0

    def add(self, meter: Meter, reports: int) -> None:
        self.reports += reports
        self.wall, self.cpu = self.wall + meter.wall, self.cpu + meter.cpu
        self.memory = max(self.memory, meter.memory)

    @property
    def each(self) -> float:
        """Milliseconds a report."""
        return 1000 * self.wall / self.reports

    def say(self) -> None:
        print(
            f"{self.name:<58} {self.each:9,.0f} ms a report {1000 * self.cpu / self.reports:9,.0f} ms of processor "
            f"{self.memory:7,.0f} MB at most ({self.reports} reports)",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schools", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--stock", type=int, default=2, help="reports by the stock commands, each way and time")
    parser.add_argument("--no-plain", action="store_true", help="leave out the environment without JupyterLab")
    options = parser.parse_args()
    data = network(options.schools)
    environments = {"": BIN} | ({} if options.no_plain else {", without JupyterLab": without_jupyterlab()})

    out = DATA / f"reports-{options.schools}"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    prepare = Way("prepare, once for all (before both ways)")
    with Meter() as meter:
        took = subprocess.run([sys.executable, "-c", PREPARE, data, out], check=True, stdout=subprocess.PIPE)
    prepare.add(meter, options.schools)
    prepare.say()
    took = json.loads(took.stdout)
    rest = took["all"] - took["results"] - took["released"]
    print(
        f"  processor seconds: results read {took['results']:.1f}, small groups protected {took['released']:.1f}, "
        f"comparisons and writing {rest:.1f}"
    )
    prepared = Prepared.read(out / PREPARED)
    ids, year = list(prepared.school_rows), int(prepared.school_year)
    spread = ids[:: max(1, len(ids) // options.stock)][: options.stock]

    scratch = DATA / "stock"
    ways = {
        (env, n): Way(f"stock commands, {'one after another' if n == 1 else f'{n} processes'}{env}")
        for env in environments
        for n in (1, options.jobs)
    }

    def measure_stock() -> None:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        for (env, n), way in ways.items():
            some = spread * (n if len(spread) < n else 1)
            way.add(stock(environments[env], out / PREPARED, scratch, some, n, year), len(some))

    measure_stock()
    ours = Way(f"kit report, {options.jobs} workers, start-up counted")
    ours.add(kit_report(data, out, options.jobs), options.schools)
    measure_stock()
    for way in (*ways.values(), ours):
        way.say()
    with_prepare = 1000 * (meter.wall + ours.wall) / options.schools
    print(f"kit report with its preparing counted: {with_prepare:,.0f} ms a report")

    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["run"]["counts"] == {"made": options.schools}, manifest["run"]["counts"]
    entries = manifest.get("reports") or manifest["schools"]
    faults, mean, largest = check_pages(
        out, {e["file"]: prepared.school_rows[e["school_id"]]["school_name"] for e in entries}
    )
    assert len(entries) == options.schools
    assert not faults, dict(list(faults.items())[:5])
    print(
        f"{len(entries):,} pages opened: each whole, of its school, nothing from elsewhere, below {LARGEST_KB} kB "
        f"(mean {mean:.0f}, largest {largest:.0f})"
    )

    again = Way("kit report again, nothing to make")
    again.add(kit_report(data, out, options.jobs), options.schools)
    again.say()
    quarter = ids[:: max(1, len(ids) // max(1, options.schools // 4))][: options.schools // 4]
    for jobs in (options.jobs, 1):
        fewer = DATA / "fewer"
        shutil.rmtree(fewer, ignore_errors=True)
        shutil.copytree(out / PREPARED, fewer / PREPARED)
        way = Way(f"kit report, {jobs} worker{'s' if jobs > 1 else ''}, a quarter of the schools")
        way.add(kit_report(data, fewer, jobs, quarter), len(quarter))
        way.say()
    report_parts(out / PREPARED, quarter[:40])
    for env in environments:
        print(f"ratio sequential{env} {ways[env, 1].each / ours.each:.1f}")
        print(f"ratio equal{env} {ways[env, options.jobs].each / ours.each:.1f}")
        print(f"ratio sequential{env}, preparing counted {ways[env, 1].each / with_prepare:.1f}")
        print(f"ratio equal{env}, preparing counted {ways[env, options.jobs].each / with_prepare:.1f}")
    for folder in (scratch, fewer):
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
