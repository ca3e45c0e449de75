"""Small segments are hidden: what is said of few texts is said of each of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.segment_model import Fitted, Segment


def hide_small_segments(fitted: Fitted, ads: int, minimum: int) -> Fitted:
    """Hide every segment of fewer than `minimum` texts, or with résumés but fewer than `minimum` of
    them.

    The same holds for what is left of a segment without the shown segments that it contains, since
    whoever subtracts them sees it. Segments without résumés hold words of ads alone, which were
    written to be read.

    Args:
        ads: how many of the first rows of the fit are ads; the others are résumés, one of each
            person.
        minimum: the minimum cell.
    """
    model, labels = fitted.model, fitted.labels
    texts, persons = _count(labels, model.n_finest), _count(labels[ads:], model.n_finest)
    found: list[Segment] = []
    shown: list[NDArray[np.bool_]] = []
    for segment, contained in zip(model.segments, model.containment.T > 0, strict=True):
        rest = contained.copy()  # what a segment holds comes before it
        for inside in shown:
            if not (inside & ~contained).any():
                rest &= ~inside
        found.append(_hidden(segment, int(texts[rest].sum()), int(persons[rest].sum()), minimum))
        if not found[-1].hidden:
            shown.append(contained)
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
