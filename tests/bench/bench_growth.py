"""Seconds and peak memory of value added and growth percentiles for a million simulated students.

    python tests/bench/bench_growth.py [--students 1000000] [--subjects 1]

Six grades. Each part runs in a process of its own, so that the peak is its own; the simulation is not timed, but its
table is in the peak. With `--subjects 2` each student has a row in both subjects, so there are twice as many rows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve()
sys.path[:0] = [str(HERE.parents[2]), str(HERE.parents[1] / "growth")]
GRADES = ("3", "4", "5", "6", "7", "8")
STUDENTS_PER_GRADE = 80


def measure(part: str, students: int, subjects: int, answer) -> None:
    """Simulate, run one part, and send rows, seconds and peak megabytes."""
    from simulated_schools import simulate

    from kit.growth import growth_percentiles, summarize_percentiles, value_added

    schools = max(students // (STUDENTS_PER_GRADE * len(GRADES)), 10)
    names = ("ela", "math")[:subjects]
    table, _ = simulate(7, schools, STUDENTS_PER_GRADE, grades=GRADES, subjects=names)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, processor = time.perf_counter(), time.process_time()
    if part == "value added":
        value_added(table, groups=["disadvantaged", "disability", "english_learner"])
    else:
        priors = ("own",) if part.endswith("one prior") else ("own", "other")
        found = growth_percentiles(table, priors=priors)
        summarize_percentiles(found.students, ["school_id", "school_year", "subject"])
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer.put((len(table), seconds, processor, before / 1024, peak / 1024))


def main() -> None:
    """Run every part and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=1_000_000)
    parser.add_argument("--subjects", type=int, choices=(1, 2), default=1)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    print(f"{'part':<34}{'rows':>11}{'seconds':>9}{'CPU s':>8}{'table MB':>10}{'peak MB':>9}")
    for part in ("value added", "growth percentiles, one prior", "growth percentiles, two priors"):
        answer = context.Queue()
        worker = context.Process(target=measure, args=(part, options.students, options.subjects, answer))
        worker.start()
        rows, seconds, processor, before, peak = answer.get(timeout=1800)
        worker.join()
        print(f"{part:<34}{rows:>11,}{seconds:>9.1f}{processor:>8.1f}{before:>10.0f}{peak:>9.0f}", flush=True)


if __name__ == "__main__":
    main()
