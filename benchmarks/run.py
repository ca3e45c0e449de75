"""Speed and quality beside what one would use instead, in one run: python -m benchmarks.run

Each pair is timed in turn, so that a busy machine slows both. Writes benchmarks/RESULTS.md. Needs
`pip install --no-deps -r requirements-bench.lock` and JOBADS_CORPUS_DIR.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from bertopic import BERTopic
from sentence_transformers import SentenceTransformer
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_mutual_info_score, silhouette_score
from umap import UMAP

from assets.segmentation.clustering.methods import clusterer
from assets.segmentation.clustering.reduction import principal_components, umap_projection
from assets.segmentation.config import CLUSTERERS, SegmentationConfig
from assets.segmentation.model.fit import fit
from assets.segmentation.reference.labeller import MiniLmLabeller
from assets.segmentation.reference.occupation_labeller import head_file, load_head
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.text.normalization import ad_text, plain
from benchmarks.encoding import encoding, unbound_tokenizer
from benchmarks.machine import machine
from benchmarks.timing import Call, Line, interleaved
from resources.encoders.minilm_encoder import Encoder
from resources.warehouse.ducklake import Warehouse

ROOT = Path(__file__).resolve().parents[1]


def reduction(vectors: np.ndarray, runs: int) -> list[Line]:
    start = time.perf_counter()
    umap_projection(vectors[:60], seed=1)
    compiled = time.perf_counter() - start
    taken = interleaved(
        {
            "ours, principal axes": lambda: principal_components(vectors, 20),
            "as specified, UMAP to 50, cosine, seeded": lambda: umap_projection(vectors, seed=1),
            "umap-learn defaults, to 2": lambda: UMAP().fit_transform(vectors),
            "scikit-learn PCA to 50": lambda: PCA(50).fit_transform(vectors),
        },
        runs,
    )
    lines = [("reduction", name, seconds) for name, seconds in taken.items()]
    return [*lines, ("reduction", "numba's compilation, once in a process", [compiled])]


def clustering(vectors: np.ndarray, runs: int) -> list[Line]:
    space, head = principal_components(vectors, 20), load_head(head_file())
    ours: dict[str, Call] = {
        f"ours, {name}, with its reduction": partial(
            clusterer(name), vectors, SegmentationConfig(clusterer=name), head
        )
        for name in CLUSTERERS
    }
    taken = interleaved(
        {
            **ours,
            "scikit-learn KMeans, k = 6": lambda: KMeans(6, n_init=10).fit(space),
            "scikit-learn HDBSCAN": lambda: HDBSCAN(copy=True).fit(space),
        },
        runs,
    )
    return [("clustering", name, seconds) for name, seconds in taken.items()]


def storage(folder: Path, runs: int, n: int = 10_000) -> list[Line]:
    rows = np.random.default_rng(1).normal(size=(n, 384)).astype(np.float32)
    frame = pl.DataFrame(
        {"team_id": ["t"] * n, "key": [str(i) for i in range(n)], "vector": list(rows)},
        schema_overrides={"vector": pl.List(pl.Float32)},
    )
    lake, plainly = Warehouse(folder / "lake"), duckdb.connect(str(folder / "plain.duckdb"))
    plainly.register("arrow", frame.to_arrow())
    file = folder / "vectors.parquet"
    taken = interleaved(
        {
            "ours, DuckLake, write": lambda: lake.replace("reduced_vectors", frame, {}),
            "plain DuckDB, write": lambda: plainly.execute(
                "CREATE OR REPLACE TABLE v AS FROM arrow"
            ),
            "polars Parquet, write": lambda: frame.write_parquet(file),
            "ours, DuckLake, read": lambda: lake.table("reduced_vectors"),
            "plain DuckDB, read": lambda: plainly.execute("FROM v").pl(),
            "polars Parquet, read": lambda: pl.read_parquet(file),
        },
        runs,
    )
    return [(f"storage of {n:,} vectors", name, seconds) for name, seconds in taken.items()]


def whole(texts: list[str], truth: list[str], runs: int) -> tuple[list[Line], list[str]]:
    """Segmentation from texts to described groups, and how well the groups follow occupations."""
    encode = Encoder()
    labeller = MiniLmLabeller(list(load_taxonomy().industries.values()), encode)
    keys, head = [str(i) for i in range(len(texts))], load_head(head_file())
    model = SentenceTransformer(str(Encoder.check_weights()), device="cpu")
    found: dict[str, np.ndarray] = {}

    def ours() -> None:
        vectors = encode(texts)
        fitted = fit(keys, texts, vectors, SegmentationConfig(), labeller, head=head)
        found["ours"] = fitted.labels

    def bertopic() -> None:
        with unbound_tokenizer():
            topics = BERTopic(embedding_model=model).fit_transform(texts)[0]
        found["BERTopic defaults"] = np.array(topics)

    taken = interleaved({"ours": ours, "BERTopic defaults": bertopic}, runs)
    vectors = encode(texts)
    quality = []
    for name, labels in found.items():
        kept = labels >= 0
        silhouette = silhouette_score(vectors[kept], labels[kept], metric="cosine")
        quality.append(
            f"| {name} | {len(set(labels[kept]))} | {np.mean(~kept):.0%} | "
            f"{adjusted_mutual_info_score(truth, labels):.3f} | {silhouette:.3f} |"
        )
    return [("whole segmentation", name, seconds) for name, seconds in taken.items()], quality


def fresh(runs: int, home: Path) -> list[Line]:
    """What a person waits for in a new interpreter."""
    codes = {
        "definitions load": "import assets.definitions as d; d.defs.resolve_asset_graph()",
        "first table of a notebook": "import jobads, sys; "
        "jobads.open(sys.argv[1]).table('clusters')",
    }
    Warehouse(home).table("clusters")

    def start(code: str) -> Call:
        command = [sys.executable, "-W", "ignore", "-c", code, str(home)]
        return lambda: subprocess.run(command, check=True, cwd=ROOT)

    taken = interleaved({name: start(code) for name, code in codes.items()}, max(runs, 5))
    return [("fresh interpreter", name, seconds) for name, seconds in taken.items()]


def table(lines: list[Line]) -> list[str]:
    """Median with range; the ratio is to the group's first line."""
    rows = ["| what | variant | median s | range | runs | ratio |", "|---|---|---|---|---|---|"]
    first: dict[str, float] = {}
    for group, name, seconds in lines:
        part = name.rpartition(", ")[2] if group.startswith("storage") else ""
        middle = statistics.median(seconds)
        ratio = middle / first.setdefault(f"{group}{part}", middle)
        rows.append(
            f"| {group} | {name} | {middle:.3f} | {min(seconds):.3f} to {max(seconds):.3f} | "
            f"{len(seconds)} | {ratio:.2f} |"
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ads", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    corpus = Path(os.environ["JOBADS_CORPUS_DIR"]) / "job_postings_text.parquet"
    real = pl.read_parquet(corpus).sample(given.ads, seed=1)
    texts = [ad_text(t or "", d) for t, d in real.select("title", "description").iter_rows()]
    sample = pl.read_csv(ROOT / "data" / "sample" / "job_ads.csv")
    known = [
        ad_text(t, plain(d)) for t, d in sample.select("title", "description_long").iter_rows()
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vectors = Encoder()(known)
        lines, alike = encoding(texts, given.runs, folder)
        lines += reduction(vectors, given.runs)
        lines += clustering(vectors, given.runs)
        lines += storage(folder, given.runs)
        lines += fresh(given.runs, folder / "home")
        more, quality = whole(known, sample["occupation"].to_list(), given.runs)
        lines += more
    text = "\n".join(
        [
            "# Results",
            "",
            f"`python -m benchmarks.run --ads {given.ads} --runs {given.runs}` on {machine()}.",
            f"Encoding reads {given.ads} real ads; the rest the {len(known)} ads of the sample. "
            "Ratios are to the first line of each group; more than 1 is slower than it.",
            "",
            *table(lines),
            "",
            alike,
            "",
            "Groups against the sample's 20 occupations (adjusted mutual information; silhouette "
            "is cosine, in embedding space; noise is what BERTopic leaves out):",
            "",
            "| | groups | noise | AMI | silhouette |",
            "|---|---|---|---|---|",
            *quality,
            "",
        ]
    )
    kept = ROOT / "benchmarks" / "NOTES.md"
    notes = kept.read_text("utf-8") if kept.exists() else ""
    (ROOT / "benchmarks" / "RESULTS.md").write_text(f"{text}\n{notes}".rstrip() + "\n", "utf-8")
    print(text)


if __name__ == "__main__":
    main()
