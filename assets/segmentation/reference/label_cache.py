"""What a slow model once answered about a profile, by the hash of what decides it."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

Answer = list[tuple[str, float]]
"""Labels with their scores, the best first."""


class LabelCache:
    """Answers in one SQLite file. No text is kept, and a hash of a group's terms names nobody."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) "
            "WITHOUT ROWID"
        )

    def answer(self, of: Sequence[str], ask: Callable[[], Answer]) -> Answer:
        """What is known for `of`, the text and whatever else decides; else ask, and keep it."""
        key = hashlib.sha256(json.dumps(list(of)).encode()).hexdigest()
        found = self._db.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
        if found is not None:
            return [(str(label), float(score)) for label, score in json.loads(found[0])]
        fresh = ask()
        with self._db:
            self._db.execute(
                "INSERT OR IGNORE INTO answers VALUES (?, ?)", (key, json.dumps(fresh))
            )
        return fresh
