"""Two notebooks on one project lose nothing, and a kill loses at most what was not yet saved."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from kit.errors import InputError, KitError
from kit.inquiry import Store
from kit.inquiry.backup import backup

WRITER = Path(__file__).with_name("writer.py")
KILLED = Path(__file__).with_name("killed.py")


def _writer(url: str, project_id: str, who: str, count: int) -> subprocess.Popen:
    command = [sys.executable, str(WRITER), url, project_id, who, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _finished(process: subprocess.Popen) -> list[str]:
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out.split()


def test_two_processes_writing_at_once_lose_nothing(any_url, open_as):
    project = open_as("Rosa", any_url).new_project(title="Mornings")
    shared = project.add("problem", statement=":")
    both = [_writer(any_url, project.id, who, 15) for who in "ab"]
    said = [i for process in both for i in _finished(process)]
    assert {e.id for e in project.entries("note")} == set(said)
    assert len(set(said)) == 30
    # Each letter that was put in is there: no edit was written over the other's.
    assert Counter(project.get(shared.id)["statement"]) == {":": 1, "a": 15, "b": 15}
    texts = [r.fields["statement"] for r in project.history(shared)]
    assert len(texts) == 31
    assert all(len(later) == len(earlier) + 1 for earlier, later in pairwise(texts))


def test_two_that_open_a_new_store_at_once_both_work(any_url, open_as):
    both = [_writer(any_url, "new", who, 2) for who in "ab"]
    for process in both:
        assert len(_finished(process)) == 2
    assert sorted(open_as("Rosa", any_url).projects().title) == ["by a", "by b"]


LIVES = 12


def test_kills_in_the_middle_of_saves_lose_nothing_that_was_saved(any_url, open_as):
    project = open_as("Rosa", any_url).new_project(title="Mornings")
    shared = project.add("problem", statement="begun")
    command = [sys.executable, str(KILLED), any_url, project.id, shared.id, str(LIVES)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    said = [line.split() for line in done.stdout.splitlines()]
    notes, edits = ([what for kind, what in said if kind == k] for k in ("note", "edit"))
    assert len(notes) >= LIVES
    assert len(edits) >= LIVES
    again = open_as("Lee", any_url).project(project.id)  # the database opens
    there = again.entries("note")
    assert set(notes) <= {e.id for e in there}
    words = again.get(shared.id)["statement"].split()
    assert [w for w in words if w in set(edits)] == edits, "every edit that was done, once, in its order"
    # Done, and killed before it was said: one save a life at most. Nothing is there that was never begun.
    assert len(there) - len(notes) + len(words) - 1 - len(edits) <= LIVES
    assert all(e["text"].split(" ", 1)[1].strip() == ("long " * 500).strip() for e in there), "whole or not at all"
    for e in again.entries():
        texts = again.history(e)
        assert [r.version for r in texts] == list(range(1, e.version + 1))
        assert texts[-1].fields == e.fields
    if again.store.database.sqlite:
        with sqlite3.connect(again.store.database.file) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again.update(again.get(shared.id), statement="and the next notebook goes on")


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.1, 0.2])
def test_a_kill_while_a_store_is_made_leaves_one_that_opens(url, open_as, seconds):
    child = os.fork()
    if not child:
        try:
            Store(url, author="Rosa")
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    store = open_as("Lee")
    assert store.new_project(title="Mornings").about.title == "Mornings"


def test_a_store_is_copied_whole_while_it_is_written(any_url, open_as, tmp_path):
    store = open_as("Rosa", any_url)
    project = store.new_project(title="Mornings")
    project.add("problem", statement=":")
    process = _writer(any_url, project.id, "a", 100_000)
    said = [process.stdout.readline().strip() for _ in range(5)]
    try:
        count = backup(store, tmp_path / "copy.sqlite")
    finally:
        process.kill()
        process.communicate(timeout=60)
    assert [p.name for p in tmp_path.glob("copy*")] == ["copy.sqlite"]
    copy = open_as("Lee", f"sqlite:///{tmp_path / 'copy.sqlite'}").project(project.id)
    assert set(said) <= {e.id for e in copy.entries("note")}
    assert len([e for e in copy.entries() if e.kind != "project"]) == count
    for e in copy.entries():
        assert copy.history(e)[-1].fields == e.fields
        assert len(copy.history(e)) == e.version
    with pytest.raises(KitError, match="there already"):
        backup(store, tmp_path / "copy.sqlite")


def test_two_who_enter_the_same_week_at_once_make_one_value(any_url, open_as):
    rosa, lee = open_as("Rosa", any_url), open_as("Lee", any_url)
    project = rosa.new_project(title="Mornings")
    measure = project.add("measure", name="Absence", role="outcome")
    told = []

    def enter():
        try:
            lee.project(project.id).add("value", measure=measure.id, date="2026-01-05", value=8)
        except InputError as error:
            told.append(str(error))

    second = threading.Thread(target=enter)
    with project.together():
        project.add("value", measure=measure, date="2026-01-05", value=9)
        second.start()
        second.join(1)
        assert second.is_alive()  # it waits for the first to be done
    second.join(60)
    assert [v["value"] for v in project.entries("value")] == [9]
    assert "there is one already" in told[0]
