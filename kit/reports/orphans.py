"""A worker does not outlive the batch that started it, however that ended and whatever the worker is doing."""

from __future__ import annotations

import os
import signal
import threading

__all__ = ["end_with_the_batch", "keep_line_to_batch"]


def keep_line_to_batch() -> int:
    """Set the pipe from the batch aside, give the process an empty standard input, and return the pipe.

    Nothing more is written to it: it ends when the batch closes it or is gone, even by ``kill -9``.
    """
    line = os.dup(0)  # not passed on to programs that a notebook starts
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return line


def end_with_the_batch(line: int) -> None:
    """End this process, and those of its session, when the batch is gone; call it in each forked worker anew.

    A report may loop for minutes before its worker would notice that nobody waits for it.
    """

    def watch() -> None:
        while os.read(line, 4096):
            pass
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():  # its own session: the notebooks that it runs
            os.killpg(os.getpid(), signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
