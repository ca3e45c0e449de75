"""Embeddings reduced to few dimensions."""

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.embedding import Vectors

Points = NDArray[np.float64]
MIN_UMAP_TEXTS = 6
"""Texts under which a neighbour graph has nothing to say: principal components stand in."""


def principal_components(vectors: Vectors, n_components: int) -> NDArray[np.float64]:
    """Project rows (n, d), centred, on their min(n_components, n - 2) principal axes, at least one.

    The sign of an axis is arbitrary; here its largest coefficient is positive.

    >>> import numpy as np
    >>> principal_components(np.array([[0.0, 1], [2, 1], [4, 1]]), 1).ravel().tolist()
    [-2.0, 0.0, 2.0]
    """
    centred = np.asarray(vectors, np.float64) - np.mean(vectors, axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    kept = axes[:, ::-1][:, : component_count(len(vectors), n_components)]
    largest = np.abs(kept).argmax(axis=0)
    turned: NDArray[np.float64] = centred @ (kept * np.sign(kept[largest, range(kept.shape[1])]))
    return turned


def umap_projection(
    vectors: Vectors, *, seed: int, n_components: int = 50, neighbours: int = 15
) -> NDArray[np.float64]:
    """Project embeddings (n, d) to (n, min(n_components, n - 2)), at least one column, keeping near
    neighbours near (UMAP, McInnes et al. 2018, cosine).
    """
    n = len(vectors)
    if n < MIN_UMAP_TEXTS:
        return principal_components(vectors, n_components)
    import umap

    model = umap.UMAP(
        n_components=component_count(n, n_components),
        n_neighbors=min(neighbours, n - 1),
        metric="cosine",
        random_state=seed,
        n_jobs=1,
        # Spectral layout wants wanted + 1 < n eigenvectors of a connected graph; tiny ones are not.
        init="spectral" if n > 4 * neighbours else "random",
    )
    return np.asarray(model.fit_transform(vectors), dtype=np.float64)


def unit_directions(points: Points) -> Points:
    """Points (n, d) scaled to length 1: the direction from the mean says what a text is about, the
    length only how much it stands out.
    """
    from sklearn.preprocessing import normalize

    rows: Points = normalize(points)
    return rows


def component_count(n: int, n_components: int) -> int:
    """How many components n texts can have: UMAP fails from n - 1 on."""
    return max(1, min(n_components, n - 2))
