"""Time what a coach waits for after each pick, in a network of 10,000 schools.

Run: python tests/bench/bench_pick.py [SCHOOLS]. The numbers are those of the sample network, once for each sixty
schools and moved a little, kept in tests/bench/data; the pickers, steps and displays are those of the notebooks.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1])]

import ipywidgets as w  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

import kit  # noqa: E402
from kit.controls.define import Define  # noqa: E402
from kit.controls.impact import Impact  # noqa: E402
from kit.controls.opened import OpenedFolder, open_folder  # noqa: E402
from kit.controls.start import Start  # noqa: E402
from kit.disclosure.files import write_released  # noqa: E402
from kit.privacy import Released  # noqa: E402
from kit.reports.prepared import Prepared, prepare  # noqa: E402

GOAL = 0.5
SAMPLE = kit.home() / "data_samples" / "network"


class Many:
    """Stands in for a workspace: the sample network many times over."""

    name, folder, settings, has_records = "Many schools", HERE / "data", {}, False
    connection = "stands in"

    def __init__(self, count: int, place: Path):
        sample = open_folder(str(SAMPLE))
        own, schools = sample.latest.released.table, sample.latest.schools
        districts = schools["district_id"].nunique()
        copies = -(-count // len(schools))
        chance = np.random.default_rng(1)
        tables, lists = [], []
        within = own["unit_type"].ne("network")
        for i in range(copies):
            table = own[within | (i == 0)].copy()
            named = table["unit_type"].ne("network")
            table["unit_id"] = table["unit_id"].where(~named, f"{i:03}-" + table["unit_id"].astype(str))
            # The counts stay as they came from the gate; only the values move, so that no two schools are one.
            table["value"] = (table["value"] * chance.uniform(0.9, 1, len(table))).where(named, table["value"])
            tables.append(table)
            more = {c: f"{i:03}-" + schools[c] for c in ("school_id", "district_id")}
            more |= {c: schools[c] + f" {i}" for c in ("school_name", "district_name")}
            lists.append(schools.assign(**more))
        self._schools = pd.concat(lists, ignore_index=True).head(count)
        table = pd.concat(tables, ignore_index=True)
        kept = {"network", *self._schools["school_id"], *self._schools["district_id"]}
        table = table[table["unit_id"].isin(kept)]
        print(f"{count:,} schools in {copies * districts:,} districts: {len(table):,} released rows", flush=True)
        self._released = Released.read(
            write_released(table, place / "released.parquet", "internal", sample.minimum, "")
        )  # fmt: skip

    def results(self) -> pd.DataFrame:
        return self._released.table

    def released(self, **_) -> Released:
        return self._released

    def schools(self) -> pd.DataFrame:
        return self._schools

    def missing(self) -> list:
        return []

    def fingerprint(self) -> str:
        return "many"


def opened_folder(count: int) -> OpenedFolder:
    """Return what a notebook holds once the numbers are open."""
    place = HERE / "data" / f"released-{count}"
    start = process_time()
    if not (place / "prepared" / "prepared.json").is_file():
        place.mkdir(parents=True, exist_ok=True)
        prepare(Many(count, place)).write(place / "prepared")
        (place / "released.parquet").unlink()
    made = process_time()
    latest = Prepared.read(place / "prepared").lay_out()
    print(f"made in {made - start:.0f} s, opened in {process_time() - made:.1f} s of the processor", flush=True)
    workspace = Many.__new__(Many)
    workspace._released, workspace._schools = latest.released, latest.schools
    opened = OpenedFolder(workspace, latest.minimum)
    opened.latest = opened._by_year[0] = opened._by_year[latest.school_year] = latest
    return opened.read(print)


def sent(widget: w.Widget) -> float:
    """Return how many MB of a display go to the browser."""
    return len(json.dumps([o["data"] for o in widget.display.outputs])) / 1e6


def _must_show(step) -> None:
    if step.message.failed or not step.display.outputs:
        raise RuntimeError(step.message.value or "nothing is shown")


def _pick(drop: w.Dropdown, at: int) -> Callable[[], None]:
    return lambda: setattr(drop, "value", drop.options[at][1])


def _picks_of_start(start: Start, display: str, count: int) -> dict[str, Callable[[], None]]:
    school, one, two = start.school_picker, start.measure_picker, start.pair_picker
    picks = {
        "district": _pick(school.district, 3),
        "all districts": _pick(school.district, 0),
        "school": _pick(school.school, count // 2),
        "another school": _pick(school.school, count // 2 + 1),
    }
    if display == "one measure":
        picks |= {
            "measure": _pick(one.measure, 1),
            "theme": lambda: setattr(one.theme, "value", "surveys"),
            "measure of a survey": _pick(one.measure, 2),
            "all of the theme": _pick(one.measure, -1),
        }
    if display == "among schools":
        picks |= {"across": _pick(two.across, -1), "upward": _pick(two.upward, -2)}
    return picks


def _picks_of_define(numbers, step, count: int) -> dict[str, Callable[[], None]]:
    school, measure = numbers.school.school, numbers.measure.measure
    picks = {
        "school": _pick(school, count // 3),
        "another school": _pick(school, count // 3 + 1),
        "measure": _pick(measure, 0 if measure.index else 1),
    }
    for box in (c for c in step.children if isinstance(c, w.VBox)):
        for drop in (d for d in box.children if isinstance(d, w.Dropdown) and len(d.options) > 1):
            picks[drop.description.lower()] = _pick(drop, 1 if drop.index == 0 and len(drop.options) < 9 else 2)
    return picks


def _picks_of_impact(impact: Impact, opened: OpenedFolder) -> dict[str, Callable[[], None]]:
    choice, ids = impact.desk.choice, list(opened.latest.school_rows)
    return {
        "school": lambda: setattr(choice, "school_id", ids[len(ids) // 3]),
        "another school": lambda: setattr(choice, "school_id", ids[len(ids) // 3 + 1]),
        "measure": lambda: setattr(choice, "measure", "suspension"),
    }


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    opened = opened_folder(count)
    slowest: list[float] = []

    def timed(what: str, pick, shown=None) -> None:
        start = process_time()
        pick()
        took = process_time() - start
        slowest.append(took)
        size = f"  {sent(shown):5.2f} MB" if shown is not None else ""
        print(f"{what:68} {took:5.2f} s{size}{'' if took < GOAL else '  SLOW'}", flush=True)

    start = Start(str(SAMPLE), live=True)
    timed("start: hand the numbers to the pickers", lambda: setattr(start.choice, "opened", opened))
    for name, step in zip(("at a glance", "one measure", "among schools"), start.steps, strict=True):
        timed(f"start, {name}: show the display", step.button.click, step)
        for what, pick in _picks_of_start(start, name, count).items():
            timed(f"start, {name}: {what}", pick, step)
            _must_show(step)
        step.hide()
    define = Define(str(SAMPLE), live=True)
    numbers = define.school()
    steps = {
        "bird's-eye": define.whole_picture(),
        "two measures": define.two_measures(),
        "trend, groups, grades": define.closer(),
        "schools like ours": define.schools_like_ours(),
    }
    timed("define: hand the numbers to the pickers", lambda: setattr(define.desk.choice, "opened", opened))
    for name, step in steps.items():
        timed(f"define, {name}: show the display", step.button.click, step)
        for what, pick in _picks_of_define(numbers, step, count).items():
            timed(f"define, {name}: {what}", pick, step)
            _must_show(step)
        step.hide()
    impact = Impact(str(SAMPLE), live=True)
    step = impact.matched()
    timed("impact: hand the numbers to the pickers", lambda: setattr(impact.desk.choice, "opened", opened))
    impact.desk.choice.school_id = next(iter(opened.latest.school_rows))
    impact.desk.choice.school_year, impact.desk.choice.measure = opened.latest.school_year, "chronic_absence"
    timed("impact, matched schools: show the display", step.button.click, step)
    for what, pick in _picks_of_impact(impact, opened).items():
        timed(f"impact, matched schools: {what}", pick, step)
        _must_show(step)
    print(f"slowest {max(slowest):.2f} s; goal {GOAL} s")
    return int(max(slowest) >= GOAL)


if __name__ == "__main__":
    sys.exit(main())
