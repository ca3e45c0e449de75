"""Ways of grouping real texts, against labels that people gave, on the same vectors.

python -m benchmarks.grouping --cache vectors.db   (needs JOBADS_CORPUS_DIR, BERTopic and Top2Vec:
`pip install --no-deps -r requirements-bench.lock`)

Nobody is told how many groups there are, but the last line of each set, which is taught by labels:
as near as these vectors come. What a method leaves out as noise counts as one group.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from assets.segmentation.clustering.methods import clusterer
from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.model.fit import single_thread
from assets.segmentation.reference.occupation_labeller import head_file, load_head
from assets.segmentation.text.normalization import ad_text, content_hash, plain
from benchmarks.texts import ads, balanced, resumes, texts_of
from resources.encoders.minilm_encoder import Encoder, VectorCache

ROOT = Path(__file__).resolve().parents[1]
Labels = NDArray[np.int64]
Method = Callable[[Sequence[str], Vectors], Labels]


def ours(config: SegmentationConfig) -> Method:
    """Grouped as a fit groups: distinct texts in the order of their content."""
    head = load_head(head_file())

    def group(texts: Sequence[str], vectors: Vectors) -> Labels:
        hashes = [content_hash(text) for text in texts]
        _, first, back = np.unique(hashes, return_index=True, return_inverse=True)
        with single_thread():
            labels: Labels = clusterer(config.clusterer)(vectors[first], config, head).labels[back]
        return labels

    return group


def bertopic(texts: Sequence[str], vectors: Vectors) -> Labels:
    from bertopic import BERTopic

    return np.array(BERTopic().fit_transform(list(texts), embeddings=vectors)[0])


def top2vec(encode: Encoder) -> Method:
    def group(texts: Sequence[str], vectors: Vectors) -> Labels:
        from top2vec import Top2Vec

        known = dict(zip(texts, vectors, strict=True))

        def vectors_of(asked: Sequence[str]) -> Vectors:
            if all(text in known for text in asked):
                return np.stack([known[text] for text in asked])
            return encode(list(asked))

        model = Top2Vec(
            list(texts),
            embedding_model=vectors_of,
            min_count=20,
            split_documents=False,
            verbose=False,
        )
        labels: Labels = np.asarray(model.doc_top)
        return labels

    return group


def taught(vectors: Vectors, truth: Sequence[str]) -> NDArray[np.str_]:
    """Each fifth by a logistic regression that is told the labels of the others."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    model = LogisticRegression(C=10.0, max_iter=2_000)
    found: NDArray[np.str_] = cross_val_predict(model, vectors, np.array(truth), cv=folds)
    return found


def labelled(corpus: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Sets of texts with a person's label each."""
    every = ads(corpus)
    for name, source, label in (
        ("Adzuna, category", "adzuna_gb", "category"),
        ("EMSCAD, function", "emscad", "category"),
        ("LinkedIn, seniority", "linkedin_data_roles", "seniority"),
        ("Glassdoor, sector", "glassdoor_data_roles", "sector"),
    ):
        some = balanced(every, source, label, most=100 if source == "adzuna_gb" else 60, least=40)
        yield name, texts_of(some), some[label].to_list()
    people = balanced(resumes(corpus), "resume_pdf_24", "category", most=40, least=20)
    yield "résumés, category", people["text"].to_list(), people["category"].to_list()
    sample = pl.read_csv(ROOT / "data" / "sample" / "job_ads.csv")
    rows = sample.select("title", "description_long").iter_rows()
    federal = [ad_text(title, plain(text)) for title, text in rows]
    yield "federal sample, occupation", federal, sample["occupation"].to_list()


def measured(
    method: Method, texts: Sequence[str], vectors: Vectors, runs: int
) -> tuple[Labels, list[str]]:
    """Labels; and in words groups, noise, seconds, and how like itself it is when the texts are
    permuted and when a fifth of them is left out (mean ARI)."""
    start = time.perf_counter()
    first = method(texts, vectors)
    seconds, again, part = [time.perf_counter() - start], [], []
    for run in range(runs):
        order = np.random.default_rng(run).permutation(len(texts))
        start = time.perf_counter()
        other = method([texts[i] for i in order], vectors[order])
        seconds.append(time.perf_counter() - start)
        again.append(adjusted_rand_score(first[order], other))
        kept = order[: int(0.8 * len(order))]
        fewer = method([texts[i] for i in kept], vectors[kept])
        part.append(adjusted_rand_score(first[kept], fewer))
    return first, [
        str(len(set(first[first >= 0]))),
        f"{np.mean(first < 0):.0%}",
        f"{statistics.mean(again):.2f}",
        f"{statistics.mean(part):.2f}",
        f"{statistics.median(seconds):.1f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=2)
    given = parser.parse_args()
    encode, store = Encoder(), VectorCache(given.cache)
    specified = SegmentationConfig(clusterer="umap-kmeans", k_max=6)
    methods: dict[str, Method] = {
        "pca-kmeans, ours": ours(SegmentationConfig()),
        "pca-hdbscan": ours(SegmentationConfig(clusterer="pca-hdbscan")),
        "umap-kmeans, as specified": ours(specified),
        "umap-kmeans, k to 30": ours(SegmentationConfig(clusterer="umap-kmeans")),
        "BERTopic": bertopic,
        "Top2Vec": top2vec(encode),
    }
    print(
        "| texts, label | n, labels | method | groups | noise | NMI | ARI | itself, permuted "
        "| itself, a fifth less | s |\n|" + "---|" * 10
    )
    for name, texts, truth in labelled(Path(os.environ["JOBADS_CORPUS_DIR"])):
        vectors, _ = embed(texts, encode, store)
        for method_name, method in methods.items():
            try:
                labels, (k, noise, *rest) = measured(method, texts, vectors, given.runs)
            except ValueError as error:  # Top2Vec finds no group in some sets
                print(f"| {name} | {len(texts)} | {method_name} | failed: {error} |" + " |" * 6)
                continue
            nmi = normalized_mutual_info_score(truth, labels)
            ari = adjusted_rand_score(truth, labels)
            size = f"{len(texts)}, {len(set(truth))}"
            cells = [name, size, method_name, k, noise, f"{nmi:.3f}", f"{ari:.3f}", *rest]
            print(f"| {' | '.join(cells)} |", flush=True)
        told = taught(vectors, truth)
        nmi = normalized_mutual_info_score(truth, told)
        ari = adjusted_rand_score(truth, told)
        print(
            f"| {name} | {len(texts)}, {len(set(truth))} | logistic regression, taught | "
            f"{len(set(told))} | 0% | {nmi:.3f} | {ari:.3f} | | | |",
            flush=True,
        )


if __name__ == "__main__":
    main()
