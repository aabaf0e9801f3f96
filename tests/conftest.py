"""Shared fixtures: where the published data are, the sample network, a folder written from texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import postgres as postgres_server
import pytest

import kit


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of published data beside the project; skip, saying so, where it does not exist."""
    folder = kit.home().parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of published data (../shared/data) does not exist here")
    return folder


@pytest.fixture(scope="session")
def sample() -> Path:
    """Return the committed sample network."""
    return kit.home() / "data_samples" / "network"


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    """Return a running PostgreSQL server (``.database()``: the URL of an empty one); skip where none is installed."""
    if postgres_server.binaries() is None:
        pytest.skip("PostgreSQL's server is not installed (Debian: apt-get install postgresql)")
    with postgres_server.started() as server:
        yield server


@pytest.fixture
def write_folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes ``name="text"`` as CSV tables into a folder."""

    def write(**tables: str) -> Path:
        folder = tmp_path / "data"
        folder.mkdir(exist_ok=True)
        for name, text in tables.items():
            lines = [line.strip() for line in text.strip().splitlines()]
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return folder

    return write
