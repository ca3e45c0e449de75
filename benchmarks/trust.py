"""How often segments are trusted where there are none, and where they were planted.

python -m benchmarks.trust --sets 200 --cache vectors.db    (needs JOBADS_CORPUS_DIR)

Each set is 60 to 300 texts, fitted and judged as a team's would be, without labels. It is accepted
when any segment may be trusted. Sets of one generator overlap, since real texts are few; the bounds
count them as if they did not. A set is drawn by its own seed: the number of processes is not seen.
"""

import argparse
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.metrics import silhouette_score

from assets.segmentation.audiences.arms import untrusted_reason
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.config_file import load_numbers
from assets.segmentation.model.embedding import Vectors, embed, unit
from assets.segmentation.model.fit import fit
from assets.segmentation.model.profiles import Label
from assets.segmentation.reference.occupation_head import OccupationHead
from assets.segmentation.reference.occupation_labeller import head_file, load_head
from assets.segmentation.trust.minimum_cell import hide_small_segments
from benchmarks.texts import ads, balanced, occupations, texts_of
from resources.encoders.minilm_encoder import Encoder, VectorCache

FIRST = 5_000
"""Seed of the first set: the floors were set on sets of the seeds 0 to 199 and 1,000 to 1,099."""
RAW = 0.05
"""Silhouette, in embedding space, that planted groups have."""
Chance = np.random.Generator
Draw = Callable[[Chance, int], Vectors]


@dataclass(frozen=True, slots=True)
class World:
    """`draw` makes a set of n texts' vectors, in which there are `groups` or none; `read` by the
    occupation head or, as texts of another encoder are, by nobody."""

    name: str
    groups: bool
    draw: Draw
    read: bool = True


class Nameless:
    name = "none"

    def label(self, text: str, vector: object = None) -> Label:
        return Label("unknown", "unknown", 0.0, self.name)


def shuffled(texts: list[str], chance: Chance) -> list[str]:
    """The same words in the same numbers, dealt anew over all texts."""
    words = np.array([w for t in texts for w in t.split()], dtype=object)
    chance.shuffle(words)
    ends = np.cumsum([len(t.split()) for t in texts])
    return [" ".join(part) for part in np.split(words, ends[:-1])]


def planted(centres: Vectors, within: NDArray[np.float64], mean: Vectors) -> Draw:
    """Two to six of the real categories' centres, with normal noise of the real covariance within
    categories, drawn so near together that the true groups' raw silhouette is about RAW."""

    def draw(chance: Chance, n: int) -> Vectors:
        groups = int(chance.integers(2, 7))
        own = centres[chance.permutation(len(centres))[:groups]]
        truth = np.arange(n) % groups
        noise = chance.normal(size=(n, 384)) @ within.T
        low, high = 0.0, 6.0
        for _ in range(12):
            scale = (low + high) / 2
            made = unit(mean + scale * (own - own.mean(axis=0))[truth] + noise)
            if silhouette_score(made, truth) < RAW:
                low = scale
            else:
                high = scale
        return made

    return draw


def read(corpus: Path, cache: Path) -> tuple[Vectors, NDArray[np.str_], Vectors, list[Vectors]]:
    """Real ads and their categories; their words dealt anew; a pool of ads of each occupation."""
    store, encode = VectorCache(cache), Encoder()

    def vectors(texts: list[str]) -> Vectors:
        return embed(texts, encode, store)[0]

    every = ads(corpus)
    some = balanced(every, "adzuna_gb", "category")
    texts = texts_of(some)
    mixed = [t for seed in range(3) for t in shuffled(texts, np.random.default_rng(seed))]
    pools = [vectors(texts_of(o)) for o in occupations(every)]
    return vectors(texts), some["category"].to_numpy(), vectors(mixed), pools


def worlds(
    real: Vectors, names: NDArray[np.str_], mixed: Vectors, pools: list[Vectors]
) -> Iterator[World]:
    mean = real.mean(axis=0)
    centres = np.stack([real[names == c].mean(axis=0) for c in np.unique(names)])
    whole = _root(real - mean)
    within = _root(real - centres[np.unique(names, return_inverse=True)[1]])

    def pick(rows: Vectors) -> Draw:
        return lambda chance, n: rows[chance.permutation(len(rows))[:n]]

    def normal(root: NDArray[np.float64]) -> Draw:
        return lambda chance, n: unit(mean + chance.normal(size=(n, 384)) @ root.T)

    def one(chance: Chance, n: int) -> Vectors:
        pool = pools[int(chance.integers(len(pools)))]
        return pool[chance.permutation(len(pool))[: min(n, len(pool))]]

    spread = 1 / np.sqrt(np.arange(1, 385))
    spread *= np.sqrt(real.var(axis=0).sum() / (spread**2).sum())
    steep = normal(np.diag(spread))
    yield World("normal draws of the real covariance", False, normal(whole))
    yield World("ads with their words dealt anew over the corpus", False, pick(mixed))
    yield World("one occupation only", False, one)
    near = planted(centres, within, mean)
    yield World(f"planted groups, raw silhouette {RAW}", True, near)
    yield World("real ads of several categories", True, pick(real))
    yield World("normal draws, variance 1 / axis", False, steep)
    yield World("normal draws, variance 1 / axis, no head", False, steep, read=False)
    yield World(f"planted groups, raw silhouette {RAW}, no head", True, near, read=False)


def _root(rows: Vectors) -> NDArray[np.float64]:
    root: NDArray[np.float64] = np.linalg.cholesky(np.cov(rows.T) + 1e-9 * np.eye(rows.shape[1]))
    return root


def accepted(rows: Vectors, config: SegmentationConfig, read: bool) -> bool:
    """Whether a team with these texts would see a segment."""
    keys = [str(i) for i in range(len(rows))]
    fitted = hide_small_segments(
        fit(keys, [f"text {k}" for k in keys], rows, config, Nameless(), head=_head(read)),
        len(rows),
        config.minimum_cell,
    )
    return any(not untrusted_reason(s, config) for s in fitted.model.segments)


@cache
def _head(read: bool) -> OccupationHead | None:
    return load_head(head_file()) if read else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=200)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--config", type=Path, help="YAML of segmentation settings")
    parser.add_argument("--first", type=int, default=FIRST, help="seed of the first set")
    parser.add_argument("--sizes", type=int, nargs=2, default=(60, 300))
    given = parser.parse_args()
    config = load_numbers(given.config)
    corpus = Path(os.environ["JOBADS_CORPUS_DIR"])

    def sets(world: World) -> Iterator[Vectors]:
        for i in range(given.sets):
            chance = np.random.default_rng(given.first + i)
            yield world.draw(chance, int(chance.integers(given.sizes[0], given.sizes[1] + 1)))

    print("| texts | groups | accepted | rate | 95 % bounds |\n|---|---|---|---|---|")
    found = list(worlds(*read(corpus, given.cache)))
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for world in found:
            passed = sum(pool.map(accepted, sets(world), repeat(config), repeat(world.read)))
            low = beta.ppf(0.025, passed, given.sets - passed + 1) if passed else 0.0
            high = beta.ppf(0.975, passed + 1, given.sets - passed) if passed < given.sets else 1.0
            print(
                f"| {world.name} | {'yes' if world.groups else 'no'} | "
                f"{passed} of {given.sets} | {passed / given.sets:.1%} | {low:.1%} to {high:.1%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
