"""What the network remembers: resources, every version that they had, and what was planted."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.clock import Clock
from sandbox.google.kinds import KINDS

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, resource TEXT UNIQUE NOT NULL, kind TEXT NOT NULL,
    customer TEXT NOT NULL, number INTEGER NOT NULL, campaign INTEGER NOT NULL,
    ad_group INTEGER NOT NULL, budget INTEGER NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
    removed INTEGER NOT NULL, created TEXT NOT NULL, salt TEXT NOT NULL DEFAULT '',
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS objects_named ON objects (customer, kind, folded);
CREATE INDEX IF NOT EXISTS objects_numbered ON objects (customer, kind, number);
CREATE INDEX IF NOT EXISTS objects_of_campaign ON objects (campaign, kind);
CREATE INDEX IF NOT EXISTS objects_of_ad_group ON objects (ad_group, kind);
CREATE INDEX IF NOT EXISTS objects_of_budget ON objects (budget, kind);
CREATE TABLE IF NOT EXISTS salts (
    parent TEXT NOT NULL, digest TEXT NOT NULL, given INTEGER NOT NULL,
    PRIMARY KEY (parent, digest));
CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, resource TEXT NOT NULL, at TEXT NOT NULL,
    body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS versions_of ON versions (resource, seq);
CREATE TABLE IF NOT EXISTS verdicts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, resource TEXT NOT NULL, words TEXT NOT NULL,
    at TEXT NOT NULL, approval TEXT NOT NULL, topic TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS agreements (customer TEXT PRIMARY KEY);
"""
COLUMNS = "seq, resource, kind, customer, number, campaign, ad_group, budget, name, created, salt"
FIRST_NUMBER = 21_000_000_000


@dataclass(frozen=True, slots=True)
class Stored:
    """A resource as it is now. `campaign`, `ad_group`, `budget` are numbers, 0 for none; `salt`
    seeds delivery and knows no name."""

    seq: int
    resource: str
    kind: str
    customer: str
    number: int
    campaign: int
    ad_group: int
    budget: int
    name: str
    created: datetime
    salt: str
    body: bytes

    def message(self) -> Any:
        return KINDS[self.kind].message.FromString(self.body)


class State:
    """One SQLite file; what is answered is committed. `changes` counts commits of this process,
    which is the only one that writes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.db = sqlite3.connect(
            folder / "google.db", check_same_thread=False, isolation_level=None, timeout=10
        )
        self.db.executescript(_SCHEMA)
        self._clock = Clock(folder)
        self.changes = 0

    def now(self) -> datetime:
        return self._clock.now()

    @contextmanager
    def change(self, keep: bool = True) -> Iterator[None]:
        """All or nothing, one at a time; without `keep` nothing stays."""
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT" if keep else "ROLLBACK")
            self.changes += keep

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One operation of a transaction: what it did is undone when it fails."""
        self.db.execute("SAVEPOINT operation")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK TO operation")
            raise
        finally:
            self.db.execute("RELEASE operation")

    def next_number(self) -> int:
        with self.lock:
            (last,) = self.db.execute("SELECT coalesce(max(seq), 0) FROM objects").fetchone()
        return FIRST_NUMBER + int(last) + 1

    def add(
        self,
        kind: str,
        customer: str,
        number: int,
        message: Any,
        now: datetime,
        *,
        campaign: int = 0,
        ad_group: int = 0,
        budget: int = 0,
        name: str = "",
    ) -> None:
        """Store message under its resource_name, where a removed one gives way."""
        body, at = message.SerializeToString(), now.isoformat()
        self.db.execute("DELETE FROM objects WHERE resource = ?", (message.resource_name,))
        self.db.execute(
            "INSERT INTO objects (resource, kind, customer, number, campaign, ad_group, budget, "
            "name, folded, removed, created, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
            (
                message.resource_name,
                kind,
                customer,
                number,
                campaign,
                ad_group,
                budget,
                name,
                name.casefold(),
                at,
                body,
            ),
        )
        self._version(message.resource_name, at, body)

    def replace(self, stored: Stored, message: Any, now: datetime) -> None:
        name = getattr(message, "name", "")
        body, at = message.SerializeToString(), now.isoformat()
        removed = int(message.status == KINDS[stored.kind].removed)
        budget = int(message.campaign_budget.rsplit("/", 1)[1]) if stored.budget else 0
        self.db.execute(
            "UPDATE objects SET name = ?, folded = ?, removed = ?, budget = ?, body = ? "
            "WHERE seq = ?",
            (name, name.casefold(), removed, budget, body, stored.seq),
        )
        self._version(stored.resource, at, body)

    def _version(self, resource: str, at: str, body: bytes) -> None:
        self.db.execute(
            "INSERT INTO versions (resource, at, body) VALUES (?, ?, ?)", (resource, at, body)
        )

    def get(self, resource: str) -> Stored | None:
        return next(iter(self.select("resource = ?", (resource,))), None)

    def select(self, where: str, values: Sequence[Any]) -> list[Stored]:
        """Resources that a condition over the columns holds for, oldest first."""
        with self.lock:
            rows = self.db.execute(
                f"SELECT {COLUMNS}, body FROM objects WHERE {where} ORDER BY seq", values
            ).fetchall()
        return [_stored(*row) for row in rows]

    def campaign(self, number: int) -> Stored:
        """LookupError when there is none."""
        found = self.select("campaign = ? AND kind = 'campaign'", (number,))
        if not found:
            raise LookupError(f"campaign {number}")
        return found[0]

    def budget_of(self, campaign: Stored) -> Stored | None:
        return self.get(f"customers/{campaign.customer}/campaignBudgets/{campaign.budget}")

    def versions(self, campaign: Stored) -> list[tuple[str, str, datetime, bytes]]:
        """(resource, kind, at, body) of all that a campaign holds and of its budget, in order."""
        with self.lock:
            rows = self.db.execute(
                "SELECT v.resource, o.kind, v.at, v.body, v.seq "
                f"FROM ({_FAMILY}) o JOIN versions v ON v.resource = o.resource ORDER BY v.seq",
                _family(campaign),
            ).fetchall()
        return [(r, kind, datetime.fromisoformat(at), body) for r, kind, at, body, _ in rows]

    def salt(self, stored: Stored, digest: str) -> None:
        """Give a resource its salt: the digest, and how many of its parent's had it before."""
        parent = stored.customer if stored.kind == "campaign" else f"campaign {stored.campaign}"
        parent = f"{stored.kind} of {parent}"
        (given,) = self.db.execute(
            "INSERT INTO salts VALUES (?, ?, 0) ON CONFLICT DO UPDATE SET given = given + 1 "
            "RETURNING given",
            (parent, digest),
        ).fetchone()
        self.db.execute(
            "UPDATE objects SET salt = ? WHERE seq = ?", (f"{digest}/{given}", stored.seq)
        )

    def stamp(self, campaign: Stored) -> int:
        """Grows with each change of a campaign, of what it holds, or of its budget."""
        with self.lock:
            (last,) = self.db.execute(
                f"SELECT coalesce(max(v.seq), 0) FROM ({_FAMILY}) o "
                "JOIN versions v ON v.resource = o.resource",
                _family(campaign),
            ).fetchone()
        return int(last)


def _stored(*row: Any) -> Stored:
    """A row of COLUMNS and body."""
    *head, created, salt, body = row
    values: list[Any] = [*head, datetime.fromisoformat(created), salt, body]
    return Stored(*values)


_FAMILY = (
    "SELECT resource, kind FROM objects WHERE campaign = ? "
    "UNION ALL SELECT resource, kind FROM objects WHERE resource = ?"
)


def _family(campaign: Stored) -> tuple[int, str]:
    return campaign.number, f"customers/{campaign.customer}/campaignBudgets/{campaign.budget}"
