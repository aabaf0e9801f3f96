"""How Alembic runs the scripts: on the connection that the store has opened, inside its transaction."""

from alembic import context

from kit.inquiry.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True, render_as_batch=True)
context.run_migrations()
