"""A report for every school (or district, or the network), in one call: plan, prepare, make, record.

The folder ends with one page each, its other formats, ``index.html`` and ``manifest.json``. Each file is whole or is
not there; what fails is named with its reason and the rest is made; a second run makes only what is
missing or was made from something else. Several templates and languages share a folder. A file that is no longer
current never stays among the others: it is moved to ``out-of-date/``.
"""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from kit.errors import KitError
from kit.language import use
from kit.privacy import REPORT_MINIMUM
from kit.reports.changes_page import Changes
from kit.reports.estimate import BatchPlan
from kit.reports.folder import alone, reserve, tidy
from kit.reports.formats import FORMATS, chosen_formats
from kit.reports.interrupts import ended_as_interrupt, uninterrupted
from kit.reports.journal import recovered
from kit.reports.manifest import read_manifest
from kit.reports.plan import find_template, subject_of
from kit.reports.pool import Pool
from kit.reports.prepare_once import prepare_once
from kit.reports.run import Run

__all__ = ["BatchResult", "make_reports", "plan_reports"]

# Imported by the workers while the numbers are prepared.
_EARLY = ("altair", "pandas", "pyarrow.parquet", "kit.reports.html", "kit.reports.prepared", "kit.reports.school")


@dataclass(frozen=True)
class BatchResult:
    """What a batch did.

    Attributes
    ----------
    made, skipped : tuple of str
        Ids of the schools (or districts) whose reports were made, and of those that were up to date.
    failed : dict of str to str
        Id to the cell and the reason, in one line.
    seconds : float
    out : Path
    formats_made : dict of str to int
        How many files of each other format were made.
    formats_failed : dict of str to (dict of str to str)
        Id to the formats that failed and why; the page itself is there.
    changes : Changes or None
        What changed for whom since the last run, where it was asked for.
    """

    made: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: dict[str, str]
    seconds: float
    out: Path
    formats_made: dict[str, int] = field(default_factory=dict)
    formats_failed: dict[str, dict[str, str]] = field(default_factory=dict)
    changes: Changes | None = None

    @property
    def ok(self) -> bool:
        return not self.failed and not self.formats_failed


def make_reports(
    data: str | Path,
    out: str | Path,
    *,
    template: str | Path = "school-report",
    formats: str | Iterable[str] = ("html",),
    language: str | None = None,
    schools: Iterable[str] | None = None,
    districts: Iterable[str] | None = None,
    school_year: int | None = None,
    minimum: int = REPORT_MINIMUM,
    jobs: int | None = None,
    force: bool = False,
    since_last: bool = False,
    progress: bool = True,
    keep_notebooks: bool = False,
    timeout: int = 300,
    memory_mb: int = 2048,
    cluster: str | None = None,
) -> BatchResult:
    """Make a report for every school, district or the network, as the template says.

    Parameters
    ----------
    data : str or Path
        The data folder.
    out : str or Path
        Where the reports go; made if absent. Reports of other templates and languages there are kept.
    template : str or Path
        Name of a notebook in ``templates/``, or the path of one. It gets the parameters ``data``,
        ``school_id`` or ``district_id``, ``school_year``, ``minimum``, ``live`` and ``language``.
    formats : str or iterable of str
        ``html`` (always made) and ``pdf``, ``xlsx``.
    language : str, optional
        Language tag; by default the one that ``kit.toml`` names, else English.
    schools : iterable of str, optional
        Ids of the schools to make, of a template about schools; all by default.
    districts : iterable of str, optional
        Ids of the districts to make, of a template about districts; all by default.
    school_year : int, optional
        Ending year; the latest by default.
    minimum : int
        The smallest group that is shown.
    jobs : int, optional
        How many reports at a time; the number of processors by default.
    force : bool
        Make also what is up to date.
    since_last : bool
        Write down what changed for whom since the last run of all reports of this template that came to its end:
        ``changes.json`` and ``changes.html``.
    progress : bool
        Say what is planned, how far it is and how long it will still take.
    keep_notebooks : bool
        Keep each run notebook in ``out/notebooks/``.
    timeout : int
        Seconds that one report, and each other format of it, may take.
    memory_mb : int
        MB that one report may take (Linux).
    cluster : str, optional
        Address of a Dask scheduler, ``tcp://…``, whose workers make the pages; other formats are made here.

    Raises
    ------
    KitError
        If the input, a school, the template or the output folder is wrong, there is no room for the reports, or
        the cluster does not answer or has another kit.
    KeyboardInterrupt
        If it was interrupted or asked to end; the reports made until then are whole and recorded.
    """
    start, out = time.monotonic(), Path(out)
    asked = _Asked(data, template, formats, language, schools, districts)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KitError(f"the folder cannot be made ({error.strerror})", where=str(out)) from None
    with alone(out), ended_as_interrupt(), contextlib.ExitStack() as stack, use(asked.language):
        tidy(out)
        before = recovered(out, read_manifest(out))
        pool = None
        if cluster or force or before is None:  # some are certain to be made: let the workers import meanwhile
            pool = stack.enter_context(_workers(cluster))
        prepared = prepare_once(asked.workspace, out, school_year, minimum, force)
        run = asked.run(out, prepared, before, force, jobs)
        if progress:
            print(run.planned.words(), file=sys.stderr, flush=True)
        run.planned.require_room(out)
        reserve(out, len(run.entries) + len(run.others))
        try:
            if run.pages:
                pool = pool or stack.enter_context(_workers(cluster))
                run.make_pages(pool, timeout=timeout, memory_mb=memory_mb, progress=progress, notebooks=keep_notebooks)
            stack.close()  # the workers of the pages make room for those of the formats
            run.make_formats(timeout=timeout, progress=progress)
            changes = run.changes() if since_last else None
            run.complete = True
        finally:
            with uninterrupted():
                stack.close()
                run.finish()
    return BatchResult(**run.outcome(), seconds=time.monotonic() - start, out=out, changes=changes)


def plan_reports(
    data: str | Path,
    out: str | Path,
    *,
    template: str | Path = "school-report",
    formats: str | Iterable[str] = ("html",),
    language: str | None = None,
    schools: Iterable[str] | None = None,
    districts: Iterable[str] | None = None,
    school_year: int | None = None,
    minimum: int = REPORT_MINIMUM,
    jobs: int | None = None,
    force: bool = False,
) -> BatchPlan:
    """Return what :func:`make_reports` would do, and do nothing; its parameters are the same.

    Raises
    ------
    KitError
        If the input, a school or the template is wrong.
    """
    out = Path(out)
    asked = _Asked(data, template, formats, language, schools, districts)
    before = recovered(out, read_manifest(out))
    with tempfile.TemporaryDirectory(prefix="kit-plan-") as beside, use(asked.language):
        prepared = prepare_once(asked.workspace, out, school_year, minimum, force, keep_in=Path(beside))
        return asked.run(out, prepared, before, force, jobs).planned


def _workers(cluster: str | None):
    if cluster is None:
        return Pool(_EARLY)
    from kit.reports.cluster import ClusterPool

    return ClusterPool(cluster)


class _Asked:
    """What was asked for, checked before anything is done."""

    def __init__(self, data, template, formats, language, schools, districts):
        from kit.workspace import open_workspace

        self.template = find_template(template)
        self.subject = subject_of(self.template)
        self.formats = chosen_formats(formats)
        wrong = {"school": districts, "district": schools, "network": schools or districts}[self.subject]
        if wrong is not None:
            whom = {"school": "each school", "district": "each district", "network": "the network"}[self.subject]
            use_ = {"school": "Name schools.", "district": "Name districts.", "network": "Name none."}[self.subject]
            raise KitError(f"the template '{self.template.stem}' makes a report of {whom}", mend=use_)
        ids = schools if self.subject == "school" else districts
        self.ids = None if ids is None else {str(i) for i in ids}
        self.workspace = open_workspace(data)
        self.language = self.workspace.language(language or "")

    def run(self, out: Path, prepared, before, force: bool, jobs: int | None) -> Run:
        run = Run(
            out,
            self.template,
            self.subject,
            self.language.tag,
            {name: FORMATS[name] for name in self.formats},
            prepared,
            before,
            self.workspace,
        )
        run.plan(self.ids, force, jobs or os.cpu_count() or 1)
        return run
