"""A second notebook: a process that writes to a store, run by the tests as ``python writer.py URL PROJECT WHO COUNT``.

It prints each id once it is saved, so that a test knows what must be there even if the process is killed.
"""

from __future__ import annotations

import sys

from kit.inquiry import ConflictError, Store


def write(url: str, project_id: str, who: str, count: int) -> None:
    """Add notes, and this writer's letter to the one text that all share; read again wherever there is a conflict."""
    store = Store(url, author=who)
    project = store.project(project_id) if project_id != "new" else store.new_project(title=f"by {who}")
    for n in range(count):
        note = project.add("note", text=f"{who} {n} " + "long " * 200, place=n)
        print(note.id, flush=True)
        if shared := project.entries("problem"):
            held = shared[0]
            while True:
                try:
                    project.update(held, statement=held["statement"] + who)
                    break
                except ConflictError as conflict:
                    held = conflict.current
    store.close()


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
