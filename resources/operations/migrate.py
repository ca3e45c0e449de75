"""Bring a database to today's tables and triggers in one transaction, whoever else tries too."""

from pathlib import Path

import sqlalchemy as sa

from resources.operations import guards
from resources.operations.book import Book
from resources.operations.engine import file_of, make_file

LOCK = 7_204_551  # any number, the same in every process


def _config(connection: sa.Connection | None = None):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


class Migrations(Book):
    def migrate(self) -> None:
        """Create or upgrade every table; a second call changes nothing."""
        from alembic import command

        if path := file_of(self._engine):
            make_file(path)
        with self._write() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            command.upgrade(_config(connection), "head")
            guards.install(connection)

    def is_migrated(self) -> bool:
        """Whether the database is reachable, at the newest revision, with today's triggers."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        if (path := file_of(self._engine)) and not path.exists():
            return False
        heads = set(ScriptDirectory.from_config(_config()).get_heads())
        with self._read() as connection:
            at = set(MigrationContext.configure(connection).get_current_heads())
            return at == heads and guards.installed(connection)
