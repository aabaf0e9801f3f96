"""The process that makes reports in formats beside HTML, one after another.

Started by :mod:`kit.reports.pool` as a fresh interpreter. It forks the other workers before any writer is made: what
a writer opens (a browser, a file) belongs to its own process.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
import signal
import sys
import time
from multiprocessing.connection import Client, Connection
from pathlib import Path

from kit.language import use
from kit.reports.folder import UNFINISHED
from kit.reports.formats import FormatJob, FormatTask
from kit.reports.orphans import end_with_the_batch, keep_line_to_batch
from kit.reports.prepare_once import CATALOGUES
from kit.reports.reasons import in_a_line, no_room
from kit.reports.tasks import Done

__all__ = ["main", "make_file"]


class _TooLong(Exception):
    """The file took longer than it may."""


def make_file(job: FormatJob, writers: dict, task: FormatTask) -> Done:
    """Have one file written beside its place and put it there, whole or not at all.

    Parameters
    ----------
    job : FormatJob
    writers : dict
        The writers made so far, by format; a new one is added, one that failed to keep time is taken out.
    task : FormatTask
    """
    start, out = time.monotonic(), Path(job.out)
    beside = out / (UNFINISHED + task.file)
    try:
        with _within(job.timeout), use(job.language, Path(job.prepared) / CATALOGUES):
            if task.format not in writers:
                module, _, name = job.writers[task.format].partition(":")
                writers[task.format] = writer = getattr(importlib.import_module(module), name)(job.prepared)
                if hasattr(writer, "subject"):
                    writer.subject = job.subject
            writers[task.format].write(task.unit_id, out / task.html, beside)
        content = beside.read_bytes()
        if not content:
            raise ValueError("the file is empty")
        os.chmod(beside, 0o644)
        os.replace(beside, out / task.file)
    except _TooLong:
        _close({task.format: writers.pop(task.format, None)})
        reason = f"it was stopped: the file took longer than {job.timeout} seconds"
        return Done(task.unit_id, time.monotonic() - start, reason)
    except Exception as error:
        full = no_room(error)
        reason = f"there is no room to write it ({full})" if full else f"{type(error).__name__}: {error}"
        return Done(task.unit_id, time.monotonic() - start, in_a_line(reason))
    finally:
        beside.unlink(missing_ok=True)
    return Done(task.unit_id, time.monotonic() - start, sha256=hashlib.sha256(content).hexdigest())


@contextlib.contextmanager
def _within(seconds: int):
    """Raise in the block when its time is over; one that hears nothing is ended by the pool."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def over(*_):
        raise _TooLong

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _close(writers: dict) -> None:
    for writer in writers.values():
        with contextlib.suppress(Exception), _within(5):
            writer.close()


def main() -> None:
    """Connect to the pool, fork the other workers, and serve until told that nothing is left."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    contact = json.loads(sys.stdin.readline())
    line = keep_line_to_batch()
    end_with_the_batch(line)
    address, key = contact["address"], bytes.fromhex(contact["key"])
    connection = Client(address, authkey=key)
    connection.send(os.getpid())
    writers: dict = {}
    try:
        job: FormatJob = connection.recv()
        for writer in job.writers.values():
            # One that cannot be imported fails with its reason for each file.
            with contextlib.suppress(Exception):
                importlib.import_module(writer.partition(":")[0])
        for _ in range(job.workers - 1 if hasattr(os, "fork") else 0):
            if os.fork() == 0:
                os.setsid()
                end_with_the_batch(line)
                connection.close()
                connection = Client(address, authkey=key)
                connection.send(os.getpid())
                connection.recv()
                break
        _serve(connection, job, writers)
    except (EOFError, ConnectionError):
        pass  # the pool has gone, and nobody waits for a file
    _close(writers)
    os._exit(0)


def _serve(connection: Connection, job: FormatJob, writers: dict) -> None:
    if hasattr(os, "register_at_fork"):
        # A child that kept it open would hide this worker's death from the pool.
        os.register_at_fork(after_in_child=connection.close)
    connection.send("ready")
    while (task := connection.recv()) is not None:
        connection.send(make_file(job, writers, task))
