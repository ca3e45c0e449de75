"""Copies of the stores: what an upgrade makes first, and what a person may have left in the home.

Nothing erases from a copy. An upgrade's are dropped by the retention rule `backups`, and an erasure
names those that may hold the person."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from domain.errors import SetupError
from resources.files.retention_rules import FILE
from resources.settings import LOCK, OURS, Settings

FOLDER = "backups"
_NAME = "%Y%m%dT%H%M%SZ"


def back_up(settings: Settings, now: datetime) -> Path:
    """Copy every store that is a file, before an upgrade, into a new folder of the home, which is
    whole or not there; answers it. Parquet files never change, so they are linked where the disk
    can, else copied. The key file is not copied: what opens a backup is kept apart from it."""
    folder = settings.home / FOLDER / now.astimezone(UTC).strftime(_NAME)
    draft = folder.with_name(f".{folder.name}")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True, mode=0o700)
        database = sqlite_file(settings.database_url)
        if database is not None and database.exists():
            _copy_database(database, draft / "operations.db")
        _copy_lake(settings.home / "lake", draft / "lake")
        draft.rename(folder)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise SetupError(
            f"no backup could be made: {error}",
            where=str(folder),
            mend="free space or mend the disk; nothing was changed",
        ) from None
    return folder


def drop(home: Path, before: datetime) -> int:
    """Delete the backups of upgrades that were made before a moment; answers how many."""
    old = [folder for folder, made in made_by_upgrades(home) if made < before]
    for folder in old:
        shutil.rmtree(folder)
    return len(old)


def copies(home: Path, since: datetime) -> list[str]:
    """What may hold what the stores held since a moment, by path and day: the backups that upgrades
    made, and files under `home` that are none of the workbench's own."""
    found = [
        f"{folder.relative_to(home)} ({made:%Y-%m-%d}, made by jobads upgrade)"
        for folder, made in made_by_upgrades(home)
        if made >= since
    ]
    for path in sorted(home.rglob("*")) if home.is_dir() else []:
        place = path.relative_to(home)
        if place.parts[0] in (*OURS, FILE, LOCK) or not path.is_file():
            continue
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if written >= since:
            found.append(f"{place} ({written:%Y-%m-%d})")
    return found


def made_by_upgrades(home: Path) -> list[tuple[Path, datetime]]:
    """Every backup of an upgrade, with when it was made, the oldest first."""
    found = []
    for folder in sorted((home / FOLDER).glob("*")):
        with suppress(ValueError):
            made = datetime.strptime(folder.name.lstrip("."), _NAME).replace(tzinfo=UTC)
            found.append((folder, made))
    return found


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite address; None for a server's, or for what is no address."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        return None
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _copy_lake(lake: Path, into: Path) -> None:
    for catalogue in sorted(lake.glob("*.sqlite")):
        into.mkdir(exist_ok=True)
        _copy_database(catalogue, into / catalogue.name)
    for file in sorted(lake.rglob("*.parquet")):
        place = into / file.relative_to(lake)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, place)
        except OSError:
            shutil.copy2(file, place)


def _copy_database(file: Path, into: Path) -> None:
    """Whole, whatever others write meanwhile, and with what stands in the write-ahead log."""
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(into)) as copy:
        source.backup(copy)
