"""Wall time, processor time and memory of what a benchmark runs."""

from __future__ import annotations

import os
import resource
import threading
import time
from pathlib import Path

__all__ = ["Meter"]


class Meter:
    """Measures what runs inside the ``with``: the processes that this one starts and waits for.

    Attributes
    ----------
    wall, cpu : float
        Seconds.
    memory : float
        The most MB that all of them held together, shared pages counted once (Linux; looked at four times a second);
        what this process itself holds is not among it.
    """

    def __enter__(self) -> Meter:
        self.memory, self._stop = 0.0, threading.Event()
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
    for pid in ours - {os.getpid()}:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
