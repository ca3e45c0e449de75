"""Parquet; a row's line is its number, from 1."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from domain.errors import InputError
from resources.files.faults import Fault
from resources.files.jsonish import as_text
from resources.files.raw import Raw, header


def read(path: Path) -> Iterator[Raw | Fault]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    line = 0
    try:
        file = pq.ParquetFile(path)
        names = header(file.schema_arrow.names, path)
        for batch in file.iter_batches(batch_size=1024):
            columns = [column.to_pylist() for column in batch.columns]
            for values in zip(*columns, strict=True):
                line += 1
                yield Raw(line, {n: _text(v) for n, v in zip(names, values, strict=True)})
    except (pa.ArrowException, OSError) as error:
        if line:
            yield Fault(line + 1, "", "is unreadable, and so is what follows")
            return
        why = str(error).splitlines()[0][:200]
        raise InputError(f"is not Parquet: {why}", where=path.name) from None


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")  # wrong bytes are refused further on
    return as_text(value)
