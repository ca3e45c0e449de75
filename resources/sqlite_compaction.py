"""A database without what was deleted from it."""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from domain.errors import Retryable

ATTEMPTS = 20
BUSY_S = 10


def compact(path: Path) -> None:
    """Rewrite the file without free pages, and empty its write-ahead log: both keep deleted rows
    until something overwrites them. Retryable while another process reads or writes for long."""
    if not path.exists():
        return
    for attempt in range(ATTEMPTS):
        with closing(sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)) as connection:
            try:
                connection.execute("VACUUM")
                busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) and "busy" not in str(error):
                    raise
                busy = 1
        if not busy:
            return
        time.sleep(random.uniform(0.05, 0.1) * (attempt + 1))  # noqa: S311 jitter
    raise Retryable("another process keeps it busy", where=path.name, mend="run this again")


def compact_schema(url: str, schema: str) -> None:
    """Rewrite the tables of a schema without dead rows. `url` is DuckLake's for PostgreSQL."""
    import psycopg
    from psycopg import sql

    address = url.removeprefix("ducklake:").removeprefix("postgres:")
    with psycopg.connect(address, autocommit=True) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = %s"
        for (name,) in connection.execute(query, [schema]).fetchall():
            table = sql.Identifier(schema, name)
            connection.execute(sql.SQL("VACUUM FULL {}").format(table))
