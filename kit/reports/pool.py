"""The batch's side of the workers: start them, hand out tasks, notice who died or hangs."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, wait

import kit
from kit.errors import KitError

__all__ = ["Pool"]

# A worker that has not ended its report so long after the report's own time limit is ended by force.
_GRACE_SECONDS = 20
_START_SECONDS = 120
_END_SECONDS = 10
_STARTS = 3


class Pool:
    """Workers that make reports; use it in a ``with``, which leaves no process behind.

    Starting it costs nothing but the processor time of the imports, so it can start while the numbers
    are still being prepared.

    Parameters
    ----------
    modules : names of modules to import at once
    begin : str
        The module whose ``main`` a worker's process runs.
    """

    def __init__(self, modules: tuple[str, ...] = (), begin: str = "kit.reports.startup"):
        self._modules, self._begin = modules, begin
        self._key = secrets.token_bytes(32)
        self._processes: list[subprocess.Popen] = []
        self._pids: dict[Connection, int] = {}
        self._idle: list[Connection] = []
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the pool
        self._listener = Listener(authkey=self._key, backlog=64)
        self._come: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()
        self._start()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_) -> None:
        for connection in list(self._pids):
            self._end(connection)
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                _kill_group(process.pid)
            process.wait()
            with contextlib.suppress(OSError):
                process.stdin.close()
        self._closing = True
        with contextlib.suppress(OSError, EOFError):
            # Wakes the thread that accepts. It waits for no greeting: a dying worker may have been the last it heard.
            Client(self._listener.address).close()
        self._listener.close()
        self._log.close()

    def dismiss(self) -> None:
        """Let workers that take None for the end close what they opened; those that do not are ended by force."""
        for connection in self._pids:
            with contextlib.suppress(OSError):
                connection.send(None)
        until = time.monotonic() + _END_SECONDS
        while self._pids and (left := until - time.monotonic()) > 0:
            for connection in wait(list(self._pids), timeout=left):
                with contextlib.suppress(EOFError, ConnectionError):
                    connection.recv()
                    continue
                del self._pids[connection]
                connection.close()

    def _accept(self) -> None:
        while not self._closing:
            # One that dies while it introduces itself is none.
            with contextlib.suppress(OSError, EOFError, AuthenticationError):
                self._come.put(self._listener.accept())

    def _start(self) -> None:
        search = os.pathsep.join(p for p in (str(kit.home()), os.environ.get("PYTHONPATH")) if p)
        process = subprocess.Popen(
            [sys.executable, "-c", f"from {self._begin} import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
            start_new_session=True,
            # The same order of sets in every run, so that the same report is the same bytes.
            env=os.environ | {"PYTHONPATH": search, "PYTHONHASHSEED": "0"},
        )
        self._processes.append(process)
        contact = {"address": self._listener.address, "key": self._key.hex(), "modules": self._modules}
        process.stdin.write(json.dumps(contact).encode() + b"\n")
        process.stdin.flush()  # and left open: workers end when it does

    def run(self, job, tasks: list) -> Iterator[tuple[object, object]]:
        """Yield (task, what came of it) as reports are done; None for a task whose worker died.

        It may be called again, for the same job: the workers wait.

        Parameters
        ----------
        job : kit.reports.tasks.Job
        tasks : list of kit.reports.tasks.Task
        """
        waiting, busy = list(reversed(tasks)), {}
        starts, last_sign = 1, time.monotonic()
        while waiting or busy:
            self._welcome(job)
            while waiting and self._idle:
                self._hand_out(self._idle.pop(), waiting, busy)
            if not self._pids:
                time.sleep(0.05)
            for connection in wait(list(self._pids), timeout=0.1):
                last_sign = time.monotonic()
                task, _ = busy.pop(connection, (None, None))
                try:
                    answer = connection.recv()
                except (EOFError, ConnectionError):
                    self._end(connection)
                    if task is not None:
                        yield task, None
                    continue
                starts = 1  # one that answers has started; a report may end it all the same
                if task is not None:
                    yield task, answer
                self._hand_out(connection, waiting, busy)
            for connection, (task, since) in list(busy.items()):
                if time.monotonic() - since > job.timeout + _GRACE_SECONDS:
                    del busy[connection]
                    self._end(connection)
                    yield task, None
            if waiting and not self._pids:
                ended = self._processes[-1].poll() is not None
                if ended or time.monotonic() - last_sign > _START_SECONDS:
                    if starts == _STARTS:
                        raise KitError("the workers that make the reports do not start", where=self._last_words())
                    starts, last_sign = starts + 1, time.monotonic()
                    self._start()

    def _hand_out(self, connection: Connection, waiting: list, busy: dict) -> None:
        """Give a worker that asks its next report; where there is none it waits for the next run."""
        if not waiting:
            self._idle.append(connection)
            return
        try:
            connection.send(waiting[-1])
        except OSError:  # it died after its answer
            self._end(connection)
        else:
            busy[connection] = (waiting.pop(), time.monotonic())

    def _welcome(self, job) -> None:
        """Take in the workers that have come since."""
        while not self._come.empty():
            connection = self._come.get()
            with contextlib.suppress(OSError, EOFError):
                self._pids[connection] = connection.recv()
                connection.send(job)

    def _end(self, connection: Connection) -> None:
        pid = self._pids.pop(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        connection.close()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            _kill_group(pid)

    def _last_words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else ""


def _kill_group(pid: int) -> None:
    if hasattr(os, "killpg"):
        os.killpg(pid, signal.SIGKILL)
    else:
        os.kill(pid, signal.SIGTERM)
