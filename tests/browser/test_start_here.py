"""The first notebook in a real JupyterLab: a coach opens it, runs it, predicts, looks, picks another school."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "controls"))
from published_folder import write_published

import kit
from kit.controls.lab import lab_command

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CHROMIUM = os.environ.get("KIT_CHROMIUM") or shutil.which("chromium")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
QUIET += ("--disable-component-update", "--disable-sync")
PATIENCE = 45_000  # milliseconds; a busy machine starts a kernel slowly


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab on a copy of the notebooks, away from the repository and from the user's own settings."""
    place = tmp_path_factory.mktemp("lab")
    (place / "notebooks").mkdir()
    shutil.copy(kit.home() / "notebooks" / "0-start-here.ipynb", place / "notebooks")
    write_published(place / "data_samples" / "network")
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


@pytest.fixture
def tab(lab, tmp_path):
    if not CHROMIUM:
        pytest.skip("there is no Chromium here: set KIT_CHROMIUM")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            page = browser.new_context(viewport={"width": 1280, "height": 720}, reduced_motion="reduce").new_page()
            page.set_default_timeout(PATIENCE)
            yield page
            page.screenshot(path=tmp_path / "last.png")
        finally:
            browser.close()


def _cell(tab, heading: str):
    """Return the code cell that follows a heading."""
    below = f"xpath=//*[contains(@class,'jp-MarkdownCell')][.//h2[starts-with(normalize-space(),'{heading}')]]"
    return tab.locator(below + "/following-sibling::*[contains(@class,'jp-CodeCell')][1]")


def test_a_coach_opens_runs_predicts_and_looks(lab, tab, tmp_path):
    url, token = lab
    errors, elsewhere = [], []
    tab.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    tab.on("pageerror", lambda e: errors.append(str(e)))
    own = (url, url.replace("http", "ws"), "data:", "blob:")
    tab.on("request", lambda r: None if r.url.startswith(own) else elsewhere.append(r.url))
    pictures = tmp_path / "pictures"
    pictures.mkdir()

    # The address that «kit lab» opens leads to the notebook.
    tab.goto(f"{url}/?token={token}")
    tab.get_by_role("heading", name="Start here").wait_for()
    # Cells that are run before the kernel is there are forgotten by JupyterLab.
    tab.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
    folder = _cell(tab, "1. The data folder")
    folder.get_by_text("Ready. Go on to the school.").wait_for()
    folder.get_by_text("10 schools in 2 districts").wait_for()
    _cell(tab, "What is not shown").get_by_role("heading", name="Small groups").wait_for()
    tab.screenshot(path=pictures / "opened.png")
    assert not tab.locator(".jp-InputPlaceholder").filter(visible=True).count(), "a line of code is in sight"

    # Predict, then look: nothing is there before the button.
    school, measure = _cell(tab, "2. The school"), _cell(tab, "4. One measure")
    school.get_by_label("School", exact=True).select_option("School 2")
    assert measure.locator("canvas, svg.marks").count() == 0
    measure.get_by_label("We expect").fill("It fell <b>a lot</b>")
    measure.get_by_role("button", name="Show the display").press("Enter")
    measure.get_by_text("For School 2, 2025-26 we expected: It fell <b>a lot</b>").wait_for()
    measure.get_by_text(re.compile(r"from 18\.0.{1,8}20\d\d.24 to 20\.0")).wait_for()
    charts = measure.locator(".vega-embed").filter(has=tab.locator("canvas, svg"))
    charts.nth(2).wait_for()
    charts.first.scroll_into_view_if_needed()
    tab.screenshot(path=pictures / "measure.png")

    # Another school, then another measure: the display follows.
    school.get_by_label("School", exact=True).select_option("School 6")
    measure.get_by_text(re.compile(r"from 24\.0.{1,8}20\d\d.24 to 26\.0")).wait_for()
    assert not measure.get_by_text(re.compile(r"24 to 20\.0")).count()
    measure.get_by_label("Theme").select_option("Achievement")
    measure.get_by_text("ELA met standard: from").wait_for()
    measure.get_by_label("We notice").fill("The years are alike.")
    measure.get_by_label("We wonder").click()

    # The first look, and the schools of the level: a dot says its name.
    look, among = _cell(tab, "3. The first look"), _cell(tab, "5. Among schools")
    look.get_by_role("button", name="Show the display").click()
    look.locator("table.glance").wait_for()
    look.get_by_role("heading", name="Questions to ask").wait_for()
    tab.screenshot(path=pictures / "glance.png")
    among.get_by_role("button", name="Show the display").click()
    among.locator(".vega-embed").wait_for()
    among.locator(".vega-embed").scroll_into_view_if_needed()
    _point_at_a_dot(tab, among.locator(".vega-embed"))
    tab.screenshot(path=pictures / "among.png")

    # What was written comes together.
    wrote = _cell(tab, "6. What we wrote").get_by_label("We wrote")
    tab.wait_for_function("box => box.value.includes('The years are alike.')", arg=wrote.element_handle())
    assert "We expected: It fell <b>a lot</b>" in wrote.input_value()

    # A wrong folder is one error in words; the right one brings everything back.
    folder.get_by_label("Data folder").fill("../nowhere")
    folder.get_by_label("Data folder").press("Enter")
    folder.get_by_role("alert").get_by_text("There is no such folder").wait_for()
    folder.get_by_label("Data folder").fill("../data_samples/network")
    folder.get_by_role("button", name="Open this folder").click()
    folder.get_by_text("Ready. Go on to the school.").wait_for()
    measure.get_by_text("ELA met standard: from").wait_for()

    # On a tablet held upright the charts fit.
    tab.set_viewport_size({"width": 768, "height": 1024})
    for chart in charts.all():
        chart.scroll_into_view_if_needed()
        box, cell = chart.locator("canvas, svg").first.bounding_box(), measure.bounding_box()
        assert box["x"] + box["width"] <= cell["x"] + cell["width"] + 1
    tab.screenshot(path=pictures / "tablet.png")

    assert not tab.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").count()
    assert not tab.locator("[data-mime-type='application/vnd.jupyter.error'], .kit-error").count()
    assert not tab.get_by_text("Error displaying widget").count()
    assert errors == []
    assert elsewhere == [], "a shared screen must not need the network"


def _point_at_a_dot(tab, chart) -> None:
    """Move over the chart until a tooltip names a school."""
    box = chart.locator("canvas, svg").first.bounding_box()
    tip = tab.locator("#vg-tooltip-element.visible")
    for down in range(20, int(box["height"]) - 40, 8):
        for across in range(60, int(box["width"]) - 10, 16):
            tab.mouse.move(box["x"] + across, box["y"] + down)
            if tip.count():
                assert "School" in tip.inner_text()
                return
    raise AssertionError("no dot says its name")
