"""Groups that many groupings agree on."""

import numpy as np

from assets.segmentation.clustering.kmeans import kmeans, nearest
from assets.segmentation.clustering.reduction import Points
from assets.segmentation.clustering.silhouette import Labels

GROUPINGS = 60
SHARE = 0.8
"""Of the points, drawn anew for each grouping."""
WITHIN = 1.5
"""A grouping is into k divided by this to k times this many groups, any ratio as likely: what is
together in fewer groups and in more belongs together."""


def consensus(points: Points, k: int, seed: int) -> Labels:
    """At most k groups of points (n, d): how often two are in one group of GROUPINGS k-means of a
    part of them, cut by average linkage (evidence accumulation, Fred & Jain 2005). Memory and time
    are quadratic in n."""
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    apart = np.ones((len(points), len(points)), np.float32)
    for turn in range(GROUPINGS):
        chance = np.random.default_rng((seed, turn))
        many = max(2, round(k * WITHIN ** chance.uniform(-1.0, 1.0)))
        drawn = chance.permutation(len(points))[: max(many, int(SHARE * len(points)))]
        _, centres = kmeans(points[drawn], many, turn, starts=1)
        labels = nearest(points, centres)
        apart -= (labels[:, None] == labels) / np.float32(GROUPINGS)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), "average")
    found = fcluster(tree, k, "maxclust")
    return np.unique(found, return_inverse=True)[1].astype(np.int64)
