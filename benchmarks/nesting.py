"""How many texts get a segment that may be trusted, and how much like them the others in it are.

python -m benchmarks.nesting --cache vectors.db    (needs JOBADS_CORPUS_DIR)

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

from assets.segmentation.arms import standing_for
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.embedding import Vectors, embed
from assets.segmentation.fitting import fit
from assets.segmentation.segment_model import assign
from benchmarks.grouping import labelled
from benchmarks.trust import Nameless
from resources.encoder import Encoder, VectorCache
from resources.occupation_labeller import head_file, load_head

DRAWS = 5


def alike(keys: Sequence[str], truth: NDArray[np.str_]) -> list[float]:
    """For each text with a key (not "") the share of the others of that key with its label."""
    groups, labels = np.array(keys), truth
    found = []
    for i in np.flatnonzero(groups != ""):
        others = groups == groups[i]
        found.append((np.sum(labels[others] == labels[i]) - 1) / max(others.sum() - 1, 1))
    return found


def keys_of(vectors: Vectors) -> tuple[list[str], list[str]]:
    """For each text the segment that its ad's first arm would be of, "" for broad: of the groups
    as they were found, and with coarser ones."""
    config, head = SegmentationConfig(), load_head(head_file())
    names = [f"text {i}" for i in range(len(vectors))]
    model = fit(names, names, vectors, config, Nameless(), head=head).model
    ends = [standing_for(near[0], config) for near in assign(vectors, model, most=1)]
    taken = [path[-1][0] if path else None for path in ends]
    found = [s.cluster_key if s and s.among == model.finest else "" for s in taken]
    return found, [s.cluster_key if s else "" for s in taken]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    given = parser.parse_args()
    encode, store = Encoder(), VectorCache(given.cache)
    print("| texts, label | groups | segments | texts with one | alike | of any text |\n"
          "|---|---|---|---|---|---|")  # fmt: skip
    for name, texts, labels in labelled(Path(os.environ["JOBADS_CORPUS_DIR"])):
        vectors, _ = embed(texts, encode, store)
        draws = [np.random.default_rng(d).permutation(len(texts)) for d in range(DRAWS)]
        draws = [order[: int(0.8 * len(order))] for order in draws]
        by_chance = np.mean([alike(["one"] * len(o), np.array(labels)[o]) for o in draws])
        ways = zip(*(keys_of(vectors[order]) for order in draws), strict=True)
        for way, answers in zip(("as found", "and coarser"), ways, strict=True):
            pairs = list(zip(answers, draws, strict=True))
            near = [x for keys, order in pairs for x in alike(keys, np.array(labels)[order])]
            covered = np.mean([np.mean(np.array(keys) != "") for keys in answers])
            many = np.mean([len(set(keys) - {""}) for keys in answers])
            mean = f"{np.mean(near):.2f}" if near else ""
            print(f"| {name} | {way} | {many:.1f} | {covered:.0%} | {mean} | {by_chance:.2f} |",
                  flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
