"""What the lake and the cache hold of persons who are no longer in the store.

A run that had read a text before its person was forgotten may write it afterwards; so whatever
writes rows of persons sweeps once it has written."""

from collections.abc import Sequence

import polars as pl

from assets.persons.locate import Lake, Vectors
from resources.operations.store import OperationsStore

KEYED = {"resumes": "resume_key", "resume_clusters": "key", "resume_reduced_vectors": "key"}


def sweep(
    store: OperationsStore, warehouse: Lake, cached: Vectors, *, files: bool = False
) -> dict[str, int]:
    """Remove it, and clean the files if anything was, or if asked to; answers how many rows by
    table, {} when there were none."""
    if not files and not _holds_any(warehouse):
        return {}
    live = store.resumes.all_keys()
    removed = {}
    for table, column in KEYED.items():
        there = warehouse.sql(f"SELECT DISTINCT team_id, {column} FROM {table}")
        gone = [row for row in there.iter_rows() if row not in live]
        frame = pl.DataFrame(gone, schema=dict.fromkeys(there.columns, pl.String), orient="row")
        removed[table] = warehouse.remove(table, frame)
    unused = warehouse.sql(
        "SELECT DISTINCT content_hash FROM resume_embeddings WHERE content_hash NOT IN "
        "(SELECT content_hash FROM resumes WHERE basis IS NOT NULL)"
    )
    # The cache comes first: killed in between, the rows here still say what is left to do.
    vectors = forget_vectors(warehouse, cached, unused["content_hash"].to_list())
    removed["resume_embeddings"] = warehouse.remove("resume_embeddings", unused)
    removed["cache"] = vectors
    found = {table: count for table, count in removed.items() if count}
    if found or files:
        warehouse.maintain(("persons",))
    return found


def _holds_any(warehouse: Lake) -> bool:
    """Whether the lake has a row of any person: one question in place of five."""
    tables = (*KEYED, "resume_embeddings")
    rows = " OR ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables)
    return bool(warehouse.sql(f"SELECT {rows}").item())


def forget_vectors(warehouse: Lake, cached: Vectors, hashes: Sequence[str]) -> int:
    """Erase cached vectors, but for a text that an ad or another person's résumé has as well.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from types import SimpleNamespace
    >>> import numpy as np
    >>> from resources.encoders.minilm_encoder import VectorCache
    >>> from resources.warehouse.ducklake import Warehouse
    >>> with TemporaryDirectory() as folder, Warehouse(Path(folder)) as lake:
    ...     vectors = VectorCache(Path(folder, "vectors.db"))
    ...     vectors.save({"h1": np.ones(384, np.float32)})
    ...     forget_vectors(lake, SimpleNamespace(vectors=vectors), ["h1", "h2"])
    1
    """
    if not hashes:
        return 0
    shared = warehouse.sql(
        "SELECT content_hash FROM embeddings WHERE content_hash IN (SELECT unnest(?)) UNION "
        "SELECT content_hash FROM resumes WHERE basis IS NOT NULL "
        "AND content_hash IN (SELECT unnest(?))",
        [list(hashes), list(hashes)],
    )
    return cached.vectors.forget(sorted(set(hashes) - set(shared["content_hash"])))
