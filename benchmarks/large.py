"""Segmentation of many texts whose vectors are known, each way in a process of its own.

python -m benchmarks.large --cache FOLDER/vectors.db [--runs 3]

(Needs JOBADS_CORPUS_DIR and BERTopic:
`pip install --no-deps -r requirements-bench.lock`)

Seconds are of the work alone, imports and numba's compilation included, as after every start of a
process; memory is the process's most. 100,000 are the real texts and vectors ten times over, each
time with a word and a little noise of its own.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from assets.segmentation.model.embedding import Vectors, embed, unit
from benchmarks.machine import machine
from benchmarks.texts import ads, texts_of
from resources.encoders.minilm_encoder import Encoder, VectorCache

ROOT = Path(__file__).resolve().parents[1]
NOISE = 0.01
Way = Callable[[list[str], Vectors, Path], int]


def ours(texts: list[str], vectors: Vectors, cache: Path) -> int:
    """What `jobads segment` does to a team: groups, trust, profiles, labels; `cache` knows the
    vectors of the industries' descriptions."""
    from assets.segmentation.config import SegmentationConfig
    from assets.segmentation.model.fit import fit
    from assets.segmentation.reference.labeller import labeller
    from assets.segmentation.reference.occupation_labeller import head_file, load_head
    from assets.segmentation.reference.taxonomy_files import load_taxonomy

    named = labeller(list(load_taxonomy().industries.values()), Encoder(), cache)
    keys = [str(i) for i in range(len(texts))]
    head = load_head(head_file())
    return fit(keys, texts, vectors, SegmentationConfig(), named, head=head).model.n_finest


def bertopic(texts: list[str], vectors: Vectors, _: Path) -> int:
    """BERTopic as it comes."""
    from bertopic import BERTopic

    return len(set(BERTopic().fit_transform(texts, embeddings=vectors)[0]))


def bertopic_forced(texts: list[str], vectors: Vectors, _: Path) -> int:
    """BERTopic held to the job as first specified: UMAP to 50, k-means, n-grams of 1 to 3."""
    from bertopic import BERTopic
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    model = BERTopic(
        umap_model=UMAP(n_neighbors=15, n_components=50, metric="cosine", random_state=1),
        hdbscan_model=KMeans(6, n_init=10),
        vectorizer_model=CountVectorizer(ngram_range=(1, 3), stop_words="english", min_df=2),
    )
    return len(set(model.fit_transform(texts, embeddings=vectors)[0]))


WAYS: dict[str, Way] = {
    "ours": ours,
    "BERTopic, UMAP to 50 and k-means": bertopic_forced,
    "BERTopic, defaults": bertopic,
}


def corpus(n: int, cache: Path) -> tuple[list[str], Vectors]:
    """n texts and their vectors, repeated with differences where the corpus has fewer."""
    texts = texts_of(ads(Path(os.environ["JOBADS_CORPUS_DIR"])))[:10_000]
    vectors = embed(texts, Encoder(), VectorCache(cache))[0]
    chance = np.random.default_rng(1)
    turns = -(-n // len(texts))
    made = [
        vectors if t == 0 else unit(vectors + chance.normal(scale=NOISE, size=vectors.shape))
        for t in range(turns)
    ]
    worded = [f"{text} w{t}" if t else text for t in range(turns) for text in texts]
    return worded[:n], np.concatenate(made)[:n]


def child(way: str, n: int, cache: Path) -> None:
    texts, vectors = corpus(n, cache)
    start = time.perf_counter()
    groups = WAYS[way](texts, vectors, cache.parent)
    seconds = time.perf_counter() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"s": seconds, "groups": groups, "mib": most / 1024}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WAY", "N"))
    given = parser.parse_args()
    if given.child:
        return child(given.child[0], int(given.child[1]), given.cache)
    # A process that encodes has the network in its memory, and one is measured.
    texts, vectors = corpus(10_000, given.cache)
    ours(texts[:1_000], vectors[:1_000], given.cache.parent)
    print(
        f"{machine()}\n\n| texts | way | groups | median s | range | most memory MiB | ratio |\n"
        "|---|---|---|---|---|---|---|"
    )
    for n, ways, runs in ((10_000, list(WAYS), given.runs), (100_000, ["ours"], 1)):
        found: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
        for _ in range(runs):
            for way in ways:
                asked = ["--cache", str(given.cache), "--child", way, str(n)]
                done = subprocess.run(
                    [sys.executable, "-W", "ignore", "-m", "benchmarks.large", *asked],
                    cwd=ROOT,
                    check=True,
                    capture_output=True,
                    text=True,
                )
                found[way].append(json.loads(done.stdout.splitlines()[-1]))
        base = statistics.median(r["s"] for r in found["ours"])
        for way, rows in found.items():
            taken = [r["s"] for r in rows]
            middle = statistics.median(taken)
            print(
                f"| {n:,} | {way} | {rows[0]['groups']:.0f} | {middle:.1f} | "
                f"{min(taken):.1f} to {max(taken):.1f} | {max(r['mib'] for r in rows):,.0f} | "
                f"{middle / base:.2f} |",
                flush=True,
            )
    return None


if __name__ == "__main__":
    main()
