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
    c.add_argument("--audience", choices=["restricted"], help="who reads the file; needed with --out")
    c.add_argument("--out", metavar="DIR", help="a folder of its own for the list; without it the list is printed")

    c = command(
        "compare-rules", _compare_rules, "Set the rates of rival rule sets side by side, and say on whom they differ.",
        "kit compare-rules data_samples/network --measure chronic_absence --rules core,district_91,california",
    )  # fmt: skip
    c.add_argument("data", metavar="DATA", help="a data folder with records")
    c.add_argument("--measure", required=True, metavar="ID", help="chronic_absence or el_redesignation")
    c.add_argument("--rules", required=True, metavar="A,B,…", help="two rule sets or more; the first is compared with")
    c.add_argument("--school", action="append", metavar="ID", help="only this school; may be given again")
    c.add_argument("--year", type=int, metavar="Y", help="school year by its ending year (default: the latest)")
    c.add_argument("--minimum", type=int, default=20, help="smallest group shown (default 20; 11 is the lowest)")
    c.add_argument(
        "--audience", choices=["internal", "restricted"], default="internal",
        help="restricted names the pupils on whom the rule sets differ",
    )  # fmt: skip
    c.add_argument("--out", metavar="PATH", help="the table as .csv or .parquet; for restricted a folder of its own")

    c = command(
        "levels", _levels_show, "CORE's levels: make a baseline's cut points, or read a year on them.",
        "kit levels baseline data_samples/network --year 2025 --out cuts.csv",
    )  # fmt: skip
    kinds = c.add_subparsers(dest="kind", required=True, metavar="baseline|show")
    c = kinds.add_parser(
        "baseline",
        help="make cut points from a year's results",
        epilog="Example: kit levels baseline data_samples/network --year 2025 --out cuts.csv",
    )
    c.set_defaults(run=_levels_baseline)
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("--year", type=int, required=True, metavar="Y", help="the baseline year by its ending year")
    c.add_argument("--out", required=True, metavar="FILE", help="cuts.csv")
    c = kinds.add_parser(
        "show",
        help="levels, bands, index and the students to the next levels",
        epilog="Example: kit levels show data_samples/network --baseline cuts.csv --school 0101",
    )
    c.set_defaults(run=_levels_show)
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("--baseline", required=True, metavar="FILE", help="cut points made by kit levels baseline")
    c.add_argument("--year", type=int, metavar="Y", help="school year by its ending year (default: the latest)")
    c.add_argument("--school", metavar="ID", help="print this school's measures")
    c.add_argument("--minimum", type=int, default=20, help="smallest group shown (default 20; 11 is the lowest)")
    c.add_argument("--out", metavar="FILE", help="levels.csv or .parquet; the index is written beside it")

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

    c = command(
        "growth",
        _growth,
        "Write two measures of growth side by side: value added and median student growth percentile.",
        "kit growth data_samples/network --out growth.csv",
    )
    c.add_argument("data", metavar="DATA", help="a data folder with records")
    c.add_argument("--out", required=True, metavar="FILE", help="growth.csv, .csv.gz or .parquet")
    c.add_argument("--year", type=int, metavar="Y", help="school year by its ending year (default: all)")
    c.add_argument(
        "--minimum", type=int, default=20, help="smallest group shown (default 20; 11 is the lowest allowed)"
    )

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
    except OSError as error:
        where = error.filename2 or error.filename
        reason = f"It cannot be read or written ({error.strerror or error})"
        print(f"{where}: {reason}" if where else reason, file=sys.stderr)
        return 1
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
    if workspace.has_records and "ela_growth" not in {m for _, ids in workspace.missing() for m in ids}:
        from kit.measures.growth import growth_notes

        for line in growth_notes(workspace.records):
            print(line, file=sys.stderr)
    years = ", ".join(str(y) for y in sorted(results.school_year.unique()))
    what = f"{_plural(len(results), 'row')} of {_plural(results.measure.nunique(), 'measure')} ({years})"
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
    counted = f"{int(frame.counted.sum())} of {_plural(len(frame), 'pupil')} counted." if "counted" in frame else ""
    if args.out:
        from kit.reports.restricted import restricted_name, write_restricted

        year = int(frame.school_year.iloc[0])
        head = [f"{args.measure}, school {args.school}, {year}", *([counted] if counted else [])]
        path = write_restricted(frame, args.out, restricted_name("students", args.measure, args.school, year), head)
        print(f"Wrote {_plural(len(frame), 'pupil')} (restricted) to {path}")
        return 0
    print(NOTICE)
    print(frame.to_string(index=False, na_rep="–"))
    if counted:
        print(counted)
    return 0


def _compare_rules(args: argparse.Namespace) -> int:
    from kit.reports.side_by_side import differing_on, side_by_side
    from kit.workspace import open_workspace

    workspace = open_workspace(args.data)
    rules = args.rules.split(",")
    if args.audience == "restricted":
        pupils = differing_on(workspace, args.measure, rules, school_year=args.year, schools=args.school)
        if args.out:
            print(f"Wrote {_plural(len(pupils.table), 'row')} (restricted) to {pupils.write(args.out)}")
        else:
            print(pupils.as_text())
        return 0
    found = side_by_side(
        workspace, args.measure, rules, school_year=args.year, schools=args.school, minimum=args.minimum
    )
    print(found.as_text())
    if args.out:
        from kit.measures.results import write_results

        write_results(found.table, Path(args.out))
        print(f"Wrote {_plural(len(found.table), 'row')} to {args.out}")
    return 0


def _levels_baseline(args: argparse.Namespace) -> int:
    from kit.rules.core_baseline import make_baseline, write_baseline
    from kit.workspace import open_workspace

    workspace = open_workspace(args.data)
    cuts = make_baseline(workspace.results(), workspace.schools(), school_year=args.year)
    left_out: dict[str, list[str]] = {}
    for line in cuts.attrs["left_out"]:
        name, where = line.split(", ", 1)
        left_out.setdefault(where, []).append(name)
    for where, names in left_out.items():
        print(f"Left out, too few for cut points: {where}: {', '.join(names)}", file=sys.stderr)
    if cuts.empty:
        raise KitError(f"No measure of {args.year} has enough schools for cut points", mend="Choose another year.")
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    write_baseline(cuts, args.out)
    print("\n".join(cuts.attrs["assumptions"]))
    measures = cuts[["school_level", "measure"]].drop_duplicates()
    print(f"Wrote cut points of {args.year} for {_plural(len(measures), 'measure and level', 'measures and levels')}"
          f" to {args.out}")  # fmt: skip
    return 0


def _levels_show(args: argparse.Namespace) -> int:
    from kit.reports.released_levels import released_levels
    from kit.rules.core_baseline import read_baseline
    from kit.workspace import open_workspace

    workspace = open_workspace(args.data)
    cuts = read_baseline(args.baseline)
    released = workspace.released(minimum=args.minimum)
    found = released_levels(released, workspace.schools(), cuts, school_year=args.year)
    print(found.as_text(workspace.schools(), args.school))
    if args.out:
        for path in found.write(args.out):
            print(f"Wrote {path}")
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
    from kit.reports.restricted import refuse_restricted_folder

    refuse_restricted_folder(args.out)
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


def _growth(args: argparse.Namespace) -> int:
    from kit.growth import limits
    from kit.measures.growth import growth_notes, growth_stability
    from kit.measures.results import write_results
    from kit.reports.two_growths import two_growths
    from kit.workspace import open_workspace

    workspace = open_workspace(args.data)
    table = two_growths(workspace, school_year=args.year, minimum=args.minimum)
    write_results(table, Path(args.out))
    for line in [*growth_notes(workspace.records), *limits()[:3]]:
        print(line, file=sys.stderr)
    for row in growth_stability(workspace.records).itertuples():
        print(
            f"{row.subject}, {row.school_year} to {row.next_year}: schools' effects correlate {row.correlation:.2f} "
            f"({row.correlation_low:.2f} to {row.correlation_high:.2f}; {row.schools} schools)"
        )
    print(f"Wrote growth of {_plural(table.school_id.nunique(), 'school')} to {args.out}")
    return 0


def _lab(args: argparse.Namespace) -> int:
    from kit.controls.lab import open_lab

    return open_lab(browser=not args.no_browser, port=args.port)


if __name__ == "__main__":
    sys.exit(main())
