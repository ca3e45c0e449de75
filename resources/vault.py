"""Seals secrets and personal texts with a key that lives in a file of its own (mode 0600)."""

import base64
import contextlib
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import SetupError

KEY_BYTES = 32


class Vault:
    """Fernet under a key derived for each `context`, so that a sealed text copied into another
    person's or account's row does not open there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key = _read(path) if path.exists() else _create(path)

    def __repr__(self) -> str:
        return f"Vault({str(self._path)!r})"

    def seal(self, text: str, context: str) -> bytes:
        return self._fernet(context).encrypt(text.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """SetupError when the key is not the one that sealed it, or the row was tampered with."""
        try:
            return self._fernet(context).decrypt(bytes(sealed)).decode()
        except InvalidToken:
            raise SetupError(
                "a sealed value does not open with this key",
                where=str(self._path),
                mend="restore the key file, or connect the account again",
            ) from None

    def derive(self, context: str) -> bytes:
        """32 secret bytes that belong to this context alone."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=context.encode()).derive(self._key)

    def _fernet(self, context: str) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.derive(context)))


def _create(path: Path) -> bytes:
    """Write a fresh key; of two processes that try at once, one wins and both read its key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process was first: its key is the key
            os.link(draft, path)
    finally:
        draft.unlink()
    return _read(path)


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise SetupError("others may read the key", where=str(path), mend=f"chmod 600 {path}")
    try:
        key = base64.urlsafe_b64decode(path.read_bytes())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SetupError("is not a key file", where=str(path), mend="restore it from a backup")
    return key
