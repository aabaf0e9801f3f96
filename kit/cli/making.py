"""Commands that make reports: report, publish."""

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
    c.add_argument("--out", required=True, metavar="DIR", help="where they go; other templates' reports stay there")
    c.add_argument(
        "--template",
        default="school-report",
        help="a notebook in templates/, or a path (default school-report)",
    )
    c.add_argument(
        "--format",
        action="append",
        metavar="F,…",
        help="html (always made), pdf, xlsx; with commas, or given again",
    )
    c.add_argument("--language", metavar="TAG", help="such as es (default: language in kit.toml, else English)")
    c.add_argument("--school", action="append", metavar="ID", help="only this school; may be given again")
    c.add_argument(
        "--district", action="append", metavar="ID", help="only this district, of a template about districts"
    )
    c.add_argument("--year", type=int, metavar="Y", help="school year by its ending year (default: the latest)")
    c.add_argument(
        "--minimum", type=int, default=20, help="smallest group shown (default 20; 11 is the lowest allowed)"
    )
    c.add_argument("--jobs", type=int, metavar="N", help="how many at once (default: the machine's cores)")
    c.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="let the workers of a Dask cluster make the pages: tcp://host:port. To start one: «dask scheduler» on one "
        "machine, «dask worker tcp://host:8786 --nworkers 4 --nthreads 1» on each, all with the same kit",
    )
    c.add_argument("--force", action="store_true", help="make all again, also those that are up to date")
    c.add_argument("--since", choices=["last"], help="write down what changed for whom since the last run")
    c.add_argument(
        "--dry-run", action="store_true", help="say what would be made, how long and how large; make nothing"
    )

    c = command(
        "publish",
        _publish,
        "Arrange finished reports for distribution: a folder a school, an index a district.",
        "kit publish reports --to for-schools --zip",
    )
    c.add_argument("out", metavar="OUT", help="the folder that kit report made")
    c.add_argument("--to", required=True, metavar="DIR", help="a new folder, or one that this command made before")
    c.add_argument("--zip", action="store_true", help="also each school's and each district's folder as one file")
    c.add_argument("--partial", action="store_true", help="what there is of a batch that is not finished")


def _report(args: argparse.Namespace) -> int:
    from kit.reports.batch import make_reports, plan_reports
    from kit.reports.restricted import refuse_restricted_folder

    refuse_restricted_folder(args.out)
    asked = {
        "template": args.template,
        "formats": ",".join(args.format or ("html",)),
        "language": args.language,
        "schools": args.school,
        "districts": args.district,
        "school_year": args.year,
        "minimum": args.minimum,
        "jobs": args.jobs,
        "force": args.force,
    }
    if args.dry_run:
        plan = plan_reports(args.data, args.out, **asked)
        print(plan.words())
        plan.require_room(Path(args.out))
        return 0
    result = make_reports(args.data, args.out, since_last=args.since == "last", cluster=args.cluster, **asked)
    for unit, why in result.failed.items():
        print(f"Failed: {unit}: {why}", file=sys.stderr)
    for unit, formats in result.formats_failed.items():
        for name, why in formats.items():
            print(f"Failed: {unit} as {name}: {why}", file=sys.stderr)
    others = "".join(f", {count:,} {name}" for name, count in result.formats_made.items() if count)
    failed = len(result.failed) + sum(map(len, result.formats_failed.values()))
    print(
        f"{plural(len(result.made), 'report')} made{others}, {len(result.skipped):,} up to date, {failed:,} failed"
        f" in {result.seconds:.0f} s. Open {Path(args.out) / 'index.html'}"
    )
    if result.changes:
        print(f"{result.changes.summary()}\nFor whom: {Path(args.out) / 'changes.html'}")
    return 0 if result.ok else 1


def _publish(args: argparse.Namespace) -> int:
    from kit.reports.publish import CHECKSUMS, publish

    done = publish(args.out, args.to, zipped=args.zip, partial=args.partial)
    for one in done.left_out:
        print(f"Left out: {one}", file=sys.stderr)
    print(
        f"Reports of {plural(done.schools, 'school')} in {plural(done.districts, 'district')}, "
        f"{plural(done.files, 'file')}, in {done.to}. To check a copy: sha256sum -c {CHECKSUMS}"
    )
    return 0
