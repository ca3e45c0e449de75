"""What the network remembers: objects, when they changed, and rooms of other modules."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL,
    account TEXT NOT NULL, parent TEXT NOT NULL, root TEXT NOT NULL, name TEXT NOT NULL,
    status TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT 0, fields TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS objects_named ON objects (kind, account, name);
CREATE INDEX IF NOT EXISTS objects_under ON objects (kind, parent);
CREATE INDEX IF NOT EXISTS objects_active ON objects (kind, account, status, deleted);
CREATE INDEX IF NOT EXISTS objects_typed ON objects (
    kind, parent, json_extract(fields, '$.targeting_type'));
CREATE INDEX IF NOT EXISTS objects_said ON objects (json_extract(fields, '$.text'))
    WHERE kind = 'tweet';
CREATE INDEX IF NOT EXISTS objects_promoted ON objects (json_extract(fields, '$.tweet_id'))
    WHERE kind = 'promoted_tweet';
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, root TEXT NOT NULL, id TEXT NOT NULL,
    at TEXT NOT NULL, status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS journal_of ON journal (id, seq);
CREATE INDEX IF NOT EXISTS journal_under ON journal (root, seq);
"""
_COLUMNS = "seq, kind, id, account, parent, root, status, deleted, fields, created, updated"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
# Ids of tweets, cards and media are long numbers at X; those of other things short and base 36.
_NUMBERED = {"tweet": 19 * 10**17, "card": 18 * 10**17, "media": 17 * 10**17}
_FIRST = 500_000
GONE = "DELETED"


@dataclass(frozen=True, slots=True)
class Stored:
    """`seq` grows with age; `root` is the campaign that the object hangs under, if any."""

    seq: int
    kind: str
    id: str
    account: str
    parent: str
    root: str
    status: str
    deleted: bool
    fields: dict[str, Any]
    created: datetime
    updated: datetime


class State(Store):
    """Objects of every account, and a journal of when they changed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "x.db", _SCHEMA)

    def add(
        self,
        kind: str,
        account: str,
        fields: dict[str, Any],
        *,
        parent: str = "",
        root: str = "",
        object_id: str = "",
    ) -> Stored:
        """Store an object under a new id; a campaign is its own root."""
        with self.change():
            ((last,),) = self.rows("SELECT coalesce(max(seq), 0) FROM objects")
            made = object_id or _id(kind, last + 1)
            root = made if kind == "campaign" else root
            now, status = self.now().isoformat(), str(fields.get("entity_status") or "")
            self.rows(
                "INSERT INTO objects (kind, id, account, parent, root, name, status, fields, "
                "created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                kind,
                made,
                account,
                parent,
                root,
                str(fields.get("name") or "").casefold(),
                status,
                json.dumps(fields),
                now,
                now,
            )
            self.note(root, made, status or "ACTIVE")
        return self.must(kind, made)

    def replace(self, stored: Stored, fields: dict[str, Any], *, deleted: bool = False) -> Stored:
        """Store other fields; `deleted` takes the object away for good."""
        status = str(fields.get("entity_status") or "")
        with self.change():
            self.rows(
                "UPDATE objects SET fields = ?, name = ?, status = ?, deleted = ?, updated = ? "
                "WHERE seq = ?",
                json.dumps(fields),
                str(fields.get("name") or "").casefold(),
                status,
                int(deleted),
                self.now().isoformat(),
                stored.seq,
            )
            self.note(stored.root, stored.id, GONE if deleted else status or "ACTIVE")
        return self.must(stored.kind, stored.id)

    def note(self, root: str, object_id: str, status: str) -> None:
        """Remember what is so from now on, and that something of the campaign has changed."""
        self.rows(
            "INSERT INTO journal (root, id, at, status) VALUES (?, ?, ?, ?)",
            root,
            object_id,
            self.now().isoformat(),
            status,
        )

    def get(self, kind: str, object_id: str) -> Stored | None:
        found = self.select("kind = ? AND id = ?", [kind, object_id])
        return found[0] if found else None

    def must(self, kind: str, object_id: str) -> Stored:
        """LookupError for an object that must be there and is not."""
        found = self.get(kind, object_id)
        if found is None:
            raise LookupError(f"no {kind} {object_id}")
        return found

    def under(self, kind: str, parent: str) -> list[Stored]:
        """Children that are not deleted, oldest first."""
        return self.select("kind = ? AND parent = ? AND deleted = 0", [kind, parent])

    def switches(self, object_id: str) -> list[tuple[datetime, str]]:
        """When the object took which status, oldest first."""
        found = self.rows("SELECT at, status FROM journal WHERE id = ? ORDER BY seq", object_id)
        return [(datetime.fromisoformat(at), status) for at, status in found]

    def stamp(self, root: str) -> int:
        """A number that is another one after anything of a campaign has changed."""
        ((last,),) = self.rows("SELECT coalesce(max(seq), 0) FROM journal WHERE root = ?", root)
        return int(last)

    def count(self, where: str, *values: Any) -> int:
        ((number,),) = self.rows(f"SELECT count(*) FROM objects WHERE {where}", *values)
        return int(number)

    def select(self, where: str, values: Sequence[Any], order: str = "seq") -> list[Stored]:
        query = f"SELECT {_COLUMNS} FROM objects WHERE {where} ORDER BY {order}"
        return [_stored(row) for row in self.rows(query, *values)]


def _stored(row: tuple[Any, ...]) -> Stored:
    seq, kind, made, account, parent, root, status, deleted, fields, created, updated = row
    return Stored(
        seq,
        kind,
        made,
        account,
        parent,
        root,
        status,
        bool(deleted),
        json.loads(fields),
        datetime.fromisoformat(created),
        datetime.fromisoformat(updated),
    )


def _id(kind: str, number: int) -> str:
    if kind in _NUMBERED:
        return str(_NUMBERED[kind] + number * 4_194_304)
    number, text = number + _FIRST, ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text
