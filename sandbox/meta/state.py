"""What the network remembers: objects, and their switches over time."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.clock import Clock

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    account TEXT NOT NULL, fields TEXT NOT NULL, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS switches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at TEXT NOT NULL,
    status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS switches_of ON switches (id, seq);
"""
PREFIX = {"campaign": 1201, "adset": 1202, "creative": 1203, "ad": 1204}


@dataclass(frozen=True, slots=True)
class Stored:
    """`seq` grows with age; `created` is the twin's own time."""

    seq: int
    id: str
    kind: str
    account: str
    fields: dict[str, Any]
    created: datetime


class State:
    """One SQLite file; every change is committed before it is answered."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            folder / "meta.db", check_same_thread=False, isolation_level=None, timeout=10
        )
        self._db.executescript(f"PRAGMA journal_mode=WAL; {_SCHEMA}")
        self._clock = Clock(folder)

    @contextmanager
    def change(self) -> Iterator[None]:
        """All or nothing, one at a time."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def now(self) -> datetime:
        return self._clock.now()

    def add(self, kind: str, account: str, fields: dict[str, Any], object_id: str = "") -> str:
        """Store an object; answers its id, a new number unless one is given."""
        with self._lock:
            (last,) = self._db.execute("SELECT coalesce(max(seq), 0) FROM objects").fetchone()
            object_id = object_id or f"{PREFIX[kind]}{last + 1:013d}"
            now = self.now().isoformat()
            self._db.execute(
                "INSERT INTO objects (id, kind, account, fields, created) VALUES (?, ?, ?, ?, ?)",
                (object_id, kind, account, json.dumps(fields), now),
            )
            if "status" in fields:
                self.switch(object_id, fields["status"])
        return object_id

    def replace(self, stored: Stored, fields: dict[str, Any]) -> None:
        with self._lock:
            self._db.execute(
                "UPDATE objects SET fields = ? WHERE id = ?", (json.dumps(fields), stored.id)
            )
            if fields.get("status") != stored.fields.get("status"):
                self.switch(stored.id, fields["status"])

    def switch(self, object_id: str, status: str) -> None:
        self._db.execute(
            "INSERT INTO switches (id, at, status) VALUES (?, ?, ?)",
            (object_id, self.now().isoformat(), status),
        )

    def get(self, object_id: str) -> Stored | None:
        rows = self._select("id = ?", (object_id,))
        return rows[0] if rows else None

    def all(self, kind: str, account: str | None = None) -> list[Stored]:
        """Oldest first."""
        if account is None:
            return self._select("kind = ?", (kind,))
        return self._select("kind = ? AND account = ?", (kind, account))

    def switches(self, object_id: str) -> list[tuple[datetime, str]]:
        """When the object took which status, oldest first."""
        with self._lock:
            rows = self._db.execute(
                "SELECT at, status FROM switches WHERE id = ? ORDER BY seq", (object_id,)
            ).fetchall()
        return [(datetime.fromisoformat(at), status) for at, status in rows]

    def _select(self, where: str, values: tuple[str, ...]) -> list[Stored]:
        with self._lock:
            rows = self._db.execute(
                "SELECT seq, id, kind, account, fields, created FROM objects "
                f"WHERE {where} ORDER BY seq",
                values,
            ).fetchall()
        return [
            Stored(seq, id_, kind, account, json.loads(fields), datetime.fromisoformat(created))
            for seq, id_, kind, account, fields, created in rows
        ]
