"""Finds planted secrets in everything that a home holds, however it is stored or spelled."""

import base64
import gzip
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, quote_plus

import duckdb

OURS_TO_KNOW = ("vault.key", "twin")  # the key itself, and the network's own state


def spellings(secret: str) -> set[bytes]:
    """Plain, URL-quoted, in hexadecimal, and in base64 wherever in a longer text it stands."""
    plain = secret.encode()
    found = {plain, quote(secret, safe="").encode(), quote_plus(secret).encode()}
    found.add(plain.hex().encode())
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + plain).rstrip(b"=")
        mixed = (before + len(plain)) % 3 != 0  # the last letter depends on what follows
        middle = whole[(0, 2, 3)[before] : len(whole) - mixed]
        found |= {middle, middle.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


def everything(home: Path) -> Iterator[tuple[str, bytes]]:
    """(where, content) of each file; what compression or pages would hide is unpacked as well."""
    for path in sorted(p for p in home.rglob("*") if p.is_file()):
        name = str(path.relative_to(home))
        if name.split("/")[0] in OURS_TO_KNOW:
            continue
        content = path.read_bytes()
        yield name, content
        if content.startswith(b"SQLite format 3\0"):
            yield from ((f"{name}: {table}", cells) for table, cells in _sqlite(path))
        elif content.startswith(b"PAR1"):
            rows = duckdb.sql("SELECT * FROM read_parquet($1)", params=[str(path)]).fetchall()
            yield f"{name}: rows", _cells(rows)
        elif content.startswith(b"\x1f\x8b"):
            yield f"{name}: unpacked", gzip.decompress(content)


def _sqlite(path: Path) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        for (table,) in database.execute(tables).fetchall():
            yield table, _cells(database.execute(f'SELECT * FROM "{table}"').fetchall())


def _cells(rows: Iterable[tuple[object, ...]]) -> bytes:
    cells = (cell for row in rows for cell in row)
    return b"\n".join(c if isinstance(c, bytes) else str(c).encode() for c in cells)


def leaks(secrets: dict[str, str], contents: Iterable[tuple[str, bytes]]) -> list[str]:
    """`what in where` for each secret that stands anywhere; never the secret itself."""
    wanted = {what: spellings(secret) for what, secret in secrets.items()}
    return [
        f"{what} in {where}"
        for where, content in contents
        for what, forms in wanted.items()
        if any(form in content for form in forms)
    ]
