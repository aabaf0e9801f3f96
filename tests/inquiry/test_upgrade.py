"""A store of an older kit is upgraded after a backup; one of a newer kit is refused; a wrong file is told."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import kit
import kit.inquiry
from kit.errors import KitError
from kit.inquiry import Store
from kit.inquiry.tables import HEAD, REVISIONS, metadata

SCRIPTS = Path(kit.inquiry.__file__).parent / "migrations"


def _at_version(url: str, version: str) -> None:
    """Make a store as the kit of that version made it, with a project in it."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
        row = {"p": "old", "f": '{"title": "An old project"}', "d": False, "at": "2025-09-01T10:00:00.000000Z"}
        entry = "INSERT INTO entry VALUES (:p, 'project', 'project', 1, :f, :d, 'Rosa', :at, 'Rosa', :at)"
        revision = "INSERT INTO revision VALUES (:p, 'project', 1, 'project', :f, :d, 'Rosa', :at)"
        connection.execute(sa.text(entry), row)
        connection.execute(sa.text(revision), row)
    engine.dispose()


def test_an_older_store_is_upgraded_after_a_backup(url, open_as):
    _at_version(url, "0001")
    store = open_as("Lee")
    assert store.project("old").about["title"] == "An old project"
    assert store.project("old").add("note", text="and on we go")
    file = Path(store.database.file)
    (backup,) = file.parent.glob("*.bak")
    with sqlite3.connect(backup) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert raw.execute("SELECT count(*) FROM entry").fetchone() == (1,)
    with sqlite3.connect(file) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    open_as("Lee")
    assert len(list(file.parent.glob("*.bak"))) == 1


def test_an_older_store_on_a_server_is_upgraded(postgres, open_as):
    address = postgres.database()
    _at_version(address, "0001")
    assert open_as("Lee", address).project("old").about["title"] == "An old project"
    assert postgres.sql("SELECT version_num FROM alembic_version", address.rsplit("/", 1)[1]) == HEAD


def test_an_upgrade_that_fails_changes_nothing(url, open_as, monkeypatch):
    _at_version(url, "0001")

    def fails(connection):
        connection.exec_driver_sql("DROP TABLE revision")
        raise OSError("the power went")

    monkeypatch.setattr("kit.inquiry.database._upgrade", fails)
    with pytest.raises(OSError, match="power"):
        open_as("Lee")
    monkeypatch.undo()
    assert len(open_as("Lee").project("old").history("project")) == 1


def test_a_newer_store_is_refused_and_left_alone(any_url, open_as, request):
    store = open_as("Rosa", any_url)
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    with pytest.raises(KitError, match=r"newer kit.*9999.*Update the kit"):
        Store(any_url, author="Lee")


def test_what_is_no_store_is_told(tmp_path):
    text = tmp_path / "notes.sqlite"
    text.write_text("not a database at all, but a text that somebody wrote" * 50)
    with pytest.raises(KitError, match="not a database"):
        Store(f"sqlite:///{text}", author="Lee")
    with sqlite3.connect(tmp_path / "other.sqlite") as raw:
        raw.execute("CREATE TABLE entry (x)")
    with pytest.raises(KitError, match="not a store of the kit"):
        Store(f"sqlite:///{tmp_path / 'other.sqlite'}", author="Lee")
    with pytest.raises(KitError, match="no such folder"):
        Store(f"sqlite:///{tmp_path / 'nowhere' / 'a.sqlite'}", author="Lee")
    with pytest.raises(KitError, match="SQLite or PostgreSQL, not mysql"):
        Store("mysql://a/b", author="Lee")


def test_a_password_is_in_no_message():
    with pytest.raises(KitError) as told:
        Store("postgresql://kit:open-sesame@127.0.0.1:1/none", author="Lee")
    assert "open-sesame" not in str(told.value)


def test_the_scripts_make_exactly_the_tables_that_the_code_reads(any_url, open_as):
    scripts = ScriptDirectory(str(SCRIPTS))
    assert [s.revision for s in scripts.walk_revisions()][::-1] == list(REVISIONS)
    with open_as("Rosa", any_url).database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_where_the_store_lies(tmp_path, monkeypatch):
    from kit.inquiry.location import store_url
    from kit.workspace import open_workspace

    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    data = tmp_path / "data"
    data.mkdir()

    def where(settings: str = "") -> str:
        (data / "kit.toml").write_text(settings)
        return str(getattr(url := store_url(open_workspace(data)), "database", None) or url)

    assert where() == str(data / "inquiry.sqlite")
    assert where('[inquiry]\nstore = "team.sqlite"') == str(data / "team.sqlite")
    assert where(f'[inquiry]\nstore = "{tmp_path}/b.sqlite"') == f"{tmp_path}/b.sqlite"
    monkeypatch.setenv("HUB_PASSWORD", "sesame")
    hub = '[inquiry]\nstore = "postgresql://kit:$HUB_PASSWORD@hub/kit"'
    assert where(hub) == "postgresql://kit:sesame@hub/kit"
    monkeypatch.delenv("HUB_PASSWORD")
    with pytest.raises(KitError, match="not set"):
        where(hub)
    # Never in the sample data of the kit, which lie in its repository.
    sample = open_workspace(kit.home() / "data_samples" / "network")
    assert Path(store_url(sample).database).parent == tmp_path / "home" / ".improvement-inquiry-kit"
    (data / "kit.toml").write_text("")
    monkeypatch.setattr("os.access", lambda *_: False)
    assert Path(store_url(open_workspace(data)).database).parent == tmp_path / "home" / ".improvement-inquiry-kit"
