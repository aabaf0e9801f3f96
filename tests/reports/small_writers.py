"""Writers of formats that do what a test asks for: they write a line, or fail as real ones may."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from kit.language import current

__all__ = ["Faulty", "Held", "NoRoom", "Plain", "Unopened"]


class Plain:
    """Writes the unit, the language and the page's length; says in a file that it was closed."""

    def __init__(self, prepared: str):
        self.prepared = Path(prepared)
        assert (self.prepared / "released.parquet").is_file()

    def write(self, task_id: str, html: Path, out: Path) -> None:
        out.write_text(f"{task_id}|{current()}|{len(html.read_bytes())}\n", "utf-8")

    def close(self) -> None:
        with open(os.environ["KIT_TEST_FLAGS"] + "/closed", "a") as file:
            file.write("closed\n")


class Faulty(Plain):
    """Fails for a school while there is a file of its name."""

    def write(self, task_id: str, html: Path, out: Path) -> None:
        if Path(os.environ["KIT_TEST_FLAGS"], task_id.replace("/", "-")).exists():
            out.write_text("half of i")
            if task_id == "raises":
                raise ValueError("the reason\nin two lines")
            if task_id == "hangs":
                time.sleep(60)
            if task_id == "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            if task_id == "eats":
                out.write_text("")
                return
        super().write(task_id, html, out)


class Held(Plain):
    """Does not end for two schools while there is a file ``hold``."""

    def write(self, task_id: str, html: Path, out: Path) -> None:
        while task_id in ("ab", "raises") and Path(os.environ["KIT_TEST_FLAGS"], "hold").exists():
            time.sleep(0.1)
        super().write(task_id, html, out)


class NoRoom(Plain):
    """Writes to a device that is always full."""

    def write(self, task_id: str, html: Path, out: Path) -> None:
        out.write_text("half of i")
        with open("/dev/full", "w") as file:
            file.write("the other half")


class Unopened(Plain):
    """Cannot be used at all."""

    def __init__(self, prepared: str):
        raise RuntimeError("there is no browser")
