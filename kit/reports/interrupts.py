"""Ends in order: a request to end is treated as Ctrl-C, and what must be finished is not cut short."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

__all__ = ["ended_as_interrupt", "uninterrupted"]


@contextlib.contextmanager
def ended_as_interrupt() -> Iterator[None]:
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
def uninterrupted() -> Iterator[None]:
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
