"""Bring a database to today's tables and triggers in one transaction, whoever else tries too.

Doors create what is empty (`create`); only `jobads upgrade` changes a database that is there."""

from pathlib import Path

import sqlalchemy as sa

from resources.operations import triggers
from resources.operations.database import Database
from resources.operations.engine import STORE, file_of, make_file
from resources.operations.revision_check import NONE, revisions
from resources.versions import SchemaStatus, other_version

LOCK = 7_204_551  # any number, the same in every process


def _config(connection: sa.Connection | None = None):  # type: ignore[no-untyped-def]
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


class Schema:
    """The tables and triggers of a database: at which revision they are, and their upgrade."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self) -> None:
        """Every table in an empty database; SetupError for a database of another version."""
        if self.status()[0] is SchemaStatus.EMPTY:
            self.migrate()
        self.check()

    def check(self) -> None:
        """SetupError for a database of another version of the code."""
        self._database.check()

    def migrate(self) -> None:
        """Create or upgrade every table; a second call changes nothing. SetupError, and nothing is
        changed, for a database of a newer version."""
        from alembic import command

        if path := file_of(self._database.engine):
            make_file(path)
        found, at = self.status()
        if found is SchemaStatus.NEWER:
            raise other_version(found, STORE, at, revisions()[-1])
        with self._database.write_unchecked() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            command.upgrade(_config(connection), "head")
            triggers.install(connection)

    def status(self) -> tuple[SchemaStatus, str]:
        """How the database stands to this version of the code, and its revision."""
        if (path := file_of(self._database.engine)) and not path.exists():
            return SchemaStatus.EMPTY, NONE
        return self._database.status()

    def is_migrated(self) -> bool:
        """Whether the database is reachable, at the newest revision, with today's triggers."""
        return self.status()[0] is SchemaStatus.CURRENT
