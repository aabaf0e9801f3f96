"""Fixtures of the store: a new one in a folder, or on a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kit.inquiry import Store


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the address of a SQLite store that does not exist yet."""
    return f"sqlite:///{tmp_path / 'inquiry.sqlite'}"


@pytest.fixture
def open_as(url: str) -> Iterator[Callable[..., Store]]:
    """Return a function that opens the store for a named person."""
    stores: list[Store] = []

    def open_(author: str, address: str = url, **settings) -> Store:
        stores.append(Store(address, author=author, **settings))
        return stores[-1]

    yield open_
    for store in stores:
        store.close()


@pytest.fixture
def store(open_as: Callable[..., Store]) -> Store:
    """Return a new store, with two pupils' ids in its records."""
    return open_as("Rosa", pupil_ids=["0100002", "A-77310"])


@pytest.fixture
def project(store: Store):
    """Return a new project."""
    return store.new_project(title="Mornings at Acorn Middle")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an empty store's address: a file, then a database of a real server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'inquiry.sqlite'}"
    return request.getfixturevalue("postgres").database()
