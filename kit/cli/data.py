"""Commands on records and results: sample, check, measures, students, release."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from kit.cli.words import plural
from kit.errors import KitError

__all__ = ["add_commands"]

DATA = (
    "a data folder, or a database: postgresql://user@host/database (password in ~/.pgpass or PGPASSWORD), pyspark://…"
)


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands; ``command(name, run, help, example)`` gives each its parser."""
    c = command(
        "sample",
        _sample,
        "Write a synthetic network of schools.",
        "kit sample my-network --schools 12 --years 2",
    )
    c.add_argument("out", metavar="OUT", help="a folder that does not exist yet")
    c.add_argument("--schools", type=int, default=60, help="how many schools (default 60)")
    c.add_argument("--students-per-school", type=int, default=None, metavar="N", help="about how many pupils each")
    c.add_argument("--years", type=int, default=3, help="how many school years (default 3)")
    c.add_argument("--seed", type=int, default=7, help="the same seed gives the same network (default 7)")

    c = command("check", _check, "Check a data folder: every fault at once.", "kit check data_samples/network")
    c.add_argument("data", metavar="DATA", help=DATA)
    c.add_argument("--json", action="store_true", help="write the report as JSON")

    c = command(
        "measures",
        _measures,
        "Compute the results table.",
        "kit measures data_samples/network --out results.parquet",
    )
    c.add_argument("data", metavar="DATA", help=DATA)
    c.add_argument("--out", required=True, metavar="FILE", help="results.parquet, .csv or .csv.gz")
    c.add_argument("--rules", default="core", help="the named rule set (default core)")

    c = command(
        "students", _students, "List the pupils behind a school's number (restricted).",
        "kit students data_samples/network --measure chronic_absence --school 0101",
    )  # fmt: skip
    c.add_argument("data", metavar="DATA", help="a data folder with records")
    c.add_argument("--measure", required=True, metavar="ID")
    c.add_argument("--school", required=True, metavar="ID")
    c.add_argument("--year", type=int, metavar="Y", help="school year by its ending year (default: the latest)")
    c.add_argument("--audience", choices=["restricted"], help="who reads the file; needed with --out")
    c.add_argument("--out", metavar="DIR", help="a folder of its own for the list; without it the list is printed")

    c = command(
        "release", _release, "Write the results that may leave: small groups withheld.",
        "kit release data_samples/network --out released.parquet --audience public",
    )  # fmt: skip
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("--out", required=True, metavar="FILE", help="released.parquet, .csv or .csv.gz")
    c.add_argument("--audience", required=True, choices=["internal", "public"])
    c.add_argument("--minimum", type=int, default=None, help="smallest group shown (default 11, the lowest allowed)")
    c.add_argument("--profile", default="nces", help="bands for a public audience: see METHODS.md (default nces)")


def _sample(args: argparse.Namespace) -> int:
    from kit.records.sample import write_sample

    out = write_sample(
        Path(args.out),
        schools=args.schools,
        students_per_school=args.students_per_school,
        years=args.years,
        seed=args.seed,
    )
    print(f"Wrote a synthetic network of {plural(args.schools, 'school')} to {out}")
    print(f"For coaches only, what is hidden in it: {out.with_name(out.name + '-answers.md')}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from kit.measures.registry import measures
    from kit.records.page import as_text
    from kit.workspace import open_workspace

    workspace = open_workspace(args.data)
    report = workspace.check()
    if args.json:
        page = {
            "data": str(workspace.folder),
            "errors": sum(f.count for f in report.errors),
            "warnings": sum(f.count for f in report.warnings),
            "tables": report.tables,
            "switched_off": report.switched_off,
            "faults": [asdict(f) for f in report.faults],
        }
        print(json.dumps(page, ensure_ascii=False, indent=2))
    else:
        print(as_text(report, str(workspace.folder), {m.id: m.name for m in measures().values()}))
    return 1 if report.errors else 0


def _measures(args: argparse.Namespace) -> int:
    from kit.measures.results import write_results
    from kit.workspace import open_workspace

    if args.rules != "core":
        raise KitError(f"'{args.rules}' is not a rule set of the results table", mend="Use --rules core.")
    workspace = open_workspace(args.data)
    results = workspace.results()
    write_results(results, Path(args.out))
    for what, ids in workspace.missing():
        print(f"No {what}: {', '.join(ids)} left out", file=sys.stderr)
    if workspace.has_records and "ela_growth" not in {m for _, ids in workspace.missing() for m in ids}:
        from kit.measures.growth import growth_notes

        for line in growth_notes(workspace.records):
            print(line, file=sys.stderr)
    years = ", ".join(str(y) for y in sorted(results.school_year.unique()))
    what = f"{plural(len(results), 'row')} of {plural(results.measure.nunique(), 'measure')} ({years})"
    print(f"Wrote {what} to {args.out}")
    print("Not protected: small groups are in it. To pass numbers on, use: kit release", file=sys.stderr)
    return 0


def _students(args: argparse.Namespace) -> int:
    from kit.measures.students import NOTICE, students_behind
    from kit.workspace import open_workspace

    if bool(args.out) != bool(args.audience):
        print("A list of pupils goes to a file with both --audience restricted and --out DIR.", file=sys.stderr)
        return 2
    frame = students_behind(
        open_workspace(args.data).records, args.measure, school_id=args.school, school_year=args.year
    )
    counted = f"{int(frame.counted.sum())} of {plural(len(frame), 'pupil')} counted." if "counted" in frame else ""
    if args.out:
        from kit.reports.restricted import restricted_name, write_restricted

        year = int(frame.school_year.iloc[0])
        head = [f"{args.measure}, school {args.school}, {year}", *([counted] if counted else [])]
        path = write_restricted(frame, args.out, restricted_name("students", args.measure, args.school, year), head)
        print(f"Wrote {plural(len(frame), 'pupil')} (restricted) to {path}")
        return 0
    print(NOTICE)
    print(frame.to_string(index=False, na_rep="–"))
    if counted:
        print(counted)
    return 0


def _release(args: argparse.Namespace) -> int:
    from kit.disclosure.check import find_leaks
    from kit.privacy import LOWEST_MINIMUM
    from kit.reports.restricted import refuse_restricted_folder
    from kit.workspace import open_workspace

    refuse_restricted_folder(Path(args.out).parent)
    minimum = LOWEST_MINIMUM if args.minimum is None else args.minimum
    workspace = open_workspace(args.data)
    released = workspace.released(audience=args.audience, minimum=minimum, profile=args.profile)
    leaks = find_leaks(workspace.results(), released.table, minimum=minimum, schools=workspace.schools())
    if len(leaks):
        raise KitError(
            f"{len(leaks)} withheld numbers could still be worked out from what would be shown",
            where=str(workspace.folder),
            mend="Nothing was written. Raise --minimum.",
        )
    released.write(Path(args.out))
    print(released.report())
    print("Checked by subtraction: nothing withheld follows from what is shown.")
    print(f"Wrote {plural(len(released.table), 'row')} for an audience that is {args.audience} to {args.out}")
    return 0
