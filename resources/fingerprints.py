"""Fingerprints: by them an asset knows which of its rows were made of what is there now.

A row keeps the fingerprint of all that it was computed from: the record, the tables, and the code
itself. It is computed anew when that fingerprint is another one, and only then.
"""

import hashlib
import json
from functools import cache
from pathlib import Path

from resources.files.bundled import ROOT

CODE = Path(__file__).resolve().parents[1]
SOURCES = frozenset({".py", ".yaml", ".csv", ".json", ".jsonl", ".npz", ".parquet", ".txt", ".gz"})

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr)


def of(*parts: object) -> str:
    """16 hex digits of the parts' JSON; records that JSON does not know count by their repr.

    >>> of({"a": 1, "b": 2}) == of({"b": 2, "a": 1}), of("a", "b") == of("ab")
    (True, False)
    """
    return hashlib.sha256(_JSON.encode(parts).encode()).hexdigest()[:16]


@cache
def of_files(*folders: str) -> str:
    """16 hex digits of the code and tables below these folders, such as "assets/publishing": a
    changed line of either makes every row that depends on it count as out of date."""
    digest = hashlib.sha256()
    for folder in folders:
        base = ROOT if (ROOT / folder).is_dir() else CODE
        for path in sorted((base / folder).rglob("*")):
            if path.suffix in SOURCES and path.is_file():
                digest.update(str(path.relative_to(base)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
