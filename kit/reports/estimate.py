"""What a run will do before it does it: how many reports, about how long and how large, and whether there is room."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from kit.errors import KitError
from kit.reports.manifest import Entry

__all__ = ["FIRST_BYTES", "FIRST_SECONDS", "BatchPlan", "duration", "estimate"]

# Of one file, until a run in the same folder tells better; no source: settings, said where they are used.
FIRST_SECONDS = {"html": 1.0, "pdf": 1.5, "xlsx": 0.5}
FIRST_BYTES = {"html": 600_000, "pdf": 500_000, "xlsx": 60_000}
_START_SECONDS = 10
# Left over on the disk for what else is written: the manifest, the index, a file beside the one it replaces.
_ROOM_BESIDE = 5_000_000


@dataclass(frozen=True)
class BatchPlan:
    """What a run will do.

    Attributes
    ----------
    make : dict of str to int
        How many files of each format will be made; ``html`` are the pages.
    of : int
        How many reports were asked for.
    workers : int
    seconds : float
        About how long it takes.
    bytes : int
        About how large the new files are together.
    grows : int
        About how much less room there will be, as new files take the place of old ones.
    free : int
        Bytes free where the reports go.
    first : tuple of str
        The formats of which no earlier run says how long and how large.
    each : dict of str to float
        Seconds from one file of a format to the next.
    """

    make: dict[str, int]
    of: int
    workers: int
    seconds: float
    bytes: int
    grows: int
    free: int
    first: tuple[str, ...] = ()
    each: dict[str, float] = field(default_factory=dict)

    def words(self) -> str:
        """Say it in a line or two."""
        if not any(self.make.values()):
            return f"Plan: nothing to make; all {self.of:,} asked for are up to date."
        others = "".join(f", {n:,} {name}" for name, n in self.make.items() if name != "html" and n)
        reports = "report" if self.of == 1 else "reports"
        what = f"{self.make.get('html', 0):,} of {self.of:,} {reports} to make{others}"
        how = f"{self.workers} at a time, about {duration(self.seconds)} and {_size(self.bytes)}"
        basis = "Measured on the last run."
        if self.first:
            each = "; ".join(f"{f} {FIRST_SECONDS.get(f, 1):g} s, {_size(FIRST_BYTES.get(f, 0))}" for f in self.first)
            basis = f"A first estimate ({each} each), corrected as files are made."
        return f"Plan: {what}; {how} ({_size(self.free)} free). {basis}"

    def require_room(self, out: Path) -> None:
        """Refuse a run for which there is no room.

        Raises
        ------
        KitError
            With what is needed and what is free.
        """
        needed = self.grows + _ROOM_BESIDE
        if any(self.make.values()) and needed > self.free:
            raise KitError(
                f"there is not enough room: about {_size(needed)} are needed and {_size(self.free)} are free",
                where=str(out),
                mend="Free some, or name a folder on another disk. Nothing was made.",
            )


def estimate(make: dict[str, Iterable[str]], before: Iterable[Entry], out: Path, workers: int, *, of: int) -> BatchPlan:
    """Estimate a run from the files of the last one.

    Parameters
    ----------
    make : dict of str to iterable of str
        The files to make, by format.
    before : iterable of Entry
        The manifest's entries of the same template and language.
    out : Path
    workers : int
    of : int
        How many reports were asked for.
    """
    seconds: dict[str, list[float]] = {}
    sizes: dict[str, list[int]] = {}
    for entry in before:
        for name, file in entry.files().items():
            if file.seconds is not None and file.sha256 and (size := _bytes(out / file.file)):
                seconds.setdefault(name, []).append(file.seconds)
                sizes.setdefault(name, []).append(size)
    make = {name: list(files) for name, files in make.items()}
    time, new, old, first, each = 0.0, 0, 0, [], {}
    for name, files in make.items():
        if not files:
            continue
        if name not in sizes:
            first.append(name)
        each[name] = (median(seconds[name]) if name in seconds else FIRST_SECONDS.get(name, 1.0)) / max(1, workers)
        time += len(files) * each[name]
        new += len(files) * round(median(sizes[name]) if name in sizes else FIRST_BYTES.get(name, FIRST_BYTES["html"]))
        old += sum(_bytes(out / file) for file in files)
    existing = next(p for p in (out.resolve(), *out.resolve().parents) if p.exists())
    return BatchPlan(
        make={name: len(files) for name, files in make.items()},
        of=of,
        workers=workers,
        seconds=_START_SECONDS + time if any(make.values()) else 0.0,
        bytes=new,
        grows=max(0, new - old),
        free=shutil.disk_usage(existing).free,
        first=tuple(first),
        each=each,
    )


def duration(seconds: float) -> str:
    """Write a stretch of time as one says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _size(count: int) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.1f} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
    return f"{max(1, round(count / 1e3))} kB"


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
