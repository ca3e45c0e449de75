"""Encoding beside what one would use instead, and beside what the machine can do at most."""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from assets.segmentation.model.embedding import embed
from benchmarks.timing import Line, interleaved
from resources.encoders.minilm_encoder import Encoder, VectorCache, pieces
from resources.encoders.minilm_network import BATCH, MiniLM, native_bfloat16

LAYERS, WIDTH = 6, 384
FIRST = 1_000
"""Characters that MiniLM nearly always reads whole: about 220 word pieces of English."""


def overlap(one: np.ndarray, other: np.ndarray, k: int = 5) -> float:
    """Mean share of each row's k nearest by cosine that both sets of unit vectors agree on."""
    nearest = []
    for rows in (one, other):
        likeness = rows @ rows.T
        np.fill_diagonal(likeness, -1.0)
        nearest.append(np.argsort(-likeness, axis=1)[:, :k])
    return float(np.mean([len({*a} & {*b}) / k for a, b in zip(*nearest, strict=True)]))


def half_precision() -> AbstractContextManager[Any]:
    """torch's own way to multiply in bfloat16, where the processor has instructions for it."""
    import torch

    return torch.autocast("cpu", torch.bfloat16, enabled=native_bfloat16())


@contextmanager
def unbound_tokenizer() -> Iterator[None]:
    """Tokenizing on all cores, as it comes: ours keeps it to one for the whole process."""
    before = os.environ["TOKENIZERS_PARALLELISM"]
    os.environ["TOKENIZERS_PARALLELISM"] = "true"
    try:
        yield
    finally:
        os.environ["TOKENIZERS_PARALLELISM"] = before


def encoding(texts: list[str], runs: int, folder: Path) -> tuple[list[Line], str]:
    first, cut = [text[:FIRST] for text in texts], [p for text in texts for p in pieces(text)]
    ours, plainly = Encoder(), SentenceTransformer(str(Encoder.check_weights()), device="cpu")
    network, full = (MiniLM(Encoder.check_weights(), bfloat16=half) for half in (None, False))
    for warm in (ours, network, full, plainly.encode):
        warm(texts[:8])
    cache = VectorCache(folder / "known.db")

    def theirs_of(some: list[str]) -> None:
        with unbound_tokenizer():
            plainly.encode(some)

    def tuned() -> None:
        with half_precision():
            plainly.encode(first, batch_size=BATCH)

    embed(texts, ours, cache)
    taken = interleaved(
        {
            "sentence-transformers defaults, first 1,000 characters": lambda: theirs_of(first),
            "sentence-transformers in our precision and batches, the same texts": tuned,
            "ours, the same texts": lambda: network(first),
            "ours in float32, the same texts": lambda: full(first),
            "sentence-transformers defaults, our pieces": lambda: theirs_of(cut),
            "ours, our pieces": lambda: ours(texts),
            "sentence-transformers defaults, whole texts (first 256 word pieces)": (
                lambda: theirs_of(texts)
            ),
            "ours, known texts from the cache": lambda: embed(texts, ours, cache),
        },
        runs,
    )
    mine, theirs = network(first), plainly.encode(first, normalize_embeddings=True)
    least = (mine * theirs).sum(axis=1).min()
    alike = (
        f"On the same {len(first)} texts our vectors and those of the defaults have a cosine of "
        f"{least:.5f} or more and agree on {overlap(mine, theirs):.3f} of each text's five nearest."
    )
    share = share_of_limit(plainly, first, min(taken["ours, the same texts"]))
    return [("encoding", name, seconds) for name, seconds in taken.items()], f"{alike} {share}"


def share_of_limit(model: SentenceTransformer, texts: list[str], seconds: float) -> str:
    """The arithmetic of MiniLM over these texts against the fastest product of two matrices that
    torch reaches here, in the precision that is used."""
    import torch

    with half_precision():
        one = torch.randn(2048, 2048)
        best = 0.0
        for _ in range(20):
            start = time.perf_counter()
            torch.mm(one, one)
            best = max(best, 2 * 2048**3 / (time.perf_counter() - start))
    lengths = [
        len(ids) for ids in model.tokenizer(texts, truncation=True, max_length=256)["input_ids"]
    ]
    # A layer has 12 WIDTH² weights, and each piece is compared with, and mixed from, the others.
    done = sum(LAYERS * (2 * 12 * WIDTH**2 * n + 2 * 2 * WIDTH * n**2) for n in lengths)
    return (
        f"Ours does {done / seconds / 1e9:,.0f} GFLOP/s of the {best / 1e9:,.0f} that a product "
        f"of two matrices of 2,048 reaches here ({done / seconds / best:.0%})."
    )
