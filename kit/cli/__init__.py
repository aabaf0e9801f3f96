"""The command line: thin, one function a command, each says what it did and where."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from kit import __version__
from kit.cli import data, exploring, figures, lab, making, needs, projects
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

    for group in (data, figures, making, projects, exploring, needs, lab):
        group.add_commands(command)
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
