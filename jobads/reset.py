"""Emptying a home: what stands against it, and what is removed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from domain.errors import SetupError
from domain.lifecycle import TERMINAL
from domain.platform import Mode
from resources.backups import sqlite_file
from resources.security.home_folder import holds_store
from resources.settings import OURS, Settings


def refuse(settings: Settings) -> None:
    """SetupError, with the way out, when the folder is no home, or when emptying it would leave
    something behind: campaigns that run on a network, or sealed rows in a store elsewhere whose
    key lies in this home.

    The database is only looked at, by its oldest names: a home whose key is lost, or that a newer
    version wrote, can be emptied."""
    if not holds_store(settings.home):
        raise SetupError(
            "no store of jobads lies in this folder, so what it holds may be somebody's own",
            where=str(settings.home),
            mend="check JOBADS_HOME; remove by hand what should go",
        )
    own = settings.home / "operations.db"
    named = sqlite_file(settings.database_url)
    if named is None or named.resolve() != own.resolve() or own.is_symlink():
        raise SetupError(
            "the operations store lies elsewhere, and the key that opens it lies in this home",
            where="reset",
            mend="empty that database yourself, then unset JOBADS_DATABASE_URL (or "
            f"remove the link {own}) and run this again",
        )
    if settings.lake_url is not None:
        raise SetupError(
            "the lake's catalogue lies elsewhere, and its files lie in this home",
            where="reset",
            mend="drop that catalogue yourself, then unset JOBADS_LAKE_URL and run this again",
        )
    live = settings.mode is Mode.LIVE
    if count := open_slots(own, every=live):
        raise SetupError(
            f"{count} campaigns or arms are open on live networks, and nothing else knows of them",
            where="reset",
            mend="jobads stop --all, archive their ads (jobads ads archive), and "
            "let the posting run take them off; then run this again",
        )


def open_slots(database: Path, *, every: bool) -> int:
    """How many slots are not closed: those of live networks, or `every` one; 0 in a database
    without our tables. SetupError for one that cannot be read; but a file that is no database at
    all counts as empty, unless `every` slot is asked for; a damaged one does not."""
    if not database.exists():
        return 0
    ended = [str(state) for state in TERMINAL]
    query = f"SELECT count(*) FROM slots WHERE state NOT IN ({', '.join('?' * len(ended))})"
    if not every:
        query += f" AND mode = '{Mode.LIVE}'"
    try:
        address = f"{database.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return int(connection.execute(query, ended).fetchone()[0])
    except sqlite3.Error as error:
        lost = "not a database" in str(error) and not every
        if "no such table" in str(error) or lost:
            return 0
        raise SetupError(
            f"what runs on the networks cannot be read: {error}",
            where=str(database),
            mend="end the process that keeps it open; else look at the networks, pause what runs "
            "there, and move the file away",
        ) from None


def present(home: Path) -> list[Path]:
    """The workbench's own entries under `home`: what `empty` removes."""
    return [p for p in (home / name for name in OURS) if p.exists() or p.is_symlink()]


def empty(home: Path) -> list[Path]:
    """Remove the workbench's own entries under `home`; answers what was removed. A link is removed,
    never what it points to."""
    gone = present(home)
    for path in gone:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return gone
