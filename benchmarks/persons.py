"""How well redaction masks, and whether a name or a gender moves a person.

python -m benchmarks.persons redaction --corpus DIR         recall by label on pii_redaction_50.json
python -m benchmarks.persons swap --corpus DIR -n N         N résumés as a man's and as a woman's
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl

from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import embed
from assets.segmentation.model.fit import fit
from assets.segmentation.model.segment_model import assign
from assets.segmentation.reference.labeller import MiniLmLabeller
from assets.segmentation.reference.occupation_labeller import head_file, load_head
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from assets.segmentation.text.normalization import plain
from assets.segmentation.text.redaction import masked_spans, redact
from benchmarks.gender_swap import pair
from resources.encoders.minilm_encoder import Encoder, VectorCache

WANTED = 0.98
SURE = ("EMAIL", "PHONE", "URL")
UNCHANGED = 0.99


def redaction(corpus: Path) -> None:
    """Planted spans of which no letter or digit is left, by label; and masks elsewhere."""
    documents = json.loads((corpus / "pii_redaction_50.json").read_text("utf-8"))["documents"]
    planted, gone, beside = Counter(), Counter(), Counter()
    for document in documents:
        text, spans = document["text"], document["spans"]
        masked = masked_spans(text)
        hidden = {i for start, end, _ in masked for i in range(start, end)}
        for span in spans:
            planted[span["label"]] += 1
            kept = [i for i in range(span["start"], span["end"]) if i not in hidden]
            gone[span["label"]] += not any(text[i].isalnum() for i in kept)
        for start, end, label in masked:
            beside[label] += all(end <= s["start"] or start >= s["end"] for s in spans)
    print(f"{len(documents)} documents, {planted.total()} planted")
    for label in sorted(planted):
        demand = f", demanded {WANTED}" if label in SURE else ""
        share = f"{gone[label] / planted[label]:.3f}{demand}"
        print(
            f"  {label}: {gone[label]} of {planted[label]} masked whole ({share}); "
            f"{beside[label]} masks elsewhere"
        )


def swap(corpus: Path, n: int, planted: bool, cache: Path) -> None:
    """Fit the men's versions, assign both versions to the fit, and count who moved."""
    start, config = time.perf_counter(), SegmentationConfig()
    frame = pl.read_parquet(corpus / "resumes.parquet").filter(pl.col("n_chars") > 200)
    texts = frame.sample(min(n, len(frame)), seed=config.seed)["text"].to_list()
    pairs = [pair(plain(text), i, planted) for i, text in enumerate(texts)]
    his, hers = ([redact(version).text for version in side] for side in zip(*pairs, strict=True))
    encode, store = Encoder(), VectorCache(cache)
    his_vectors, _ = embed(his, encode, store)
    her_vectors, _ = embed(hers, encode, store)
    labeller = MiniLmLabeller(list(load_taxonomy().industries.values()), encode)
    keys = [str(i) for i in range(len(his))]
    head = load_head(head_file())
    model = fit(keys, his, his_vectors, config, labeller, head=head).model
    before, after = (
        np.array([near[0][0][0].cluster_id for near in assign(v, model, limit=1)])
        for v in (his_vectors, her_vectors)
    )
    same, n = before == after, len(before)
    least = np.einsum("ij,ij->i", his_vectors, her_vectors).min()
    differ = sum(a != b for a, b in zip(his, hers, strict=True))
    print(f"{n} résumés, {differ} differ after redaction (least cosine {least:.4f})")
    sure = f"at least {lower(int(same.sum()), n):.4f} with 95 % confidence"
    print(f"  unchanged: {same.sum()} of {n} ({same.mean():.4f}, {sure}; demanded {UNCHANGED})")
    for c in range(model.n_finest):
        mine = same[before == c]
        blocked = "" if mine.mean() >= UNCHANGED else " BLOCKED"
        print(f"  segment {c}: {mine.sum()} of {len(mine)} stay{blocked}")
    print(f"  {time.perf_counter() - start:.0f} s")


def lower(good: int, n: int) -> float:
    """One-sided exact lower bound of a share (Clopper and Pearson 1934)."""
    from scipy.stats import beta

    return float(beta.ppf(0.05, good, n - good + 1)) if good else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("redaction", "swap"))
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("-n", type=int, default=1_000)
    parser.add_argument("--planted", action="store_true", help="one gendered sentence in each text")
    parser.add_argument("--cache", type=Path, default=Path(".jobads/cache/swap.db"))
    given = parser.parse_args()
    if given.what == "redaction":
        redaction(given.corpus)
    else:
        swap(given.corpus, given.n, given.planted, given.cache)


if __name__ == "__main__":
    main()
