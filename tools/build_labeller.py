"""Build the occupation head, data/reference/labeller.npz, from O*NET and ESCO in `--corpus DIR`.

python tools/build_labeller.py --corpus DIR [--cache vectors.db]

Nothing else is learned from: ads and résumés only measure it (`python -m benchmarks.labels`).
Two builds give the same bytes: texts are drawn by seeds, and the fit runs on one thread.
"""

import argparse
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
from labeller_texts import CONTENT_FREE, Example, examples
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from assets.segmentation.model.embedding import Vectors, embed
from assets.segmentation.reference.occupation_head import BROAD_GROUP_LENGTH, OccupationHead
from assets.segmentation.reference.occupation_labeller import VERSION
from resources.encoders.minilm_encoder import Encoder, VectorCache

OUT = Path(__file__).resolve().parents[1] / "data" / "reference"
RANK, STRENGTH = 160, 10.0
"""Principal axes of the vectors that are read, and the inverse of the penalty."""
SHARPNESS = tuple(round(0.5 + 0.05 * i, 2) for i in range(51))


def trained(given: Sequence[Example], vectors: Vectors) -> OccupationHead:
    """A head by multinomial logistic regression; a group weighs as the root of its examples."""
    from sklearn.linear_model import LogisticRegression

    groups, own = np.unique([e.code[:BROAD_GROUP_LENGTH] for e in given], return_inverse=True)
    weights = np.array([e.weight for e in given])
    weights = weights / np.sqrt(np.bincount(own, weights)[own])
    weights = weights * len(own) / weights.sum()
    with threadpool_limits(limits=1):
        centred = (vectors - vectors.mean(axis=0)).astype(np.float64)
        values, axes = np.linalg.eigh(centred.T @ centred)
        basis = axes[:, np.argsort(-values, kind="stable")][:, :RANK]
        basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(basis.shape[1])])
        fitted = LogisticRegression(C=STRENGTH, max_iter=150, tol=1e-4)
        fitted.fit(vectors @ basis, own, sample_weight=weights)
    codes = tuple(sorted({e.code for e in given}))
    named = tuple(str(g) for g in groups)
    even = np.full(len(groups), 1 / len(groups))  # until `build` asks the calibrated head
    parts = [basis, fitted.coef_.T, fitted.intercept_, even]
    return OccupationHead(named, codes, *(p.astype(np.float32) for p in parts))


def calibrated(head: OccupationHead, own: NDArray[np.int64], vectors: Vectors) -> OccupationHead:
    """The same order with the sharpness that gives what was held out the greatest likelihood: the
    penalty alone leaves a head that is right more often than it says."""

    def sharpened(by: float) -> OccupationHead:
        return replace(head, weights=head.weights * by, bias=head.bias * by)

    def loss(by: float) -> float:
        given = sharpened(by).probabilities(vectors)[np.arange(len(own)), own]
        return float(-np.log(given + 1e-9).mean())

    return sharpened(min(SHARPNESS, key=loss))


def written(head: OccupationHead, model_id: str, facts: dict) -> bytes:
    """The head as .npz, with what it belongs to; no clock is in it."""
    said = {
        "version": VERSION,
        "encoder": model_id,
        "command": "python tools/build_labeller.py --corpus DIR",
        **facts,
    }
    arrays = {
        name: getattr(head, name).astype(np.float16)
        for name in ("basis", "weights", "bias", "prior")
    }
    arrays |= {"groups": np.array(head.groups), "codes": np.array(head.codes)}
    arrays["about"] = np.array(json.dumps(said, sort_keys=True))
    out = io.BytesIO()
    with closing(zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9)) as archive:
        for name, array in sorted(arrays.items()):
            part = io.BytesIO()
            np.save(part, array, allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)),
                part.getvalue(),
                zipfile.ZIP_DEFLATED,
            )
    return out.getvalue()


def build(
    corpus: Path, encode: Callable[[Sequence[Example]], Vectors], model_id: str, titles: Path
) -> bytes:
    """Train on `corpus` and say how well what was held out of it is recognised."""
    given, out = examples(corpus, titles), examples(corpus, titles, held_out=True)
    head = trained(given, encode(given))
    out = [e for e in out if e.code[:BROAD_GROUP_LENGTH] in head.groups]
    facts: dict[str, float] = {"texts": len(given), "held_out": len(out)}
    if out:
        vectors, own = (
            encode(out),
            np.array([head.groups.index(e.code[:BROAD_GROUP_LENGTH]) for e in out]),
        )
        head = calibrated(head, own, vectors)
        told = head.probabilities(vectors)
        facts["held_out_accuracy"] = round(float((told.argmax(axis=1) == own).mean()), 4)
        facts["held_out_certainty"] = round(float(told.max(axis=1).mean()), 4)
    return written(replace(head, prior=content_free(head, encode)), model_id, facts)


def content_free(
    head: OccupationHead, encode: Callable[[Sequence[Example]], Vectors]
) -> NDArray[np.float32]:
    """What the head takes words for that are said of any job, (g,): "a recruitment consultancy" in
    an ad is no sign of a recruiter (contextual calibration, Zhao et al. 2021)."""
    said = [Example(text, "") for text in CONTENT_FREE]
    mean: NDArray[np.float32] = head.probabilities(encode(said)).mean(axis=0)
    return mean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path(".jobads/cache/vectors.db"))
    given = parser.parse_args()
    encoder, store = Encoder(), VectorCache(given.cache)

    def encode(texts: Sequence[Example]) -> Vectors:
        return embed([e.text for e in texts], encoder, store)[0]

    made = build(given.corpus, encode, Encoder.model_id, OUT / "titles.parquet")
    (OUT / "labeller.npz").write_bytes(made)
    with np.load(io.BytesIO(made)) as parts:
        print(f"{len(made):,} bytes", parts["about"].item())


if __name__ == "__main__":
    main()
