"""The home's folder is the wall around every store in it: only its owner enters."""

import stat
from pathlib import Path

from domain.errors import SetupError
from resources.files.retention_rules import FILE
from resources.settings import LOCK, OURS

OTHERS = 0o077
STORES = frozenset({"operations.db", "vault.key", "lake"})
WRITTEN = ("operations.db", "vault.key", "lake/lake.sqlite", "cache/vectors.db")


def private(home: Path) -> None:
    """Make the folder with mode 0700, or close one that others may enter.

    A home of an earlier version, or one that was copied, is closed without asking: nobody else
    could use it anyway, since its key file is its owner's alone. SetupError for a folder that is
    not ours to close: another's, one that all users share, one of other things and no store."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = home.stat().st_mode
        if not mode & OTHERS:
            return
        if mode & stat.S_ISVTX or not _is_ours(home):
            raise SetupError(
                "others may enter this folder, and it holds more than a home",
                where=str(home),
                mend=f"chmod 700 {home}, or set JOBADS_HOME to a folder of its own",
            )
        home.chmod(stat.S_IMODE(mode) & ~OTHERS)
    except OSError as error:
        raise SetupError(
            f"cannot be made or closed to others: {error.strerror}",
            where=str(home),
            mend="make it yours (chown, chmod 700), or set JOBADS_HOME",
        ) from None


def holds_store(home: Path) -> bool:
    """Whether the workbench has kept something here: names such as `images` are anybody's."""
    return any((home / name).is_file() for name in WRITTEN)


def _is_ours(home: Path) -> bool:
    entries = {path.name for path in home.iterdir()}
    return entries <= {*OURS, LOCK, FILE} or bool(entries & STORES)
