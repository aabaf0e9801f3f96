"""Time run and control charts of many series. Run: python tests/bench/bench_variation.py [SERIES] [POINTS]."""

from __future__ import annotations

import sys
from pathlib import Path
from time import process_time

sys.path[:0] = [str(Path(__file__).parents[2])]

import numpy as np  # noqa: E402

from kit.variation import control_charts, run_chart, run_charts, xmr_chart  # noqa: E402

_ONE_BY_ONE = 100


def main() -> None:
    series, points = _asked()
    chance = np.random.default_rng(1)
    n = chance.integers(15, 40, series * points)
    count = chance.binomial(n, 0.14)
    rate = np.round(100 * count / n, 1)
    rate[chance.random(len(rate)) < 0.05] = np.nan
    ids = np.repeat(np.arange(series), points)
    print(f"{series:,} series of {points} points; processor seconds")
    jobs = {
        "run charts, IHI": lambda: run_charts(rate, ids, rules="ihi"),
        "run charts, exact runs": lambda: run_charts(rate, ids, rules="ihi", runs_limits="exact"),
        "run charts, Anhøj": lambda: run_charts(rate, ids, rules="anhoej"),
        "XmR, NHSE": lambda: control_charts("xmr", rate, ids, rules="nhse"),
        "XmR, Nelson": lambda: control_charts("xmr", rate, ids, rules="nelson", screened=True),
        "p, NHSE": lambda: control_charts("p", count, ids, n, per=100),
        "p′, NHSE": lambda: control_charts("p_prime", count, ids, n, per=100),
        "run charts of unrounded rates": lambda: run_charts(100 * count / n, ids, rules="ihi"),
        "XmR of unrounded rates": lambda: control_charts("xmr", 100 * count / n, ids),
    }
    for name, job in jobs.items():
        start = process_time()
        table = job()
        took = process_time() - start
        print(f"{name:32} {took:6.2f}  {1e6 * took / len(table):7.0f} µs a series")
    for name, one in (("one run chart, with its tables", run_chart), ("one XmR, with its tables", xmr_chart)):
        start = process_time()
        for i in range(_ONE_BY_ONE):
            one(rate[i * points : (i + 1) * points])
        print(f"{name:32} {1e6 * (process_time() - start) / _ONE_BY_ONE:15.0f} µs a series")


def _asked() -> tuple[int, int]:
    asked = [int(a) for a in sys.argv[1:3]]
    return tuple(asked + [10_000, 36][len(asked) :])


if __name__ == "__main__":
    main()
