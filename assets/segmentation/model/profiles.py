"""What each segment is about: its own terms, its medoids, its industry."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.model.embedding import Vectors, unit
from assets.segmentation.text.phrases import WORD

_WORD_OR_END = re.compile(rf"({WORD})|[.,;:!?()\n]")


@dataclass(frozen=True, slots=True)
class Label:
    """An industry of the taxonomy, or id "unknown" when the two best are too close to tell."""

    id: str
    label: str
    score: float
    labeller: str


class Labeller(Protocol):
    """Labels a group by `text`, its terms, or by `vector` (d,), the unit mean of its members, which
    tells more than its terms' vector does where the labeller works on vectors."""

    name: str

    def label(self, text: str, vector: Vectors | None = None) -> Label: ...


@dataclass(frozen=True, slots=True)
class Profile:
    """One segment: `terms` by weight, keys of the texts nearest its centroid, industry labels."""

    cluster_id: int
    size: int
    terms: tuple[str, ...]
    medoids: tuple[str, ...]
    labels: tuple[Label, ...]


def ngrams(text: str) -> list[str]:
    """Runs of one to three words that stand side by side, none of them a stop word.

    (Dropping stop words first, as scikit-learn does, would join words that no text joins.)

    >>> ngrams("Care for ill patients")
    ['care', 'ill', 'patients', 'ill patients']
    """
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    found: list[str] = []
    run: list[str] = []
    for word in chain(_WORD_OR_END.findall(text.lower()), ("",)):
        if len(word) > 1 and word[0].isalpha() and word not in ENGLISH_STOP_WORDS:
            run.append(word)
        elif run:
            found += run
            found += map(" ".join, pairwise(run))
            found += map(" ".join, zip(run, run[1:], run[2:], strict=False))
            run = []
    return found


def class_terms(
    texts: Sequence[str],
    labels: NDArray[np.int64],
    parts: Sequence[Sequence[int]] | None = None,
    *,
    top: int,
) -> list[tuple[str, ...]]:
    """The `top` n-grams (1-3) of each class by class-based TF-IDF (c-TF-IDF, Grootendorst 2022).

    A term must stand in two texts of its class, or in all where there are fewer: what one employer
    writes about itself is no profile of a group.

    Args:
        labels: class (n,) of each text.
        parts: unions of classes to describe; None: each class. IDF is over classes in any case.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    k = int(np.max(labels)) + 1 if len(labels) else 0
    unions = _each(k) if parts is None else parts
    try:
        counter = CountVectorizer(
            analyzer=ngrams, min_df=2 if len(texts) > 3 else 1, max_features=200_000, dtype=np.int32
        )
        counts = counter.fit_transform(texts)
    except ValueError:  # nothing but stop words
        return [() for _ in unions]
    vocabulary = counter.get_feature_names_out()
    member = csr_matrix((np.ones(len(labels), np.int32), (labels, np.arange(len(labels)))))
    per_class, spread = member @ counts, member @ (counts > 0).astype(np.int32)
    sizes = np.asarray(per_class.sum(axis=1)).ravel()
    rarity = np.log1p(sizes.mean() / np.asarray(per_class.sum(axis=0)).ravel())
    members = np.bincount(labels, minlength=k)
    found = []
    for union in map(list, unions):
        row, seen = (np.asarray(of[union].sum(axis=0)).ravel() for of in (per_class, spread))
        weights = row / max(sizes[union].sum(), 1) * rarity
        found.append(
            _distinct(vocabulary, np.where(seen < min(2, members[union].sum()), 0, weights), top)
        )
    return found


def _distinct(
    vocabulary: NDArray[np.str_], weights: NDArray[np.float64], top: int
) -> tuple[str, ...]:
    """Best terms, without one that lies inside another already chosen."""
    chosen: list[str] = []
    for index in np.argsort(-weights, kind="stable")[: top * 5]:
        term = str(vocabulary[index])
        if weights[index] <= 0 or len(chosen) == top:
            break
        if not any(f" {term} " in f" {c} " or f" {c} " in f" {term} " for c in chosen):
            chosen.append(term)
    return tuple(chosen)


def centroids(
    vectors: Vectors, labels: NDArray[np.int64], parts: Sequence[Sequence[int]] | None = None
) -> Vectors:
    """Unit mean vector (d,) of each class of rows (n, d), or of each union of classes in `parts`.

    >>> centroids(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([0, 0])).round(2).tolist()
    [[0.7099999785423279, 0.7099999785423279]]
    """
    unions = _each(int(np.max(labels)) + 1) if parts is None else parts
    return unit(np.stack([vectors[np.isin(labels, union)].mean(axis=0) for union in unions]))


def _each(k: int) -> list[tuple[int]]:
    return [(c,) for c in range(k)]


def profiles(
    keys: Sequence[str],
    texts: Sequence[str],
    vectors: Vectors,
    labels: NDArray[np.int64],
    labeller: Labeller,
    parts: Sequence[Sequence[int]] | None = None,
    *,
    top: int,
    medoids: int = 3,
) -> list[Profile]:
    """One Profile for each class of `labels` (n,), or for each union of classes in `parts`, in that
    order.

    Args:
        keys: names of the texts.
        vectors: unit rows (n, d) float32.
        top: number of terms.
        medoids: number of texts nearest to the centroid.
    """
    if not len(keys):
        return []
    unions = _each(int(np.max(labels)) + 1) if parts is None else parts
    terms = class_terms(texts, labels, unions, top=top)
    centres = centroids(vectors, labels, unions)
    found = []
    for c, (own, union) in enumerate(zip(terms, unions, strict=True)):
        members = np.flatnonzero(np.isin(labels, union))
        near = members[np.argsort(-(vectors[members] @ centres[c]), kind="stable")][:medoids]
        said = ", ".join(own) if own else texts[int(near[0])][:200]
        label = labeller.label(said, centres[c])
        found.append(Profile(c, len(members), own, tuple(keys[i] for i in near), (label,)))
    return found
