"""The command line: thin, one function a command, each says what it did and where."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from kit import __version__
from kit.errors import KitError

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kit",
        description="Measures, reports and notebooks for teams that improve schools.",
        epilog="Example: kit report data_samples/network --out reports",
    )
    parser.add_argument("--version", action="version", version=f"kit {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run, help: str, example: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(
            name,
            help=help,
            description=help,
            epilog=f"Example: {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=run)
        return sub

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
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("--json", action="store_true", help="write the report as JSON")

    c = command(
        "measures",
        _measures,
        "Compute the results table.",
        "kit measures data_samples/network --out results.parquet",
    )
    c.add_argument("data", metavar="DATA", help="a data folder")
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

    c = command(
        "release", _release, "Write the results that may leave: small groups withheld.",
        "kit release data_samples/network --out released.parquet --audience public",
    )  # fmt: skip
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("--out", required=True, metavar="FILE", help="released.parquet, .csv or .csv.gz")
    c.add_argument("--audience", required=True, choices=["internal", "public"])
    c.add_argument("--minimum", type=int, default=None, help="smallest group shown (default 11, the lowest allowed)")
    c.add_argument("--profile", default="nces", help="bands for a public audience: see METHODS.md (default nces)")

    c = command("report", _report, "Make a report for every school.", "kit report data_samples/network --out reports")
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("--out", required=True, metavar="DIR")
    c.add_argument(
        "--template",
        default="school-report",
        help="a notebook in templates/, or a path (default school-report)",
    )
    c.add_argument("--school", action="append", metavar="ID", help="only this school; may be given again")
    c.add_argument("--year", type=int, metavar="Y", help="school year by its ending year (default: the latest)")
    c.add_argument(
        "--minimum", type=int, default=20, help="smallest group shown (default 20; 11 is the lowest allowed)"
    )
    c.add_argument("--jobs", type=int, metavar="N", help="how many at once (default: the machine's cores)")
    c.add_argument("--force", action="store_true", help="make all again, also those that are up to date")

    c = command("lab", _lab, "Open JupyterLab on the notebooks.", "kit lab")
    c.add_argument("--no-browser", action="store_true", help="start the server only")
    c.add_argument("--port", type=int, default=8888)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 (something is wrong or failed) or 2 (wrong use)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    args = _parser().parse_args(argv)
    try:
        return args.run(args)
    except KitError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What was finished is whole; run the same command again for the rest.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader (head, less) went away; that is no fault.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("KIT_DEBUG"):
            raise
        first = str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
        print(
            f"The kit could not go on ({type(error).__name__}: {first}). Nothing was half written. "
            "Run «kit check DATA» first; with KIT_DEBUG=1 the full trace is shown.",
            file=sys.stderr,
        )
        return 1


def _plural(n: int, word: str, many: str | None = None) -> str:
    return f"{n:,} {word if n == 1 else many or word + 's'}"


def _sample(args: argparse.Namespace) -> int:
    from kit.records.sample import write_sample

    out = write_sample(
        Path(args.out),
        schools=args.schools,
        students_per_school=args.students_per_school,
        years=args.years,
        seed=args.seed,
    )
    print(f"Wrote a synthetic network of {_plural(args.schools, 'school')} to {out}")
    print(f"For coaches only, what is hidden in it: {out.with_name(out.name + '-answers.md')}")
    return 0


def _check(args: argparse.Namespace) -> int:
    from kit.measures.registry import measures
    from kit.records.page import as_text
    from kit.workspace import open_workspace

    report = open_workspace(args.data).check()
    if args.json:
        page = {
            "data": str(args.data),
            "errors": sum(f.count for f in report.errors),
            "warnings": sum(f.count for f in report.warnings),
            "tables": report.tables,
            "switched_off": report.switched_off,
            "faults": [asdict(f) for f in report.faults],
        }
        print(json.dumps(page, ensure_ascii=False, indent=2))
    else:
        print(as_text(report, str(args.data), {m.id: m.name for m in measures().values()}))
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
    years = ", ".join(str(y) for y in sorted(results.school_year.unique()))
    what = f"{_plural(len(results), 'row')} of {_plural(results.measure.nunique(), 'measure')} ({years})"
    print(f"Wrote {what} to {args.out}")
    print("Not protected: small groups are in it. To pass numbers on, use: kit release", file=sys.stderr)
    return 0


def _students(args: argparse.Namespace) -> int:
    from kit.measures.students import NOTICE, students_behind
    from kit.workspace import open_workspace

    frame = students_behind(
        open_workspace(args.data).records, args.measure, school_id=args.school, school_year=args.year
    )
    print(NOTICE)
    print(frame.to_string(index=False, na_rep="–"))
    if "counted" in frame:
        print(f"{int(frame.counted.sum())} of {_plural(len(frame), 'pupil')} counted.")
    return 0


def _release(args: argparse.Namespace) -> int:
    from kit.disclosure.check import find_leaks
    from kit.privacy import LOWEST_MINIMUM
    from kit.workspace import open_workspace

    minimum = LOWEST_MINIMUM if args.minimum is None else args.minimum
    workspace = open_workspace(args.data)
    released = workspace.released(audience=args.audience, minimum=minimum, profile=args.profile)
    leaks = find_leaks(workspace.results(), released.table, minimum=minimum, schools=workspace.schools())
    if len(leaks):
        raise KitError(
            f"{len(leaks)} withheld numbers could still be worked out from what would be shown",
            where=str(args.data),
            mend="Nothing was written. Raise --minimum.",
        )
    released.write(Path(args.out))
    print(released.report())
    print("Checked by subtraction: nothing withheld follows from what is shown.")
    print(f"Wrote {_plural(len(released.table), 'row')} for an audience that is {args.audience} to {args.out}")
    return 0


def _report(args: argparse.Namespace) -> int:
    from kit.reports.batch import make_reports

    result = make_reports(
        args.data,
        args.out,
        template=args.template,
        schools=args.school,
        school_year=args.year,
        minimum=args.minimum,
        jobs=args.jobs,
        force=args.force,
    )
    for school, why in result.failed.items():
        print(f"Failed: {school}: {why}", file=sys.stderr)
    print(
        f"{_plural(len(result.made), 'report')} made, {len(result.skipped):,} up to date, {len(result.failed):,} failed"
        f" in {result.seconds:.0f} s. Open {Path(args.out) / 'index.html'}"
    )
    return 1 if result.failed else 0


def _lab(args: argparse.Namespace) -> int:
    from kit.controls.lab import open_lab

    return open_lab(browser=not args.no_browser, port=args.port)


if __name__ == "__main__":
    sys.exit(main())
