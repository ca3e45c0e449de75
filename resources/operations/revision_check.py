"""Which revision a database is at, against those that this version of the code has."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa

from resources.operations import triggers
from resources.versions import SchemaStatus

NONE = "no revision"
_ABSENT = ("no such table", "does not exist")


@cache
def revisions() -> tuple[str, ...]:
    """Every revision, oldest first, from the names of their files: Alembic itself takes longer to
    load than most commands to run. A file's name starts with its revision."""
    files = (Path(__file__).parent / "migrations" / "versions").glob("[0-9]*.py")
    return tuple(sorted(file.name.partition("_")[0] for file in files))


def schema_status(engine: sa.Engine) -> tuple[SchemaStatus, str]:
    """How a database stands to this code, and its revision. Triggers are generated from the code,
    so others at the newest revision are an older version's."""
    with engine.connect() as connection:
        at = _revision(connection)
        if at == NONE:
            return SchemaStatus.EMPTY, at
        if at not in revisions():
            return SchemaStatus.NEWER, at
        if at != revisions()[-1]:
            return SchemaStatus.OLDER, at
        if not triggers.installed(connection):
            return SchemaStatus.OLDER, f"{at} with other triggers"
        return SchemaStatus.CURRENT, at


def _revision(connection: sa.Connection) -> str:
    try:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except sa.exc.DBAPIError as error:
        if any(sign in str(error.orig) for sign in _ABSENT):
            return NONE
        raise
    return str(found or NONE)
