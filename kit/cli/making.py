"""Commands that make reports: report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from kit.cli.words import plural

__all__ = ["add_commands"]


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands; ``command(name, run, help, example)`` gives each its parser."""
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
        f"{plural(len(result.made), 'report')} made, {len(result.skipped):,} up to date, {len(result.failed):,} failed"
        f" in {result.seconds:.0f} s. Open {Path(args.out) / 'index.html'}"
    )
    return 1 if result.failed else 0
