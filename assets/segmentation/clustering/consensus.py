"""Groups that many k-means clusterings agree on (evidence accumulation)."""

import numpy as np

from assets.segmentation.clustering.kmeans import kmeans, nearest_centre
from assets.segmentation.clustering.reduction import Points
from assets.segmentation.clustering.silhouette import Labels

N_CLUSTERINGS = 60
DRAWN_SHARE = 0.8
"""Of the points, drawn anew for each grouping."""
K_RATIO = 1.5
"""A grouping is into k divided by this to k times this many groups, any ratio as likely: what is
together in fewer groups and in more belongs together."""


def consensus(points: Points, k: int, seed: int) -> Labels:
    """Group points by how often many k-means clusterings put two of them together.

    Memory and time are quadratic in n.

    Args:
        points: (n, d) float64.
        k: the most groups to make.
        seed: of all draws.

    Returns:
        Labels (n,) from 0 on without gaps.

    Source: Fred and Jain 2005, with average linkage.

    >>> import numpy as np
    >>> points = np.concatenate([np.arange(10.0), np.arange(100.0, 110.0)])[:, None]
    >>> np.bincount(consensus(points, 2, seed=1)).tolist()
    [10, 10]
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    distances = np.ones((len(points), len(points)), np.float32)
    for turn in range(N_CLUSTERINGS):
        chance = np.random.default_rng((seed, turn))
        many = max(2, round(k * K_RATIO ** chance.uniform(-1.0, 1.0)))
        drawn = chance.permutation(len(points))[: max(many, int(DRAWN_SHARE * len(points)))]
        _, centres = kmeans(points[drawn], many, turn, n_init=1)
        labels = nearest_centre(points, centres)
        distances -= (labels[:, None] == labels) / np.float32(N_CLUSTERINGS)
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "average")
    found = fcluster(tree, k, "maxclust")
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
