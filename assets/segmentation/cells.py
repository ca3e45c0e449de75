"""Segments too small to be shown: what is said of a few is said of each of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.segment_model import Fitted, Segment


def judged(fitted: Fitted, ads: int, minimum: int) -> Fitted:
    """The fit with every segment hidden that has fewer than `minimum` texts, or has résumés but
    fewer than `minimum` of them. The first `ads` rows of the fit are ads, the others résumés, one
    of each person. (Without any, its words are those of ads alone, which were written to be read.)
    """
    labels, k = fitted.labels, fitted.model.centroids.shape[0]
    texts, persons = _count(labels, k), _count(labels[ads:], k)
    segments = tuple(
        _hidden(s, int(texts[s.cluster_id]), int(persons[s.cluster_id]), minimum)
        for s in fitted.model.segments
    )
    return replace(fitted, model=replace(fitted.model, segments=segments))


def _count(labels: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    return np.bincount(labels, minlength=k)


def _hidden(segment: Segment, texts: int, persons: int, minimum: int) -> Segment:
    """The reason never tells how many they are."""
    if texts < minimum:
        return replace(segment, hidden=f"fewer than {minimum} texts")
    if 0 < persons < minimum:
        return replace(segment, hidden=f"fewer than {minimum} résumés")
    return segment
