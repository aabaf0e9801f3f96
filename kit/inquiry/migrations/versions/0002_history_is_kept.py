"""History is kept: the database itself refuses to change or delete it. Entries are found by kind."""

from alembic import op

revision = "0002"
down_revision = "0001"

REASON = "the history of a project is kept and cannot be changed"


def upgrade() -> None:
    """Add the index by kind, and triggers in the dialect of the database."""
    op.create_index("entry_kind", "entry", ["kind", "project_id"])
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER revision_no_{deed.lower()} BEFORE {deed} ON revision "
                f"BEGIN SELECT RAISE(ABORT, '{REASON}'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION revision_is_kept() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$BEGIN RAISE EXCEPTION '{REASON}'; END$$"
        )
        op.execute(
            "CREATE TRIGGER revision_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON revision "
            "FOR EACH STATEMENT EXECUTE FUNCTION revision_is_kept()"
        )
