"""A real JupyterLab for the browser tests, and what every one of them asks of its pages."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

import kit
from kit.controls.lab import lab_command

__all__ = ["PATIENCE", "cell_after", "chromium", "fill", "into_view", "jupyterlab", "no_errors", "run_all"]

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")
TRIES = 5
PATIENCE = 60_000  # milliseconds; a busy machine starts a kernel slowly


@contextmanager
def jupyterlab(place: Path, notebooks: list[Path]) -> Iterator[tuple[str, str]]:
    """Start JupyterLab on copies of notebooks, away from the repository and from the user's own settings.

    Yields the address and the token. ``place/notebooks`` holds the copies; data lie beside it.
    """
    (place / "notebooks").mkdir(exist_ok=True)
    for notebook in notebooks:
        shutil.copy(notebook, place / "notebooks")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    own = {"HOME": place, "IPYTHONDIR": place / "ipython", "JUPYTER_CONFIG_DIR": place / "config"}
    own |= {"JUPYTER_DATA_DIR": place / "data", "JUPYTER_RUNTIME_DIR": place / "runtime"}
    env = os.environ | {k: str(v) for k, v in own.items()} | {"PYTHONPATH": str(kit.home()), "JUPYTER_TOKEN": token}
    command = lab_command(place / "notebooks", browser=False, port=port)
    command += ["--ServerApp.ip=127.0.0.1", "--ServerApp.port_retries=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    log = place / "log.txt"
    with log.open("w") as said:
        server = subprocess.Popen(command, env=env, stdout=said, stderr=said)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/status?token={token}", server, log)
        yield f"http://127.0.0.1:{port}", token
    finally:
        _end(server)


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + PATIENCE / 1000
    while True:
        try:
            urllib.request.urlopen(url, timeout=5)
            return
        except OSError:
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)


def _end(server: subprocess.Popen) -> None:
    """End the server, which ends its kernels, and kill what it leaves behind."""
    try:
        started = psutil.Process(server.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait(5)
    for process in psutil.wait_procs(started, timeout=5)[1]:
        process.kill()


@contextmanager
def chromium(picture: Path, **context) -> Iterator:
    """Yield a page of a real Chromium; a picture of the last moment is kept."""
    found = os.environ.get("KIT_CHROMIUM") or shutil.which("chromium")
    if not found:
        pytest.skip("there is no Chromium here: set KIT_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    settings = {"viewport": {"width": 1280, "height": 720}, "reduced_motion": "reduce"} | context
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        try:
            page = browser.new_context(**settings).new_page()
            page.set_default_timeout(PATIENCE)
            yield page
            page.screenshot(path=picture)
        finally:
            browser.close()


def run_all(tab) -> None:
    """Wait for the kernel, then choose «Run All Cells»: cells run before the kernel is there are forgotten."""
    tab.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()


def cell_after(tab, heading: str):
    """Return the code cell that follows a heading."""
    below = f"xpath=//*[contains(@class,'jp-MarkdownCell')][.//h2[starts-with(normalize-space(),'{heading}')]]"
    return tab.locator(below + "/following-sibling::*[contains(@class,'jp-CodeCell')][1]")


def fill(cell, label: str, text: str) -> None:
    """Write into the visible field of that label, and leave it, which saves it."""
    box = cell.get_by_label(label, exact=True).filter(visible=True).first
    box.fill(text)
    box.press("Tab")


def no_errors(tab) -> None:
    """Check that no cell and no widget shows an error."""
    assert not tab.locator(".kit-error, [data-mime-type='application/vnd.jupyter.error']").count()
    assert not tab.get_by_text("Error displaying widget").count()


def into_view(locator) -> None:
    """Scroll to an element, again where a widget draws it anew in that moment."""
    from playwright.sync_api import Error

    for _ in range(TRIES):
        with suppress(Error):
            locator.scroll_into_view_if_needed()
            return
    locator.scroll_into_view_if_needed()
