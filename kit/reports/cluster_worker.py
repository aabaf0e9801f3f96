"""What a Dask worker does for a batch: unpack what was sent, make one page at a time, send it back.

Each thread of a worker keeps one process that makes its reports, of the same kind as those of a batch on one machine
(:mod:`kit.reports.pool`): time limits, memory limits and deaths are handled there and end in the same words.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import sys
import threading
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import kit
from kit.reports import fingerprints
from kit.reports.pool import Pool
from kit.reports.tasks import Done, Job, Task

__all__ = ["BUNDLED", "Made", "Order", "edition", "make_page", "put_away", "received"]

BUNDLED = "prepared"


@dataclass(frozen=True)
class Order:
    """What is the same for all pages of a batch; ``job`` has the paths of the machine that asks."""

    run: str
    job: Job
    template: str
    digest: str
    edition: str


@dataclass(frozen=True)
class Made:
    """A page and its run notebook as bytes, and what came of it (None where its process was ended or hung)."""

    done: Done | None
    page: bytes | None = None
    notebook: bytes | None = None


def edition() -> str:
    """Fingerprint everything that decides how a page comes out: the kit, its rules and pages, packages and Python."""
    home = kit.home()
    parts = (
        kit.__version__,
        ".".join(map(str, sys.version_info[:2])),
        fingerprints.kit_fingerprint(),
        fingerprints.rules_fingerprint({}, home),
        fingerprints.template_fingerprint(home / "templates" / "school-report.ipynb"),
    )
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def received(bundle: bytes) -> bytes:
    """Hold what was sent, so that workers pass it on to one another."""
    return bundle


class _Station:
    """One thread's folder and process for one batch."""

    def __init__(self, order: Order, bundle: bytes, scratch: Path):
        self.folder = scratch / f"kit-{order.run[:12]}-{threading.get_ident()}"
        self._ended = False
        numbers = _unpacked(bundle, scratch / f"kit-{order.digest[:24]}")
        own, sent = kit.home() / "templates" / order.template, numbers / "template" / order.template
        # The kit's own templates are run as they are on the machine that asks: in their place.
        template = own if own.is_file() and own.read_bytes() == sent.read_bytes() else sent
        notebooks = self.folder / "notebooks"
        notebooks.mkdir(parents=True)
        self.wrong_edition = edition() != order.edition
        self.job = replace(
            order.job,
            template=str(template),
            out=str(self.folder),
            parameters=order.job.parameters | {"data": str(numbers / BUNDLED)},
            notebooks=str(notebooks) if order.job.notebooks else None,
        )
        self._pool = Pool()

    def make(self, task: Task) -> Made:
        if self.wrong_edition:
            return Made(Done(task.unit_id, 0.0, "the worker of the cluster has another version of the kit"))
        try:
            [(_, done)] = self._pool.run(self.job, [task])
        except Exception:
            if self._ended:  # the batch has gone
                return Made(None)
            raise
        notebook = None
        if self.job.notebooks:  # that of a report that failed says where; there is none where its process died
            notebook = _taken(Path(self.job.notebooks) / f"{Path(task.file).stem}.ipynb")
        page = None if done is None or done.error else _taken(self.folder / task.file)
        return Made(done, page, notebook)

    def close(self) -> None:
        self._ended = True
        self._pool.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)


_stations: dict[tuple[str, int], _Station] = {}
_ended_runs: set[str] = set()
_lock = threading.Lock()


def make_page(bundle: bytes, order: Order, task: Task) -> Made:
    """Make one page with this thread's process; stations of batches that have gone are put away first."""
    from distributed import get_worker

    here = (order.run, threading.get_ident())
    with _lock:
        if order.run in _ended_runs:
            return Made(None)
        old = [_stations.pop(key) for key in list(_stations) if key[1] == here[1] and key != here]
        if here not in _stations:
            _stations[here] = _Station(order, bundle, Path(get_worker().local_directory))
        station = _stations[here]
    for other in old:
        other.close()
    return station.make(task)


def put_away(run: str, dask_worker=None) -> None:
    """End the processes of a batch on this worker and delete what was sent for it."""
    with _lock:
        _ended_runs.add(run)
        stations = [_stations.pop(key) for key in list(_stations) if key[0] == run]
    for station in stations:
        station.close()
    if not _stations and dask_worker is not None:
        for folder in Path(dask_worker.local_directory).glob("kit-*"):
            shutil.rmtree(folder, ignore_errors=True)


def _unpacked(bundle: bytes, folder: Path) -> Path:
    """Unpack what was sent, once: the folder's name says what is in it."""
    if not folder.exists():
        beside = folder.with_name(f"{folder.name}.{os.getpid()}-{threading.get_ident()}")
        with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
            archive.extractall(beside)
        with contextlib.suppress(OSError):  # another thread was first
            os.rename(beside, folder)
        shutil.rmtree(beside, ignore_errors=True)
    return folder


def _taken(path: Path) -> bytes | None:
    """Return what is in the file and delete it; None where there is none."""
    try:
        held = path.read_bytes()
    except FileNotFoundError:
        return None
    path.unlink()
    return held
