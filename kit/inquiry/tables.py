"""The store's two tables: an entry as it stands, and every text it ever had.

One table for all kinds, with the fields as JSON: a kind is a table of ``kinds.toml``, not a migration, and history,
versions, export and the guard are written once. What is asked across projects is asked by kind, which is indexed.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, MetaData, String, Table

__all__ = ["HEAD", "REVISIONS", "entry", "metadata", "revision", "version"]

# The store's schema versions that this kit knows, oldest first; each is a script in migrations/versions.
REVISIONS = ("0001", "0002")
HEAD = REVISIONS[-1]

metadata = MetaData()

entry = Table(
    "entry",
    metadata,
    Column("project_id", String(60), primary_key=True),
    Column("id", String(60), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("author", String(200), nullable=False),
    Column("at", String(27), nullable=False),
    Index("entry_kind", "kind", "project_id"),
)

revision = Table(
    "revision",
    metadata,
    Column("project_id", String(60), primary_key=True),
    Column("id", String(60), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("author", String(200), nullable=False),
    Column("at", String(27), nullable=False),
)

# Alembic's own table, read before Alembic is loaded.
version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
