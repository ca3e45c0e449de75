"""Industry labels for a cluster: zero-shot by BART where its weights are cached, else by our own
occupation head, else, with another encoder, by similarity to the industries' descriptions."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.model.profiles import Label, Labeller
from assets.segmentation.reference.label_cache import Answer, LabelCache
from assets.segmentation.reference.label_scores import best_label
from assets.segmentation.reference.occupation_labeller import (
    OccupationLabeller,
    head_file,
    load_head,
)
from assets.segmentation.reference.taxonomy import Industry
from resources.encoders.minilm_encoder import Encoder, VectorCache

BART = "facebook/bart-large-mnli"
REVISION = "d7645e127eaf1aefc7862fd59a17a5aa8558b8ce"
TEMPLATE = "This job is in {}."


def bart_is_cached() -> bool:
    """Whether the pinned weights lie in the Hugging Face cache; nothing is downloaded."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(BART, "model.safetensors", revision=REVISION)
    return isinstance(found, str)


class MiniLmLabeller:
    """Cosine of the group's mean, or else of the text, to each industry's label and description."""

    name = "minilm"

    def __init__(
        self, industries: Sequence[Industry], encode: Callable[[Sequence[str]], Vectors]
    ) -> None:
        self._industries = list(industries)
        self._encode = encode
        self._vectors: Vectors | None = None

    def label(self, text: str, vector: Vectors | None = None) -> Label:
        if self._vectors is None:
            self._vectors = self._encode([f"{i.label}: {i.description}" for i in self._industries])
        scores = self._vectors @ (self._encode([text])[0] if vector is None else vector)
        return best_label(self._industries, scores.tolist(), self.name)


class ZeroShotLabeller:
    """transformers' zero-shot pipeline over an entailment model (Yin et al. 2019).

    One text takes seconds on a CPU; with a cache, what was asked before is not asked again."""

    name = "bart-large-mnli"

    def __init__(
        self, industries: Sequence[Industry], pipeline: Any, cache: LabelCache | None = None
    ) -> None:
        self._by_label = {i.label: i for i in industries}
        self._pipeline = pipeline
        self._cache = cache

    def label(self, text: str, vector: Vectors | None = None) -> Label:
        said, labels = text[:2_000], list(self._by_label)

        def ask() -> Answer:
            answer = self._pipeline(said, labels, hypothesis_template=TEMPLATE)
            return list(zip(answer["labels"], answer["scores"], strict=True))

        asked = [said, *labels, TEMPLATE, REVISION]
        answer = ask() if self._cache is None else self._cache.answer(asked, ask)
        industries = [self._by_label[label] for label, _ in answer]
        return best_label(industries, [score for _, score in answer], self.name)


class LazyPipeline:
    """A pipeline that is loaded when it is first asked: a cached answer needs no weights."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._loaded: Any = None

    def __call__(self, *given: Any, **named: Any) -> Any:
        if self._loaded is None:
            self._loaded = self._load()
        return self._loaded(*given, **named)


def _bart() -> Any:
    from transformers import pipeline

    return pipeline(
        "zero-shot-classification",
        model=BART,
        revision=REVISION,
        device="cpu",
        local_files_only=True,
    )


def labeller(
    industries: Sequence[Industry], encode: Callable[[Sequence[str]], Vectors], cache: Path
) -> Labeller:
    """The best labeller that this machine has, without a download; `cache` is a folder that keeps
    the slow one's answers, and the vectors of the industries' descriptions."""
    if bart_is_cached():
        return ZeroShotLabeller(industries, LazyPipeline(_bart), LabelCache(cache / "labels.db"))
    if not isinstance(encode, Encoder):
        return MiniLmLabeller(industries, encode)
    store = VectorCache(cache / "vectors.db", encode.model_id)

    def known(texts: Sequence[str]) -> Vectors:
        return embed(texts, encode, store)[0]

    return OccupationLabeller(industries, known, load_head(head_file()))
