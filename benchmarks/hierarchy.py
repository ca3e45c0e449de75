"""How many texts get a segment that may be trusted, and how much like them the others in it are.

python -m benchmarks.hierarchy --cache vectors.db    (needs JOBADS_CORPUS_DIR)

The labelled sets of `benchmarks.grouping`, draws of four fifths of each. "alike" is how often
another text of one's segment has one's label, in the mean of the texts that have a segment; beside
it how often any other text of the set has. First the groups that were found, each measured among
all of them; then with what is measured anew among fewer, and what is joined.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assets.segmentation.audiences.arms import trusted_path
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.model.fit import fit
from assets.segmentation.model.segment_model import assign
from assets.segmentation.reference.occupation_labeller import head_file, load_head
from benchmarks.grouping import labelled
from benchmarks.trust import Nameless
from resources.encoders.minilm_encoder import Encoder, VectorCache

DRAWS = 5


def alike(segments: Sequence[int], members: NDArray[np.bool_], truth: Sequence[str]) -> list[float]:
    """For each text with a segment (not -1) the share of its other `members` (n, s) with its label:
    of all that it holds, whether or not a finer one stands for them."""
    labels = np.array(truth)
    found = []
    for i in np.flatnonzero(np.array(segments) >= 0):
        others = members[:, segments[i]]
        found.append((np.sum(labels[others] == labels[i]) - 1) / max(others.sum() - 1, 1))
    return found


def segments_of(vectors: Vectors) -> tuple[list[int], list[int], NDArray[np.bool_]]:
    """For each text (n,) the segment that its ad's first arm would be of, -1 for broad: of the
    groups as they were found, and with coarser ones; and the members (n, s) of every segment."""
    config, head = SegmentationConfig(), load_head(head_file())
    names = [f"text {i}" for i in range(len(vectors))]
    model = fit(names, names, vectors, config, Nameless(), head=head).model
    near = [paths[0] for paths in assign(vectors, model, limit=1)]
    ends = [trusted_path(path, config) for path in near]
    taken = [path[-1][0] if path else None for path in ends]
    found = [s.cluster_id if s and s.among == model.n_finest else -1 for s in taken]
    coarser = [s.cluster_id if s else -1 for s in taken]
    return found, coarser, model.containment[[path[0][0].cluster_id for path in near]] > 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    given = parser.parse_args()
    encode, store = Encoder(), VectorCache(given.cache)
    print(
        "| texts, label | groups | segments | texts with one | alike | of any text |\n"
        "|---|---|---|---|---|---|"
    )
    for name, texts, labels in labelled(Path(os.environ["JOBADS_CORPUS_DIR"])):
        vectors, _ = embed(texts, encode, store)
        draws = [np.random.default_rng(d).permutation(len(texts)) for d in range(DRAWS)]
        draws = [order[: int(0.8 * len(order))] for order in draws]
        told = [[labels[i] for i in order] for order in draws]
        every = np.ones((len(draws[0]), 1), bool)
        by_chance = np.mean([alike([0] * len(truth), every, truth) for truth in told])
        *ways, members = zip(*(segments_of(vectors[order]) for order in draws), strict=True)
        for way, answers in zip(("as found", "and coarser"), ways, strict=True):
            made = zip(answers, members, told, strict=True)
            near = [x for segments, held, truth in made for x in alike(segments, held, truth)]
            covered = np.mean([np.mean(np.array(segments) >= 0) for segments in answers])
            many = np.mean([len(set(segments) - {-1}) for segments in answers])
            mean = f"{np.mean(near):.2f}" if near else ""
            print(
                f"| {name} | {way} | {many:.1f} | {covered:.0%} | {mean} | {by_chance:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
