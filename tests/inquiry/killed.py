"""A notebook that is killed while it saves, again and again: ``python killed.py URL PROJECT ENTRY TIMES``.

Each life is a process of its own that saves notes and edits of one field, and says each save when it begins and when
it is done. It is killed (SIGKILL) within a save: a little later in each life, until the moments span a whole save.
What was said to be done is printed: it must be there ever after.
"""

from __future__ import annotations

import os
import signal
import sys
import time

from kit.inquiry import Store

# Saves that are left to end in each life before one is killed.
_BEFORE = 3


def live(url: str, project_id: str, entry_id: str, life: int, out: int) -> None:
    """Save until killed."""
    store = Store(url, author=f"life {life}")
    project = store.project(project_id)
    for n in range(100_000):
        os.write(out, b"begin\n")
        if n % 2:
            edited = project.get(entry_id)
            project.update(edited, statement=f"{edited['statement']} {life}.{n}")
            os.write(out, f"edit {life}.{n}\n".encode())
        else:
            os.write(out, f"note {project.add('note', text=f'{life}.{n} ' + 'long ' * 500).id}\n".encode())


def killed(url: str, project_id: str, entry_id: str, life: int, share: float) -> list[str]:
    """Live once; die when this share of a save's usual time has passed since one began. Return what was done."""
    out, into = os.pipe()
    child = os.fork()
    if not child:
        try:
            live(url, project_id, entry_id, life, into)
        finally:
            os._exit(1)
    os.close(into)
    said, times = b"", []
    while said.count(b"begin\n") <= _BEFORE or not said.endswith(b"begin\n"):
        said += os.read(out, 1000)
        times.append(time.monotonic())
    usual = (times[-1] - times[0]) / max(1, len(times) - 1)
    time.sleep(share * usual)
    os.kill(child, signal.SIGKILL)
    while more := os.read(out, 1000):
        said += more
    os.close(out)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        raise RuntimeError(f"life {life} ended by itself")
    return [line for line in said.decode().splitlines() if line != "begin"]


if __name__ == "__main__":
    url, project_id, entry_id, times = *sys.argv[1:4], int(sys.argv[4])
    for life in range(times):
        print(*killed(url, project_id, entry_id, life, 2 * life / times), sep="\n", flush=True)
