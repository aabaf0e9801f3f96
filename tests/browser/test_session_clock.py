"""The clock of a session in a real JupyterLab: parts, time, late and early, and no notes on the shared view."""

from __future__ import annotations

import nbformat
import pytest
from jupyter_in_browser import chromium, jupyterlab, run_all

import kit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AGENDA = """# A <b>bold</b> session
Roles: facilitator

## Welcome (1 min)
Say your <i>name</i>.

Ask: Why are you here?
> Secret note.

## Look (2 min)
Ask: What do you see?
> Another note.
"""
SHOW = """from kit.controls.session_clock import SessionClock
from kit.sessions.agenda import read_agenda
shown = SessionClock(read_agenda("ours.md"))
shown"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    place = tmp_path_factory.mktemp("lab")
    (place / "notebooks").mkdir()
    (place / "notebooks" / "ours.md").write_text(AGENDA, encoding="utf-8")
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SHOW)], metadata=kernel)
    book.cells.append(nbformat.v4.new_code_cell("print([round(t, 1) for _, _, t in shown.clock().took() if t])"))
    nbformat.write(book, place / "notebooks" / "clock.ipynb")
    with jupyterlab(place, [kit.home() / "notebooks" / "0-start-here.ipynb"]) as started:
        yield started


def test_a_coach_leads_by_the_clock(lab, tmp_path):
    url, token = lab
    with chromium(tmp_path / "last.png") as tab:
        tab.clock.install()
        tab.goto(f"{url}/lab/tree/clock.ipynb?token={token}")
        tab.clock.resume()
        run_all(tab)
        session = tab.get_by_role("region", name="Session clock")
        session.get_by_text("Not begun yet; 3 minutes in all.").wait_for()
        assert session.get_by_role("heading").first.inner_text() == "A <b>bold</b> session"
        session.get_by_role("button", name="Start the session").click()
        session.get_by_text("Say your <i>name</i>.").wait_for()
        assert not session.get_by_text("Secret note").count()
        assert session.get_by_text("Next: Look (2 min)").count() == 1
        session.get_by_role("button", name="Show the facilitator's notes").click()
        session.get_by_text("Secret note.").wait_for()
        tab.screenshot(path=tmp_path / "leads.png")
        session.get_by_role("button", name="Show what participants see").click()
        session.get_by_text("Secret note.").wait_for(state="detached")

        # Time runs over: late, and said so.
        tab.clock.fast_forward(150_000)
        session.get_by_text("Running 2 min late").wait_for()
        assert session.get_by_role("timer").inner_text().startswith("−1:3")
        session.get_by_role("button", name="Next part").click()
        session.get_by_text("What do you see?").wait_for()
        session.get_by_role("button", name="One step back").click()
        session.get_by_text("Say your").wait_for()
        session.get_by_role("button", name="Next part").click()
        session.get_by_role("button", name="End the session").click()
        session.get_by_text("The session has ended.").wait_for()
        tab.screenshot(path=tmp_path / "ended.png")
