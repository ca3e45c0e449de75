"""Texts to vectors, each distinct text once."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.text.normalization import content_hash

Vectors = NDArray[np.float32]


class EmbeddingStore(Protocol):
    """Vectors by content hash."""

    def load(self, hashes: Sequence[str]) -> dict[str, Vectors]: ...

    def save(self, vectors: dict[str, Vectors]) -> None: ...

    def reading(self, name: str) -> "EmbeddingStore":
        """Vectors of the same texts in another wording, under the hashes of the texts themselves:
        what forgets a text forgets these too."""
        ...


def embed(
    texts: Sequence[str],
    encode: Callable[[Sequence[str]], Vectors],
    store: EmbeddingStore,
    *,
    batch: int = 512,
    progress: Callable[[int], None] = lambda done: None,
    turn: Callable[[str], str] = str,
) -> tuple[Vectors, int]:
    """Unit rows (n, d) float32 in the order of `texts`, and how many texts had to be encoded.

    Each batch is saved before the next is begun, so that a killed run resumes where it was. `turn`
    words a text anew before it is encoded; `store` must then be one of that reading.
    """
    hashes = [content_hash(text) for text in texts]
    known = store.load(list(dict.fromkeys(hashes)))
    missing = {h: t for h, t in zip(hashes, texts, strict=True) if h not in known}
    # Neighbours of one length share a batch: padding is what short texts would otherwise cost.
    queue = sorted(missing, key=lambda h: len(missing[h]))
    progress(len(hashes) - len(queue))
    for start in range(0, len(queue), batch):
        part = queue[start : start + batch]
        fresh = dict(zip(part, unit(encode([turn(missing[h]) for h in part])), strict=True))
        store.save(fresh)
        known.update(fresh)
        progress(len(part))
    if not hashes:
        return np.zeros((0, 0), np.float32), 0
    return np.stack([known[h] for h in hashes]), len(queue)


def unit(vectors: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1; a zero row stays zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return scaled
