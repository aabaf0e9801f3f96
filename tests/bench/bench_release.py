"""Time the gate: seconds and share withheld. Run: python tests/bench/bench_release.py [SCHOOLS] [YEARS]."""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter, process_time

sys.path[:0] = [str(Path(__file__).parents[1] / "privacy"), str(Path(__file__).parents[2])]

from privacy_network import pupils, roll_up  # noqa: E402

from kit.privacy import release  # noqa: E402


def main() -> None:
    schools, years = (int(a) for a in [*sys.argv[1:], "60", "3"][:2])
    spells, home = pupils(schools=schools, years=years, size=450, seed=1)
    results = roll_up(spells, home, surveys=True)
    print(f"{schools} schools, {years} years, {results['measure'].nunique()} measures: {len(results):,} rows")
    for audience, minimum, mapping in (("internal", 20, home), ("internal", 20, None), ("public", 11, home)):
        start, work = perf_counter(), process_time()
        out = release(results, audience=audience, minimum=minimum, schools=mapping)
        districts = "with" if mapping is not None else "without"
        took = f"{perf_counter() - start:.1f} s ({process_time() - work:.1f} processor)"
        print(f"{audience}, minimum {minimum}, {districts} districts: {took}")
        print("  " + out.report().splitlines()[1])


if __name__ == "__main__":
    main()
