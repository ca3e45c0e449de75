"""MiniLM as it is computed here, against sentence-transformers' own way with the same weights."""

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assets.segmentation.trust.gender_swap_test import feminine, masculine
from resources.encoders.minilm_encoder import PIECE, READ, Encoder, pieces
from resources.encoders.minilm_network import BATCH, MiniLM, native_bfloat16

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "",
    "a",
    " \n ",
    "\0",
    "😀" * 400,
    "مطلوب ممرض للعمل في مستشفى " * 30,
    "x" * 50_000,
    "e\u0301",
    "Nurse for a night ward in Leeds",
    "Welder, fitter and maintenance engineer. " * 40,
    *(f"Ad {i}. " + "We need a careful accountant. " * i for i in range(1, 3 * BATCH)),
]
FULL, HALF = 0.99999, 0.9995
"""A wrong mask, type or cut moves a cosine by hundredths; rounding to bfloat16 by 0.00005."""
ALIKE = HALF if native_bfloat16() else FULL


@pytest.fixture(scope="module")
def network() -> MiniLM:
    return MiniLM(Encoder.check_weights())


@pytest.fixture(scope="module")
def vectors(network: MiniLM) -> np.ndarray:
    return network(TEXTS)


def test_vectors_are_those_of_sentence_transformers(vectors: np.ndarray) -> None:
    from sentence_transformers import SentenceTransformer

    weights = Encoder.check_weights()
    theirs = SentenceTransformer(str(weights), device="cpu", local_files_only=True).encode(
        TEXTS, normalize_embeddings=True, show_progress_bar=False
    )
    in_float32 = MiniLM(weights, bfloat16=False)(TEXTS)
    for ours, alike in ((in_float32, FULL), (vectors, ALIKE)):
        cosines = (ours * theirs).sum(axis=1)
        worst = int(np.argmin(cosines))
        assert cosines[worst] > alike, TEXTS[worst][:50]


def test_rows_are_unit_float32(vectors: np.ndarray) -> None:
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_a_text_does_not_depend_on_its_company(network: MiniLM, vectors: np.ndarray) -> None:
    order = random.Random(3).sample(range(len(TEXTS)), len(TEXTS))
    shuffled = network([TEXTS[i] for i in order])
    alone = np.concatenate([network([text]) for text in TEXTS])
    assert (shuffled * vectors[order]).sum(axis=1).min() > ALIKE
    assert (alone * vectors).sum(axis=1).min() > ALIKE


def test_networks_end_while_others_work() -> None:
    """None of OpenVINO's threads may wait for Python's lock, which who ends a network holds."""
    made = "from resources.encoders.minilm_network import MiniLM; from pathlib import Path; "
    code = (
        made + f"[MiniLM(Path({str(Encoder.check_weights())!r}))(['a b c'] * 60) for _ in range(8)]"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def test_no_texts_have_no_rows(network: MiniLM) -> None:
    assert len(network([])) == 0


def test_openvino_reports_to_nobody(network: MiniLM) -> None:
    """Its reporter is neither installed nor reachable once a network was made."""
    from openvino.tools.ovc import telemetry_stub, telemetry_utils

    assert telemetry_utils.tm is telemetry_stub
    for lock in ROOT.glob("requirements*.lock"):
        assert "openvino-telemetry" not in lock.read_text()


LONG = "Line Cook\n" + " ".join(f"Prepare dish number {i} for his guests." for i in range(200))


def test_pieces_are_the_first_words_in_order_each_headed_by_the_title() -> None:
    found = [piece.split("\n") for piece in pieces(LONG)]
    assert {title for title, _ in found} == {"Line Cook"}
    words = [word for _, body in found for word in body.split()]
    assert words == LONG.split("\n")[1].split()[:READ]
    assert all(body.endswith(".") for _, body in found[:-1])  # none ends within a sentence
    assert all(len(body.split()) <= PIECE for _, body in found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "Nurse",
        "Nurse\n",
        "\n\n",
        "word " * 3_000,
        "x" * 50_000,
        "." * 9_000,
        "[_]" * 3_000 + "x\nbody",
    ],
)
def test_any_text_has_pieces_of_bounded_size(text: str) -> None:
    found = pieces(text)
    assert 1 <= len(found) <= READ // PIECE + 1
    assert max(len(piece.split()) for piece in found) <= 2 * PIECE


def test_a_long_first_line_heads_nothing() -> None:
    """It is a sentence of the text, and read once."""
    line = "We are looking for a careful accountant who has run a ledger before. " * 2
    assert not any(piece.startswith(line[:40]) for piece in pieces(f"{line}\n{LONG}")[1:])


def test_a_masked_name_is_no_title() -> None:
    (found,) = pieces("[NAME]\n[EMAIL] | [PHONE]\nAccountant\nRan the ledger.")
    assert found == "Accountant\nRan the ledger."


def test_words_of_another_gender_move_no_cut() -> None:
    """Else a text would be read in other pieces for who wrote it."""
    his, hers = pieces(masculine(LONG)), pieces(feminine(LONG))
    assert his != hers
    assert [len(piece.split()) for piece in his] == [len(piece.split()) for piece in hers]


def test_a_vector_is_the_mean_of_its_pieces(network: MiniLM) -> None:
    cut = pieces(LONG)
    roots = np.sqrt([[len(piece.split())] for piece in cut])
    mean = (network(cut) * roots).sum(axis=0)
    assert Encoder()([LONG])[0] @ (mean / np.linalg.norm(mean)) > ALIKE
