"""The released numbers of the last run that came to its end, kept beside the reports for ``--since last``."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kit.privacy import Released
from kit.reports.manifest import Section
from kit.reports.prepare_once import PREPARED

__all__ = ["LAST", "Last", "keep_last", "read_last"]

LAST = ".last"
_RELEASED, _SCHOOLS, _ABOUT = "released.parquet", "schools.parquet", "about.json"


@dataclass(frozen=True)
class Last:
    """What the reports of a run were made from; ``finished`` is when it ended (ISO, UTC)."""

    released: Released
    schools: pd.DataFrame
    finished: str


def _folder(out: Path, section: Section) -> Path:
    return out / LAST / "-".join(section)


def keep_last(out: Path, section: Section, finished: str) -> None:
    """Keep what was prepared as the numbers of the section's last run, whole or not at all."""
    folder = _folder(out, section)
    beside = folder.with_name(folder.name + ".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    for name in (_RELEASED, _SCHOOLS):
        shutil.copyfile(out / PREPARED / name, beside / name)
    (beside / _ABOUT).write_text(json.dumps({"finished": finished}), "utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(beside, folder)


def read_last(out: Path, section: Section) -> Last | None:
    """Return what the section's last run was made from; None where there was none, or it cannot be read."""
    folder = _folder(out, section)
    with contextlib.suppress(Exception):  # then there is nothing to compare with, and that is said
        about = json.loads((folder / _ABOUT).read_text("utf-8"))
        return Last(Released.read(folder / _RELEASED), pd.read_parquet(folder / _SCHOOLS), str(about["finished"]))
    return None
