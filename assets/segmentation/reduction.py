"""Embeddings to few dimensions."""

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.embedding import Vectors

SMALLEST_GRAPH = 6
"""Texts under which a neighbour graph has nothing to say: principal components stand in."""


def reduce(
    vectors: Vectors, *, seed: int, dimensions: int = 50, neighbours: int = 15
) -> NDArray[np.float32]:
    """Project embeddings (n, 384) to (n, min(dimensions, n - 2)), at least one column, keeping
    near neighbours near (UMAP, McInnes et al. 2018, cosine)."""
    n = len(vectors)
    wanted = max(1, min(dimensions, n - 2))
    if n < SMALLEST_GRAPH:
        return _principal(vectors, wanted)
    import umap

    model = umap.UMAP(
        n_components=wanted,
        n_neighbors=min(neighbours, n - 1),
        metric="cosine",
        random_state=seed,
        n_jobs=1,
        # Spectral layout wants wanted + 1 < n eigenvectors of a connected graph; tiny ones are not.
        init="spectral" if n > 4 * neighbours else "random",
    )
    return np.asarray(model.fit_transform(vectors), dtype=np.float32)


def _principal(vectors: Vectors, wanted: int) -> NDArray[np.float32]:
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    return np.asarray((left * sizes)[:, :wanted], dtype=np.float32)
