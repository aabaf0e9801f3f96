"""The command of the monthly explorations: explore."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

__all__ = ["add_commands"]


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands; ``command(name, run, help, example)`` gives each its parser."""
    c = command(
        "explore", _explore, "Make the pre-read of a monthly exploration.",
        "kit explore data_samples/network --theme chronic-absence --all-districts --out pre-reads",
    )  # fmt: skip
    c.add_argument("data", metavar="DATA", help="a data folder")
    c.add_argument("--theme", required=True, metavar="NAME", help="such as chronic-absence; a wrong name lists all")
    which = c.add_mutually_exclusive_group()
    which.add_argument("--district", action="append", metavar="ID", help="only this district; may be given again")
    which.add_argument("--all-districts", action="store_true", help="one page for every district")
    c.add_argument("--out", required=True, metavar="DIR", help="where the pages go; without a district, the network's")


def _explore(args: argparse.Namespace) -> int:
    from kit.controls.explore_prereads import make_prereads

    districts = None if args.all_districts else args.district or []
    made, failed = make_prereads(args.data, args.theme, args.out, districts=districts, say=print)
    print(f"Made {len(made)} page{'' if len(made) == 1 else 's'} in {args.out}.")
    for line in failed:
        print(f"Not made: {line}", file=sys.stderr)
    return 1 if failed else 0
