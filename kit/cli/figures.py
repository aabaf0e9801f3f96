"""Commands on rules and growth: compare-rules, levels, growth."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kit.cli.words import plural
from kit.errors import KitError

__all__ = ["add_commands"]


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands; ``command(name, run, help, example)`` gives each its parser."""
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


def _compare_rules(args: argparse.Namespace) -> int:
    from kit.reports.side_by_side import differing_on, side_by_side
    from kit.workspace import open_workspace

    workspace = open_workspace(args.data)
    rules = args.rules.split(",")
    if args.audience == "restricted":
        pupils = differing_on(workspace, args.measure, rules, school_year=args.year, schools=args.school)
        if args.out:
            print(f"Wrote {plural(len(pupils.table), 'row')} (restricted) to {pupils.write(args.out)}")
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
        print(f"Wrote {plural(len(found.table), 'row')} to {args.out}")
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
    print(f"Wrote cut points of {args.year} for {plural(len(measures), 'measure and level', 'measures and levels')}"
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
    print(f"Wrote growth of {plural(table.school_id.nunique(), 'school')} to {args.out}")
    return 0
