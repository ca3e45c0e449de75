"""Segments too small to be shown: what is said of a few is said of each of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.segment_model import Fitted, Segment


def judged(fitted: Fitted, ads: int, minimum: int) -> Fitted:
    """The fit with every segment hidden that has fewer than `minimum` texts, or has résumés but
    fewer than `minimum` of them; or where this is so of what is left of it without the shown
    segments that it holds, since who subtracts them sees it. The first `ads` rows of the fit are
    ads, the others résumés, one of each person. (Without any, its words are those of ads alone,
    which were written to be read.)
    """
    model, labels = fitted.model, fitted.labels
    texts, persons = _count(labels, model.finest), _count(labels[ads:], model.finest)
    found: list[Segment] = []
    shown: list[NDArray[np.bool_]] = []
    for segment, held in zip(model.segments, model.holding.T > 0, strict=True):
        rest = held.copy()  # what a segment holds comes before it
        for inside in shown:
            if not (inside & ~held).any():
                rest &= ~inside
        found.append(_hidden(segment, int(texts[rest].sum()), int(persons[rest].sum()), minimum))
        if not found[-1].hidden:
            shown.append(held)
    return replace(fitted, model=replace(model, segments=tuple(found)))


def _count(labels: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    return np.bincount(labels, minlength=k)


def _hidden(segment: Segment, texts: int, persons: int, minimum: int) -> Segment:
    """The reason never tells how many they are. Nothing is left of one whose parts are shown."""
    if 0 < texts < minimum:
        return replace(segment, hidden=f"fewer than {minimum} texts")
    if 0 < persons < minimum:
        return replace(segment, hidden=f"fewer than {minimum} résumés")
    return segment
