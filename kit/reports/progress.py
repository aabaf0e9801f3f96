"""How far a batch is and how long it will still take: a bar in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

from kit.reports.estimate import duration

__all__ = ["Progress", "seconds_left"]

# Between two lines where there is no terminal.
_LINE_SECONDS = 5.0
# The plan's estimate counts as much as so many that were made.
_ESTIMATE_COUNTS = 4


def seconds_left(done: int, total: int, since_first: float, planned: float) -> float:
    """Estimate how long the rest takes: as planned at first, then more and more as it went.

    The time to the first is left out: it is mostly the start.

    Parameters
    ----------
    done, total : int
    since_first : float
        Seconds since the first was done.
    planned : float
        Seconds from one to the next, as planned.
    """
    each = (planned * _ESTIMATE_COUNTS + since_first) / (_ESTIMATE_COUNTS + max(0, done - 1))
    return each * (total - done)


class Progress:
    """Counts reports, or their files in other formats; use it in a ``with``.

    Parameters
    ----------
    total : int
    planned : float
        Seconds from one to the next, as planned.
    shown : bool
    unit : str
        What is counted.
    """

    def __init__(self, total: int, planned: float, *, shown: bool = True, unit: str = "report"):
        self._total, self._planned, self._shown, self._unit = total, planned, shown, unit
        self._done = self._failed = 0
        self._first = self._told = time.monotonic()
        self._bar = None
        if shown and sys.stderr.isatty():
            self._bar = tqdm(total=total, unit=unit, desc=f"{unit[0].upper()}{unit[1:]}s", dynamic_ncols=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_) -> None:
        if self._bar is not None:
            self._bar.close()

    def step(self, *, failed: bool, name: str, error: str | None) -> None:
        """Count one more, and say at once if it failed."""
        self._done += 1
        if self._done == 1:
            self._first = time.monotonic()
        self._failed += failed
        if not self._shown:
            return
        if failed:
            self._say(f"No {self._unit} for {name}: {error}")
        if self._bar is not None:
            self._bar.set_postfix(failed=self._failed) if self._failed else None
            self._bar.update()
        elif time.monotonic() - self._told >= _LINE_SECONDS or self._done == self._total:
            self._told = time.monotonic()
            left = seconds_left(self._done, self._total, self._told - self._first, self._planned)
            until = f", about {duration(left)} left" if self._done < self._total else ""
            self._say(f"{self._done} of {self._total} {self._unit}s{until}")

    def _say(self, line: str) -> None:
        if self._bar is not None:
            tqdm.write(line, file=sys.stderr)
        else:
            print(line, file=sys.stderr, flush=True)
