"""Opens JupyterLab on the notebooks, with «0-start-here» in front."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

from kit import home
from kit.errors import KitError

__all__ = ["lab_command", "open_lab"]

_FIRST = "0-start-here.ipynb"
# What Lab starts with; a person's own settings come before it.
_SETTINGS = Path(__file__).parent / "lab_settings"


def lab_command(folder: Path, *, browser: bool, port: int) -> list[str]:
    """Return the command that starts JupyterLab of this environment; its own token stays on.

    Parameters
    ----------
    folder : Path
        The folder that holds the notebooks.
    browser : bool
        Whether to open a browser.
    port : int
        The first port to try; if it is taken, Jupyter tries the next ones.

    Raises
    ------
    KitError
        If the notebook is not there, or JupyterLab is not installed.
    """
    first = folder / _FIRST
    if not first.is_file():
        raise KitError(
            f"The notebook {_FIRST} is not there",
            where=str(folder),
            mend="Run «kit lab» from a full copy of the kit (git clone, then pip install -e .).",
        )
    if importlib.util.find_spec("jupyterlab") is None:
        raise KitError("JupyterLab is not installed in this environment", mend="Install it: pip install jupyterlab")
    return [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder}",
        # One document fills the screen: a shared screen has no room for a list of files (View, Simple Interface).
        f"--LabApp.default_url=/doc/tree/{_FIRST}",
        f"--ServerApp.port={port}",
        f"--ServerApp.open_browser={browser}",
        # Ctrl-C stops at once; the log is left to warnings, so that the address is the one thing to read.
        "--ServerApp.answer_yes=True",
        "--ServerApp.log_level=WARN",
        # No question about news and no look for updates over the network, on a screen that is shared.
        f"--LabApp.app_settings_dir={_SETTINGS}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]


def open_lab(browser: bool = True, port: int = 8888) -> int:
    """Run JupyterLab until it is stopped, and return its exit status.

    Parameters
    ----------
    browser : bool
        Whether to open a browser.
    port : int
        The first port to try.

    Raises
    ------
    KitError
        If ``notebooks/`` is not beside the package, or JupyterLab is not installed.
    """
    command = lab_command(home() / "notebooks", browser=browser, port=port)
    print("JupyterLab starts" + (" and opens in your browser" if browser else "") + ". Press Ctrl-C here to stop it.")
    sys.stdout.flush()
    # A clone that is not installed works too: the notebooks' kernels find the package beside them.
    paths = [str(home()), os.environ.get("PYTHONPATH", "")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in paths if p)}
    server = subprocess.Popen(command, env=env)
    # Ctrl-C reaches Jupyter too, which ends its kernels; wait for that instead of leaving them behind.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return server.wait()
    finally:
        signal.signal(signal.SIGINT, before)
