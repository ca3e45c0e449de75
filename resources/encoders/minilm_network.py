"""MiniLM's network over batches of texts, compiled for this processor by OpenVINO."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from resources.encoders.minilm_graph import INPUTS, Graph

BATCH = 8
"""Texts to a core at once: what eight of 256 pieces need fits into its caches, what 32 need does
not."""
DIMENSIONS = 384


class MiniLM:
    """(n,) texts to (n, 384) unit float32 rows, each the mean of its pieces' vectors; what is
    longer than the model reads is cut. `folder` holds the hub's files of the weights.

    In bfloat16 where the processor has instructions for it, unless `bfloat16` says otherwise:
    faster, and with a cosine of 0.9999 or more to the vector in float32, so that the two may stand
    beside each other."""

    def __init__(self, folder: Path, bfloat16: bool | None = None) -> None:
        from tokenizers import Tokenizer

        # Cutting is a fortieth of the work, and a process may fork afterwards.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        limit = json.loads((folder / "sentence_bert_config.json").read_text())["max_seq_length"]
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(limit)
        self._tokenizer.no_padding()
        self._network = _compiled(folder, native_bfloat16() if bfloat16 is None else bfloat16)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows: NDArray[np.float32] = np.zeros((len(texts), DIMENSIONS), np.float32)
        cut = self._tokenizer.encode_batch(texts)
        # Neighbours in number of pieces share a batch: padding is what short texts would otherwise
        # cost, and characters foretell pieces badly enough to cost an eighth of the time.
        order = sorted(range(len(texts)), key=lambda i: len(cut[i].ids), reverse=True)
        parts = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
        # In turn, and without OpenVINO's callbacks: a network that ends while one of its threads
        # waits for Python's lock waits for that thread, for ever.
        at_once = self._network.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        requests = [self._network.create_infer_request() for _ in parts[:at_once]]

        def keep(turn: int) -> None:
            request = requests[turn % len(requests)]
            request.wait()
            rows[parts[turn]] = request.get_output_tensor().data

        for turn, part in enumerate(parts):
            if turn >= len(requests):
                keep(turn - len(requests))
            request = requests[turn % len(requests)]
            request.start_async(_padded([cut[i] for i in part]))
        for turn in range(max(0, len(parts) - len(requests)), len(parts)):
            keep(turn)
        return rows


def _padded(cut: list[Any]) -> dict[str, NDArray[np.int64]]:
    """Cut texts as the network's input, each (n, pieces of the longest)."""
    longest = max(len(text.ids) for text in cut)
    for text in cut:
        text.pad(longest)
    columns = ([t.ids for t in cut], [t.attention_mask for t in cut], [t.type_ids for t in cut])
    return {name: np.array(c, np.int64) for name, c in zip(INPUTS, columns, strict=True)}


def native_bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16, as Linux says; elsewhere nobody asks."""
    try:
        flags = set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return False
    return bool(flags & {"avx512_bf16", "amx_bf16"})


def _compiled(folder: Path, bfloat16: bool) -> Any:
    # Where that package is installed, OpenVINO reports its use to its makers.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if bfloat16 else "f32",
        # A batch to each core: at one batch together they wait for each other at every layer.
        "PERFORMANCE_HINT": "THROUGHPUT",
        "ENABLE_CPU_PINNING": False,  # several processes would be pinned to the same cores
    }
    return openvino.Core().compile_model(Graph(folder).model(), "CPU", settings)
