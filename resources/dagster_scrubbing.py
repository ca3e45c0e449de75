"""Words taken out of Dagster's own storage: events, run records, logs of steps.

Nothing of ours writes a person's words there; a library's error or a print may.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import product
from pathlib import Path

import yaml

from resources.sqlite_compaction import compact

MASK = "[erased]"
MOVING = (
    "storage",
    "run_storage",
    "event_log_storage",
    "schedule_storage",
    "compute_logs",
    "local_artifact_storage",
)
_SQLITE = b"SQLite format 3\0"
BUSY_S = 30
AT_ONCE = 200
"""Words in one query: SQLite bounds how deep an expression may be."""


def search(folder: Path, words: Sequence[str]) -> list[str]:
    """Where under `folder` any of the words stands, as file or file: table."""
    forms = _forms(words)
    found = []
    for path in _files(folder):
        if _is_sqlite(path):
            with closing(_open(path)) as database:
                places = sorted({table for table, *_ in _hits(database, forms)})
            found += [f"{path.relative_to(folder)}: {table}" for table in places]
        elif any(form in path.read_bytes() for form in forms):
            found.append(str(path.relative_to(folder)))
    return found


def erase(folder: Path, words: Sequence[str]) -> int:
    """Put a mask in the place of each word, in text files and in every cell of every SQLite file;
    answers how many files and cells held one. An event stays what it was but for the words."""
    forms = _forms(words)
    return sum(
        _erase_cells(path, forms) if _is_sqlite(path) else _erase_bytes(path, forms)
        for path in _files(folder)
    )


def elsewhere(folder: Path) -> list[str]:
    """Settings of dagster.yaml that keep events or logs outside `folder`: none is searched."""
    path = folder / "dagster.yaml"
    settings = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    return [name for name in MOVING if name in (settings or {})]


def drop_run(folder: Path, run_id: str) -> None:
    """The emptied event file of a run that Dagster has deleted."""
    runs = folder / "history" / "runs"
    for path in runs.glob(f"{run_id}.db*") if runs.is_dir() else ():
        path.unlink(missing_ok=True)


def _forms(words: Sequence[str]) -> list[bytes]:
    """The words as they stand in a log and in JSON, the longest first."""
    spelled = {w for word in words for w in (word, json.dumps(word)[1:-1])}
    return sorted((w.encode() for w in spelled if w), key=len, reverse=True)


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(("-wal", "-shm", "-journal")):
            yield path


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_S)


def _hits(
    database: sqlite3.Connection, forms: Sequence[bytes]
) -> Iterator[tuple[str, str, int, object]]:
    """(table, column, rowid, value) of each cell that holds one of the forms, once."""
    seen: set[tuple[str, str, int]] = set()
    tables = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%'"
    )
    for (table,) in database.execute(tables).fetchall():
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        for column, start in product(columns, range(0, len(forms), AT_ONCE)):
            part = forms[start : start + AT_ONCE]
            where = " OR ".join([f'instr(CAST("{column}" AS BLOB), ?) > 0'] * len(part))
            query = f'SELECT rowid, "{column}" FROM "{table}" WHERE {where}'
            for rowid, value in database.execute(query, part).fetchall():
                if (table, column, rowid) not in seen:
                    seen.add((table, column, rowid))
                    yield table, column, rowid, value


def _erase_cells(path: Path, forms: Sequence[bytes]) -> int:
    with closing(_open(path)) as database, database:
        hits = list(_hits(database, forms)) if forms else []
        for table, column, rowid, value in hits:
            update = f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?'
            database.execute(update, (_masked_cell(value, forms), rowid))
    if hits or any(form in content for form in forms for content in _raw(path)):
        compact(path)  # the second case: an earlier erasure was killed before it came here
    return len(hits)


def _raw(path: Path) -> Iterator[bytes]:
    for file in (path, path.with_name(f"{path.name}-wal")):
        if file.exists():
            yield file.read_bytes()


def _masked_cell(value: object, forms: Sequence[bytes]) -> object:
    if isinstance(value, bytes):
        return _masked(value, forms)
    return _masked(str(value).encode(), forms).decode()


def _masked(content: bytes, forms: Sequence[bytes]) -> bytes:
    for form in forms:
        content = content.replace(form, MASK.encode())
    return content


def _erase_bytes(path: Path, forms: Sequence[bytes]) -> int:
    content = path.read_bytes()
    masked = _masked(content, forms)
    if masked == content:
        return 0
    path.write_bytes(masked)  # in place: a step that still logs keeps its open file
    return 1
