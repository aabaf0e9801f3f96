"""The command that opens the notebooks: lab."""

from __future__ import annotations

import argparse
from collections.abc import Callable

__all__ = ["add_commands"]


def add_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands; ``command(name, run, help, example)`` gives each its parser."""
    c = command("lab", _lab, "Open JupyterLab on the notebooks.", "kit lab")
    c.add_argument("--no-browser", action="store_true", help="start the server only")
    c.add_argument("--port", type=int, default=8888)


def _lab(args: argparse.Namespace) -> int:
    from kit.controls.lab import open_lab

    return open_lab(browser=not args.no_browser, port=args.port)
