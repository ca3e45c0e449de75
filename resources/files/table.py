"""Read CSV, JSON, JSON Lines or Parquet as rows of text with line numbers."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from domain.errors import InputError
from resources.files import delimited, jsonish, parquet
from resources.files.faults import Fault, Rows
from resources.files.raw import Raw

_SURROGATE = re.compile("[\ud800-\udfff]")
READERS: dict[str, Callable[[Path], Iterator[Raw | Fault]]] = {
    ".csv": delimited.read,
    ".tsv": delimited.read,
    ".json": jsonish.read_json,
    ".jsonl": jsonish.read_lines,
    ".ndjson": jsonish.read_lines,
    ".parquet": parquet.read,
}


def read_table(
    path: Path,
    *,
    required: Sequence[str],
    optional: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
) -> Rows[tuple[int, dict[str, str]]]:
    """Rows as (line, {field: text}) of the required and optional fields; absent ones are "".

    `mapping` says which column of the file holds a field ({"title": "job_title"}). Names of
    columns are compared without case. InputError when the file as a whole cannot be read.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "ads.csv")
    ...     _ = path.write_text("Job;Place\\nNurse;Bonn\\nCook\\n")
    ...     rows = read_table(path, required=("title", "place"), mapping={"title": "job"})
    >>> rows.good
    ((2, {'title': 'Nurse', 'place': 'Bonn'}),)
    >>> print(rows.faults[0])
    line 3: has 1 fields, the header has 2
    """
    if path.is_dir():
        raise InputError("is a folder", where=str(path), mend="name the file in it")
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            f"{path.suffix or 'no ending'!r} is not a format we read",
            where=path.name,
            mend=f"use one of {', '.join(READERS)}",
        )
    if not path.is_file():
        raise InputError("is not there", where=str(path), mend="check the path")
    if path.stat().st_size == 0:
        raise InputError("is empty", where=path.name, mend="give a file with rows")
    fields = (*required, *optional)
    columns = _columns(path, fields, mapping or {})
    good: list[tuple[int, dict[str, str]]] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for row in reader(path):
        if isinstance(row, Fault):
            faults.append(row)
            continue
        seen |= row.values.keys()
        values = {field: row.values.get(column, "") for field, column in columns.items()}
        bad = _unstorable(row.line, values)
        faults += bad
        if not bad:
            good.append((row.line, values))
    _require(path, seen, required, columns, mapping or {}, found=bool(good or faults))
    return Rows(tuple(good), tuple(faults))


def _columns(path: Path, fields: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(mapping.keys() - set(fields))
    if unknown:
        raise InputError(
            f"the mapping names {', '.join(unknown)}",
            where=path.name,
            mend=f"fields are {', '.join(fields)}",
        )
    return {field: mapping.get(field, field).strip().casefold() for field in fields}


def _require(
    path: Path,
    seen: set[str],
    required: Sequence[str],
    columns: Mapping[str, str],
    mapping: Mapping[str, str],
    *,
    found: bool,
) -> None:
    if not found:
        raise InputError("has no rows", where=path.name, mend="give a file with rows")
    missing = [f for f in (*required, *mapping) if seen and columns[f] not in seen]
    if missing:
        names = ", ".join(dict.fromkeys(columns[f] for f in missing))
        maps = " ".join(f"--map {field}=YOUR_COLUMN" for field in dict.fromkeys(missing))
        raise InputError(
            f"has no column {names}; it has {', '.join(sorted(seen))[:300]}",
            where=path.name,
            mend=f"add what is missing, or map it: {maps}",
        )


def _unstorable(line: int, values: Mapping[str, str]) -> list[Fault]:
    """NUL and half of a surrogate pair: no database and no encoder takes them."""
    faults = []
    for field, text in values.items():
        if "\x00" in text:
            faults.append(Fault(line, field, "contains a NUL character; remove it"))
        elif _SURROGATE.search(text):
            faults.append(Fault(line, field, "contains half of a surrogate pair; not valid text"))
    return faults
