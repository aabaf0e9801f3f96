"""The worked project of the sample network: its texts from ``worked_project.toml``, every number from the records.

``python -m kit.inquiry.worked_project data_samples/network data_samples/project.json`` writes it again, byte for byte.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from kit.inquiry.daily import weekly
from kit.inquiry.database import sqlite_url
from kit.inquiry.pdsa import act, close_study, lock_predictions, new_cycle
from kit.inquiry.portable import collect, to_json
from kit.inquiry.project import Project
from kit.inquiry.pupils import guard_of
from kit.inquiry.store import Store
from kit.workspace import open_workspace

__all__ = ["worked_project"]

SCHOOL, OTHER_SCHOOL, YEAR = "0211", "0210", 2026
OPEN_DOOR, WINTER = "2025-11-03", "2025-12-22"
FIRST_HOMEROOMS = tuple(f"0211-2026-7E0{n}" for n in range(1, 5))
# The tally of cycles 1 to 3: of each week's absences in the records, the share on which a family was reached. Invented.
REACHED = {
    "2025-09-22": 0.38, "2025-09-29": 0.42, "2025-10-06": 0.46,
    "2025-10-13": 0.63, "2025-10-20": 0.66, "2025-10-27": 0.70,
    "2025-11-03": 0.72, "2025-11-10": 0.78, "2025-11-17": 0.80,
    "2025-12-01": 0.83, "2025-12-08": 0.82, "2025-12-15": 0.85,
}  # fmt: skip
# The weeks before the team first met were entered that day.
FIRST_ENTRY = datetime(2025, 9, 10, 17, 30, tzinfo=UTC)
# The week of a holiday has no tally: a gap, as in life.
DEEDS_PER_STEP = 60  # seconds between two entries of a step


def worked_project(folder: Path) -> str:
    """Return the worked project as JSON text.

    Parameters
    ----------
    folder : Path
        The sample network.
    """
    workspace = open_workspace(folder)
    script = tomllib.loads((Path(__file__).parent / "worked_project.toml").read_text(encoding="utf-8"))
    series = _series(workspace.records)
    numbers = _numbers(series, workspace.records)
    with tempfile.TemporaryDirectory() as beside:
        clock = _Clock()
        with Store(
            sqlite_url(Path(beside) / "worked.sqlite"), author="kit", pupil_ids=guard_of(workspace), clock=clock
        ) as store:
            project = None
            for at, step in sorted([*_steps(script), *_values(series)], key=lambda pair: pair[0]):
                clock.now, store.author = at, script["people"][step["by"]]
                step = _filled(step, numbers)
                if step["do"] == "project":
                    project = store.new_project(id=script["project"], **step["fields"])
                else:
                    _do(project, step)
            return to_json(collect(project))


class _Clock:
    """A clock that is set, and goes on a minute each time it is asked."""

    now = datetime(2025, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=DEEDS_PER_STEP)
        return self.now


def _steps(script: dict) -> Iterator[tuple[datetime, dict]]:
    for step in script["step"]:
        yield datetime.fromisoformat(step["at"]).replace(tzinfo=UTC), step


def _do(project: Project, step: dict) -> None:
    if step["do"] == "project_update":
        project.update(project.about, **step["fields"])
    elif step["do"] == "add":
        ids = [row.pop("id") for row in step["rows"]]
        project.add_many(step["kind"], step["rows"], ids=ids)
    else:
        for row in step["rows"]:
            _do_one(project, step, row, row.pop("id"))


def _do_one(project: Project, step: dict, row: dict[str, Any], id_: str) -> None:
    if step["do"] == "cycle":
        follows = project.get(step["follows"]) if "follows" in step else None
        new_cycle(project, row.pop("title"), follows=follows, id=id_, **row)
        return
    entry = project.get(id_)
    if step["do"] == "lock":
        lock_predictions(project, entry)
    elif step["do"] == "study":
        for answer in step["predictions"]:
            project.update(project.get(answer.pop("id")), **answer)
        close_study(project, entry, **row)
    elif step["do"] == "act" and row["act"] != "adapt":
        act(project, entry, row.pop("act"), **row)
    else:
        # The next cycle of an adapted one follows in the script, with an id of its own.
        project.update(entry, **row)


# --- numbers -----------------------------------------------------------------------------------------------------


def _series(records) -> dict[str, pd.DataFrame]:
    """Return the weekly series of the project's measures."""
    return {
        "measure-absence": weekly(records, SCHOOL, YEAR, "absence"),
        "measure-grade-7": weekly(records, SCHOOL, YEAR, "absence", grades=["7"]),
        "measure-late": weekly(records, SCHOOL, YEAR, "tardy"),
        "measure-calls": _tally(records),
    }


def _tally(records) -> pd.DataFrame:
    first = weekly(records, SCHOOL, YEAR, "absences", sections=FIRST_HOMEROOMS)
    second = weekly(records, SCHOOL, YEAR, "absences", grades=["7"])
    third = weekly(records, SCHOOL, YEAR, "absences")
    rows = []
    for day, share in REACHED.items():
        of = first if day < "2025-10-13" else second if day < OPEN_DOOR else third
        absences = int(of.loc[of.date == day, "numerator"].iloc[0])
        rows.append((pd.Timestamp(day), round(share * absences), absences))
    return pd.DataFrame(rows, columns=["date", "numerator", "denominator"])


def _values(series: dict[str, pd.DataFrame]) -> Iterator[tuple[datetime, dict]]:
    """Yield a step for each week: its values are entered on the Friday, after school."""
    for measure, table in series.items():
        for row in table.itertuples():
            at = max((row.date + pd.Timedelta(days=4, hours=15)).to_pydatetime().replace(tzinfo=UTC), FIRST_ENTRY)
            value = {"id": f"{measure.replace('measure', 'value')}-{row.date:%Y-%m-%d}", "measure": measure}
            value |= {"date": f"{row.date:%Y-%m-%d}", "numerator": row.numerator, "denominator": row.denominator}
            yield at, {"do": "add", "kind": "value", "by": "ty", "rows": [value]}


def _numbers(series: dict[str, pd.DataFrame], records) -> dict[str, float]:
    """Return the numbers that the texts name, each to one decimal."""
    absence, late = series["measure-absence"], series["measure-late"]
    grade_7, calls = series["measure-grade-7"], series["measure-calls"]
    other = weekly(records, OTHER_SCHOOL, YEAR, "absence")
    last = weekly(records, SCHOOL, YEAR - 1, "absence")

    def median(table: pd.DataFrame, start: str, end: str) -> float:
        return float(table.loc[(table.date >= start) & (table.date < end), "value"].median())

    def together(table: pd.DataFrame, start: str = "2000", end: str = "2100") -> float:
        rows = table[(table.date >= start) & (table.date < end)]
        return 100 * float(rows.numerator.sum()) / float(rows.denominator.sum())

    start, first, second = "2025-08-11", "2025-09-22", "2025-10-13"
    found = {
        "last_year": together(last),
        "this_year": together(absence),
        "week_1": float(absence.value.iloc[0]),
        "week_4": float(absence.value.iloc[3]),
        "maple_start": median(other, start, "2025-09-08"),
        "maple_before": median(other, start, OPEN_DOOR),
        "maple_after": median(other, OPEN_DOOR, WINTER),
        "before": median(absence, start, OPEN_DOOR),
        "after": median(absence, OPEN_DOOR, WINTER),
        "spring": median(absence, "2026-01-05", "2026-07-01"),
        "late_before": median(late, start, OPEN_DOOR),
        "late_after": median(late, OPEN_DOOR, WINTER),
        "grade_7_before": median(grade_7, start, second),
        "grade_7_test": median(grade_7, second, OPEN_DOOR),
        "calls_1": together(calls, first, second),
        "calls_2": together(calls, second, OPEN_DOOR),
    }
    return {name: round(value, 1) for name, value in found.items()}


def _filled(value: Any, numbers: dict[str, float]) -> Any:
    """Return a step with its numbers put in."""
    if isinstance(value, dict):
        return {k: _filled(v, numbers) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, numbers) for v in value]
    return value.format(**numbers) if isinstance(value, str) and "{" in value else value


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(worked_project(Path(sys.argv[1])), encoding="utf-8")
    print(f"Wrote {sys.argv[2]}")
