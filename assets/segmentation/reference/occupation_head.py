"""A linear head over occupation groups, and any set of labels as a sum of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.embedding import Vectors

MINOR_GROUP_LENGTH = 4
"""Letters of an O*NET-SOC code that name its minor group: "29-1" of "29-1141.00"."""
BROAD_GROUP_LENGTH = 6
"""Letters of an O*NET-SOC code that name its broad occupation: "29-114" of "29-1141.00"."""
SIMILARITY_SCALE = 0.05
"""Cosine to a label's description that multiplies its odds by e; of 0.02 to 0.2 the best on federal
titles and duties (`python -m benchmarks.labels --tuning`), and on federal ads by our industries."""


@dataclass(frozen=True)
class OccupationHead:
    """Multinomial logistic regression of unit vectors (n, d) on g broad occupations.

    `basis` (d, r), `weights` (r, g), `bias` (g,); `prior` (g,) is what the
    head makes of words that are said of any job, `codes` the detailed occupations that the groups
    were learned from."""

    groups: tuple[str, ...]
    codes: tuple[str, ...]
    basis: Vectors
    weights: Vectors
    bias: Vectors
    prior: Vectors

    def __post_init__(self) -> None:
        r = self.basis.shape[1]
        wanted = {"weights": (r, len(self.groups)), "bias": (len(self.groups),)}
        wanted["prior"] = wanted["bias"]
        for name, shape in wanted.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} is {getattr(self, name).shape}, not {shape}")

    def probabilities(self, vectors: Vectors) -> Vectors:
        """(n, d) to (n, g); rows sum to 1."""
        scores = vectors @ self.basis @ self.weights + self.bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: Vectors = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares

    def minor_shares(self, vectors: Vectors) -> Vectors:
        """(n, d) to (n, m): shares of the minor groups of occupations; rows sum to 1.

        >>> zeros = np.zeros((1, 2), np.float32)
        >>> head = OccupationHead(
        ...     ("29-114", "29-115"), ("29-1141.00", "29-1151.00"), np.eye(1, dtype=np.float32),
        ...     zeros, zeros[0], zeros[0],
        ... )
        >>> head.minor_shares(np.ones((3, 1), np.float32)).tolist()
        [[1.0], [1.0], [1.0]]
        """
        names = np.array([group[:MINOR_GROUP_LENGTH] for group in self.groups])
        shares: Vectors = self.probabilities(vectors) @ (names[:, None] == np.unique(names))
        return shares

    def shares(self, labels: Sequence[Sequence[str]], *, every: bool = False) -> Vectors:
        """(g, m): what share of each group's occupations each label means by its codes.

        Of several labels the one with the longest beginning has an occupation; with `every`, each
        that has a beginning of it at all.
        """
        counted: NDArray[np.float64] = np.zeros((len(self.groups), len(labels)))
        number = {group: i for i, group in enumerate(self.groups)}
        of = np.zeros(len(self.groups))
        for code in self.codes:
            lengths = np.array(
                [max((len(b) for b in label if code.startswith(b)), default=0) for label in labels]
            )
            of[number[code[:BROAD_GROUP_LENGTH]]] += 1
            if lengths.any():
                has = lengths > 0 if every else lengths == lengths.max()
                counted[number[code[:BROAD_GROUP_LENGTH]]] += has if every else has / has.sum()
        counts: Vectors = (counted / of[:, None]).astype(np.float32)
        return counts

    def label_probabilities(
        self, vectors: Vectors, labels: Sequence[Sequence[str]], said: Vectors | None = None
    ) -> Vectors:
        """(n, m): probability of each label, where all are as likely of a text that says nothing.

        A label of fifty occupations would else beat one of a single occupation by their number, and
        the words of any ad speak for who recruits.

        Args:
            vectors: unit rows (n, d) float32.
            labels: for each label what its O*NET-SOC codes begin with.
            said: unit rows (m, d) of the labels' descriptions, whose similarity is taken into
                account.
        """
        shares = self.shares(labels)
        odds = self.probabilities(vectors) @ shares / np.maximum(self.prior @ shares, 1e-9)
        if said is not None:
            odds = odds * np.exp(vectors @ said.T / SIMILARITY_SCALE)
        given: Vectors = odds / np.maximum(odds.sum(axis=1, keepdims=True), 1e-12)
        return given
