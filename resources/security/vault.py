"""Seals secrets and personal texts with AES-256-GCM under a versioned key.

A sealed value is `1 byte format · 1 byte length of the version · version · 12 bytes nonce ·
ciphertext with tag`. The context (team, network, account, which token) is bound as additional data:
what is copied into another row does not open there.
"""

import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import SetupError
from resources.security.keys import KEY_BYTES, Key, Keyring

FORMAT, NONCE_BYTES = 1, 12
HEAD_BYTES = 2 + 32  # what the longest version needs
UNKNOWN = "?"


class KeyMissing(SetupError):
    """The key that sealed a value is not in the ring, or was dropped since the value was read."""


class Vault:
    """Seals with the ring's first key and opens with any of them.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     vault = Vault(Path(folder, "vault.key"))
    ...     _ = vault.ring.create()
    ...     sealed = vault.seal("a token", "team 1, meta, act_7")
    ...     vault.open(sealed, "team 1, meta, act_7"), b"token" in sealed
    ('a token', False)
    """

    def __init__(self, path: Path, keys: str | None = None) -> None:
        """`path` is the key file; `keys` the content of JOBADS_KEYS, which comes before it."""
        self.ring = Keyring(path, keys)

    def __repr__(self) -> str:
        return f"Vault({self.ring!r})"

    def seal(self, text: str, context: str) -> bytes:
        key, nonce = self.ring.current(), secrets.token_bytes(NONCE_BYTES)
        start = head(key.version)
        body = AESGCM(key.secret).encrypt(nonce, text.encode(), start + context.encode())
        return start + nonce + body

    def open(self, sealed: bytes, context: str) -> str:
        """SetupError when its key is missing or is not the one that sealed it, or when the value
        was tampered with or moved to another row."""
        sealed = bytes(sealed)
        key = self._key(sealed_with(sealed))
        start = head(key.version)
        nonce, body = sealed[len(start) :][:NONCE_BYTES], sealed[len(start) + NONCE_BYTES :]
        try:
            return AESGCM(key.secret).decrypt(nonce, body, start + context.encode()).decode()
        except (InvalidTag, ValueError):
            raise SetupError(
                "a sealed value does not open with this key",
                where=self.ring.where,
                mend="restore the key, or connect the account again",
            ) from None

    def derive(self, context: str) -> bytes:
        """32 secret bytes that belong to this context and the current key alone."""
        return _derived(self.ring.current(), context)

    def derived(self, context: str) -> list[bytes]:
        """The same under every key of the ring, the current one first: what was marked before a
        rotation is known after it."""
        return [_derived(key, context) for key in self.ring.entries()]

    def opens(self, sealed: bytes) -> bool:
        """Whether the key that sealed a value is in the ring."""
        return any(key.version == sealed_with(sealed) for key in self.ring.entries())

    def _key(self, version: str) -> Key:
        for key in self.ring.entries():
            if key.version == version:
                return key
        if version == UNKNOWN:
            raise SetupError(
                "an earlier version sealed this, or it is damaged",
                where=self.ring.where,
                mend="connect the account again, or import the résumés again",
            )
        raise KeyMissing(
            f"key {version!r}, which sealed this, is not here",
            where=self.ring.where,
            mend="put it back into the ring: nothing was lost",
        )


def _derived(key: Key, context: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=context.encode()).derive(key.secret)


def head(version: str) -> bytes:
    """What every value sealed under this version starts with."""
    return bytes([FORMAT, len(version)]) + version.encode("ascii")


def sealed_with(sealed: bytes) -> str:
    """The version of the key that sealed a value, of which the first `HEAD_BYTES` are enough;
    UNKNOWN when it is no sealed value."""
    if len(sealed) < 2 or sealed[0] != FORMAT:
        return UNKNOWN
    return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")
