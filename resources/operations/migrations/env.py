"""Alembic's entry: it works on the connection, and in the transaction, that it is handed."""

from alembic import context

from resources.operations.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
