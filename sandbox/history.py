"""What an ad showed since when, and when it ran: an edit never rewrites the past.

Payloads are text; equal payloads of an account are told apart by their age (`place`), and by no
name, key, label or URL tag, because these are no part of a payload.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sandbox.store import Store

_SCHEMA = """
CREATE TABLE IF NOT EXISTS showings (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, ad TEXT NOT NULL, account TEXT NOT NULL,
    at TEXT NOT NULL, digest TEXT NOT NULL, place INTEGER NOT NULL, payload TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS showings_of ON showings (ad, seq);
CREATE INDEX IF NOT EXISTS showings_equal ON showings (account, digest, ad);
"""
Told = TypeVar("Told")
Moments = tuple[datetime, datetime]


class History:
    """The payloads of every ad of a network, in its store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.prepare(_SCHEMA)

    def of(self, ad_id: str) -> list[tuple[Any, ...]]:
        """(at, digest, place, payload) of an ad, oldest first."""
        return self._store.rows(
            "SELECT at, digest, place, payload FROM showings WHERE ad = ? ORDER BY seq", ad_id
        )

    def write(self, ad_id: str, account: str, at: datetime, payload: str) -> None:
        """Remember what the ad shows from `at` on, if that is new."""
        digest = hashlib.sha256(payload.encode()).hexdigest()
        earlier = self.of(ad_id)
        if earlier and earlier[-1][1] == digest:
            return
        mine = [place for _, other, place, _ in earlier if other == digest]
        ((taken,),) = self._store.rows(
            "SELECT count(DISTINCT ad) FROM showings WHERE account = ? AND digest = ?",
            account,
            digest,
        )
        self._store.rows(
            "INSERT INTO showings (ad, account, at, digest, place, payload) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            ad_id,
            account,
            at.isoformat(),
            digest,
            mine[0] if mine else taken,
            payload,
        )


def until(
    told: Sequence[tuple[datetime, Told]], now: datetime
) -> list[tuple[tuple[datetime, Told], datetime]]:
    """Each entry with the moment when the next one replaced it."""
    ends = [at for at, _ in told[1:]] + [now]
    return list(zip(told, ends, strict=True))


def both(some: Sequence[Moments], others: Sequence[Moments]) -> list[Moments]:
    """Where two lists of spans overlap."""
    return [(max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d)]
