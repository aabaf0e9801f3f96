"""A report for every school, in one call: plan, prepare, make, record.

The folder ends with one page a school, ``index.html`` and ``manifest.json``. Each page is whole or is not
there; a school that fails is named with its reason and the others are made; a second run makes only what is
missing or was made from something else. A page that is no longer current never stays among the others: it is
moved to ``out-of-date/``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import kit
from kit.errors import KitError
from kit.privacy import REPORT_MINIMUM
from kit.reports.index import school_year_words, write_index
from kit.reports.manifest import CURRENT, Entry, Manifest, read_manifest
from kit.reports.plan import School, code_fingerprint, data_fingerprints, school_list
from kit.reports.pool import Pool
from kit.reports.progress import Progress
from kit.reports.tasks import Job, Task

__all__ = ["BatchResult", "make_reports"]

PREPARED, OLD, NOTEBOOKS = ".prepared", "out-of-date", "notebooks"
_SOURCE = "source"
_UNFINISHED = ".unfinished-*"
_PAGE = "kit.reports.html:page"
# Imported by the workers while the numbers are prepared.
_EARLY = ("altair", "pandas", "pyarrow.parquet", "kit.reports.html", "kit.reports.prepared", "kit.reports.school")


@dataclass(frozen=True)
class BatchResult:
    """What a batch did.

    Attributes
    ----------
    made, skipped : tuple of str
        School ids of the reports made, and of those that were up to date.
    failed : dict of str to str
        School id to the cell and the reason, in one line.
    seconds : float
    out : Path
    """

    made: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: dict[str, str]
    seconds: float
    out: Path

    @property
    def ok(self) -> bool:
        return not self.failed


def make_reports(
    data: str | Path,
    out: str | Path,
    *,
    template: str | Path = "school-report",
    schools: Iterable[str] | None = None,
    school_year: int | None = None,
    minimum: int = REPORT_MINIMUM,
    jobs: int | None = None,
    force: bool = False,
    progress: bool = True,
    keep_notebooks: bool = False,
    timeout: int = 300,
    memory_mb: int = 2048,
) -> BatchResult:
    """Make a report for every school.

    Parameters
    ----------
    data : str or Path
        The data folder.
    out : str or Path
        Where the reports go; made if absent.
    template : str or Path
        Name of a notebook in ``templates/``, or the path of one. It gets the parameters ``data``,
        ``school_id``, ``school_year``, ``minimum`` and ``live``.
    schools : iterable of str, optional
        Ids of the schools to make; all by default.
    school_year : int, optional
        Ending year; the latest by default.
    minimum : int
        The smallest group that is shown.
    jobs : int, optional
        How many reports at a time; the number of processors by default.
    force : bool
        Make also what is up to date.
    progress : bool
        Show how far it is and how long it will still take.
    keep_notebooks : bool
        Keep each run notebook in ``out/notebooks/``.
    timeout : int
        Seconds that one report may take.
    memory_mb : int
        MB that one report may take (Linux).

    Raises
    ------
    KitError
        If the input, a school, the template or the output folder is wrong.
    KeyboardInterrupt
        If it was interrupted or asked to end; the reports made until then are whole and recorded.
    """
    start, out = time.monotonic(), Path(out)
    template = _template(template)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KitError(f"the folder cannot be made ({error.strerror})", where=str(out)) from None
    with _alone(out), _ended_as_interrupt(), contextlib.ExitStack() as stack:
        _tidy(out)
        before = read_manifest(out)
        pool = None
        if force or before is None:  # some are certain to be made: let the workers import meanwhile
            pool = stack.enter_context(Pool(_EARLY))
        prepared = _prepare(data, out, school_year, minimum, force)
        batch = _Batch(out, template, prepared, before, keep_notebooks)
        tasks = batch.plan(schools, force)
        try:
            if tasks:
                pool = pool or stack.enter_context(Pool(_EARLY))
                batch.make(pool, tasks, min(jobs or os.cpu_count() or 1, len(tasks)), timeout, memory_mb, progress)
        finally:
            with _uninterrupted():
                stack.close()
                batch.finish()
    return batch.result(time.monotonic() - start)


class _Batch:
    """One run over one folder."""

    def __init__(self, out: Path, template: Path, prepared, before: Manifest | None, keep_notebooks: bool):
        self.out, self.template, self.keep_notebooks = out, template, keep_notebooks
        self.prepared_minimum, self.school_year = prepared.minimum, int(prepared.school_year)
        self.parameters = {
            "data": str((out / PREPARED).resolve()),
            "school_year": self.school_year,
            "minimum": int(prepared.minimum),
            "live": False,
        }
        settings = {k: v for k, v in self.parameters.items() if k != "data"}
        common = code_fingerprint(settings, template)
        self.prints = {i: sha256(f"{common} {d}".encode()).hexdigest() for i, d in data_fingerprints(prepared).items()}
        self.schools: dict[str, School] = {s.school_id: s for s in school_list(prepared.schools)}
        self.before = {e.school_id: e for e in before.schools} if before else {}
        self.entries: dict[str, Entry] = {}
        self.asked: set[str] = set()
        self.run = {
            "kit": kit.__version__,
            "template": template.stem,
            "school_year": self.school_year,
            "minimum": int(prepared.minimum),
            "audience": prepared.released.audience,
            "started": _now(),
            "finished": None,
        }

    def plan(self, asked: Iterable[str] | None, force: bool) -> list:
        """Decide for each school whether its report is current, and return what is to be made."""
        self.asked = set(self.schools) if asked is None else {str(i) for i in asked}
        if unknown := sorted(self.asked - set(self.schools)):
            some = ", ".join(f"'{i}'" for i in unknown[:5])
            raise KitError(f"there is no school {some}", mend="School ids are those of the schools table.")
        tasks = []
        for school_id, school in self.schools.items():
            old, mark = self.before.get(school_id), self.prints[school_id]
            entry = self.entries[school_id] = Entry.of(school, fingerprint=mark)
            here = old is not None and old.file == school.file and self._whole(old)
            if here and old.fingerprint == mark:
                entry.status, entry.seconds, entry.sha256 = "up-to-date", old.seconds, old.sha256
            elif here and school_id not in self.asked:
                entry.status, entry.fingerprint, entry.sha256 = "out-of-date", old.fingerprint, old.sha256
            if school_id in self.asked and (force or entry.status != "up-to-date"):
                subtitle = f"{school.district} · {school_year_words(self.school_year)}"
                tasks.append(Task(school_id, school.file, school.name, subtitle, int(mark[:8], 16)))
        return tasks

    def make(self, pool: Pool, tasks: list, workers: int, timeout: int, memory_mb: int, progress: bool) -> None:
        """Have the reports made and note what came of each."""
        notebooks = self.out / NOTEBOOKS
        if self.keep_notebooks:
            notebooks.mkdir(exist_ok=True)
        job = Job(
            template=str(self.template.resolve()),
            out=str(self.out.resolve()),
            parameters=self.parameters,
            workers=workers,
            timeout=timeout,
            memory_mb=memory_mb,
            page=_PAGE,
            notebooks=str(notebooks.resolve()) if self.keep_notebooks else None,
        )
        with Progress(len(tasks), shown=progress) as bar:
            for task, done in pool.run(job, tasks):
                entry = self.entries[task.school_id]
                if done is None:
                    entry.status, entry.error = "failed", "the process that made it was ended or hung"
                elif done.error:
                    entry.status, entry.error, entry.seconds = "failed", done.error, round(done.seconds, 3)
                else:
                    entry.status, entry.error = "made", None
                    entry.sha256, entry.seconds = done.sha256, round(done.seconds, 3)
                bar.step(failed=entry.status == "failed", name=entry.name, error=entry.error)

    def finish(self) -> None:
        """Move away what is not current, and write the manifest and the index."""
        _tidy(self.out)
        kept = {e.file for e in self.entries.values() if e.status in (*CURRENT, "out-of-date")}
        known = {e.file for e in (*self.before.values(), *self.entries.values())}
        for name in sorted(known - kept):
            if (self.out / name).is_file() and Path(name).name == name:
                (self.out / OLD).mkdir(exist_ok=True)
                os.replace(self.out / name, self.out / OLD / name)
        for name in kept:
            (self.out / OLD / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            (self.out / OLD).rmdir()  # only where nothing is left in it
        self.run["finished"] = _now()
        manifest = Manifest(self.run, list(self.entries.values()))
        try:
            manifest.write(self.out)
            write_index(self.out, manifest)
        except OSError as error:
            raise KitError(f"the list of reports cannot be written ({error.strerror})", where=str(self.out)) from None

    def result(self, seconds: float) -> BatchResult:
        asked = [e for e in self.entries.values() if e.school_id in self.asked]
        return BatchResult(
            made=tuple(e.school_id for e in asked if e.status == "made"),
            skipped=tuple(e.school_id for e in asked if e.status == "up-to-date"),
            failed={e.school_id: e.error or "" for e in asked if e.status == "failed"},
            seconds=seconds,
            out=self.out,
        )

    def _whole(self, entry: Entry) -> bool:
        """Whether the report is the file that was written, not cut short or changed since."""
        try:
            return sha256((self.out / entry.file).read_bytes()).hexdigest() == entry.sha256
        except OSError:
            return False


def _template(template: str | Path) -> Path:
    path = Path(template)
    for found in (path, kit.home() / "templates" / f"{template}.ipynb"):
        if found.suffix == ".ipynb" and found.is_file():
            return found
    names = sorted(p.stem for p in (kit.home() / "templates").glob("*.ipynb"))
    raise KitError(f"there is no template '{template}'", mend=f"Templates: {', '.join(names)}; or a path.")


def _prepare(data: str | Path, out: Path, school_year: int | None, minimum: int, force: bool = False):
    """Compute what every report needs and write it for the workers, whole or not at all.

    What the run before computed from the same files by the same code is used again.
    """
    from kit.reports.prepared import Prepared, prepare
    from kit.workspace import open_workspace

    workspace = open_workspace(data)
    settings = {"data": workspace.fingerprint(), "school_year": school_year or None, "minimum": minimum}
    source = code_fingerprint(settings)
    in_files = not workspace.settings.get("records", {}).get("connection")  # what a database holds is not seen
    if in_files and not force:
        with contextlib.suppress(Exception):  # one that cannot be read is computed anew
            if (out / PREPARED / _SOURCE).read_text("utf-8") == source:
                return Prepared.read(out / PREPARED)
    made = prepare(workspace, school_year=school_year or None, minimum=minimum)
    beside = out / (PREPARED + ".new")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        made.write(beside)
        (beside / _SOURCE).write_text(source, "utf-8")
        shutil.rmtree(out / PREPARED, ignore_errors=True)
        os.replace(beside, out / PREPARED)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        raise KitError(f"the numbers cannot be written ({error.strerror})", where=str(out)) from None
    return Prepared.read(out / PREPARED)  # as every later run sees them, to the last type


def _tidy(out: Path) -> None:
    """Remove what a run that was ended by force left unfinished."""
    for path in out.glob(_UNFINISHED):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Refuse to work in a folder in which another run works."""
    with open(out / ".lock", "w") as lock:
        try:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except ImportError:
            pass  # Windows: not guarded
        except OSError:
            raise KitError("another run is making reports there", where=str(out), mend="Wait for it.") from None
        yield


@contextlib.contextmanager
def _ended_as_interrupt() -> Iterator[None]:
    """Treat a request to end (SIGTERM) as Ctrl-C, so that both end in order."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let a second Ctrl-C wait: ending in order takes a second, and half an end is what it must not be."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
