"""One SQLite file of a network: changes are all or nothing, and what is answered is committed."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.clock import Clock


class Store:
    """Safe for threads. Other modules of a network keep tables of their own in the same file."""

    def __init__(self, folder: Path, file: str, schema: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            folder / file, check_same_thread=False, isolation_level=None, timeout=10
        )
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self.prepare(schema)
        self._clock = Clock(folder)

    @contextmanager
    def change(self) -> Iterator[None]:
        """All or nothing, one at a time; inside another change it is part of that one."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def now(self) -> datetime:
        return self._clock.now()

    def prepare(self, schema: str) -> None:
        """Tables that another module keeps here."""
        with self._lock:
            self._db.executescript(schema)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The answer to one statement, whatever it does."""
        with self._lock:
            return self._db.execute(query, values).fetchall()
