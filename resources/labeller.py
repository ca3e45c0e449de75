"""Industry labels for a cluster: zero-shot by BART where its weights are cached, else by MiniLM."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from assets.segmentation.embedding import Vectors
from assets.segmentation.profiles import Label
from assets.segmentation.taxonomy import Industry

BART = "facebook/bart-large-mnli"
REVISION = "d7645e127eaf1aefc7862fd59a17a5aa8558b8ce"
MARGIN = 0.05
"""The two best scores must differ by more, or the label is "unknown"."""


def bart_is_cached() -> bool:
    """Whether the pinned weights lie in the Hugging Face cache; nothing is downloaded."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(BART, "model.safetensors", revision=REVISION)
    return isinstance(found, str)


def decide(
    industries: Sequence[Industry], scores: Sequence[float], labeller: str, margin: float = MARGIN
) -> Label:
    """The best label, or "unknown" with its score when the second is within `margin`."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    best = int(order[0])
    score = float(np.clip(scores[best], 0.0, 1.0))
    if len(order) > 1 and scores[best] - scores[int(order[1])] <= margin:
        return Label("unknown", "unknown", score, labeller)
    return Label(industries[best].id, industries[best].label, score, labeller)


class MiniLmLabeller:
    """Cosine similarity of the text to each industry's label and description."""

    name = "minilm"

    def __init__(
        self, industries: Sequence[Industry], encode: Callable[[Sequence[str]], Vectors]
    ) -> None:
        self._industries = list(industries)
        self._encode = encode
        self._vectors: Vectors | None = None

    def label(self, text: str) -> Label:
        if self._vectors is None:
            self._vectors = self._encode([f"{i.label}: {i.description}" for i in self._industries])
        scores = self._vectors @ self._encode([text])[0]
        return decide(self._industries, scores.tolist(), self.name)


class ZeroShotLabeller:
    """transformers' zero-shot pipeline over an entailment model (Yin et al. 2019)."""

    name = "bart-large-mnli"

    def __init__(self, industries: Sequence[Industry], pipeline: Any) -> None:
        self._by_label = {i.label: i for i in industries}
        self._pipeline = pipeline

    def label(self, text: str) -> Label:
        answer = self._pipeline(
            text[:2_000], list(self._by_label), hypothesis_template="This job is in {}."
        )
        industries = [self._by_label[label] for label in answer["labels"]]
        return decide(industries, answer["scores"], self.name)


def labeller(
    industries: Sequence[Industry], encode: Callable[[Sequence[str]], Vectors]
) -> MiniLmLabeller | ZeroShotLabeller:
    """The best labeller that this machine has, without a download."""
    if not bart_is_cached():
        return MiniLmLabeller(industries, encode)
    from transformers import pipeline

    classify = pipeline(
        "zero-shot-classification",
        model=BART,
        revision=REVISION,
        device="cpu",
        local_files_only=True,
    )
    return ZeroShotLabeller(industries, classify)
