"""What the network remembers: objects, their switches over time, and rooms of other modules."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    account TEXT NOT NULL, fields TEXT NOT NULL, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS switches (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at TEXT NOT NULL,
    status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS switches_of ON switches (id, seq);
"""
# Read out of the fields by SQLite itself, so that a search walks an index and parses no object.
_DERIVED = {
    "name": "json_extract(fields, '$.name')",
    "parent": "CAST(coalesce(json_extract(fields, '$.adset_id'), "
    "json_extract(fields, '$.campaign_id')) AS TEXT)",
}
_INDEXES = """
CREATE INDEX IF NOT EXISTS objects_named ON objects (kind, account, seq, name);
CREATE INDEX IF NOT EXISTS objects_under ON objects (parent, kind);
"""
PREFIX = {
    "campaign": 1201,
    "adset": 1202,
    "creative": 1203,
    "ad": 1204,
    "video": 1205,
    "report": 1206,
}
_COLUMNS = "seq, id, kind, account, fields, created"


@dataclass(frozen=True, slots=True)
class Stored:
    """`seq` grows with age; `created` is the twin's own time."""

    seq: int
    id: str
    kind: str
    account: str
    fields: dict[str, Any]
    created: datetime


class State(Store):
    """Objects of every account, and their switches."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "meta.db", _SCHEMA)
        held = {row[1] for row in self.rows("PRAGMA table_xinfo(objects)")}
        for name, source in _DERIVED.items():
            if name not in held:
                self.rows(f"ALTER TABLE objects ADD COLUMN {name} TEXT AS ({source}) VIRTUAL")
        self.prepare(_INDEXES)

    def version(self) -> tuple[int, datetime]:
        """Equal as long as nothing was written here and the clock stood still."""
        return self._db.total_changes, self.now()

    def add(self, kind: str, account: str, fields: dict[str, Any], object_id: str = "") -> str:
        """Store an object; answers its id, a new number unless one is given."""
        with self._lock:
            ((last,),) = self.rows("SELECT coalesce(max(seq), 0) FROM objects")
            object_id = object_id or f"{PREFIX[kind]}{last + 1:013d}"
            self.rows(
                "INSERT INTO objects (id, kind, account, fields, created) VALUES (?, ?, ?, ?, ?)",
                object_id,
                kind,
                account,
                json.dumps(fields),
                self.now().isoformat(),
            )
            if "status" in fields:
                self._switch(object_id, fields["status"])
        return object_id

    def replace(self, stored: Stored, fields: dict[str, Any]) -> None:
        with self._lock:
            self.rows("UPDATE objects SET fields = ? WHERE id = ?", json.dumps(fields), stored.id)
            if fields.get("status") != stored.fields.get("status"):
                self._switch(stored.id, fields["status"])

    def _switch(self, object_id: str, status: str) -> None:
        self.rows(
            "INSERT INTO switches (id, at, status) VALUES (?, ?, ?)",
            object_id,
            self.now().isoformat(),
            status,
        )

    def get(self, object_id: str) -> Stored | None:
        found = self._select("id = ?", [object_id])
        return found[0] if found else None

    def all(self, kind: str, account: str) -> list[Stored]:
        """Every object of an account and kind, oldest first."""
        return self._select("kind = ? AND account = ?", [kind, account])

    def under(self, parent: str, kind: str) -> list[Stored]:
        """Children and grandchildren of one kind, oldest first."""
        families = "SELECT id FROM objects WHERE parent = ?"
        return self._select(
            f"kind = ? AND (parent = ? OR parent IN ({families}))", [kind, parent, parent]
        )

    def newest(
        self,
        kind: str,
        account: str,
        *,
        before: int | None = None,
        parent: str = "",
        ids: Sequence[str] | None = None,
        named: Sequence[str] = (),
        chunk: int = 100,
    ) -> Iterator[Stored]:
        """Objects from the newest on, read in chunks, older than `before` (a seq); `named`: parts
        that the name holds, ASCII case aside."""
        where, values = ["kind = ?", "account = ?", "seq < ?"], [kind, account]
        extra: list[Any] = []
        for part in named:
            where.append("name LIKE ? ESCAPE '\\'")
            extra.append(f"%{_literal(part)}%")
        if ids is not None:
            where.append(f"id IN ({', '.join('?' * len(ids))})")
            extra += ids
        if parent:
            families = "SELECT id FROM objects WHERE parent = ?"
            where.append(f"(parent = ? OR parent IN ({families}))")
            extra += [parent, parent]
        last = before if before is not None else 1 << 62
        while True:
            found = self._select(
                " AND ".join(where), [*values, last, *extra], f"seq DESC LIMIT {chunk}"
            )
            yield from found
            if len(found) < chunk:
                return
            last = found[-1].seq

    def switches(self, object_id: str) -> list[tuple[datetime, str]]:
        """When the object took which status, oldest first."""
        found = self.rows("SELECT at, status FROM switches WHERE id = ? ORDER BY seq", object_id)
        return [(datetime.fromisoformat(at), status) for at, status in found]

    def _select(self, where: str, values: Sequence[Any], order: str = "seq") -> list[Stored]:
        query = f"SELECT {_COLUMNS} FROM objects WHERE {where} ORDER BY {order}"
        return [
            Stored(seq, id_, kind, account, json.loads(fields), datetime.fromisoformat(created))
            for seq, id_, kind, account, fields, created in self.rows(query, *values)
        ]


def _literal(part: str) -> str:
    """`part` with LIKE's wildcards taken literally."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
