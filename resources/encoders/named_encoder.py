"""Another encoder than MiniLM, such as a multilingual one, by the name of its weights."""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import SetupError
from resources.encoders.minilm_encoder import Encoder, Vectors

WEIGHTS = ("*.safetensors", "*.bin")


class NamedEncoder:
    """A sentence-transformers model in a folder or in the Hugging Face cache; no download.
    (n,) texts to (n, d) unit float32 rows; the model itself cuts what is too long for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._model: Any = None

    @cached_property
    def folder(self) -> Path:
        """Where the weights lie; SetupError when nowhere."""
        if Path(self.name).is_dir():
            return Path(self.name)
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(self.name, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            raise SetupError(
                f"encoder {self.name!r} is neither a folder nor in the Hugging Face cache",
                mend=f"huggingface-cli download {self.name}",
            ) from None

    @cached_property
    def model_id(self) -> str:
        """The name and what its weights are, so that vectors of two models are never mixed."""
        digest = hashlib.sha256()
        files = sorted(p for pattern in WEIGHTS for p in self.folder.rglob(pattern))
        if not files:
            raise SetupError("has no weights", where=str(self.folder), mend=" or ".join(WEIGHTS))
        for path in files:
            digest.update(path.read_bytes())
        return f"{self.name}/{digest.hexdigest()[:12]}"

    def __call__(self, texts: Sequence[str]) -> Vectors:
        if self._model is None:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()
            self._model = SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)
        vectors = self._model.encode(
            list(texts),
            batch_size=32,
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def encoder_of(name: str) -> Encoder | NamedEncoder:
    """The encoder of that name; MiniLM for ""."""
    return NamedEncoder(name) if name else Encoder()
