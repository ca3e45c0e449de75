"""What a labeller makes of its scores."""

from collections.abc import Sequence

import numpy as np

from assets.segmentation.model.profiles import Label
from assets.segmentation.reference.taxonomy import Industry

MARGIN = 0.05
"""The two best scores must differ by more, or the label is "unknown"."""


def best_label(
    industries: Sequence[Industry], scores: Sequence[float], labeller: str, margin: float = MARGIN
) -> Label:
    """The label of the best score, or "unknown" with that score when the second is within `margin`.

    >>> care = Industry("naics:62", "Health care", "", ())
    >>> food = Industry("naics:72", "Food services", "", ())
    >>> best_label([care, food], [0.7, 0.2], "minilm").label
    'Health care'
    >>> best_label([care, food], [0.46, 0.44], "minilm").label
    'unknown'
    """
    order = np.argsort(-np.asarray(scores), kind="stable")
    best = int(order[0])
    score = float(np.clip(scores[best], 0.0, 1.0))
    if len(order) > 1 and scores[best] - scores[int(order[1])] <= margin:
        return Label("unknown", "unknown", score, labeller)
    return Label(industries[best].id, industries[best].label, score, labeller)
