"""Embeddings to few dimensions."""

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.embedding import Vectors

Points = NDArray[np.float64]
SMALLEST_GRAPH = 6
"""Texts under which a neighbour graph has nothing to say: principal components stand in."""


def principal(vectors: Vectors, wanted: int) -> NDArray[np.float64]:
    """Rows (n, d) on their min(wanted, n - 2) principal axes, at least one. The sign of an
    axis is arbitrary; here its largest coefficient is positive, so that it is always the same."""
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    kept = axes[:, ::-1][:, : dimensions(len(vectors), wanted)]
    largest = np.abs(kept).argmax(axis=0)
    turned: NDArray[np.float64] = centred @ (kept * np.sign(kept[largest, range(kept.shape[1])]))
    return turned


def projected(
    vectors: Vectors, *, seed: int, wanted: int = 50, neighbours: int = 15
) -> NDArray[np.float64]:
    """Project embeddings (n, 384) to (n, min(wanted, n - 2)), at least one column, keeping near
    neighbours near (UMAP, McInnes et al. 2018, cosine)."""
    n = len(vectors)
    if n < SMALLEST_GRAPH:
        return principal(vectors, wanted)
    import umap

    model = umap.UMAP(
        n_components=dimensions(n, wanted),
        n_neighbors=min(neighbours, n - 1),
        metric="cosine",
        random_state=seed,
        n_jobs=1,
        # Spectral layout wants wanted + 1 < n eigenvectors of a connected graph; tiny ones are not.
        init="spectral" if n > 4 * neighbours else "random",
    )
    return np.asarray(model.fit_transform(vectors), dtype=np.float64)


def directions(points: Points) -> Points:
    """Points (n, d) as unit rows: in which direction from the middle a text lies says what it is
    about, how far only how outspoken it is."""
    from sklearn.preprocessing import normalize

    rows: Points = normalize(points)
    return rows


def dimensions(n: int, wanted: int) -> int:
    """How many dimensions n texts can have: UMAP fails from n - 1 on."""
    return max(1, min(wanted, n - 2))
