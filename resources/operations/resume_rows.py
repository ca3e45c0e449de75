"""Rows of sealed résumés in the caller's transaction, and the fingerprints by which they are known.

A fingerprint is keyed by the vault, because a bare hash would let anyone test a guess of the text.
"""

import hashlib
from typing import Any

import sqlalchemy as sa

from resources.operations.schema import resume_texts
from resources.security.vault import Vault


def of_key(team: str, key: str) -> tuple[Any, ...]:
    """The condition that picks one résumé."""
    return resume_texts.c.team_id == team, resume_texts.c.resume_key == key


def fingerprints(connection: sa.Connection, team: str) -> dict[str, str]:
    """The stored fingerprint of each of the team's résumés, by key."""
    query = sa.select(resume_texts.c.resume_key, resume_texts.c.fingerprint)
    rows = connection.execute(query.where(resume_texts.c.team_id == team))
    return {key: mark for key, mark in rows}


def going(connection: sa.Connection, team: str) -> set[str]:
    """Keys of the team's résumés that are being erased."""
    mine = (resume_texts.c.team_id == team, resume_texts.c.erasing_since.is_not(None))
    return set(connection.scalars(sa.select(resume_texts.c.resume_key).where(*mine)))


def fingerprint(vault: Vault, team: str, key: str, text: str) -> str:
    """What the current key of the vault makes of a text."""
    return _mark(vault.derive(_salt(team, key)), text)


def earlier_fingerprints(vault: Vault, team: str, key: str, text: str) -> list[str]:
    """The fingerprints that older keys of the ring gave the same text."""
    return [_mark(salt, text) for salt in vault.derived(_salt(team, key))[1:]]


def _salt(team: str, key: str) -> str:
    return f"resume-fingerprint:{team}:{key}"


def _mark(salt: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode(), key=salt, digest_size=32).hexdigest()
