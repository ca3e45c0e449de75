"""The one simulated clock that all networks of a sandbox share, kept across restarts."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY CHECK (one = 1), now TEXT NOT NULL)"
)


class Clock:
    """`folder` is the sandbox's folder of state; every process that opens it sees the same time.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Clock(Path(folder)).set_now(datetime(2026, 12, 1, tzinfo=UTC))
    ...     print(Clock(Path(folder)).advance(timedelta(days=1)))
    2026-12-02 00:00:00+00:00
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            folder / "clock.db", check_same_thread=False, isolation_level=None, timeout=10
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(_SCHEMA)
        start = datetime.now(UTC).replace(microsecond=0).isoformat()
        self._db.execute("INSERT OR IGNORE INTO clock VALUES (1, ?)", (start,))

    def now(self) -> datetime:
        with self._lock:
            (text,) = self._db.execute("SELECT now FROM clock").fetchone()
        return datetime.fromisoformat(text)

    def set_now(self, moment: datetime) -> None:
        """ValueError when `moment` has no zone."""
        if moment.utcoffset() is None:
            raise ValueError("a moment needs a zone")
        with self._lock:
            self._db.execute("UPDATE clock SET now = ?", (moment.astimezone(UTC).isoformat(),))

    def advance(self, by: timedelta) -> datetime:
        """Move the clock by `by`, one process after the other; answers the new time."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            (text,) = self._db.execute("SELECT now FROM clock").fetchone()
            moment = datetime.fromisoformat(text) + by
            self._db.execute("UPDATE clock SET now = ?", (moment.isoformat(),))
            self._db.execute("COMMIT")
        return moment
