"""How well labels that nothing was trained on are told, by four ways that see the same vectors.

python -m benchmarks.labels --cache vectors.db [--tuning]    (needs JOBADS_CORPUS_DIR)

name: cosine to the label's name. description: cosine to name and description, as the fallback does.
head: the shipped occupation head, summed over each label's O*NET codes, all labels as likely of a
text that says nothing.
both: the head's odds times those of the description, as OccupationLabeller does.
The head was tuned on held-out O*NET pseudo-ads and federal titles and duties alone.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score, precision_recall_fscore_support

from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.reference.occupation_labeller import head_file, load_head
from benchmarks.label_sets import (
    ADZUNA,
    EMSCAD,
    RESUMES,
    Class,
    Labelled,
    adzuna,
    emscad,
    federal,
    resumes,
)
from resources.encoders.minilm_encoder import Encoder, VectorCache

WAYS = ("name", "description", "head", "both")


class Ways:
    """Each way, from vectors (n, d) and classes to the number of the best class (n,)."""

    def __init__(self, head: OccupationHead, encode: Encoder) -> None:
        self._head, self._encode = head, encode

    def name(self, vectors: Vectors, classes: Sequence[Class]) -> np.ndarray:
        return (vectors @ self._encode([c.name for c in classes]).T).argmax(axis=1)

    def description(self, vectors: Vectors, classes: Sequence[Class]) -> np.ndarray:
        said = self._encode([f"{c.name}: {c.description}" for c in classes])
        return (vectors @ said.T).argmax(axis=1)

    def head(self, vectors: Vectors, classes: Sequence[Class]) -> np.ndarray:
        return self._head.label_probabilities(vectors, [c.codes for c in classes]).argmax(axis=1)

    def both(self, vectors: Vectors, classes: Sequence[Class]) -> np.ndarray:
        said = self._encode([f"{c.name}: {c.description}" for c in classes])
        return self._head.label_probabilities(vectors, [c.codes for c in classes], said).argmax(
            axis=1
        )


def report(title: str, given: Labelled, classes: Sequence[Class], ways: Ways, vectors: Vectors):
    """Macro-F1 of each way, then precision, recall and F1 of each class by both."""
    number = {c.key: i for i, c in enumerate(classes)}
    truth = np.array([number[k] for k in given.keys])
    print(f"\n{title}: {len(truth)} texts, {len(classes)} labels\n\n| way | macro-F1 | 95 % |")
    print("|---|---|---|")
    said = {way: getattr(ways, way)(vectors, classes) for way in WAYS}
    chance = np.random.default_rng(0)
    worn = np.unique(truth)
    draws = [chance.integers(len(truth), size=len(truth)) for _ in range(1000)]
    for way, best in said.items():
        again = [
            f1_score(truth[d], best[d], average="macro", labels=worn, zero_division=0)
            for d in draws
        ]
        low, high = np.quantile(again, [0.025, 0.975])
        score = f1_score(truth, best, average="macro", labels=worn, zero_division=0)
        print(f"| {way} | {score:.3f} | {low:.3f} to {high:.3f} |")
    print(
        "\n| label | texts | precision | recall | F1 | by description |\n|---|---|---|---|---|---|"
    )
    parts = precision_recall_fscore_support(
        truth, said["both"], labels=range(len(classes)), zero_division=0
    )
    other = f1_score(
        truth, said["description"], average=None, labels=range(len(classes)), zero_division=0
    )
    for c, precision, recall, f1, n, theirs in zip(classes, *parts, other, strict=True):
        print(f"| {c.name} | {n} | {precision:.2f} | {recall:.2f} | {f1:.2f} | {theirs:.2f} |")


Sets = Iterator[tuple[str, Labelled, Sequence[Class]]]


def unseen(corpus: Path) -> Sets:
    yield "Adzuna, category", adzuna(corpus), ADZUNA
    yield "EMSCAD, function", emscad(corpus), EMSCAD
    yield "Résumés, 16 of 24 categories", resumes(corpus), RESUMES


def tuning(corpus: Path) -> Sets:
    """The eight categories again, worn by texts in the public domain."""
    yield "Federal titles", federal(corpus, "job_titles_labelled", "title"), ADZUNA
    yield "Federal duties", federal(corpus, "federal_task_statements", "description"), ADZUNA


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--tuning", action="store_true", help="the federal sets, for choices")
    given = parser.parse_args()
    corpus, encode = Path(os.environ["JOBADS_CORPUS_DIR"]), Encoder()
    ways, store = Ways(load_head(head_file()), encode), VectorCache(given.cache)
    for title, texts, classes in tuning(corpus) if given.tuning else unseen(corpus):
        report(title, texts, classes, ways, embed(texts.texts, encode, store)[0])


if __name__ == "__main__":
    main()
