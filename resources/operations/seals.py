"""What is sealed in the store, and whether the vault's ring is the one that sealed it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from domain.errors import SetupError
from domain.platform import Network
from resources.operations.schema import audit_log, resume_texts
from resources.operations.schema import social_platform_connections as connections
from resources.security.vault import HEAD_BYTES, UNKNOWN, Vault, head, sealed_with

FORGOTTEN = "subject.forgotten"
"""Entries of the audit log whose subject is a digest that the key derives."""
SEALED = (
    connections.c.access_token_sealed,
    connections.c.refresh_token_sealed,
    resume_texts.c.text_sealed,
)
LOOKS = 5
TRIED = 3
"""Values of a key and column that are opened before the key counts as another one: one of them
may be damaged."""
LOST = (
    "put the right key back: nothing was lost, and nothing is sealed until then. Lost for good: "
    "jobads connections remove and jobads forget take away what it sealed, jobads reset all"
)


def about(team: str, network: Network, account_id: str) -> str:
    """What a connection's tokens are bound to."""
    return f"connection:{team}:{network}:{account_id}"


def _account(row: Any) -> str:
    return about(row["team_id"], Network(row["platform_name"]), row["platform_account_id"])


CONTEXTS: dict[str, Callable[[Any], str]] = {
    "access_token_sealed": lambda row: _account(row) + ":access",
    "refresh_token_sealed": lambda row: _account(row) + ":refresh",
    "text_sealed": lambda row: f"resume:{row['team_id']}:{row['resume_key']}",
}


def counted(connection: sa.Connection) -> Counter[str]:
    """How many values each version of the key has sealed. SQLite also stores text in a column of
    bytes: no version sealed that."""
    counts: Counter[str] = Counter()
    for column in SEALED:
        start = sa.func.substr(column, 1, HEAD_BYTES)
        for (value,) in connection.execute(sa.select(start).where(column.is_not(None))):
            counts[sealed_with(value) if isinstance(value, bytes) else UNKNOWN] += 1
    return counts


def check_ring(connection: sa.Connection, vault: Vault) -> None:
    """SetupError unless every key that sealed a value here is in the ring, and opens one.

    To be asked in a transaction that writes. PostgreSQL lets another one rotate and forget between
    two looks of ours, so a fault counts only when it stays."""
    for _ in range(LOOKS):
        fault = _fault(connection, vault)
        if not fault:
            return
    raise SetupError(fault, where=vault.ring.where, mend=LOST)


def _fault(connection: sa.Connection, vault: Vault) -> str:
    """Values that no version of ours sealed say nothing of the ring and are passed over."""
    counts = counted(connection)
    known = {key.version for key in vault.ring.entries()}
    for version, count in sorted(counts.items()):
        if version != UNKNOWN and version not in known:
            return f"key {version!r} is missing, which sealed {count} values"
        if version != UNKNOWN and not _opens_one(connection, vault, version):
            return f"key {version!r} is not the one that sealed {count} values"
    return ""


def check_unmarked(connection: sa.Connection, vault: Vault) -> None:
    """SetupError when the audit log names persons by digests of a key that is missing."""
    marks = sa.select(sa.func.count()).where(audit_log.c.action == FORGOTTEN)
    if count := connection.scalar(marks):
        raise SetupError(
            f"the key is missing, by which {count} erased persons are known again",
            where=vault.ring.where,
            mend="put it back; lost for good: jobads keys new",
        )


def _opens_one(connection: sa.Connection, vault: Vault, version: str) -> bool:
    start = head(version)
    for column in SEALED:
        mine = sa.func.substr(column, 1, len(start)) == start
        rows = connection.execute(sa.select(column.table).where(mine).limit(TRIED)).mappings()
        if any(_opens(vault, column, row) for row in rows):
            return True
    return False


def _opens(vault: Vault, column: sa.Column[bytes], row: Any) -> bool:
    try:
        vault.open(row[column.name], CONTEXTS[column.name](row))
    except SetupError:
        return False
    return True
