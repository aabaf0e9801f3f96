"""The formats that a report is made in beside its page, and how their files are made by a batch.

A format's writer is a class: ``__init__(self, prepared: str)`` gets the folder of the prepared numbers,
``write(self, task_id: str, html: Path, out: Path)`` writes one file from a finished page or raises, and ``close()``
lets go of what it holds. One that has an attribute ``subject`` is told there whom the reports are about. Writers live
in worker processes of their own (:mod:`kit.reports.format_workers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kit.errors import KitError
from kit.reports.pool import Pool
from kit.reports.tasks import Done

__all__ = ["FORMATS", "FormatJob", "FormatTask", "chosen_formats", "make_formats"]

# Each format beside HTML: the module and class of its writer. A file's ending is the format's name.
FORMATS = {"pdf": "kit.reports.pdf:PdfWriter", "xlsx": "kit.reports.workbook:WorkbookWriter"}
_ENDED = "the process that made it was ended or hung"


@dataclass(frozen=True)
class FormatJob:
    """What is the same for all files of a batch; ``writers`` are some of :data:`FORMATS`."""

    writers: dict[str, str]
    out: str
    prepared: str
    workers: int
    timeout: int
    language: str = "en"
    subject: str = "school"


@dataclass(frozen=True)
class FormatTask:
    """One file to make from the page ``html``."""

    unit_id: str
    format: str
    html: str
    file: str


def chosen_formats(formats: str | Iterable[str]) -> tuple[str, ...]:
    """Return the formats asked for besides HTML, which is always made.

    Parameters
    ----------
    formats : str or iterable of str
        Such as ``html,pdf``.

    Raises
    ------
    KitError
        If one is unknown.
    """
    names = formats.split(",") if isinstance(formats, str) else formats
    asked = dict.fromkeys(n for n in (str(f).strip().lower() for f in names) if n and n != "html")
    if unknown := [f for f in asked if f not in FORMATS]:
        raise KitError(f"'{unknown[0]}' is not a format", mend=f"Formats: html, {', '.join(FORMATS)}.")
    return tuple(asked)


def make_formats(job: FormatJob, tasks: list[FormatTask]) -> Iterator[tuple[FormatTask, Done]]:
    """Make the files and yield each with what came of it; a file that fails stops no other."""
    left = {(t.format, t.unit_id): t for t in tasks}
    try:
        with Pool(begin="kit.reports.format_workers") as pool:
            for task, done in pool.run(job, tasks):
                del left[task.format, task.unit_id]
                yield task, done or Done(task.unit_id, 0.0, _ENDED)
            pool.dismiss()
    except KitError as error:  # no worker starts: the pages are there all the same
        for task in left.values():
            yield task, Done(task.unit_id, 0.0, str(error))
