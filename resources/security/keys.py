"""Versioned keys: the first of the ring seals, every one of it opens.

A ring is a text of `version:base64` entries, 32 bytes each, the current one first. It comes from
JOBADS_KEYS, or lives in a file of its own (mode 0600). Only `create` makes that file: the store
calls it when nothing is sealed yet, so a file that was lost is never replaced by a new key.
"""

import base64
import binascii
import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from domain.errors import SetupError

KEY_BYTES = 32
ENVIRONMENT = "JOBADS_KEYS"
_VERSION = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SPLIT = re.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class Key:
    version: str
    secret: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.version}:{base64.urlsafe_b64encode(self.secret).decode()}"


def fresh(taken: Sequence[str]) -> Key:
    """A new key, numbered after those that are there. Its name ends at random, so that two homes
    never give two keys one name: a value says which of them it needs."""
    numbers = [int(found[1]) for v in taken if (found := re.match(r"k(\d+)", v))]
    version = f"k{max(numbers, default=0) + 1}-{secrets.token_hex(3)}"
    return Key(version, secrets.token_bytes(KEY_BYTES))


def parse(text: str, where: str) -> tuple[Key, ...]:
    """The keys of a ring; SetupError names the entry that is none, without showing it.

    >>> import base64
    >>> ring = "k2:" + base64.b64encode(bytes(32)).decode()
    >>> [key.version for key in parse(ring, "JOBADS_KEYS")]
    ['k2']
    """
    keys: list[Key] = []
    for number, entry in enumerate(filter(None, _SPLIT.split(text)), start=1):
        version, colon, encoded = entry.partition(":")
        secret = _decoded(encoded if colon else version)
        if secret and not colon:
            raise SetupError(
                "is the key of an earlier version, which sealed in another way",
                where=where,
                mend="run jobads reset; or move it away, then connect and import again",
            )
        if not secret or not _VERSION.fullmatch(version):
            raise SetupError(
                f"entry {number} is no key",
                where=where,
                mend="write version:base64 of 32 bytes, or restore it from a backup",
            )
        keys.append(Key(version, secret))
    if not keys or len({k.version for k in keys}) != len(keys):
        said = "two keys have one version" if keys else "holds no key: it is not a key file"
        raise SetupError(said, where=where, mend="restore it from a backup")
    return tuple(keys)


def _decoded(text: str) -> bytes | None:
    """The secret in its base64, or None."""
    try:
        secret = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return secret if len(secret) == KEY_BYTES else None


class Keyring:
    """The keys of one home, read again when their file has changed."""

    def __init__(self, path: Path, given: str | None = None) -> None:
        """`given` is the content of JOBADS_KEYS; without it `path` is read where it exists."""
        self.path = path
        self._given = given
        self._stamp: tuple[int, int] | None = None
        self._keys: tuple[Key, ...] = parse(given, ENVIRONMENT) if given else ()
        if not given:
            self._tidy()
        self.entries()

    def __repr__(self) -> str:
        return f"Keyring({ENVIRONMENT if self._given else str(self.path)!r})"

    @property
    def where(self) -> str:
        return ENVIRONMENT if self._given else str(self.path)

    def current(self) -> Key:
        """The key that seals; SetupError when there is none."""
        found = self.entries()
        if not found:
            raise SetupError(
                "the key file is missing", where=self.where, mend="put it back from a backup"
            )
        return found[0]

    def create(self) -> Key:
        """The current key, made now if there is none: of processes that try at once one wins, and
        all read its key. The caller has made sure that nothing is sealed yet."""
        if not self.entries():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._alone():
                _found(self.path)
        return self.current()

    def entries(self) -> tuple[Key, ...]:
        """All keys, the current one first; none before anything was sealed."""
        if self._given:
            return self._keys
        try:
            seen = self.path.stat()
        except FileNotFoundError:
            if self._stamp is None:
                return ()
            raise SetupError(
                "the key file is gone", where=self.where, mend="restore it from a backup"
            ) from None
        stamp = (seen.st_mtime_ns, seen.st_ino)
        if stamp != self._stamp:
            if seen.st_mode & 0o077:
                raise SetupError(
                    "others may read the key", where=self.where, mend=f"chmod 600 {self.path}"
                )
            self._keys = parse(_text(self.path), self.where)
            self._stamp = stamp
        return self._keys

    def rotate(self) -> Key:
        """Put a new key in front; SetupError where the ring comes from the environment."""
        if self._given:
            raise SetupError(
                "the keys come from the environment",
                where=ENVIRONMENT,
                mend="put a new version:base64 in front of it, then run this again",
            )
        self.current()
        with self._alone():
            key = fresh([k.version for k in self.entries()])
            _replace(self.path, [key, *self.entries()])
        return key

    def forget(self, version: str) -> None:
        """Remove an old key for good; the caller has made sure that nothing is sealed with it."""
        if self._given:
            raise SetupError(
                "the keys come from the environment", where=ENVIRONMENT, mend="take it out there"
            )
        with self._alone():
            current, *old = self.entries() or (None,)
            left = [k for k in old if k.version != version]
            if current is None or len(left) == len(old):
                raise SetupError(
                    f"{version!r} is no old key", where=self.where, mend="see jobads keys list"
                )
            _replace(self.path, [current, *left])

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time changes the ring: of two new keys neither may be overwritten."""
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self._sweep()
            yield
        finally:
            os.close(folder)

    def _tidy(self) -> None:
        """Drafts of a process that was killed go, unless another one is changing the ring now."""
        if not any(self._drafts()):
            return
        with contextlib.suppress(BlockingIOError, PermissionError):
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._sweep()
            finally:
                os.close(folder)

    def _sweep(self) -> None:
        """Under the lock nobody writes a draft, so each is a dead process's, and holds secrets."""
        for draft in self._drafts():
            draft.unlink(missing_ok=True)

    def _drafts(self) -> list[Path]:
        return list(self.path.parent.glob(f".{self.path.name}.*"))


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError):
        return ""


def _found(path: Path) -> None:
    """A ring of one new key; a file that is there, or comes just now, stays as it is."""
    draft = _draft(path, [fresh([])])
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
    _settle(path.parent)


def _replace(path: Path, keys: Sequence[Key]) -> None:
    """All or nothing: a crash leaves the old ring or the new one."""
    _draft(path, keys).replace(path)
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """The folder's entries on the disk: what is sealed next must not outlive its key."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _draft(path: Path, keys: Sequence[Key]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("\n".join(map(str, keys)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return draft
