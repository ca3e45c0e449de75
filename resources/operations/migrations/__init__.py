"""Alembic migrations of the operations store, run by `resources.operations.migrate`."""
