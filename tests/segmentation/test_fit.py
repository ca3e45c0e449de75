from contextlib import suppress

import numpy as np

from assets.segmentation.config import SegmentationConfig
from assets.segmentation.model.embedding import embed, unit
from assets.segmentation.model.fit import fit
from assets.segmentation.model.profiles import Label
from assets.segmentation.model.segment_model import assign
from assets.segmentation.reference.labeller import best_label
from assets.segmentation.reference.taxonomy_files import load_taxonomy
from resources.encoders.minilm_encoder import Encoder, VectorCache

WORDS = {0: "patients nursing ward", 1: "menus kitchen cooking", 2: "contracts court litigation"}


class Same:
    name = "same"

    def label(self, text: str, vector: object = None) -> Label:
        return Label("naics:54", "Professional", 0.9, self.name)


def world(seed: int = 5):
    """Ninety texts of three topics far apart: vectors, words and the truth."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(3, 384))
    truth = np.repeat([0, 1, 2], 30)
    vectors = unit(centres[truth] + chance.normal(scale=0.25, size=(90, 384)))
    texts = [f"{WORDS[t]} {i}" for i, t in enumerate(truth)]
    return [f"k{i}" for i in range(90)], texts, vectors, truth


def test_profiles_speak_only_their_own_clusters_words():
    """Each cluster's terms are its topic's."""
    keys, texts, vectors, truth = world()
    fitted = fit(keys, texts, vectors, SegmentationConfig(), Same())
    for segment in fitted.model.segments:
        (topic,) = set(truth[fitted.labels == segment.cluster_id])
        assert set(" ".join(segment.profile.terms).split()) <= set(WORDS[topic].split())


def test_a_refit_keeps_the_names_of_segments():
    """With other texts, another order and another seed the same topics keep their keys."""
    keys, texts, vectors, truth = world()
    first = fit(keys, texts, vectors, SegmentationConfig(), Same())
    order = np.random.default_rng(1).permutation(90)
    again = fit(
        [keys[i] for i in order],
        [texts[i] for i in order],
        vectors[order],
        SegmentationConfig(seed=99),
        Same(),
        first.model,
    )
    before = {truth[i]: first.model.segments[first.labels[i]].cluster_key for i in range(90)}
    after = {
        truth[j]: again.model.segments[again.labels[i]].cluster_key for i, j in enumerate(order)
    }
    assert before == after


def test_an_ad_is_assigned_to_the_nearest_centroid():
    """The ranking is that of the cosine, nearest first."""
    keys, texts, vectors, _ = world()
    model = fit(keys, texts, vectors, SegmentationConfig(), Same()).model
    near = assign(vectors[:1], model, limit=3)[0]
    scores = [score for ((_, score),) in near]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == np.max(vectors[0] @ model.centroids.T)


def test_a_close_second_makes_the_label_unknown():
    """Within 0.05 of each other, two industries are no answer."""
    industries = list(load_taxonomy().industries.values())[:2]
    assert best_label(industries, [0.60, 0.56], "x").id == "unknown"
    assert best_label(industries, [0.60, 0.50], "x").id == industries[0].id


def test_a_known_text_is_never_encoded_again(tmp_path):
    """The cache outlives the process: only the third text is new to the second run."""
    calls: list[str] = []

    def encode(texts):
        calls.extend(texts)
        return np.ones((len(texts), 384), np.float32)

    embed(["a", "b"], encode, VectorCache(tmp_path / "v.db"))
    vectors, new = embed(["a", "c", "b", "a"], encode, VectorCache(tmp_path / "v.db"))
    assert (sorted(calls[:2]), calls[2:], new) == (["a", "b"], ["c"], 1)
    assert vectors.shape == (4, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-6)


def test_the_same_texts_are_encoded_in_the_same_batches(tmp_path):
    """A vector's last bits depend on its batch: the order of a file or a table must not."""
    batches: list[list[str]] = []

    def encode(texts):
        batches.append(list(texts))
        return np.ones((len(texts), 384), np.float32)

    texts = ["bb", "a", "c", "dd", "e"]
    embed(texts, encode, VectorCache(tmp_path / "1.db"), batch=2)
    embed(texts[::-1], encode, VectorCache(tmp_path / "2.db"), batch=2)
    assert batches[:3] == batches[3:]


def test_a_killed_run_keeps_the_batches_it_finished(tmp_path):
    """What was encoded before the failure is there for the next run."""

    def encode(texts):
        if "ccc" in texts:
            raise KeyboardInterrupt
        return np.ones((len(texts), 384), np.float32)

    cache = VectorCache(tmp_path / "v.db")
    with suppress(KeyboardInterrupt):
        embed(["a", "bb", "ccc"], encode, cache, batch=2)
    assert embed(["a", "bb"], encode, cache)[1] == 0


def test_the_encoder_knows_like_from_unlike():
    """Real weights: two ads of one trade are nearer than two of different trades."""
    vectors = Encoder()(["Registered nurse for the ward", "Nursing staff", "Patent attorney"])
    assert vectors.shape == (3, 384)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
