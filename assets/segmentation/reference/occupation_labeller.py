"""The shipped occupation head: read, checked against its encoder, and labelling with industries."""

import json
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from assets.segmentation.model.embedding import Vectors
from assets.segmentation.model.profiles import Label
from assets.segmentation.reference.label_scores import best_label
from assets.segmentation.reference.occupation_head import SIMILARITY_SCALE, OccupationHead
from assets.segmentation.reference.taxonomy import Industry
from domain.errors import SetupError
from resources.encoders.minilm_encoder import Encoder
from resources.files.bundled import ROOT

VERSION = 1
ARRAYS = ("basis", "weights", "bias", "prior")
MEND = "python tools/build_labeller.py --corpus DIR"


def load_head(path: Path, model_id: str = Encoder.model_id) -> OccupationHead:
    """The head in a file of tools/build_labeller.py.

    SetupError when it cannot be read, is of another version, or was trained on another encoder's
    vectors or other weights: its numbers would be answers to a question that nobody asked."""
    try:
        with np.load(path, allow_pickle=False) as parts:
            about = json.loads(parts["about"].item())
            found = {"version": about["version"], "encoder": about["encoder"]}
            wanted = {"version": VERSION, "encoder": model_id}
            wrong = [name for name in wanted if found[name] != wanted[name]]
            if wrong:
                said = "; ".join(f"{n} {found[n]!r}, not {wanted[n]!r}" for n in wrong)
                raise SetupError(f"the labeller is for {said}", where=str(path), mend=MEND)
            groups, codes = (tuple(map(str, parts[n])) for n in ("groups", "codes"))
            basis, weights, bias, prior = (parts[n].astype(np.float32) for n in ARRAYS)
            return OccupationHead(groups, codes, basis, weights, bias, prior)
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise SetupError(
            f"the labeller cannot be read: {error}", where=str(path), mend=MEND
        ) from None


def head_for(model_id: str) -> OccupationHead | None:
    """The shipped head, if it reads the vectors of these weights."""
    return load_head(head_file()) if model_id == Encoder.model_id else None


def head_file(root: Path = ROOT) -> Path:
    return root / "data" / "reference" / "labeller.npz"


class OccupationLabeller:
    """Industries by the occupations that a text is about, and by its words.

    An occupation is at home in the industries that have its code. Among those, and among all for an
    occupation that none has, the words decide: cosine to the industry's label and description. The
    score is the probability that follows."""

    name = f"occupation-head/{VERSION}"

    def __init__(
        self,
        industries: Sequence[Industry],
        encode: Callable[[Sequence[str]], Vectors],
        head: OccupationHead,
    ) -> None:
        self._industries = list(industries)
        self._encode = encode
        self._head = head
        homes = head.shares([i.onet for i in industries], every=True)
        self._homes = np.where(homes.any(axis=1, keepdims=True), homes, 1.0)
        self._vectors: Vectors | None = None

    def label(self, text: str, vector: Vectors | None = None) -> Label:
        own = self._encode([text])[0] if vector is None else vector
        return best_label(self._industries, self.scores(own[None, :])[0].tolist(), self.name)

    def scores(self, vectors: Vectors) -> Vectors:
        """(n, d) to (n, industries); rows sum to 1."""
        if self._vectors is None:
            self._vectors = self._encode([f"{i.label}: {i.description}" for i in self._industries])
        words = np.exp(vectors @ self._vectors.T / SIMILARITY_SCALE)
        # Each group's probability is dealt to its industries, (n, g) @ (g, m), by the words' odds.
        dealt = self._head.probabilities(vectors) / (words @ self._homes.T)
        scores: Vectors = (dealt @ self._homes) * words
        return scores
