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

    def variant(self, name: str) -> "EmbeddingStore":
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
    rewrite: Callable[[str], str] = str,
) -> tuple[Vectors, int]:
    """Embed each distinct text once.

    Each batch is saved before the next is begun, so that a killed run resumes where it was.

    Args:
        batch: texts that are encoded and saved together.
        progress: is called with the number of texts done.
        rewrite: words a text anew before it is encoded; `store` must then hold that variant.

    Returns:
        Unit rows (n, d) float32 in the order of `texts`, and how many texts had to be encoded.

    >>> class Memory(dict):
    ...     def load(self, hashes): return {h: self[h] for h in hashes if h in self}
    ...     def save(self, vectors): self.update(vectors)
    >>> vectors, encoded = embed(
    ...     ["a", "bb", "a"], lambda texts: np.array([[len(t), 1.0] for t in texts]), Memory()
    ... )
    >>> vectors.shape, encoded
    ((3, 2), 2)
    """
    hashes = [content_hash(text) for text in texts]
    known = store.load(list(dict.fromkeys(hashes)))
    missing = {h: t for h, t in zip(hashes, texts, strict=True) if h not in known}
    # Neighbours of one length share a batch: padding is what short texts would otherwise cost. The
    # same texts are the same batches in whatever order they come.
    queue = sorted(missing, key=lambda h: (len(missing[h]), h))
    progress(len(hashes) - len(queue))
    for start in range(0, len(queue), batch):
        part = queue[start : start + batch]
        fresh = dict(zip(part, unit(encode([rewrite(missing[h]) for h in part])), strict=True))
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
